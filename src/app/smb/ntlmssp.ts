/**
 * Who logs in: the message of NTLMSSP that says so, within what SPNEGO wraps around it (MS-NLMP, 2.2.1.3). Stage: app.
 */
import type { ByteReader } from '../fields/byte-reader.js';
import { SIDE } from '../fields/field-list.js';
import { SMB_FIELDS, type SmbTransaction } from './transaction.js';
import { smbEvent } from './events.js';

/** `NTLMSSP` and a zero. */
const SIGNATURE = [0x4e, 0x54, 0x4c, 0x4d, 0x53, 0x53, 0x50, 0];
const AUTHENTICATE = 3;
/** Offsets from the signature: where the domain is described, and behind user and host the flags. */
const DOMAIN_AT = 28;
const FLAGS_AT = 60;
const HAS_VERSION = 0x0200_0000;
/** Bytes of a blob that the signature is looked for in. */
const MOST_SOUGHT = 4096;

const FIELDS = ['smb.ntlmssp_domain', 'smb.ntlmssp_user', 'host'].map((name) => SMB_FIELDS.of(name));
const VERSION = SMB_FIELDS.of('ntlm_version');

export function takeNtlmssp(tx: SmbTransaction, reader: ByteReader, start: number, end: number): void {
  const at = find(reader.bytes, start, Math.min(end, start + MOST_SOUGHT));
  if (at < 0) return;
  reader.begin(at + SIGNATURE.length, end, true);
  if (reader.u32() !== AUTHENTICATE) return;
  for (let index = 0; index < FIELDS.length; index++) {
    reader.begin(at + DOMAIN_AT + 8 * index, end, true);
    const length = reader.u16();
    reader.skip(2);
    const from = at + reader.u32();
    if (reader.failed || from + length > end) {
      tx.raise(smbEvent('malformed_ntlmssp_request'), 0);
      return;
    }
    if (length > 0) tx.addWideText(FIELDS[index], SIDE.toServer, from, length);
  }
  readVersion(tx, reader, at, end);
}

function readVersion(tx: SmbTransaction, reader: ByteReader, at: number, end: number): void {
  reader.begin(at + FLAGS_AT, end, true);
  if ((reader.u32() & HAS_VERSION) === 0) return;
  const major = reader.u8();
  const minor = reader.u8();
  const build = reader.u16();
  reader.skip(3);
  const revision = reader.u8();
  if (reader.failed || !tx.beginText(SIDE.toServer, 32)) return;
  const from = tx.text.length;
  const text = `${major}.${minor} build ${build} rev ${revision}`;
  for (let index = 0; index < text.length; index++) tx.text.push(text.charCodeAt(index));
  tx.endText(VERSION, SIDE.toServer, from);
}

function find(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at + SIGNATURE.length <= end; at++) {
    let index = 0;
    while (index < SIGNATURE.length && bytes[at + index] === SIGNATURE[index]) index++;
    if (index === SIGNATURE.length) return at;
  }
  return -1;
}
