/** Platforms and what gives them away, as data: adding one is an entry here and a fixture world. */
import type {Control} from '../../model/report.ts';

/** `strong` alone identifies a platform; two `medium` of different kinds do; `weak` only supports. */
export type Strength = 'strong' | 'medium' | 'weak';

export type Signal = {readonly strength: Strength} & (
  | {readonly kind: 'nodeLabel' | 'nodeAnnotation'; readonly key: string; readonly pattern?: RegExp}
  | {
      readonly kind:
        'providerID' | 'osImage' | 'nodeName' | 'gitVersion' | 'serverHost' | 'context' | 'apiGroup' | 'namespace';
      readonly pattern: RegExp;
    }
  | {readonly kind: 'openshiftKind'; readonly name: string}
  | {readonly kind: 'configMap'; readonly name: string}
);

export interface PlatformEntry {
  readonly id: string;
  readonly name: string;
  readonly control: Control;
  readonly owner: string;
  readonly signals: readonly Signal[];
  /** The provider runs the API server where nobody sees it: one that is visible proves that this is not the platform. */
  readonly hidesServer: boolean;
  /** Node labels that prove another platform. */
  readonly vetoLabels?: readonly (readonly [string, string])[];
  readonly enable: string;
  readonly read: string;
}

/** Tried in this order; the first with enough evidence is the platform. */
export const PLATFORMS: readonly PlatformEntry[] = [
  {
    id: 'openshift',
    name: 'OpenShift',
    control: 'profile',
    owner: 'the cluster-kube-apiserver-operator',
    hidesServer: false,
    signals: [
      {kind: 'openshiftKind', name: 'ClusterVersion', strength: 'strong'},
      {kind: 'nodeLabel', key: 'node.openshift.io/os_id', strength: 'strong'},
      {kind: 'nodeAnnotation', key: 'machineconfiguration.openshift.io/currentConfig', strength: 'strong'},
      {kind: 'namespace', pattern: /^openshift-kube-apiserver$/, strength: 'medium'},
      {kind: 'osImage', pattern: /^(Red Hat Enterprise Linux|Fedora|CentOS Stream) CoreOS/, strength: 'medium'},
      {kind: 'gitVersion', pattern: /^v\d+\.\d+\.\d+\+[0-9a-f]{7,}$/, strength: 'medium'},
    ],
    enable: `oc patch apiserver cluster --type=merge -p '{"spec":{"audit":{"profile":"WriteRequestBodies"}}}'`,
    read: 'oc adm node-logs --role=master --path=kube-apiserver/audit.log',
  },
  {
    id: 'tkg',
    name: 'Tanzu Kubernetes Grid',
    control: 'upstream',
    owner: 'the management cluster, which replaces nodes and with them manifests edited by hand',
    hidesServer: false,
    signals: [
      {kind: 'configMap', name: 'tkg-system-public/tkg-metadata', strength: 'strong'},
      {kind: 'apiGroup', pattern: /^core\.tanzu\.vmware\.com$/, strength: 'strong'},
      {kind: 'nodeLabel', key: 'run.tanzu.vmware.com/tkr', strength: 'strong'},
      {kind: 'apiGroup', pattern: /^run\.tanzu\.vmware\.com$/, strength: 'medium'},
      {kind: 'gitVersion', pattern: /\+vmware\.\d+/, strength: 'medium'},
      {kind: 'namespace', pattern: /^(tkg-system|tkg-system-public)$/, strength: 'medium'},
    ],
    enable:
      'in the management cluster, set the variable auditLogging to {enabled: true} in spec.topology.variables of the Cluster (before deployment: ENABLE_AUDIT_LOGGING: "true")',
    read: '/var/log/kubernetes/audit.log on each control-plane machine',
  },
  {
    id: 'aks',
    name: 'Azure Kubernetes Service',
    control: 'toggle',
    owner: 'Microsoft',
    hidesServer: true,
    vetoLabels: [['kubernetes.azure.com/role', 'master']],
    signals: [
      {kind: 'nodeLabel', key: 'kubernetes.azure.com/node-image-version', pattern: /^AKS/, strength: 'strong'},
      {
        kind: 'nodeLabel',
        key: 'kubernetes.azure.com/nodepool-type',
        pattern: /^(VirtualMachineScaleSets|AvailabilitySet|VirtualMachines)$/,
        strength: 'strong',
      },
      {kind: 'serverHost', pattern: /\.azmk8s\.io$/, strength: 'strong'},
      {kind: 'gitVersion', pattern: /-akslts$/, strength: 'strong'},
      {kind: 'nodeLabel', key: 'kubernetes.azure.com/mode', pattern: /^(system|user)$/, strength: 'medium'},
      {kind: 'nodeLabel', key: 'kubernetes.azure.com/agentpool', strength: 'medium'},
      {kind: 'nodeLabel', key: 'kubernetes.azure.com/cluster', pattern: /./, strength: 'medium'},
      {kind: 'providerID', pattern: /^azure:\/\/\/.*\/virtualMachineScaleSets\/aks-/, strength: 'medium'},
      {kind: 'nodeName', pattern: /^aks-/, strength: 'weak'},
    ],
    enable: `az monitor diagnostic-settings create --name kube-audit --resource CLUSTER_RESOURCE_ID --logs '[{"category":"kube-audit-admin","enabled":true}]' --workspace WORKSPACE_ID --export-to-resource-specific true`,
    read: 'Log Analytics tables AKSAuditAdmin and AKSAudit',
  },
  {
    id: 'gke',
    name: 'Google Kubernetes Engine',
    control: 'toggle',
    owner: 'Google',
    hidesServer: true,
    signals: [
      {kind: 'nodeLabel', key: 'cloud.google.com/gke-nodepool', strength: 'strong'},
      {
        kind: 'nodeLabel',
        key: 'cloud.google.com/gke-provisioning',
        pattern: /^(standard|spot|autopilot)$/,
        strength: 'strong',
      },
      {kind: 'nodeAnnotation', key: 'container.googleapis.com/instance_id', strength: 'strong'},
      {kind: 'nodeAnnotation', key: 'node.gke.io/last-applied-node-labels', strength: 'strong'},
      {kind: 'gitVersion', pattern: /-gke\.\d+/, strength: 'medium'},
      {kind: 'apiGroup', pattern: /^networking\.gke\.io$/, strength: 'medium'},
      {kind: 'namespace', pattern: /^(gke-managed-.*|gke-gmp-system|gmp-system|gmp-public)$/, strength: 'medium'},
      {kind: 'providerID', pattern: /^gce:\/\/[^/]+\/[^/]+\/gke-/, strength: 'medium'},
      {kind: 'osImage', pattern: /^Container-Optimized OS from Google$/, strength: 'weak'},
      {kind: 'context', pattern: /^gke_/, strength: 'weak'},
    ],
    enable:
      'Admin Activity is always on; for reads enable Data Access logs (DATA_READ, DATA_WRITE) of the Kubernetes Engine API in the IAM audit configuration of the project',
    read: `gcloud logging read 'protoPayload.serviceName="k8s.io"' --project PROJECT`,
  },
];
