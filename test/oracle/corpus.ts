/**
 * Lints every file of a directory of real policies, which is not part of the project: each has to be judged, or told to
 * hold no policy, without a crash. How they load is compared with the API server by `random.ts --corpus`.
 */
import {readdirSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {EXIT} from '../../src/cli/exit-code.ts';
import {type Outcome, runAudit} from '../helpers/run.ts';
import {SKIPPED} from './go-oracle.ts';

/** What is wrong with how a file was judged. */
function faultOf({exit, stdout, stderr}: Outcome): string | undefined {
  if (exit === EXIT.usage) return stderr.includes('it holds no audit policy') ? undefined : stderr.trim();
  if (exit !== EXIT.holds && exit !== EXIT.doesNotHold) return `exit ${exit}: ${stderr.trim()}`;
  const {policies} = JSON.parse(stdout) as {policies: readonly unknown[]};
  return policies.length > 0 ? undefined : 'no policy was judged';
}

async function main(directory: string | undefined): Promise<number> {
  if (directory === undefined) {
    console.log('Not linted: name a directory of policies, or set AUDIT_POLICY_CORPUS.\n\n  0 passing\n  1 pending');
    return SKIPPED;
  }
  const names = readdirSync(directory, {recursive: true, encoding: 'utf8'}).toSorted();
  const files = names.map((name) => join(directory, name)).filter((file) => statSync(file).isFile());
  let [judged, without, failing] = [0, 0, 0];
  for (const file of files) {
    const outcome = await runAudit(['policy', 'lint', file, '-o', 'json']);
    const fault = faultOf(outcome);
    if (fault !== undefined) {
      failing += 1;
      console.log(`${file}: ${fault}`);
    } else if (outcome.exit === EXIT.usage) without += 1;
    else judged += 1;
  }
  console.log(`${files.length} files: ${judged} judged, ${without} hold no policy`);
  console.log(`\n  ${judged + without} passing${failing === 0 ? '' : `\n  ${failing} failing`}`);
  return failing === 0 && files.length > 0 ? 0 : 1;
}

process.exitCode = await main(process.argv[2] ?? process.env['AUDIT_POLICY_CORPUS']);
