/**
 * Looks a packet up in the index of headers (header-index.ts). Stage: detect. Allocates nothing.
 *
 * `find` takes the lists of rules that the packet leads to down; the caller walks them: `ranges[2 * i]` to `ranges[2 *
 * i + 1]`.
 *
 * Most packets lead to no list, and those of a flow all to the same ones: ends that lead nowhere are remembered, so
 * that the searches by halves are made once per flow and direction, as long as no other ends take their place. IPv4
 * alone.
 */
import type { Packet } from '../../decode/packet.js';
import { compareIpv6, readAddressWord } from '../../block/address-set.js';
import { CHILD_WORDS, NODE, NODE_FOLLOWS } from '../../block/index-layout.js';

/** A node has five lists at most, and each of its four splits may lead to a node with one split less. */
const MAX_LISTS = 65;

/** Ends that are remembered, as a power of two, and words of each: root, source, destination, ports. */
const MEMO_BITS = 12;
const MEMO_WORDS = 4;

export class HeaderLookup {
  readonly ranges = new Int32Array(2 * MAX_LISTS);
  count = 0;
  private readonly words: Int32Array;
  /** A root of 0 is none: rows of the classes lie there. */
  private readonly memo = new Int32Array(MEMO_WORDS << MEMO_BITS);
  private packet!: Packet;

  constructor(words: Int32Array) {
    this.words = words;
  }

  /** Takes down the lists below the root. */
  find(root: number, packet: Packet): void {
    this.packet = packet;
    this.count = 0;
    if (packet.ipVersion === 4) this.findRemembered(root, packet);
    else this.visit(root);
  }

  private findRemembered(root: number, { bytes, srcIpOffset, dstIpOffset, srcPort, dstPort }: Packet): void {
    const { memo } = this;
    const source = readAddressWord(bytes, srcIpOffset) | 0;
    const destination = readAddressWord(bytes, dstIpOffset) | 0;
    const ports = (srcPort << 16) | dstPort;
    const mixed =
      Math.imul(source, 0x9e3779b1) ^ Math.imul(destination ^ root, 0x85ebca6b) ^ Math.imul(ports, 0xc2b2ae35);
    const at = MEMO_WORDS * (Math.imul(mixed ^ (mixed >>> 15), 0x27d4eb2f) >>> (32 - MEMO_BITS));
    if (memo[at] === root && memo[at + 1] === source && memo[at + 2] === destination && memo[at + 3] === ports) return;
    this.visit(root);
    if (this.count > 0) return;
    memo[at] = root;
    memo[at + 1] = source;
    memo[at + 2] = destination;
    memo[at + 3] = ports;
  }

  private visit(node: number): void {
    const { words, packet } = this;
    if (words[node + NODE.sources + 1] > 0) this.follow(this.address(node + NODE.sources, packet.srcIpOffset));
    if (words[node + NODE.destinations + 1] > 0)
      this.follow(this.address(node + NODE.destinations, packet.dstIpOffset));
    if (words[node + NODE.sourcePorts + 1] > 0) this.follow(this.value(node + NODE.sourcePorts, packet.srcPort));
    if (words[node + NODE.destinationPorts + 1] > 0)
      this.follow(this.value(node + NODE.destinationPorts, packet.dstPort));
    this.take(words[node + NODE.rest], words[node + NODE.rest + 1]);
  }

  /** `child`: where start and end of a list, or a node, stand; -1 for nothing. */
  private follow(child: number): void {
    if (child < 0) return;
    const { words } = this;
    if (words[child + 1] === NODE_FOLLOWS) this.visit(words[child]);
    else this.take(words[child], words[child + 1]);
  }

  private take(start: number, end: number): void {
    if (start === end) return;
    this.ranges[2 * this.count] = start;
    this.ranges[2 * this.count + 1] = end;
    this.count++;
  }

  private address(split: number, offset: number): number {
    const { bytes, ipVersion } = this.packet;
    return ipVersion === 4 ? this.value(split, readAddressWord(bytes, offset)) : this.address6(split, offset);
  }

  /** The child of the interval that holds the value, or -1 before the first. */
  private value(split: number, value: number): number {
    const { words } = this;
    const first = words[split];
    let low = 0;
    let high = words[split + 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (words[first + middle * (1 + CHILD_WORDS)] >>> 0 <= value) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? -1 : first + (low - 1) * (1 + CHILD_WORDS) + 1;
  }

  private address6(split: number, offset: number): number {
    const { words } = this;
    const first = words[split];
    let low = 0;
    let high = words[split + 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareIpv6(this.packet.bytes, offset, words, first + middle * (4 + CHILD_WORDS)) >= 0) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? -1 : first + (low - 1) * (4 + CHILD_WORDS) + 4;
  }
}
