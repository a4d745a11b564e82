/** Builds frames of HTTP/2, and records what Node's own client and server say to each other. */
import { connect as connectHttp2, createServer, type OutgoingHttpHeaders } from 'node:http2';
import { connect, createServer as createProxy, type AddressInfo, type Server } from 'node:net';
import { HTTP1_BUFFERS } from '../../../src/app/http1/buffers.js';
import { HTTP2_BUFFERS, FRAME } from '../../../src/app/http2/buffers.js';
import { HTTP2, HTTP2_EVENTS } from '../../../src/app/http2/index.js';
import { Talk, type Part, type Seen } from '../support/talk.js';

export type Said = readonly [side: '>' | '<', bytes: Uint8Array];

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
export const END_STREAM = 1;
export const END_HEADERS = 4;
export const PADDED = 8;

export function frame(type: keyof typeof FRAME, flags: number, stream: number, payload: Uint8Array): Uint8Array {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = FRAME[type];
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Headers as literals without table and Huffman code. */
export function block(headers: readonly (readonly [name: string, value: string])[]): Uint8Array {
  const text = (value: string): Buffer => {
    const bytes = Buffer.from(value, 'latin1');
    return Buffer.concat([Buffer.from(number(bytes.length, 7, 0)), bytes]);
  };
  return Buffer.concat(headers.map(([name, value]) => Buffer.concat([Buffer.from([0]), text(name), text(value)])));
}

/** A number of HPACK, whose first byte has `bits` bits for it beside `rest`. */
export function number(value: number, bits: number, rest: number): number[] {
  const most = (1 << bits) - 1;
  if (value < most) return [rest | value];
  const bytes = [rest | most];
  let left = value - most;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) | 128);
  return [...bytes, left];
}

export const GET = block([
  [':method', 'GET'],
  [':path', '/a'],
  [':authority', 'Host:81'],
  ['x', 'y'],
]);
export const OK = block([
  [':status', '200'],
  ['server', 's'],
]);

export const SPECS = [...HTTP1_BUFFERS, ...HTTP2_BUFFERS];
export const newTalk = (): Talk => new Talk(HTTP2, SPECS, HTTP2_EVENTS, 32);

/** What is seen of a conversation, given in pieces of `size` bytes. */
export function read(said: readonly Part[], size = 100_000, talk = newTalk()): readonly Seen[] {
  for (const [side, bytes] of said) {
    if (typeof bytes === 'number') talk.gap(side, bytes);
    else for (let at = 0; at < bytes.length; at += size) talk.stream(side, bytes.subarray(at, at + size));
  }
  for (const side of ['>', '<'] as const) talk.close(side);
  const { seen } = talk;
  talk.reset();
  return seen;
}

export interface Asked {
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

/** What a client and a server say over a connection on loopback, as it was sent; answers echo what was asked. */
export async function record(
  requests: readonly Asked[],
  answer: (path: string) => OutgoingHttpHeaders,
): Promise<Said[]> {
  const server = createServer();
  server.on('stream', (stream, headers) => {
    const parts: Buffer[] = [];
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('end', () => {
      stream.respond(answer(String(headers[':path'])));
      stream.end(Buffer.concat([Buffer.from('echo '), ...parts]));
    });
  });
  const said: Said[] = [];
  const target = await listening(server);
  const proxy = createProxy((client) => {
    const upstream = connect(target, '127.0.0.1');
    client.on('data', (bytes: Buffer) => upstream.write((said.push(['>', bytes]), bytes)));
    upstream.on('data', (bytes: Buffer) => client.write((said.push(['<', bytes]), bytes)));
    client.on('end', () => upstream.end());
    upstream.on('end', () => client.end());
  });
  const session = connectHttp2(`http://127.0.0.1:${await listening(proxy)}`);
  for (const { headers, body } of requests) {
    await new Promise<void>((done, failed) => {
      const request = session.request(headers as Record<string, string>);
      request.on('error', failed);
      request.on('close', done);
      request.resume();
      request.end(body);
    });
  }
  await new Promise<void>((done) => session.close(done));
  await Promise.all([server, proxy].map((each) => new Promise((done) => each.close(done))));
  return said;
}

const listening = (server: Pick<Server, 'listen' | 'address'>): Promise<number> =>
  new Promise((done) => server.listen(0, '127.0.0.1', () => done((server.address() as AddressInfo).port)));
