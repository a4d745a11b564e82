/**
 * What a body is called as a file, and which part of a larger one it is. Stage: app. As Suricata has it: the response's
 * Content-Disposition says so, else the path, without its query, which names the body of a request in any case.
 */
import type { Span } from '../../memory/span.js';
import { takeFileName } from '../file/disposition.js';
import { FILE_NAME_LIMIT, type FileNamer, type TransferredFile } from '../file/file.js';
import { ContentRange } from './content-range.js';
import type { Direction } from '../../flow/flow.js';
import { kindOf } from './header-names.js';
import type { Message } from './message.js';
import type { Part } from './part.js';

const DISPOSITION = kindOf('content-disposition');
const RANGE = kindOf('content-range');
const QUERY = 63;

const range = new ContentRange();

/** What names depend on. */
export interface Named {
  readonly response: Message;
  locateUri(span: Span): boolean;
}

export class BodyNamer implements FileNamer {
  private readonly transaction: Named;
  private readonly direction: Direction;
  private readonly bytes: Uint8Array;
  private readonly span: Span;

  constructor(transaction: Named, direction: Direction, bytes: Uint8Array, span: Span) {
    this.transaction = transaction;
    this.direction = direction;
    this.bytes = bytes;
    this.span = span;
  }

  nameFile(file: TransferredFile): void {
    const { transaction, bytes, span } = this;
    if (this.direction === 1 && this.takeDisposition(file)) return;
    if (!transaction.locateUri(span)) return;
    const end = span.start + Math.min(span.length, FILE_NAME_LIMIT);
    let at = span.start;
    while (at < end && bytes[at] !== QUERY) at++;
    file.name.append(span.start, at - span.start);
  }

  private takeDisposition(file: TransferredFile): boolean {
    const { bytes, span } = this;
    const { response } = this.transaction;
    if (response.locateHeader(RANGE, span) && range.read(bytes, span.start, span.start + span.length) && range.isPart) {
      file.rangeStart = range.first;
      file.rangeEnd = range.last;
    }
    if (!response.locateHeader(DISPOSITION, span)) return false;
    return takeFileName(bytes, span.start, span.start + span.length, file.name);
  }
}

/** Whether a part of a first line, in the message's text, is `text`, in capital letters. */
export function isPart(part: Part, bytes: Uint8Array, base: number, text: string): boolean {
  if (!part.isThere || part.length !== text.length) return false;
  for (let index = 0; index < text.length; index++) {
    if (bytes[base + part.at + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}
