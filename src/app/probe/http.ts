/** HTTP/1 and HTTP/2. Stage: app. RFC 9112, RFC 9113; a request of an unknown method is one when its line says so. */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import {
  ANSWER,
  ascii,
  asciiTexts,
  beginsLike,
  beginsLikeAny,
  beginsWith,
  contains,
  lineLength,
  PROBE_BYTES,
  u16,
  u24,
  u32,
  type Answer,
} from './answer.js';

const SPACE = 0x20;
const TAB = 0x09;
const HYPHEN = 0x2d;
const METHODS = asciiTexts(
  'get',
  'post',
  'head',
  'put',
  'delete',
  'options',
  'connect',
  'trace',
  'patch',
  'propfind',
  'proppatch',
  'mkcol',
  'copy',
  'move',
  'lock',
  'unlock',
  'checkout',
  'uncheckout',
  'checkin',
  'update',
  'label',
  'report',
  'mkworkspace',
  'mkactivity',
  'merge',
  'invalid',
  'version-control',
  'baseline-control',
);
const VERSIONS = asciiTexts('http/0.9', 'http/1.0', 'http/1.1');
const VERSION = ascii(' http/1.');
/** Requests of RTSP look like those of HTTP up to their address. */
const OTHER_ADDRESSES = asciiTexts('rtsp:', '* rtsp/');
const LONGEST_METHOD = 24;

export function probeHttp(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  if (direction === DIRECTION.toClient) return beginsLikeAny(bytes, start, length, VERSIONS);
  for (let i = 0; i < METHODS.length; i++) {
    const method = METHODS[i];
    const answer = beginsLike(bytes, start, length, method);
    if (answer === ANSWER.no) continue;
    const behind = method.length;
    if (answer === ANSWER.more || length === behind) return ANSWER.more;
    if (bytes[start + behind] === SPACE || bytes[start + behind] === TAB)
      return probeAddress(bytes, start + behind + 1, length - behind - 1);
  }
  return ANSWER.no;
}

function probeAddress(bytes: Uint8Array, start: number, length: number): Answer {
  const other = beginsLikeAny(bytes, start, length, OTHER_ADDRESSES);
  if (other === ANSWER.yes) return ANSWER.no;
  return other === ANSWER.more && length > 0 ? ANSWER.more : ANSWER.yes;
}

/** A request line of any method in capitals. */
export function probeHttpLine(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  if (direction === DIRECTION.toClient) return ANSWER.no;
  const most = Math.min(length, LONGEST_METHOD);
  let at = 0;
  while (at < most && isMethodByte(bytes[start + at])) at++;
  if (at === most) return length < LONGEST_METHOD ? ANSWER.more : ANSWER.no;
  if (at === 0 || bytes[start + at] !== SPACE) return ANSWER.no;
  const line = lineLength(bytes, start, length);
  if (line < 0) return length < PROBE_BYTES ? ANSWER.more : ANSWER.no;
  return contains(bytes, start + at, line - at, VERSION) ? ANSWER.yes : ANSWER.no;
}

const isMethodByte = (byte: number): boolean => (byte >= 0x41 && byte <= 0x5a) || byte === HYPHEN || byte === 0x5f;

const PREFACE = ascii('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const SETTINGS = 4;
const FRAME_HEADER = 9;
const SETTING = 6;
const LONGEST_SETTINGS = 100 * SETTING;
/** Of RFC 9113, 8441 and 9218. */
const LAST_SETTING = 9;

/** The client's preface; of a server the first frame, its settings, which must have one to tell by. */
export function probeHttp2(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  if (direction === DIRECTION.toServer) return beginsWith(bytes, start, length, PREFACE);
  if (length > 0 && bytes[start] !== 0) return ANSWER.no;
  if (length > 3 && bytes[start + 3] !== SETTINGS) return ANSWER.no;
  if (length < FRAME_HEADER) return ANSWER.more;
  const size = u24(bytes, start);
  if (size % SETTING !== 0 || size > LONGEST_SETTINGS || bytes[start + 4] !== 0 || u32(bytes, start + 5) !== 0)
    return ANSWER.no;
  if (size === 0) return ANSWER.open;
  if (length < FRAME_HEADER + 2) return ANSWER.more;
  const first = u16(bytes, start + FRAME_HEADER);
  return first > 0 && first <= LAST_SETTING ? ANSWER.yes : ANSWER.open;
}
