/** Everything that `collect` learnt, once, for the judgement that follows. Each part says where it came from. */
import type {Fact} from './fact.ts';
import type {Pod} from './pod.ts';
import type {AuditMetrics} from './prometheus.ts';

/** Where a server's flags were read. */
export type FlagsSource = 'mirror-pod' | 'manifest' | 'configmap';

/** A file as some reader found it. */
export interface FileFact {
  readonly text: string;
  /** The file as the user named it; undefined where the API server's own path is all there is. */
  readonly name?: string;
  /** How it was read: `file`, `node`, `node-job`, `kubelet-log-endpoint`, `configmap`, `secret`. */
  readonly from: string;
  /** Seconds since 1970; undefined where the reader cannot know. */
  readonly modified: number | undefined;
  /** Hexadecimal SHA-256 of the text. */
  readonly sha256: string;
}

/** What a running process says of itself. */
export interface ProcessFacts {
  readonly metrics: AuditMetrics;
  /** `v1.34.4`, from kubernetes_build_info. */
  readonly version: string | undefined;
  /** How the process was reached. */
  readonly via: 'endpoint' | 'load-balancer';
}

/** One API server. */
export interface ServerFacts {
  readonly flagsFrom: FlagsSource;
  /** The node as the pod names it; undefined for a manifest file. */
  readonly node: string | undefined;
  /** The file the manifest came from; undefined for a pod. */
  readonly file: string | undefined;
  /** The Pod; for OpenShift with the flags of the ConfigMap in place of the start script. */
  readonly pod: Pod;
  /** The config hash of the static pod that the kubelet of this node runs. */
  readonly kubeletHash: Fact<string>;
  /** The process behind this pod; `unknown` where it could not be asked. */
  readonly process: Fact<ProcessFacts>;
  /** `/flagz` of this server, by flag name. */
  readonly flagz: Fact<ReadonlyMap<string, string>>;
  readonly policy: Fact<FileFact>;
  readonly webhookConfig: Fact<FileFact>;
  /** Why the webhook's server cannot be reached from this node; empty when it can. */
  readonly webhookUnreachable: Fact<string>;
  /** Files of the static pod directory that would run the same API server as well. */
  readonly strayManifests: Fact<readonly string[]>;
}

/** A Node, as far as it matters here. */
export interface NodeFacts {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly addresses: readonly string[];
  readonly providerID: string;
  readonly osImage: string;
  readonly ready: boolean;
}

/** What tells platforms apart, from whatever the user may read. */
export interface PlatformFacts {
  readonly serverHost: string | undefined;
  readonly context: string | undefined;
  readonly gitVersion: string | undefined;
  readonly apiGroups: Fact<readonly string[]>;
  /** Resources of config.openshift.io/v1. */
  readonly openshiftKinds: Fact<readonly string[]>;
  readonly namespaces: Fact<readonly string[]>;
  readonly nodes: Fact<readonly NodeFacts[]>;
  /** `namespace/name` of the ConfigMaps asked for that exist. */
  readonly configMaps: readonly string[];
  /** Whether a mirror pod of an API server of this very cluster is visible. */
  readonly ownMirrorPod: boolean;
}

/** A kube-apiserver pod that serves another cluster. */
export interface ForeignServer {
  readonly namespace: string;
  readonly name: string;
  readonly reason: string;
}

export interface ClusterFacts {
  readonly servers: readonly ServerFacts[];
  readonly foreign: readonly ForeignServer[];
  /** The pods of the cluster could be listed; if not, absent servers prove nothing. */
  readonly pods: Fact<number>;
  readonly nodes: Fact<readonly NodeFacts[]>;
  /** Host names in the identity leases of the API servers. */
  readonly identities: Fact<readonly string[]>;
  /** Addresses of default/kubernetes. */
  readonly endpoints: Fact<readonly string[]>;
  readonly kubeadmConfig: Fact<string>;
  readonly platform: PlatformFacts;
  /** The version that the API answered with; undefined offline. */
  readonly version: string | undefined;
  /** Offline facts carry no claim about a cluster. */
  readonly offline: boolean;
}
