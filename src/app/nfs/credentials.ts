/** Who calls (RFC 5531, 8.2 and 14; RFC 2203, 5). Stage: app. */
import type { ByteReader } from '../fields/byte-reader.js';
import { SIDE } from '../fields/field-list.js';
import type { PlainTransaction } from '../fields/plain-transaction.js';
import { NFS_FIELD as FIELD } from './fields.js';
import { paddingOf, readOpaque } from './xdr.js';

const UNIX = 1;
const GSS = 6;
/** What GSS does of a call: its data, or else its own. */
const GSS_DATA = 0;
/** Version, procedure, number and service. */
const GSS_BYTES = 16;

/** How what is asked and answered is wrapped by GSS: as it is, behind its length and number, or encrypted. */
export const WRAPPED = { not: 0, integrity: 2, privacy: 3 } as const;

/** Passes over who calls. @returns how what is behind it is wrapped: one of WRAPPED. */
export function wrappingOf(reader: ByteReader): number {
  const flavor = reader.u32();
  const length = reader.u32();
  const behind = reader.at + length + paddingOf(length);
  let service = 0;
  if (flavor === GSS && length >= GSS_BYTES) {
    reader.skip(4);
    const procedure = reader.u32();
    reader.skip(4);
    service = procedure === GSS_DATA ? reader.u32() : 0;
  }
  if (!reader.failed) reader.skip(behind - reader.at);
  return service === WRAPPED.integrity || service === WRAPPED.privacy ? service : WRAPPED.not;
}

/** Of a machine, its name, and numbers of user and group. */
export function readCredentials(tx: PlainTransaction, reader: ByteReader): void {
  const flavor = reader.u32();
  const length = reader.u32();
  if (reader.failed) return;
  tx.addNumber(FIELD.flavor, SIDE.toServer, flavor);
  if (flavor !== UNIX || length === 0) return;
  reader.skip(4);
  const { start, length: bytes } = readOpaque(reader);
  const user = reader.u32();
  const group = reader.u32();
  if (reader.failed) return;
  tx.addText(FIELD.machine, SIDE.toServer, start, bytes);
  tx.addNumber(FIELD.user, SIDE.toServer, user);
  tx.addNumber(FIELD.group, SIDE.toServer, group);
}
