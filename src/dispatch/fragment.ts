/**
 * The fragment at hand, read from its frame's layer. Stage: dispatch, for defrag.ts. One re-used object; nothing is
 * allocated.
 */
import { FAULT } from '../decode/fault.js';
import { extensionLength } from '../decode/ipv6.js';
import { IP_PROTOCOL, LAYER } from '../decode/packet.js';
import { u16 } from '../decode/protocol.js';
import { hashWith, word32 } from '../util/hash.js';
import { KEY_WORDS } from './fragment-store.js';

export const MAX_DATAGRAM = 65535;
export const IPV6_HEADER_LENGTH = 40;
const IPV6_FRAGMENT_HEADER_LENGTH = 8;

export class Fragment {
  isIpv6 = false;
  protocol = 0;
  ipOffset = 0;
  headerLength = 0;
  /** Offset of the IPv6 fragment header. */
  fragmentHeaderOffset = 0;
  /** Where its data begins and ends in the datagram's, and whether more follows. */
  offset = 0;
  end = 0;
  more = false;
  /**
   * Where its data lies in the frame's bytes, and how much of it is present: less than `end - offset` where it was cut.
   */
  dataAt = 0;
  present = 0;

  /** Reads the fragment from the layer at word `row`. */
  load(bytes: Uint8Array, layers: Int32Array, row: number): void {
    this.isIpv6 = layers[row + LAYER.ipVersion] === 6;
    this.protocol = layers[row + LAYER.protocol];
    this.ipOffset = layers[row + LAYER.ipOffset];
    this.headerLength = layers[row + LAYER.ipHeaderLength];
    this.fragmentHeaderOffset = layers[row + LAYER.fragmentHeaderOffset];
    this.dataAt = layers[row + LAYER.payloadOffset];
    this.present = layers[row + LAYER.payloadLength];
    const field = u16(bytes, this.isIpv6 ? this.fragmentHeaderOffset + 2 : this.ipOffset + 6);
    this.offset = this.isIpv6 ? field & 0xfff8 : (field & 0x1fff) << 3;
    this.end = this.offset + layers[row + LAYER.claimedPayloadLength];
    this.more = (field & (this.isIpv6 ? 1 : 0x2000)) !== 0;
  }

  /** It is not the last, and its data do not end where those of another one can begin. */
  get isUneven(): boolean {
    return this.more && ((this.end - this.offset) & 7) !== 0;
  }

  /** Without data it ends its datagram, as Linux has it; a first one of IPv6 lacks what follows (RFC 7112). */
  get endsDatagram(): boolean {
    return this.end === this.offset && !(this.isIpv6 && this.offset === 0);
  }

  /** Leaves aside what does not fill a unit of 8 bytes. */
  roundDown(): void {
    this.end -= (this.end - this.offset) & 7;
    this.present = Math.min(this.present, this.end - this.offset);
  }

  /** The fault of a fragment that no datagram can use, or 0. */
  unfitness(): number {
    const length = this.end - this.offset;
    if (length === 0 || this.isUneven) return FAULT.fragment_bad_length;
    const header = this.headerLength - (this.isIpv6 ? IPV6_HEADER_LENGTH + IPV6_FRAGMENT_HEADER_LENGTH : 0);
    return header + this.end > MAX_DATAGRAM ? FAULT.fragment_too_large : 0;
  }

  /** RFC 1858, 3128: a first fragment without the whole transport header, or TCP going on within it. */
  isTiny(): boolean {
    if (this.offset === 0) return this.end < (this.protocol === IP_PROTOCOL.tcp ? 20 : 8);
    return this.offset < 20 && this.protocol === IP_PROTOCOL.tcp;
  }

  /**
   * Writes the datagram's key, with VNI and context: RFC 791 (addresses, id, protocol), RFC 8200 (addresses, id).
   * @returns its hash.
   */
  writeKey(bytes: Uint8Array, key: Int32Array, vni: number, context: number): number {
    const ip = this.ipOffset;
    key.fill(0);
    key[1] = vni;
    key[2] = context;
    if (this.isIpv6) {
      key[0] = 6 << 8;
      key[3] = word32(bytes, this.fragmentHeaderOffset + 4);
      for (let word = 0; word < 8; word++) key[4 + word] = word32(bytes, ip + 8 + 4 * word);
    } else {
      key[0] = (4 << 8) | this.protocol;
      key[3] = u16(bytes, ip + 4);
      key[4] = word32(bytes, ip + 12);
      key[8] = word32(bytes, ip + 16);
    }
    let hash = 0;
    for (let word = 0; word < KEY_WORDS; word++) hash = hashWith(hash, key[word]);
    return hash;
  }

  /**
   * Copies the header that the datagram will have, without the IPv6 fragment header, to `target` at `at`. IPv6
   * extension headers are left out where there is no `room` for them: what they carry is what matters.
   * @returns its length.
   */
  writePrefix(bytes: Uint8Array, target: Uint8Array, at: number, room: number): number {
    const ip = this.ipOffset;
    const whole = this.isIpv6 ? this.fragmentHeaderOffset - ip : this.headerLength;
    const length = whole > room ? IPV6_HEADER_LENGTH : whole;
    for (let i = 0; i < length; i++) target[at + i] = bytes[ip + i];
    if (this.isIpv6) target[at + lastNextHeader(bytes, ip, length)] = bytes[this.fragmentHeaderOffset];
    return length;
  }
}

/** Offset in an IPv6 header chain of `length` bytes of the field that names the header behind it. */
function lastNextHeader(bytes: Uint8Array, ip: number, length: number): number {
  let field = 6;
  for (let at = IPV6_HEADER_LENGTH; at < length;) {
    const type = bytes[ip + field];
    field = at;
    at += extensionLength(type, bytes[ip + at + 1]);
  }
  return field;
}
