/** `read --profile` as its user sees it: the document, the tables, and that alerts are the same with and without. */
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProfileReport } from '../../src/cli/profile-report.js';
import { dnsQuery, httpRequest, httpResponse } from '../support/application-messages.js';
import { framesOf } from '../support/conversation.js';
import { pcapFile } from '../support/pcap-writer.js';
import { inRoot } from '../support/root.js';
import { Folder, periscope } from '../support/sensor.js';

const folder = new Folder();
afterAll(() => folder.remove());

const TALKS = 8;
const frames = Array.from({ length: TALKS }, (_, i) => [
  ...framesOf({
    host: 2 * i + 1,
    serverPort: 80,
    said: [
      ['>', httpRequest(`GET /page/${i}?find=needle`)],
      ['<', httpResponse('200 OK', 'a needle in the hay')],
    ],
  }),
  ...framesOf({ host: 2 * i + 2, serverPort: 53, udp: true, said: [['>', dnsQuery('www.example.com')]] }),
]).flat();
const capture = folder.write('talks.pcap', pcapFile(frames));
const rules = folder.write(
  'test.rules',
  [
    'alert http any any -> any any (msg:"uri"; http.uri; content:"/page/"; content:"needle"; sid:1; rev:4;)',
    'alert dns any any -> any any (msg:"name"; dns.query; content:"example"; sid:2;)',
    'alert tcp any any -> any any (msg:"stream \tof hay"; content:"in the hay"; sid:3;)',
    // Every packet is looked at.
    'alert ip any any -> any any (msg:"dear"; pcre:"/absent|gone/"; sid:4;)',
    'alert http any any -> any any (msg:"none"; http.uri; content:"/elsewhere"; sid:5;)',
    '',
  ].join('\n'),
);

const read = (...args: readonly string[]): ReturnType<typeof periscope> =>
  periscope(['read', capture, '--rules', rules, ...args]);

/** What does not depend on time, in an order of its own. */
const countsOf = ({ packets, stages, rules: costs, protocols }: ProfileReport): unknown => ({
  packets,
  stages: stages.map(({ stage, count, bytes }) => [stage, count, bytes]),
  rules: costs
    .map(({ sid, candidates, evaluations, matches }) => [sid, candidates, evaluations, matches])
    .sort((a, b) => a[0] - b[0]),
  protocols: protocols
    .map(({ app_proto, flows, transactions, packets: count, bytes }) => [app_proto, flows, transactions, count, bytes])
    .sort((a, b) => (a[0] < b[0] ? -1 : 1)),
});

describe('read --profile', () => {
  let plain: Awaited<ReturnType<typeof read>>;
  let profiled: typeof plain;
  let report: ProfileReport;
  beforeAll(async () => {
    const file = folder.at('profile.json');
    [plain, profiled] = await Promise.all([read('--workers', '1'), read('--workers', '2', '--profile', file)]);
    report = JSON.parse(folder.read('profile.json')) as ProfileReport;
  });

  it('changes no event', () => {
    expect([profiled.status, profiled.stdout]).toEqual([0, plain.stdout]);
    expect(plain.stdout.split('\n').length).toBeGreaterThan(3 * TALKS);
    expect(plain.stderr).toBe('');
  });

  it('says of each rule that was a candidate what it cost, over all shards', () => {
    const bySid = new Map(report.rules.map((rule) => [rule.sid, rule]));
    expect([...bySid.keys()].sort()).toEqual([1, 2, 3, 4]);
    expect(report.rules_loaded).toBe(5);
    expect(bySid.get(1)).toMatchObject({ gid: 1, rev: 4, msg: 'uri', line: 1, candidates: TALKS, matches: TALKS });
    expect(bySid.get(2)).toMatchObject({ candidates: TALKS, evaluations: TALKS, matches: TALKS });
    expect(bySid.get(3)).toMatchObject({ candidates: TALKS, evaluations: TALKS, matches: TALKS, file: rules });
    expect(bySid.get(4)!.matches).toBe(0);
    const byEvaluations = [...report.rules].sort((a, b) => b.evaluations - a.evaluations);
    expect(byEvaluations[0].sid).toBe(4);
    for (const rule of report.rules) expect(rule.max_microseconds).toBeLessThanOrEqual(rule.microseconds);
    expect(report.rules.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 3);
  });

  it('says what stages and protocols cost', () => {
    const stages = Object.fromEntries(report.stages.map((stage) => [stage.stage, stage]));
    expect(Object.keys(stages)).toEqual([
      'reassembly',
      'parse',
      'packets',
      'streams',
      'transactions',
      'alerts',
      'rest',
    ]);
    expect(report.packets).toBe(frames.length);
    expect(stages.packets.count).toBe(frames.length);
    expect(stages.alerts.count).toBe(plain.stdout.trim().split('\n').length);
    expect(stages.streams.bytes).toBeGreaterThan(TALKS * 'a needle in the hay'.length);
    expect(stages.transactions.count).toBeGreaterThanOrEqual(2 * TALKS);
    const protocols = Object.fromEntries(report.protocols.map((protocol) => [protocol.app_proto, protocol]));
    expect(protocols.http).toMatchObject({ flows: TALKS, transactions: TALKS });
    expect(protocols.dns).toMatchObject({ flows: TALKS, packets: TALKS, transactions: TALKS });
    expect(report.protocols.reduce((sum, { packets }) => sum + packets, 0)).toBe(frames.length);
  });

  it('has no field that the manual does not name, and no stage', () => {
    const page = readFileSync(inRoot('docs/performance.md'), 'utf8');
    const fields = [report, report.stages[0], report.protocols[0], report.rules[0]].flatMap((part) =>
      Object.keys(part),
    );
    const named = [...fields, ...report.stages.map(({ stage }) => stage)];
    expect(named.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it('shows tables on stderr', () => {
    const lines = profiled.stderr.split('\n');
    expect(lines[0]).toMatch(/^where the time went: [\d.]+ ms of work in shards$/);
    expect(profiled.stderr).toContain(
      'rules, the dearest first: 4 of 4 that were candidates, of 5 loaded; verification was ',
    );
    expect(profiled.stderr).toMatch(/^ {2}1:4:0 +\d+ +\d+ +0 +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ {2}dear$/m);
    expect(profiled.stderr).toMatch(/ {2}stream {2}of hay$/m);
  });
});

describe('read --profile -', () => {
  it('writes the document to stdout where the events go to a file', async () => {
    const { status, stdout } = await read('--eve', folder.at('events.json'), '--profile', '-', '--workers', '1');
    expect(status).toBe(0);
    // What two workers have written, times left out.
    const two = JSON.parse(folder.read('profile.json')) as ProfileReport;
    expect(countsOf(JSON.parse(stdout) as ProfileReport)).toEqual(countsOf(two));
  });

  it('has the flows that are still open at the end in the time of the shards', async () => {
    const talks = Array.from({ length: 20 }, (_, host) =>
      framesOf({
        host,
        serverPort: 80,
        open: true,
        midstream: true,
        only: '<',
        said: [['<', 'in the hay '.repeat(90)]],
      }),
    );
    const open = folder.write('open.pcap', pcapFile(talks.flat()));
    // Dear enough to be most of the work.
    const dear = 'alert tcp any any -> any any (content:"in the hay"; pcre:"/(hay.*){3}absent/"; sid:1;)\n';
    const flags = ['--rules', folder.write('dear.rules', dear), '--eve', folder.at('open.json'), '--profile', '-'];
    const { stdout } = await periscope(['read', open, ...flags]);
    const { stages, busy_microseconds: busy } = JSON.parse(stdout) as ProfileReport;
    expect(stages.find(({ stage }) => stage === 'streams')!.count).toBe(talks.length);
    expect(stages.reduce((sum, { microseconds }) => sum + microseconds, 0)).toBeCloseTo(busy, 1);
  });

  it('is refused where the events are there', async () => {
    const { status, stdout, stderr } = await read('--profile', '-');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('--profile - and the events both go to stdout: name a file for one, as in --eve FILE');
  });

  it('says where a document cannot be written, with status 3, before captures are read', async () => {
    const { status, stderr } = await read('--profile', '/absent/profile.json');
    expect(status).toBe(3);
    expect(stderr).toMatch(/cannot write \/absent\/profile\.json: /);
    expect(stderr).not.toContain('the dearest first');
  });

  it.runIf(existsSync('/dev/full'))('says what fails at the end behind the tables', async () => {
    const { status, stderr } = await read('--profile', '/dev/full');
    expect(status).toBe(3);
    expect(stderr).toMatch(/rules, the dearest first[^]*cannot write \/dev\/full: /);
  });
});
