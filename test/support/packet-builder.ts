/**
 * Builds packets for tests, from the inside out: `ethernet({}, ipv4({ src: '10.0.0.1' }, tcp({ dstPort: 80 }, 'GET
 * /')))`.
 *
 * Every function returns a new Uint8Array: header plus payload. Lengths, checksums and "what comes next" fields are
 * right by default; each can be overridden to build a malformed packet. A builder remembers what it built (a hint kept
 * beside the array), so that the header around it can fill in its protocol number, EtherType and the transport
 * checksum. A plain Uint8Array, number list or string (latin1) works as payload too; then the outer header needs its
 * type given.
 */

export type Payload = Uint8Array | readonly number[] | string;

interface Hint {
  etherType?: number;
  ipProtocol?: number;
  /** Offset of a transport checksum over the pseudo header, still to be filled in. */
  checksumAt?: number;
  pppProtocol?: number;
}
const hints = new WeakMap<Uint8Array, Hint>();

const EMPTY = new Uint8Array(0);

/** Bytes of anything that can be a payload; the array itself when it is one already. */
export function toBytes(payload: Payload): Uint8Array {
  if (typeof payload === 'string') return Uint8Array.from(payload, (character) => character.charCodeAt(0) & 0xff);
  return payload instanceof Uint8Array ? payload : Uint8Array.from(payload);
}

export function concat(...parts: Payload[]): Uint8Array {
  const arrays = parts.map(toBytes);
  const joined = new Uint8Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    joined.set(array, at);
    at += array.length;
  }
  return joined;
}

/** `hex('45 00 00 14')`: blanks are ignored. */
export function hex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, '');
  if (digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits)) throw new Error(`not hexadecimal: ${text}`);
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

export const u16 = (value: number): number[] => [(value >>> 8) & 0xff, value & 0xff];
export const u24 = (value: number): number[] => [(value >>> 16) & 0xff, ...u16(value)];
export const u32 = (value: number): number[] => [(value >>> 24) & 0xff, ...u24(value)];

/** A MAC address `02:00:00:00:00:01` as bytes. */
export const mac = (text: string): number[] => text.split(':').map((part) => parseInt(part, 16));

/** An IPv4 or IPv6 address (with `::`, without embedded IPv4) as 4 or 16 bytes. */
export function ip(text: string): number[] {
  if (!text.includes(':')) return text.split('.').map(Number);
  const [head = '', tail] = text.split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').flatMap((group) => u16(parseInt(group, 16)));
  if (tail === undefined) return groups(head);
  const front = groups(head);
  const back = groups(tail);
  return [...front, ...new Array<number>(16 - front.length - back.length).fill(0), ...back];
}

/** The Internet checksum (RFC 1071) of all parts one after the other. */
export function internetChecksum(...parts: Payload[]): number {
  const all = concat(...parts);
  let sum = 0;
  for (let i = 0; i < all.length; i += 2) sum += (all[i] << 8) | (all[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

function build(hint: Hint, ...parts: Payload[]): Uint8Array {
  const built = concat(...parts);
  hints.set(built, hint);
  return built;
}

const hintOf = (payload: Payload): Hint => (payload instanceof Uint8Array ? (hints.get(payload) ?? {}) : {});

function setU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

// ---------------------------------------------------------------- link layer

export interface EthernetFields {
  dst?: string;
  src?: string;
  type?: number;
  /** Pads with zeros to this length, as a sender does up to 60 bytes. */
  padTo?: number;
}
export function ethernet(fields: EthernetFields = {}, payload: Payload = EMPTY): Uint8Array {
  const type = fields.type ?? hintOf(payload).etherType ?? 0x0800;
  const header = [...mac(fields.dst ?? '02:00:00:00:00:02'), ...mac(fields.src ?? '02:00:00:00:00:01'), ...u16(type)];
  const padding = Math.max(0, (fields.padTo ?? 0) - 14 - toBytes(payload).length);
  return build({ etherType: 0x6558, ipProtocol: 143 }, header, payload, new Uint8Array(padding));
}

/** An 802.3 frame: a length, LLC and SNAP with the payload's EtherType. */
export function snap(fields: EthernetFields & { oui?: number } = {}, payload: Payload = EMPTY): Uint8Array {
  const llc = concat(hex('aaaa03'), u24(fields.oui ?? 0), u16(hintOf(payload).etherType ?? 0x0800), payload);
  return ethernet({ ...fields, type: llc.length }, llc);
}

/** A VLAN tag behind an EtherType: TCI and the next EtherType. `tpid` is what the header before it will say. */
export function vlan(
  fields: { id?: number; priority?: number; type?: number; tpid?: number } = {},
  payload: Payload = EMPTY,
): Uint8Array {
  const tci = ((fields.priority ?? 0) << 13) | (fields.id ?? 1);
  const type = fields.type ?? hintOf(payload).etherType ?? 0x0800;
  return build({ etherType: fields.tpid ?? 0x8100 }, u16(tci), u16(type), payload);
}

export function mpls(
  fields: { label?: number; trafficClass?: number; bottom?: boolean; ttl?: number } = {},
  payload: Payload = EMPTY,
): Uint8Array {
  const bottom = fields.bottom ?? hintOf(payload).etherType !== 0x8847;
  const entry =
    ((fields.label ?? 100) << 12) | ((fields.trafficClass ?? 0) << 9) | (bottom ? 0x100 : 0) | (fields.ttl ?? 64);
  return build({ etherType: 0x8847, ipProtocol: 137 }, u32(entry), payload);
}

/** A PPPoE session header with the PPP protocol field (2 bytes) behind it. */
export function pppoe(
  fields: { sessionId?: number; code?: number; versionType?: number; length?: number; protocol?: number } = {},
  payload: Payload = EMPTY,
): Uint8Array {
  const protocol = fields.protocol ?? hintOf(payload).pppProtocol ?? 0x0021;
  const length = fields.length ?? toBytes(payload).length + 2;
  const header = [fields.versionType ?? 0x11, fields.code ?? 0, ...u16(fields.sessionId ?? 1), ...u16(length)];
  return build({ etherType: 0x8864 }, header, u16(protocol), payload);
}

export function arp(): Uint8Array {
  const addresses = [...mac('02:00:00:00:00:01'), ...ip('10.0.0.1'), ...mac('00:00:00:00:00:00'), ...ip('10.0.0.2')];
  return build({ etherType: 0x0806 }, hex('0001 0800 06 04 0001'), addresses);
}

// ------------------------------------------------------------------------ IP

export interface Ipv4Fields {
  src?: string;
  dst?: string;
  version?: number;
  /** In 32-bit words. */
  headerLength?: number;
  tos?: number;
  totalLength?: number;
  id?: number;
  /** 4 reserved, 2 don't fragment, 1 more fragments. */
  flags?: number;
  /** In bytes; a multiple of 8. */
  fragmentOffset?: number;
  ttl?: number;
  protocol?: number;
  checksum?: number;
  /** Padded with zeros to a multiple of 4. */
  options?: Payload;
}
export function ipv4(fields: Ipv4Fields = {}, payload: Payload = EMPTY): Uint8Array {
  const src = ip(fields.src ?? '10.0.0.1');
  const dst = ip(fields.dst ?? '10.0.0.2');
  const protocol = fields.protocol ?? hintOf(payload).ipProtocol ?? 255;
  const options = padded(toBytes(fields.options ?? EMPTY), 4);
  const data = withTransportChecksum(payload, src, dst, protocol);
  const header = concat(
    [((fields.version ?? 4) << 4) | (fields.headerLength ?? 5 + options.length / 4), fields.tos ?? 0],
    u16(fields.totalLength ?? 20 + options.length + data.length),
    u16(fields.id ?? 0x1234),
    u16(((fields.flags ?? 0) << 13) | ((fields.fragmentOffset ?? 0) >>> 3)),
    [fields.ttl ?? 64, protocol, 0, 0],
    src,
    dst,
    options,
  );
  setU16(header, 10, fields.checksum ?? internetChecksum(header));
  return build({ etherType: 0x0800, ipProtocol: 4, pppProtocol: 0x0021 }, header, data);
}

/** One IPv6 extension header; `body` is what follows the next-header and length bytes (padded to a multiple of 8). */
export interface Ipv6Extension {
  /** 0 hop-by-hop, 43 routing, 60 destination options, 51 authentication, 44 fragment, ... */
  type: number;
  body?: Payload;
  /** Overrides the length byte (for `fragment`: the reserved byte). */
  length?: number;
}
export interface Ipv6Fields {
  src?: string;
  dst?: string;
  version?: number;
  trafficClass?: number;
  flowLabel?: number;
  payloadLength?: number;
  hopLimit?: number;
  /** The protocol after all extension headers. */
  protocol?: number;
  extensions?: readonly Ipv6Extension[];
}
export function ipv6(fields: Ipv6Fields = {}, payload: Payload = EMPTY): Uint8Array {
  const src = ip(fields.src ?? 'fd00::1');
  const dst = ip(fields.dst ?? 'fd00::2');
  const protocol = fields.protocol ?? hintOf(payload).ipProtocol ?? 255;
  const data = withTransportChecksum(payload, src, dst, protocol);
  const extensions = fields.extensions ?? [];
  const chain = concat(
    ...extensions.map((extension, i) => extensionHeader(extension, extensions[i + 1]?.type ?? protocol)),
  );
  const word = (((fields.version ?? 6) << 28) | ((fields.trafficClass ?? 0) << 20) | (fields.flowLabel ?? 0)) >>> 0;
  const length = fields.payloadLength ?? chain.length + data.length;
  const header = [...u32(word), ...u16(length), extensions[0]?.type ?? protocol, fields.hopLimit ?? 64, ...src, ...dst];
  return build({ etherType: 0x86dd, ipProtocol: 41, pppProtocol: 0x0057 }, header, chain, data);
}

/** Body of a fragment extension header: `{ type: 44, body: ipv6FragmentBody({ offset: 8, more: true, id: 7 }) }`. */
export function ipv6FragmentBody(fields: { offset?: number; more?: boolean; id?: number }): Uint8Array {
  return concat(u16((fields.offset ?? 0) | (fields.more ? 1 : 0)), u32(fields.id ?? 1));
}

function extensionHeader(extension: Ipv6Extension, next: number): Uint8Array {
  const header = padded(concat([next, 0], extension.body ?? EMPTY), 8);
  // RFC 8200: 8-byte units after the first 8; RFC 4302 (AH): 4-byte units minus 2.
  const length = extension.type === 51 ? header.length / 4 - 2 : extension.type === 44 ? 0 : header.length / 8 - 1;
  header[1] = extension.length ?? length;
  return header;
}

// ----------------------------------------------------------------- transport

export const TCP_FLAG = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ece: 64, cwr: 128 } as const;

export interface TcpFields {
  srcPort?: number;
  dstPort?: number;
  seq?: number;
  ack?: number;
  /** A sum of `TCP_FLAG`; ack and psh by default. */
  flags?: number;
  window?: number;
  urgent?: number;
  /** In 32-bit words. */
  headerLength?: number;
  checksum?: number;
  /** Padded with zeros to a multiple of 4. */
  options?: Payload;
}
export function tcp(fields: TcpFields = {}, payload: Payload = EMPTY): Uint8Array {
  const options = padded(toBytes(fields.options ?? EMPTY), 4);
  return build(
    transportHint(6, 16, fields.checksum),
    u16(fields.srcPort ?? 40000),
    u16(fields.dstPort ?? 80),
    u32(fields.seq ?? 1),
    u32(fields.ack ?? 1),
    [(fields.headerLength ?? 5 + options.length / 4) << 4, fields.flags ?? TCP_FLAG.ack | TCP_FLAG.psh],
    u16(fields.window ?? 65535),
    u16(fields.checksum ?? 0),
    u16(fields.urgent ?? 0),
    options,
    payload,
  );
}

export interface UdpFields {
  srcPort?: number;
  dstPort?: number;
  length?: number;
  /** 0 means that there is none. */
  checksum?: number;
}
export function udp(fields: UdpFields = {}, payload: Payload = EMPTY): Uint8Array {
  const length = fields.length ?? 8 + toBytes(payload).length;
  const ports = [...u16(fields.srcPort ?? 40000), ...u16(fields.dstPort ?? 53)];
  return build(transportHint(17, 6, fields.checksum), ports, u16(length), u16(fields.checksum ?? 0), payload);
}

export function icmp(
  fields: { type?: number; code?: number; id?: number; seq?: number; checksum?: number } = {},
  payload: Payload = EMPTY,
): Uint8Array {
  const message = concat(
    [fields.type ?? 8, fields.code ?? 0, 0, 0],
    u16(fields.id ?? 1),
    u16(fields.seq ?? 1),
    payload,
  );
  setU16(message, 2, fields.checksum ?? internetChecksum(message));
  return build({ ipProtocol: 1 }, message);
}

export function icmpv6(
  fields: { type?: number; code?: number; id?: number; seq?: number; checksum?: number } = {},
  payload: Payload = EMPTY,
): Uint8Array {
  const header = [
    fields.type ?? 128,
    fields.code ?? 0,
    ...u16(fields.checksum ?? 0),
    ...u16(fields.id ?? 1),
    ...u16(fields.seq ?? 1),
  ];
  return build(transportHint(58, 2, fields.checksum), header, payload);
}

/** Common header and one DATA chunk with the payload (none without payload). The checksum (CRC32c) is not computed. */
export function sctp(
  fields: { srcPort?: number; dstPort?: number; tag?: number; checksum?: number; tsn?: number } = {},
  payload: Payload = EMPTY,
): Uint8Array {
  const data = toBytes(payload);
  const chunk =
    data.length === 0
      ? EMPTY
      : padded(concat([0, 3], u16(16 + data.length), u32(fields.tsn ?? 1), u32(0), u32(0), data), 4);
  const ports = [...u16(fields.srcPort ?? 40000), ...u16(fields.dstPort ?? 2905)];
  return build({ ipProtocol: 132 }, ports, u32(fields.tag ?? 1), u32(fields.checksum ?? 0), chunk);
}

// ------------------------------------------------------------------- tunnels

export interface GreFields {
  version?: number;
  type?: number;
  key?: number;
  /** For version 1 (PPTP): written when given, as is `ack`. */
  sequence?: number;
  ack?: number;
  /** Adds a right checksum word when true, this one when a number. */
  checksum?: boolean | number;
  /** OR-ed into the first two bytes. */
  flags?: number;
}
export function gre(fields: GreFields = {}, payload: Payload = EMPTY): Uint8Array {
  const version = fields.version ?? 0;
  const type = fields.type ?? (version === 1 ? 0x880b : (hintOf(payload).etherType ?? 0x0800));
  const hasChecksum = fields.checksum !== undefined && fields.checksum !== false;
  const hasKey = fields.key !== undefined || version === 1;
  const flags =
    (hasChecksum ? 0x8000 : 0) |
    (hasKey ? 0x2000 : 0) |
    (fields.sequence !== undefined ? 0x1000 : 0) |
    (fields.ack !== undefined ? 0x80 : 0);
  // Version 1 keeps the payload length in the upper half of its key.
  const key = version === 1 ? toBytes(payload).length * 0x10000 + (fields.key ?? 1) : (fields.key ?? 0);
  const packet = concat(
    u16(flags | version | (fields.flags ?? 0)),
    u16(type),
    hasChecksum ? u32(0) : EMPTY,
    hasKey ? u32(key) : EMPTY,
    fields.sequence !== undefined ? u32(fields.sequence) : EMPTY,
    fields.ack !== undefined ? u32(fields.ack) : EMPTY,
    payload,
  );
  if (hasChecksum) setU16(packet, 4, typeof fields.checksum === 'number' ? fields.checksum : internetChecksum(packet));
  return build({ ipProtocol: 47 }, packet);
}

/**
 * A VXLAN header; put it into `udp({ dstPort: 4789, checksum: 0 }, ...)`, or use it as it is for a socket's datagram.
 */
export function vxlan(
  fields: { vni?: number; flags?: number; reserved1?: number; reserved2?: number } = {},
  payload: Payload = EMPTY,
): Uint8Array {
  return build(
    {},
    [fields.flags ?? 0x08],
    u24(fields.reserved1 ?? 0),
    u24(fields.vni ?? 1),
    [fields.reserved2 ?? 0],
    payload,
  );
}

export interface GeneveFields {
  vni?: number;
  version?: number;
  /** In 32-bit words. */
  optionLength?: number;
  /** 0x80 control, 0x40 critical. */
  flags?: number;
  type?: number;
  /** A multiple of 4 bytes; `geneveOption` makes one. */
  options?: Payload;
}
export function geneve(fields: GeneveFields = {}, payload: Payload = EMPTY): Uint8Array {
  const options = toBytes(fields.options ?? EMPTY);
  const type = fields.type ?? hintOf(payload).etherType ?? 0x6558;
  const first = ((fields.version ?? 0) << 6) | (fields.optionLength ?? options.length / 4);
  return build({}, [first, fields.flags ?? 0], u16(type), u24(fields.vni ?? 1), [0], options, payload);
}

/** One GENEVE option (RFC 8926, section 3.5); the Gateway Load Balancer's class is 0x0108. */
export function geneveOption(optionClass: number, type: number, data: Payload): Uint8Array {
  const body = padded(toBytes(data), 4);
  return concat(u16(optionClass), [type, body.length / 4], body);
}

// ------------------------------------------------------------- fragmentation

/** Cuts an IPv4 packet into fragments of at most `mtu` bytes each, in order; the options go into every one. */
export function fragmentIpv4(packet: Uint8Array, mtu: number): Uint8Array[] {
  const headerLength = (packet[0] & 15) * 4;
  const data = packet.subarray(headerLength);
  const step = (mtu - headerLength) & ~7;
  if (step <= 0) throw new Error(`an MTU of ${mtu} leaves no room for data`);
  const fragments: Uint8Array[] = [];
  for (let at = 0; at < data.length; at += step) {
    const part = data.subarray(at, at + step);
    const header = packet.slice(0, headerLength);
    setU16(header, 2, headerLength + part.length);
    setU16(header, 6, (at + part.length < data.length ? 0x2000 : 0) | (at >>> 3));
    setU16(header, 10, 0);
    setU16(header, 10, internetChecksum(header));
    fragments.push(build({ etherType: 0x0800, ipProtocol: 4, pppProtocol: 0x0021 }, header, part));
  }
  return fragments;
}

/** Cuts an IPv6 packet without extension headers into fragments of at most `mtu` bytes each, in order. */
export function fragmentIpv6(packet: Uint8Array, mtu: number, id = 1): Uint8Array[] {
  const data = packet.subarray(40);
  const step = (mtu - 48) & ~7;
  if (step <= 0) throw new Error(`an MTU of ${mtu} leaves no room for data`);
  const fragments: Uint8Array[] = [];
  for (let at = 0; at < data.length; at += step) {
    const part = data.subarray(at, at + step);
    const fragment = concat([packet[6], 0], ipv6FragmentBody({ offset: at, more: at + part.length < data.length, id }));
    const header = packet.slice(0, 40);
    setU16(header, 4, fragment.length + part.length);
    header[6] = 44;
    fragments.push(build({ etherType: 0x86dd, ipProtocol: 41, pppProtocol: 0x0057 }, header, fragment, part));
  }
  return fragments;
}

// ------------------------------------------------------------------- helpers

function transportHint(ipProtocol: number, checksumAt: number, override: number | undefined): Hint {
  return override === undefined ? { ipProtocol, checksumAt } : { ipProtocol };
}

function padded(bytes: Uint8Array, unit: number): Uint8Array {
  return concat(bytes, new Uint8Array((unit - (bytes.length % unit)) % unit));
}

/** The payload with its transport checksum filled in, where its builder left that to the IP header. */
function withTransportChecksum(payload: Payload, src: number[], dst: number[], protocol: number): Uint8Array {
  const at = hintOf(payload).checksumAt;
  if (at === undefined) return toBytes(payload);
  const data = concat(payload);
  const checksum = internetChecksum(src, dst, u32(data.length), [0, 0, 0, protocol], data);
  // RFC 768: a computed 0 is sent as 0xffff, because 0 says that there is no checksum.
  setU16(data, at, protocol === 17 && checksum === 0 ? 0xffff : checksum);
  return data;
}

/** ERSPAN type III; `subheader` adds the platform's own 8 bytes. Put it into `gre({ sequence: 1 }, ...)`. */
export function erspan3(
  fields: { version?: number; type?: number; subheader?: boolean } = {},
  payload: Payload = EMPTY,
): Uint8Array {
  const subheader = fields.subheader === true;
  const header = [
    ((fields.version ?? 2) << 4) | 1,
    0,
    0,
    10,
    ...u32(1),
    0,
    0,
    (fields.type ?? 0) << 2,
    Number(subheader),
  ];
  return build({ etherType: 0x22eb }, header, subheader ? new Uint8Array(8) : EMPTY, payload);
}

const GPE_NUMBERS: Readonly<Record<number, number>> = { 0x0800: 1, 0x86dd: 2, 0x6558: 3, 0x894f: 4, 0x8847: 5 };
const gpeNumber = (payload: Payload): number => GPE_NUMBERS[hintOf(payload).etherType ?? 0] ?? 3;

/** A network service header; `length` in units of 4 bytes. */
export function nsh(
  fields: { version?: number; type?: number; length?: number; next?: number; metadata?: Payload } = {},
  payload: Payload = EMPTY,
): Uint8Array {
  const metadata = toBytes(fields.metadata ?? new Uint8Array(16));
  const length = fields.length ?? 2 + metadata.length / 4;
  const header = [
    ...u16(((fields.version ?? 0) << 14) | (63 << 6) | length),
    fields.type ?? 1,
    fields.next ?? gpeNumber(payload),
    ...u24(1),
    255,
  ];
  return build({ etherType: 0x894f }, header, metadata, payload);
}

/** VXLAN-GPE; put it into `udp({ dstPort: 4790 }, ...)`. */
export function vxlanGpe(fields: { flags?: number; next?: number } = {}, payload: Payload = EMPTY): Uint8Array {
  return build({}, [fields.flags ?? 0x0c, 0, 0, fields.next ?? gpeNumber(payload)], u24(1), [0], payload);
}

/** An authentication header for IPv4; `length` in units of 4 bytes, less 2. */
export function authentication(
  fields: { length?: number; check?: Payload; next?: number } = {},
  payload: Payload = EMPTY,
): Uint8Array {
  const check = toBytes(fields.check ?? new Uint8Array(12));
  const length = fields.length ?? 1 + check.length / 4;
  return build(
    { ipProtocol: 51 },
    [fields.next ?? hintOf(payload).ipProtocol ?? 17, length, 0, 0],
    u32(1),
    u32(1),
    check,
    payload,
  );
}

/** EtherIP around an Ethernet frame. */
export function etherIp(fields: { version?: number } = {}, payload: Payload = EMPTY): Uint8Array {
  return build({ ipProtocol: 97 }, [(fields.version ?? 3) << 4, 0], payload);
}

export interface WifiFields {
  /** The first two bytes: subtype and type, flags. */
  control?: number;
  flags?: number;
  /** Both for QoS data only. */
  qos?: number;
  fragment?: number;
  /** Rounds the header up to a multiple of 4 bytes. */
  padded?: boolean;
}
/** An 802.11 data frame from an access point, with LLC and SNAP in front of the payload. */
export function wifi(fields: WifiFields = {}, payload: Payload = EMPTY): Uint8Array {
  const control = fields.control ?? (fields.qos === undefined ? 0x08 : 0x88);
  const flags = fields.flags ?? 0x02;
  const isQos = (control & 0x80) !== 0;
  const fourth = (flags & 3) === 3 ? new Uint8Array(6) : EMPTY;
  const qos = isQos ? concat([fields.qos ?? 0, 0], (flags & 0x80) !== 0 ? new Uint8Array(4) : EMPTY) : EMPTY;
  const header = concat([control, flags, 0, 0], new Uint8Array(18).fill(2), [fields.fragment ?? 0, 0], fourth, qos);
  const llc = concat(hex('aaaa03000000'), u16(hintOf(payload).etherType ?? 0x0800), payload);
  return concat(fields.padded === true ? padded(header, 4) : header, llc);
}
