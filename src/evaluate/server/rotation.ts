/**
 * What the rotation flags of the log make of the disk: how much it may grow, and whether events live as long as they should.
 */
import {finding, type Finding, type Where} from '../../model/finding.ts';
import {isAtLeast, type KubernetesVersion} from '../../model/kubernetes-version.ts';
import type {Preset} from '../../model/requirement.ts';
import type {AuditSettings} from '../../model/server-flags.ts';

/** lumberjack's own size when it is given 0, in MiB. */
const LUMBERJACK_DEFAULT_SIZE = 100;

/** Days, files, MiB; 0 is no limit. */
interface Rotation {
  readonly maxAge: number;
  readonly maxBackup: number;
  readonly maxSize: number;
}

/**
 * Takes the settings, the release and the least values that a preset asks for; returns the findings about rotation, none
 * when no log file is written. Without a version the rules up to 1.35 apply. No limit is never below a preset's value.
 * @see https://github.com/natefinch/lumberjack/blob/v2.2.1/lumberjack.go
 */
export function judgeRotation(
  settings: AuditSettings,
  version: KubernetesVersion | undefined,
  wanted: Preset['rotation'],
  where: Where,
): Finding[] {
  if (settings.logPath.value === '' || settings.logPath.value === '-') return [];
  const rotation = effectiveRotation(settings, version);
  return [judgeGrowth(rotation, where), ...judgeAgainstPreset(rotation, wanted, where)];
}

function effectiveRotation(settings: AuditSettings, version: KubernetesVersion | undefined): Rotation {
  const maxSize = settings.logMaxSize.value;
  const zeroIsNone = version !== undefined && isAtLeast(version, 36);
  // From 1.36 on a plain file is written when the size is 0: nothing is ever removed, whatever age and backups say.
  if (maxSize === 0 && zeroIsNone) return {maxAge: 0, maxBackup: 0, maxSize: 0};
  return {
    maxAge: settings.logMaxAge.value,
    maxBackup: settings.logMaxBackup.value,
    maxSize: maxSize === 0 ? LUMBERJACK_DEFAULT_SIZE : maxSize,
  };
}

function judgeGrowth({maxAge, maxBackup, maxSize}: Rotation, where: Where): Finding {
  if (maxSize === 0) return finding('rotation-none', {}, where);
  if (maxBackup > 0) {
    const files = maxBackup + 1;
    return finding('rotation-size', {worstCaseMebibytes: files * maxSize, files, maxSize}, where);
  }
  const reason =
    maxAge > 0
      ? `only age limits the rotated files (${maxAge} ${maxAge === 1 ? 'day' : 'days'}), neither their number nor their size`
      : 'rotated files are kept for ever: neither their age nor their number is limited';
  return finding('rotation-unlimited', {reason}, where);
}

function judgeAgainstPreset(rotation: Rotation, wanted: Preset['rotation'], where: Where): Finding[] {
  if (wanted === undefined) return [];
  const comparisons = [
    {flag: 'audit-log-maxage', value: rotation.maxAge, wanted: wanted.maxAge},
    {flag: 'audit-log-maxbackup', value: rotation.maxBackup, wanted: wanted.maxBackup},
    {flag: 'audit-log-maxsize', value: rotation.maxSize, wanted: wanted.maxSize},
  ];
  return comparisons
    .filter(({value, wanted: least}) => value !== 0 && value < least)
    .map(({flag, value, wanted: least}) =>
      finding('rotation-below-preset', {flag, value: String(value), wanted: least}, where),
    );
}
