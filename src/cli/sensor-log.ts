/**
 * The sensor's log on stderr: one JSON line each, or lines for people on a terminal. Written in the background, as
 * events are: who does not read it holds nothing up, and what does not fit is dropped and counted.
 */
import { isatty } from 'node:tty';
import { FileSink, STDERR_PATH } from '../output/file-sink.js';
import { createLogger, type Logger, type LogLevel } from '../util/logger.js';

const BUFFER_BYTES = 1024 * 1024;
const STDERR = 2;
/** At the end, so long is waited for who reads it. */
const CLOSE_MS = 1000;

export class SensorLog {
  readonly logger: Logger;
  private readonly sink = new FileSink({
    path: STDERR_PATH,
    mode: 'append',
    bufferBytes: BUFFER_BYTES,
    flushMilliseconds: 0,
  });

  constructor(level: LogLevel) {
    // The sink ends each line by itself.
    const stream = { write: (line: string) => void this.sink.write(Buffer.from(line.slice(0, -1))) };
    this.logger = createLogger({ level, stream, readable: isatty(STDERR) });
    // Node would write its warnings to stderr itself, and wait there.
    process
      .removeAllListeners('warning')
      .on('warning', (warning) => this.logger.warn({ err: warning }, 'a warning of Node'));
  }

  /** Lines dropped. */
  get lost(): number {
    return this.sink.stats.lost;
  }

  /** Writes what waits, as far as somebody reads it. */
  close(): Promise<void> {
    return this.sink.close(CLOSE_MS);
  }
}
