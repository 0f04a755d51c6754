import {expect} from 'chai';
import {unifiedDiff} from '../../src/plan/unified-diff.ts';

describe('the unified diff', () => {
  const rows: readonly {name: string; before: string; after: string; diff: string}[] = [
    {name: 'nothing for the same text', before: 'a\nb\n', after: 'a\nb\n', diff: ''},
    {
      name: 'a changed line with its neighbours',
      before: '1\n2\n3\n4\n5\n6\n7\n8\n9\n',
      after: '1\n2\n3\n4\nfive\n6\n7\n8\n9\n',
      diff: '--- before\n+++ after\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n',
    },
    {
      name: 'all of it where there was nothing',
      before: '',
      after: 'a\nb\n',
      diff: '--- before\n+++ after\n@@ -0,0 +1,2 @@\n+a\n+b\n',
    },
    {
      name: 'a last line without an end',
      before: 'a',
      after: 'a\n',
      diff: '--- before\n+++ after\n@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n',
    },
    {
      name: 'one for the other where they have nothing in common',
      before: 'a\n'.repeat(5000),
      after: 'b\n'.repeat(5000),
      diff: `--- before\n+++ after\n@@ -1,5000 +1,5000 @@\n${'-a\n'.repeat(5000)}${'+b\n'.repeat(5000)}`,
    },
  ];
  for (const {name, before, after, diff} of rows) {
    it(name, () => {
      expect(unifiedDiff({name: 'before', text: before}, {name: 'after', text: after})).to.equal(diff);
    });
  }
});
