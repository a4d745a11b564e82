/** Logs, by pino: JSON lines, or one readable line each for people. Events do not go this way. */
import { pino, stdTimeFunctions, type DestinationStream, type Level, type Logger as PinoLogger } from 'pino';
import { visible } from './visible.js';

export type Logger = PinoLogger;
export type LogLevel = Level | 'silent';

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Who logs: `shard 2`, `dispatcher 0`. */
  readonly name?: string;
  /** Where lines go; it must not keep who logs waiting. */
  readonly stream: DestinationStream;
  /** Lines for people instead of JSON. */
  readonly readable?: boolean;
}

export function createLogger(options: LoggerOptions): Logger {
  const { stream, readable } = options;
  return pino(
    {
      level: options.level,
      base: options.name === undefined ? null : { name: options.name },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    readable === true ? { write: (line: string) => stream.write(readableLine(line)) } : stream,
  );
}

/** `12:34:56.789 WARN  shard 2: what happened rule=7`, from one of pino's lines. */
export function readableLine(json: string): string {
  const { time, level, name, msg, err, ...rest } = JSON.parse(json) as Record<string, unknown> & {
    time: string;
    level: string;
  };
  const who = typeof name === 'string' ? `${name}: ` : '';
  const details = Object.entries(rest).map(
    ([key, value]) => ` ${key}=${visible(typeof value === 'string' ? value : JSON.stringify(value))}`,
  );
  const failure = err as { stack?: string; message?: string } | undefined;
  const trace = failure === undefined ? '' : ` ${failure.stack ?? failure.message ?? ''}`;
  return `${time.slice(11, 23)} ${level.toUpperCase().padEnd(5)} ${who}${typeof msg === 'string' ? visible(msg) : ''}${details.join('')}${trace}\n`;
}
