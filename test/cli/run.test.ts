/** `run` as its user sees it before a packet comes: what keeps it from starting, and what it says while it starts. */
import { once } from 'node:events';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Folder, periscope, Sensor, until } from '../support/sensor.js';

const folder = new Folder();
afterAll(() => folder.remove());

const rules = folder.write('good.rules', 'alert udp any any -> any any (content:"needle"; sid:1;)\n');
const broken = folder.write('broken.rules', 'alert udp any any -> any any (contnt:"x"; sid:2;)\n');
const run = (...args: readonly string[]): ReturnType<typeof periscope> =>
  periscope([
    'run',
    '--listen',
    '127.0.0.1:0',
    '--admin',
    '127.0.0.1:0',
    '--workers',
    '1',
    '--eve',
    folder.at('eve.json'),
    ...args,
  ]);

describe.concurrent('a sensor that cannot start', () => {
  it.each([
    [
      'a rule that fails, with --strict',
      1,
      ['--rules', rules, '--rules', broken, '--strict'],
      'not started, as a rule failed and --strict is set',
    ],
    ['an unknown flag', 2, ['--rulez', rules], '(Did you mean --rules?)'],
    ['an unknown setting', 2, ['--set', 'shutdown.drainSecond=3'], 'did you mean shutdown.drainSeconds?'],
    [
      'several bad settings, all named',
      2,
      ['--set', 'sockets=0', '--set', 'checksums=maybe'],
      'the configuration has 2 problems',
    ],
    [
      'a variable that cannot be read',
      2,
      ['--var', 'HOME_NET=10.0.0.0/99', '--rules', rules],
      'vars.HOME_NET (--var): $HOME_NET cannot be used: ',
    ],
    [
      'tables that no machine has memory for',
      2,
      ['--workers', '256', '--set', 'flow.cap=16777216'],
      'the settings may come to use ',
    ],
    ['a bad admin address', 2, ['--admin', '9789'], '9789 is not allowed, expected ADDRESS:PORT'],
    [
      'an event file that cannot be written',
      3,
      ['--rules', rules, '--eve', '/absent/eve.json'],
      'cannot write events to /absent/eve.json: no such file or directory; the directory /absent must be there',
    ],
  ])('for %s ends with status %i and a message', async (_, expected, args, message) => {
    const { status, stdout, stderr } = await run(...args);
    expect(stderr).toContain(message);
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
    expect(stderr).not.toMatch(/\n {4}at /);
  });
});

describe('a sensor that is starting', () => {
  let sensor: Sensor;
  afterEach(async () => {
    await sensor.stop('SIGKILL');
  });
  const many = Array.from(
    { length: 6000 },
    (_, i) => `alert udp any any -> any any (content:"needle ${i}"; sid:${i + 1};)`,
  ).join('\n');

  it('is alive but not ready, and says why; a signal to stop is heeded', async () => {
    sensor = await Sensor.launch({ rules: many });
    const ready = await sensor.get('/readyz');
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { ready: false, reasons: ['rules are being loaded', 'sockets are not bound yet'] },
    ]);
    expect((await sensor.get('/healthz')).status).toBe(200);
    expect((await sensor.metrics()).balance).toEqual({ received: 0, inspected: 0, dropped: 0, pending: 0 });
    sensor.signal('SIGTERM');
    const { status } = await sensor.ended;
    expect(status).toBe(0);
    expect(sensor.logs.map(({ msg }) => msg)).toContain('stopping before anything was received');
  });

  it('says that a second signal ends the wait for late packets, and it does', async () => {
    sensor = await Sensor.start({
      rules: 'alert udp any any -> any any (content:"x"; sid:3;)\n',
      args: ['--set', 'shutdown.drainSeconds=600'],
    });
    sensor.signal('SIGINT');
    await sensor.log(
      'stopping: not ready any more, receiving for a while longer; a second signal (Ctrl-C) ends that at once',
    );
    sensor.signal('SIGINT');
    expect((await sensor.ended).status).toBe(0);
  });

  it('does not end for a signal to reload, and answers it once it is ready', async () => {
    sensor = await Sensor.launch({ rules: many });
    sensor.signal('SIGHUP');
    await sensor.log('rules are loaded again: 6000 rules');
    expect((await sensor.metrics()).get('reloads_total', 'result="success"')).toBe(2);
  });

  it('reports a rule that fails and starts with the others', async () => {
    sensor = await Sensor.start({
      rules: 'alert udp any any -> any any (contnt:"x"; sid:2;)\nalert udp any any -> any any (content:"x"; sid:3;)\n',
    });
    expect(sensor.logs.find(({ level }) => level === 'error')).toMatchObject({
      msg: "unknown keyword 'contnt'",
      code: 'unknown-keyword',
      sid: 2,
      file: expect.stringMatching(/test\.rules$/),
      line: 1,
      column: 31,
      hint: 'did you mean content?',
    });
    expect(sensor.logs.find(({ msg }) => msg.startsWith('ready'))?.msg).toMatch(
      /^ready: 1 rule from 1 file in [\d.]+ s; 1 failed$/,
    );
    const metrics = await sensor.metrics();
    expect([metrics.get('rules', 'state="loaded"'), metrics.get('rules', 'state="failed"')]).toEqual([1, 1]);
  });

  it('is not ready when rules are named and none loads, and says so as an error', async () => {
    sensor = await Sensor.launch({ rules: 'alert udp any any -> any any (contnt:"x"; sid:2;)\n' });
    const line = await sensor.log('not ready: no rule could be loaded from');
    expect(line.level).toBe('error');
    const ready = await sensor.get('/readyz');
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { ready: false, reasons: [`no rule could be loaded from ${sensor.folder.at('test.rules')}`] },
    ]);
    sensor.folder.write('test.rules', 'alert udp any any -> any any (content:"x"; sid:3;)\n');
    sensor.signal('SIGUSR2');
    await sensor.log('rules are loaded again: 1 rule');
    expect((await sensor.get('/readyz')).status).toBe(200);
  });

  it('is ready without rules when none is named', async () => {
    sensor = await Sensor.start();
    expect((await sensor.get('/readyz')).status).toBe(200);
  });

  it('shows the first of many errors, and says how many there are', async () => {
    const broken = Array.from(
      { length: 300 },
      (_, index) => `alert udp any any -> any any (contnt:"x"; sid:${index + 1};)\n`,
    ).join('');
    sensor = await Sensor.start({ rules: `${broken}alert udp any any -> any any (content:"x"; sid:999;)\n` });
    expect(sensor.logs.filter(({ code }) => code === 'unknown-keyword')).toHaveLength(20);
    expect(sensor.logs.map(({ msg }) => msg)).toContain('… and 280 more errors; periscope check shows them all');
  });

  it('says when it took its rules from the cache', async () => {
    sensor = await Sensor.start({
      rules: 'alert udp any any -> any any (content:"x"; sid:3;)\n',
      settings: { 'cache.directory': folder.at('cache') },
    });
    expect(sensor.logs.find(({ msg }) => msg.startsWith('ready'))!.msg).not.toContain('from the cache');
    sensor.signal('SIGHUP');
    expect((await sensor.log('rules are loaded again')).msg).toContain('from the cache');
  });
});

describe('a sensor whose stderr nobody reads', () => {
  it('goes on, answers, counts the lines it drops, and ends when told to', async () => {
    const rule = (sid: number): string => `alert udp any any -> any any (${'k'.repeat(4000)}:"x"; sid:${sid};)\n`;
    const sensor = await Sensor.start({
      rules: `${Array.from({ length: 20 }, (_, i) => rule(i + 1)).join('')}alert udp any any -> any any (content:"x"; sid:99;)\n`,
    });
    const { child } = sensor;
    try {
      child.stderr!.pause();
      await until(
        'log lines are dropped',
        async () => {
          sensor.signal('SIGHUP');
          expect((await sensor.get('/healthz')).status).toBe(200);
          return (await sensor.metrics()).get('log_lines_dropped_total') > 0;
        },
        60_000,
      );
      expect((await sensor.get('/readyz')).status).toBe(200);
      const exited = once(child, 'exit');
      sensor.signal('SIGTERM');
      expect(await exited).toEqual([0, null]);
    } finally {
      child.stderr!.resume();
      await sensor.stop('SIGKILL');
    }
    const whole = sensor.errors.slice(0, sensor.errors.lastIndexOf('\n') + 1);
    expect(
      whole
        .split('\n')
        .slice(0, -1)
        .every((line) => typeof (JSON.parse(line) as { level: unknown }).level === 'string'),
    ).toBe(true);
  });
});
