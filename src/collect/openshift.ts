/**
 * OpenShift's API server pod runs a start script; its flags and its policy lie in ConfigMaps of its namespace.
 * @see https://github.com/openshift/cluster-kube-apiserver-operator/blob/release-4.18/bindata/assets/config/defaultconfig.yaml
 */
import {parse} from 'yaml';
import {type Fact, seen} from '../model/fact.ts';
import type {FileFact} from '../model/facts.ts';
import type {Pod} from '../model/pod.ts';
import type {ApiClient} from './client.ts';
import {fileFact} from './server-files.ts';

interface ConfigMap {
  readonly data?: Readonly<Record<string, string>>;
}

const NAMESPACE = 'openshift-kube-apiserver';

/** The pod with the ConfigMap's flags as its arguments, and the policy that the flags name. */
export async function openshiftServer(
  client: ApiClient,
  pod: Pod,
): Promise<{pod: Pod; policy: Fact<FileFact> | undefined}> {
  const right = `get configmaps -n ${NAMESPACE}`;
  const [config, policies] = await Promise.all([
    client.json<ConfigMap>(`/api/v1/namespaces/${NAMESPACE}/configmaps/config`, right),
    client.json<ConfigMap>(`/api/v1/namespaces/${NAMESPACE}/configmaps/kube-apiserver-audit-policies`, right),
  ]);
  const text = policies.state === 'seen' ? policies.value.data?.['policy.yaml'] : undefined;
  const policy =
    text === undefined
      ? policies.state === 'unknown'
        ? policies
        : undefined
      : seen(fileFact(text, 'configmap', undefined), policies.state === 'seen' ? policies.source : '');
  const argv = config.state === 'seen' ? argumentsOf(config.value.data?.['config.yaml'] ?? '') : undefined;
  return {pod: argv === undefined ? pod : withArguments(pod, argv), policy};
}

function argumentsOf(text: string): string[] | undefined {
  const config: unknown = parse(text);
  if (typeof config !== 'object' || config === null || !('apiServerArguments' in config)) return undefined;
  const given = config.apiServerArguments;
  if (typeof given !== 'object' || given === null) return undefined;
  return Object.entries(given).flatMap(([name, values]) =>
    Array.isArray(values) ? values.map((value) => `--${name}=${String(value)}`) : [],
  );
}

function withArguments(pod: Pod, argv: readonly string[]): Pod {
  const containers = pod.spec.containers.map((container) =>
    container.name === 'kube-apiserver' ? {...container, command: ['kube-apiserver'], args: argv} : container,
  );
  return {...pod, spec: {...pod.spec, containers}};
}
