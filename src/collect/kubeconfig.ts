/**
 * Finds and loads the kubeconfig with kubectl's own rules and overrides.
 * @see https://github.com/kubernetes/client-go/blob/v0.34.4/tools/clientcmd/loader.go
 */
import {existsSync} from 'node:fs';
import {homedir} from 'node:os';
import {delimiter, join} from 'node:path';
// The package's index loads every generated API class (half a second); this module is all that is needed of it.
import {KubeConfig} from '@kubernetes/client-node/dist/config.js';
import {CannotFindOut, UsageError} from '../model/errors.ts';

/** kubectl's connection flags, already read from the command line. */
export interface ConnectionOptions {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly cluster?: string | undefined;
  readonly user?: string | undefined;
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  readonly certificateAuthority?: string | undefined;
  readonly tlsServerName?: string | undefined;
  readonly insecureSkipTlsVerify: boolean;
  readonly as?: string | undefined;
  readonly asGroups: readonly string[];
  /** Milliseconds for each request; 0 means no limit of ours. */
  readonly requestTimeout: number;
  /** Told of each request: method, URL, status and milliseconds; never headers or bodies. */
  readonly trace: ((line: string) => unknown) | undefined;
}

const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/**
 * Loads the kubeconfig and applies the overrides; `contextName` is the context's name before that.
 * @throws UsageError for a named file, context, cluster or user that does not exist
 * @throws CannotFindOut when there is no kubeconfig at all or one that cannot be read
 */
export function loadKubeConfig(options: ConnectionOptions): {
  readonly config: KubeConfig;
  readonly contextName: string;
} {
  const config = readKubeConfig(options);
  if (options.context !== undefined) chooseContext(config, options.context);
  const contextName = config.getCurrentContext();
  applyOverrides(config, options);
  if (config.getCurrentCluster() === null) {
    throw new CannotFindOut(
      `the kubeconfig's current context ${quoted(contextName)} names no cluster`,
      'choose one with --context; `kubectl config get-contexts` lists them',
    );
  }
  return {config, contextName};
}

function readKubeConfig(options: ConnectionOptions): KubeConfig {
  const config = new KubeConfig();
  const files = kubeconfigFiles(options);
  if (files.length === 0) {
    if (existsSync(SERVICE_ACCOUNT_TOKEN)) {
      config.loadFromCluster();
      return config;
    }
    if (options.server !== undefined) {
      config.loadFromClusterAndUser({name: 'flags', server: options.server, skipTLSVerify: false}, {name: 'flags'});
      return config;
    }
    throw new CannotFindOut(
      'found no kubeconfig: looked at --kubeconfig, $KUBECONFIG, ~/.kube/config and the pod service account',
      'pass --kubeconfig FILE, or judge files without a cluster: --help tells by which flags',
    );
  }
  files.forEach((file, index) => {
    const target = index === 0 ? config : new KubeConfig();
    loadFile(target, file);
    if (target !== config) config.mergeConfig(target, true);
  });
  return config;
}

function kubeconfigFiles(options: ConnectionOptions): string[] {
  if (options.kubeconfig !== undefined) {
    if (!existsSync(options.kubeconfig)) {
      throw new UsageError(
        `--kubeconfig ${options.kubeconfig}: no such file`,
        'give the path of an existing kubeconfig',
      );
    }
    return [options.kubeconfig];
  }
  const fromEnvironment = process.env['KUBECONFIG'] ?? '';
  if (fromEnvironment !== '') {
    // As kubectl does: files of the list that do not exist are passed over, but not if that leaves nothing.
    const named = fromEnvironment.split(delimiter).filter((file) => file !== '');
    const existing = named.filter((file) => existsSync(file));
    if (existing.length === 0) {
      throw new CannotFindOut(
        `$KUBECONFIG names no file that exists: ${named.join(', ')}`,
        'correct $KUBECONFIG or pass --kubeconfig FILE',
      );
    }
    return existing;
  }
  const home = join(homedir(), '.kube', 'config');
  return existsSync(home) ? [home] : [];
}

function loadFile(config: KubeConfig, file: string): void {
  try {
    config.loadFromFile(file);
  } catch (error) {
    throw new CannotFindOut(
      `read kubeconfig ${file}: ${firstLine(error)}`,
      'correct the file or pass another with --kubeconfig',
    );
  }
}

function chooseContext(config: KubeConfig, context: string): void {
  const known = config.getContexts().map((entry) => entry.name);
  if (!known.includes(context)) {
    throw new UsageError(
      `--context ${quoted(context)} is not in the kubeconfig`,
      `it has: ${known.join(', ') || 'none'}`,
    );
  }
  config.setCurrentContext(context);
}

type Mutable<T> = {-readonly [Key in keyof T]: T[Key]};

/** Replaces the current context by one that carries the overrides, as kubectl's `--server`, `--token` … do. */
function applyOverrides(config: KubeConfig, options: ConnectionOptions): void {
  const context = config.getContextObject(config.getCurrentContext());
  const clusterName = options.cluster ?? context?.cluster ?? config.clusters[0]?.name ?? '';
  const userName = options.user ?? context?.user ?? config.users[0]?.name ?? '';
  const cluster = config.clusters.find((entry) => entry.name === clusterName);
  const user = config.users.find((entry) => entry.name === userName);
  if (options.cluster !== undefined && cluster === undefined) {
    throw new UsageError(`--cluster ${quoted(options.cluster)} is not in the kubeconfig`, 'see `kubectl config view`');
  }
  if (options.user !== undefined && user === undefined) {
    throw new UsageError(`--user ${quoted(options.user)} is not in the kubeconfig`, 'see `kubectl config view`');
  }
  if (cluster === undefined) return;
  const newCluster: Mutable<typeof cluster> = {...cluster, name: 'kubectl-audit'};
  if (options.server !== undefined) newCluster.server = options.server;
  if (options.certificateAuthority !== undefined) {
    if (!existsSync(options.certificateAuthority)) {
      throw new UsageError(
        `--certificate-authority ${options.certificateAuthority}: no such file`,
        'give the path of a PEM file',
      );
    }
    newCluster.caFile = options.certificateAuthority;
    delete newCluster.caData;
  }
  if (options.tlsServerName !== undefined) newCluster.tlsServerName = options.tlsServerName;
  if (options.insecureSkipTlsVerify) {
    newCluster.skipTLSVerify = true;
    delete newCluster.caFile;
    delete newCluster.caData;
  }
  const newUser: Mutable<NonNullable<typeof user>> = {...(user ?? {name: 'none'}), name: 'kubectl-audit'};
  if (options.token !== undefined) {
    newUser.token = options.token;
    delete newUser.exec;
    delete newUser.authProvider;
  }
  if (options.as !== undefined) newUser.impersonateUser = options.as;
  config.loadFromClusterAndUser(newCluster, newUser);
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

/** The first line of an error, short enough for one line, without anything that follows it. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '').slice(0, 300);
}
