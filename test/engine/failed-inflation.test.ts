/** Bodies that cannot be inflated, without end: what zlib leaves of each must not fill the shard's heap. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, expect } from 'vitest';
import { builtIt } from '../support/built.js';
import { framesOf } from '../support/conversation.js';
import { pcapFile } from '../support/pcap-writer.js';
import { Folder, MAIN, parseEvents } from '../support/sensor.js';

const folder = new Folder();
afterAll(() => folder.remove());

/** The bits say that a block of a kind that there is not comes next, wherever it is cut. */
const BODY = '\u0007'.repeat(64);
const ANSWERS = 400;
const TALKS = 10;
/** Of each thread; what zlib leaves of all of them would be more. */
const HEAP_MIB = 40;

builtIt('leave nothing behind that lasts', () => {
  const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
  const answer = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;
  const frames = Array.from({ length: TALKS }, (_, host) =>
    framesOf({
      host: host + 1,
      serverPort: 80,
      cut: 1400,
      said: [
        ['>', request.repeat(ANSWERS)],
        ['<', `${answer.repeat(ANSWERS - 1)}${answer.replace('200 OK', '200 The last')}`],
      ],
    }),
  ).flat();
  const capture = folder.write('bodies.pcap', pcapFile(frames));
  const rules = folder.write(
    'test.rules',
    'alert http any any -> any any (msg:"last"; http.stat_msg; content:"The last"; file.data; content:"|07 07|"; sid:1;)\n',
  );
  const [eve, stats] = [folder.at('eve.json'), folder.at('stats.json')];
  execFileSync(
    process.execPath,
    [
      `--max-old-space-size=${HEAP_MIB}`,
      MAIN,
      'read',
      capture,
      '--rules',
      rules,
      '--eve',
      eve,
      '--stats',
      stats,
      '--workers',
      '1',
    ],
    { stdio: 'ignore' },
  );
  const { inspected } = JSON.parse(readFileSync(stats, 'utf8')) as { inspected: number };
  expect(inspected).toBe(frames.length);
  expect(parseEvents(readFileSync(eve, 'utf8'))).toHaveLength(TALKS);
});
