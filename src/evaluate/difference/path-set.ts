/** Describes a set of paths by patterns. */
import type {PathSet, PathTerm} from '../../model/difference.ts';
import type {PathRegion} from './path-space.ts';
import type {Membership} from './resource-set.ts';

/** The widest patterns in the set, each without the widest ones within it that are not, and so on below these. */
export function pathSetOf(root: PathRegion, membershipOf: (region: PathRegion) => Membership): PathSet {
  const terms: {pattern: string; except: string[]}[] = [];
  const visit = (region: PathRegion, term: {except: string[]} | undefined): void => {
    const membership = membershipOf(region);
    let own = term;
    if (membership === 'in' && term === undefined) {
      own = {except: []};
      terms.push({pattern: region.pattern, ...own});
    } else if (membership === 'out' && term !== undefined) {
      term.except.push(region.pattern);
      own = undefined;
    }
    for (const child of region.children) visit(child, own);
  };
  visit(root, undefined);
  return terms satisfies PathTerm[];
}
