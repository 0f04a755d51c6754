/**
 * The flags of one kube-apiserver, as its process reads them.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/server/options/audit.go
 */
import {
  formatFloat32,
  goQuote,
  parseGoBool,
  parseGoDuration,
  parseGoFloat,
  parseGoInt,
  parseGoUint,
  parseVerbosity,
  type GoValue,
} from './go-values.ts';
import {FLAG_TYPES, RELEASES_OF_AUDIT_FLAGS, type FlagType} from './known-flags.ts';
import {isAtLeast, type KubernetesVersion} from './kubernetes-version.ts';

/** Every flag this program looks at, without the leading dashes. */
export type FlagName = string;

/** The last value given on the command line and all the values given before it. */
export interface GivenFlag {
  readonly value: string;
  /** All values in the order given, the effective one last. More than one means that the flag was repeated. */
  readonly values: readonly string[];
}

/** What a command line says, before any default is added. */
export interface ServerFlags {
  /** By flag name, `_` already read as `-`. */
  readonly given: ReadonlyMap<FlagName, GivenFlag>;
  /**
   * The server's own words when it would not start like this, in the order it would find them; empty when it would. A flag
   * that cannot be parsed ends the process, so then it is the only message. `--help` and `--version`, which make the
   * process print something and end, are told in words of our own.
   */
  readonly refused: readonly string[];
}

/** A typed setting and where it comes from. */
export interface Setting<T> {
  readonly value: T;
  readonly from: 'flag' | 'default';
}

/** The audit settings of one server with that release's defaults filled in; ages in days, sizes in MiB, as the flags have them. */
export interface AuditSettings {
  /** Empty string: not set, as for the server. */
  readonly policyFile: Setting<string>;
  /** Empty string: no log backend. `-`: standard output. */
  readonly logPath: Setting<string>;
  readonly logMaxAge: Setting<number>;
  readonly logMaxBackup: Setting<number>;
  readonly logMaxSize: Setting<number>;
  readonly logCompress: Setting<boolean>;
  readonly logFormat: Setting<string>;
  readonly logVersion: Setting<string>;
  readonly logMode: Setting<string>;
  readonly logBatchBufferSize: Setting<number>;
  readonly logBatchMaxSize: Setting<number>;
  readonly logBatchThrottleEnable: Setting<boolean>;
  readonly logBatchThrottleQps: Setting<number>;
  readonly logBatchThrottleBurst: Setting<number>;
  readonly logTruncateEnabled: Setting<boolean>;
  /** Bytes. */
  readonly logTruncateMaxBatchSize: Setting<number>;
  /** Bytes. */
  readonly logTruncateMaxEventSize: Setting<number>;
  /** Empty string: no webhook backend. */
  readonly webhookConfigFile: Setting<string>;
  readonly webhookVersion: Setting<string>;
  readonly webhookMode: Setting<string>;
  readonly webhookBatchBufferSize: Setting<number>;
  readonly webhookBatchMaxSize: Setting<number>;
  readonly webhookBatchThrottleEnable: Setting<boolean>;
  readonly webhookBatchThrottleQps: Setting<number>;
  readonly webhookBatchThrottleBurst: Setting<number>;
  readonly webhookTruncateEnabled: Setting<boolean>;
  /** Bytes. */
  readonly webhookTruncateMaxBatchSize: Setting<number>;
  /** Bytes. */
  readonly webhookTruncateMaxEventSize: Setting<number>;
}

/**
 * Reads the arguments of a kube-apiserver of `version` as its process does; judges unknown names only where the release is
 * known. Reading goes on after an argument that ends the process, so that the rest can be shown.
 * @see https://github.com/spf13/pflag/blob/v1.0.6/flag.go#L951
 */
export function parseServerFlags(argv: readonly string[], version: KubernetesVersion | undefined): ServerFlags {
  const parsed = parseArguments(argv, version);
  const flags = {given: parsed.given, refused: []};
  const message = parsed.error ?? featureGateError(parsed.given, version) ?? printsAndEnds(parsed.given);
  if (message !== undefined) return {given: parsed.given, refused: [message]};
  return {given: parsed.given, refused: validateAudit(flags, version)};
}

interface ParsedArguments {
  readonly given: ReadonlyMap<FlagName, GivenFlag>;
  /** The first error, which ends the process. */
  readonly error: string | undefined;
}

/** What reading one argument yields: the flags it sets, whether it took the next argument too, the error it ends in. */
interface ReadArgument {
  readonly flags: readonly (readonly [name: FlagName, value: string])[];
  readonly tookNext: boolean;
  readonly error: string | undefined;
}

function parseArguments(argv: readonly string[], version: KubernetesVersion | undefined): ParsedArguments {
  const given = new Map<FlagName, GivenFlag>();
  const positionals: string[] = [];
  let error: string | undefined;
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] ?? '';
    if (argument === '--') {
      positionals.push(...argv.slice(index + 1));
      break;
    }
    if (argument.length < 2 || !argument.startsWith('-')) {
      positionals.push(argument);
      continue;
    }
    const read = argument.startsWith('--')
      ? readLongFlag(argument, argv[index + 1], version)
      : readShorthands(argument, argv[index + 1]);
    for (const [name, value] of read.flags) {
      given.set(name, {value, values: [...(given.get(name)?.values ?? []), value]});
    }
    error ??= read.error;
    if (read.tookNext) index++;
  }
  return {given, error: error ?? positionalError(positionals)};
}

/** @see https://github.com/kubernetes/kubernetes/blob/v1.34.4/cmd/kube-apiserver/app/server.go#L118 */
function positionalError(positionals: readonly string[]): string | undefined {
  if (positionals.every((positional) => positional === '')) return undefined;
  return `"kube-apiserver" does not take any arguments, got [${positionals.map(goQuote).join(' ')}]`;
}

const failed = (error: string): ReadArgument => ({flags: [], tookNext: false, error});

function readLongFlag(
  argument: string,
  next: string | undefined,
  version: KubernetesVersion | undefined,
): ReadArgument {
  const body = argument.slice(2);
  if (body.startsWith('-') || body.startsWith('=')) return failed(`bad flag syntax: ${argument}`);
  const equals = body.indexOf('=');
  const written = equals === -1 ? body : body.slice(0, equals);
  const name = written.replaceAll('_', '-');
  const type = flagType(name, version);
  if (type === undefined && unknownNamesAreRefused(name, version)) return failed(`unknown flag: --${written}`);
  if (equals !== -1) return readValue(name, type, body.slice(equals + 1), false);
  if (type === 'bool' || type === 'version') return readValue(name, type, 'true', false);
  if (next !== undefined && (type !== undefined || !next.startsWith('-'))) return readValue(name, type, next, true);
  if (type !== undefined) return failed(`flag needs an argument: ${argument}`);
  // A flag of another release, at the end or before another flag: it can only be a boolean.
  return readValue(name, type, 'true', false);
}

/** `-v=2`, `-v2`, `-v 2`, `-h`; a cluster such as `-hv2` is read from left to right. */
function readShorthands(argument: string, next: string | undefined): ReadArgument {
  const flags: (readonly [FlagName, string])[] = [];
  for (let rest = argument.slice(1); rest !== ''; rest = rest.slice(1)) {
    const letter = rest.charAt(0);
    const value = rest.length > 2 && rest.charAt(1) === '=' ? rest.slice(2) : undefined;
    if (letter === 'h') {
      flags.push(['help', value ?? 'true']);
      if (value !== undefined) return {flags, tookNext: false, error: valueError('help', 'bool', value)};
    } else if (letter === 'v') {
      const taken = value ?? (rest.length > 1 ? rest.slice(1) : next);
      if (taken === undefined) return {flags, tookNext: false, error: `flag needs an argument: 'v' in -${rest}`};
      flags.push(['v', taken]);
      return {flags, tookNext: value === undefined && rest.length === 1, error: valueError('v', 'level', taken)};
    } else {
      return {flags, tookNext: false, error: `unknown shorthand flag: ${shorthand(letter)} in -${rest}`};
    }
  }
  return {flags, tookNext: false, error: undefined};
}

/** pflag takes the first byte of the argument for its letter. */
function shorthand(letter: string): string {
  const byte = new TextEncoder().encode(letter)[0] ?? 0;
  return `'${String.fromCharCode(byte)}'`;
}

function readValue(name: FlagName, type: FlagType | undefined, value: string, tookNext: boolean): ReadArgument {
  const error = valueError(name, type ?? 'text', value);
  return {flags: [[name, value]], tookNext, error};
}

/** The type of a flag in that release; undefined when the release has no such flag, or when that is not known. */
function flagType(name: FlagName, version: KubernetesVersion | undefined): FlagType | undefined {
  const bounds = RELEASES_OF_AUDIT_FLAGS.get(name);
  if (bounds === undefined) return FLAG_TYPES.get(name);
  if (version === undefined) return bounds.type;
  if (bounds.from !== undefined && !isAtLeast(version, bounds.from)) return undefined;
  if (bounds.to !== undefined && isAtLeast(version, bounds.to + 1)) return undefined;
  return bounds.type;
}

/** The audit flags of every release are known; all flags only of 1.34. */
function unknownNamesAreRefused(name: FlagName, version: KubernetesVersion | undefined): boolean {
  if (name.startsWith('audit-')) return true;
  return version !== undefined && version.major === 1 && version.minor === 34;
}

function valueError(name: FlagName, type: FlagType, value: string): string | undefined {
  const read = readTyped(type, value);
  if (read.ok) return undefined;
  const label = name === 'v' || name === 'h' || name === 'help' ? `-${name.charAt(0)}, --${name}` : `--${name}`;
  return `invalid argument ${goQuote(value)} for "${label}" flag: ${read.message}`;
}

function readTyped(type: FlagType, value: string): GoValue<string | number | boolean> {
  switch (type) {
    case 'bool':
      return parseGoBool(value);
    case 'version':
      // `raw` and a version to pretend are accepted besides the booleans.
      return value === 'raw' || value.startsWith('v') ? {ok: true, value} : parseGoBool(value);
    case 'int':
      return parseGoInt(value);
    case 'uint':
      return parseGoUint(value);
    case 'level':
      return parseVerbosity(value);
    case 'duration':
      return parseGoDuration(value);
    case 'float32':
      return parseGoFloat(value, 32);
    case 'float64':
      return parseGoFloat(value, 64);
    case 'text':
      return {ok: true, value};
  }
}

function printsAndEnds(given: ReadonlyMap<FlagName, GivenFlag>): string | undefined {
  const help = given.get('help')?.value;
  if (help !== undefined && isTrue(help)) return '--help: the process prints its usage and ends';
  const wanted = given.get('version')?.value;
  if (wanted === 'raw' || (wanted !== undefined && isTrue(wanted))) {
    return '--version: the process prints its version and ends';
  }
  return undefined;
}

function isTrue(text: string): boolean {
  const read = parseGoBool(text);
  return read.ok && read.value;
}

/**
 * What the feature gates of auditing, and gates without a boolean, make the server say. Other gates are not known here.
 * @see https://github.com/kubernetes/component-base/blob/v0.34.4/featuregate/feature_gate.go
 */
function featureGateError(
  given: ReadonlyMap<FlagName, GivenFlag>,
  version: KubernetesVersion | undefined,
): string | undefined {
  for (const value of given.get('feature-gates')?.values ?? []) {
    const message = value
      .split(',')
      .map((gate) => gateError(gate, version))
      .find((error) => error !== undefined);
    if (message === undefined) continue;
    // Until 1.30 the gates are judged while the flag is parsed, afterwards all at once.
    const whileParsing = version !== undefined && !isAtLeast(version, 31);
    return whileParsing ? `invalid argument ${goQuote(value)} for "--feature-gates" flag: ${message}` : message;
  }
  return undefined;
}

function gateError(gate: string, version: KubernetesVersion | undefined): string | undefined {
  if (gate === '') return undefined;
  const equals = gate.indexOf('=');
  const name = (equals === -1 ? gate : gate.slice(0, equals)).trim().replace(/^[^:]*:/, '');
  if (equals === -1) return `missing bool value for ${name}`;
  const text = gate.slice(equals + 1).trim();
  const value = parseGoBool(text);
  if (!value.ok) return `invalid value of ${name}=${text}, err: ${value.message}`;
  if (version === undefined) return undefined;
  if (name === 'DynamicAuditing' && isAtLeast(version, 19)) return `unrecognized feature gate: ${name}`;
  if (name !== 'AdvancedAuditing') return undefined;
  if (isAtLeast(version, 28)) return `unrecognized feature gate: ${name}`;
  if (isAtLeast(version, 27) && !value.value) {
    return `cannot set feature gate ${name} to false, feature is locked to true`;
  }
  return undefined;
}

type Defaults = {readonly [Name in keyof AuditSettings]: AuditSettings[Name]['value']};

const DEFAULTS_FROM_1_18: Defaults = {
  policyFile: '',
  logPath: '',
  logMaxAge: 0,
  logMaxBackup: 0,
  logMaxSize: 0,
  logCompress: false,
  logFormat: 'json',
  logVersion: 'audit.k8s.io/v1',
  logMode: 'blocking',
  logBatchBufferSize: 10000,
  logBatchMaxSize: 1,
  logBatchThrottleEnable: false,
  logBatchThrottleQps: 0,
  logBatchThrottleBurst: 0,
  logTruncateEnabled: false,
  logTruncateMaxBatchSize: 10485760,
  logTruncateMaxEventSize: 102400,
  webhookConfigFile: '',
  webhookVersion: 'audit.k8s.io/v1',
  webhookMode: 'batch',
  webhookBatchBufferSize: 10000,
  webhookBatchMaxSize: 400,
  webhookBatchThrottleEnable: true,
  webhookBatchThrottleQps: 10,
  webhookBatchThrottleBurst: 15,
  webhookTruncateEnabled: false,
  webhookTruncateMaxBatchSize: 10485760,
  webhookTruncateMaxEventSize: 102400,
};

const DEFAULTS_FROM_1_36: Defaults = {...DEFAULTS_FROM_1_18, logMaxAge: 366, logMaxBackup: 100, logMaxSize: 100};

/**
 * The audit settings that these flags give a server of `version`, with that release's defaults; those up to 1.35 when the
 * version is not known. A value that the server would refuse counts as not given.
 */
export function auditSettings(flags: ServerFlags, version: KubernetesVersion | undefined): AuditSettings {
  const defaults = version !== undefined && isAtLeast(version, 36) ? DEFAULTS_FROM_1_36 : DEFAULTS_FROM_1_18;

  const setting = <T>(name: FlagName, fallback: T, read: (text: string) => GoValue<T>): Setting<T> => {
    const given = flags.given.get(name);
    const value = given === undefined ? undefined : read(given.value);
    return value?.ok === true ? {value: value.value, from: 'flag'} : {value: fallback, from: 'default'};
  };
  const text = (name: FlagName, fallback: string) => setting(name, fallback, (value) => ({ok: true, value}));
  const integer = (name: FlagName, fallback: number) => setting(name, fallback, parseGoInt);
  const boolean = (name: FlagName, fallback: boolean) => setting(name, fallback, parseGoBool);
  const float = (name: FlagName, fallback: number) => setting(name, fallback, (value) => parseGoFloat(value, 32));

  return {
    policyFile: text('audit-policy-file', defaults.policyFile),
    logPath: text('audit-log-path', defaults.logPath),
    logMaxAge: integer('audit-log-maxage', defaults.logMaxAge),
    logMaxBackup: integer('audit-log-maxbackup', defaults.logMaxBackup),
    logMaxSize: integer('audit-log-maxsize', defaults.logMaxSize),
    logCompress: boolean('audit-log-compress', defaults.logCompress),
    logFormat: text('audit-log-format', defaults.logFormat),
    logVersion: text('audit-log-version', defaults.logVersion),
    logMode: text('audit-log-mode', defaults.logMode),
    logBatchBufferSize: integer('audit-log-batch-buffer-size', defaults.logBatchBufferSize),
    logBatchMaxSize: integer('audit-log-batch-max-size', defaults.logBatchMaxSize),
    logBatchThrottleEnable: boolean('audit-log-batch-throttle-enable', defaults.logBatchThrottleEnable),
    logBatchThrottleQps: float('audit-log-batch-throttle-qps', defaults.logBatchThrottleQps),
    logBatchThrottleBurst: integer('audit-log-batch-throttle-burst', defaults.logBatchThrottleBurst),
    logTruncateEnabled: boolean('audit-log-truncate-enabled', defaults.logTruncateEnabled),
    logTruncateMaxBatchSize: integer('audit-log-truncate-max-batch-size', defaults.logTruncateMaxBatchSize),
    logTruncateMaxEventSize: integer('audit-log-truncate-max-event-size', defaults.logTruncateMaxEventSize),
    webhookConfigFile: text('audit-webhook-config-file', defaults.webhookConfigFile),
    webhookVersion: text('audit-webhook-version', defaults.webhookVersion),
    webhookMode: text('audit-webhook-mode', defaults.webhookMode),
    webhookBatchBufferSize: integer('audit-webhook-batch-buffer-size', defaults.webhookBatchBufferSize),
    webhookBatchMaxSize: integer('audit-webhook-batch-max-size', defaults.webhookBatchMaxSize),
    webhookBatchThrottleEnable: boolean('audit-webhook-batch-throttle-enable', defaults.webhookBatchThrottleEnable),
    webhookBatchThrottleQps: float('audit-webhook-batch-throttle-qps', defaults.webhookBatchThrottleQps),
    webhookBatchThrottleBurst: integer('audit-webhook-batch-throttle-burst', defaults.webhookBatchThrottleBurst),
    webhookTruncateEnabled: boolean('audit-webhook-truncate-enabled', defaults.webhookTruncateEnabled),
    webhookTruncateMaxBatchSize: integer('audit-webhook-truncate-max-batch-size', defaults.webhookTruncateMaxBatchSize),
    webhookTruncateMaxEventSize: integer('audit-webhook-truncate-max-event-size', defaults.webhookTruncateMaxEventSize),
  };
}

const MODES: ReadonlySet<string> = new Set(['batch', 'blocking', 'blocking-strict']);

/** The options that both backends have, under the names that the server's messages use. */
interface BackendOptions {
  readonly plugin: 'log' | 'webhook';
  readonly mode: string;
  readonly bufferSize: number;
  readonly maxBatchSize: number;
  readonly throttleEnable: boolean;
  readonly throttleQps: number;
  readonly throttleBurst: number;
  readonly truncateMaxBatchSize: number;
  readonly truncateMaxEventSize: number;
  readonly groupVersion: string;
}

/** `AuditOptions.Validate`: what the server says of the values themselves, only for a backend that is enabled. */
function validateAudit(flags: ServerFlags, version: KubernetesVersion | undefined): readonly string[] {
  const settings = auditSettings(flags, version);
  return [
    ...(settings.logPath.value === '' ? [] : validateLog(settings, version)),
    ...(settings.webhookConfigFile.value === '' ? [] : validateBackend(webhookOptions(settings), version)),
    ...(version === undefined ? [] : validateDynamic(flags)),
  ];
}

function validateLog(settings: AuditSettings, version: KubernetesVersion | undefined): readonly string[] {
  const messages = [...validateBackend(logOptions(settings), version)];
  const format = settings.logFormat.value;
  if (format !== 'legacy' && format !== 'json') {
    messages.push(`invalid audit log format ${format}, allowed formats are "legacy,json"`);
  }
  const limits = {maxage: settings.logMaxAge, maxbackup: settings.logMaxBackup, maxsize: settings.logMaxSize};
  for (const [name, {value}] of Object.entries(limits)) {
    if (value < 0) messages.push(`--audit-log-${name} ${value} can't be a negative number`);
  }
  return messages;
}

function logOptions(settings: AuditSettings): BackendOptions {
  return {
    plugin: 'log',
    mode: settings.logMode.value,
    bufferSize: settings.logBatchBufferSize.value,
    maxBatchSize: settings.logBatchMaxSize.value,
    throttleEnable: settings.logBatchThrottleEnable.value,
    throttleQps: settings.logBatchThrottleQps.value,
    throttleBurst: settings.logBatchThrottleBurst.value,
    truncateMaxBatchSize: settings.logTruncateMaxBatchSize.value,
    truncateMaxEventSize: settings.logTruncateMaxEventSize.value,
    groupVersion: settings.logVersion.value,
  };
}

function webhookOptions(settings: AuditSettings): BackendOptions {
  return {
    plugin: 'webhook',
    mode: settings.webhookMode.value,
    bufferSize: settings.webhookBatchBufferSize.value,
    maxBatchSize: settings.webhookBatchMaxSize.value,
    throttleEnable: settings.webhookBatchThrottleEnable.value,
    throttleQps: settings.webhookBatchThrottleQps.value,
    throttleBurst: settings.webhookBatchThrottleBurst.value,
    truncateMaxBatchSize: settings.webhookTruncateMaxBatchSize.value,
    truncateMaxEventSize: settings.webhookTruncateMaxEventSize.value,
    groupVersion: settings.webhookVersion.value,
  };
}

function validateBackend(options: BackendOptions, version: KubernetesVersion | undefined): readonly string[] {
  return [
    validateBatch(options),
    validateTruncate(options),
    validateGroupVersion(options.groupVersion, version),
  ].filter((message) => message !== undefined);
}

/** `validateBackendBatchOptions`: the first failure only; the batch options only in batch mode. */
function validateBatch(options: BackendOptions): string | undefined {
  const {plugin, mode} = options;
  if (!MODES.has(mode)) {
    return `invalid audit ${plugin} mode ${mode}, allowed modes are "batch,blocking,blocking-strict"`;
  }
  if (mode !== 'batch') return undefined;
  const invalid = (what: string, value: string) =>
    `invalid audit batch ${plugin} ${what} ${value}, must be a positive number`;
  if (options.bufferSize <= 0) return invalid('buffer size', String(options.bufferSize));
  if (options.maxBatchSize <= 0) return invalid('max batch size', String(options.maxBatchSize));
  if (!options.throttleEnable) return undefined;
  if (options.throttleQps <= 0) return invalid('throttle QPS', formatFloat32(options.throttleQps));
  if (options.throttleBurst <= 0) return invalid('throttle burst', String(options.throttleBurst));
  return undefined;
}

/** Judged even when truncation is off. */
function validateTruncate(options: BackendOptions): string | undefined {
  const {plugin, truncateMaxEventSize, truncateMaxBatchSize} = options;
  if (truncateMaxEventSize <= 0) {
    return `invalid audit truncate ${plugin} max event size ${truncateMaxEventSize}, must be a positive number`;
  }
  if (truncateMaxBatchSize < truncateMaxEventSize) {
    return `invalid audit truncate ${plugin} max batch size ${truncateMaxBatchSize}, must be greater than max event size (${truncateMaxEventSize})`;
  }
  return undefined;
}

function validateGroupVersion(groupVersion: string, version: KubernetesVersion | undefined): string | undefined {
  if (groupVersion.split('/').length > 2) return `unexpected GroupVersion string: ${groupVersion}`;
  const older = version !== undefined && !isAtLeast(version, 24);
  const allowed = [...(older ? ['audit.k8s.io/v1alpha1', 'audit.k8s.io/v1beta1'] : []), 'audit.k8s.io/v1'];
  if (allowed.includes(groupVersion)) return undefined;
  return `invalid group version, allowed versions are [${allowed.map(goQuote).join(' ')}]`;
}

/** Only a release that still has the flag comes this far with it. */
function validateDynamic(flags: ServerFlags): readonly string[] {
  if (!isTrue(flags.given.get('audit-dynamic-configuration')?.value ?? 'false')) return [];
  const gates = (flags.given.get('feature-gates')?.values ?? []).flatMap((value) => value.split(','));
  const gate = gates.findLast((entry) => entry.startsWith('DynamicAuditing='));
  if (gate !== undefined && isTrue(gate.slice(gate.indexOf('=') + 1))) return [];
  return ['--audit-dynamic-configuration set, but DynamicAuditing feature gate is not enabled'];
}
