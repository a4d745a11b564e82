/** The `imap` object of events. Stage: app; it allocates. Its form is ours: Suricata 8.0 has none. */
import { firstOf } from '../printed-text.js';
import { IMAP_BUFFER } from './buffer-numbers.js';

/** What is printed of a command and its response. */
export interface PrintedCommand {
  readonly tag: string;
  readonly command: string;
  readonly status: string;
  textsOf(field: number): string[];
}

const MOST_CHARACTERS = 3072;

export function imapObject(tx: PrintedCommand): string {
  const { tag, command, status } = tx;
  const request = firstOf(tx.textsOf(IMAP_BUFFER.request), MOST_CHARACTERS);
  const response = firstOf(tx.textsOf(IMAP_BUFFER.response), MOST_CHARACTERS);
  const object = {
    ...(tag === '' ? {} : { tag }),
    ...(command === '' ? {} : { command }),
    ...(request.length === 0 ? {} : { request }),
    ...(status === '' ? {} : { status }),
    ...(response.length === 0 ? {} : { response }),
  };
  return `"imap":${JSON.stringify(object)}`;
}
