/**
 * Kerberos, LDAP and SNMP: messages in ASN.1, told by their first tags. Stage: app. RFC 4120, RFC 4511, RFC 3416, RFC
 * 3412.
 */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import { ANSWER, u32, type Answer } from './answer.js';
import { DerWalk } from './der.js';

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OCTETS = 0x04;
const ENUMERATED = 0x0a;

const walk = new DerWalk();
const verdict = (): Answer => (walk.wrong ? ANSWER.no : walk.short ? ANSWER.more : ANSWER.yes);

const KRB5_REQUESTS: readonly number[] = [0x6a, 0x6c];
const KRB5_ANSWERS: readonly number[] = [0x6b, 0x6d, 0x7e];
const KRB5_VERSION = 5;

export function probeKrb5(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  if (length === 0) return ANSWER.more;
  const tags = direction === DIRECTION.toServer ? KRB5_REQUESTS : KRB5_ANSWERS;
  const tag = bytes[start];
  if (!tags.includes(tag)) return ANSWER.no;
  walk.begin(bytes, start, length).enter(tag).enter(SEQUENCE);
  // Requests number their parts from 1, answers from 0: the first is the version.
  walk.enter(KRB5_REQUESTS.includes(tag) ? 0xa1 : 0xa0).enter(INTEGER);
  if (!walk.wrong && !walk.short && (walk.size !== 1 || (walk.peek() !== KRB5_VERSION && walk.peek() >= 0)))
    walk.wrong = true;
  return verdict();
}

const LENGTH_PREFIX = 4;
const LONGEST_KRB5 = 0x100000;

/** Behind its length. */
export function probeKrb5Tcp(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  if (length > 0 && bytes[start] !== 0) return ANSWER.no;
  if (length <= LENGTH_PREFIX) return ANSWER.more;
  const size = u32(bytes, start);
  return size > LONGEST_KRB5 ? ANSWER.no : probeKrb5(bytes, start + LENGTH_PREFIX, length - LENGTH_PREFIX, direction);
}

/** What LDAP's operations begin with, by their tag. */
const LDAP_REQUESTS: Readonly<Record<number, number>> = {
  0x60: INTEGER,
  0x63: OCTETS,
  0x66: OCTETS,
  0x68: OCTETS,
  0x6c: OCTETS,
  0x6e: OCTETS,
  0x77: 0x80,
};
/** Requests that are one value, by their tag, and its longest: to end, to remove a name, to take a request back. */
const LDAP_VALUES: Readonly<Record<number, number>> = { 0x42: 0, 0x4a: 0xffff, 0x50: 4 };
const LDAP_ANSWERS: Readonly<Record<number, number>> = {
  0x61: ENUMERATED,
  0x64: OCTETS,
  0x65: ENUMERATED,
  0x67: ENUMERATED,
  0x69: ENUMERATED,
  0x6b: ENUMERATED,
  0x6d: ENUMERATED,
  0x6f: ENUMERATED,
  0x78: ENUMERATED,
};

export function probeLdap(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  const first = direction === DIRECTION.toServer ? LDAP_REQUESTS : LDAP_ANSWERS;
  const end = walk.begin(bytes, start, length).enter(SEQUENCE).at + walk.size;
  walk.enter(INTEGER);
  if (walk.short || walk.wrong) return verdict();
  if (walk.size < 1 || walk.size > 4) return ANSWER.no;
  for (let i = walk.size; i > 0; i--) walk.byte();
  const operation = walk.peek();
  if (operation < 0) return ANSWER.more;
  if (direction === DIRECTION.toServer && operation in LDAP_VALUES) {
    walk.enter(operation);
    if (!walk.short && (walk.size > LDAP_VALUES[operation] || walk.at + walk.size > end)) walk.wrong = true;
    return verdict();
  }
  if (!(operation in first)) return ANSWER.no;
  walk.enter(operation).enter(first[operation]);
  return verdict();
}

const SNMP_3 = 3;
const LONGEST_COMMUNITY = 128;
const FIRST_PDU = 0xa0;
const LAST_PDU = 0xa8;

export function probeSnmp(bytes: Uint8Array, start: number, length: number): Answer {
  walk.begin(bytes, start, length).enter(SEQUENCE).enter(INTEGER);
  if (walk.short || walk.wrong || walk.size !== 1) return ANSWER.no;
  const version = walk.byte();
  if (version < 0 || version === 2 || version > SNMP_3) return ANSWER.no;
  if (version === SNMP_3) {
    walk.enter(SEQUENCE).enter(INTEGER);
    return verdict();
  }
  walk.pass(OCTETS);
  if (walk.size > LONGEST_COMMUNITY) walk.wrong = true;
  const pdu = walk.peek();
  if (pdu >= 0 && (pdu < FIRST_PDU || pdu > LAST_PDU)) walk.wrong = true;
  return verdict();
}
