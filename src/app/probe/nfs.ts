/** NFS: calls and replies of Sun RPC that name its program. Stage: app. RFC 5531, RFC 1813, RFC 7530. */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import { ANSWER, u32, type Answer } from './answer.js';

const CALL_BYTES = 20;
const REPLY_BYTES = 12;
const RPC_VERSION = 2;
const NFS_PROGRAM = 100_003;
const RECORD_MARK = 4;
const LAST_FRAGMENT = 0x80000000;

export function probeNfs(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  const type = direction === DIRECTION.toServer ? 0 : 1;
  if (length >= 8 && u32(bytes, start + 4) !== type) return ANSWER.no;
  if (length < (type === 0 ? CALL_BYTES : REPLY_BYTES)) return ANSWER.more;
  if (type === 1) return u32(bytes, start + 8) <= 1 ? ANSWER.open : ANSWER.no;
  if (u32(bytes, start + 8) !== RPC_VERSION || u32(bytes, start + 12) !== NFS_PROGRAM) return ANSWER.no;
  const version = u32(bytes, start + 16);
  return version >= 2 && version <= 4 ? ANSWER.yes : ANSWER.no;
}

/** The first bytes of a record that fragments divide. */
const head = new Uint8Array(CALL_BYTES);

/** Behind the mark of its record, or marks of fragments that divide its first bytes (RFC 5531, 11). */
export function probeNfsTcp(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  if (length > 0 && (bytes[start] & 0x7f) !== 0) return ANSWER.no;
  if (length < RECORD_MARK) return ANSWER.more;
  const size = (u32(bytes, start) & ~LAST_FRAGMENT) >>> 0;
  if (size >= CALL_BYTES) return probeNfs(bytes, start + RECORD_MARK, length - RECORD_MARK, direction);
  let count = 0;
  for (let at = start; start + length - at >= RECORD_MARK;) {
    const mark = u32(bytes, at);
    const end = at + RECORD_MARK + (mark & ~LAST_FRAGMENT);
    for (at += RECORD_MARK; at < Math.min(end, start + length) && count < CALL_BYTES; at++) head[count++] = bytes[at];
    if (at < end) break;
    const answer = mark >= LAST_FRAGMENT ? probeNfs(head, 0, count, direction) : ANSWER.more;
    if (mark >= LAST_FRAGMENT) return answer === ANSWER.more ? ANSWER.no : answer;
  }
  return probeNfs(head, 0, count, direction);
}
