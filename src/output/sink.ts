/** Where events go: what a file, a pipe and a connection have in common. Stage: output, main thread. */
import type { LineSink } from './eve.js';

export interface SinkStats {
  /** Lines handed over to the operating system. */
  lines: number;
  bytes: number;
  /** Lines dropped: no room, or given up. */
  lost: number;
  /** Failed calls and connections. */
  errors: number;
  /** How often the file was opened, or the connection made. */
  opened: number;
  /** Lines that were sent again, as the connection broke just after them; they are among `lines` once. */
  resent: number;
}

export const noStats = (): SinkStats => ({ lines: 0, bytes: 0, lost: 0, errors: 0, opened: 0, resent: 0 });

export interface Sink extends LineSink {
  /** As the settings have it; a label of metrics. */
  readonly name: string;
  readonly stats: Readonly<SinkStats>;
  /** Whether lines can be written, as far as is known. */
  readonly isUp: boolean;
  /** Bytes waiting. */
  readonly pendingBytes: number;
  /** Whether a writer that may wait should `drain` first. Never while writing fails: waiting would be for nothing. */
  readonly isCrowded: boolean;
  /** Resolves when a write has ended, well or not, or when there is nothing to write. */
  drain(): Promise<void>;
  /** Opens a file again, as log rotation wants it; nothing where there is no file. */
  reopen(): void;
  /** Writes what waits and closes; what is not written by the deadline is lost and counted. */
  close(deadlineMilliseconds?: number): Promise<void>;
}
