/**
 * The buffers of a SASL security layer (RFC 4422, 3.7), as far as they show what they carry: the head of each says
 * where its clear text lies, and what stands around it. Stage: app.
 *
 *   Kerberos  | 05 04 | flags | ff | EC | RRC | number (8) | text, sum of EC bytes, all turned right by RRC bytes
 *   before    | 60 … | 02 01 | by (2) | ff ff ff ff | number (8) | sum (8, 20) | 8 bytes of chance | text, padding
 *   NTLM      | 01 00 00 00 | sum (8) | number (4) | text
 *   Digest    | text | sum (16)
 *
 * RFC 4121, 4.2.6.2; RFC 1964, 1.2.2, and RFC 4757, 7.3; MS-NLMP, 2.2.2.9; RFC 2831, 2.3.
 *
 * Of NTLM and digests nothing says whether they are encrypted: that the text reads as a message does.
 */
import type { Direction } from '../../flow/flow.js';
import { ByteReader } from '../fields/byte-reader.js';
import { ANSWER, beginsWith, u32, type Answer } from '../probe/answer.js';
import { probeLdap } from '../probe/directory.js';

/** The length of a buffer. */
export const LENGTH_BYTES = 4;
/** All that is read of a head, where a buffer has as much. */
export const HEAD_BYTES = 64;
/** What the last of so many bytes says is padding of them. */
export const PADDED_BYTES = 8;
/** First bytes, as numbers. */
const KERBEROS = 0x0504;
const FRAMED = 0x60;
const NTLM = 0x0100_0000;
/** Kerberos 5, with its tag and length. */
const KERBEROS_OID = Uint8Array.of(6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2);
const WRAPPED = 0x0201;
const SEALED_FLAG = 2;
const FILLER = 0xff;
const NOT_SEALED = 0xffff_ffff;
const NUMBER_BYTES = 8;
const CONFOUNDER_BYTES = 8;
const SUM_BYTES = 8;
/** By HMAC SHA1 DES3-KD. */
const SHA1_DES3 = 0x0400;
const SHA1_BYTES = 20;
const TURNED_HEAD = 16;
const NTLM_HEAD = 16;
const DIGEST_TAIL = 16;
const SEQUENCE = 0x30;
const LONG_FORM = 0x80;
/** Bytes of a length in the long form, behind their number. */
const LONG_LENGTH_BYTES = 4;

export class WrapToken {
  /** Bytes ahead of the text, of the text, and behind it. */
  lead = 0;
  text = 0;
  tail = 0;
  /** The first so many bytes of the text are its last. */
  turned = 0;
  /** The last PADDED_BYTES hold text and padding; they are not among the text. */
  isPadded = false;
  /** Nothing of its own tells what it is: the text at its beginning does. */
  isDigest = false;
  private readonly reader: ByteReader;

  constructor(bytes: Uint8Array) {
    this.reader = new ByteReader(bytes);
  }

  /** Reads the head of a buffer of `length` bytes. @returns false where its text is sealed, or it is malformed. */
  read(at: number, length: number): boolean {
    const reader = this.reader.begin(at, at + Math.min(length, HEAD_BYTES));
    this.turned = 0;
    this.isPadded = false;
    this.isDigest = false;
    const first = reader.u32();
    if (isTurned(first)) return this.readTurned(first, length);
    if (first >>> 24 === FRAMED) return this.readFramed(at, length);
    if (first === NTLM) return this.set(NTLM_HEAD, length - NTLM_HEAD, 0);
    return !reader.failed && reader.bytes[at] === SEQUENCE && this.readDigest(length);
  }

  /** The same, where all buffers are known to be those of digests: a text may go on with a message. */
  readDigest(length: number): boolean {
    this.turned = 0;
    this.isPadded = false;
    this.isDigest = true;
    return this.set(0, length - DIGEST_TAIL, DIGEST_TAIL);
  }

  private readTurned(first: number, length: number): boolean {
    const { reader } = this;
    const sum = reader.u16();
    const turns = reader.u16();
    const body = length - TURNED_HEAD;
    if (body < sum || ((first >>> 8) & SEALED_FLAG) !== 0) return false;
    // Turned to the right: what was last stands in front, and that is the sum.
    const ahead = body === 0 ? 0 : turns % body;
    if (ahead <= sum) return this.set(TURNED_HEAD + ahead, body - sum, sum - ahead);
    this.turned = ahead - sum;
    return this.set(TURNED_HEAD, body - sum, sum);
  }

  private readFramed(at: number, length: number): boolean {
    const { reader } = this;
    if (framedKerberos(reader.bytes, at, reader.end - at) !== ANSWER.yes) return false;
    reader.at = mechanismAt(reader.bytes, at) + KERBEROS_OID.length;
    const isWrap = reader.u16() === WRAPPED;
    const by = reader.u16();
    const isClear = reader.u32() === NOT_SEALED;
    const sumBytes = by === SHA1_DES3 ? SHA1_BYTES : SUM_BYTES;
    const head = reader.at - at + NUMBER_BYTES + sumBytes + CONFOUNDER_BYTES;
    this.isPadded = true;
    return isWrap && isClear && this.set(head, length - head - PADDED_BYTES, 0);
  }

  private set(lead: number, text: number, tail: number): boolean {
    this.lead = lead;
    this.text = text;
    this.tail = tail;
    return text >= 0;
  }
}

const isTurned = (first: number): boolean => first >>> 16 === KERBEROS && (first & FILLER) === FILLER;
const mechanismAt = (bytes: Uint8Array, at: number): number => at + 2 + Math.max(0, bytes[at + 1] - LONG_FORM);

function framedKerberos(bytes: Uint8Array, at: number, length: number): Answer {
  if (length < 2) return ANSWER.more;
  const mechanism = mechanismAt(bytes, at);
  if (mechanism - at > 2 + LONG_LENGTH_BYTES) return ANSWER.no;
  return beginsWith(bytes, mechanism, Math.max(0, at + length - mechanism), KERBEROS_OID);
}

/** Whether a buffer begins with this byte, and not a message: lengths are of three bytes (RFC 4752, 3.3). */
export const isBuffer = (first: number): boolean => first === 0;

/** What tells the beginning of a buffer. */
export function probeBuffer(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  if (length > 0 && !isBuffer(bytes[start])) return ANSWER.no;
  if (length < LENGTH_BYTES + 4) return ANSWER.more;
  const at = start + LENGTH_BYTES;
  const first = u32(bytes, at);
  if (isTurned(first) || first === NTLM) return ANSWER.yes;
  if (first >>> 24 === FRAMED) return framedKerberos(bytes, at, length - LENGTH_BYTES);
  return probeLdap(bytes, at, length - LENGTH_BYTES, direction);
}
