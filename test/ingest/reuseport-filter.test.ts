/** The steering program, run by a small interpreter of classic BPF here, and by the kernel on loopback. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LINK_TYPE } from '../../src/decode/packet.js';
import { BPF, encodeFilter, steeringFilter, type FilterInstruction } from '../../src/ingest/reuseport-filter.js';
import { loadSystem } from '../../src/ingest/system.js';
import { UdpSource } from '../../src/ingest/udp-source.js';
import { receiveAll, sendAll } from '../support/udp.js';

/** Classic BPF as the kernel has it: loads beyond the packet end the program with 0. */
function runFilter(program: readonly FilterInstruction[], packet: Uint8Array): number {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const memory = new Uint32Array(16);
  let a = 0;
  let x = 0;
  for (let pc = 0; pc < program.length; pc++) {
    const { code, jt, jf, k } = program[pc];
    switch (code) {
      case BPF.loadWord:
        if (k + 4 > packet.length) return 0;
        a = view.getUint32(k);
        break;
      case BPF.loadHalf:
        if (k + 2 > packet.length) return 0;
        a = view.getUint16(k);
        break;
      case BPF.loadXMemory:
        x = memory[k];
        break;
      case BPF.store:
        memory[k] = a;
        break;
      case BPF.addX:
        a = (a + x) >>> 0;
        break;
      case BPF.multiply:
        a = Math.imul(a, k) >>> 0;
        break;
      case BPF.modulo:
        a = a % k;
        break;
      case BPF.shiftRight:
        a = a >>> k;
        break;
      case BPF.xorX:
        a = (a ^ x) >>> 0;
        break;
      case BPF.copyToX:
        x = a;
        break;
      case BPF.jumpIfEqual:
        pc += a === k ? jt : jf;
        break;
      case BPF.returnA:
        return a;
      case BPF.returnConstant:
        return k;
      default:
        throw new Error(`unknown operation ${code}`);
    }
  }
  throw new Error('the program runs past its end');
}

/** A VXLAN datagram around an IP packet of these addresses (4 or 16 bytes each) and any bytes behind. */
function vxlan(source: ArrayLike<number>, destination: ArrayLike<number>, rest: ArrayLike<number> = []): Buffer {
  const isIpv4 = source.length === 4;
  const ethernet = [8, 0, 0, 0, 0, 0, 7, 0, ...new Array<number>(12).fill(2), ...(isIpv4 ? [8, 0] : [0x86, 0xdd])];
  const ip = isIpv4 ? [0x45, ...new Array<number>(11).fill(1)] : [0x60, ...new Array<number>(7).fill(1)];
  return Buffer.from([...ethernet, ...ip, ...Array.from(source), ...Array.from(destination), ...Array.from(rest)]);
}

const address = fc.oneof(
  ...[4, 16].map((length) =>
    fc.tuple(...['source', 'destination'].map(() => fc.uint8Array({ minLength: length, maxLength: length }))),
  ),
);

describe('the program', () => {
  it('sends both directions, and any ports and fragments, to one socket', () => {
    fc.assert(
      fc.property(
        address,
        fc.uint8Array({ maxLength: 30 }),
        fc.uint8Array({ maxLength: 30 }),
        fc.integer({ min: 1, max: 64 }),
        ([source, destination], rest, other, sockets) => {
          const program = steeringFilter(LINK_TYPE.vxlan, sockets);
          const index = runFilter(program, vxlan(source, destination, rest));
          expect(index).toBeGreaterThanOrEqual(0);
          expect(index).toBeLessThan(sockets);
          expect(runFilter(program, vxlan(destination, source, other))).toBe(index);
        },
      ),
      { seed: 1 },
    );
  });

  it.each([4, 16])('spreads neighbouring addresses of %i bytes evenly', (length) => {
    const sockets = 3;
    const counts = new Array<number>(sockets).fill(0);
    const program = steeringFilter(LINK_TYPE.vxlan, sockets);
    for (let host = 0; host < 3000; host++) {
      const source = new Uint8Array(length).fill(10);
      const destination = new Uint8Array(length).fill(10);
      source[length - 1] = host & 0xff;
      source[length - 2] = host >> 8;
      destination[length - 1] = 1;
      counts[runFilter(program, vxlan(source, destination))]++;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(200);
  });

  it('sends everything else to socket 0', () => {
    const program = steeringFilter(LINK_TYPE.vxlan, 8);
    const arp = vxlan([10, 0, 0, 1], [10, 0, 0, 2]);
    arp.writeUInt16BE(0x0806, 20);
    expect(runFilter(program, arp)).toBe(0);
    const whole = vxlan([10, 0, 0, 1], [10, 0, 0, 2]);
    for (let length = 0; length < whole.length; length++) expect(runFilter(program, whole.subarray(0, length))).toBe(0);
    expect(runFilter(steeringFilter(LINK_TYPE.geneve, 8), whole)).toBe(0);
  });

  it('is laid out as the kernel wants it', () => {
    expect([...encodeFilter([{ code: 0x15, jt: 1, jf: 2, k: 0x86dd }])]).toEqual([0x15, 0, 1, 2, 0xdd, 0x86, 0, 0]);
    expect(() => steeringFilter(LINK_TYPE.vxlan, 0)).toThrow(RangeError);
  });
});

const loaded = loadSystem();
if ('reason' in loaded) console.warn(`skipped: ${loaded.reason}`);
describe.skipIf('reason' in loaded)('in the kernel', () => {
  it.each([2, 3])('steers as the interpreter says, with %i sockets', async (sockets) => {
    if ('reason' in loaded) return;
    const program = steeringFilter(LINK_TYPE.vxlan, sockets);
    const open = (port: number): UdpSource =>
      new UdpSource(loaded.system, {
        address: '127.0.0.1',
        port,
        linkType: LINK_TYPE.vxlan,
        receiveBufferBytes: 1 << 20,
        reusePort: true,
        reuseportFilter: program,
      });
    const sources = [open(0)];
    while (sources.length < sockets) sources.push(open(sources[0].local.port));
    try {
      const datagrams: Buffer[] = [Buffer.from('short'), Buffer.alloc(0)];
      for (let host = 0; host < 40; host++) {
        const pair =
          host % 2 === 0
            ? [
                [10, 0, 0, host],
                [10, 9, 8, 7],
              ]
            : [new Array<number>(16).fill(host), new Array<number>(16).fill(1)];
        datagrams.push(vxlan(pair[0], pair[1], [host]), vxlan(pair[1], pair[0], [host]));
      }
      // From several outer ports, which the kernel's own hash would spread.
      for (let i = 0; i < datagrams.length; i++) await sendAll(sources[0].local.port, [datagrams[i]]);
      const expected = datagrams.map((datagram) => runFilter(program, datagram));
      for (let index = 0; index < sockets; index++) {
        const received = await receiveAll(sources[index]);
        expect(received.map(({ bytes }) => bytes)).toEqual(datagrams.filter((_, i) => expected[i] === index));
        expect(received.length).toBeGreaterThan(0);
      }
    } finally {
      for (const source of sources) source.close();
    }
  });
});
