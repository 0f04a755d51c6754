/** What a Pod says of the API server's container in it. */
import {findServerCommand} from './command-line.ts';
import type {ContainerStatus, Pod} from './pod.ts';

/** The status of the container that runs the API server. */
export function serverStatus(pod: Pod): ContainerStatus | undefined {
  const command = findServerCommand(pod);
  const name = command.kind === 'none' ? 'kube-apiserver' : command.container.name;
  return pod.status?.containerStatuses?.find((status) => status.name === name);
}

/** When that container started, in seconds since 1970; undefined when it does not run. */
export function containerStart(pod: Pod): number | undefined {
  const text = serverStatus(pod)?.state?.running?.startedAt;
  return text === undefined ? undefined : Date.parse(text) / 1000;
}

/** Whether the pod's condition Ready is true. */
export function claimsReady(pod: Pod): boolean {
  return (
    pod.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true
  );
}
