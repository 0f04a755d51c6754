/**
 * Finds the container of a pod that runs kube-apiserver and the arguments that its process gets.
 */
import type {Container, EnvironmentVariable, Pod, PodSpec} from './pod.ts';
import {splitShell} from './shell-words.ts';

/** Where the server's arguments are, or why there are none to be had. */
export type ServerCommand =
  | {
      readonly kind: 'found';
      readonly container: Container;
      /** The arguments after the binary, `$(VAR)` expanded as the kubelet does. */
      readonly argv: readonly string[];
      /** Variables that `argv` names but whose values the pod does not tell (`valueFrom`); they stay as `$(VAR)`. */
      readonly unknownVariables: readonly string[];
    }
  | {readonly kind: 'none'; readonly reason: string};

const SERVER = 'kube-apiserver';
const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'ash']);
/** Programs that run the command that follows their own options. */
const WRAPPERS: ReadonlySet<string> = new Set([
  'busybox',
  'chroot',
  'command',
  'dumb-init',
  'env',
  'exec',
  'go-runner',
  'ionice',
  'kube-log-runner',
  'nice',
  'nohup',
  'setpriv',
  'setsid',
  'stdbuf',
  'sudo',
  'taskset',
  'time',
  'timeout',
  'tini',
  'watch-termination',
]);

/**
 * Takes a pod or its spec; returns the container that runs kube-apiserver with the arguments of that process. A container
 * is chosen by what it runs or by its name, never by its place in the list: sidecars come first in some manifests.
 */
export function findServerCommand(pod: Pod | PodSpec): ServerCommand {
  const spec = 'spec' in pod ? pod.spec : pod;
  const byName = spec.containers.filter((container) => container.name === SERVER);
  const others = spec.containers.filter((container) => container.name !== SERVER);
  let reason: string | undefined;
  for (const container of [...byName, ...others]) {
    const {words, unknownVariables} = expandedCommand(container);
    const argv = serverArguments(words) ?? argumentsOfImage(container, words);
    if (argv !== undefined) {
      return {
        kind: 'found',
        container,
        argv,
        unknownVariables: unknownVariables.filter((name) => argv.some((word) => word.includes(`$(${name})`))),
      };
    }
    if (container.name === SERVER) reason ??= whyNot(words);
  }
  return {kind: 'none', reason: reason ?? `no container runs ${SERVER}`};
}

/** A container of that name without a command runs its image's entry point with these arguments. */
function argumentsOfImage(container: Container, words: readonly string[]): readonly string[] | undefined {
  if (container.name !== SERVER || (container.command ?? []).length > 0) return undefined;
  const first = words[0];
  return first?.startsWith('-') === true ? words : undefined;
}

function whyNot(words: readonly string[]): string {
  if (words.length === 0) return `container ${SERVER} has neither command nor args`;
  const script = shellScript(words);
  if (script === undefined) return `container ${SERVER} runs ${words[0] ?? ''}, which is not ${SERVER}`;
  const split = splitShell(script);
  if (!split.ok) return `the shell script of container ${SERVER} cannot be read: ${split.reason}`;
  return `the shell script of container ${SERVER} does not run ${SERVER}`;
}

/** The arguments after the binary, through shells and wrappers; undefined when this command does not run the server. */
function serverArguments(words: readonly string[]): readonly string[] | undefined {
  const script = shellScript(words);
  if (script === undefined) return argumentsAfterBinary(words);
  const split = splitShell(script);
  if (!split.ok) return undefined;
  for (const command of split.commands) {
    const argv = serverArguments(command);
    if (argv !== undefined) return argv;
  }
  return undefined;
}

function argumentsAfterBinary(words: readonly string[]): readonly string[] | undefined {
  // `A=b kube-apiserver`, `{ kube-apiserver`, `then kube-apiserver`: what a shell allows before the program.
  const start = words.findIndex((word) => !/^(?:[A-Za-z_]\w*=.*|\{|!|if|then|else|do|while|until)$/s.test(word));
  if (start === -1) return undefined;
  const direct = afterServer(words, start);
  if (direct !== undefined) return direct;
  if (!WRAPPERS.has(programName(words[start]))) return undefined;
  for (let index = start + 1; index < words.length; index++) {
    const wrapped =
      afterServer(words, index) ?? (isShell(words[index]) ? serverArguments(words.slice(index)) : undefined);
    if (wrapped !== undefined) return wrapped;
  }
  return undefined;
}

function afterServer(words: readonly string[], index: number): readonly string[] | undefined {
  const program = programName(words[index]);
  if (program === SERVER) return words.slice(index + 1);
  const subcommand = words[index + 1];
  const hyperkube = program === 'hyperkube' && (subcommand === SERVER || subcommand === 'apiserver');
  return hyperkube ? words.slice(index + 2) : undefined;
}

function isShell(word: string | undefined): boolean {
  return SHELLS.has(programName(word));
}

/** The script of `sh -c SCRIPT`, `bash -ec SCRIPT`, `sh -c -e SCRIPT`; undefined when the words are no such call. */
function shellScript(words: readonly string[]): string | undefined {
  if (!isShell(words[0])) return undefined;
  let takesScript = false;
  let index = 1;
  for (let word = words[index]; word !== undefined && /^[+-]./.test(word); word = words[++index]) {
    if (word === '--') {
      index++;
      break;
    }
    if (word.startsWith('--')) continue;
    if (word.startsWith('-') && word.includes('c')) takesScript = true;
    if (/[oO]$/.test(word)) index++;
  }
  return takesScript ? words[index] : undefined;
}

/** The last segment of a program's path; empty for an option such as `--log-file=/var/log/kube-apiserver`. */
function programName(word: string | undefined): string {
  if (word === undefined || word.startsWith('-')) return '';
  return word.slice(word.lastIndexOf('/') + 1);
}

interface ExpandedCommand {
  readonly words: readonly string[];
  readonly unknownVariables: readonly string[];
}

function expandedCommand(container: Container): ExpandedCommand {
  const environment = environmentOf(container);
  const words = [...(container.command ?? []), ...(container.args ?? [])];
  return {
    words: words.map((word) => expandVariables(word, environment)),
    unknownVariables: (container.env ?? [])
      .filter((variable) => variable.valueFrom !== undefined)
      .map(({name}) => name),
  };
}

/**
 * The container's variables with a value in the pod itself; a value may name variables defined before it. Those of
 * `valueFrom` and of `envFrom` have no value here.
 */
export function environmentOf(container: Container): ReadonlyMap<string, string> {
  const environment = new Map<string, string>();
  for (const variable of container.env ?? []) {
    const value = knownValue(variable);
    if (value === undefined) environment.delete(variable.name);
    else environment.set(variable.name, expandVariables(value, environment));
  }
  return environment;
}

function knownValue(variable: EnvironmentVariable): string | undefined {
  return variable.valueFrom === undefined ? (variable.value ?? '') : undefined;
}

/**
 * Expands `$(VAR)` as the kubelet does in command, args and subPathExpr: `$$` is one `$`, and a name that is not known stays
 * as it is written.
 * @see https://github.com/kubernetes/kubernetes/blob/v1.34.4/third_party/forked/golang/expansion/expand.go
 */
export function expandVariables(text: string, environment: ReadonlyMap<string, string>): string {
  return text.replace(/\$(?:\$|\(([^)]*)\))/g, (written: string, name: string | undefined) => {
    if (name === undefined) return '$';
    return environment.get(name) ?? written;
  });
}
