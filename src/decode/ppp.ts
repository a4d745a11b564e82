/**
 * PPP (RFC 1661): an optional address and control field (ff 03, RFC 1662), then a protocol field of two bytes, or of
 * one when it is compressed (odd first byte). Captures of PPP may hold Cisco HDLC instead (RFC 1547), which begins with
 * an address that PPP has not. No allocation.
 */
import { FAULT } from './fault.js';
import { noteFault, shortHeader, type DecodeCounts } from './layer.js';
import { LINK_TYPE, type DecodedFrame } from './packet.js';
import { PROTOCOL, u16 } from './protocol.js';

const IPV4_LENGTH = 20;
const IPV6_LENGTH = 40;
/** Network protocols without a decoder, and all control protocols from here on (RFC 1661, section 2). */
const OTHER_PROTOCOLS: ReadonlySet<number> = new Set([
  0x23, 0x25, 0x27, 0x29, 0x2b, 0x2d, 0x2f, 0x31, 0x33, 0x35, 0x3d, 0x3f, 0x4b, 0x4d, 0x53, 0xfb, 0xfd,
]);
const FIRST_CONTROL_PROTOCOL = 0x8000;
/** IPCP, IPV6CP, CCP; LCP, PAP, LQR, CHAP, EAP: every line has them, and there is nothing in them to inspect. */
const LINE_CONTROL: ReadonlySet<number> = new Set([0x8021, 0x8057, 0x80fd, 0xc021, 0xc023, 0xc025, 0xc223, 0xc227]);

/** Decodes the header at `frame.at`. Control protocols and compressed headers are not IP. */
export function decodePpp(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts): number {
  let at = frame.at;
  if (isCiscoHdlc(bytes, frame)) return PROTOCOL.hdlc;
  if (at + 2 <= frame.end && bytes[at] === 0xff && bytes[at + 1] === 0x03) at += 2;
  const compressed = at < frame.end && (bytes[at] & 1) === 1;
  const length = at - frame.at + (compressed ? 1 : 2);
  if (frame.at + length > frame.end) return shortHeader(frame, length, FAULT.ppp_truncated_header);
  frame.at += length;
  const protocol = compressed ? bytes[at] : u16(bytes, at);
  switch (protocol) {
    case 0x0021:
      return frame.at + IPV4_LENGTH > frame.end
        ? shortHeader(frame, IPV4_LENGTH, FAULT.ppp_truncated_ipv4)
        : PROTOCOL.ipv4;
    case 0x0057:
      return frame.at + IPV6_LENGTH > frame.end
        ? shortHeader(frame, IPV6_LENGTH, FAULT.ppp_truncated_ipv6)
        : PROTOCOL.ipv6;
    case 0x0281:
      return PROTOCOL.mpls;
    default:
      if (LINE_CONTROL.has(protocol)) return PROTOCOL.other;
      noteFault(
        frame,
        counts,
        protocol >= FIRST_CONTROL_PROTOCOL || OTHER_PROTOCOLS.has(protocol)
          ? FAULT.ppp_unsupported_protocol
          : FAULT.ppp_unknown_protocol,
      );
      return PROTOCOL.other;
  }
}

/** Only a frame captured as PPP may be Cisco HDLC, from its start on: unicast (0f) or broadcast (8f). */
function isCiscoHdlc(bytes: Uint8Array, frame: DecodedFrame): boolean {
  const { at, linkType } = frame;
  if ((linkType !== LINK_TYPE.ppp && linkType !== LINK_TYPE.pppHdlc) || at !== frame.start || at + 4 > frame.end)
    return false;
  return (bytes[at] & 0x7f) === 0x0f && bytes[at + 1] === 0;
}
