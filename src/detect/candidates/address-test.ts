/**
 * Whether a packet's addresses are in a set that a rule asks for beside its header (geoip, iprep). Stage: detect, among
 * the tests of packet fields. Countries and reputation became address sets as the rules were loaded. Allocates nothing.
 */
import type { Packet } from '../../decode/packet.js';
import { hasIpv4, hasIpv6, readAddressWord } from '../../block/address-set.js';
import { ADDRESS_SIDE, ADDRESS_TEST } from '../../block/rule-block.js';

/** The address sets of a rule set. */
export interface AddressTables {
  readonly addressSets: Int32Array;
  readonly addressWords: Int32Array;
}

/** The test at word `at`; a packet without addresses never passes. */
export function addressTestPasses(code: Int32Array, at: number, tables: AddressTables, packet: Packet): boolean {
  if (packet.ipVersion === 0) return false;
  const set = 4 * code[at + ADDRESS_TEST.set];
  switch (code[at + ADDRESS_TEST.side]) {
    case ADDRESS_SIDE.src:
      return isIn(tables, set, packet, packet.srcIpOffset);
    case ADDRESS_SIDE.dst:
      return isIn(tables, set, packet, packet.dstIpOffset);
    case ADDRESS_SIDE.both:
      return isIn(tables, set, packet, packet.srcIpOffset) && isIn(tables, set, packet, packet.dstIpOffset);
    default:
      return isIn(tables, set, packet, packet.srcIpOffset) || isIn(tables, set, packet, packet.dstIpOffset);
  }
}

function isIn(
  { addressSets, addressWords }: AddressTables,
  set: number,
  { bytes, ipVersion }: Packet,
  offset: number,
): boolean {
  if (ipVersion === 4)
    return hasIpv4(addressWords, addressSets[set], addressSets[set + 1], readAddressWord(bytes, offset));
  return hasIpv6(addressWords, addressSets[set + 2], addressSets[set + 3], bytes, offset);
}
