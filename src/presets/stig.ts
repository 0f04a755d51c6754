import type {Preset, SettingRequirement} from '../model/requirement.ts';

const STORAGE = 'The guide wants enough of the log kept to look into what has happened.';

/** The flags that the guide asks for, rule by rule, with the identifiers that its own checks use. */
const SETTINGS: readonly SettingRequirement[] = [
  {
    id: 'V-242402',
    level: 'must',
    title: 'an audit log path is set',
    flag: 'audit-log-path',
    reason: 'Auditing is to begin with the start of the API server, into a place of its own.',
    place: 'CNTR-K8-000610',
  },
  {
    id: 'V-242461',
    level: 'must',
    title: 'audit logs are enabled',
    flag: 'audit-policy-file',
    reason: 'Without a policy nothing is recorded.',
    place: 'CNTR-K8-003280',
  },
  {
    id: 'V-242462',
    level: 'must',
    title: 'the size of the audit log is set',
    flag: 'audit-log-maxsize',
    reason: STORAGE,
    place: 'CNTR-K8-003290',
  },
  {
    id: 'V-242463',
    level: 'must',
    title: 'the number of rotated audit logs is set',
    flag: 'audit-log-maxbackup',
    reason: STORAGE,
    place: 'CNTR-K8-003300',
  },
  {
    id: 'V-242464',
    level: 'must',
    title: 'the retention of the audit log is set',
    flag: 'audit-log-maxage',
    reason: STORAGE,
    place: 'CNTR-K8-003310',
  },
  {
    id: 'V-242465',
    level: 'must',
    title: 'the audit log path is valid',
    flag: 'audit-log-path',
    reason: 'As V-242402, checked once more for a path that is valid.',
    place: 'CNTR-K8-003320',
  },
];

/** The rules on auditing of the Kubernetes STIG, Version 2 Release 6. */
export const STIG: Preset = {
  name: 'stig',
  title: 'Kubernetes STIG: every request with its bodies, and a log that is kept',
  source: {
    title: 'Kubernetes Security Technical Implementation Guide, Version 2 Release 6',
    url: 'https://public.cyber.mil/stigs/downloads/',
  },
  requirements: [
    {
      id: 'V-242403',
      level: 'must',
      title: 'every request, with request and response bodies',
      requests: [{kind: 'everything'}],
      atLeast: 'RequestResponse',
      reason:
        'The check text wants a policy of one rule, level RequestResponse, for all requests: anything less is a finding. ' +
        'The log then holds Secrets and tokens as well: guard it as you guard them.',
      place: 'CNTR-K8-000700',
    },
  ],
  settings: SETTINGS,
  rotation: {maxAge: 30, maxBackup: 10, maxSize: 100, mustBeSet: true},
  departures: [
    {
      what: 'V-242403 is met by every policy that records all requests at RequestResponse, not by its one sample alone.',
      why: 'What counts is what the API server records. Who compares files by eye may still write a finding.',
    },
    {
      what: 'Requests that fail authentication are not asked for.',
      why: 'They have no user; a policy without rules for users or groups records them all the same, as the sample does.',
    },
  ],
};
