/**
 * The resources that Kubernetes itself serves: what a lint can know without a cluster.
 */
import type {ServedResource} from '../../model/served-resources.ts';

/** A resource of Kubernetes' own. */
export interface KubernetesResource extends ServedResource {
  /** The last minor release of Kubernetes 1 that serves it; undefined where the newest still does. */
  readonly until: number | undefined;
}

/**
 * One line for a resource: its plural, kind, scope and verbs (`all`: the eight usual ones), short names, and its
 * subresources with their verbs (none given: get, update and patch). `until` is the last minor release that serves it.
 * @see https://github.com/kubernetes/kubernetes/tree/v1.37.2/api/discovery (with those of v1.34.4)
 * @see https://kubernetes.io/docs/reference/using-api/deprecation-guide/ (what is gone)
 */
const TABLE = `
group core
  bindings Binding namespaced create
  componentstatuses ComponentStatus cluster get,list short=cs
  configmaps ConfigMap namespaced all short=cm
  endpoints Endpoints namespaced all short=ep
  events Event namespaced all short=ev
  limitranges LimitRange namespaced all short=limits
  namespaces Namespace cluster get,list,watch,create,update,patch,delete short=ns /finalize:update /status
  nodes Node cluster all short=no /proxy:get,create,update,patch,delete /status
  persistentvolumeclaims PersistentVolumeClaim namespaced all short=pvc /status
  persistentvolumes PersistentVolume cluster all short=pv /status
  pods Pod namespaced all short=po /attach:get,create /binding:create /ephemeralcontainers /eviction:create /exec:get,create /log:get /portforward:get,create /proxy:get,create,update,patch,delete /resize /status
  podtemplates PodTemplate namespaced all
  replicationcontrollers ReplicationController namespaced all short=rc /scale /status
  resourcequotas ResourceQuota namespaced all short=quota /status
  secrets Secret namespaced all
  serviceaccounts ServiceAccount namespaced all short=sa /token:create
  services Service namespaced all short=svc /proxy:get,create,update,patch,delete /status
group admissionregistration.k8s.io
  mutatingadmissionpolicies MutatingAdmissionPolicy cluster all
  mutatingadmissionpolicybindings MutatingAdmissionPolicyBinding cluster all
  mutatingwebhookconfigurations MutatingWebhookConfiguration cluster all
  validatingadmissionpolicies ValidatingAdmissionPolicy cluster all /status
  validatingadmissionpolicybindings ValidatingAdmissionPolicyBinding cluster all
  validatingwebhookconfigurations ValidatingWebhookConfiguration cluster all
group apiextensions.k8s.io
  customresourcedefinitions CustomResourceDefinition cluster all short=crd,crds /status
group apiregistration.k8s.io
  apiservices APIService cluster all /status
group apps
  controllerrevisions ControllerRevision namespaced all
  daemonsets DaemonSet namespaced all short=ds /status
  deployments Deployment namespaced all short=deploy /scale /status
  replicasets ReplicaSet namespaced all short=rs /scale /status
  statefulsets StatefulSet namespaced all short=sts /scale /status
group authentication.k8s.io
  selfsubjectreviews SelfSubjectReview cluster create
  tokenreviews TokenReview cluster create
group authorization.k8s.io
  localsubjectaccessreviews LocalSubjectAccessReview namespaced create
  selfsubjectaccessreviews SelfSubjectAccessReview cluster create
  selfsubjectrulesreviews SelfSubjectRulesReview cluster create
  subjectaccessreviews SubjectAccessReview cluster create
group autoscaling
  horizontalpodautoscalers HorizontalPodAutoscaler namespaced all short=hpa /status
group batch
  cronjobs CronJob namespaced all short=cj /status
  jobs Job namespaced all /status
group certificates.k8s.io
  certificatesigningrequests CertificateSigningRequest cluster all short=csr /approval /status
  clustertrustbundles ClusterTrustBundle cluster all
  podcertificaterequests PodCertificateRequest namespaced all /status
group coordination.k8s.io
  leasecandidates LeaseCandidate namespaced all
  leases Lease namespaced all
group discovery.k8s.io
  endpointslices EndpointSlice namespaced all
group events.k8s.io
  events Event namespaced all short=ev
group flowcontrol.apiserver.k8s.io
  flowschemas FlowSchema cluster all /status
  prioritylevelconfigurations PriorityLevelConfiguration cluster all /status
group internal.apiserver.k8s.io
  storageversions StorageVersion cluster all /status
group lifecycle.k8s.io
  evictionrequests EvictionRequest namespaced all /status
  evictions Eviction namespaced all /status
group networking.k8s.io
  ingressclasses IngressClass cluster all
  ingresses Ingress namespaced all short=ing /status
  ipaddresses IPAddress cluster all short=ip
  networkpolicies NetworkPolicy namespaced all short=netpol
  servicecidrs ServiceCIDR cluster all /status
  clustercidrs ClusterCIDR cluster all short=cc until=28
group node.k8s.io
  runtimeclasses RuntimeClass cluster all
group policy
  poddisruptionbudgets PodDisruptionBudget namespaced all short=pdb /status
  podsecuritypolicies PodSecurityPolicy cluster all short=psp until=24
group rbac.authorization.k8s.io
  clusterrolebindings ClusterRoleBinding cluster all
  clusterroles ClusterRole cluster all
  rolebindings RoleBinding namespaced all
  roles Role namespaced all
group resource.k8s.io
  deviceclasses DeviceClass cluster all
  devicetaintrules DeviceTaintRule cluster all /status
  resourceclaims ResourceClaim namespaced all /status
  resourceclaimtemplates ResourceClaimTemplate namespaced all
  resourcepoolstatusrequests ResourcePoolStatusRequest cluster all /status
  resourceslices ResourceSlice cluster all
  podschedulingcontexts PodSchedulingContext namespaced all /status until=31
  resourceclaimparameters ResourceClaimParameters namespaced all until=30
  resourceclasses ResourceClass cluster all until=30
  resourceclassparameters ResourceClassParameters namespaced all until=30
group scheduling.k8s.io
  compositepodgroups CompositePodGroup namespaced all /status
  podgroups PodGroup namespaced all /status
  priorityclasses PriorityClass cluster all short=pc
  workloads Workload namespaced all
group storage.k8s.io
  csidrivers CSIDriver cluster all
  csinodes CSINode cluster all /status
  csistoragecapacities CSIStorageCapacity namespaced all
  storageclasses StorageClass cluster all short=sc
  volumeattachments VolumeAttachment cluster all /status
  volumeattributesclasses VolumeAttributesClass cluster all short=vac
group storagemigration.k8s.io
  storageversionmigrations StorageVersionMigration cluster all /status
group auditregistration.k8s.io
  auditsinks AuditSink cluster all until=18
group extensions
  daemonsets DaemonSet namespaced all short=ds /status until=15
  deployments Deployment namespaced all short=deploy /rollback:create /scale /status until=15
  ingresses Ingress namespaced all short=ing /status until=21
  networkpolicies NetworkPolicy namespaced all short=netpol until=15
  podsecuritypolicies PodSecurityPolicy cluster all short=psp until=15
  replicasets ReplicaSet namespaced all short=rs /scale /status until=15
group settings.k8s.io
  podpresets PodPreset namespaced all until=19
`;

const ALL_VERBS: readonly string[] = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
];
const SUBRESOURCE_VERBS: readonly string[] = ['get', 'update', 'patch'];

let resources: readonly KubernetesResource[] | undefined;

/** All of them, those included that only older releases serve. The table is read at the first call. */
export function kubernetesResources(): readonly KubernetesResource[] {
  resources ??= readTable(TABLE);
  return resources;
}

function readTable(table: string): KubernetesResource[] {
  let group = '';
  return table.split('\n').flatMap((line) => {
    const header = /^group (.+)$/.exec(line)?.[1];
    if (header === undefined) return line === '' ? [] : readLine(group, line);
    group = header === 'core' ? '' : header;
    return [];
  });
}

function readLine(group: string, line: string): KubernetesResource[] {
  const [resource = '', kind = '', scope = '', verbs = '', ...rest] = line.trim().split(' ');
  const option = (name: string): string | undefined =>
    rest.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
  const until = option('until');
  const whole: KubernetesResource = {
    group,
    versions: [],
    resource,
    subresource: '',
    kind,
    singular: kind.toLowerCase(),
    shortNames: option('short')?.split(',') ?? [],
    namespaced: scope === 'namespaced',
    verbs: verbs === 'all' ? ALL_VERBS : verbs.split(','),
    aggregated: false,
    until: until === undefined ? undefined : Number(until),
  };
  const subresources = rest.filter((word) => word.startsWith('/'));
  return [whole, ...subresources.map((word) => subresourceOf(whole, word))];
}

function subresourceOf(whole: KubernetesResource, word: string): KubernetesResource {
  const [subresource = '', verbs] = word.slice(1).split(':');
  return {...whole, subresource, kind: '', singular: '', shortNames: [], verbs: verbs?.split(',') ?? SUBRESOURCE_VERBS};
}
