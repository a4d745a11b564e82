/** The `pop3` object of events, with the members and in the order that Suricata 8 prints. Stage: app; it allocates. */
import { firstOf } from '../printed-text.js';
import { POP3_BUFFER } from './buffer-numbers.js';

/** What is printed of a command and its response. */
export interface PrintedCommand {
  textOf(field: number): string | undefined;
  textsOf(field: number): string[];
}

const MOST_CHARACTERS = 4096;

export function pop3Object(tx: PrintedCommand): string {
  const members: string[] = [];
  const command = tx.textOf(POP3_BUFFER.command);
  const status = tx.textOf(POP3_BUFFER.status);
  if (command !== undefined) {
    const args = firstOf(tx.textsOf(POP3_BUFFER.argument), MOST_CHARACTERS);
    members.push(`"request":${JSON.stringify({ command, args })}`);
  }
  if (status !== undefined) {
    const header = tx.textOf(POP3_BUFFER.header) ?? '';
    const data = firstOf(tx.textsOf(POP3_BUFFER.data), MOST_CHARACTERS);
    members.push(`"response":${JSON.stringify({ success: status === 'OK', status, header, data })}`);
  }
  return `"pop3":{${members.join(',')}}`;
}
