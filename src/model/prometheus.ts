/**
 * Reads the audit metrics out of the text that an API server serves at `/metrics`.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/metrics.go
 * @see https://github.com/prometheus/docs/blob/main/docs/instrumenting/exposition_formats.md
 */

/** The counters of one process since its start; undefined where the process does not have the family. */
export interface AuditMetrics {
  /**
   * Requests by the level decided for them, None included. The server has this family only from the first request that
   * went through auditing: absent means that auditing is off in this process.
   */
  readonly levelTotal: Readonly<Record<string, number>> | undefined;
  readonly eventTotal: number | undefined;
  /** Events lost, by the plugin that lost them; empty when none was. */
  readonly errorTotal: Readonly<Record<string, number>>;
  readonly requestsRejectedTotal: number | undefined;
  /** Seconds since 1970. */
  readonly processStartTimeSeconds: number | undefined;
}

interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

const NAMES: ReadonlySet<string> = new Set([
  'apiserver_audit_level_total',
  'apiserver_audit_event_total',
  'apiserver_audit_error_total',
  'apiserver_audit_requests_rejected_total',
  'process_start_time_seconds',
]);

/** Takes the whole text of `/metrics`; lines that are no samples of the audit families are passed over. */
export function parseAuditMetrics(text: string): AuditMetrics {
  const samples = text.split('\n').flatMap((line) => parseSample(line) ?? []);
  const levels = totalsBy(samples, 'apiserver_audit_level_total', 'level');
  return {
    levelTotal: Object.keys(levels).length === 0 ? undefined : levels,
    eventTotal: total(samples, 'apiserver_audit_event_total'),
    errorTotal: totalsBy(samples, 'apiserver_audit_error_total', 'plugin'),
    requestsRejectedTotal: total(samples, 'apiserver_audit_requests_rejected_total'),
    processStartTimeSeconds: total(samples, 'process_start_time_seconds'),
  };
}

function totalsBy(samples: readonly Sample[], name: string, label: string): Record<string, number> {
  const totals = new Map<string, number>();
  for (const sample of samples) {
    const key = sample.name === name ? sample.labels.get(label) : undefined;
    if (key !== undefined) totals.set(key, (totals.get(key) ?? 0) + sample.value);
  }
  return Object.fromEntries(totals);
}

function total(samples: readonly Sample[], name: string): number | undefined {
  const values = samples.filter((sample) => sample.name === name).map(({value}) => value);
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}

/** `name{label="value",…} value [timestamp]`; undefined for any other line and for families of no interest. */
function parseSample(line: string): Sample | undefined {
  const start = /^\s*([a-zA-Z_:][\w:]*)\s*/.exec(line);
  const name = start?.[1];
  if (start === null || name === undefined || !NAMES.has(name)) return undefined;
  const rest = line.slice(start[0].length);
  const labelled = rest.startsWith('{') ? parseLabels(rest) : {labels: new Map<string, string>(), length: 0};
  if (labelled === undefined) return undefined;
  const value = parseNumber(/^\s*(\S+)/.exec(rest.slice(labelled.length))?.[1]);
  return value === undefined ? undefined : {name, labels: labelled.labels, value};
}

interface ParsedLabels {
  readonly labels: ReadonlyMap<string, string>;
  /** Characters taken, both braces included. */
  readonly length: number;
}

function parseLabels(text: string): ParsedLabels | undefined {
  const labels = new Map<string, string>();
  const label = /\s*([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?/y;
  label.lastIndex = 1;
  let end = 1;
  for (let match = label.exec(text); match !== null; match = label.exec(text)) {
    labels.set(match[1] ?? '', unescapeLabel(match[2] ?? ''));
    end = label.lastIndex;
  }
  const close = /\s*\}/y;
  close.lastIndex = end;
  return close.test(text) ? {labels, length: close.lastIndex} : undefined;
}

function unescapeLabel(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
}

function parseNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return undefined;
  return Number(text);
}
