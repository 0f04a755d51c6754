import {expect} from 'chai';
import {parseFlagz} from '../../src/model/flagz.ts';

const HEADER = `
kube-apiserver flags
Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.

`;

const VALUES = {
  'admission-control-config-file': '',
  'audit-log-path': '/var/log/a=b: c',
  'audit-policy-file': '/etc/policy.yaml',
  'etcd-keyfile': 'CLASSIFIED',
  'feature-gates': ':A=true',
  'some-new-flag': 'x',
};

describe('parseFlagz', () => {
  for (const separator of [':', ': ', '=', ' ']) {
    it(`reads the text with ${JSON.stringify(separator)}`, () => {
      const lines = Object.entries(VALUES).map(([name, value]) => `${name}${separator}${value}\n`);
      expect(Object.fromEntries(parseFlagz(HEADER + lines.join('')))).to.deep.equal(VALUES);
    });
  }

  it('reads empty values whose blank was lost', () => {
    const flags = parseFlagz('audit-log-path:\naudit-policy-file: /p\n');
    expect(Object.fromEntries(flags)).to.deep.equal({'audit-log-path': '', 'audit-policy-file': '/p'});
  });

  it('passes over the further lines of a value', () => {
    const flags = parseFlagz('audit-log-path=/a\nother line of it\n\naudit-policy-file=/p\n');
    expect([...flags.keys()]).to.deep.equal(['audit-log-path', 'audit-policy-file']);
  });

  it('reads the structured form', () => {
    const body = {
      kind: 'Flagz',
      apiVersion: 'config.k8s.io/v1alpha1',
      metadata: {name: 'kube-apiserver'},
      flags: VALUES,
    };
    expect(Object.fromEntries(parseFlagz(JSON.stringify(body)))).to.deep.equal(VALUES);
  });

  for (const text of ['', HEADER, '404 page not found', '{', '{"flags":[]}', '{"kind":"Status"}']) {
    it(`finds nothing in ${JSON.stringify(text.trim().slice(0, 30))}`, () => expect(parseFlagz(text).size).to.equal(0));
  }
});
