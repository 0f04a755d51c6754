/** Reads what the API servers of a cluster run with, for commands that ask about the policy in force. */
import {ApiClient} from '../collect/client.ts';
import {collectCluster} from '../collect/cluster.ts';
import {nodeReader} from '../collect/node-job.ts';
import type {ClusterFacts, FileFact} from '../model/facts.ts';
import {type ConnectionFlagValues, connectionOptions} from './base-command.ts';
import {askYes, interruptible, withProgress} from './terminal.ts';

/** The flags that decide from where and how the policy in force is read. */
export interface LivePolicyFlagValues extends ConnectionFlagValues {
  readonly 'read-node': boolean;
  readonly 'read-image': string;
}

/** What a cluster told, and the client that asked it, for a command that has more to ask. */
export interface LiveFacts {
  readonly facts: ClusterFacts;
  readonly client: ApiClient;
}

/**
 * Collects the facts of the cluster that the connection flags name, as `status` does: with a question at the terminal (or
 * `--read-node`) before a pod is started on a node. Undefined when the user interrupted it; the exit code is then set.
 * What of it is the policy in force says `policiesInForce` of `evaluate/server/live-policy.ts`.
 * @param policy the policy in force where it was given: then no node is read for it
 * @throws CannotFindOut when the API server does not answer at all or does not accept the login
 */
export async function collectLive(flags: LivePolicyFlagValues, policy?: FileFact): Promise<LiveFacts | undefined> {
  return interruptible((signal) =>
    withProgress('asking the API servers …', async (endProgress) => {
      const client = ApiClient.open(connectionOptions(flags));
      const consent = async (question: string): Promise<boolean> => {
        if (flags['read-node']) return true;
        endProgress();
        return askYes(question, signal);
      };
      const reader = nodeReader(client, {image: flags['read-image'], consent, signal});
      return {client, facts: await collectCluster(client, {policy, nodeReader: reader})};
    }),
  );
}
