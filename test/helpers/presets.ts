/** Presets as tests need them. */
import type {Preset, RequestSet, Requirement} from '../../src/model/requirement.ts';

/** A preset of these requirements. */
export function presetOf(name: string, ...requirements: Partial<Requirement>[]): Preset {
  return {
    name,
    title: name,
    source: {title: 'test', url: ''},
    requirements: requirements.map((requirement, index) => ({
      id: `r${index}`,
      level: 'must',
      title: 'it',
      requests: [{kind: 'everything'}],
      atLeast: 'Metadata',
      reason: '',
      ...requirement,
    })),
  };
}

/** Those verbs on those resources. */
export function requests(verbs: string[], group: string, ...resources: string[]): RequestSet {
  return {kind: 'resources', verbs, group, resources};
}
