/**
 * Logs, by pino: JSON lines on stderr, or one readable line each where stderr is a terminal. Written synchronously, so
 * that worker threads can log without a loop of their own and nothing is lost at the end. Events do not go this way.
 */
import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { destination, pino, stdTimeFunctions, type DestinationStream, type Level, type Logger as PinoLogger } from 'pino';

export type Logger = PinoLogger;
export type LogLevel = Level | 'silent';

const STDERR = 2;

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Who logs: `shard 2`, `dispatcher 0`. */
  readonly name?: string;
  /** Where lines go; stderr when left out. */
  readonly stream?: DestinationStream;
  /** Lines for people instead of JSON; by whether stderr is a terminal when left out. */
  readonly readable?: boolean;
}

export function createLogger(options: LoggerOptions): Logger {
  const readable = options.readable ?? (options.stream === undefined && isatty(STDERR));
  const stream = options.stream ?? (readable ? { write: writeStderr } : stderrStream());
  return pino(
    {
      level: options.level,
      base: options.name === undefined ? null : { name: options.name },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    readable ? { write: (line: string) => stream.write(readableLine(line)) } : stream,
  );
}

/** `12:34:56.789 WARN  shard 2: what happened rule=7`, from one of pino's lines. */
export function readableLine(json: string): string {
  const { time, level, name, msg, err, ...rest } = JSON.parse(json) as Record<string, unknown> & { time: string; level: string };
  const who = typeof name === 'string' ? `${name}: ` : '';
  const details = Object.entries(rest).map(([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const failure = err as { stack?: string; message?: string } | undefined;
  const trace = failure === undefined ? '' : ` ${failure.stack ?? failure.message ?? ''}`;
  return `${time.slice(11, 23)} ${level.toUpperCase().padEnd(5)} ${who}${typeof msg === 'string' ? msg : ''}${details.join('')}${trace}\n`;
}

function stderrStream(): DestinationStream {
  const stream = destination({ fd: STDERR, sync: true });
  // Nobody reads the logs any more: that is no reason to stop.
  stream.on('error', () => undefined);
  return stream;
}

function writeStderr(line: string): void {
  try {
    writeSync(STDERR, line);
  } catch {
    // As above.
  }
}
