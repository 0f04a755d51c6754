/**
 * The thin client: plain JSON over node:https, with authentication from the kubeconfig. Every call ends in a value or in an
 * obstacle, never in an exception, but for an expired login and an interrupted run.
 */
import {Agent, request as httpsRequest, type RequestOptions} from 'node:https';
import {type OutgoingHttpHeaders, request as httpRequest} from 'node:http';
import {isIP} from 'node:net';
import {setTimeout as sleep} from 'node:timers/promises';
import {checkServerIdentity} from 'node:tls';
import type {KubeConfig} from '@kubernetes/client-node/dist/config.js';
import {CannotFindOut} from '../model/errors.ts';
import {type Fact, type Obstacle, absent, seen, unknown} from '../model/fact.ts';
import {type ConnectionOptions, firstLine, loadKubeConfig} from './kubeconfig.ts';

/** A complete answer of an HTTP server. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Where to send a request other than to the kubeconfig's server. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

interface CallOptions {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: unknown;
  readonly accept?: string;
  readonly endpoint?: Endpoint;
  /** A new connection, so that a load balancer may choose another server. */
  readonly fresh?: boolean;
}

/** No answer at all: the connection, TLS or the time failed. */
class ConnectionError extends Error {
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** Bounds what one answer may cost in memory; the largest expected is a list of pods. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** How often a read whose connection breaks off is tried, and the pause between, which is client-go's. */
const MAX_ATTEMPTS = 4;
const RETRY_MILLISECONDS = 1000;

export class ApiClient {
  readonly server: URL;
  readonly contextName: string;
  readonly insecure: boolean;
  readonly #config: KubeConfig;
  readonly #timeout: number;
  readonly #asGroups: readonly string[];
  readonly #trace: ConnectionOptions['trace'];
  #authentication: Promise<RequestOptions> | undefined;

  private constructor(config: KubeConfig, options: ConnectionOptions, contextName: string) {
    const cluster = config.getCurrentCluster();
    const server = cluster?.server ?? '';
    if (!URL.canParse(server))
      throw new CannotFindOut(
        `the kubeconfig's server ${JSON.stringify(server)} is no URL`,
        'correct the kubeconfig or pass --server',
      );
    this.server = new URL(server);
    this.contextName = contextName;
    this.insecure = cluster?.skipTLSVerify === true;
    this.#config = config;
    this.#timeout = options.requestTimeout;
    this.#asGroups = options.asGroups;
    this.#trace = options.trace;
  }

  /** Loads the kubeconfig; nothing is sent yet. */
  static open(options: ConnectionOptions): ApiClient {
    const {config, contextName} = loadKubeConfig(options);
    return new ApiClient(config, options, contextName);
  }

  /** GET of a JSON object. `right` is the permission that a 403 says is missing, as `kubectl auth can-i` takes it. */
  async json<T>(path: string, right: string, call: CallOptions = {}): Promise<Fact<T>> {
    const fact = await this.text(path, right, {accept: 'application/json', ...call});
    if (fact.state !== 'seen') return fact;
    try {
      return seen(JSON.parse(fact.value.body) as T, fact.source);
    } catch {
      return unknown({kind: 'unreadable', attempt: `GET ${path}`, reason: 'the answer is no JSON'});
    }
  }

  /** GET of a text. 404 is absent, 403 names the missing right, all else that is no success is an obstacle. */
  async text(path: string, right: string, call: CallOptions = {}): Promise<Fact<Answer>> {
    const source = `GET ${call.endpoint === undefined ? '' : urlOf(call.endpoint)}${path}`;
    try {
      const answer = await this.#callUntilAnswered(path, call);
      if (answer.status >= 200 && answer.status < 300) return seen(answer, source);
      if (answer.status === 404) return absent(source);
      return unknown(obstacleOf(answer, source, right));
    } catch (error) {
      if (error instanceof ConnectionError)
        return unknown({kind: 'unreachable', attempt: source, reason: error.message});
      throw error;
    }
  }

  /**
   * Reads again when the connection breaks off: behind a load balancer the next one finds a server that is not restarting.
   * @see https://github.com/kubernetes/client-go/blob/v0.34.4/rest/request.go#L1072
   */
  async #callUntilAnswered(path: string, options: CallOptions): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.call(path, options);
      } catch (error) {
        const isBrokenOff = error instanceof ConnectionError && error.code === 'ECONNRESET';
        if (!isBrokenOff || options.endpoint !== undefined || attempt === MAX_ATTEMPTS) throw error;
        await sleep(RETRY_MILLISECONDS);
      }
    }
  }

  /**
   * Sends one request and returns whatever comes back.
   * @throws ConnectionError when nothing comes back
   * @throws CannotFindOut when the login is not accepted
   */
  async call(path: string, options: CallOptions = {}): Promise<Answer> {
    const authentication = await this.#authenticate();
    const target = options.endpoint ?? {
      host: this.server.hostname.replace(/^\[|\]$/g, ''),
      port: Number(this.server.port) || (this.server.protocol === 'http:' ? 80 : 443),
    };
    const base = options.endpoint === undefined ? this.server.pathname.replace(/\/$/, '') : '';
    const requestOptions: RequestOptions = {
      ...authentication,
      host: target.host,
      port: target.port,
      path: base + path,
      method: options.method ?? 'GET',
      headers: {
        ...(authentication.headers as OutgoingHttpHeaders | undefined),
        Accept: options.accept ?? 'application/json',
        ...(this.#asGroups.length > 0 ? {'Impersonate-Group': this.#asGroups.slice()} : {}),
        ...(options.body === undefined ? {} : {'Content-Type': 'application/json'}),
      },
    };
    if (options.endpoint !== undefined || options.fresh === true)
      this.#useOwnConnection(requestOptions, authentication, options.endpoint);
    const answer = await this.#traced(requestOptions, () =>
      send(this.server.protocol === 'http:' ? httpRequest : httpsRequest, requestOptions, options.body, this.#timeout),
    );
    if (answer.status === 401 && options.endpoint === undefined) {
      throw new CannotFindOut(
        `the API server ${this.server.origin} does not accept this login (401 Unauthorized)`,
        'log in again, or choose another --context or --token',
      );
    }
    return answer;
  }

  async #traced(options: RequestOptions, work: () => Promise<Answer>): Promise<Answer> {
    const start = performance.now();
    const line = (outcome: string) =>
      this.#trace?.(
        `${options.method} ${options.host}:${options.port}${options.path} ${outcome} in ${Math.round(performance.now() - start)} ms`,
      );
    try {
      const answer = await work();
      line(String(answer.status));
      return answer;
    } catch (error) {
      line(firstLine(error));
      throw error;
    }
  }

  /**
   * At a server's own address the certificate must carry that address, or the name by which the kubeconfig trusts the
   * cluster: every API server's certificate carries the latter, not all of them the former.
   */
  #useOwnConnection(target: RequestOptions, authentication: RequestOptions, endpoint: Endpoint | undefined): void {
    // The agent of a proxy opens a connection for each request as it is.
    if (isPlainAgent(authentication.agent))
      target.agent = new Agent({...authentication.agent.options, keepAlive: false, maxSockets: 1});
    if (endpoint === undefined) return;
    const trusted = this.#config.getCurrentCluster()?.tlsServerName ?? this.server.hostname;
    target.checkServerIdentity = (_host, certificate) =>
      checkServerIdentity(endpoint.host, certificate) === undefined
        ? undefined
        : checkServerIdentity(trusted, certificate);
  }

  #authenticate(): Promise<RequestOptions> {
    this.#authentication ??= (async () => {
      const options: RequestOptions = {};
      try {
        await this.#config.applyToHTTPSOptions(options);
      } catch (error) {
        throw new CannotFindOut(
          `get credentials for context ${JSON.stringify(this.contextName)}: ${firstLine(error)}`,
          'check the credential plugin or the files that the kubeconfig names',
        );
      }
      if (isPlainAgent(options.agent)) options.agent.options.keepAlive = true;
      return options;
    })();
    return this.#authentication;
  }
}

/** Node's own agent, not one that reaches its target through a proxy. */
function isPlainAgent(agent: RequestOptions['agent']): agent is Agent {
  return agent instanceof Agent && agent.constructor === Agent;
}

type Requester = typeof httpsRequest;

function send(
  requester: Requester | typeof httpRequest,
  options: RequestOptions,
  body: unknown,
  timeout: number,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = requester(options, (incoming) => {
      const chunks: Buffer[] = [];
      let size = 0;
      incoming.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_BODY_BYTES) outgoing.destroy(new Error(`the answer is larger than ${MAX_BODY_BYTES} bytes`));
        else chunks.push(chunk);
      });
      incoming.on('error', (error) => reject(connectionError(error, options)));
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          body: Buffer.concat(chunks).toString('utf8'),
          headers: incoming.headers,
        }),
      );
    });
    if (timeout > 0) {
      outgoing.setTimeout(timeout, () =>
        outgoing.destroy(Object.assign(new Error(`no answer within ${timeout / 1000} s`), {code: 'ETIMEDOUT'})),
      );
    }
    outgoing.on('error', (error) => reject(connectionError(error, options)));
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Node's error in words that name the target; never the request's headers. */
function connectionError(error: Error & {code?: string}, options: RequestOptions): ConnectionError {
  const target = `${options.host}:${options.port}`;
  const code = error.code ?? '';
  switch (code) {
    case 'ECONNREFUSED':
      return new ConnectionError(`${target} refused the connection`, code);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ConnectionError(`the name ${options.host} cannot be resolved`, code);
    case 'ETIMEDOUT':
      return new ConnectionError(`${target}: ${firstLine(error)}`, code);
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EINVAL':
      return new ConnectionError(`there is no route to ${target} (${code})`, code);
    case 'ECONNRESET':
      return new ConnectionError(`${target} closed the connection`, code);
    default:
      return new ConnectionError(`${target}: ${firstLine(error)}`, code);
  }
}

function urlOf(endpoint: Endpoint): string {
  const host = isIP(endpoint.host) === 6 ? `[${endpoint.host}]` : endpoint.host;
  return `https://${host}:${endpoint.port}`;
}

function obstacleOf(answer: Answer, attempt: string, right: string): Obstacle {
  if (answer.status === 403) return {kind: 'forbidden', right};
  return {kind: 'unreachable', attempt, reason: `it answered ${answer.status}`};
}
