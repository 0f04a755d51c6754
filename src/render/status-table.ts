/** `status` for people: one line of verdict, one row per API server, the findings with their fixes, worst first. */
import type {Finding, Severity} from '../model/finding.ts';
import type {ServerReport, StatusReport, Verdict} from '../model/report.ts';
import {type Paint, renderTable} from './table.ts';
import {conflictText} from './presets.ts';
import {printable} from './printable.ts';
import {sentence} from './sentence.ts';

const MEANING: Readonly<Record<Verdict, string>> = {
  off: 'nothing is recorded',
  broken: 'the API server would refuse to start like this',
  silent: 'configured, but it records nothing',
  partial: 'some of what the preset needs is not recorded',
  unknown: 'could not find out',
  on: 'all that the preset needs is recorded',
};

const SEVERITY_ORDER: readonly Severity[] = ['error', 'warning', 'info'];

/** @param wide also shows informational findings and more columns */
export function statusTable(report: StatusReport, options: {readonly wide: boolean; readonly paint: Paint}): string {
  const {paint} = options;
  const lines = [`auditing: ${paint(report.verdict, colorOf(report.verdict))} (${meaningOf(report)})`];
  lines.push(...presetLines(report, paint));
  if (report.platform !== undefined)
    lines.push(`platform: ${report.platform.name}, control: ${report.platform.control}`);
  if (report.servers.length > 0)
    lines.push(
      '',
      ...renderTable(
        headers(options.wide),
        report.servers.map((server) => row(server, options)),
      ),
    );
  const shown = report.findings.filter((item) => options.wide || item.severity !== 'info');
  for (const severity of SEVERITY_ORDER) {
    for (const item of shown.filter((candidate) => candidate.severity === severity))
      lines.push('', ...findingLines(item, paint));
  }
  const hidden = report.findings.length - shown.length;
  if (hidden > 0) lines.push('', `${hidden} more for information: -o wide`);
  if (shown.some(({code}) => code === 'requirement-unmet')) lines.push('', ...waysOn(report.preset));
  return `${lines.join('\n')}\n`;
}

/** One way for all requirements that are not met. */
function waysOn(preset: string): string[] {
  return [
    `a policy that has all of it: kubectl audit policy show ${preset} --merge POLICY adds to yours what it lacks`,
    'what that changes:           kubectl audit diff --policy POLICY --want NEW-POLICY',
  ];
}

function meaningOf({verdict, presets, preset}: StatusReport): string {
  if (presets.length === 1) return `${MEANING[verdict]}; preset ${preset}`;
  const names = presets.map(({name}) => name).join(', ');
  return `${MEANING[verdict].replace('the preset needs', 'the presets need')}; presets ${names}`;
}

/** With several presets the verdict of each; what is not met without a finding of its own; what contradicts itself. */
function presetLines(report: StatusReport, paint: Paint): string[] {
  const verdicts = report.presets.length > 1 ? report.presets : [];
  return [
    ...verdicts.map(({name, verdict}) => `  ${name}: ${paint(verdict, colorOf(verdict))}${unmetOf(report, name)}`),
    ...report.conflicts.map((conflict) => `  conflict: ${conflictText(conflict)}`),
    ...logPathLines(report),
  ];
}

/** The musts of a preset that are not met on some server. */
function unmetOf({servers}: StatusReport, preset: string): string {
  const unmet = servers
    .flatMap(({coverage}) => coverage)
    .filter((item) => item.preset === preset && item.level === 'must' && item.met === false);
  const ids = new Set(unmet.map(({requirement}) => requirement));
  return ids.size === 0 ? '' : `, not met: ${[...ids].join(', ')}`;
}

/** A log that only a preset asks for: a webhook alone is as good for all else. */
function logPathLines({servers}: StatusReport): string[] {
  return servers.flatMap(({coverage, node, file, settings}) => {
    const unmet = coverage.filter(
      ({flag, level, met}) => flag === 'audit-log-path' && level === 'must' && met === false,
    );
    const [first] = unmet;
    if (first === undefined || settings['webhookConfigFile']?.value === '') return [];
    const ids = unmet.map(({preset, requirement}) => `${preset}/${requirement}`).join(', ');
    return [`  not met on ${node ?? file ?? 'this server'}: ${ids}: ${first.failing.join()}`];
  });
}

function headers(wide: boolean): string[] {
  const names = ['NODE', 'VERSION', 'POLICY', 'LOG', 'WEBHOOK', 'MUSTS MET', 'PROCESS', 'VERDICT'];
  return wide ? [...names, 'ROTATION', 'EVENTS', 'FLAGS FROM', 'POLICY FROM'] : names;
}

function row(server: ServerReport, {wide, paint}: {readonly wide: boolean; readonly paint: Paint}): string[] {
  const cells = [
    server.node ?? server.file ?? server.pod ?? '',
    server.version ?? 'unknown',
    text(server, 'policyFile'),
    text(server, 'logPath'),
    text(server, 'webhookConfigFile'),
    musts(server),
    process(server),
    paint(server.verdict, colorOf(server.verdict)),
  ];
  return wide ? [...cells, rotation(server), events(server), server.flagsFrom, server.policy?.from ?? '-'] : cells;
}

function text(server: ServerReport, setting: string): string {
  const value = String(server.settings[setting]?.value ?? '');
  return value === '' ? 'none' : printable(value);
}

function musts(server: ServerReport): string {
  const all = server.coverage.filter((item) => item.level === 'must');
  if (all.some((item) => item.met === 'unknown')) return 'unknown';
  return `${all.filter((item) => item.met === true).length}/${all.length}`;
}

function process(server: ServerReport): string {
  switch (server.runtime.auditing) {
    case 'on':
      return 'audits';
    case 'off':
      return 'does not audit';
    case 'unknown':
      return 'not asked';
  }
}

function rotation(server: ServerReport): string {
  if (server.settings['logPath']?.value === '') return '-';
  const value = (name: string) => String(server.settings[name]?.value ?? '?');
  return `${value('logMaxAge')} d, ${value('logMaxBackup')} x ${value('logMaxSize')} MiB`;
}

function events(server: ServerReport): string {
  return server.runtime.eventTotal === undefined ? '-' : String(server.runtime.eventTotal);
}

function findingLines(item: Finding, paint: Paint): string[] {
  const {message, fix} = sentence(item);
  const place = placeOf(item);
  const label = paint(
    item.severity,
    item.severity === 'error' ? 'red' : item.severity === 'warning' ? 'yellow' : 'dim',
  );
  return [
    `${label} ${item.code}${place === '' ? '' : ` (${printable(place)})`}: ${printable(message)}`,
    ...(fix === '' ? [] : [`  next: ${printable(fix)}`]),
  ];
}

function placeOf({where}: Finding): string {
  const file =
    where.file === undefined ? undefined : `${where.file}${where.line === undefined ? '' : `:${where.line}`}`;
  return [where.node, file, where.path].filter((part) => part !== undefined).join(', ');
}

function colorOf(verdict: Verdict): 'green' | 'yellow' | 'red' {
  if (verdict === 'on') return 'green';
  return verdict === 'unknown' ? 'yellow' : 'red';
}
