/**
 * Classic BPF programs that choose among the sockets of a SO_REUSEPORT group. Stage: ingest, set-up only; the programs
 * run in the kernel, unprivileged, on each datagram's UDP payload, and return the index of a socket in the order of
 * binding (an index that has no socket falls back to the kernel's hash of the outer flow). See bpf(4) and
 * Documentation/networking/filter.rst.
 *
 * A VXLAN datagram goes by a symmetric hash of the inner IP addresses, so that both directions of a flow, and all
 * fragments of a datagram, which have no ports, meet on one socket. Tunnels within are not followed: a flow that comes
 * through two of them may come through two sockets, and meets in its shard only. Everything else goes to socket 0,
 * frames with VLAN tags among it: a load past the end of a datagram ends the program with 0 of itself.
 *
 *   UDP payload:  0 VXLAN (8)  8 inner Ethernet (14, EtherType at 20)  22 inner IP
 */
import { LINK_TYPE } from '../decode/packet.js';

/** `struct sock_filter`: operation, relative jumps if true and if false, operand. */
export interface FilterInstruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** Operations of classic BPF used here. A is the accumulator, X the index register, M the scratch memory. */
export const BPF = {
  loadWord: 0x20, // A = 32 bits at k
  loadHalf: 0x28, // A = 16 bits at k
  loadXMemory: 0x61, // X = M[k]
  store: 0x02, // M[k] = A
  addX: 0x0c, // A += X
  multiply: 0x24, // A *= k
  modulo: 0x94, // A %= k
  shiftRight: 0x74, // A >>>= k
  xorX: 0xac, // A ^= X
  copyToX: 0x07, // X = A
  jumpIfEqual: 0x15, // A === k
  returnA: 0x16,
  returnConstant: 0x06,
} as const;

const ETHER_TYPE_AT = 20;
const IP_AT = 22;
const GOLDEN_RATIO = 0x9e3779b1;
const MURMUR = 0x85ebca6b;

const op = (code: number, k = 0): FilterInstruction => ({ code, jt: 0, jf: 0, k });

/** A = mixed A; uses X. A product alone has its good bits on top, where a modulus does not see them. */
const mix = (factor: number): FilterInstruction[] => [
  op(BPF.multiply, factor),
  op(BPF.copyToX),
  op(BPF.shiftRight, 15),
  op(BPF.xorX),
];

/** A = hash of the address of `words` 32-bit words at `offset`. */
function hashAddress(offset: number, words: number): FilterInstruction[] {
  const program = [op(BPF.loadWord, offset), ...mix(GOLDEN_RATIO)];
  for (let word = 1; word < words; word++) {
    program.push(op(BPF.copyToX), op(BPF.loadWord, offset + word * 4), op(BPF.addX), ...mix(GOLDEN_RATIO));
  }
  return program;
}

/**
 * Returns (hash of source + hash of destination) mod sockets: a sum commutes, and unlike XOR keeps A to A apart from 0.
 */
function steerByAddresses(sourceOffset: number, words: number, sockets: number): FilterInstruction[] {
  return [
    ...hashAddress(sourceOffset, words),
    op(BPF.store, 0),
    ...hashAddress(sourceOffset + words * 4, words),
    op(BPF.loadXMemory, 0),
    op(BPF.addX),
    ...mix(MURMUR),
    op(BPF.modulo, sockets),
    op(BPF.returnA),
  ];
}

/**
 * The program for `sockets` sockets that receive `linkType`. GENEVE has options of any length: it stays on socket 0.
 */
export function steeringFilter(linkType: number, sockets: number): FilterInstruction[] {
  if (!Number.isInteger(sockets) || sockets < 1) throw new RangeError(`${sockets} is no number of sockets`);
  const toFirst = op(BPF.returnConstant, 0);
  if (linkType !== LINK_TYPE.vxlan) return [toFirst];
  const ipv4 = steerByAddresses(IP_AT + 12, 1, sockets);
  const ipv6 = steerByAddresses(IP_AT + 8, 4, sockets);
  return [
    op(BPF.loadHalf, ETHER_TYPE_AT),
    { code: BPF.jumpIfEqual, jt: 2, jf: 0, k: 0x0800 },
    { code: BPF.jumpIfEqual, jt: 1 + ipv4.length, jf: 0, k: 0x86dd },
    toFirst,
    ...ipv4,
    ...ipv6,
  ];
}

/** The instructions as the kernel reads them, 8 bytes each. */
export function encodeFilter(filter: readonly FilterInstruction[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(filter.length * 8));
  filter.forEach((instruction, index) => {
    view.setUint16(index * 8, instruction.code, true);
    view.setUint8(index * 8 + 2, instruction.jt);
    view.setUint8(index * 8 + 3, instruction.jf);
    view.setUint32(index * 8 + 4, instruction.k, true);
  });
  return new Uint8Array(view.buffer);
}
