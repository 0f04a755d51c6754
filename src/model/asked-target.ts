/** Makes what a request is for from what people say of it: verb, resource, namespace, name. */
import type {AskedTarget} from './explanation.ts';
import type {ResourceName} from './resource-names.ts';
import type {ServedResource} from './served-resources.ts';

/** What the user should know of how the question was understood. */
export type Remark =
  /** Requests of this verb carry no name in their path, so the policy never sees one. */
  | {readonly code: 'name-without-effect'; readonly verb: string}
  /** A list or watch has a name only by the field selector metadata.name. */
  | {readonly code: 'name-as-field-selector'; readonly verb: string}
  | {readonly code: 'namespace-without-effect'; readonly resource: string}
  | {readonly code: 'scope-unknown'; readonly resource: string}
  /** A kubectl command was given without a resource. */
  | {readonly code: 'example-resource'; readonly command: string; readonly resource: string}
  /** `kubectl delete --all` and `-l` delete one object after the other. */
  | {readonly code: 'no-deletecollection'}
  /** A server-side apply is a patch also where the object does not exist yet. */
  | {readonly code: 'created-by-patch'};

/** What is said of the target; what is left out is open. */
export interface TargetQuestion {
  readonly verb: string;
  readonly name: ResourceName;
  /** Undefined where the resource is not known. */
  readonly served: ServedResource | undefined;
  /** The namespace that was asked for; undefined: none. */
  readonly namespace: string | undefined;
  /** The namespace of requests for which none was asked. */
  readonly defaultNamespace: string;
  readonly allNamespaces: boolean;
  readonly objectName: string | undefined;
}

const NAMELESS_VERBS: readonly string[] = ['create', 'deletecollection'];
const LIST_VERBS: readonly string[] = ['list', 'watch'];

/** Groups that only other API servers serve, where nothing but the name is known. */
const USUALLY_AGGREGATED: readonly string[] = [
  'metrics.k8s.io',
  'custom.metrics.k8s.io',
  'external.metrics.k8s.io',
  'projectcalico.org',
];

/** The target of the request, with what the user should know of it. */
export function askedTarget(question: TargetQuestion): {
  readonly target: Extract<AskedTarget, {kind: 'resource'}>;
  readonly remarks: readonly Remark[];
} {
  const name = nameOf(question);
  const namespace = namespaceOf(question, name.value);
  const {group, resource, subresource} = question.name;
  return {
    target: {
      kind: 'resource',
      group,
      resource,
      subresource,
      namespace: namespace.value,
      name: name.value,
      namespaced: question.served?.namespaced,
      aggregated: isAggregated(group, question.served),
    },
    remarks: [...name.remarks, ...namespace.remarks],
  };
}

/** Whether another API server answers for `group`; `served` is what the cluster told of the resource, if anything. */
export function isAggregated(group: string, served: ServedResource | undefined): boolean | 'likely' {
  return served?.aggregated ?? (USUALLY_AGGREGATED.includes(group) ? 'likely' : false);
}

interface Answered {
  readonly value: string | undefined;
  readonly remarks: readonly Remark[];
}

/**
 * Requests to a collection have no name; what the body says comes too late for the policy.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/endpoints/request/requestinfo.go#L131
 */
function nameOf({verb, name, objectName}: TargetQuestion): Answered {
  if (name.subresource !== '') return {value: objectName, remarks: []};
  if (NAMELESS_VERBS.includes(verb)) {
    return {value: '', remarks: objectName === undefined ? [] : [{code: 'name-without-effect', verb}]};
  }
  if (!LIST_VERBS.includes(verb)) return {value: objectName, remarks: []};
  if (objectName === undefined) return {value: '', remarks: []};
  return {value: objectName, remarks: [{code: 'name-as-field-selector', verb}]};
}

function namespaceOf(question: TargetQuestion, objectName: string | undefined): Answered {
  const {verb, name, served, namespace, allNamespaces, defaultNamespace} = question;
  if (name.group === '' && name.resource === 'namespaces') {
    // /api/v1/namespaces/x is a request in the namespace x.
    const isCollection = name.subresource === '' && [...NAMELESS_VERBS, ...LIST_VERBS].includes(verb);
    return {value: isCollection ? '' : objectName, remarks: []};
  }
  if (allNamespaces) return {value: '', remarks: []};
  if (served?.namespaced === false) {
    const remark: Remark = {code: 'namespace-without-effect', resource: served.resource};
    return {value: '', remarks: namespace === undefined || namespace === '' ? [] : [remark]};
  }
  if (namespace !== undefined) return {value: namespace, remarks: []};
  if (served === undefined) return {value: undefined, remarks: [{code: 'scope-unknown', resource: name.resource}]};
  return {value: defaultNamespace, remarks: []};
}
