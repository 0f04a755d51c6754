import type {AuditPolicy, PolicyRule} from '../model/policy.ts';

/** Whether two policies are the same field by field, but for the lines that their rules were read from. */
export function isSamePolicy(one: AuditPolicy, other: AuditPolicy): boolean {
  return JSON.stringify(plain(one)) === JSON.stringify(plain(other));
}

function plain({omitStages, omitManagedFields, rules}: AuditPolicy): unknown {
  return [omitStages, omitManagedFields, rules.map(plainRule)];
}

function plainRule(rule: PolicyRule): unknown {
  return [
    rule.level,
    rule.users,
    rule.userGroups,
    rule.verbs,
    rule.resources.map(({group, resources, resourceNames}) => [group, resources, resourceNames]),
    rule.namespaces,
    rule.nonResourceURLs,
    rule.omitStages,
    rule.omitManagedFields ?? 'unset',
  ];
}
