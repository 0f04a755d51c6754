/** Which policy each API server of a cluster runs with, as far as it could be found out. */
import type {Finding} from './finding.ts';
import type {KubernetesVersion} from './kubernetes-version.ts';

/** The policy that a running API server holds. */
export type PolicyInForce =
  | {
      readonly kind: 'read';
      readonly text: string;
      /** As `--audit-policy-file` names it. */
      readonly path: string;
      /** How it was read: `node`, `node-job`, `kubelet-log-endpoint`, `configmap`, `secret`. */
      readonly from: string;
      /** Hexadecimal SHA-256 of the text. */
      readonly sha256: string;
      /** Why nothing is written all the same: no backend, or a process that does not audit. */
      readonly problems: readonly Finding[];
    }
  /** No policy is set: nothing is recorded. */
  | {readonly kind: 'none'; readonly because: Finding}
  | {readonly kind: 'unknown'; readonly because: Finding};

/** One API server with its policy. */
export interface ServerPolicy {
  /** The node, or the pod where no node is known. */
  readonly server: string;
  readonly version: KubernetesVersion | undefined;
  readonly policy: PolicyInForce;
}
