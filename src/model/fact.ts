/**
 * A Fact is what was seen, with the place where it was seen. It is never a judgement: see `finding.ts` for those, and
 * `requirement.ts` for what should be.
 */

/** Why something could not be found out. The three-way split matters: forbidden is never "absent". */
export type Obstacle =
  | {
      readonly kind: 'forbidden';
      /** The missing right as `kubectl auth can-i` takes it, e.g. `get nodes` or `get /metrics`. */
      readonly right: string;
    }
  | {
      readonly kind: 'unreachable';
      /** What was tried, e.g. `GET https://192.0.2.1:6443/metrics`. */
      readonly attempt: string;
      readonly reason: string;
    }
  | {
      readonly kind: 'unreadable';
      /** What was tried, e.g. `read /etc/kubernetes/audit/policy.yaml on node cp1`. */
      readonly attempt: string;
      readonly reason: string;
    }
  | {
      readonly kind: 'not-tried';
      /** Why nobody asked: needs consent, needs an option, or does not apply here. */
      readonly reason: string;
    };

/** One thing learnt, known to be absent, or not found out. */
export type Fact<T> =
  | {readonly state: 'seen'; readonly value: T; readonly source: string}
  | {readonly state: 'absent'; readonly source: string}
  | {readonly state: 'unknown'; readonly obstacle: Obstacle};

export const seen = <T>(value: T, source: string): Fact<T> => ({state: 'seen', value, source});
export const absent = <T>(source: string): Fact<T> => ({state: 'absent', source});
export const unknown = <T>(obstacle: Obstacle): Fact<T> => ({state: 'unknown', obstacle});

/** The value of a fact that was seen, else undefined. Use only where absent and unknown are to be treated alike. */
export function valueOf<T>(fact: Fact<T>): T | undefined {
  return fact.state === 'seen' ? fact.value : undefined;
}
