import {Args, Flags} from '@oclif/core';
import {AuditCommand} from '../../cli/base-command.ts';
import {EXIT, EXIT_CODES_HELP} from '../../cli/exit-code.ts';
import {writeNewFile} from '../../cli/output-file.ts';
import {readTextFile} from '../../collect/input-file.ts';
import {UsageError} from '../../model/errors.ts';
import type {Conversion} from '../../model/policy-conversion.ts';
import {convertPolicy} from '../../plan/convert-policy.ts';
import {conversionNotes} from '../../render/conversion.ts';

export default class PolicyConvert extends AuditCommand {
  static override summary = 'turn a policy of v1beta1 or v1alpha1 into v1';
  static override description = `API servers from 1.24 on refuse the old versions and do not start. Only the version is replaced: comments, order and quotes stay. The result is loaded again, as the newest release and as 1.23 would load it, and must mean the same. The file can be a policy, or a ConfigMap or another document that holds one as text.

The policy goes to standard output, what there is to say about it to standard error. ${EXIT_CODES_HELP}`;
  static override examples = [
    {description: 'to another file', command: '<%= config.bin %> policy convert old.yaml --output-file policy.yaml'},
    {description: 'from standard input', command: '<%= config.bin %> policy convert - < old.yaml'},
  ];
  static override args = {
    file: Args.string({name: 'FILE', required: true, description: 'the policy; - for standard input'}),
  };
  static override flags = {
    'output-file': Flags.string({
      helpValue: 'FILE',
      summary: 'write the result to this new file instead of standard output',
    }),
  };

  async run(): Promise<void> {
    const {args, flags} = await this.parse(PolicyConvert);
    const {name, text} = await readTextFile(args.file, {expected: 'an audit policy'});
    const conversion = convertPolicy(text);
    if (conversion.kind === 'refused') throw refusedConversion(name, conversion);

    const result = conversion.kind === 'converted' ? conversion.text : text;
    if (flags['output-file'] === undefined) this.print(result);
    else await writeNewFile('--output-file', flags['output-file'], result);
    process.stderr.write(conversionNotes(name, conversion));
    process.exitCode ??= EXIT.holds;
  }
}

function refusedConversion(name: string, {message, line, next}: Extract<Conversion, {kind: 'refused'}>): UsageError {
  return new UsageError(`${line === undefined ? name : `${name}:${line}`}: ${message}`, next);
}
