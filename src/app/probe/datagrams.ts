/** DHCP, TFTP, IKE and the DHT of BitTorrent: one datagram tells. Stage: app. */
import { ANSWER, asciiTexts, beginsLikeAny, isPrintable, isZero, u32, type Answer } from './answer.js';

const DHCP_BYTES = 240;
const DHCP_COOKIE = 0x63825363;

/** RFC 2131. */
export function probeDhcp(bytes: Uint8Array, start: number, length: number): Answer {
  if (length < DHCP_BYTES || (bytes[start] !== 1 && bytes[start] !== 2) || bytes[start + 2] > 16) return ANSWER.no;
  return u32(bytes, start + DHCP_BYTES - 4) === DHCP_COOKIE ? ANSWER.yes : ANSWER.no;
}

const TFTP_WRITE = 2;
const TFTP_MODES = asciiTexts('octet\0', 'netascii\0', 'mail\0');
const LONGEST_FILE_NAME = 500;

/** RFC 1350: a request with a name and a mode. */
export function probeTftp(bytes: Uint8Array, start: number, length: number): Answer {
  if (length < 6 || bytes[start] !== 0 || bytes[start + 1] === 0 || bytes[start + 1] > TFTP_WRITE) return ANSWER.no;
  const most = Math.min(length, LONGEST_FILE_NAME);
  let at = 2;
  while (at < most && isPrintable(bytes[start + at])) at++;
  if (at === 2 || at === most || bytes[start + at] !== 0) return ANSWER.no;
  return beginsLikeAny(bytes, start + at + 1, length - at - 1, TFTP_MODES) === ANSWER.yes ? ANSWER.yes : ANSWER.no;
}

const IKE_HEADER = 28;
/** RFC 3948: on port 4500 four bytes of zero come before it. */
const NON_ESP_MARKER = 4;

/** RFC 7296 and RFC 2408. */
export function probeIke(bytes: Uint8Array, start: number, length: number): Answer {
  const marked = length > IKE_HEADER + NON_ESP_MARKER && isZero(bytes, start, start + NON_ESP_MARKER);
  const at = marked ? start + NON_ESP_MARKER : start;
  const size = marked ? length - NON_ESP_MARKER : length;
  if (size < IKE_HEADER || isZero(bytes, at, at + 8)) return ANSWER.no;
  const version = bytes[at + 17];
  const exchange = bytes[at + 18];
  const known =
    version === 0x10
      ? exchange <= 6 || exchange === 32 || exchange === 33
      : version === 0x20 && exchange >= 34 && exchange <= 44;
  return known && u32(bytes, at + 24) === size ? ANSWER.yes : ANSWER.no;
}

const DHT = asciiTexts('d1:ad2:id20:', 'd1:rd2:id20:', 'd2:ip6:', 'd2:ip4:', 'd1:eli');

/** BEP 5. Who is asked and who answers changes from message to message. */
export function probeDht(bytes: Uint8Array, start: number, length: number): Answer {
  return beginsLikeAny(bytes, start, length, DHT) === ANSWER.yes ? ANSWER.yes : ANSWER.no;
}
