/** Frames that pass through every decoder. */
import { LINK_TYPE } from '../../src/decode/packet.js';
import {
  arp,
  authentication,
  concat,
  erspan3,
  etherIp,
  ethernet,
  geneve,
  gre,
  hex,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  ipv6FragmentBody,
  mpls,
  nsh,
  pppoe,
  sctp,
  snap,
  tcp,
  udp,
  vlan,
  vxlan,
  vxlanGpe,
  wifi,
} from './packet-builder.js';

export interface FrameTemplate {
  readonly bytes: Uint8Array;
  readonly linkType: number;
}

const inner = ethernet(
  {},
  vlan({}, ipv4({ options: hex('94040000') }, tcp({ options: hex('020405b401010402') }, 'GET / HTTP/1.0\r\n\r\n'))),
);

/** One frame for each decoder, of headers within headers: where mutation starts from. */
export const FRAME_TEMPLATES: readonly FrameTemplate[] = [
  { linkType: LINK_TYPE.vxlan, bytes: vxlan({ vni: 5 }, inner) },
  { linkType: LINK_TYPE.geneve, bytes: geneve({ vni: 5 }, ipv4({}, udp({ dstPort: 4789 }, vxlan({}, inner)))) },
  {
    linkType: LINK_TYPE.ethernet,
    bytes: ethernet(
      {},
      ipv4({}, udp({ dstPort: 4789 }, vxlan({}, ethernet({}, ipv4({}, udp({ dstPort: 4789 }, vxlan({}, inner))))))),
    ),
  },
  {
    linkType: LINK_TYPE.ethernet,
    bytes: ethernet(
      {},
      mpls(
        {},
        mpls(
          {},
          ipv6({ extensions: [{ type: 0 }, { type: 43 }, { type: 51, body: new Uint8Array(14) }] }, sctp({}, 'x')),
        ),
      ),
    ),
  },
  {
    linkType: LINK_TYPE.ethernet,
    bytes: ethernet(
      {},
      pppoe({}, ipv6({ extensions: [{ type: 44, body: ipv6FragmentBody({ more: true }) }], protocol: 58 }, icmpv6())),
    ),
  },
  {
    linkType: LINK_TYPE.ethernet,
    bytes: ethernet(
      {},
      ipv4({}, gre({ checksum: true, key: 1, sequence: 2 }, ethernet({}, ipv6({}, ipv4({}, icmp({}, 'ping')))))),
    ),
  },
  {
    linkType: LINK_TYPE.ethernet,
    bytes: ethernet({}, ipv4({}, gre({ type: 0x88be, sequence: 1 }, concat(hex('1001000a00000000'), inner)))),
  },
  {
    linkType: LINK_TYPE.ethernet,
    bytes: ethernet({}, ipv4({}, gre({ version: 1, sequence: 1 }, concat(hex('ff030021'), ipv4({}, udp()))))),
  },
  { linkType: LINK_TYPE.ethernet, bytes: ethernet({}, arp()) },
  {
    linkType: LINK_TYPE.ethernet,
    bytes: snap(
      {},
      ipv4(
        {},
        authentication({}, etherIp({}, ethernet({}, ipv6({}, udp({ dstPort: 4790 }, vxlanGpe({}, nsh({}, inner))))))),
      ),
    ),
  },
  {
    linkType: LINK_TYPE.ethernet,
    bytes: ethernet(
      {},
      ipv4(
        {},
        udp(
          { dstPort: 3544 },
          concat(
            hex('0001 0101 01 02 0000000000000000 00 0000 1234 01020304'),
            ipv6({}, ipv4({}, gre({}, erspan3({}, inner)))),
          ),
        ),
      ),
    ),
  },
  { linkType: LINK_TYPE.wifi, bytes: wifi({ qos: 0 }, ipv4({}, udp({}, 'x'))) },
  {
    linkType: LINK_TYPE.radiotap,
    bytes: concat(
      hex('0000 1100 03000000 0000000000000000 20'),
      wifi({ qos: 0x80, padded: true }, ipv4({}, udp({}, 'x'))),
    ),
  },
  {
    linkType: LINK_TYPE.ppi,
    bytes: concat(hex('0000 0c00 7f000000 02000000 0000 0900 02000000 10'), wifi({}, ipv4({}, udp({}, 'x')))),
  },
  { linkType: LINK_TYPE.pktap, bytes: concat(hex('0c000000 01000000 c0000000 0000 0800 01000000'), inner) },
  {
    linkType: LINK_TYPE.nflog,
    bytes: concat(hex('02 00 0000 0500 0a00 61 000000 2500 0900'), ipv4({}, udp({}, 'hello'))),
  },
  { linkType: LINK_TYPE.ipOverInfiniband, bytes: concat(new Uint8Array(40), hex('0800 0000'), ipv4({}, udp({}, 'x'))) },
];
