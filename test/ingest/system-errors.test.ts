/** What becomes of errors that the kernel reports: a script of results stands in for libc. */
import { createSocket } from 'node:dgram';
import { describe, expect, it } from 'vitest';
import { LINK_TYPE } from '../../src/decode/packet.js';
import { MmsgSender } from '../../src/ingest/mmsg-sender.js';
import {
  EAGAIN,
  EBADF,
  ECONNREFUSED,
  EINTR,
  ENOBUFS,
  SO_MEMINFO,
  System,
  loadSystem,
} from '../../src/ingest/system.js';
import { UdpSource } from '../../src/ingest/udp-source.js';
import { HAS_IPV6, receiveAll } from '../support/udp.js';

const EMSGSIZE = 90;

/** A System whose `call` answers from `results` (negated errno or result), and whose other calls succeed. */
function scripted(call: 'sendmmsg' | 'recvmmsg', results: number[]): { system: System; left: number[] } {
  let errno = 0;
  const answer = (): number => {
    const result = results.shift() ?? 1;
    errno = result < 0 ? -result : 0;
    return result < 0 ? -1 : result;
  };
  const names = [
    'socket',
    'bind',
    'connect',
    'getsockname',
    'setsockopt',
    'getsockopt',
    'recvmmsg',
    'sendmmsg',
    'close',
  ];
  const libc = Object.fromEntries(names.map((name) => [name, name === call ? answer : () => 0]));
  const koffi = { load: () => ({ func: () => 0 }), address: () => 4096n, errno: () => errno };
  return { system: new System(koffi, libc as never), left: results };
}

describe('sending', () => {
  const send = (results: number[], datagrams: number): MmsgSender => {
    const { system } = scripted('sendmmsg', results);
    const sender = new MmsgSender(system, { address: '127.0.0.1', family: 4, port: 4789 });
    const bytes = new Uint8Array(100);
    for (let i = 0; i < datagrams; i++) sender.push(0, new Uint8Array(8), 8, bytes, i, 10);
    sender.flush();
    sender.close();
    return sender;
  };

  it('goes on behind what was sent', () => {
    expect(send([2, 1], 3).counts).toEqual({ sent: 3, failed: 0, refused: 0, lastError: undefined });
  });

  it('tries again when nothing is wrong with the datagram', () => {
    expect(send([-EAGAIN, -ENOBUFS, 1, -EINTR, -ECONNREFUSED, 2], 3).counts).toMatchObject({
      sent: 3,
      failed: 0,
      refused: 1,
    });
  });

  it('gives up one datagram, not those behind it', () => {
    expect(send([1, -EMSGSIZE, 1], 3).counts).toEqual({ sent: 2, failed: 1, refused: 0, lastError: 'EMSGSIZE' });
    expect(send([...new Array<number>(101).fill(-ENOBUFS), 1], 2).counts).toEqual({
      sent: 1,
      failed: 1,
      refused: 0,
      lastError: 'ENOBUFS',
    });
  });
});

describe('receiving', () => {
  const open = (system: System): UdpSource =>
    new UdpSource(system, { address: '127.0.0.1', port: 0, linkType: LINK_TYPE.vxlan, receiveBufferBytes: 1000 });

  it('takes an interrupted or expired wait for silence', async () => {
    const { system } = scripted('recvmmsg', [-EINTR, -EAGAIN, 0, -EAGAIN]);
    const source = open(system);
    const counts: number[] = [];
    await source.run(
      (_, count) => counts.push(count),
      () => counts.length === 3,
    );
    source.close();
    expect(counts).toEqual([0, 0, 0]);
  });

  it('fails for an error that would not pass', async () => {
    const source = open(scripted('recvmmsg', [-EBADF]).system);
    await expect(
      source.run(
        () => undefined,
        () => false,
      ),
    ).rejects.toThrow(/EBADF/);
    source.close();
  });
});

const loaded = loadSystem();
if ('reason' in loaded) console.warn(`skipped: ${loaded.reason}`);
it.skipIf('reason' in loaded)('reads kernel drops from /proc where SO_MEMINFO is not known', async () => {
  if ('reason' in loaded) return;
  const { system } = loaded;
  const limited = Object.create(system) as System;
  limited.getOption = (fd, level, option, value) =>
    option === SO_MEMINFO ? -92 : system.getOption(fd, level, option, value);
  for (const address of HAS_IPV6 ? ['127.0.0.1', '::'] : ['127.0.0.1']) {
    const source = new UdpSource(limited, { address, port: 0, linkType: LINK_TYPE.vxlan, receiveBufferBytes: 5000 });
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.connect(source.local.port, '127.0.0.1', resolve));
    for (let i = 0; i < 100; i++)
      await new Promise<void>((resolve) => socket.send(Buffer.alloc(1000), () => resolve()));
    socket.close();
    const received = await receiveAll(source);
    expect(source.kernelDrops()).toBeGreaterThan(0);
    expect(received.length + source.kernelDrops()).toBe(100);
    source.close();
  }
});
