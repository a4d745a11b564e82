/** FTP, as the application layer knows it: its control connections, and those of its transfers. Stage: app. */
import { PerArena } from '../per-arena.js';
import type { Protocol } from '../protocol.js';
import { FTP_STATE, TRANSFER_STATE } from './buffers.js';
import { ftpEvent } from './events.js';
import { FtpDataConnection, FtpDataShare } from './data.js';
import { FtpConnection, FtpShare } from './parser.js';

export { FTP_EVENTS } from './events.js';

const shares = new PerArena((arena) => new FtpShare(arena));
const dataShares = new PerArena((arena) => new FtpDataShare(arena));

export const FTP: Protocol = {
  name: 'ftp',
  complete: [FTP_STATE.complete, FTP_STATE.complete],
  endsRange: 'nothing',
  crowded: ftpEvent('too_many_transactions'),
  open: (arena) => new FtpConnection(shares.of(arena)),
};

export const FTP_DATA: Protocol = {
  name: 'ftp-data',
  complete: [TRANSFER_STATE.complete, TRANSFER_STATE.complete],
  endsRange: 'nothing',
  open: (arena) => new FtpDataConnection(dataShares.of(arena)),
};
