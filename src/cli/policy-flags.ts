/** Flags that the commands about a policy share, and their values typed. */
import {Flags} from '@oclif/core';
import {UsageError} from '../model/errors.ts';
import {type KubernetesVersion, parseKubernetesVersion} from '../model/kubernetes-version.ts';

/** Pinned, so that a node that has it never pulls another. */
const READ_IMAGE = 'busybox:1.37';

/** `--policy` is always the policy in force, in place of reading it from the cluster. */
export const policyFlag = Flags.string({
  helpValue: 'FILE',
  summary: 'the policy in force, instead of reading it; - for standard input',
});

/** `--server-version`: the release by which a policy is judged where no server tells its own. */
export const serverVersionFlag = Flags.string({
  helpValue: 'VERSION',
  summary: 'release to judge by where no server tells its own, such as 1.34 (default: the newest)',
});

/** How a policy on a node's disk may be read; the same flags as those of `status`. */
export const readNodeFlags = {
  'read-node': Flags.boolean({
    summary: 'consent to a short-lived read-only pod on each control-plane node that reads the policy',
  }),
  'read-image': Flags.string({helpValue: 'IMAGE', summary: 'image of that pod; needs a shell', default: READ_IMAGE}),
};

/**
 * The release that `--server-version` names; undefined where it is not given.
 * @throws UsageError for a text that is no version
 */
export function serverVersionOf(text: string | undefined): KubernetesVersion | undefined {
  if (text === undefined) return undefined;
  const version = parseKubernetesVersion(text);
  if (version !== undefined) return version;
  throw new UsageError(
    `--server-version ${JSON.stringify(text)} is no Kubernetes version`,
    'write it as 1.34 or v1.34.4',
  );
}
