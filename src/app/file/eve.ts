/**
 * What events tell of files, with the members and in the order that Suricata prints. Stage: app; called for events
 * alone, so it may allocate. `magic` is never there, as types of files are not told by their content.
 */
import { Span } from '../../memory/span.js';
import { printedHex, printedText } from '../printed-text.js';
import { DIGEST_NAMES } from './digests.js';
import { FILE_STATE, type TransferredFile } from './file.js';
import type { FileList } from './file-list.js';

/** What the event of a file is called. */
export const FILE_EVENT = 'fileinfo';
/** Files that an alert names, and bytes that are printed of a name. */
const MOST_FILES = 32;
const NAME_LIMIT = 512;

const STATES: Readonly<Record<number, string>> = {
  [FILE_STATE.open]: 'UNKNOWN',
  [FILE_STATE.closed]: 'CLOSED',
  [FILE_STATE.truncated]: 'TRUNCATED',
};
const span = new Span();

/** The object of one file. `bytes`: the shard's memory. */
export function fileObject(file: TransferredFile, bytes: Uint8Array, txId: number): string {
  const { copy } = file;
  const members: string[] = [];
  if (file.locateName(span)) {
    const name = printedText(bytes, span.start, Math.min(span.length, NAME_LIMIT));
    members.push(`"filename":${JSON.stringify(name)}`);
  }
  if (copy.sids.length > 0) members.push(`"sid":[${copy.sids.join(',')}]`);
  members.push(`"gaps":${file.hasGap}`, `"state":"${STATES[file.state]}"`);
  for (const name of DIGEST_NAMES) {
    if (file.digests.locate(name, span)) members.push(`"${name}":"${printedHex(bytes, span.start, span.length)}"`);
  }
  members.push(`"stored":${copy.isKept}`);
  if (copy.isWanted && copy.isRunning) members.push('"storing":true');
  members.push(`"size":${file.size}`);
  if (file.rangeStart >= 0) members.push(`"start":${file.rangeStart}`, `"end":${file.rangeEnd}`);
  members.push(`"tx_id":${txId}`);
  return `{${members.join(',')}}`;
}

/** `"files":[…]` of an alert, the first of them; '' where there are none. */
export function filesMember(files: FileList | null, txId: number): string {
  if (files === null || files.count === 0) return '';
  const shown = Array.from({ length: Math.min(files.count, MOST_FILES) }, (_, index) =>
    fileObject(files.at(index), files.bytes, txId),
  );
  return `"files":[${shown.join(',')}]`;
}
