/** What messages of both versions of SMB have in common. Stage: app; data only. */

/** Options of a create. */
export const OPTION = { directory: 1, deleteOnClose: 0x1000 } as const;
/** Status of what did not fit into one answer. */
export const BUFFER_OVERFLOW = 0x8000_0005;

/** Seconds from 1601 to 1970, and the units of 100 ns of one. */
const EPOCH_SECONDS = 11_644_473_600;
const UNITS = 10_000_000;

/** A time in units from 1601 on, in seconds from 1970 on; 0 where it is before. */
export const secondsOf = (units: number): number => Math.max(0, Math.floor(units / UNITS) - EPOCH_SECONDS);

/** Commands of SMB 1 that are read. */
export const SMB1_COMMAND = {
  close: 0x04,
  read: 0x0a,
  write: 0x0b,
  trans: 0x25,
  writeAndClose: 0x2c,
  readAndx: 0x2e,
  writeAndx: 0x2f,
  negotiate: 0x72,
  sessionSetup: 0x73,
  treeConnect: 0x75,
  ntCreate: 0xa2,
  none: 0xff,
} as const;

/** The first byte of a message. */
export const SIGN = { smb1: 0xff, smb2: 0xfe, encrypted: 0xfd } as const;
export const SMB1_HEADER_BYTES = 32;
export const SMB2_HEADER_BYTES = 64;
/** Messages of a compound that are read. */
export const MOST_COMPOUND = 64;
