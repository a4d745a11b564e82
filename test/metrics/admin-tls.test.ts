/** The admin port inside TLS: who it says it is, also after a change, and that its bounds are those of connections. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectSecure, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { adminIdentity } from '../../src/cli/admin-identity.js';
import { loadConfig } from '../../src/config/load-config.js';
import { AdminRefusals, type Refusal } from '../../src/metrics/admin-refusals.js';
import { ADMIN_LIMITS, AdminServer, type AdminLimits } from '../../src/metrics/admin-server.js';

const folder = mkdtempSync(join(tmpdir(), 'periscope-admin-'));
const at = (name: string): string => join(folder, name);
const configOf = (name: string, key = name) =>
  loadConfig({ flags: { 'adminTls.certificate': at(`${name}.pem`), 'adminTls.key': at(`${key}.key`) } }).config;
const identityOf = (name: string) => adminIdentity(configOf(name))!;

beforeAll(() => {
  for (const name of ['first', 'second'])
    execFileSync(
      'openssl',
      `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=${name} -keyout ${at(name)}.key -out ${at(name)}.pem`.split(
        ' ',
      ),
      { stdio: 'ignore' },
    );
});
afterAll(() => rmSync(folder, { recursive: true }));

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function serve(limits: Partial<AdminLimits> = {}) {
  const refusals = new AdminRefusals();
  const answer = { status: 200, type: 'text/plain', body: 'figures' };
  const all = { ...ADMIN_LIMITS, ...limits };
  const server = new AdminServer(() => Promise.resolve(answer), refusals, all, '', identityOf('first'));
  open.push(server);
  const port = await server.listen('127.0.0.1', 0);
  const refused = (reason: Refusal): number => refusals.all.find((each) => each.reason === reason)!.count;
  return { server, port, refused };
}

function ask(port: number, name: string): Promise<string> {
  const options = { port, host: '127.0.0.1', path: '/metrics', agent: false, servername: '' };
  const checked = { ...options, ca: readFileSync(at(`${name}.pem`)), checkServerIdentity: () => undefined };
  return new Promise((resolve, reject) => {
    get(checked, (response) => {
      let body = '';
      response.on('data', (part: Buffer) => (body += part.toString()));
      response.on('end', () => resolve(body));
    }).on('error', reject);
  });
}

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  open.push({ close: () => socket.destroy() });
  await once(socket, 'connect');
  return socket;
}

async function dialSecurely(port: number): Promise<TLSSocket> {
  const socket = connectSecure({ port, host: '127.0.0.1', rejectUnauthorized: false }).on('error', () => undefined);
  open.push({ close: () => socket.destroy() });
  await once(socket, 'secureConnect');
  return socket;
}

describe('inside TLS', () => {
  it('answers are as without, and show another certificate once there is one', async () => {
    const { server, port } = await serve();
    expect(await ask(port, 'first')).toBe('figures');
    server.identify(identityOf('second'));
    expect(await ask(port, 'second')).toBe('figures');
    await expect(ask(port, 'first')).rejects.toThrow(/self.signed certificate/);
  });

  it('what is no TLS is closed and counted', async () => {
    const { port, refused } = await serve();
    const socket = await dial(port);
    socket.resume().write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'close');
    expect(refused('malformed')).toBe(1);
  });

  it('a handshake that takes too long is closed and counted', async () => {
    const { port, refused } = await serve({ headerMs: 50 });
    await once((await dial(port)).resume(), 'close');
    expect([refused('slow'), refused('malformed'), refused('connections')]).toEqual([1, 0, 0]);
  });

  it('the bounds of connections, of requests on each, and of their time hold', async () => {
    const { port, refused } = await serve({ connections: 2, headerMs: 200 });
    const [first, second] = [await dialSecurely(port), await dialSecurely(port)];
    const closed = once(first.resume(), 'close');
    expect(await ask(port, 'first')).toBe('figures');
    await closed;
    expect([refused('connections'), refused('slow'), refused('malformed')]).toEqual([1, 0, 0]);
    second.destroy();
    const slow = await dialSecurely(port);
    slow.resume().write('GET /metrics HTTP/1.1\r\n');
    await once(slow, 'close');
    expect(refused('slow')).toBe(1);
  });
});

describe('a certificate and its key', () => {
  it('are none where none is asked for', () => expect(adminIdentity(loadConfig().config)).toBeUndefined());

  it('must be there, and belong together', () => {
    expect(() => identityOf('third')).toThrow(/adminTls\.certificate: cannot read .*third\.pem: no such file/);
    expect(() => adminIdentity(configOf('first', 'second'))).toThrow(/make no certificate with its key/);
    writeFileSync(at('empty.pem'), '');
    expect(() => adminIdentity(configOf('empty', 'first'))).toThrow(/make no certificate with its key/);
    expect(() => loadConfig({ flags: { 'adminTls.key': 'x' } })).toThrow(/certificate and key go together/);
  });
});
