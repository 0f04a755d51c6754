/** The one place where a finding becomes a sentence: what is wrong, and what to do next. */
import type {Obstacle} from '../model/fact.ts';
import type {Finding, FindingArguments} from '../model/finding.ts';

export interface Sentence {
  readonly message: string;
  /** What to do next; empty when there is nothing to do. */
  readonly fix: string;
}

/** Why something could not be found out, as a fragment. */
export function obstacleText(obstacle: Obstacle): string {
  switch (obstacle.kind) {
    case 'forbidden':
      return `this user may not ${obstacle.right}`;
    case 'unreachable':
    case 'unreadable':
      return `${obstacle.attempt}: ${obstacle.reason}`;
    case 'not-tried':
      return obstacle.reason;
  }
}

export function sentence(item: Finding): Sentence {
  switch (item.code) {
    case 'no-api-server-visible':
      return say(
        `no API server of this cluster is visible: ${item.args.reason}`,
        'on a self-managed cluster ask for the right to list pods in kube-system, or judge files: --manifest FILE --policy FILE',
      );
    case 'control-plane-node-without-server':
      return say(
        `control-plane node ${item.args.node} shows no API server`,
        `look at the kubelet of ${item.args.node}: /var/log/pods/kube-system_kube-apiserver-* and its static pod directory`,
      );
    case 'server-identity-unseen':
      return say(
        `an API server on host ${item.args.host} has registered, but no pod of it is visible`,
        'judge its manifest with --manifest, or remove a machine that is gone',
      );
    case 'endpoint-without-server':
      return say(
        `default/kubernetes lists ${item.args.address}, where no visible API server runs`,
        'judge the manifest of that machine with --manifest',
      );
    case 'foreign-servers-ignored':
      return say(
        `API servers of other clusters were left out: ${item.args.pods.join(', ')}`,
        'to judge one of them, use a kubeconfig of its own cluster',
      );
    case 'mirror-stale':
      return say(
        `the mirror pod cannot be believed: ${item.args.reason}`,
        'a change is under way or has failed: run again in a minute, and look at /var/log/pods/kube-system_kube-apiserver-* on the node',
      );
    case 'server-unhealthy':
      return say(
        `the API server is not well: ${item.args.reason}`,
        'look at /var/log/pods/kube-system_kube-apiserver-* on the node',
      );
    case 'not-found-out':
      return say(
        `could not read ${item.args.what}: ${obstacleText(item.args.obstacle)}; so ${item.args.cost}`,
        rightFix(item.args.obstacle),
      );
    case 'flag-refused':
      return say(
        `the API server would refuse to start: ${item.args.message}`,
        'correct the flag in the static manifest',
      );
    case 'flag-repeated':
      return say(
        `--${item.args.flag} is given ${item.args.values.length} times (${item.args.values.join(', ')}); the last one counts`,
        'leave one',
      );
    case 'flag-without-effect':
      return say(`--${item.args.flag} has no effect: ${item.args.reason}`, 'remove it, or set what it belongs to');
    case 'command-not-understood':
      return say(
        `the flags cannot be read: ${item.args.reason}`,
        'judge the manifest with --manifest, or report the command line as an issue',
      );
    case 'flagz-differs':
      return say(
        `the process runs with --${item.args.flag}=${item.args.process}, its pod shows ${item.args.pod === '' ? 'none' : item.args.pod}`,
        'the manifest was changed and the process not restarted, or the reverse: look at the node',
      );
    case 'auditing-off':
      return say(
        'no audit flag is set: nothing is recorded',
        'set --audit-policy-file and --audit-log-path, and mount both',
      );
    case 'log-without-policy':
      return say(
        `--audit-log-path=${item.args.path} without --audit-policy-file records nothing`,
        'set --audit-policy-file and mount the policy',
      );
    case 'webhook-without-policy':
      return say(
        `--audit-webhook-config-file=${item.args.path} without --audit-policy-file sends nothing`,
        'set --audit-policy-file and mount the policy',
      );
    case 'policy-without-backend':
      return say(
        `--audit-policy-file=${item.args.path} without a log or webhook backend records nothing`,
        'set --audit-log-path or --audit-webhook-config-file',
      );
    case 'path-not-absolute':
      return say(
        `--${item.args.flag}=${item.args.path} is relative to the working directory of the process`,
        'give an absolute path',
      );
    case 'path-not-mounted':
      return say(
        `--${item.args.flag}=${item.args.path}: no volume of the pod carries this path`,
        item.args.flag === 'audit-log-path'
          ? 'mount its directory as hostPath of type DirectoryOrCreate: until then the events vanish with the container'
          : 'mount it as hostPath of type File, read-only: the API server does not start without it',
      );
    case 'log-read-only':
      return say(
        `the log ${item.args.path} lies on ${item.args.mount}, which is mounted read-only`,
        'remove readOnly from the volume mount',
      );
    case 'log-single-file-mount':
      return say(
        `the log ${item.args.path} is mounted as a single file: rotation fails for ever and events are then lost`,
        'mount its directory instead',
      );
    case 'policy-single-file-mount':
      return say(
        `the policy ${item.args.path} is mounted as a single file: a replaced file is seen only after the container restarts`,
        '',
      );
    case 'host-path-type':
      return say(
        `--${item.args.flag}=${item.args.path} is mounted from a hostPath of type ${item.args.type}, where ${item.args.expected} is needed`,
        `set the type to ${item.args.expected}`,
      );
    case 'policy-on-empty-dir':
      return say(
        `the policy ${item.args.path} lies on the emptyDir ${item.args.volume}, which is empty at start`,
        'mount the file from the node',
      );
    case 'log-on-empty-dir':
      return say(
        `the log ${item.args.path} lies on the emptyDir ${item.args.volume} and vanishes with the pod`,
        'mount a directory of the node',
      );
    case 'log-to-stdout':
      return say(
        'the log goes to standard output, mixed with the server log; the rotation flags have no effect',
        'name a file with --audit-log-path',
      );
    case 'policy-unread':
      return say(
        `the policy ${item.args.path} could not be read: ${obstacleText(item.args.obstacle)}`,
        rightFix(item.args.obstacle),
      );
    case 'policy-missing':
      return say(
        `the policy ${item.args.path} does not exist: the API server would not start again`,
        'write the file, or correct --audit-policy-file',
      );
    case 'policy-refused':
      return say(
        `the API server would refuse this policy and not start: ${item.args.message}`,
        item.args.message.includes('v1beta1') || item.args.message.includes('v1alpha1')
          ? 'set apiVersion: audit.k8s.io/v1; the fields are the same'
          : 'correct the policy before the next restart',
      );
    case 'policy-warning':
      if (item.args.message.includes('is deprecated'))
        return say(
          `the API server warns about this policy: ${item.args.message}`,
          'set apiVersion: audit.k8s.io/v1 before the upgrade to 1.24; the fields are the same',
        );
      return say(
        `the API server ignores a part of this policy: ${item.args.message}`,
        'correct the key: a selector that is ignored makes its rule match more',
      );
    case 'policy-records-nothing':
      return say(
        `this policy records nothing: ${item.args.reason}`,
        'put the rules that record before it, or remove it',
      );
    case 'policy-stale':
      return say(
        `the policy file was changed at ${item.args.modified}, the process runs since ${item.args.started}: it still has the earlier one`,
        'restart the API server of this node',
      );
    case 'requirement-unmet':
      return say(
        `${item.args.title} (${item.args.strength}): ${item.args.example} is recorded at ${item.args.got}, wanted ${item.args.wanted}; ${item.args.ruleLine === undefined ? 'no rule matches' : `decided by the rule in line ${item.args.ruleLine}`}`,
        item.args.ruleLine === undefined ? 'add a rule for it' : 'add a rule for it before the one that decides now',
      );
    case 'log-path-unlike-preset':
      return say(
        `the log is ${item.args.path}, the collector of preset ${item.args.preset} reads ${item.args.expected}`,
        `set --audit-log-path=${item.args.expected}, or tell the collector`,
      );
    case 'runtime-off':
      return say(
        `the flags ask for auditing, the running process does not audit: ${item.args.reason}`,
        'restart the API server of this node; if that does not help, look at its log',
      );
    case 'runtime-unproven':
      return say(
        `the running process could not be asked: ${obstacleText(item.args.obstacle)}; so flags and policy are all there is`,
        rightFix(item.args.obstacle),
      );
    case 'events-lost':
      return say(
        `${item.args.count} audit events were lost by the backend ${item.args.plugin} since the process started`,
        'look at the server log for "Error in audit plugin"',
      );
    case 'requests-rejected':
      return say(
        `${item.args.count} requests were refused because their audit event could not be stored (blocking-strict)`,
        'free the log: disk space and permissions of its directory',
      );
    case 'log-mode-drops':
      return say(
        `--audit-log-mode=${item.args.mode} drops events when its buffer of ${item.args.bufferSize} is full`,
        'use the default, blocking',
      );
    case 'log-mode-strict':
      return say('--audit-log-mode=blocking-strict refuses requests whose event cannot be stored', '');
    case 'webhook-config-unread':
      return say(
        `the webhook configuration ${item.args.path} could not be read: ${obstacleText(item.args.obstacle)}`,
        rightFix(item.args.obstacle),
      );
    case 'webhook-config-refused':
      return say(
        `the API server would refuse the webhook configuration: ${item.args.message}`,
        'correct the kubeconfig that --audit-webhook-config-file names',
      );
    case 'webhook-plain-http':
      return say(`events travel to ${item.args.server} unencrypted`, 'use https');
    case 'webhook-no-ca':
      return say(
        `${item.args.server} is checked against the image's own root certificates only: no certificate-authority is set`,
        'set certificate-authority-data',
      );
    case 'webhook-insecure':
      return say(
        `the certificate of ${item.args.server} is not checked (insecure-skip-tls-verify)`,
        'set certificate-authority-data instead',
      );
    case 'webhook-cluster-dns':
      return say(
        `${item.args.host} is a name that only cluster DNS knows; the API server uses the DNS of its node`,
        'use an address or a name that the node can resolve',
      );
    case 'webhook-unreachable':
      return say(
        `the server that ${item.args.server} names cannot be reached from the node: ${item.args.reason}`,
        'check the address and the network of the control-plane nodes',
      );
    case 'webhook-mode-blocks':
      return say(
        `--audit-webhook-mode=${item.args.mode}: every request waits for the webhook`,
        'use the default, batch',
      );
    case 'webhook-mode-drops':
      return say(
        `the webhook backend ${sendingRate(item.args)} and drops events beyond a buffer of ${item.args.bufferSize}`,
        '',
      );
    case 'rotation-unlimited':
      return say(
        `the log grows without bound: ${item.args.reason}`,
        'set --audit-log-maxage, --audit-log-maxbackup and --audit-log-maxsize',
      );
    case 'rotation-none':
      return say(
        '--audit-log-maxsize=0 turns rotation off from Kubernetes 1.36 on: one file grows without bound',
        'set --audit-log-maxsize',
      );
    case 'rotation-size':
      return say(
        `the log takes at most ${formatMebibytes(item.args.worstCaseMebibytes)}: ${item.args.files} files of ${item.args.maxSize} MiB`,
        '',
      );
    case 'rotation-below-preset':
      return say(
        `--${item.args.flag} is ${item.args.value}, the preset asks for at least ${item.args.wanted}`,
        `set --${item.args.flag}=${item.args.wanted}`,
      );
    case 'servers-differ':
      return say(
        `the API servers differ in ${item.args.setting}: ${Object.entries(item.args.values)
          .map(([node, value]) => `${node}: ${value === '' ? 'none' : value}`)
          .join(', ')}`,
        'make them alike: what is recorded depends on which server a request meets',
      );
    case 'lost-at-upgrade':
      return say(
        `kubeadm-config does not know ${item.args.flags.map((flag) => `--${flag}`).join(', ')}: the next kubeadm upgrade drops ${item.args.flags.length === 1 ? 'it' : 'them'}`,
        'add them to apiServer.extraArgs and the mounts to apiServer.extraVolumes in ConfigMap kube-system/kubeadm-config',
      );
    case 'kubeadm-config-differs':
      return say(
        `--${item.args.flag} is ${item.args.live === '' ? 'not set' : item.args.live}, kubeadm-config has ${item.args.declared}: the next kubeadm upgrade changes it`,
        'make kubeadm-config and the manifest alike',
      );
    case 'stray-manifest':
      return say(
        `${item.args.file} lies beside other manifests of kube-apiserver: the kubelet runs one of them, and which one is chance`,
        'move backups out of the static pod directory',
      );
    case 'platform-owns-auditing':
      return say(`on ${item.args.platform} the API server belongs to ${item.args.owner}`, item.args.how);
    case 'plugin-shadowed':
      return say(
        `another kubectl-audit comes first on PATH: ${item.args.first} (this is ${item.args.running})`,
        'remove it, or change the order of PATH',
      );
  }
}

function say(message: string, fix: string): Sentence {
  return {message, fix};
}

function rightFix(obstacle: Obstacle): string {
  return obstacle.kind === 'forbidden' ? `ask for the right to ${obstacle.right}` : '';
}

/** A rate of 0 means that the throttle is off. */
function sendingRate({qps, maxBatchSize, burst}: FindingArguments['webhook-mode-drops']): string {
  if (qps === 0) return `sends batches of ${maxBatchSize} events`;
  return `sends at most ${qps} batches of ${maxBatchSize} events a second (burst ${burst})`;
}

/** MiB up to 1024, GiB above, one decimal. */
function formatMebibytes(mebibytes: number): string {
  return mebibytes < 1024 ? `${mebibytes} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}
