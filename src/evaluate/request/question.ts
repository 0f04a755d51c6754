/** The question of `explain`: one request, or all those of a kubectl command. */
import {UsageError} from '../../model/errors.ts';
import type {ExplainReport, Subject} from '../../model/explanation.ts';
import {kubectlRequests} from '../../model/kubectl-requests.ts';
import type {KubernetesVersion} from '../../model/kubernetes-version.ts';
import type {ServedResource} from '../../model/served-resources.ts';
import {type Asked, askByAttributes, askByUri} from './asked-request.ts';

/** A report without its answers. */
export type Question = Omit<ExplainReport, 'policies'>;

/** A question as it is typed: VERB RESOURCE, or a URI, or a kubectl command. */
export interface QuestionInput {
  readonly verb: string | undefined;
  readonly resource: string | undefined;
  readonly uri: string | undefined;
  readonly kubectl: string | undefined;
  readonly name: string | undefined;
  /** Undefined where none was asked for. */
  readonly namespace: string | undefined;
  readonly defaultNamespace: string;
  readonly allNamespaces: boolean;
  readonly subject: Subject;
}

/** @throws UsageError for no question, half of one, or more than one */
export function requireOneQuestion({verb, resource, uri, kubectl}: QuestionInput): void {
  const isGiven = (uri ?? kubectl) !== undefined;
  if (isGiven && verb !== undefined) {
    throw new UsageError('VERB RESOURCE, --uri and --kubectl each ask a question of their own', 'give one of them');
  }
  if (!isGiven && (verb === undefined || resource === undefined)) {
    throw new UsageError(
      'explain needs VERB and RESOURCE, or --uri, or --kubectl',
      'for example: kubectl audit explain get pods/exec',
    );
  }
}

/**
 * The requests that are asked about.
 * @throws UsageError for a request that cannot be, or a resource or command that is not known
 */
export function questionOf(
  input: QuestionInput,
  served: readonly ServedResource[],
  version: KubernetesVersion | undefined,
): Question {
  const {verb = '', resource = '', uri, kubectl, subject, defaultNamespace} = input;
  if (uri !== undefined) return single(askByUri(uri, {subject, served}, version));
  if (kubectl === undefined) {
    return single(askByAttributes({...input, verb, resource}, {subject, served, defaultNamespace}));
  }
  const {command, requests, remarks} = kubectlRequests(kubectl, {served, namespace: defaultNamespace});
  return {
    kubectl: {command, remarks},
    requests: requests.map(({verb: sent, target, role, when}) => ({
      asked: {subject, verb: sent, target},
      remarks: [],
      role,
      when,
    })),
  };
}

function single({request, remarks}: Asked): Question {
  return {kubectl: undefined, requests: [{asked: request, remarks, role: 'act', when: undefined}]};
}
