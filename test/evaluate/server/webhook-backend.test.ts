import {expect} from 'chai';
import {judgeWebhookConfig} from '../../../src/evaluate/server/webhook-backend.ts';
import {parseWebhookConfig} from '../../../src/model/webhook-config.ts';

/** The messages were seen from kube-apiserver 1.34.4. */
const PREFIX = 'initializing audit webhook: ';
const NOTHING =
  'invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable';
const CERTIFICATE = Buffer.from('-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n').toString('base64');

interface Parts {
  readonly head?: string;
  readonly clusters?: string;
  readonly contexts?: string;
  readonly users?: string;
  readonly current?: string;
}

function config(parts: Parts): string {
  const {
    head = 'apiVersion: v1\nkind: Config',
    clusters = '[{name: c, cluster: {server: "https://audit.example.com/x"}}]',
    contexts = '[{name: x, context: {cluster: c, user: u}}]',
    users = '[{name: u, user: {}}]',
    current = 'current-context: x',
  } = parts;
  return `${head}\nclusters: ${clusters}\ncontexts: ${contexts}\nusers: ${users}\n${current}\n`;
}

const cluster = (fields: string) => config({clusters: `[{name: c, cluster: {${fields}}}]`});
const user = (fields: string) => config({users: `[{name: u, user: {${fields}}}]`});

const noCa = () => ['webhook-no-ca', {server: 'https://audit.example.com'}] as const;

describe('judgeWebhookConfig', () => {
  type Expected = readonly (readonly [code: string, args: object])[];
  const cases: readonly (readonly [name: string, text: string, expected: Expected])[] = [
    ['a sound file', cluster(`server: "https://192.0.2.1:8443", certificate-authority-data: ${CERTIFICATE}`), []],
    ['an authority in a file', cluster('server: "https://audit.example.com", certificate-authority: ca.crt'), []],
    ['no authority', config({}), [noCa()]],
    [
      'plain HTTP',
      cluster('server: "http://audit.example.com:80/k?x=1"'),
      [['webhook-plain-http', {server: 'http://audit.example.com'}]],
    ],
    [
      'a host and port',
      cluster('server: "audit.example.com:8080"'),
      [['webhook-plain-http', {server: 'http://audit.example.com:8080'}]],
    ],
    [
      'no verification',
      cluster('server: "https://10.0.0.1", insecure-skip-tls-verify: true'),
      [['webhook-insecure', {server: 'https://10.0.0.1'}]],
    ],
    [
      'no verification of a host and port',
      cluster('server: "10.0.0.1:1", insecure-skip-tls-verify: true'),
      [['webhook-insecure', {server: 'https://10.0.0.1:1'}]],
    ],
    [
      'a Service of the cluster',
      cluster('server: "https://sink.audit.svc:443/k", certificate-authority: /ca.crt'),
      [['webhook-cluster-dns', {server: 'https://sink.audit.svc', host: 'sink.audit.svc'}]],
    ],
    [
      'a Service by its full name',
      cluster('server: "https://sink.audit.svc.cluster.local", certificate-authority: /ca.crt'),
      [['webhook-cluster-dns', {server: 'https://sink.audit.svc.cluster.local', host: 'sink.audit.svc.cluster.local'}]],
    ],
    [
      'a single label',
      cluster('server: "https://sink", certificate-authority: /ca.crt'),
      [['webhook-cluster-dns', {server: 'https://sink', host: 'sink'}]],
    ],
    ['localhost', cluster('server: "https://localhost:9", certificate-authority: /ca.crt'), []],
    ['an IPv6 address', cluster('server: "https://[2001:db8::1]:9", certificate-authority: /ca.crt'), []],
    ['a user that does not exist', config({users: '[]'}), [noCa()]],
    ['no header', config({head: ''}), [noCa()]],
    [
      'an exec plugin of v1beta1',
      user('exec: {command: c, apiVersion: client.authentication.k8s.io/v1beta1}'),
      [noCa()],
    ],
  ];
  for (const [name, text, expected] of cases) {
    it(name, () => {
      const findings = judgeWebhookConfig(text, {file: '/webhook.yaml'});
      expect(findings.map(({code, args}) => [code, args])).to.deep.equal(expected);
    });
  }

  const refusals: readonly (readonly [name: string, text: string, message: string])[] = [
    ['an empty file', '', NOTHING],
    ['nothing but a header', 'apiVersion: v1\nkind: Config', NOTHING],
    ['no current context', config({current: ''}), NOTHING],
    ['a cluster that does not exist', config({contexts: '[{name: x, context: {cluster: d, user: u}}]'}), NOTHING],
    [
      'a context that does not exist',
      config({current: 'current-context: zz'}),
      'invalid configuration: [context was not found for specified context: zz, cluster has no server defined]',
    ],
    [
      'a boolean of YAML 1.1 for a name',
      config({current: 'current-context: y'}),
      'error loading config file: json: cannot unmarshal bool into Go struct field Config.current-context of type string',
    ],
    ['no server', cluster('insecure-skip-tls-verify: true'), 'invalid configuration: no server found for cluster "c"'],
    ['an empty cluster', cluster(''), 'invalid configuration: no server found for cluster "c"'],
    [
      'a number for a server',
      cluster('server: 5'),
      'error loading config file: json: cannot unmarshal number into Go struct field Cluster.clusters.cluster.server of type string',
    ],
    [
      'a mapping of clusters',
      config({clusters: '{c: {}}'}),
      'error loading config file: json: cannot unmarshal object into Go struct field Config.clusters of type []v1.NamedCluster',
    ],
    [
      'two authorities',
      cluster(`server: "https://a.b", certificate-authority: /ca, certificate-authority-data: ${CERTIFICATE}`),
      'invalid configuration: certificate-authority-data and certificate-authority are both specified for c. certificate-authority-data will override.',
    ],
    [
      'an authority without verification',
      cluster('server: "https://a.b", certificate-authority: /ca, insecure-skip-tls-verify: true'),
      'specifying a root certificates file with the insecure flag is not allowed',
    ],
    [
      'an authority that is no PEM',
      cluster('server: "https://a.b", certificate-authority-data: aGFsbG8='),
      'unable to load root certificates: unable to parse bytes as PEM block',
    ],
    [
      'an authority that is no base64',
      cluster('server: "https://a.b", certificate-authority-data: "%%%%"'),
      'error loading config file: illegal base64 data at input byte 0',
    ],
    ['a path without a scheme', cluster('server: "a.b:80/x"'), 'host must be a URL or a host:port pair: "a.b:80/x"'],
    ['a blank in the host', cluster('server: "https://a b"'), 'host must be a URL or a host:port pair: "https://a b"'],
    ['no host', cluster('server: "https:///x"'), 'host must be a URL or a host:port pair: "https:///x"'],
    [
      'a certificate without a key',
      user('client-certificate-data: aGFsbG8='),
      'invalid configuration: client-key-data or client-key must be specified for u to use the clientCert authentication method.',
    ],
    [
      'several mistakes of a user',
      user('token: t1, username: u1, client-certificate-data: aGFsbG8='),
      'invalid configuration: [client-key-data or client-key must be specified for u to use the clientCert authentication method., more than one authentication method found for u; found [token basicAuth], only one is allowed]',
    ],
    [
      'an exec plugin without its API version',
      user('exec: {command: c}'),
      'invalid configuration: [apiVersion must be specified for u to use exec authentication plugin, interactiveMode must be specified for u to use exec authentication plugin]',
    ],
    [
      'two clusters of one name',
      config({clusters: '[{name: c, cluster: {server: "https://a"}}, {name: c, cluster: {server: "https://b"}}]'}),
      'error loading config file: error converting *[]NamedCluster into *map[string]*api.Cluster: duplicate name "c" in list',
    ],
    [
      'another kind',
      'apiVersion: v1\nkind: Pod',
      'error loading config file: no kind "Pod" is registered for version "v1"',
    ],
    ['no mapping', 'hello', "error loading config file: couldn't get version/kind"],
  ];
  for (const [name, text, message] of refusals) {
    it(`refuses ${name}`, () => {
      const findings = judgeWebhookConfig(text, {});
      expect(findings.map(({code, args}) => [code, args])).to.deep.equal([
        ['webhook-config-refused', {message: PREFIX + message}],
      ]);
    });
  }

  const secrets = ['hunter2', 'hunter3', 'hunter4'];
  const leaky = [
    cluster('server: "https://u:hunter2@audit.example.com/hunter3?token=hunter4"'),
    cluster('server: "u:hunter2@a.b:80/x?token=hunter4"'),
    cluster('server: "https://u:hunter2@a b/x?token=hunter4"'),
    user('token: hunter2, password: hunter3'),
    user('token: [hunter2]'),
    'users: [{name: u, user: {token: hunter2}}, {name: u, user: {token: hunter3}}]',
    'token: hunter2\n  password: "hunter3\n',
    '{{{ hunter2',
  ];
  for (const text of leaky) {
    it(`tells no secret of ${JSON.stringify(text.slice(0, 90))}`, () => {
      const findings = JSON.stringify(judgeWebhookConfig(text, {}));
      expect(findings).to.include('webhook-');
      for (const secret of secrets) expect(findings).not.to.include(secret);
    });
  }
});

describe('parseWebhookConfig', () => {
  const credentials: readonly (readonly [fields: string, kind: string, files: readonly string[]])[] = [
    ['', 'none', []],
    ['token: t1', 'token', []],
    ['tokenFile: /t', 'token', ['/t']],
    ['username: u1, password: p1', 'basic', []],
    ['client-certificate: c.crt, client-key: c.key', 'client-certificate', ['c.crt', 'c.key']],
    ['client-certificate-data: YQ==, client-key-data: YQ==', 'client-certificate', []],
    ['exec: {command: c, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}', 'exec', []],
  ];
  for (const [fields, kind, files] of credentials) {
    it(`finds ${kind} in {${fields}}`, () => {
      expect(parseWebhookConfig(user(fields))).to.deep.include({kind: 'read', credentials: kind, files});
    });
  }

  it('tells what it read', () => {
    expect(
      parseWebhookConfig(cluster('server: "https://[2001:db8::1]:9/x", certificate-authority: ca.crt')),
    ).to.deep.equal({
      kind: 'read',
      server: 'https://[2001:db8::1]:9',
      host: '2001:db8::1',
      tls: true,
      caData: false,
      caFile: 'ca.crt',
      insecureSkipTlsVerify: false,
      credentials: 'none',
      files: ['ca.crt'],
    });
  });
});
