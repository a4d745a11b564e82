/**
 * Names of IP protocols. Stage: block (the rule language and events know the same ones); data only. Reference: IANA,
 * Assigned Internet Protocol Numbers, as Suricata 8.0.7 writes them in events.
 */

/** What stands for protocols that are named by no word, as "any private encryption scheme" (99). */
const UNNAMED = 'Any';

/** By number, from 0 on. */
const NAMES: readonly string[] = `
  HOPOPT ICMP IGMP GGP IP-in-IP ST TCP CBT EGP IGP BBN-RCC-MON NVP-II PUP ARGUS EMCON XNET CHAOS UDP MUX DCN-MEAS HMP
  PRM XNS-IDP TRUNK-1 TRUNK-2 LEAF-1 LEAF-2 RDP IRTP ISO-TP4 NETBLT MFE-NSP MERIT-INP DCCP 3PC IDPR XTP DDP IDPR-CMTP
  TP++ IL IPv6 SDRP IPv6-Route IPv6-Frag IDRP RSVP GRE DSR BNA ESP AH I-NLSP SwIPe NARP MOBILE TLSP SKIP IPv6-ICMP
  IPv6-NoNxt IPv6-Opts Any CFTP Any SAT-EXPAK KRYPTOLAN RVD IPPC Any SAT-MON VISA IPCU CPNX CPHB WSN PVP BR-SAT-MON
  SUN-ND WB-MON WB-EXPAK ISO-IP VMTP SECURE-VMTP VINES TTP NSFNET-IGP DGP TCF EIGRP OSPF Sprite-RPC LARP MTP AX.25 OS
  MICP SCC-SP ETHERIP ENCAP Any GMTP IFMP PNNI PIM ARIS SCPS QNX A/N IPComp SNP Compaq-Peer IPX-in-IP VRRP PGM Any
  L2TP DDX IATP STP SRP UTI SMP SM PTP IS-IS FIRE CRTP CRUDP SSCOPMCE IPLT SPS PIPE SCTP FC RSVP-E2E-IGNORE Mobility
  UDPLite MPLS-in-IP manet HIP Shim6 WESP ROHC Ethernet
`
  .trim()
  .split(/\s+/);

/** What an event calls the protocol of this number; its number, in three digits, where nobody has named it. */
export const ipProtocolName = (protocol: number): string => NAMES[protocol] ?? String(protocol).padStart(3, '0');

/** Numbers by their names in lower case, as rules may write them. */
export const IP_PROTOCOL_NUMBERS: ReadonlyMap<string, number> = new Map<string, number>([
  ...NAMES.flatMap((name, number) => (name === UNNAMED ? [] : [[name.toLowerCase(), number] as const])),
  // Other names of some, IANA's own among them.
  ['ipv4', 4],
  ['ipip', 4],
  ['icmpv6', 58],
  ['ospfigp', 89],
]);
