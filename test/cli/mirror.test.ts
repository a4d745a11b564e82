/** `mirror` as its user sees it: what arrives at the target, what is printed, what is refused. Loopback only. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { ethernet, ipv4, udp, vxlan } from '../support/packet-builder.js';
import { pcapFile } from '../support/pcap-writer.js';
import { Folder, freeUdpPort, periscope, until } from '../support/sensor.js';
import { HAS_IPV6 } from '../support/udp.js';

const folder = new Folder();
afterAll(() => folder.remove());

const frames = Array.from({ length: 6 }, (_, i) =>
  ethernet(
    {},
    ipv4({ src: `10.0.0.${i + 1}`, dst: '10.0.1.1' }, udp({ srcPort: 1000 + i }, `frame ${i} ${'x'.repeat(100)}`)),
  ),
);
const capture = folder.write(
  'six.pcap',
  pcapFile(frames.map((bytes, i) => ({ bytes, timeNs: BigInt(i) * 20_000_000n }))),
);

class Target {
  readonly datagrams: Buffer[] = [];
  readonly ports: number[] = [];
  port = 0;
  private readonly socket: Socket;

  constructor(family: 'udp4' | 'udp6') {
    this.socket = createSocket(family).on('message', (datagram, { port }) => {
      this.datagrams.push(datagram);
      this.ports.push(port);
    });
  }

  async bind(address: string): Promise<this> {
    this.socket.bind(0, address);
    await once(this.socket, 'listening');
    this.port = this.socket.address().port;
    return this;
  }

  close(): void {
    this.socket.close();
  }
}

let target: Target | undefined;
const listen = async (address = '127.0.0.1'): Promise<Target> =>
  (target = await new Target(address.includes(':') ? 'udp6' : 'udp4').bind(address));
afterEach(() => {
  target?.close();
  target = undefined;
});
const mirror = (to: string, ...args: readonly string[]): ReturnType<typeof periscope> =>
  periscope(['mirror', capture, '--to', to, ...args]);

describe('mirror', () => {
  it('says which source ports of a mirror session could not be had', async () => {
    const { port, ports } = await listen();
    await mirror(`127.0.0.1:${port}`, '--rate', 'max');
    const taken = [...new Set(ports)];
    const blockers = await Promise.all(
      taken.map(async (each) => {
        const socket = createSocket('udp4').bind({ port: each, exclusive: true });
        await once(socket, 'listening');
        return socket;
      }),
    );
    const { status, stderr } = await mirror(`127.0.0.1:${port}`, '--rate', 'max');
    for (const socket of blockers) socket.close();
    expect(status).toBe(0);
    expect(stderr).toContain(`AWS mirrors from the source ports 65408 to 65535; of these `);
    expect(stderr).toContain(`could not be had (${taken.length} in all), and others were used\n`);
  });

  it("sends every frame as a VXLAN datagram of the session, from the mirror's source ports, and prints its sums", async () => {
    const { port, datagrams, ports } = await listen();
    const { status, stdout, stderr } = await mirror(`127.0.0.1:${port}`, '--vni', '4711', '--rate', 'max');
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    const bytes = frames.reduce((sum, frame) => sum + frame.length + 8, 0);
    expect(stderr).toMatch(
      new RegExp(`^sent 6 packets, ${bytes} bytes in [\\d.]+ s \\(\\d+ packets/s\\); 0 failed, 0 skipped$`, 'm'),
    );
    await until('all datagrams', () => datagrams.length === 6);
    expect(datagrams.map((datagram) => datagram.toString('hex')).toSorted()).toEqual(
      frames.map((frame) => Buffer.from(vxlan({ vni: 4711 }, frame)).toString('hex')).toSorted(),
    );
    // Unless somebody else has one of them, such as another mirror: then that is said.
    expect(ports.every((from) => from >= 65_408)).toBe(!stderr.includes('could not be had'));
  });

  it('cuts packets to a length behind the VXLAN header', async () => {
    const { port, datagrams } = await listen();
    expect((await mirror(`127.0.0.1:${port}`, '--packet-length', '64', '--rate', 'max')).status).toBe(0);
    await until('all datagrams', () => datagrams.length === 6);
    expect(datagrams.map(({ length }) => length)).toEqual(Array(6).fill(72));
  });

  it('plays captures several times', async () => {
    const { port, datagrams } = await listen();
    const { stderr } = await mirror(`127.0.0.1:${port}`, '--loop', '5', '--rate', 'max');
    expect(stderr).toMatch(/^sent 30 packets/m);
    await until('all datagrams', () => datagrams.length === 30);
  });

  it.each([
    // 5 gaps of 20 ms; of 50 ms; of 8 * 158 bits at 100 kbit/s.
    ["the capture's own pace", [], 0.1],
    ['packets per second', ['--rate', '20pps'], 0.25],
    ['bits per second', ['--rate', '0.1mbps'], 0.06],
  ])('keeps to %s', async (_, args, atLeast) => {
    const { port, datagrams } = await listen();
    const { status, stderr } = await mirror(`127.0.0.1:${port}`, ...args);
    expect(status).toBe(0);
    await until('all datagrams', () => datagrams.length === 6);
    expect(Number(/ in ([\d.]+) s/.exec(stderr)![1])).toBeGreaterThanOrEqual(atLeast);
  });

  it.runIf(HAS_IPV6)('sends to an IPv6 target', async () => {
    const { port, datagrams } = await listen('::1');
    expect((await mirror(`[::1]:${port}`, '--rate', 'max')).status).toBe(0);
    await until('all datagrams', () => datagrams.length === 6);
  });

  it('says that nobody listens at the target', async () => {
    const { status, stderr } = await mirror(`127.0.0.1:${await freeUdpPort()}`, '--rate', '1000pps');
    expect(status).toBe(0);
    expect(stderr).toMatch(
      /periscope: nobody listens at the target: it answered \d+ times that the port is closed; is the sensor running there\?$/m,
    );
  });

  it('says why nothing can be sent to a target', async () => {
    const { status, stderr } = await mirror('255.255.255.255:4789');
    expect([status, stderr]).toEqual([3, 'periscope: cannot send to 255.255.255.255:4789: EACCES\n']);
  });

  it('counts what cannot be carried and names captures that are damaged; status 3 when none could be read', async () => {
    const { port, datagrams } = await listen();
    const bluetooth = folder.write(
      'bluetooth.pcap',
      pcapFile([{ bytes: Uint8Array.of(1, 2, 3, 4) }], { linkType: 201 }),
    );
    const text = folder.write('text.pcap', 'no capture');
    const mixed = await periscope(['mirror', bluetooth, text, capture, '--to', `127.0.0.1:${port}`, '--rate', 'max']);
    expect(mixed.status).toBe(0);
    expect(mixed.stderr).toContain(`periscope: ${text}: not a pcap or pcapng file\n`);
    expect(mixed.stderr).toMatch(/sent 6 packets.*; 0 failed, 1 skipped/);
    await until('all datagrams', () => datagrams.length === 6);
    expect(mixed.stderr).toContain(
      'periscope: frames were skipped: a mirror session carries Ethernet and IP, 65507 bytes at most; these are of link type ',
    );
    for (const only of [text, bluetooth])
      expect((await periscope(['mirror', only, '--to', `127.0.0.1:${port}`])).status).toBe(3);
  });
});

describe.concurrent('mirror refuses', () => {
  it.each([
    ['a target without port', '127.0.0.1', [], '--to 127.0.0.1 is not a target: write HOST:PORT'],
    ['port 0', '127.0.0.1:0', [], 'cannot send to port 0: it must be from 1 to 65535'],
    [
      'a VNI that is too large',
      '127.0.0.1:4789',
      ['--vni', '16777216'],
      '--vni 16777216: write a whole number from 0 to 16777215',
    ],
    [
      'a rate that is none',
      '127.0.0.1:4789',
      ['--rate', 'fast'],
      '--rate fast is not a rate: write 50000pps, 100mbps or max',
    ],
    [
      'a packet length of 0',
      '127.0.0.1:4789',
      ['--packet-length', '0'],
      '--packet-length 0: write a whole number from 1',
    ],
    ['no target', '', [], "required option '--to <host:port>' not specified"],
  ])('%s with status 2', async (_, to, args, message) => {
    const { status, stderr } = await periscope(['mirror', capture, ...(to === '' ? [] : ['--to', to]), ...args]);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });
});
