/**
 * The parts of a Pod that decide how its API server runs: a structural subset of core/v1, so that a Pod from the API, from
 * a manifest or from the kubelet is the same to every reader.
 */

export interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: unknown;
}

export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
  readonly subPath?: string;
  readonly subPathExpr?: string;
}

export interface KeyToPath {
  readonly key: string;
  readonly path: string;
}

/** One volume; at most one of the sources is set. Sources of no interest here are not named. */
export interface Volume {
  readonly name: string;
  readonly hostPath?: {readonly path: string; readonly type?: string};
  readonly configMap?: {readonly name?: string; readonly items?: readonly KeyToPath[]};
  readonly secret?: {readonly secretName?: string; readonly items?: readonly KeyToPath[]};
  readonly emptyDir?: unknown;
  readonly projected?: unknown;
  readonly persistentVolumeClaim?: unknown;
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvironmentVariable[];
  readonly volumeMounts?: readonly VolumeMount[];
  readonly workingDir?: string;
}

export interface PodSpec {
  readonly nodeName?: string;
  readonly containers: readonly Container[];
  readonly volumes?: readonly Volume[];
}

export interface ContainerStatus {
  readonly name: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: {
    readonly running?: {readonly startedAt?: string};
    readonly waiting?: {readonly reason?: string; readonly message?: string};
    readonly terminated?: {readonly reason?: string; readonly exitCode?: number};
  };
}

export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly {readonly kind: string; readonly name: string}[];
    readonly creationTimestamp?: string;
  };
  readonly spec: PodSpec;
  readonly status?: {
    readonly podIP?: string;
    readonly hostIP?: string;
    readonly phase?: string;
    readonly conditions?: readonly {readonly type: string; readonly status: string}[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}
