/** A sensor's life: what SIGTERM, SIGINT and SIGHUP do, and what is lost on the way (nothing). */
import { existsSync, readFileSync, renameSync, unlinkSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { ethernet, ipv4, udp, vxlan } from '../support/packet-builder.js';
import { Folder, Sensor, until, type SensorOptions } from '../support/sensor.js';

const RULES = 'alert udp any any -> any any (msg:"seen"; content:"needle"; sid:1;)\n';
const needle = (host = 1, text = 'a needle'): Uint8Array =>
  vxlan(
    { vni: 3 },
    ethernet({}, ipv4({ src: `10.0.0.${host}`, dst: '10.0.1.1' }, udp({ srcPort: 1000, dstPort: 53 }, text))),
  );

let sensor: Sensor | undefined;
const start = async (options: SensorOptions = {}): Promise<Sensor> =>
  (sensor = await Sensor.start({ rules: RULES, ...options }));
afterEach(async () => {
  await sensor?.stop('SIGKILL');
  sensor = undefined;
});

const sums = (running: Sensor): Record<string, unknown> => running.logs.find(({ msg }) => msg === 'stopped') ?? {};

describe('SIGTERM', () => {
  it('makes the sensor not ready, lets it go on receiving, then drain, print its sums and end with 0', async () => {
    const running = await start({ settings: { 'shutdown.drainSeconds': 60 } });
    await running.send([needle(1)]);
    await running.alerts(1);
    running.signal('SIGTERM');
    await running.log('stopping');
    const ready = await running.get('/readyz');
    expect([ready.status, await ready.json()]).toEqual([503, { ready: false, reasons: ['the sensor is stopping'] }]);
    expect((await running.get('/healthz')).status).toBe(200);
    await running.send([needle(2), Uint8Array.of(1)]);
    expect((await running.alerts(2)).map(({ src_ip }) => src_ip)).toEqual(['10.0.0.1', '10.0.0.2']);
    // A second signal cuts the wait short.
    await running.send([needle(3)]);
    running.signal('SIGTERM');
    const { status } = await running.ended;
    expect(status).toBe(0);
    expect(running.events()).toHaveLength(3);
    expect(sums(running)).toMatchObject({
      received: 4,
      inspected: 3,
      dropped: 1,
      pending: 0,
      reasons: { 'decapsulate.vxlan_truncated_header': 1 },
      alerts: 3,
      lostEvents: 0,
    });
  });

  it('names each output that has lost events, with their number', async () => {
    const output = 'unix:/absent/collector.sock';
    const running = await start({ settings: { 'eve.outputs': output } });
    await running.send([needle(1), needle(2)]);
    await running.alerts(2);
    running.signal('SIGTERM');
    expect((await running.ended).status).toBe(0);
    expect(running.logs.filter(({ lost }) => lost !== undefined)).toMatchObject([
      { level: 'warn', output, lost: 2, msg: 'events were lost, as this output could not take them in time' },
    ]);
    expect(sums(running)).toMatchObject({ alerts: 2, lostEvents: 2 });
  });

  it('leaves nothing behind that was in the socket: all that was sent before is in the sums', async () => {
    const running = await start();
    const burst = Array.from({ length: 100 }, (_, i) => needle(1 + i));
    await running.send(burst);
    running.signal('SIGINT');
    expect((await running.ended).status).toBe(0);
    const { received, inspected, dropped, pending, kernelDropped, alerts } = sums(running) as Record<string, number>;
    expect(received! + kernelDropped!).toBe(100);
    expect({ inspected, dropped, pending, alerts }).toEqual({
      inspected: received,
      dropped: 0,
      pending: 0,
      alerts: received,
    });
    expect(running.events()).toHaveLength(received!);
  });

  it('does not wait for a reload that is under way', async () => {
    const running = await start({ args: ['--set', 'shutdown.drainSeconds=0'] });
    const many = Array.from({ length: 50_000 }, (_, i) => RULES.replace('sid:1', `sid:${i + 1}`).replace('le', `${i}`));
    running.folder.write('test.rules', many.join(''));
    renameSync(running.folder.at('eve.json'), running.folder.at('eve.json.1'));
    running.signal('SIGHUP');
    await until('the signal is heeded', () => existsSync(running.folder.at('eve.json')));
    running.signal('SIGTERM');
    expect((await running.ended).status).toBe(0);
    const said = running.logs.map(({ level, msg }) => `${level as string}: ${msg}`);
    expect(said).toContain('info: the reload is given up, as the sensor is stopping');
    expect(said.at(-1)).toBe('info: stopped');
    expect(said.filter((line) => !line.startsWith('info: '))).toEqual([]);
  });

  it('ends a sensor that has not started yet, too', async () => {
    sensor = await Sensor.launch({ rules: RULES });
    sensor.signal('SIGTERM');
    expect((await sensor.ended).status).toBe(0);
  });
});

describe('SIGUSR2', () => {
  it('does what SIGHUP does', async () => {
    const running = await start();
    renameSync(running.folder.at('eve.json'), running.folder.at('eve.json.1'));
    running.folder.write('test.rules', `${RULES}${RULES.replace('sid:1', 'sid:2')}`);
    running.signal('SIGUSR2');
    await running.log('rules are loaded again: 2 rules');
    await until('the new event file', () => existsSync(running.folder.at('eve.json')));
  });
});

describe('SIGUSR1', () => {
  it('logs the sums, and opens nothing', async () => {
    const running = await start();
    await running.send([needle(1)]);
    await running.alerts(1);
    running.signal('SIGUSR1');
    expect(await running.log('sums')).toMatchObject({ received: 1, inspected: 1, dropped: 0, pending: 0, alerts: 1 });
    expect((await running.get('/readyz')).status).toBe(200);
    expect(running.errors).not.toContain('Debugger listening');
  });
});

describe('signals that come before the sensor is loaded', () => {
  it.each(['SIGHUP', 'SIGUSR2', 'SIGUSR1'] as const)(
    '%s neither ends nor opens anything, and is heeded',
    async (signal) => {
      const running = (sensor = Sensor.spawn({ rules: RULES }));
      await until('the listeners of signals', () => running.catches('SIGHUP'));
      running.signal(signal);
      await running.log(signal === 'SIGUSR1' ? 'sums' : 'rules are loaded again');
      await running.log('ready: ');
      expect(running.errors).not.toContain('Debugger listening');
    },
  );

  it('SIGTERM ends it, with 0', async () => {
    const running = (sensor = Sensor.spawn({ rules: RULES }));
    await until('the listeners of signals', () => running.catches('SIGHUP'));
    running.signal('SIGTERM');
    expect((await running.ended).status).toBe(0);
  });

  it('many ask for few loads', async () => {
    const running = await start();
    for (let i = 0; i < 50; i++) running.signal('SIGHUP');
    await running.log('rules are loaded again', 1);
    running.signal('SIGTERM');
    expect((await running.ended).status).toBe(0);
    expect(running.logs.filter(({ msg }) => msg.startsWith('rules are loaded again')).length).toBeLessThan(5);
  });
});

describe('SIGHUP', () => {
  it('opens the event file again after it was renamed, without losing an event', async () => {
    const running = await start();
    await running.send([needle(1)]);
    await running.alerts(1);
    renameSync(running.folder.at('eve.json'), running.folder.at('eve.json.1'));
    await running.send([needle(2)]);
    await running.alerts(2, 'eve.json.1');
    running.signal('SIGHUP');
    await running.log('rules are loaded again');
    await until('the new event file', () => existsSync(running.folder.at('eve.json')));
    await running.send([needle(3)]);
    expect((await running.alerts(1)).map(({ src_ip }) => src_ip)).toEqual(['10.0.0.3']);
    expect(running.events('eve.json.1').map(({ src_ip }) => src_ip)).toEqual(['10.0.0.1', '10.0.0.2']);
  });

  it('takes changed rules into use and keeps flows: a flowbit survives', async () => {
    const running = await start({
      rules: 'alert udp any any -> any any (content:"ask"; flowbits:set,asked; noalert; sid:1;)\n',
    });
    await running.send([needle(1, 'ask')]);
    await running.settled(1);
    running.folder.write(
      'test.rules',
      [
        'alert udp any any -> any any (msg:"told"; content:"tell"; flowbits:isset,asked; sid:2;)',
        'alert udp any any -> any any (content:"ask"; flowbits:set,asked; noalert; sid:1;)',
        '',
      ].join('\n'),
    );
    running.signal('SIGHUP');
    await running.log('rules are loaded again');
    expect((await running.get('/readyz')).status).toBe(200);
    // Each shard changes between two packets: until this one has, the packet raises nothing.
    let sent = 1;
    const alerts = await until('an alert by the new rule', async () => {
      await running.send([needle(1, 'tell')]);
      await running.settled(++sent);
      return running.events().length > 0 && running.events();
    });
    expect(alerts[0]).toMatchObject({ src_ip: '10.0.0.1', alert: { signature_id: 2 } });
    // Another flow has not asked.
    await running.send([needle(2, 'tell'), needle(1, 'tell')]);
    const metrics = await running.settled(sent + 2);
    await running.alerts(2);
    expect(running.events().every(({ src_ip }) => src_ip === '10.0.0.1')).toBe(true);
    expect(metrics.get('rules', 'state="loaded"')).toBe(2);
    expect(metrics.get('reloads_total', 'result="success"')).toBe(2);
    expect(metrics.get('flows_active')).toBe(2);
  });

  it.each([
    ['broken', 'alert udp any any -> any any (contnt:"x"; sid:1;)\n', "unknown keyword 'contnt'"],
    ['empty', '# nothing here\n', ''],
  ])('leaves the rules in use when the new ones are %s, and counts the failure', async (_, text, message) => {
    const running = await start();
    running.folder.write('test.rules', text);
    running.signal('SIGHUP');
    const { msg } = await running.log('the rules in use stay as they are');
    expect(msg).toBe(
      `the rules in use stay as they are: no rule could be loaded from ${running.folder.at('test.rules')}`,
    );
    expect(running.errors).toContain(message);
    const metrics = await running.metrics();
    expect(metrics.get('reloads_total', 'result="failure"')).toBe(1);
    expect(metrics.get('reload_success')).toBe(0);
    expect(metrics.get('rules', 'state="loaded"')).toBe(1);
    await running.send([needle(1)]);
    expect(await running.alerts(1)).toHaveLength(1);
    // Mended, they load again.
    running.folder.write('test.rules', `${RULES}${RULES.replace('sid:1', 'sid:2')}`);
    running.signal('SIGHUP');
    await running.log('rules are loaded again: 2 rules');
    expect((await running.metrics()).get('reload_success')).toBe(1);
  });

  it('leaves the rules in use when one of several files is gone, until it is back', async () => {
    const folder = new Folder();
    folder.write('more.rules', RULES.replace('sid:1', 'sid:7'));
    const running = await start({ args: ['--rules', folder.at('more.rules')] });
    expect((await running.metrics()).get('rules', 'state="loaded"')).toBe(2);
    const text = readFileSync(folder.at('more.rules'), 'utf8');
    unlinkSync(folder.at('more.rules'));
    running.signal('SIGHUP');
    await running.log('the rules in use stay as they are: a file is missing or cannot be read');
    const metrics = await running.metrics();
    expect(metrics.get('reloads_total', 'result="failure"')).toBe(1);
    expect(metrics.get('rules', 'state="loaded"')).toBe(2);
    folder.write('more.rules', text);
    running.signal('SIGHUP');
    await running.log('rules are loaded again: 2 rules');
  });

  it('names settings that it cannot change, and takes over variables', async () => {
    const rule = 'alert udp $HOME_NET any -> any any (msg:"home"; content:"needle"; sid:1;)\n';
    const settings = new Folder();
    const configured = await start({
      rules: rule,
      args: ['--config', settings.write('periscope.yaml', 'vars:\n  HOME_NET: 192.168.0.0/16\n')],
    });
    await configured.send([needle(1)]);
    await configured.settled(1);
    expect(configured.events()).toEqual([]);
    settings.write('periscope.yaml', 'vars:\n  HOME_NET: 10.0.0.0/8\nflow:\n  cap: 1000\n');
    configured.signal('SIGHUP');
    await configured.log('changed settings that wait for a restart: flow.cap');
    let sent = 1;
    await until('an alert by the new variable', async () => {
      await configured.send([needle(1)]);
      await configured.settled(++sent);
      return configured.events().length > 0;
    });
    settings.remove();
  });
});
