/**
 * Names of link types that captures may have and that are not decoded, by number (tcpdump.org/linktypes.html). Stage:
 * ingest, messages.
 */
const NAMES: Readonly<Record<number, string>> = {
  6: 'token ring',
  7: 'ARCNET',
  8: 'SLIP',
  10: 'FDDI',
  100: 'ATM (RFC 1483)',
  107: 'frame relay',
  114: 'LocalTalk',
  117: 'OpenBSD pflog',
  119: '802.11 with a Prism header',
  122: 'IP over Fibre Channel',
  129: 'ARCNET of Linux',
  138: 'IP over IEEE 1394',
  143: 'DOCSIS',
  144: 'IrDA',
  163: '802.11 with an AVS header',
  165: 'BACnet MS/TP',
  166: 'PPP of pppd',
  177: 'LAPD',
  187: 'Bluetooth HCI',
  189: 'USB of Linux',
  195: 'IEEE 802.15.4',
  197: 'ERF',
  201: 'Bluetooth HCI',
  203: 'LAPD',
  204: 'PPP with direction',
  205: 'Cisco HDLC with direction',
  206: 'frame relay with direction',
  215: 'IEEE 802.15.4',
  220: 'USB of Linux',
  224: 'Fibre Channel',
  225: 'Fibre Channel',
  226: 'Solaris ipnet',
  227: 'CAN',
  230: 'IEEE 802.15.4',
  247: 'InfiniBand',
  248: 'SCTP',
  249: 'USBPcap',
  251: 'Bluetooth LE',
  252: 'Wireshark upper PDU',
  253: 'netlink',
  254: 'Bluetooth monitor',
  256: 'Bluetooth LE',
  265: 'ISO 14443',
  266: 'RDS',
  271: 'vsock',
  272: 'Nordic BLE',
  274: 'Ethernet mPackets',
  281: 'Broadcom switch tag',
  283: 'IEEE 802.15.4',
  284: 'Marvell switch tag',
};
const FIRST_USER = 147;
const LAST_USER = 162;

/** `195 (IEEE 802.15.4)`, as a message names a link type. */
export function nameOfLinkType(linkType: number): string {
  const name = linkType >= FIRST_USER && linkType <= LAST_USER ? 'for private use' : NAMES[linkType];
  return name === undefined ? String(linkType) : `${linkType} (${name})`;
}
