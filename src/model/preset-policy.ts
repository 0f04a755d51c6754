/** A policy that is made for presets, or a policy that is widened for them: the results of `plan/`. */
import type {Failure} from './coverage.ts';
import type {AuditPolicy, PolicyRule} from './policy.ts';
import type {PresetConflict, Requirement} from './requirement.ts';

/** What comes of generating a policy. */
export type GeneratedPolicy =
  | {
      readonly kind: 'generated';
      readonly policy: AuditPolicy;
      /** YAML with a comment for each requirement. */
      readonly text: string;
      /** Conflicts that the preferred preset settled. */
      readonly conflicts: readonly PresetConflict[];
      /** Requirements that are not met: the other sides of those conflicts, and shoulds that a must stands against. */
      readonly unmet: readonly PresetRequirement[];
      readonly exposures: readonly Exposure[];
    }
  | UnsettledConflicts;

/** Musts that no policy can meet together, and no preset is preferred. */
export interface UnsettledConflicts {
  readonly kind: 'conflict';
  readonly conflicts: readonly PresetConflict[];
}

/** A requirement and the name of its preset. */
export interface PresetRequirement {
  readonly preset: string;
  readonly requirement: Requirement;
}

/** Credentials whose bodies a policy puts into the log. */
export interface Exposure {
  /** As people write it: `secrets`. */
  readonly resource: string;
  /** The requirements that ask for the bodies: `stig/V-242403`. */
  readonly askedBy: readonly string[];
}

/** What comes of a merge. */
export type MergedPolicy =
  | {
      readonly kind: 'merged';
      /** The text that was given, byte for byte, with the added rules in between. */
      readonly text: string;
      readonly policy: AuditPolicy;
      /** In the order of the policy; empty where it lacks nothing that can be added. */
      readonly added: readonly MergedRule[];
      /** What added rules cannot mend. */
      readonly unmet: readonly UnmetByMerge[];
      /** Conflicts that the preferred preset settled. */
      readonly conflicts: readonly PresetConflict[];
      /** Credentials that end in the log now and did not before. */
      readonly exposures: readonly Exposure[];
      /** Whether the policy itself omits the one event that a server-side apply with a YAML body leaves. */
      readonly losesYamlApply: boolean;
    }
  | UnsettledConflicts
  /** The API server would not load the policy. */
  | {readonly kind: 'invalid'; readonly message: string; readonly line: number | undefined}
  /** The text is written in a form that is not edited. */
  | {readonly kind: 'not-editable'; readonly reason: string};

/** A rule that was added. */
export interface MergedRule {
  readonly rule: PolicyRule;
  /** Index in the merged policy. */
  readonly index: number;
  /** The line, in the text before, of the rule that it was put before; undefined: after the last. */
  readonly beforeLine: number | undefined;
  /** The requirements that it is for: `calico/pods`. Empty where it keeps requests from the wider rule after it. */
  readonly requirements: readonly string[];
}

/** A requirement that is not met after all that could be added. */
export interface UnmetByMerge extends PresetRequirement {
  /**
   * `records-more`: a rule of the policy records more than the requirement allows, and is not lowered; `stage-omitted`: the
   * policy's own omitStages drops what it asks for; `conflict`: another requirement stands against it.
   */
  readonly because: 'records-more' | 'stage-omitted' | 'conflict';
  /** One class of requests that shows it. */
  readonly failure: Failure;
  /** Line, in the text before, of the rule that decides; undefined where an added rule or none does. */
  readonly ruleLine: number | undefined;
}
