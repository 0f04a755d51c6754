/**
 * Whether the audit webhook's kubeconfig can be used, and whether events can reach its server safely.
 */
import {finding, type Finding, type Where} from '../model/finding.ts';
import {parseWebhookConfig, type WebhookConfig} from '../model/webhook-config.ts';

/** Takes the text of the webhook's kubeconfig; the findings never hold a credential, nor a path or query of the server. */
export function judgeWebhookConfig(text: string, where: Where): Finding[] {
  const config = parseWebhookConfig(text);
  if (config.kind === 'refused') return [finding('webhook-config-refused', {message: config.message}, where)];
  const {server, host} = config;
  const findings = judgeTransport(config, where);
  if (needsClusterDns(host)) findings.push(finding('webhook-cluster-dns', {server, host}, where));
  return findings;
}

type UsableConfig = Extract<WebhookConfig, {kind: 'read'}>;

function judgeTransport({tls, insecureSkipTlsVerify, caData, caFile, server}: UsableConfig, where: Where): Finding[] {
  if (!tls) return [finding('webhook-plain-http', {server}, where)];
  if (insecureSkipTlsVerify) return [finding('webhook-insecure', {server}, where)];
  if (!caData && caFile === undefined) return [finding('webhook-no-ca', {server}, where)];
  return [];
}

/**
 * An API server in a static pod uses the network and the resolver of its host, which know no names of the cluster. A name
 * of one label only resolves with a search list, which is the cluster's as a rule.
 */
function needsClusterDns(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  if (name === 'localhost' || name.includes(':') || /^[\d.]+$/.test(name)) return false;
  return !name.includes('.') || /\.svc(?:\.|$)|\.cluster\.local$/.test(name);
}
