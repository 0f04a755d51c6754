/** Collects the requests of one kubectl command: what the commands of `kubectl-requests.ts` are written in. */
import {type Remark, askedTarget} from './asked-target.ts';
import {UsageError} from './errors.ts';
import type {AskedTarget} from './explanation.ts';
import type {KubectlLine} from './kubectl-line.ts';
import {type ResolvedResource, resolveResource} from './resource-names.ts';
import type {ServedResource} from './served-resources.ts';

/** When a request is sent, where it is not always. */
export type KubectlCondition =
  /** exec, attach and cp from kubectl 1.30 on. */
  | 'websocket'
  /** port-forward from kubectl 1.31 on. */
  | 'websocket-forward'
  /** Older ones, and newer ones where the upgrade to WebSocket is refused. */
  | 'spdy'
  | 'object-absent'
  | 'object-present'
  | 'for-each-object'
  | 'for-each-pod'
  | 'daemon-set-pods'
  | 'no-metrics'
  | 'waiting'
  | 'attach-failed'
  | 'at-the-end';

/** One request of a kubectl command. */
export interface KubectlRequest {
  readonly verb: string;
  readonly target: AskedTarget;
  /** `act`: what the command is for; `read`: what kubectl looks up before and after. */
  readonly role: 'act' | 'read';
  readonly when: KubectlCondition | undefined;
}

/** What is known besides the command line. */
export interface KubectlContext {
  readonly served: readonly ServedResource[];
  /** Where the command line names none. */
  readonly namespace: string;
}

/** A thing that the command line names: `deploy/web`. */
export interface NamedObject {
  readonly resource: Extract<ResolvedResource, {kind: 'resolved'}>;
  /** Undefined where any will do. */
  readonly name: string | undefined;
}

/** What remains of `label pod web a=b c-` and `taint node n1 a:NoSchedule` is no name. */
const CHANGE = /=|-$|:(?:NoSchedule|PreferNoSchedule|NoExecute)$/;

interface SendOptions {
  readonly role?: 'act' | 'read';
  readonly when?: KubectlCondition;
  readonly subresource?: string;
  readonly allNamespaces?: boolean;
  /** In whatever namespace the object is found. */
  readonly anyNamespace?: boolean;
}

/** Collects the requests of one command. */
export class KubectlSender {
  readonly requests: KubectlRequest[] = [];
  readonly remarks: Remark[] = [];
  readonly command: string;
  /** What follows the command's own words. */
  readonly words: readonly string[];
  readonly #line: KubectlLine;
  readonly #context: KubectlContext;
  #namespace: string | undefined;

  constructor(command: string, line: KubectlLine, context: KubectlContext) {
    this.command = command;
    this.words = line.words.slice(command.split(' ').length);
    this.#line = line;
    this.#context = context;
    this.#namespace = this.value('namespace');
  }

  /** Where the command line names a namespace other than by -n. */
  useNamespace(namespace: string): void {
    this.#namespace = namespace;
  }

  /** Whether one of the flags is given and not `=false`. */
  has(...names: readonly string[]): boolean {
    return names.some((name) => this.#line.flags.has(name) && this.#line.flags.get(name) !== 'false');
  }

  value(name: string): string | undefined {
    const value = this.#line.flags.get(name);
    return value === true ? '' : value;
  }

  resolve(text: string): NamedObject['resource'] {
    const resolved = resolveResource(text, this.#context.served);
    if (resolved.kind === 'refused')
      throw new UsageError(`kubectl ${this.command}: ${resolved.message}`, resolved.next);
    return resolved;
  }

  /** A resource of Kubernetes' own, or of metrics.k8s.io. */
  one(resource: string, name?: string): NamedObject {
    return {resource: this.resolve(resource), name};
  }

  /**
   * The objects that the words name: `TYPE NAME…`, `TYPE,TYPE`, `TYPE/NAME…`. Without any, one of `example` stands for what
   * the command could be about, and the user is told so.
   */
  objects(example: string): NamedObject[] {
    const words = this.words.filter((word) => !CHANGE.test(word));
    const [first = '', ...names] = words;
    if (first === '') {
      this.remark({code: 'example-resource', command: this.command, resource: example});
      return [this.one(example)];
    }
    if (first.includes('/')) return words.map((word) => this.typeAndName(word));
    const types = first.split(',').map((type) => this.resolve(type));
    const all: readonly (string | undefined)[] = names.length === 0 ? [undefined] : names;
    return types.flatMap((resource) => all.map((name) => ({resource, name})));
  }

  typeAndName(word: string): NamedObject {
    const slash = word.indexOf('/');
    return this.one(word.slice(0, slash), word.slice(slash + 1) || undefined);
  }

  send(verb: string, {resource, name}: NamedObject, options: SendOptions = {}): void {
    const {target, remarks} = askedTarget({
      verb,
      name: {...resource.name, subresource: options.subresource ?? resource.name.subresource},
      served: resource.served,
      namespace: this.#namespace,
      defaultNamespace: this.#context.namespace,
      allNamespaces: options.allNamespaces ?? false,
      objectName: name,
    });
    const placed = options.anyNamespace === true ? {...target, namespace: undefined} : target;
    this.#add(verb, placed, options);
    // How kubectl asks is its own affair; only what the user wrote without effect is worth a word.
    const told = remarks.filter(
      (remark) => remark.code === 'scope-unknown' || remark.code === 'namespace-without-effect',
    );
    for (const remark of told) this.remark(remark);
  }

  /** Each remark once. */
  remark(remark: Remark): void {
    const isSame = (other: Remark) => JSON.stringify(other) === JSON.stringify(remark);
    if (!this.remarks.some(isSame)) this.remarks.push(remark);
  }

  read(verb: string, named: NamedObject, options: SendOptions = {}): void {
    this.send(verb, named, {...options, role: 'read'});
  }

  path(path: string, role: 'act' | 'read'): void {
    this.#add('get', {kind: 'nonResource', path}, {role});
  }

  #add(verb: string, target: AskedTarget, {role = 'act', when}: SendOptions): void {
    const request: KubectlRequest = {verb, target, role, when};
    const isSame = (other: KubectlRequest) => JSON.stringify(other) === JSON.stringify(request);
    if (!this.requests.some(isSame)) this.requests.push(request);
  }
}
