/** Reads a kubectl command line as far as it decides which requests are sent. */
import {UsageError} from './errors.ts';
import {splitShell} from './shell-words.ts';

/** The words of a kubectl command line, sorted. */
export interface KubectlLine {
  /** What is no flag, command included: `['rollout', 'restart', 'deploy/web']`. What follows `--` is left out. */
  readonly words: readonly string[];
  /** By long name; `true` for a flag that was given without a value. */
  readonly flags: ReadonlyMap<string, string | true>;
}

/**
 * The flags that take the next word as their value, of the commands that `kubectl-requests.ts` knows; all others stand alone or
 * carry their value after `=`. `--dry-run`, `--validate` and `--cascade` take one after `=` only.
 * @see https://github.com/kubernetes/kubectl/tree/v0.34.4/pkg/cmd
 */
const WITH_VALUE: ReadonlySet<string> = new Set(
  `address annotations as as-group as-uid audience bound-object-kind bound-object-name bound-object-uid cache-dir
  certificate-authority chunk-size client-certificate client-key cluster cluster-ip container context copy-to cpu
  current-replicas custom duration env external-ip field-manager field-selector filename for from from-env-file from-file
  from-literal grace-period image image-pull-policy keys kubeconfig kuberc kustomize label-columns labels limit-bytes
  load-balancer-ip log-flush-frequency max max-log-requests memory min name namespace output override-type overrides
  password patch patch-file pod-running-timeout pod-selector port profile profile-output protocol prune-allowlist raw
  replicas request-timeout resource-version restart retries revision selector server session-affinity set-image since
  since-time skip-wait-for-delete-timeout sort-by subresource tail target target-port template timeout tls-server-name
  to-revision token type types user username v vmodule`.split(/\s+/),
);

const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  ['A', 'all-namespaces'],
  ['L', 'label-columns'],
  ['R', 'recursive'],
  ['c', 'container'],
  ['e', 'env'],
  ['f', 'filename'],
  ['i', 'stdin'],
  ['k', 'kustomize'],
  ['l', 'selector'],
  ['n', 'namespace'],
  ['o', 'output'],
  ['p', 'patch'],
  ['q', 'quiet'],
  ['r', 'replicas'],
  ['s', 'server'],
  ['t', 'tty'],
  ['v', 'v'],
  ['w', 'watch'],
]);

/** `logs` gives two letters another meaning. */
const SHORT_NAMES_OF_LOGS: ReadonlyMap<string, string> = new Map([
  ['f', 'follow'],
  ['p', 'previous'],
]);

/**
 * Splits `text` as a shell would, with or without `kubectl` in front; of several commands the first counts.
 * @throws UsageError for a text that no shell could split or that holds no word
 */
export function parseKubectlLine(text: string): KubectlLine {
  const split = splitShell(text);
  if (!split.ok) throw new UsageError(`--kubectl ${JSON.stringify(text)}: ${split.reason}`, 'close the quotes');
  const [command = []] = split.commands;
  const all = command[0] === 'kubectl' ? command.slice(1) : command;
  const end = all.indexOf('--');
  return sortWords(end === -1 ? all : all.slice(0, end));
}

function sortWords(all: readonly string[]): KubectlLine {
  const words: string[] = [];
  const flags = new Map<string, string | true>();
  for (let index = 0; index < all.length; index += 1) {
    const word = all[index] ?? '';
    if (!word.startsWith('-') || word === '-') {
      words.push(word);
      continue;
    }
    const {name, value} = word.startsWith('--') ? longFlag(word) : shortFlags(word, words[0] === 'logs', flags);
    if (value === undefined && WITH_VALUE.has(name)) {
      index += 1;
      flags.set(name, all[index] ?? '');
    } else {
      flags.set(name, value ?? true);
    }
  }
  return {words, flags};
}

interface Flag {
  readonly name: string;
  readonly value: string | undefined;
}

function longFlag(word: string): Flag {
  const equals = word.indexOf('=');
  if (equals === -1) return {name: word.slice(2), value: undefined};
  return {name: word.slice(2, equals), value: word.slice(equals + 1)};
}

/** Letters may stand together (`-it`), and the value may stand at the last one (`-nprod`, `-n=prod`). */
function shortFlags(word: string, isLogs: boolean, flags: Map<string, string | true>): Flag {
  const letters = word.slice(1);
  for (const [index, letter] of letters.split('').entries()) {
    const name = (isLogs ? SHORT_NAMES_OF_LOGS.get(letter) : undefined) ?? SHORT_NAMES.get(letter) ?? letter;
    const rest = letters.slice(index + 1);
    if (rest === '' || rest.startsWith('=')) return {name, value: rest === '' ? undefined : rest.slice(1)};
    if (WITH_VALUE.has(name)) return {name, value: rest};
    flags.set(name, true);
  }
  return {name: letters, value: undefined};
}
