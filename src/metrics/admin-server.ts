/**
 * The HTTP of the admin port. Stage: metrics, the admin thread.
 *
 * Whoever can reach the port may do with it what they like, so everything is bounded: connections, the requests under
 * way on each (one), the time that a request or the reading of its answer may take, and the questions to the main
 * thread: one of each kind at a time, whose answer is for all who asked meanwhile. Where there are too many
 * connections, the one that has been quiet the longest is closed, of the address that holds most of them: idle ones
 * keep nobody out. With an identity all of it is inside TLS; a handshake has the time of a request's headers.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { AdminRefusals, Refusal } from './admin-refusals.js';

/** What can be asked for; a question to the main thread each. */
const ADMIN_PATHS = ['/metrics', '/healthz', '/readyz'] as const;
export type AdminPath = (typeof ADMIN_PATHS)[number];

/** What is asked for with a token, by POST; questions, too. */
const ADMIN_ACTIONS = ['/-/reload', '/-/reopen'] as const;
export type AdminAction = (typeof ADMIN_ACTIONS)[number];
export type AdminQuestion = AdminPath | AdminAction;

export interface AdminAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** PEM of a certificate, with those between it and an authority, and of its key. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

export interface AdminLimits {
  readonly connections: number;
  /** After so many a connection is closed, behind its answer. */
  readonly requestsPerConnection: number;
  /** Until the headers of a request are there. */
  readonly headerMs: number;
  /** Without a byte either way while a request is answered. */
  readonly stallMs: number;
  /** Between two requests. */
  readonly idleMs: number;
  /** For the main thread to answer. */
  readonly answerMs: number;
}

export const ADMIN_LIMITS: AdminLimits = {
  connections: 32,
  requestsPerConnection: 1000,
  headerMs: 5000,
  stallMs: 10_000,
  idleMs: 75_000,
  answerMs: 10_000,
};

const MAX_HEADER_BYTES = 8192;
const NO_ANSWER: AdminAnswer = { status: 503, type: 'text/plain', body: 'the sensor does not answer\n' };
const HINT = `nothing here; try ${ADMIN_PATHS.join(', ')}\n`;
const NOT_FOUND: AdminAnswer = { status: 404, type: 'text/plain', body: HINT };
const WRONG_METHOD: AdminAnswer = { status: 405, type: 'text/plain', body: 'only GET and HEAD\n' };
const UNAUTHORIZED: AdminAnswer = { status: 401, type: 'text/plain', body: 'the token is missing or wrong\n' };
const NO_BODIES: AdminAnswer = { status: 413, type: 'text/plain', body: 'no request here has a body\n' };

/** An answer with its body as bytes, made once for all who get it. */
interface Prepared {
  readonly status: number;
  readonly type: string;
  readonly bytes: Buffer;
}

interface Connection {
  readonly peer: string;
  answering: boolean;
  requests: number;
  /** When it was last opened, asked or answered, in turns. */
  turn: number;
}

export class AdminServer {
  private readonly ask: (path: AdminQuestion) => Promise<AdminAnswer>;
  private readonly refusals: AdminRefusals;
  private readonly limits: AdminLimits;
  /** Of `token`, so that comparing takes the same time whatever is sent; undefined without one. */
  private readonly tokenDigest: Buffer | undefined;
  private readonly server: Server | SecureServer;
  /** What TLS runs over: limits are of connections. */
  private readonly under = new WeakMap<Socket, Socket>();
  private readonly connections = new Map<Socket, Connection>();
  private readonly asked = new Map<AdminQuestion, Promise<Prepared>>();
  private turn = 0;

  constructor(
    ask: (path: AdminQuestion) => Promise<AdminAnswer>,
    refusals: AdminRefusals,
    limits: AdminLimits = ADMIN_LIMITS,
    token = '',
    identity?: Identity,
  ) {
    this.tokenDigest = token === '' ? undefined : digest(token);
    this.ask = ask;
    this.refusals = refusals;
    this.limits = limits;
    const options = {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: limits.headerMs,
      requestTimeout: limits.headerMs,
      keepAliveTimeout: limits.idleMs,
      connectionsCheckingInterval: Math.min(1000, limits.headerMs),
    };
    this.server =
      identity === undefined
        ? createServer(options)
        : createSecureServer({ ...options, ...identity, handshakeTimeout: limits.headerMs, minVersion: 'TLSv1.2' });
    this.server.timeout = limits.stallMs;
    this.server.on('connection', (socket) => this.admit(socket));
    this.server.on('request', (request, response) => void this.respond(request, response));
    this.server.on('timeout', (socket) => this.timedOut(socket));
    this.server.on('clientError', (error, socket) => this.failed(error, socket as Socket));
    this.server.on('secureConnection', (socket: TLSSocket) => this.noteSecure(socket));
    this.server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
      if (error.code !== 'ECONNRESET')
        this.refusals.count(error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT' ? 'slow' : 'malformed');
      socket.destroy();
    });
  }

  /** Listens. @returns the port, of use where 0 was asked for. Rejects with a message for people. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', (error: NodeJS.ErrnoException) => {
        reject(new Error(listenProblem(host, port, error), { cause: error }));
      });
      this.server.listen(port, host, () => {
        this.server.removeAllListeners('error');
        // A connection that could not be accepted is the other side's to try again.
        this.server.on('error', () => undefined);
        resolve((this.server.address() as AddressInfo).port);
      });
    });
  }

  /** Shows this one from the next connection on. Throws where the two do not belong together, and keeps the last. */
  identify(identity: Identity): void {
    if ('setSecureContext' in this.server) this.server.setSecureContext({ ...identity, minVersion: 'TLSv1.2' });
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private admit(socket: Socket): void {
    if (this.connections.size >= this.limits.connections) this.refuse(this.leastWanted(), 'connections');
    const peer = socket.remoteAddress ?? '';
    this.connections.set(socket, { peer, answering: false, requests: 0, turn: this.turn++ });
    socket.once('close', () => this.connections.delete(socket));
  }

  /** Both ends of a connection are those of what it runs over. */
  private noteSecure(secure: TLSSocket): void {
    for (const socket of this.connections.keys())
      if (socket.remotePort === secure.remotePort && socket.remoteAddress === secure.remoteAddress)
        this.under.set(secure, socket);
  }

  private connectionOf(socket: Socket): Connection | undefined {
    return this.connections.get(this.under.get(socket) ?? socket);
  }

  /** The connection that gives way to a new one. */
  private leastWanted(): Socket | undefined {
    const held = new Map<string, number>();
    for (const { peer } of this.connections.values()) held.set(peer, (held.get(peer) ?? 0) + 1);
    const before = (a: Connection, b: Connection): boolean => {
      const more = held.get(a.peer)! - held.get(b.peer)!;
      if (more !== 0) return more > 0;
      return a.answering === b.answering ? a.turn < b.turn : b.answering;
    };
    let least: [Socket, Connection] | undefined;
    for (const each of this.connections) if (least === undefined || before(each[1], least[1])) least = each;
    return least?.[0];
  }

  private refuse(socket: Socket | undefined, refusal: Refusal): void {
    const lower = socket && (this.under.get(socket) ?? socket);
    if (lower === undefined || !this.connections.delete(lower)) return;
    this.refusals.count(refusal);
    lower.destroy();
  }

  /** Between two requests that is no more than the end of a connection. */
  private timedOut(socket: Socket): void {
    if (this.connectionOf(socket)?.answering === true) this.refuse(socket, 'slow');
    else socket.destroy();
  }

  private failed(error: NodeJS.ErrnoException, socket: Socket): void {
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') this.refuse(socket, 'slow');
    else if (error.code?.startsWith('HPE_') === true) this.refuse(socket, 'malformed');
    else socket.destroy();
  }

  private async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request;
    const connection = this.connectionOf(socket);
    // Refused already; the parser goes on to the end of what it has read.
    if (connection === undefined) return;
    if (connection.answering) return this.refuse(socket, 'pipelining');
    connection.answering = true;
    connection.turn = this.turn++;
    if (++connection.requests >= this.limits.requestsPerConnection) response.setHeader('connection', 'close');
    response.once('close', () => {
      connection.answering = false;
      connection.turn = this.turn++;
    });
    const { status, type, bytes } = await this.answer(request, response);
    response.writeHead(status, { 'content-type': type, 'content-length': bytes.length });
    // The body of an answer to HEAD is left out by Node.
    response.end(bytes);
  }

  private async answer({ method, url, headers }: IncomingMessage, response: ServerResponse): Promise<Prepared> {
    if (headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0') {
      this.refusals.count('malformed');
      response.setHeader('connection', 'close');
      return prepare(NO_BODIES);
    }
    const asked = (url ?? '/').split('?')[0];
    const action = method === 'POST' ? ADMIN_ACTIONS.find((each) => each === asked) : undefined;
    if (action !== undefined && this.tokenDigest !== undefined)
      return this.allows(headers.authorization) ? await this.shared(action) : this.turnAway(response);
    if (method !== 'GET' && method !== 'HEAD') return prepare(WRONG_METHOD);
    const path = ADMIN_PATHS.find((each) => each === asked);
    return path === undefined ? prepare(NOT_FOUND) : await this.shared(path);
  }

  private allows(authorization = ''): boolean {
    const token = /^Bearer (.+)$/i.exec(authorization)?.[1] ?? '';
    return timingSafeEqual(digest(token), this.tokenDigest!);
  }

  private turnAway(response: ServerResponse): Prepared {
    this.refusals.count('unauthorized');
    response.setHeader('www-authenticate', 'Bearer');
    response.setHeader('connection', 'close');
    return prepare(UNAUTHORIZED);
  }

  /** One question of each kind at a time: who asks before it is answered gets the same answer. */
  private async shared(path: AdminQuestion): Promise<Prepared> {
    let asked = this.asked.get(path);
    if (asked === undefined) {
      asked = this.ask(path)
        .then(prepare)
        .finally(() => this.asked.delete(path));
      this.asked.set(path, asked);
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Prepared>((resolve) => {
      timer = setTimeout(() => resolve(prepare(NO_ANSWER)), this.limits.answerMs);
    });
    try {
      return await Promise.race([asked, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function prepare({ status, type, body }: AdminAnswer): Prepared {
  return { status, type, bytes: Buffer.from(body) };
}

function listenProblem(host: string, port: number, error: NodeJS.ErrnoException): string {
  const where = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return `${where} is in use: another sensor, or set another address with --admin`;
    case 'EACCES':
      return `${where} may not be used without privileges: set a port above 1023 with --admin`;
    case 'EADDRNOTAVAIL':
      return `${where} is no address of this machine`;
    default:
      return `${where}: ${error.message}`;
  }
}
