/**
 * Whether the audit webhook's kubeconfig can be used, and whether events can reach its server safely.
 */
import {valueOf} from '../../model/fact.ts';
import type {ServerFacts} from '../../model/facts.ts';
import {finding, type Finding, type Where} from '../../model/finding.ts';
import type {AuditSettings} from '../../model/server-flags.ts';
import {parseWebhookConfig, type WebhookConfig} from '../../model/webhook-config.ts';

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

/** Judges the webhook of a server: its kubeconfig as far as it could be read, and whether the node reaches its server. */
export function judgeWebhook(facts: ServerFacts, settings: AuditSettings, offline: boolean, where: Where): Finding[] {
  const path = settings.webhookConfigFile.value;
  if (path === '' || offline) return [];
  const place: Where = {...(where.node === undefined ? {} : {node: where.node}), file: path};
  switch (facts.webhookConfig.state) {
    case 'seen':
      return [...judgeWebhookConfig(facts.webhookConfig.value.text, place), ...judgeReach(facts, path, place)];
    case 'absent':
      return [
        finding(
          'webhook-config-unread',
          {path, obstacle: {kind: 'unreadable', attempt: `read ${path}`, reason: 'it does not exist'}},
          place,
        ),
      ];
    case 'unknown':
      return [finding('webhook-config-unread', {path, obstacle: facts.webhookConfig.obstacle}, place)];
  }
}

function judgeReach(facts: ServerFacts, path: string, place: Where): Finding[] {
  const reason = valueOf(facts.webhookUnreachable) ?? '';
  return reason === '' ? [] : [finding('webhook-unreachable', {server: path, reason}, place)];
}
