/**
 * Conditions on packet fields: interprets the packed tests of a rule (rule-block.ts, OP). Stage: detect.
 *
 * A packet that lacks a field never passes a test of it, negated or not. BOUNDS: header reads rely on decode, which
 * sets
 * `ipHeaderLength` and `l4HeaderLength` only for bytes that are present. Allocates nothing.
 */
import { IP_PROTOCOL, LAYER_FLAG, type Packet } from '../../decode/packet.js';
import { findTcpOption } from '../../decode/tcp-options.js';
import { FIN } from '../../decode/tcp.js';
import { DIRECTION, FLOW_STATE, type Direction, type Flow } from '../../flow/flow.js';
import { sameBytes } from '../../util/hash.js';
import { readAddressWord as u32 } from '../../block/address-set.js';
import { applicationTestPasses } from './application-test.js';
import { addressTestPasses, type AddressTables } from './address-test.js';
import { ipv4Checksum, transportChecksum } from './checksum-test.js';
import { comparedHolds } from '../../block/compared.js';
import { FIELD, OP, VLAN_PLACE } from '../../block/rule-block.js';
import { modeHolds } from '../../block/test-mode.js';

const ABSENT = -1;
/** Bits by the place in SESSION_PHASES. */
const SETUP = 1;
const ESTABLISHED = 2;
const CLOSING = 4;

/** Packed code, and the address sets that tests in it name. */
interface TestTables extends AddressTables {
  readonly code: Int32Array;
}

/** Whether all tests in `code[at, end)` pass. */
export function testsPass(
  tables: TestTables,
  at: number,
  end: number,
  packet: Packet,
  flow: Flow | null,
  direction: Direction,
): boolean {
  const { code } = tables;
  for (let test = at; test < end; test += code[test + 1]) {
    if (!testPasses(tables, test, packet, flow, direction)) return false;
  }
  return true;
}

function testPasses(tables: TestTables, at: number, packet: Packet, flow: Flow | null, direction: Direction): boolean {
  const { code } = tables;
  switch (code[at]) {
    case OP.field:
      return code[at + 2] === FIELD.fault
        ? faultPasses(code, at, packet)
        : fieldPasses(code, at, fieldValue(packet, flow, code[at + 2]));
    case OP.tcpFlags:
      return isTcp(packet) && modeHolds(tcpFlags(packet) & ~code[at + 3], code[at + 2], code[at + 4]);
    case OP.fragbits:
      return packet.ipVersion === 4 && modeHolds(packet.bytes[packet.ipOffset + 6] >>> 5, code[at + 2], code[at + 3]);
    case OP.ipopts:
      return packet.ipVersion === 4 && hasOption(packet, code[at + 2]) !== (code[at + 3] === 1);
    case OP.sameip:
      return packet.ipVersion !== 0 && hasSameAddresses(packet) !== (code[at + 2] === 1);
    case OP.tcpSession:
      return flow !== null && isTcp(packet) && (phasesOf(packet, flow) & code[at + 2]) !== 0;
    case OP.streamSize:
      return streamSizePasses(code, at, flow);
    case OP.tcpEvent:
      return (packet.events & code[at + 2]) !== 0 || (packet.moreEvents & code[at + 3]) !== 0;
    case OP.vlanId:
      return vlanPasses(code, at, packet);
    case OP.either:
      return anyPasses(tables, at + 2, at + code[at + 1], packet, flow, direction);
    case OP.address:
      return addressTestPasses(code, at, tables, packet);
    case OP.application:
      return applicationTestPasses(code, at, flow, direction);
    default:
      throw new Error(`no such test: ${code[at]}`);
  }
}

function anyPasses(
  tables: TestTables,
  at: number,
  end: number,
  packet: Packet,
  flow: Flow | null,
  direction: Direction,
): boolean {
  for (let test = at; test < end; test += tables.code[test + 1]) {
    if (testPasses(tables, test, packet, flow, direction)) return true;
  }
  return false;
}

function fieldPasses(code: Int32Array, at: number, value: number): boolean {
  return value !== ABSENT && comparedHolds(code, at + 4, at + code[at + 1], value) !== (code[at + 3] === 1);
}

/** Whether one of the packet's malformations, codes of a byte each, is in the ranges. */
function faultPasses(code: Int32Array, at: number, packet: Packet): boolean {
  let passes = false;
  for (let faults = packet.faults; faults !== 0; faults >>>= 8)
    passes ||= comparedHolds(code, at + 4, at + code[at + 1], faults & 0xff);
  return passes !== (code[at + 3] === 1);
}

function vlanPasses(code: Int32Array, at: number, packet: Packet): boolean {
  const place = code[at + 2];
  const count = packet.vlanLayers;
  if (place !== VLAN_PLACE.any && place !== VLAN_PLACE.all) {
    const index = place < 0 ? count + place : place;
    return index >= 0 && index < count && comparedHolds(code, at + 3, at + code[at + 1], packet.vlanId(index));
  }
  let passed = 0;
  for (let index = 0; index < count; index++)
    if (comparedHolds(code, at + 3, at + code[at + 1], packet.vlanId(index))) passed++;
  return place === VLAN_PLACE.all ? passed === count && count > 0 : passed > 0;
}

/** Whether the packet has what `decode-event` and `stream-event` ask for, whatever it is. */
export const isRemarkable = (packet: Packet): boolean =>
  packet.faults !== 0 || packet.events !== 0 || packet.moreEvents !== 0 || (packet.flags & LAYER_FLAG.truncated) !== 0;

/** Sides by their place in STREAM_SIDES. */
function streamSizePasses(code: Int32Array, at: number, flow: Flow | null): boolean {
  if (flow === null || flow.protocol !== IP_PROTOCOL.tcp || !flow.hasSession) return false;
  const side = code[at + 2];
  const client = comparedHolds(code, at + 3, at + code[at + 1], flow.sentBytes(DIRECTION.toServer));
  const server = comparedHolds(code, at + 3, at + code[at + 1], flow.sentBytes(DIRECTION.toClient));
  if (side === 0) return client;
  if (side === 1) return server;
  return side === 2 ? client && server : client || server;
}

/** Bits by the place in SESSION_PHASES. The packet is counted in. */
function phasesOf(packet: Packet, flow: Flow): number {
  const phase = flow.established && !flow.justEstablished ? ESTABLISHED : SETUP;
  return isClosing(packet, flow) ? phase | CLOSING : phase;
}

/** One that is reset does not close, and the last FIN of two does. */
function isClosing(packet: Packet, flow: Flow): boolean {
  const client = flow.hasSentFin(DIRECTION.toServer);
  const server = flow.hasSentFin(DIRECTION.toClient);
  if (flow.state !== FLOW_STATE.closed) return client || server;
  return client && server && (tcpFlags(packet) & FIN) !== 0;
}

/** The field's value, or -1 where the packet has none. */
function fieldValue(packet: Packet, flow: Flow | null, field: number): number {
  if (field <= FIELD.dsize) return ipField(packet, field);
  if (field <= FIELD.tcp_wscale) return isTcp(packet) ? tcpField(packet, field) : ABSENT;
  if (field <= FIELD.icmpv6_mtu) return icmpField(packet, field);
  if (field === FIELD.vni) return packet.vni;
  if (field === FIELD.vlan_layers) return packet.vlanLayers;
  if (field === FIELD.ip_version) return packet.ipVersion;
  if (field === FIELD.checksum_ipv4) return ipv4Checksum(packet);
  if (field >= FIELD.checksum_tcp && field <= FIELD.checksum_icmpv6)
    return transportChecksum(packet, CHECKSUM_PROTOCOLS[field - FIELD.checksum_tcp]);
  if (field === FIELD.tcp_sack) return isTcp(packet) ? sackBlocks(packet) : ABSENT;
  if (field === FIELD.truncated) return packet.flags & LAYER_FLAG.truncated;
  return flow === null ? ABSENT : flowField(packet, flow, field);
}

function ipField(packet: Packet, field: number): number {
  const { bytes, ipOffset, ipVersion } = packet;
  if (ipVersion === 0) return ABSENT;
  const is4 = ipVersion === 4;
  switch (field) {
    case FIELD.ttl:
      return bytes[ipOffset + (is4 ? 8 : 7)];
    case FIELD.tos:
      return is4 ? bytes[ipOffset + 1] : ((bytes[ipOffset] & 15) << 4) | (bytes[ipOffset + 1] >>> 4);
    case FIELD.ip_id:
      return is4 ? u16(bytes, ipOffset + 4) : ABSENT;
    case FIELD.ip_proto:
      return packet.protocol;
    case FIELD.fragoffset:
      return fragmentOffset(packet);
    case FIELD.dsize:
      // Of a packet cut by the mirror, the size is what its headers say, not what was captured.
      return (packet.flags & LAYER_FLAG.fragment) !== 0 ? ABSENT : packet.claimedPayloadLength;
    default:
      return ABSENT;
  }
}

/** In units of 8 bytes, as in the header. */
function fragmentOffset(packet: Packet): number {
  if (packet.ipVersion === 4) return u16(packet.bytes, packet.ipOffset + 6) & 0x1fff;
  return packet.fragmentHeaderOffset === 0 ? ABSENT : u16(packet.bytes, packet.fragmentHeaderOffset + 2) >>> 3;
}

export const isTcp = (packet: Packet): boolean => packet.protocol === IP_PROTOCOL.tcp && packet.l4HeaderLength >= 20;
/** Byte 13 of the header (RFC 9293). BOUNDS: `isTcp`. */
export const tcpFlags = (packet: Packet): number => packet.bytes[packet.l4Offset + 13];

function tcpField(packet: Packet, field: number): number {
  const { bytes, l4Offset } = packet;
  switch (field) {
    case FIELD.tcp_seq:
      return u32(bytes, l4Offset + 4);
    case FIELD.tcp_ack:
      return u32(bytes, l4Offset + 8);
    case FIELD.tcp_window:
      return u16(bytes, l4Offset + 14);
    case FIELD.tcp_mss:
      return tcpOption(packet, 2, 4);
    default:
      return tcpOption(packet, 3, 3);
  }
}

/** In the order of their fields, from checksum_tcp on. */
const CHECKSUM_PROTOCOLS = [IP_PROTOCOL.tcp, IP_PROTOCOL.udp, IP_PROTOCOL.icmp, IP_PROTOCOL.icmpv6] as const;

/** Blocks of the selective acknowledgement option (RFC 2018). */
function sackBlocks(packet: Packet): number {
  const at = findTcpOption(packet, 5);
  return at < 0 ? ABSENT : (packet.bytes[at + 1] - 2) >>> 3;
}

/** Value of the first TCP option of this kind and length: its last one or two bytes. */
function tcpOption(packet: Packet, kind: number, length: number): number {
  const { bytes } = packet;
  let at = findTcpOption(packet, kind);
  while (at >= 0 && bytes[at + 1] !== length) at = findTcpOption(packet, kind, at + bytes[at + 1]);
  if (at < 0) return ABSENT;
  return length === 4 ? u16(bytes, at + 2) : bytes[at + 2];
}

function icmpField(packet: Packet, field: number): number {
  const { bytes, l4Offset, protocol } = packet;
  const version6 = protocol === IP_PROTOCOL.icmpv6;
  if ((protocol !== IP_PROTOCOL.icmp && !version6) || packet.l4HeaderLength < 4) return ABSENT;
  const type = bytes[l4Offset];
  if (field === FIELD.icmp_type) return type;
  if (field === FIELD.icmp_code) return bytes[l4Offset + 1];
  if (packet.l4HeaderLength < 8) return ABSENT;
  if (field === FIELD.icmpv6_mtu) return version6 && type === 2 ? u32(bytes, l4Offset + 4) : ABSENT;
  const hasId = version6 ? type === 128 || type === 129 : type === 0 || type === 8 || (type >= 13 && type <= 18);
  return hasId ? u16(bytes, l4Offset + (field === FIELD.icmp_id ? 4 : 6)) : ABSENT;
}

function flowField(packet: Packet, flow: Flow, field: number): number {
  switch (field) {
    case FIELD.flow_pkts_toserver:
      return flow.packetsToServer;
    case FIELD.flow_pkts_toclient:
      return flow.packetsToClient;
    case FIELD.flow_bytes_toserver:
      return flow.bytesToServer;
    case FIELD.flow_bytes_toclient:
      return flow.bytesToClient;
    default:
      return Math.max(0, Math.floor(packet.timeUs / 1e6) - Math.floor(flow.startUs / 1e6));
  }
}

/** Whether a packet with addresses has the same ones at both ends. */
export function hasSameAddresses({ bytes, ipVersion, srcIpOffset, dstIpOffset }: Packet): boolean {
  return sameBytes(bytes, srcIpOffset, bytes, dstIpOffset, ipVersion === 4 ? 4 : 16);
}

/** Whether the IPv4 header carries the option; -1: any. */
function hasOption(packet: Packet, option: number): boolean {
  const { bytes } = packet;
  const end = packet.ipOffset + packet.ipHeaderLength;
  let at = packet.ipOffset + 20;
  if (option === -1) return at < end;
  while (at < end) {
    const kind = bytes[at];
    if (kind === option) return true;
    if (kind === 0) return false;
    const size = kind === 1 ? 1 : at + 1 < end ? bytes[at + 1] : 0;
    if (size === 0 || (kind !== 1 && size < 2)) return false;
    at += size;
  }
  return false;
}

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at] << 8) | bytes[at + 1];
