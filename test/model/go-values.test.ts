import {expect} from 'chai';
import {
  formatFloat32,
  goQuote,
  parseGoBool,
  parseGoDuration,
  parseGoFloat,
  parseGoInt,
  parseGoUint,
  parseVerbosity,
} from '../../src/model/go-values.ts';

const syntax = (parser: string, text: string) => `strconv.${parser}: parsing ${goQuote(text)}: invalid syntax`;

describe('parseGoInt', () => {
  const values: readonly (readonly [string, number])[] = [
    ['0', 0],
    ['00', 0],
    ['-0', 0],
    ['10', 10],
    ['+5', 5],
    ['-3', -3],
    ['010', 8],
    ['0_7', 7],
    ['0x10', 16],
    ['0X1f', 31],
    ['0x_1', 1],
    ['0b101', 5],
    ['0O17', 15],
    ['1_000', 1000],
    ['9223372036854775807', 2 ** 63],
    ['-0x8000000000000000', -(2 ** 63)],
  ];
  for (const [text, value] of values) {
    it(`reads ${text}`, () => expect(parseGoInt(text)).to.deep.equal({ok: true, value}));
  }
  for (const text of ['', 'x', '08', '0b12', '0x', '_1', '1_', '1__0', '+', '--1', ' 5', '5 ', '1.0', '1e3', '"/x"']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(parseGoInt(text)).to.deep.equal({ok: false, message: syntax('ParseInt', text)});
    });
  }
  for (const text of ['9223372036854775808', '-9223372036854775809', '99999999999999999999']) {
    it(`finds ${text} out of range`, () => {
      const message = `strconv.ParseInt: parsing "${text}": value out of range`;
      expect(parseGoInt(text)).to.deep.equal({ok: false, message});
    });
  }
});

describe('parseGoUint and parseVerbosity', () => {
  it('read digits', () => {
    expect(parseGoUint('0x10')).to.deep.equal({ok: true, value: 16});
    expect(parseVerbosity('3')).to.deep.equal({ok: true, value: 3});
  });
  it('refuse signs', () => {
    expect(parseGoUint('-1')).to.deep.equal({ok: false, message: syntax('ParseUint', '-1')});
    expect(parseVerbosity('+1')).to.deep.equal({ok: false, message: syntax('ParseUint', '+1')});
  });
  it('know their range', () => {
    expect(parseGoUint('18446744073709551616').ok).to.equal(false);
    expect(parseVerbosity('2147483648').ok).to.equal(false);
  });
});

describe('parseGoBool', () => {
  for (const text of ['1', 't', 'T', 'true', 'TRUE', 'True']) {
    it(`reads ${text}`, () => expect(parseGoBool(text)).to.deep.equal({ok: true, value: true}));
  }
  for (const text of ['0', 'f', 'F', 'false', 'FALSE', 'False']) {
    it(`reads ${text}`, () => expect(parseGoBool(text)).to.deep.equal({ok: true, value: false}));
  }
  for (const text of ['', 'yes', 'on', 'tRUE', ' true', '2']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(parseGoBool(text)).to.deep.equal({ok: false, message: syntax('ParseBool', text)});
    });
  }
});

describe('parseGoFloat', () => {
  const values: readonly (readonly [string, number])[] = [
    ['1', 1],
    ['1.', 1],
    ['.5', 0.5],
    ['-1.5', -1.5],
    ['1_0', 10],
    ['1e-60', 0],
    ['0x1p-2', 0.25],
    ['0x_1p-2', 0.25],
    ['0x1.8p1', 3],
    ['Inf', Infinity],
    ['-infinity', -Infinity],
  ];
  for (const [text, value] of values) {
    it(`reads ${text}`, () => expect(parseGoFloat(text, 32)).to.deep.equal({ok: true, value}));
  }
  for (const text of ['', 'x', '.', '1e', '0x1', '0x.p1', '1__0', '1_e1', '1._5', '+nan']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(parseGoFloat(text, 32)).to.deep.equal({ok: false, message: syntax('ParseFloat', text)});
    });
  }
  it('knows the range of 32 bits', () => {
    expect(parseGoFloat('1e39', 32)).to.deep.equal({
      ok: false,
      message: 'strconv.ParseFloat: parsing "1e39": value out of range',
    });
    expect(parseGoFloat('1e39', 64).ok).to.equal(true);
  });
});

describe('formatFloat32', () => {
  const texts: readonly (readonly [number, string])[] = [
    [0, '0'],
    [-0, '-0'],
    [Math.fround(-0.1), '-0.1'],
    [-999999, '-999999'],
    [-1e6, '-1e+06'],
    [-16777216, '-1.6777216e+07'],
    [Math.fround(-0.00001), '-1e-05'],
    [-Infinity, '-Inf'],
  ];
  for (const [value, text] of texts) {
    it(`writes ${text}`, () => expect(formatFloat32(value)).to.equal(text));
  }
});

describe('parseGoDuration', () => {
  const values: readonly (readonly [string, number])[] = [
    ['0', 0],
    ['-0', 0],
    ['30s', 30e9],
    ['1h30m', 5400e9],
    ['+1.5h', 5400e9],
    ['.5s', 5e8],
    ['1.s', 1e9],
    ['1µs', 1000],
    ['-1ms', -1e6],
  ];
  for (const [text, value] of values) {
    it(`reads ${text}`, () => expect(parseGoDuration(text)).to.deep.equal({ok: true, value}));
  }
  const refusals: readonly (readonly [string, string])[] = [
    ['', 'time: invalid duration ""'],
    ['x', 'time: invalid duration "x"'],
    ['.s', 'time: invalid duration ".s"'],
    ['-', 'time: invalid duration "-"'],
    ['5', 'time: missing unit in duration "5"'],
    ['1h30', 'time: missing unit in duration "1h30"'],
    ['1d', 'time: unknown unit "d" in duration "1d"'],
    ['9999999h', 'time: invalid duration "9999999h"'],
    ['é', String.raw`time: invalid duration "\xc3\xa9"`],
  ];
  for (const [text, message] of refusals) {
    it(`refuses ${JSON.stringify(text)}`, () => expect(parseGoDuration(text)).to.deep.equal({ok: false, message}));
  }
});

describe('goQuote', () => {
  it('escapes what does not print', () => {
    expect(goQuote('a"b\\\t\u0001\u00a0\u202eé')).to.equal(String.raw`"a\"b\\\t\x01\u00a0\u202eé"`);
  });
});
