/**
 * What the audit flags of one server say about its recording, without a look at any file.
 */
import {finding, type Finding, type Where} from '../../model/finding.ts';
import {parseGoBool} from '../../model/go-values.ts';
import {isAtLeast, type KubernetesVersion} from '../../model/kubernetes-version.ts';
import type {AuditSettings, FlagName, ServerFlags} from '../../model/server-flags.ts';

/**
 * Takes the flags with their settings and the release; returns what the server would refuse, what it ignores, and what its
 * modes cost. Combinations of policy and backends are judged elsewhere, paths only for being absolute.
 */
export function judgeFlags(
  flags: ServerFlags,
  settings: AuditSettings,
  version: KubernetesVersion | undefined,
  where: Where,
): Finding[] {
  return [
    ...flags.refused.map((message) => finding('flag-refused', {message}, where)),
    ...judgeRepeated(flags, where),
    ...judgeWithoutEffect(flags, settings, version, where),
    ...judgePaths(settings, where),
    ...judgeLogMode(settings, where),
    ...judgeWebhookMode(settings, where),
  ];
}

function judgeRepeated(flags: ServerFlags, where: Where): Finding[] {
  return [...flags.given]
    .filter(([name, {values}]) => name.startsWith('audit-') && values.length > 1)
    .map(([flag, {values}]) => finding('flag-repeated', {flag, values}, where));
}

function judgeWithoutEffect(
  flags: ServerFlags,
  settings: AuditSettings,
  version: KubernetesVersion | undefined,
  where: Where,
): Finding[] {
  const findings: Finding[] = [];
  for (const [flag, {value}] of flags.given) {
    const reason = reasonWithoutEffect(flag, value, settings, version);
    if (reason !== undefined) findings.push(finding('flag-without-effect', {flag, reason}, where));
  }
  return findings;
}

/** Why this flag changes nothing; undefined when it does, or when it only switches off what is off anyhow. */
function reasonWithoutEffect(
  flag: FlagName,
  value: string,
  settings: AuditSettings,
  version: KubernetesVersion | undefined,
): string | undefined {
  if (flag === 'feature-gates') return gateWithoutEffect(value, version);
  if (SWITCHES.test(flag) && isFalse(value)) return undefined;
  if (flag.startsWith('audit-log-')) return logFlagWithoutEffect(flag, settings, version);
  if (flag.startsWith('audit-webhook-')) return webhookFlagWithoutEffect(flag, settings);
  return undefined;
}

const SWITCHES = /-(?:compress|truncate-enabled|throttle-enable)$/;
const ROTATION_FLAGS: ReadonlySet<FlagName> = new Set([
  'audit-log-maxage',
  'audit-log-maxbackup',
  'audit-log-compress',
]);

function isFalse(text: string): boolean {
  const read = parseGoBool(text);
  return read.ok && !read.value;
}

/** The gate that once switched auditing: nothing in the server reads it any more. */
function gateWithoutEffect(value: string, version: KubernetesVersion | undefined): string | undefined {
  if (version === undefined || isAtLeast(version, 28)) return undefined;
  const named = value.split(',').some((gate) => /^\s*AdvancedAuditing\s*=/.test(gate));
  return named ? 'no code of the server reads the feature gate AdvancedAuditing' : undefined;
}

function logFlagWithoutEffect(
  flag: FlagName,
  settings: AuditSettings,
  version: KubernetesVersion | undefined,
): string | undefined {
  if (flag === 'audit-log-path') return undefined;
  if (settings.logPath.value === '') return '--audit-log-path is not set';
  const rotates = ROTATION_FLAGS.has(flag) || flag === 'audit-log-maxsize';
  if (rotates && settings.logPath.value === '-') return 'standard output is not rotated';
  const neverRotates = version !== undefined && isAtLeast(version, 36) && settings.logMaxSize.value === 0;
  if (ROTATION_FLAGS.has(flag) && neverRotates) return '--audit-log-maxsize=0 turns rotation off';
  return optionWithoutEffect(flag, {
    plugin: 'log',
    mode: settings.logMode.value,
    throttle: settings.logBatchThrottleEnable.value,
    truncate: settings.logTruncateEnabled.value,
  });
}

function webhookFlagWithoutEffect(flag: FlagName, settings: AuditSettings): string | undefined {
  if (flag === 'audit-webhook-config-file') return undefined;
  if (settings.webhookConfigFile.value === '') return '--audit-webhook-config-file is not set';
  // The deprecated name of --audit-webhook-initial-backoff, which counts in every mode.
  if (flag === 'audit-webhook-batch-initial-backoff') return undefined;
  return optionWithoutEffect(flag, {
    plugin: 'webhook',
    mode: settings.webhookMode.value,
    throttle: settings.webhookBatchThrottleEnable.value,
    truncate: settings.webhookTruncateEnabled.value,
  });
}

interface BackendState {
  readonly plugin: 'log' | 'webhook';
  readonly mode: string;
  readonly throttle: boolean;
  readonly truncate: boolean;
}

function optionWithoutEffect(flag: FlagName, {plugin, mode, throttle, truncate}: BackendState): string | undefined {
  const option = flag.slice(`audit-${plugin}-`.length);
  if (option.startsWith('batch-') && mode !== 'batch') return `--audit-${plugin}-mode is ${mode}`;
  if (/^batch-throttle-(?:qps|burst)$/.test(option) && !throttle) {
    return `--audit-${plugin}-batch-throttle-enable is false`;
  }
  if (option.startsWith('truncate-max-') && !truncate) return `--audit-${plugin}-truncate-enabled is false`;
  return undefined;
}

function judgePaths(settings: AuditSettings, where: Where): Finding[] {
  const paths = {
    'audit-policy-file': settings.policyFile.value,
    'audit-log-path': settings.logPath.value === '-' ? '' : settings.logPath.value,
    'audit-webhook-config-file': settings.webhookConfigFile.value,
  };
  return Object.entries(paths)
    .filter(([, path]) => path !== '' && !path.startsWith('/'))
    .map(([flag, path]) => finding('path-not-absolute', {flag, path}, where));
}

function judgeLogMode(settings: AuditSettings, where: Where): Finding[] {
  if (settings.logPath.value === '') return [];
  const findings = settings.logPath.value === '-' ? [finding('log-to-stdout', {}, where)] : [];
  const mode = settings.logMode.value;
  if (mode === 'batch') {
    findings.push(finding('log-mode-drops', {mode, bufferSize: settings.logBatchBufferSize.value}, where));
  }
  if (mode === 'blocking-strict') findings.push(finding('log-mode-strict', {}, where));
  return findings;
}

function judgeWebhookMode(settings: AuditSettings, where: Where): Finding[] {
  if (settings.webhookConfigFile.value === '') return [];
  const mode = settings.webhookMode.value;
  if (mode === 'blocking' || mode === 'blocking-strict') return [finding('webhook-mode-blocks', {mode}, where)];
  if (mode !== 'batch') return [];
  return [
    finding(
      'webhook-mode-drops',
      {
        bufferSize: settings.webhookBatchBufferSize.value,
        maxBatchSize: settings.webhookBatchMaxSize.value,
        // 0: not throttled.
        qps: settings.webhookBatchThrottleEnable.value ? settings.webhookBatchThrottleQps.value : 0,
        burst: settings.webhookBatchThrottleEnable.value ? settings.webhookBatchThrottleBurst.value : 0,
      },
      where,
    ),
  ];
}
