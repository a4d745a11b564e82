/** The `ftp` object of events, with the members and in the order that Suricata 8 prints. Stage: app; it allocates. */
import { FTP_BUFFER } from './buffer-numbers.js';

/** What is printed of a command and its reply. */
export interface PrintedCommand {
  readonly isCut: boolean;
  readonly isReplyCut: boolean;
  readonly isAnswered: boolean;
  textOf(field: number): string | undefined;
  textsOf(field: number): string[];
  numberOf(field: number): number | undefined;
}

const MOST_CHARACTERS = 8192;
const text = (value: string): string => JSON.stringify(value);

/** As many as there is room for. */
function listed(name: string, values: readonly string[]): string[] {
  let room = MOST_CHARACTERS / 2;
  const kept = values.map(text).filter((value) => (room -= value.length + 1) > 0);
  return kept.length === 0 ? [] : [`"${name}":[${kept.join(',')}]`];
}

export function ftpObject(tx: PrintedCommand): string {
  const members: string[] = [];
  const command = tx.textOf(FTP_BUFFER.command);
  const data = tx.textOf(FTP_BUFFER.data);
  if (command !== undefined) members.push(`"command":${text(command)}`);
  if (data !== undefined) members.push(`"command_data":${text(data)}`, `"command_truncated":${tx.isCut}`);
  members.push(...listed('completion_code', tx.textsOf(FTP_BUFFER.code).filter(Boolean)));
  members.push(...listed('reply', tx.textsOf(FTP_BUFFER.reply)));
  const port = tx.numberOf(FTP_BUFFER.port);
  if (port !== undefined && port > 0) {
    const mode = tx.numberOf(FTP_BUFFER.mode) === 1 ? 'active' : 'passive';
    members.push(`"dynamic_port":${port}`, `"mode":"${mode}"`);
  }
  members.push(`"reply_received":"${tx.isAnswered ? 'yes' : 'no'}"`, `"reply_truncated":${tx.isReplyCut}`);
  return `"ftp":{${members.join(',')}}`;
}
