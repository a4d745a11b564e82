/**
 * IEEE 802.11: data frames carry LLC behind a header whose length its flags tell. No allocation.
 *
 *     frame control(2) duration(2) address(6) x 3, sequence(2)
 *     address(6) if between two access points, QoS control(2) and HT control(4) if the subtype and its flags say so
 *
 * Encrypted frames and later fragments cannot be read; of frames that hold several packets (A-MSDU) the first is.
 */
import { FAULT } from './fault.js';
import { noteFault, type DecodeCounts } from './layer.js';
import type { DecodedFrame } from './packet.js';
import { PROTOCOL } from './protocol.js';

const HEADER_LENGTH = 24;
const TYPE = 0x0c;
const TYPE_DATA = 0x08;
/** Bits of the subtype of data frames. */
const QOS = 0x80;
const NO_DATA = 0x40;
/** Flags, in the second byte. */
const TO_AND_FROM_DISTRIBUTION = 0x03;
const PROTECTED = 0x40;
const HT_CONTROL = 0x80;
const AGGREGATED = 0x80;
const FRAGMENT_NUMBER = 0x0f;

/** Decodes the header at `frame.at`, the first of a captured frame; `padded` rounds its length up to 4 bytes. */
export function decodeWifi(bytes: Uint8Array, frame: DecodedFrame, counts: DecodeCounts, padded: boolean): number {
  const at = frame.at;
  if (at + 2 > frame.end) return -FAULT.wifi_truncated_header;
  const control = bytes[at];
  const flags = bytes[at + 1];
  if ((control & TYPE) !== TYPE_DATA || (control & NO_DATA) !== 0) {
    noteFault(frame, counts, FAULT.wifi_no_data);
    return PROTOCOL.other;
  }
  const qosAt = HEADER_LENGTH + ((flags & TO_AND_FROM_DISTRIBUTION) === TO_AND_FROM_DISTRIBUTION ? 6 : 0);
  const isQos = (control & QOS) !== 0;
  const length = qosAt + (isQos ? 2 : 0) + (isQos && (flags & HT_CONTROL) !== 0 ? 4 : 0);
  const behind = at + (padded ? (length + 3) & ~3 : length);
  if (behind > frame.end) return -FAULT.wifi_truncated_header;
  if ((flags & PROTECTED) !== 0) return -FAULT.wifi_encrypted;
  if ((bytes[at + 22] & FRAGMENT_NUMBER) !== 0) return -FAULT.wifi_fragment;
  frame.at = behind;
  if (!isQos || (bytes[at + qosAt] & AGGREGATED) === 0) return PROTOCOL.llc;
  // Each of the packets has addresses and a length in front, as Ethernet has them.
  noteFault(frame, counts, FAULT.wifi_aggregated);
  return PROTOCOL.ethernet;
}
