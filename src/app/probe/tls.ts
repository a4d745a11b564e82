/**
 * TLS and what came before it. Stage: app. RFC 8446, RFC 5246, RFC 6101; the hello of SSLv2 as RFC 6101, appendix E.
 */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import { ANSWER, u16, type Answer } from './answer.js';

const RECORD = { alert: 21, handshake: 22, applicationData: 23 } as const;
const HELLO = { request: 0, client: 1, server: 2 } as const;
const LONGEST_RECORD = 18_432;
const RECORD_HEADER = 5;
const ALERT_BYTES = 2;

export function probeTls(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  if (length === 0) return ANSWER.more;
  const type = bytes[start];
  if ((type & 0x80) !== 0) return probeSsl2(bytes, start, length, direction);
  if (type < RECORD.alert || type > RECORD.applicationData) return ANSWER.no;
  if (length > 1 && bytes[start + 1] !== 3) return ANSWER.no;
  if (length > 2 && bytes[start + 2] > 4) return ANSWER.no;
  if (length < RECORD_HEADER + 1) return ANSWER.more;
  const size = u16(bytes, start + 3);
  if (size === 0 || size > LONGEST_RECORD) return ANSWER.no;
  const first = bytes[start + RECORD_HEADER];
  if (type === RECORD.handshake) return isFirstHandshake(first, direction) ? ANSWER.yes : ANSWER.no;
  if (type === RECORD.alert) return size === ALERT_BYTES && (first === 1 || first === 2) ? ANSWER.yes : ANSWER.no;
  return ANSWER.open;
}

const isFirstHandshake = (type: number, direction: Direction): boolean =>
  direction === DIRECTION.toServer ? type === HELLO.client : type === HELLO.server || type === HELLO.request;

const SSL2_HEADER = 11;
const SSL2 = { clientHello: 1, serverHello: 4 } as const;

function probeSsl2(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  const type = direction === DIRECTION.toServer ? SSL2.clientHello : SSL2.serverHello;
  if (length > 2 && bytes[start + 2] !== type) return ANSWER.no;
  if (length < SSL2_HEADER) return ANSWER.more;
  const size = u16(bytes, start) & 0x7fff;
  const fits =
    direction === DIRECTION.toServer ? isSsl2ClientHello(bytes, start, size) : isSsl2ServerHello(bytes, start, size);
  return fits ? ANSWER.yes : ANSWER.no;
}

function isSsl2ClientHello(bytes: Uint8Array, start: number, size: number): boolean {
  const major = bytes[start + 3];
  const minor = bytes[start + 4];
  if (!(major === 0 && minor === 2) && !(major === 3 && minor <= 4)) return false;
  const ciphers = u16(bytes, start + 5);
  const session = u16(bytes, start + 7);
  const challenge = u16(bytes, start + 9);
  return (
    ciphers > 0 &&
    ciphers % 3 === 0 &&
    (session === 0 || session === 16) &&
    challenge >= 16 &&
    challenge <= 32 &&
    9 + ciphers + session + challenge === size
  );
}

function isSsl2ServerHello(bytes: Uint8Array, start: number, size: number): boolean {
  return (
    bytes[start + 3] <= 1 &&
    bytes[start + 4] <= 3 &&
    u16(bytes, start + 5) === 2 &&
    u16(bytes, start + 7) + u16(bytes, start + 9) < size
  );
}
