/** What the capture formats have in common. Stage: ingest, captures. */
import { LINK_TYPE } from '../decode/packet.js';

/** The longest frame that a capture may hold: what tcpdump and Wireshark allow. More is damage, not a frame. */
export const MAX_FRAME_BYTES = 262_144;

/** OpenBSD's number for raw IP, which some files carry. */
const RAW_OPENBSD = 14;

/** The `LINK_TYPE` for a number found in a capture; one that is not known stays as it is, for decode to count. */
export function linkTypeOf(number: number): number {
  return number === RAW_OPENBSD ? LINK_TYPE.raw : number;
}
