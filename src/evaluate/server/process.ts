/** Judges the running process, and how far its pod can be believed. */
import {type Fact, valueOf} from '../../model/fact.ts';
import type {ServerFacts} from '../../model/facts.ts';
import {type Finding, type Where, finding} from '../../model/finding.ts';
import type {RuntimeReport} from '../../model/report.ts';
import type {AuditSettings, ServerFlags} from '../../model/server-flags.ts';
import {claimsReady, containerStart, serverStatus} from '../../model/server-pod.ts';
import {isConfigured} from './combination.ts';

/**
 * A started process may be this many seconds older than its container's own start time before the mirror pod is thought to
 * show an earlier run: container start and process start lie within two seconds of each other.
 */
const START_TOLERANCE_SECONDS = 5;

/** Start of the running process in seconds since 1970, by its own word, else by its container's. */
export function startOf(facts: ServerFacts): number | undefined {
  return valueOf(facts.process)?.metrics.processStartTimeSeconds ?? containerStart(facts.pod);
}

/** RFC 3339 in UTC, whole seconds; empty for undefined. */
export function timestamp(seconds: number | undefined): string {
  return seconds === undefined ? '' : new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}

/**
 * Why the mirror pod cannot be believed, or undefined. It is a copy that the kubelet writes through the API: while its own API
 * server is down it keeps the old flags and Ready, for about a minute after a failed change.
 */
export function staleness(facts: ServerFacts, settings: AuditSettings): string | undefined {
  if (facts.flagsFrom !== 'mirror-pod') return undefined;
  const mirrored =
    facts.pod.metadata.annotations?.['kubernetes.io/config.mirror'] ??
    facts.pod.metadata.annotations?.['kubernetes.io/config.hash'];
  if (facts.kubeletHash.state === 'seen' && mirrored !== undefined && facts.kubeletHash.value !== mirrored) {
    return `the kubelet runs config ${facts.kubeletHash.value}, the mirror pod shows ${mirrored}`;
  }
  if (facts.kubeletHash.state === 'absent') return 'the kubelet does not run this static pod';
  const running = containerStart(facts.pod);
  const process = valueOf(facts.process);
  const started = process?.metrics.processStartTimeSeconds;
  if (running !== undefined && started !== undefined && Math.abs(started - running) > START_TOLERANCE_SECONDS) {
    return `the process started at ${timestamp(started)}, the mirror pod's container at ${timestamp(running)}`;
  }
  if (process === undefined && claimsReady(facts.pod) && refusesConnection(facts.process))
    return 'the mirror pod is Ready, but nobody answers at its address';
  if (process?.metrics.levelTotal !== undefined && !isConfigured(settings))
    return 'the process audits, the mirror pod shows no audit flags';
  return undefined;
}

function refusesConnection(fact: Fact<unknown>): boolean {
  return (
    fact.state === 'unknown' &&
    fact.obstacle.kind === 'unreachable' &&
    fact.obstacle.reason.includes('refused the connection')
  );
}

/** A pod that is not Ready or whose container does not run. */
export function judgeHealth(facts: ServerFacts, where: Where): Finding[] {
  if (facts.flagsFrom === 'manifest') return [];
  const status = serverStatus(facts.pod);
  const waiting = status?.state?.waiting;
  if (waiting !== undefined)
    return [
      finding('server-unhealthy', {reason: `its container is waiting: ${waiting.reason ?? 'no reason given'}`}, where),
    ];
  const terminated = status?.state?.terminated;
  if (terminated !== undefined)
    return [
      finding('server-unhealthy', {reason: `its container ended: ${terminated.reason ?? 'no reason given'}`}, where),
    ];
  return claimsReady(facts.pod) || status === undefined
    ? []
    : [finding('server-unhealthy', {reason: 'its pod is not Ready'}, where)];
}

/** Compares what the pod shows with what the process says of itself, where it says anything. */
export function judgeFlagz(facts: ServerFacts, flags: ServerFlags, where: Where): Finding[] {
  const flagz = valueOf(facts.flagz);
  if (flagz === undefined) return [];
  const names = [
    'audit-policy-file',
    'audit-log-path',
    'audit-webhook-config-file',
    'audit-log-mode',
    'audit-log-maxage',
    'audit-log-maxbackup',
    'audit-log-maxsize',
  ];
  return names.flatMap((flag) => {
    const given = flags.given.get(flag)?.value;
    const process = flagz.get(flag);
    // A flag that is not given has the process' default: only what the pod claims can be contradicted, and a path it hides.
    if (process === undefined || (given === undefined && !(flag.endsWith('file') || flag.endsWith('path')))) return [];
    if ((given ?? '') === process || Number(given) === Number(process || Number.NaN)) return [];
    return [finding('flagz-differs', {flag, pod: given ?? '', process}, where)];
  });
}

/** Whether the process audits, as far as it could be asked. */
export function judgeProcess(facts: ServerFacts, settings: AuditSettings, offline: boolean, where: Where): Finding[] {
  if (offline) return [];
  if (facts.process.state === 'unknown')
    return [finding('runtime-unproven', {obstacle: facts.process.obstacle}, where)];
  if (facts.process.state === 'absent')
    return [
      finding(
        'runtime-unproven',
        {obstacle: {kind: 'unreachable', attempt: facts.process.source, reason: 'it has no /metrics'}},
        where,
      ),
    ];
  const {metrics} = facts.process.value;
  const runs = metrics.levelTotal !== undefined;
  return !runs && isConfigured(settings)
    ? [finding('runtime-off', {reason: 'its metrics have no apiserver_audit_level_total'}, where)]
    : [];
}

/** Events and requests that the process lost since its start. */
export function judgeLosses(facts: ServerFacts, where: Where): Finding[] {
  const metrics = valueOf(facts.process)?.metrics;
  if (metrics === undefined) return [];
  const lost = Object.entries(metrics.errorTotal).filter(([, count]) => count > 0);
  const rejected = metrics.requestsRejectedTotal ?? 0;
  return [
    ...lost.map(([plugin, count]) => finding('events-lost', {plugin, count}, where)),
    ...(rejected > 0 ? [finding('requests-rejected', {count: rejected}, where)] : []),
  ];
}

export function runtimeReport(facts: ServerFacts): RuntimeReport {
  const process = valueOf(facts.process);
  if (process === undefined) {
    return {
      auditing: 'unknown',
      via: undefined,
      startedAt: undefined,
      levelTotal: {},
      eventTotal: undefined,
      errorTotal: {},
      requestsRejectedTotal: undefined,
    };
  }
  const {metrics} = process;
  return {
    auditing: metrics.levelTotal === undefined ? 'off' : 'on',
    via: process.via,
    startedAt: metrics.processStartTimeSeconds === undefined ? undefined : timestamp(metrics.processStartTimeSeconds),
    levelTotal: metrics.levelTotal ?? {},
    eventTotal: metrics.eventTotal,
    errorTotal: metrics.errorTotal,
    requestsRejectedTotal: metrics.requestsRejectedTotal,
  };
}
