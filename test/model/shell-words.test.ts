import {expect} from 'chai';
import {splitShell} from '../../src/model/shell-words.ts';

describe('splitShell', () => {
  const scripts: readonly (readonly [string, readonly (readonly string[])[]])[] = [
    ['', []],
    ['a b  c', [['a', 'b', 'c']]],
    ["a 'b c' d", [['a', 'b c', 'd']]],
    ['a "b c"d', [['a', 'b cd']]],
    ['a "" \'\'', [['a', '', '']]],
    [String.raw`a "b\"c\$\x" 'd\'`, [['a', String.raw`b"c$\x`, String.raw`d\ `.trim()]]],
    [String.raw`a b\ c \;`, [['a', 'b c', ';']]],
    ['a \\\n  b', [['a', 'b']]],
    ['a; b && c || d | e & f\ng', [['a'], ['b'], ['c'], ['d'], ['e'], ['f'], ['g']]],
    ['(a b) ; { c; }', [['a', 'b'], ['{', 'c'], ['}']]],
    ['exec a 1>>/var/log/a.log 2>&1', [['exec', 'a']]],
    ['a >b 2>/dev/null <c x', [['a', 'x']]],
    ['a &>b &>> c d', [['a', 'd']]],
    ['a 2> b', [['a']]],
    ['a2>b', [['a2']]],
    ['a >& b >| c', [['a']]],
    ['a --x=$HOME "$Y" ${Z:-a b} $(b; c) `d e`', [['a', '--x=$HOME', '$Y', '${Z:-a b}', '$(b; c)', '`d e`']]],
    ['a # b\nc#d', [['a'], ['c#d']]],
  ];
  for (const [script, commands] of scripts) {
    it(`splits ${JSON.stringify(script)}`, () => expect(splitShell(script)).to.deep.equal({ok: true, commands}));
  }

  for (const script of ["a 'b", 'a "b', 'a $(b', 'a `b']) {
    it(`refuses ${JSON.stringify(script)}`, () => expect(splitShell(script).ok).to.equal(false));
  }
});
