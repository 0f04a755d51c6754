/** `status -o json|yaml`: the public contract of `status.schema.json`. Undefined parts are left out, never null. */
import type {Obstacle} from '../model/fact.ts';
import type {ServerReport, StatusReport} from '../model/report.ts';
import type {PresetConflict} from '../model/requirement.ts';
import {conflictText} from './presets.ts';
import {obstacleText, sentence} from './sentence.ts';

/** The object that is printed. */
export function statusObject(report: StatusReport): object {
  return {
    apiVersion: 'kubectl-audit/v1alpha1',
    kind: 'Status',
    verdict: report.verdict,
    preset: report.preset,
    presets: report.presets,
    conflicts: report.conflicts.length === 0 ? undefined : report.conflicts.map(conflictObject),
    platform: report.platform,
    servers: report.servers.map(serverObject),
    findings: report.findings.map((item) => ({
      code: item.code,
      severity: item.severity,
      ...sentence(item),
      args: item.args,
      where: item.where,
    })),
  };
}

function conflictObject(conflict: PresetConflict): object {
  return {...conflict, message: conflictText(conflict)};
}

function serverObject(server: ServerReport): object {
  return {
    ...server,
    policy:
      server.policy === undefined ? undefined : {...server.policy, obstacle: optionalText(server.policy.obstacle)},
  };
}

function optionalText(obstacle: Obstacle | undefined): string | undefined {
  return obstacle === undefined ? undefined : obstacleText(obstacle);
}
