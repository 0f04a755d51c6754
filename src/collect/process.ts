/**
 * Asks each API server itself: at its own address, else by new connections through the load balancer until every process has
 * been met. Never through the pod proxy, which arrives there as anonymous.
 */
import {findServerCommand} from '../model/command-line.ts';
import {type Fact, seen, unknown, valueOf} from '../model/fact.ts';
import type {ProcessFacts} from '../model/facts.ts';
import {parseFlagz} from '../model/flagz.ts';
import type {Pod} from '../model/pod.ts';
import {parseAuditMetrics} from '../model/prometheus.ts';
import {containerStart} from '../model/server-pod.ts';
import {parseServerFlags} from '../model/server-flags.ts';
import type {ApiClient, Endpoint} from './client.ts';

export interface ProcessAnswer {
  readonly process: Fact<ProcessFacts>;
  readonly flagz: Fact<ReadonlyMap<string, string>>;
}

/** New connections per server that is still missing, before giving up. */
const TRIES_PER_SERVER = 5;
/** A container's startedAt and its process' start time lie this close together (seconds; measured below 2). */
const SAME_START_SECONDS = 5;

export async function askProcesses(client: ApiClient, pods: readonly Pod[]): Promise<ProcessAnswer[]> {
  const answers = await Promise.all(pods.map((pod) => askAtEndpoint(client, pod)));
  const missing = pods.filter((_, index) => isUnreachable(answers[index]!.process));
  if (missing.length === 0) return answers;
  const met = await askThroughBalancer(
    client,
    pods,
    missing,
    new Set(answers.flatMap((answer) => valueOf(answer.process)?.metrics.processStartTimeSeconds ?? [])),
  );
  return answers.map((answer, index) => {
    const found = met.get(pods[index]!);
    return found === undefined ? answer : {process: found, flagz: answer.flagz};
  });
}

function isUnreachable(fact: Fact<unknown>): boolean {
  return fact.state === 'unknown' && fact.obstacle.kind !== 'forbidden';
}

async function askAtEndpoint(client: ApiClient, pod: Pod): Promise<ProcessAnswer> {
  const endpoint = endpointOf(pod);
  if (endpoint === undefined) return unaskable('its pod has no address');
  if (client.server.protocol === 'http:')
    return unaskable('the cluster is reached through a plain http proxy, which has the credentials');
  // Without verification nobody knows who would receive the credentials at an address that only a pod's status names.
  if (client.insecure)
    return unaskable('certificates are not verified, so credentials are sent to the configured server only');
  const [metrics, flagz] = await Promise.all([
    client.text('/metrics', 'get /metrics', {endpoint, accept: 'text/plain'}),
    client.text('/flagz', 'get /flagz', {endpoint, accept: 'text/plain'}),
  ]);
  return {
    process: processFrom(metrics, 'endpoint'),
    flagz: flagz.state === 'seen' ? seen(parseFlagz(flagz.value.body), flagz.source) : flagz,
  };
}

function unaskable(reason: string): ProcessAnswer {
  return {process: unknown({kind: 'not-tried', reason}), flagz: unknown({kind: 'not-tried', reason})};
}

function endpointOf(pod: Pod): Endpoint | undefined {
  const command = findServerCommand(pod);
  const flags = command.kind === 'none' ? undefined : parseServerFlags(command.argv, undefined).given;
  const host = flags?.get('advertise-address')?.value ?? pod.status?.podIP ?? pod.status?.hostIP;
  if (host === undefined || host === '') return undefined;
  return {host, port: Number(flags?.get('secure-port')?.value ?? 6443)};
}

function processFrom(fact: Fact<{body: string}>, via: ProcessFacts['via']): Fact<ProcessFacts> {
  if (fact.state !== 'seen') return fact;
  const version = /^kubernetes_build_info\{[^}]*git_version="([^"]+)"/m.exec(fact.value.body)?.[1];
  return seen({metrics: parseAuditMetrics(fact.value.body), version, via}, fact.source);
}

/**
 * A process met behind the balancer is told by its start time. It is a pod's own only if no other pod's container started at
 * about the same time, and if it is none of those that were already met: a wrong guess would prove what is not so.
 */
async function askThroughBalancer(
  client: ApiClient,
  all: readonly Pod[],
  missing: readonly Pod[],
  alreadyMet: ReadonlySet<number>,
): Promise<Map<Pod, Fact<ProcessFacts>>> {
  const found = new Map<Pod, Fact<ProcessFacts>>();
  for (let attempt = 0; attempt < all.length * TRIES_PER_SERVER && found.size < missing.length; attempt += 1) {
    const metrics = await client.text('/metrics', 'get /metrics', {fresh: true, accept: 'text/plain'});
    const process = processFrom(metrics, 'load-balancer');
    if (process.state === 'unknown' && process.obstacle.kind === 'forbidden')
      return new Map(missing.map((pod) => [pod, process]));
    const started = valueOf(process)?.metrics.processStartTimeSeconds;
    if (started === undefined || alreadyMet.has(started)) continue;
    const [pod, ...others] = all.filter((candidate) => startsTogether(candidate, started));
    if (pod !== undefined && others.length === 0 && missing.includes(pod)) found.set(pod, process);
  }
  return found;
}

function startsTogether(pod: Pod, started: number): boolean {
  const container = containerStart(pod);
  return container !== undefined && Math.abs(container - started) <= SAME_START_SECONDS;
}
