import { describe, expect, it } from 'vitest';
import { createLogger, readableLine, type LoggerOptions } from '../../src/util/logger.js';

function logged(options: Partial<LoggerOptions>, log: (logger: ReturnType<typeof createLogger>) => void): string[] {
  const lines: string[] = [];
  log(createLogger({ level: 'info', stream: { write: (line) => void lines.push(line) }, ...options }));
  return lines;
}

describe('createLogger', () => {
  it('writes one JSON line each, with the level by name, at once', () => {
    const [line, ...more] = logged({ name: 'shard 2' }, (logger) => {
      logger.debug('not this');
      logger.warn({ rule: 7 }, 'slow');
    });
    expect(more).toEqual([]);
    expect(JSON.parse(line)).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      name: 'shard 2',
      rule: 7,
      msg: 'slow',
    });
  });

  it('writes a readable line for people', () => {
    const [line] = logged({ readable: true, name: 'shard 2' }, (logger) =>
      logger.warn({ rule: 7, file: 'a.rules' }, 'slow'),
    );
    expect(line).toMatch(/^\d\d:\d\d:\d\d\.\d{3} WARN {2}shard 2: slow rule=7 file=a\.rules\n$/);
  });

  it('is silent when told so', () => {
    expect(logged({ level: 'silent' }, (logger) => logger.fatal('nobody hears'))).toEqual([]);
  });

  it('shows errors with their stack', () => {
    const [line] = logged({ readable: true }, (logger) => logger.error(new Error('broken')));
    expect(line).toMatch(/ ERROR broken Error: broken\n\s+at /);
  });
});

describe('readableLine', () => {
  it('writes to no controls of a terminal', () => {
    expect(
      readableLine(
        JSON.stringify({ level: 'error', time: '2024-01-02T03:04:05.678Z', msg: 'a\u001b[2Jb', file: 'c\rd' }),
      ),
    ).toBe('03:04:05.678 ERROR a·[2Jb file=c·d\n');
  });

  it('takes lines without message, and nested values', () => {
    expect(readableLine('{"level":"info","time":"2024-01-02T03:04:05.678Z","size":{"a":1}}')).toBe(
      '03:04:05.678 INFO   size={"a":1}\n',
    );
  });
});
