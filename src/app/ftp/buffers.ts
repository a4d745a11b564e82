/**
 * What rules look at in FTP: commands and their replies, and the transfers on connections of their own. Stage: app;
 * names and shapes alone. Reference: Suricata's documentation of its FTP keywords.
 */
import type { BufferSpec } from '../buffer-spec.js';

/** A command is there with its line, and complete with the first line of its reply, as its port may stand there. */
export const FTP_STATE = { line: 1, complete: 2 } as const;
/** A transfer: a connection that was agreed on. */
export const TRANSFER_STATE = { open: 4, complete: 5 } as const;
/** Commands that ask for a transfer, as rules number them. */
export const TRANSFER_COMMANDS: Readonly<Record<string, number>> = {
  stor: 0,
  retr: 1,
  stou: 2,
  appe: 3,
  list: 4,
  nlst: 5,
  mlsd: 6,
};

const { line, complete } = FTP_STATE;
type More = Partial<BufferSpec>;

const ftp = (name: string, what: string, more: More): BufferSpec => ({
  name,
  what,
  applications: ['ftp'],
  scope: 'tx',
  kind: 'single',
  ...more,
});

export const FTP_BUFFERS: readonly BufferSpec[] = [
  ftp('ftp.command', 'the command, in capital letters', { toServer: line, common: true }),
  ftp('ftp.command_data', 'what follows the command', {
    toServer: line,
    differences: 'Suricata 8.0.7 has a zero byte behind it, which bsize and endswith see.',
  }),
  ftp('ftp.reply', 'each line of the reply; of the last one what follows its number', {
    kind: 'multi',
    toClient: complete,
  }),
  ftp('ftp.completion_code', 'the number of each reply to the command', {
    kind: 'multi',
    toClient: complete,
    common: true,
  }),
  ftp('ftp.mode', 'who opens the connection that a command or its reply names a port for', {
    kind: 'number',
    toServer: complete,
    toClient: complete,
    values: { maximum: 1, names: { passive: 0, active: 1 } },
    example: 'ftp.mode:active;',
  }),
  ftp('ftp.dynamic_port', 'the port that a command or its reply names', {
    kind: 'number',
    toServer: complete,
    toClient: complete,
    values: { maximum: 65_535 },
  }),
  ftp('ftp.reply_received', 'whether the command was answered', {
    kind: 'number',
    toClient: complete,
    values: { maximum: 1, names: { yes: 1, true: 1, on: 1, no: 0, false: 0, off: 0 } },
    example: 'ftp.reply_received:no;',
  }),
  ftp('ftp.bounce', 'whether the command names another host than the client', {
    kind: 'number',
    keyword: '',
    toServer: line,
    values: { maximum: 1 },
  }),
  {
    name: 'ftpdata_command',
    what: 'the command that asked for the transfer',
    applications: ['ftp-data'],
    scope: 'tx',
    kind: 'number',
    toServer: TRANSFER_STATE.open,
    toClient: TRANSFER_STATE.open,
    values: { maximum: 6, names: TRANSFER_COMMANDS },
    example: 'ftpdata_command:stor;',
  },
];
