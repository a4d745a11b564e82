/** Both ways of receiving, in one table: what holds for recvmmsg holds for dgram. Loopback only. */
import { createSocket } from 'node:dgram';
import { describe, expect, it } from 'vitest';
import { LINK_TYPE } from '../../src/decode/packet.js';
import { canSharePort, openSource, type OpenedSource } from '../../src/ingest/open-source.js';
import { loadSystem } from '../../src/ingest/system.js';
import { SLOT_BYTES } from '../../src/ingest/udp-source.js';
import { HAS_IPV6, receiveAll, sendAll } from '../support/udp.js';

const BASE = { address: '127.0.0.1', port: 0, linkType: LINK_TYPE.vxlan, receiveBufferBytes: 1 << 20 } as const;
const hasSystem = 'system' in loadSystem();
if (!hasSystem) console.warn('skipped: recvmmsg cannot be had here');
const METHODS = hasSystem ? (['auto', 'dgram'] as const) : (['dgram'] as const);

async function withSource<T>(
  options: Parameters<typeof openSource>[0],
  use: (opened: OpenedSource) => Promise<T>,
): Promise<T> {
  const opened = await openSource(options);
  try {
    return await use(opened);
  } finally {
    opened.source.close();
  }
}

describe.each(METHODS)('method %s', (method) => {
  it('delivers datagrams of 0 to 9001 bytes in order, with their source and time', async () => {
    await withSource({ ...BASE, method }, async ({ source }) => {
      const lengths = [0, 1, 8, 64, 1500, 9001, SLOT_BYTES];
      const beforeUs = Date.now() * 1000;
      const port = await sendAll(
        source.local.port,
        lengths.map((length) => Buffer.alloc(length, length)),
      );
      const received = await receiveAll(source);
      expect(received.map((datagram) => datagram.bytes.length)).toEqual(lengths);
      expect(received.map((datagram) => datagram.wireLength)).toEqual(lengths);
      expect(
        received.every((datagram) => datagram.bytes.every((byte) => byte === (datagram.bytes.length & 0xff))),
      ).toBe(true);
      expect(received.every((datagram) => datagram.source === '127.0.0.1' && datagram.port === port)).toBe(true);
      expect(received.every((datagram) => datagram.linkType === LINK_TYPE.vxlan)).toBe(true);
      expect(Math.abs(received[0].timeUs - beforeUs)).toBeLessThan(60e6);
      expect(Number.isInteger(received[0].timeUs)).toBe(true);
      expect(source.truncated).toBe(0);
      expect(source.kernelDrops()).toBe(0);
    });
  });

  it('cuts a datagram that is longer than a slot, and counts it', async () => {
    await withSource({ ...BASE, method, linkType: LINK_TYPE.geneve }, async ({ source }) => {
      await sendAll(source.local.port, [Buffer.alloc(SLOT_BYTES + 1, 1), Buffer.from('next')]);
      const received = await receiveAll(source);
      expect(received.map(({ bytes, wireLength }) => [bytes.length, wireLength])).toEqual([
        [SLOT_BYTES, SLOT_BYTES + 1],
        [4, 4],
      ]);
      expect(received[0].linkType).toBe(LINK_TYPE.geneve);
      expect(source.truncated).toBe(1);
    });
  });

  it('delivers more than a batch', async () => {
    await withSource({ ...BASE, method, receiveBufferBytes: 4 << 20 }, async ({ source }) => {
      const datagrams = Array.from({ length: 600 }, (_, i) => Buffer.from(String(i)));
      const receiving = receiveAll(source);
      await sendAll(source.local.port, datagrams);
      const received = await receiving.then(async (first) => [...first, ...(await receiveAll(source))]);
      expect(received.map(({ bytes }) => bytes.toString())).toEqual(datagrams.map(String));
    });
  });

  it.skipIf(method === 'dgram')('tells where each datagram was sent to when it is bound to no address', async () => {
    await withSource({ ...BASE, address: '0.0.0.0', method }, async ({ source }) => {
      // More than a batch, so that the room for the address is used again.
      for (let i = 0; i < 300; i++)
        await sendAll(source.local.port, [Buffer.from('x')], i % 2 === 0 ? '127.0.0.1' : '127.0.0.2');
      const received = await receiveAll(source);
      expect(received.map(({ destination }) => destination)).toEqual(
        received.map((_, i) => (i % 2 === 0 ? '127.0.0.1' : '127.0.0.2')),
      );
      expect(received).toHaveLength(300);
    });
    await withSource({ ...BASE, method }, async ({ source }) => {
      await sendAll(source.local.port, [Buffer.from('x')]);
      expect((await receiveAll(source))[0]!.destination).toBeUndefined();
    });
  });

  it.skipIf(!HAS_IPV6 || method === 'dgram')('tells it of IPv6, and of IPv4 in an IPv6 socket', async () => {
    await withSource({ ...BASE, address: '::', method }, async ({ source }) => {
      await sendAll(source.local.port, [Buffer.from('six')], '::1');
      await sendAll(source.local.port, [Buffer.from('four')], '127.0.0.2');
      expect((await receiveAll(source)).map(({ destination }) => destination)).toEqual([
        '00000000000000000000000000000001',
        '127.0.0.2',
      ]);
    });
  });

  it.skipIf(!HAS_IPV6)('listens on IPv6, and takes IPv4 there as IPv4', async () => {
    await withSource({ ...BASE, address: '[::]', method }, async ({ source }) => {
      expect(source.local.family).toBe(6);
      await sendAll(source.local.port, [Buffer.from('six')], '::1');
      await sendAll(source.local.port, [Buffer.from('four')], '127.0.0.1');
      const received = await receiveAll(source);
      expect(received.map(({ bytes, source: from }) => [bytes.toString(), from])).toEqual([
        ['six', '00000000000000000000000000000001'],
        ['four', '127.0.0.1'],
      ]);
    });
  });

  it('loses nothing without counting it: sent = received + kernel drops', async () => {
    await withSource({ ...BASE, method, receiveBufferBytes: 20_000 }, async ({ source }) => {
      const sent = 3000;
      // Before `run`: the thread that would receive is busy sending, so the buffer overflows.
      const socket = createSocket('udp4');
      await new Promise<void>((resolve) => socket.connect(source.local.port, '127.0.0.1', resolve));
      for (let i = 0; i < sent; i++) socket.send(Buffer.alloc(1000));
      await new Promise<void>((resolve) => socket.send(Buffer.from('last'), () => resolve()));
      socket.close();
      const received = await receiveAll(source);
      expect(source.kernelDrops()).toBeGreaterThan(0);
      expect(received.length + source.kernelDrops()).toBe(sent + 1);
      const drops = source.kernelDrops();
      source.close();
      expect(source.kernelDrops()).toBe(drops);
    });
  });

  it('still reads what was in the socket when it is stopped', async () => {
    await withSource({ ...BASE, method }, async ({ source }) => {
      await sendAll(
        source.local.port,
        Array.from({ length: 20 }, () => Buffer.from('x')),
      );
      let received = 0;
      await source.run(
        (_, count) => (received += count),
        () => true,
      );
      expect(received).toBe(20);
    });
  });

  it('reports the buffer that was granted', async () => {
    await withSource({ ...BASE, method, receiveBufferBytes: 100_000 }, async ({ source }) => {
      expect(source.requestedBufferBytes).toBe(100_000);
      expect(source.grantedBufferBytes).toBe(100_000);
    });
  });

  it('says what to do when the address cannot be had', async () => {
    await withSource({ ...BASE, method }, async ({ source }) => {
      await expect(openSource({ ...BASE, method, port: source.local.port })).rejects.toThrow(
        /EADDRINUSE.*another program has the port/,
      );
    });
    await expect(openSource({ ...BASE, method, address: '192.0.2.77' })).rejects.toThrow(
      /192\.0\.2\.77:0 \(EADDRNOTAVAIL\).*0\.0\.0\.0/,
    );
    await expect(openSource({ ...BASE, method, address: 'localhost' })).rejects.toThrow(
      /"localhost": not an IPv4 or IPv6 address/,
    );
    await expect(openSource({ ...BASE, method, port: 65536 })).rejects.toThrow(/port 65536/);
  });
});

describe('the choice', () => {
  it('takes dgram, with a reason, where koffi cannot be loaded', async () => {
    const load = (): ReturnType<typeof loadSystem> =>
      loadSystem(() => {
        throw new Error("Cannot find module 'koffi'\nRequire stack: here");
      });
    const { source, method, reason } = await openSource(BASE, load);
    source.close();
    expect(method).toBe('dgram');
    expect(reason).toContain("Cannot find module 'koffi'");
    expect(reason).not.toContain('stack');
  });

  it.skipIf(!hasSystem)('takes dgram where a call is missing, or the kernel refuses it', async () => {
    const koffi =
      (calls: (name: string) => () => number): Parameters<typeof loadSystem>[0] =>
      () => ({
        load: () => ({ func: calls }),
        address: () => 0n,
        errno: () => 38,
      });
    const missing = loadSystem(
      koffi((name) => {
        if (name === 'recvmmsg') throw new Error("Cannot find function 'recvmmsg' in shared library");
        return () => 0;
      }),
    );
    expect(missing).toEqual({ reason: expect.stringContaining("Cannot find function 'recvmmsg'") });
    expect(loadSystem(koffi(() => () => -1))).toEqual({ reason: 'the kernel refuses recvmmsg (ENOSYS)' });
  });

  it.skipIf(!hasSystem)('takes recvmmsg where it can be had', async () => {
    const { source, method, reason } = await openSource(BASE);
    source.close();
    expect({ method, reason, shared: canSharePort() }).toEqual({ method: 'recvmmsg', reason: undefined, shared: true });
  });
});
