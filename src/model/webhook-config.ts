/**
 * Reads the kubeconfig of the audit webhook as the API server's client-go does, without opening any file that it names.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/util/webhook/webhook.go#L146
 * @see https://github.com/kubernetes/client-go/blob/v0.34.4/tools/clientcmd/validation.go
 */
import {parseAllDocuments} from 'yaml';

/** What the API server would do with the file. No credential is kept. */
export type WebhookConfig =
  | {
      readonly kind: 'read';
      /** Scheme, host and port that events go to; user, path and query are left out since they can hold secrets. */
      readonly server: string;
      /** Without brackets when it is an IPv6 address. */
      readonly host: string;
      readonly tls: boolean;
      /** Whether certificates of an authority are given in the file itself. */
      readonly caData: boolean;
      readonly caFile: string | undefined;
      readonly insecureSkipTlsVerify: boolean;
      readonly credentials: 'token' | 'client-certificate' | 'basic' | 'exec' | 'none';
      /** The files it names, as written; those that are not absolute are looked for beside the configuration. */
      readonly files: readonly string[];
    }
  /** In the server's own words as far as they are known; with this file it does not start. */
  | {readonly kind: 'refused'; readonly message: string};

type Fields = Readonly<Record<string, unknown>>;
type Refused = Extract<WebhookConfig, {kind: 'refused'}>;

const refused = (message: string): Refused => ({kind: 'refused', message: `initializing audit webhook: ${message}`});
const notLoaded = (reason: string): Refused => refused(`error loading config file: ${reason}`);
const EMPTY =
  'invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable';

/** Takes the text of the file that `--audit-webhook-config-file` names. */
export function parseWebhookConfig(text: string): WebhookConfig {
  const config = loadConfig(text);
  if (config.kind === 'refused') return config;
  const {missing, clusterName, cluster, userName, user} = selectContext(config);
  const errors = [...missing, ...validateUser(userName, user), ...validateCluster(clusterName, cluster)];
  if (cluster === undefined && errors.length === 1) return refused(EMPTY);
  if (errors.length > 0) {
    return refused(`invalid configuration: ${errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`}`);
  }
  return readConnection(cluster ?? {}, user);
}

interface Loaded {
  readonly kind: 'loaded';
  readonly clusters: ReadonlyMap<string, Fields>;
  readonly users: ReadonlyMap<string, Fields>;
  readonly contexts: ReadonlyMap<string, Fields>;
  readonly currentContext: string;
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(fields: Fields | undefined, name: string): string {
  const value = fields?.[name];
  return typeof value === 'string' ? value : '';
}

function loadConfig(text: string): Loaded | Refused {
  const document = readFirstDocument(text);
  if (!document.ok) return notLoaded(document.reason);
  const {fields} = document;
  const kind = fields['kind'] ?? 'Config';
  const version = fields['apiVersion'] ?? 'v1';
  if (kind !== 'Config' || version !== 'v1') {
    return notLoaded(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(version)}`);
  }
  const clusters = readNamed(fields, 'clusters', 'cluster', CLUSTER_FIELDS);
  const users = readNamed(fields, 'users', 'user', USER_FIELDS);
  const contexts = readNamed(fields, 'contexts', 'context', CONTEXT_FIELDS);
  if (typeof clusters === 'string') return notLoaded(clusters);
  if (typeof users === 'string') return notLoaded(users);
  if (typeof contexts === 'string') return notLoaded(contexts);
  const currentContext = fields['current-context'] ?? '';
  if (typeof currentContext !== 'string')
    return notLoaded(wrongType('Config.current-context', 'string', currentContext));
  return {kind: 'loaded', clusters, users, contexts, currentContext};
}

type FirstDocument = {readonly ok: true; readonly fields: Fields} | {readonly ok: false; readonly reason: string};

/** The server reads one document, with the booleans of YAML 1.1: `y`, `no` and `on` are no strings to it. */
function readFirstDocument(text: string): FirstDocument {
  const documents = parseAllDocuments(text, {version: '1.1', logLevel: 'silent'});
  const document = Array.isArray(documents) ? documents[0] : undefined;
  if (document === undefined) return {ok: true, fields: {}};
  const error = document.errors[0];
  // Only the code: the message of the parser quotes the line, which may hold a token.
  if (error !== undefined) return {ok: false, reason: `yaml: line ${error.linePos?.[0].line ?? 1}: ${error.code}`};
  const value = toValue(() => document.toJS());
  if (value === null || value === undefined) return {ok: true, fields: {}};
  return isRecord(value) ? {ok: true, fields: value} : {ok: false, reason: "couldn't get version/kind"};
}

/** Aliases that grow without bound make `toJS` throw. */
function toValue(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return 'too many aliases';
  }
}

type FieldType = 'string' | 'bool' | 'base64' | 'object';

const CLUSTER_FIELDS: Readonly<Record<string, FieldType>> = {
  server: 'string',
  'tls-server-name': 'string',
  'insecure-skip-tls-verify': 'bool',
  'certificate-authority': 'string',
  'certificate-authority-data': 'base64',
  'proxy-url': 'string',
};

const USER_FIELDS: Readonly<Record<string, FieldType>> = {
  'client-certificate': 'string',
  'client-certificate-data': 'base64',
  'client-key': 'string',
  'client-key-data': 'base64',
  token: 'string',
  tokenFile: 'string',
  username: 'string',
  password: 'string',
  exec: 'object',
};

const CONTEXT_FIELDS: Readonly<Record<string, FieldType>> = {cluster: 'string', user: 'string', namespace: 'string'};

const GO_TYPES: Readonly<Record<string, readonly [element: string, singular: string]>> = {
  clusters: ['NamedCluster', 'Cluster'],
  users: ['NamedAuthInfo', 'AuthInfo'],
  contexts: ['NamedContext', 'Context'],
};

/** The entries of one of the three lists by name, or what client-go says of it. */
function readNamed(
  config: Fields,
  list: string,
  key: string,
  types: Readonly<Record<string, FieldType>>,
): ReadonlyMap<string, Fields> | string {
  const [element = '', singular = ''] = GO_TYPES[list] ?? [];
  const entries = config[list] ?? [];
  if (!Array.isArray(entries)) return wrongType(`Config.${list}`, `[]v1.${element}`, entries);
  const named = new Map<string, Fields>();
  for (const entry of entries) {
    if (!isRecord(entry)) return wrongType(`Config.${list}`, `v1.${element}`, entry);
    const fields = entry[key] ?? {};
    if (!isRecord(fields)) return wrongType(`${element}.${list}.${key}`, `v1.${singular}`, fields);
    const error = checkFields(fields, types, `${singular}.${list}.${key}`);
    if (error !== undefined) return error;
    const name = textOf(entry, 'name');
    // client-go goes on to print the whole list, tokens included.
    if (named.has(name))
      return `error converting *[]${element} into *map[string]*api.${singular}: duplicate name ${JSON.stringify(name)} in list`;
    named.set(name, fields);
  }
  return named;
}

function checkFields(fields: Fields, types: Readonly<Record<string, FieldType>>, place: string): string | undefined {
  for (const [name, type] of Object.entries(types)) {
    const value = fields[name];
    if (value === undefined || value === null) continue;
    if (type === 'bool' && typeof value !== 'boolean') return wrongType(`${place}.${name}`, 'bool', value);
    if (type === 'object' && !isRecord(value)) return wrongType(`${place}.${name}`, 'v1.ExecConfig', value);
    if ((type === 'string' || type === 'base64') && typeof value !== 'string') {
      return wrongType(`${place}.${name}`, 'string', value);
    }
    if (type === 'base64' && typeof value === 'string' && !isBase64(value)) return illegalBase64(value);
  }
  return undefined;
}

function isBase64(text: string): boolean {
  const compact = text.replace(/[\r\n]/g, '');
  return compact.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(compact);
}

function illegalBase64(text: string): string {
  const position = text.search(/[^A-Za-z0-9+/=\r\n]/);
  return position === -1 ? 'illegal base64 data' : `illegal base64 data at input byte ${position}`;
}

function wrongType(place: string, wanted: string, value: unknown): string {
  return `json: cannot unmarshal ${jsonType(value)} into Go struct field ${place} of type ${wanted}`;
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'object' ? 'object' : typeof value;
}

interface SelectedContext {
  /** What client-go says when the current context does not exist. */
  readonly missing: readonly string[];
  readonly clusterName: string;
  readonly cluster: Fields | undefined;
  readonly userName: string;
  readonly user: Fields;
}

/** Without a current context nothing is selected; a user that does not exist is as one without credentials. */
function selectContext(config: Loaded): SelectedContext {
  const {currentContext} = config;
  const context = config.contexts.get(currentContext);
  const missing =
    currentContext !== '' && context === undefined
      ? [`context was not found for specified context: ${currentContext}`]
      : [];
  const clusterName = textOf(context, 'cluster');
  const userName = textOf(context, 'user');
  const cluster = config.clusters.get(clusterName);
  return {missing, clusterName, cluster, userName, user: config.users.get(userName) ?? {}};
}

function validateUser(name: string, user: Fields): readonly string[] {
  const errors: string[] = [];
  const has = (field: string) => textOf(user, field) !== '';
  const methods = [...(has('token') ? ['token'] : []), ...(has('username') || has('password') ? ['basicAuth'] : [])];
  if (has('client-certificate') || has('client-certificate-data')) {
    if (has('client-certificate') && has('client-certificate-data')) {
      errors.push(`client-cert-data and client-cert are both specified for ${name}. client-cert-data will override.`);
    }
    if (has('client-key') && has('client-key-data')) {
      errors.push(`client-key-data and client-key are both specified for ${name}; client-key-data will override`);
    }
    if (!has('client-key') && !has('client-key-data')) {
      errors.push(
        `client-key-data or client-key must be specified for ${name} to use the clientCert authentication method.`,
      );
    }
  }
  const exec = user['exec'];
  if (isRecord(exec)) errors.push(...validateExec(name, exec));
  if (methods.length > 1) {
    errors.push(
      `more than one authentication method found for ${name}; found [${methods.join(' ')}], only one is allowed`,
    );
  }
  return errors;
}

/** Exec plugins of v1alpha1 and v1beta1 may go without an interactiveMode. */
function validateExec(name: string, exec: Fields): readonly string[] {
  const errors: string[] = [];
  const must = (what: string) => errors.push(`${what} must be specified for ${name} to use exec authentication plugin`);
  const apiVersion = textOf(exec, 'apiVersion');
  if (textOf(exec, 'command') === '') must('command');
  if (apiVersion === '') must('apiVersion');
  const mode = textOf(exec, 'interactiveMode');
  if (mode === '' && !/\/v1(?:alpha1|beta1)$/.test(apiVersion)) must('interactiveMode');
  if (mode !== '' && !['Never', 'IfAvailable', 'Always'].includes(mode)) {
    errors.push(`invalid interactiveMode for ${name}: ${JSON.stringify(mode)}`);
  }
  return errors;
}

function validateCluster(name: string, cluster: Fields | undefined): readonly string[] {
  if (cluster === undefined) return ['cluster has no server defined'];
  const errors: string[] = [];
  if (textOf(cluster, 'server') === '') {
    errors.push(
      name === '' ? 'default cluster has no server defined' : `no server found for cluster ${JSON.stringify(name)}`,
    );
  }
  if (textOf(cluster, 'certificate-authority') !== '' && textOf(cluster, 'certificate-authority-data') !== '') {
    errors.push(
      `certificate-authority-data and certificate-authority are both specified for ${name}. certificate-authority-data will override.`,
    );
  }
  return errors;
}

function readConnection(cluster: Fields, user: Fields): WebhookConfig {
  const caData = textOf(cluster, 'certificate-authority-data');
  const caFile = textOf(cluster, 'certificate-authority');
  const insecureSkipTlsVerify = cluster['insecure-skip-tls-verify'] === true;
  if (insecureSkipTlsVerify && caData + caFile !== '') {
    return refused('specifying a root certificates file with the insecure flag is not allowed');
  }
  if (caData !== '' && !Buffer.from(caData, 'base64').toString('latin1').includes('-----BEGIN CERTIFICATE-----')) {
    return refused('unable to load root certificates: unable to parse bytes as PEM block');
  }
  const fileNames = [caFile, textOf(user, 'client-certificate'), textOf(user, 'client-key'), textOf(user, 'tokenFile')];
  const usesTls = insecureSkipTlsVerify || caData + caFile + certificateOf(user) !== '';
  const written = textOf(cluster, 'server');
  const url = serverUrl(written, usesTls);
  if (url === undefined) {
    return refused(`host must be a URL or a host:port pair: ${JSON.stringify(withoutSecrets(written))}`);
  }
  return {
    kind: 'read',
    server: `${url.protocol}//${url.host}`,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    tls: url.protocol === 'https:',
    caData: caData !== '',
    caFile: caFile === '' ? undefined : caFile,
    insecureSkipTlsVerify,
    credentials: credentialsOf(user),
    files: fileNames.filter((name) => name !== ''),
  };
}

function certificateOf(user: Fields): string {
  return textOf(user, 'client-certificate') + textOf(user, 'client-certificate-data');
}

function credentialsOf(user: Fields): Extract<WebhookConfig, {kind: 'read'}>['credentials'] {
  if (isRecord(user['exec'])) return 'exec';
  if (textOf(user, 'token') + textOf(user, 'tokenFile') !== '') return 'token';
  if (certificateOf(user) !== '') return 'client-certificate';
  return textOf(user, 'username') + textOf(user, 'password') === '' ? 'none' : 'basic';
}

/**
 * `DefaultServerURL`: an address without a scheme is a host and port, with TLS only when the file says something about it.
 * @see https://github.com/kubernetes/client-go/blob/v0.34.4/rest/url_utils.go#L31
 */
function serverUrl(written: string, usesTls: boolean): URL | undefined {
  if (/^[a-z][a-z\d+.-]*:\/\/[^/]/i.test(written) && URL.canParse(written)) return new URL(written);
  const assumed = `${usesTls ? 'https' : 'http'}://${written}`;
  if (written.includes('://') || !URL.canParse(assumed)) return undefined;
  const url = new URL(assumed);
  return url.pathname === '/' ? url : undefined;
}

function withoutSecrets(server: string): string {
  return server
    .replace(/\/\/[^/@]*@/, '//')
    .replace(/^[^/@]*@/, '')
    .replace(/[?#].*$/s, '');
}
