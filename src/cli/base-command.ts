/** What every command shares: kubectl's flags, output, errors and exit codes. */
import {Command, Flags} from '@oclif/core';
import type {ConnectionOptions} from '../collect/kubeconfig.ts';
import {UsageError} from '../model/errors.ts';
import {EXIT, exitCodeOfError} from './exit-code.ts';
import {jsonText, yamlText} from '../render/json.ts';
import {printable} from '../render/printable.ts';
import type {Paint} from '../render/table.ts';
import {paintFor} from './terminal.ts';

const CONNECTION = 'CONNECTION';
/** kubectl's own level for this. */
const TRACE_VERBOSITY = 6;

/** kubectl's own connection flags; they stand after the plugin's name, since kubectl takes none before it. */
export const connectionFlags = {
  kubeconfig: Flags.string({helpGroup: CONNECTION, helpValue: 'FILE', summary: 'kubeconfig to use'}),
  context: Flags.string({helpGroup: CONNECTION, summary: 'context of the kubeconfig'}),
  cluster: Flags.string({helpGroup: CONNECTION, summary: 'cluster of the kubeconfig'}),
  user: Flags.string({helpGroup: CONNECTION, summary: 'user of the kubeconfig'}),
  server: Flags.string({char: 's', helpGroup: CONNECTION, helpValue: 'URL', summary: 'address of the API server'}),
  token: Flags.string({helpGroup: CONNECTION, summary: 'bearer token'}),
  'certificate-authority': Flags.string({
    helpGroup: CONNECTION,
    helpValue: 'FILE',
    summary: 'certificate authority of the API server',
  }),
  'tls-server-name': Flags.string({
    helpGroup: CONNECTION,
    helpValue: 'NAME',
    summary: 'name that the certificate must carry',
  }),
  'insecure-skip-tls-verify': Flags.boolean({
    helpGroup: CONNECTION,
    summary: 'do not check certificates (not for production)',
  }),
  as: Flags.string({helpGroup: CONNECTION, helpValue: 'USER', summary: 'user to impersonate'}),
  'as-group': Flags.string({
    helpGroup: CONNECTION,
    helpValue: 'GROUP',
    summary: 'group to impersonate; may be repeated',
    multiple: true,
    multipleNonGreedy: true,
  }),
  'request-timeout': Flags.string({
    helpGroup: CONNECTION,
    helpValue: 'DURATION',
    default: '10s',
    summary: 'longest wait for one answer, such as 5s; 0 waits for ever',
  }),
  verbosity: Flags.integer({
    char: 'v',
    helpGroup: CONNECTION,
    default: 0,
    summary: '6 and more: every request with its answer and time',
  }),
};

export const outputFlag = Flags.string({
  char: 'o',
  summary: 'output format',
  options: ['table', 'wide', 'json', 'yaml'],
  default: 'table',
});

/** The parsed connection flags. */
export interface ConnectionFlagValues {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly cluster?: string | undefined;
  readonly user?: string | undefined;
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  readonly 'certificate-authority'?: string | undefined;
  readonly 'tls-server-name'?: string | undefined;
  readonly 'insecure-skip-tls-verify': boolean;
  readonly as?: string | undefined;
  readonly 'as-group'?: readonly string[] | undefined;
  readonly 'request-timeout': string;
  readonly verbosity: number;
}

/** Strings of the command line become typed values here and nowhere else. */
export function connectionOptions(flags: ConnectionFlagValues): ConnectionOptions {
  return {
    kubeconfig: flags.kubeconfig,
    context: flags.context,
    cluster: flags.cluster,
    user: flags.user,
    server: flags.server,
    token: flags.token,
    certificateAuthority: flags['certificate-authority'],
    tlsServerName: flags['tls-server-name'],
    insecureSkipTlsVerify: flags['insecure-skip-tls-verify'],
    as: flags.as,
    asGroups: flags['as-group'] ?? [],
    requestTimeout: timeoutOf(flags['request-timeout']),
    trace: flags.verbosity >= TRACE_VERBOSITY ? (line) => process.stderr.write(`${line}\n`) : undefined,
  };
}

/** kubectl takes a bare number as seconds. */
function timeoutOf(text: string): number {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const milliseconds = durationMilliseconds(text);
  if (milliseconds === undefined)
    throw new UsageError(
      `--request-timeout ${JSON.stringify(text)} is no duration`,
      'write it as 5s, 2m or a number of seconds',
    );
  return milliseconds;
}

const UNIT_MILLISECONDS: Readonly<Record<string, number>> = {ms: 1, s: 1000, m: 60_000, h: 3_600_000};

function durationMilliseconds(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  if (match === null) return undefined;
  return Math.round(Number(match[1]) * (UNIT_MILLISECONDS[match[2] ?? ''] ?? 0));
}

/** How a text for people is written. */
interface TextOptions {
  readonly wide: boolean;
  readonly paint: Paint;
}

export abstract class AuditCommand extends Command {
  /** Data goes to standard output, everything else to standard error. */
  protected print(text: string): void {
    process.stdout.write(text);
  }

  /** What `-o` asks for: the object for programs, or the text for people. */
  protected printAs(output: string, object: object, text: (options: TextOptions) => string): void {
    switch (output) {
      case 'json':
        return this.print(jsonText(object));
      case 'yaml':
        return this.print(yamlText(object));
      default:
        return this.print(text({wide: output === 'wide', paint: paintFor(process.stdout)}));
    }
  }

  protected override async catch(error: Error): Promise<void> {
    // Help and version end by an exit of 0.
    if ('oclif' in error && exitCodeOfError(error) === EXIT.holds) return;
    reportError(error);
  }
}

/** One clear line and what to do next; never a stack, unless DEBUG asks for it. Sets the exit code. */
export function reportError(error: unknown): void {
  process.exitCode = exitCodeOfError(error);
  const message = error instanceof Error ? error.message : String(error);
  const next =
    typeof error === 'object' && error !== null && 'next' in error
      ? String(error.next)
      : process.exitCode === EXIT.usage
        ? 'see `kubectl audit --help`'
        : '';
  const stack = process.env['DEBUG'] !== undefined && error instanceof Error ? `\n${error.stack ?? ''}` : '';
  process.stderr.write(
    `error: ${printable(firstSentence(message))}${next === '' ? '' : `\n  next: ${printable(next)}`}${stack}\n`,
  );
}

/** oclif puts a heading above what is wrong with flags. */
function firstSentence(message: string): string {
  const [first = '', second] = message.split('\n').map((line) => line.trim());
  return first.endsWith('occurred:') ? (second ?? first) : first;
}
