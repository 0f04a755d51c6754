/** What policy, log and webhook are together: each of them alone records nothing. */
import {type Finding, type Where, finding} from '../../model/finding.ts';
import type {AuditSettings} from '../../model/server-flags.ts';

/** Whether the settings ask for events to be recorded: a policy and somewhere to put them. */
export function isConfigured(settings: AuditSettings): boolean {
  return settings.policyFile.value !== '' && hasBackend(settings);
}

/** Whether a log or a webhook is set. */
export function hasBackend(settings: AuditSettings): boolean {
  return settings.logPath.value !== '' || settings.webhookConfigFile.value !== '';
}

/** Names what is missing for anything to be recorded. */
export function judgeCombination(settings: AuditSettings, where: Where): Finding[] {
  const policy = settings.policyFile.value;
  const log = settings.logPath.value;
  const webhook = settings.webhookConfigFile.value;
  if (policy === '' && log === '' && webhook === '') return [finding('auditing-off', {}, where)];
  if (policy !== '') return hasBackend(settings) ? [] : [finding('policy-without-backend', {path: policy}, where)];
  return [
    ...(log === '' ? [] : [finding('log-without-policy', {path: log}, where)]),
    ...(webhook === '' ? [] : [finding('webhook-without-policy', {path: webhook}, where)]),
  ];
}
