import {expect} from 'chai';
import {printable} from '../../src/render/printable.ts';

describe('a text for the terminal', () => {
  const rows: Readonly<Record<string, string>> = {
    'plain é 日 👍': 'plain é 日 👍',
    'clear \u001b[2J the screen': 'clear \ufffd[2J the screen',
    'an 8-bit \u009b2J': 'an 8-bit \ufffd2J',
    'back\u0008space and NUL \0': 'back\ufffdspace and NUL \ufffd',
    'a line\r\nerror: that looks like ours': 'a line error: that looks like ours',
    'a line\u2028separated': 'a line separated',
    'a\ttab stays': 'a\ttab stays',
  };
  for (const [text, expected] of Object.entries(rows)) {
    it(JSON.stringify(text), () => expect(printable(text)).to.equal(expected));
  }
});
