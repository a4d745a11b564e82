/** Captures played to a loopback source, with both ways of sending. */
import { createSocket, type Socket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { LINK_TYPE } from '../../src/decode/packet.js';
import { CaptureSource } from '../../src/ingest/capture-source.js';
import { Mirror, type MirrorOptions } from '../../src/ingest/mirror.js';
import { openSender } from '../../src/ingest/open-sender.js';
import { openSource } from '../../src/ingest/open-source.js';
import { FIRST_SOURCE_PORT, type DatagramSender } from '../../src/ingest/sender.js';
import { loadSystem } from '../../src/ingest/system.js';
import { pcapFile, type CapturedFrame, type PcapOptions } from '../support/pcap-writer.js';
import { receiveAll, type Received } from '../support/udp.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'periscope-mirror-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const noSystem = (): { reason: string } => ({ reason: 'left out by the test' });
const hasSystem = 'system' in loadSystem();
if (!hasSystem) console.warn('skipped: sendmmsg cannot be had here');
const METHODS = [...(hasSystem ? [['sendmmsg', loadSystem] as const] : []), ['dgram', noSystem] as const];

const ipv4 = (source: number, destination: number, sourcePort: number, destinationPort: number): Buffer => {
  const packet = Buffer.alloc(28);
  packet.set([0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, source, 10, 0, 0, destination]);
  packet.writeUInt16BE(sourcePort, 20);
  packet.writeUInt16BE(destinationPort, 22);
  return packet;
};
const ethernet = (packet: Buffer): Buffer => Buffer.concat([Buffer.from('aaaaaabbbbbb\x08\x00', 'latin1'), packet]);

interface Played {
  received: Received[];
  mirror: Mirror;
  sender: DatagramSender;
}

async function play(
  frames: CapturedFrame[],
  load: Parameters<typeof openSender>[2],
  options: Partial<MirrorOptions> = {},
  capture: PcapOptions = {},
): Promise<Played> {
  const path = join(folder, 'capture.pcap');
  writeFileSync(path, pcapFile(frames, capture));
  const { source } = await openSource({
    address: '127.0.0.1',
    port: 0,
    linkType: LINK_TYPE.vxlan,
    receiveBufferBytes: 4 << 20,
  });
  const captures = new CaptureSource([path]);
  const { sender } = await openSender('127.0.0.1', source.local.port, load);
  const mirror = new Mirror(captures, sender, { vni: 0x123456, rate: { kind: 'unlimited' }, ...options });
  try {
    await mirror.run();
    return { received: await receiveAll(source), mirror, sender };
  } finally {
    sender.close();
    captures.close();
    source.close();
  }
}

/** A socket that has the port, which another program may have at the moment. */
async function hold(port: number): Promise<Socket> {
  for (;;) {
    const socket = createSocket('udp4');
    const isHeld = await new Promise<boolean>((resolve) => {
      socket.once('error', () => resolve(false));
      socket.bind({ port, exclusive: true }, () => resolve(true));
    });
    if (isHeld) return socket;
    socket.close();
    await turn();
  }
}

describe.each(METHODS)('by %s', (method, load) => {
  it('wraps Ethernet frames in VXLAN, in order', async () => {
    const frames = Array.from({ length: 300 }, (_, i) => ({ bytes: ethernet(ipv4(i % 7, 200, i, 53)) }));
    const { received, mirror, sender } = await play(frames, load);
    expect(sender.method).toBe(method);
    expect(received.map(({ bytes }) => bytes.subarray(8))).toEqual(frames.map(({ bytes }) => bytes));
    expect(
      received.every(({ bytes }) => bytes.subarray(0, 8).equals(Buffer.from([8, 0, 0, 0, 0x12, 0x34, 0x56, 0]))),
    ).toBe(true);
    expect(mirror.counts).toEqual({ packets: 300, bytes: 300 * 50, failed: 0, skipped: 0, refused: 0 });
  });

  it('sends both directions of a flow from one port, and flows from many', async () => {
    const frames = Array.from({ length: 200 }, (_, i) => [ipv4(1, 2, 1000 + i, 53), ipv4(2, 1, 53, 1000 + i)]).flat();
    const { received, sender } = await play(
      frames.map((packet) => ({ bytes: ethernet(packet) })),
      load,
    );
    for (let i = 0; i < received.length; i += 2) expect(received[i].port).toBe(received[i + 1].port);
    const ports = new Set(received.map(({ port }) => port));
    expect(ports.size).toBeGreaterThan(64);
    // A port that another program has is replaced by one that the kernel chooses, and listed.
    const foreign = [...ports].filter((port) => port < FIRST_SOURCE_PORT);
    expect(foreign.length).toBeLessThanOrEqual(sender.replacedPorts.length);
  });

  it('cuts at the packet length, without moving a flow to another port', async () => {
    const frame = ethernet(ipv4(1, 2, 3, 4));
    const whole = await play([{ bytes: frame }], load);
    for (const packetLength of [1, 14, 20, 42, 8500]) {
      const { received, sender } = await play([{ bytes: frame }], load, { packetLength });
      expect(received[0].bytes.subarray(8)).toEqual(frame.subarray(0, packetLength));
      // Another program may have the port, at either time.
      const replaced = whole.sender.replacedPorts.length + sender.replacedPorts.length;
      if (replaced === 0) expect(received[0].port).toBe(whole.received[0].port);
    }
  });

  it('plays as often as asked, and reports what became of each frame', async () => {
    const { received, mirror } = await play(
      [{ bytes: ethernet(ipv4(1, 2, 3, 4)) }, { bytes: Buffer.alloc(65_500) }],
      load,
      { loop: 3 },
    );
    expect(received.length).toBe(3);
    expect(mirror.counts).toMatchObject({ packets: 3, skipped: 3, failed: 0 });
  });

  it('plays each round with other addresses', async () => {
    const { received } = await play([{ bytes: ethernet(ipv4(255, 2, 3, 4)) }], load, { loop: 3 });
    expect(
      received.map(({ bytes }) => [[...bytes.subarray(8 + 26, 8 + 30)], [...bytes.subarray(8 + 30, 8 + 34)]]),
    ).toEqual([
      [
        [10, 0, 0, 255],
        [10, 0, 0, 2],
      ],
      [
        [10, 0, 1, 0],
        [10, 0, 0, 3],
      ],
      [
        [10, 0, 1, 1],
        [10, 0, 0, 4],
      ],
    ]);
  });

  it('uses another source port where its own is taken', async () => {
    const packet = ethernet(ipv4(1, 2, 3, 4));
    const first = await play([{ bytes: packet }], load);
    const port = first.sender.replacedPorts[0] ?? first.received[0].port;
    const blocker = await hold(port);
    const second = await play([{ bytes: packet }], load);
    blocker.close();
    expect(second.received.length).toBe(1);
    expect(second.received[0].port).not.toBe(port);
    expect(second.sender.replacedPorts.length).toBe(1);
  });

  it('goes on when nobody listens, and says so', async () => {
    const path = join(folder, 'refused.pcap');
    writeFileSync(path, pcapFile(Array.from({ length: 300 }, () => ({ bytes: ethernet(ipv4(1, 2, 3, 4)) }))));
    const unused = createSocket('udp4');
    await new Promise<void>((resolve) => unused.bind(0, '127.0.0.1', resolve));
    const { port } = unused.address();
    await new Promise<void>((resolve) => unused.close(resolve));
    const { sender } = await openSender('127.0.0.1', port, load);
    const counts = await new Mirror(new CaptureSource([path]), sender, { vni: 1, rate: { kind: 'unlimited' } }).run();
    sender.close();
    expect(counts.packets + counts.failed).toBe(300);
    expect(counts.refused).toBeGreaterThan(0);
  });
});

describe('frames without an Ethernet header', () => {
  const packet = ipv4(1, 2, 3, 4);
  const ipv6 = Buffer.concat([Buffer.from([0x60]), Buffer.alloc(39, 1)]);
  it.each([
    ['raw IPv4', 101, packet, packet, 0x0800],
    ['raw IPv6', 12, ipv6, ipv6, 0x86dd],
    ['IPv4', 228, packet, packet, 0x0800],
    ['IPv6', 229, ipv6, ipv6, 0x86dd],
    ['null', 0, Buffer.concat([Buffer.from([2, 0, 0, 0]), packet]), packet, 0x0800],
    ['PPP', 9, Buffer.concat([Buffer.from([0xff, 3, 0, 0x57]), ipv6]), ipv6, 0x86dd],
    ['Cisco HDLC', 104, Buffer.concat([Buffer.from([0x0f, 0, 8, 0]), packet]), packet, 0x0800],
    ['cooked v1', 113, Buffer.concat([Buffer.alloc(14), Buffer.from([8, 6]), packet]), packet, 0x0806],
    ['cooked v2', 276, Buffer.concat([Buffer.from([8, 0]), Buffer.alloc(18), packet]), packet, 0x0800],
  ])('of type %s get one', async (_, linkType, bytes, payload, etherType) => {
    const { received } = await play([{ bytes }], loadSystem, {}, { linkType });
    const frame = received[0].bytes.subarray(8);
    expect(frame.readUInt16BE(12)).toBe(etherType);
    expect(frame.subarray(14)).toEqual(payload);
    const cut = await play([{ bytes }], loadSystem, { packetLength: 16 }, { linkType });
    expect(cut.received[0].bytes.subarray(8)).toEqual(frame.subarray(0, 16));
  });

  it.each([
    [101, Buffer.from([0x10, 1])],
    [101, Buffer.alloc(0)],
    [113, Buffer.alloc(10)],
    [9, Buffer.from([0xff, 3, 0, 0x21])],
    [147, packet],
  ])('of type %i are skipped when nothing tells what they are', async (linkType, bytes) => {
    const { received, mirror } = await play([{ bytes }], loadSystem, {}, { linkType });
    expect(received).toEqual([]);
    expect(mirror.counts).toMatchObject({ packets: 0, skipped: 1 });
  });
});

it('carries runts as they are', async () => {
  const frames = Array.from({ length: 65 }, (_, length) => ({ bytes: Buffer.alloc(length, 8) }));
  const { received } = await play(frames, loadSystem);
  expect(received.map(({ bytes }) => bytes.length)).toEqual(frames.map(({ bytes }) => bytes.length + 8));
});

/** A sender that only counts. */
function countingSender(): DatagramSender {
  const counts = { sent: 0, failed: 0, refused: 0, lastError: undefined };
  return {
    method: 'dgram',
    counts,
    replacedPorts: [],
    flush: () => undefined,
    close: () => undefined,
    push: () => {
      counts.sent++;
      return false;
    },
  };
}

it('stops when asked to, also while it waits', async () => {
  const path = join(folder, 'slow.pcap');
  writeFileSync(path, pcapFile([{ bytes: Buffer.alloc(60) }, { bytes: Buffer.alloc(60), timeNs: 3_600_000_000_000n }]));
  let polls = 0;
  await new Mirror(new CaptureSource([path]), countingSender(), { vni: 1, rate: { kind: 'capture' } }).run(
    () => ++polls > 4,
  );
  expect(polls).toBeLessThan(20);
});

it('reports progress once a second', async () => {
  const path = join(folder, 'long.pcap');
  writeFileSync(path, pcapFile(Array.from({ length: 1000 }, () => ({ bytes: Buffer.alloc(60) }))));
  let nowMs = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (nowMs += 10));
  const progress: number[] = [];
  const onProgress: MirrorOptions['onProgress'] = ({ packets }) => progress.push(packets);
  await new Mirror(new CaptureSource([path]), countingSender(), {
    vni: 1,
    rate: { kind: 'unlimited' },
    onProgress,
  }).run();
  clock.mockRestore();
  expect(progress.length).toBe(Math.floor(nowMs / 1000));
  expect(progress).toEqual([...progress].sort((a, b) => a - b));
  expect(progress[0]).toBeGreaterThan(0);
});

it('refuses what cannot be', async () => {
  const { sender } = await openSender('localhost', 9, noSystem);
  const source = new CaptureSource([]);
  const make = (options: Partial<MirrorOptions>) => () =>
    new Mirror(source, sender, { vni: 1, rate: { kind: 'unlimited' }, ...options });
  expect(make({ vni: 1 << 24 })).toThrow(RangeError);
  expect(make({ packetLength: 0 })).toThrow(RangeError);
  expect(make({ rate: { kind: 'pps', value: 0 } })).toThrow(RangeError);
  sender.close();
  await expect(openSender('no.such.host.invalid', 4789)).rejects.toThrow(
    /"no\.such\.host\.invalid": the name is not known/,
  );
  await expect(openSender('127.0.0.1', 0)).rejects.toThrow(/port 0/);
});
