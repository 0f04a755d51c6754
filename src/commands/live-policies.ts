/** What commands about the policy in force have in common where no file is given. */
import {reportError} from '../cli/base-command.ts';
import {EXIT} from '../cli/exit-code.ts';
import {type LivePolicyFlagValues, collectLive} from '../cli/live-policy.ts';
import type {ApiClient} from '../collect/client.ts';
import {policiesInForce} from '../evaluate/server/live-policy.ts';
import {judgePlatform} from '../evaluate/platform/platform.ts';
import {CannotFindOut} from '../model/errors.ts';
import type {ClusterFacts} from '../model/facts.ts';
import type {KubernetesVersion} from '../model/kubernetes-version.ts';
import type {ServerPolicy} from '../model/server-policy.ts';

/** The policy of each API server, and the client that asked, for a command that has more to ask. */
export interface LivePolicies {
  readonly servers: readonly ServerPolicy[];
  readonly client: ApiClient;
}

/**
 * The policies in force of the cluster that the flags name. Undefined when the run was interrupted, or when no API server
 * is visible: that is then said, and the exit code set.
 */
export async function livePolicies(
  flags: LivePolicyFlagValues,
  version: KubernetesVersion | undefined,
): Promise<LivePolicies | undefined> {
  const live = await collectLive(flags);
  if (live === undefined) return undefined;
  const servers = policiesInForce(live.facts, version);
  if (servers.length > 0) return {servers, client: live.client};
  return reportNoServer(live.facts);
}

/** On a platform that hides its API servers this is not for the user to mend. */
function reportNoServer(facts: ClusterFacts): undefined {
  const platform = judgePlatform(facts.platform);
  const reason = platform.hidesServer
    ? `on ${platform.report.name} the API server belongs to ${platform.owner}, and its policy cannot be read`
    : facts.pods.state === 'unknown'
      ? 'no API server of this cluster is visible: the pods of kube-system could not be listed'
      : 'no API server of this cluster is visible: no pod runs kube-apiserver';
  reportError(new CannotFindOut(reason, 'give the policy as a file: --policy FILE'));
  if (platform.hidesServer) process.exitCode = EXIT.platform;
  return undefined;
}
