import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AdminRefusals, type Refusal } from '../../src/metrics/admin-refusals.js';
import {
  ADMIN_LIMITS,
  AdminServer,
  type AdminAnswer,
  type AdminLimits,
  type AdminQuestion,
} from '../../src/metrics/admin-server.js';
import { until } from '../support/sensor.js';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

/** A server whose questions wait until the test answers them. */
class Served {
  readonly asked: AdminQuestion[] = [];
  readonly refusals = new AdminRefusals();
  readonly server: AdminServer;
  port = 0;
  private readonly resolvers: ((answer: AdminAnswer) => void)[] = [];
  private readonly automatic: string | undefined;

  /** With a body each question is answered at once. */
  constructor(limits: Partial<AdminLimits>, automatic?: string) {
    this.automatic = automatic;
    this.server = new AdminServer((path) => this.ask(path), this.refusals, { ...ADMIN_LIMITS, ...limits });
    open.push(this.server);
  }

  answerAll(body: string): void {
    for (const resolve of this.resolvers.splice(0)) resolve({ status: 200, type: 'text/plain', body });
  }

  refused(reason: Refusal): number {
    return this.refusals.all.find((each) => each.reason === reason)!.count;
  }

  /** A connection that writes `text` and listens. */
  async dial(text = '', from = '127.0.0.1'): Promise<Peer> {
    const socket = connect({ port: this.port, host: '127.0.0.1', localAddress: from });
    open.push({ close: () => socket.destroy() });
    await once(socket, 'connect');
    return new Peer(socket, text);
  }

  private ask(path: AdminQuestion): Promise<AdminAnswer> {
    this.asked.push(path);
    const answer = new Promise<AdminAnswer>((resolve) => this.resolvers.push(resolve));
    if (this.automatic !== undefined) this.answerAll(this.automatic);
    return answer;
  }
}

/** The other side of a connection. */
class Peer {
  received = '';
  readonly closed: Promise<unknown>;
  readonly socket: Socket;

  constructor(socket: Socket, text: string) {
    this.socket = socket;
    socket
      .setEncoding('latin1')
      .on('data', (chunk: string) => (this.received += chunk))
      .on('error', () => undefined);
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    if (text !== '') socket.write(text);
  }

  /** Resolves once so much of an answer has come. */
  async got(text: string): Promise<void> {
    while (!this.received.includes(text))
      await Promise.race([
        once(this.socket, 'data'),
        this.closed.then(() => Promise.reject(new Error(`closed after ${this.received}`))),
      ]);
  }
}

const REQUEST = 'GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n';
async function serve(limits: Partial<AdminLimits> = {}, automatic?: string): Promise<Served> {
  const served = new Served(limits, automatic);
  served.port = await served.server.listen('127.0.0.1', 0);
  return served;
}
describe('the admin server', () => {
  it('answers what is asked, to HEAD without a body, and has a hint for everything else', async () => {
    const { port } = await serve({}, 'answered\n');
    const base = `http://127.0.0.1:${port}`;
    const metrics = await fetch(`${base}/metrics?x`);
    expect([metrics.status, metrics.headers.get('content-type'), await metrics.text()]).toEqual([
      200,
      'text/plain',
      'answered\n',
    ]);
    const head = await fetch(`${base}/healthz`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const wrong = await fetch(`${base}/metric`);
    expect([wrong.status, await wrong.text()]).toEqual([404, 'nothing here; try /metrics, /healthz, /readyz\n']);
    expect((await fetch(`${base}/metrics`, { method: 'DELETE' })).status).toBe(405);
    expect((await fetch(`${base}/metrics`, { method: 'POST', body: 'x' })).status).toBe(413);
  });

  it('keeps a connection for the next scrape', async () => {
    const { port } = await serve({}, 'answered');
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    open.push({ close: () => agent.destroy() });
    const reused: boolean[] = [];
    for (let i = 0; i < 3; i++) {
      const request = get({ port, host: '127.0.0.1', path: '/metrics', agent });
      const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream];
      response.resume();
      await once(response, 'end');
      reused.push(request.reusedSocket);
    }
    expect(reused).toEqual([false, true, true]);
  });

  it('says which address is in use, and which is not of this machine', async () => {
    const { port, server } = await serve();
    expect(server).toBeDefined();
    const other = new AdminServer(() => Promise.reject(new Error('not asked')), new AdminRefusals());
    await expect(other.listen('127.0.0.1', port)).rejects.toThrow(`127.0.0.1:${port} is in use`);
    await expect(other.listen('203.0.113.1', 0)).rejects.toThrow('203.0.113.1:0 is no address of this machine');
  });

  it('asks once for all who ask meanwhile', async () => {
    const served = await serve();
    const peers = await Promise.all(Array.from({ length: 20 }, () => served.dial(REQUEST)));
    const health = await served.dial(REQUEST.replace('metrics', 'healthz'));
    await until('what was sent was read', () => served.asked.length === 2);
    // All requests have been read once a later one has been answered.
    const last = await served.dial(REQUEST.replace('metrics', 'nowhere'));
    await last.got('404');
    served.answerAll('the same');
    await Promise.all([...peers, health].map((peer) => peer.got('the same')));
    expect(served.asked.toSorted()).toEqual(['/healthz', '/metrics']);
    await (await served.dial(REQUEST.replace('metrics', 'nowhere'))).got('404');
  });

  it('answers for a main thread that does not', async () => {
    const served = await serve({ answerMs: 1 });
    await (await served.dial(REQUEST)).got('503');
    await (await served.dial(REQUEST)).got('503');
    // The first question is still the only one.
    expect(served.asked).toEqual(['/metrics']);
  });
});

describe('a stranger at the admin server', () => {
  it('who sends thousands of requests without waiting is cut off, and asks the main thread once', async () => {
    const served = await serve();
    const peers = await Promise.all(Array.from({ length: 4 }, () => served.dial(REQUEST.repeat(2000))));
    await Promise.all(peers.map(({ closed }) => closed));
    expect(served.asked).toEqual(['/metrics']);
    expect(served.refused('pipelining')).toBe(4);
    served.answerAll('later');
    const next = await served.dial(REQUEST);
    await until('what was sent was read', () => served.asked.length === 2);
    served.answerAll('served again');
    await next.got('served again');
  });

  it('who holds connections makes room for each new one, the longest idle first', async () => {
    const served = await serve({ connections: 8 }, 'here');
    const idle: Peer[] = [];
    for (let i = 0; i < 12; i++) idle.push(await served.dial());
    await (await served.dial(REQUEST)).got('here');
    await Promise.all(idle.slice(0, 5).map(({ closed }) => closed));
    expect(idle.slice(5).map(({ socket }) => socket.destroyed)).toEqual(Array.from({ length: 7 }, () => false));
    expect(served.refused('connections')).toBe(5);
  });

  it('does not push out who has another address', async () => {
    const served = await serve({ connections: 8 });
    const scraper = await served.dial(REQUEST, '127.0.0.2');
    await until('what was sent was read', () => served.asked.length === 1);
    for (let i = 0; i < 30; i++) await served.dial(REQUEST.slice(0, -2), '127.0.0.3');
    await until('what was sent was read', () => served.refused('connections') === 23);
    served.answerAll('the scrape');
    await scraper.got('the scrape');
  });

  it('who is slow with a request is cut off', async () => {
    const served = await serve({ headerMs: 20 });
    for (const text of ['', REQUEST.slice(0, -2)]) await (await served.dial(text)).closed;
    expect(served.refusals.all.filter(({ count }) => count > 0)).toEqual([{ reason: 'slow', count: 2 }]);
  });

  it('who does not read the answer is cut off, too', async () => {
    const served = await serve({ stallMs: 20 }, 'x'.repeat(16 << 20));
    const { socket } = await served.dial();
    socket.pause().write(REQUEST);
    await until('the connection is given up', () => served.refused('slow') === 1);
  });

  it('who does not speak HTTP, or at length, is cut off', async () => {
    const served = await serve({}, 'x');
    for (const text of ['\x16\x03\x01\x02\x00\x01\x00', `GET / HTTP/1.1\r\nx: ${'y'.repeat(9000)}\r\n\r\n`])
      await (
        await served.dial(text)
      ).closed;
    expect(served.refused('malformed')).toBe(2);
  });

  it('may ask for so much on a connection, and then has to open another', async () => {
    const served = await serve({ requestsPerConnection: 2 }, 'once');
    const peer = await served.dial(REQUEST);
    await peer.got('once');
    peer.socket.write(REQUEST);
    await peer.closed;
    expect(peer.received.match(/once/g)).toHaveLength(2);
    expect(peer.received.toLowerCase()).toContain('connection: close');
  });
});
