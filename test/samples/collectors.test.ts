/** The samples for collectors: where they listen and how they read is what the settings in their comments send to. */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseDestination } from '../../src/util/destination.js';
import { Collector } from '../support/collector.js';
import { inRoot } from '../support/root.js';
import { Folder, parseEvents, periscope, Sensor, until } from '../support/sensor.js';
import { ethernet, ipv4, udp, vxlan } from '../support/packet-builder.js';

const RULE = 'alert udp any any -> any any (msg:"seen"; content:"needle"; sid:1;)\n';
const NEEDLE = vxlan(
  { vni: 7 },
  ethernet({}, ipv4({ src: '10.0.0.1', dst: '10.0.1.1' }, udp({ srcPort: 1000, dstPort: 53 }, 'needle'))),
);

const folder = new Folder();
afterAll(() => folder.remove());
const sample = (name: string): string => readFileSync(inRoot(`samples/collectors/${name}`), 'utf8');
/** Of the command in the sample's comment. */
const outputOf = (name: string) => parseDestination(/eve\.outputs=(\S+)/.exec(sample(name))![1]!)!;

describe('samples/collectors', () => {
  it('read lines of JSON where the sensor sends them', () => {
    const vector = (parse(sample('vector.yaml')) as { sources: { periscope: Record<string, unknown> } }).sources
      .periscope;
    expect(outputOf('vector.yaml')).toMatchObject({ syslog: false, transport: 'unix', path: vector.path });
    expect(vector).toMatchObject({
      mode: 'unix_stream',
      framing: { method: 'newline_delimited' },
      decoding: { codec: 'json' },
    });
    const [input] = (parse(sample('fluent-bit.yaml')) as { pipeline: { inputs: Record<string, unknown>[] } }).pipeline
      .inputs;
    expect(outputOf('fluent-bit.yaml')).toMatchObject({
      syslog: false,
      transport: 'tcp',
      host: input!.listen,
      port: input!.port,
    });
    expect(input).toMatchObject({ name: 'tcp', format: 'json' });
    const [, address, port] = /imtcp" address="(.*?)" port="(\d+)"/.exec(sample('rsyslog.conf'))!;
    expect(outputOf('rsyslog.conf')).toMatchObject({
      syslog: true,
      transport: 'tcp',
      host: address,
      port: Number(port),
    });
  });

  it('each get what a file gets', async () => {
    const collectors = [new Collector(), new Collector(), new Collector()];
    const socket = folder.at('events.sock');
    await collectors[0]!.listen(socket);
    const [tcp, syslog] = [await collectors[1]!.listen(0), await collectors[2]!.listen(0)];
    const outputs = `unix:${socket},tcp://127.0.0.1:${tcp},syslog+tcp://127.0.0.1:${syslog}`;
    const rules = inRoot('rules');
    const capture = inRoot('samples/web-attack.pcap');
    const args = ['read', capture, '--rules', rules, '--eve', folder.at('eve.json')];
    const { status, stderr } = await periscope([...args, '--set', `eve.outputs=${outputs}`]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const written = folder.read('eve.json');
    expect(parseEvents(written).length).toBeGreaterThan(10);
    await until('all lines', () => collectors[0]!.text === written && collectors[1]!.text === written);
    const messages = written.split('\n').slice(0, -1);
    await until('all messages', () => messages.every((message) => collectors[2]!.text.includes(` alert - ${message}`)));
    await Promise.all(collectors.map((collector) => collector.close()));
  });
});

describe('a sensor whose collector is restarted', () => {
  let sensor: Sensor | undefined;
  afterEach(async () => void (await sensor?.stop('SIGKILL')));

  it('keeps the events meanwhile, and says what is wrong', async () => {
    const before = new Collector();
    const port = await before.listen(0);
    const output = `tcp://127.0.0.1:${port}`;
    sensor = await Sensor.start({
      rules: RULE,
      settings: { workers: 1, 'eve.outputs': output },
    });
    await sensor.send([NEEDLE]);
    await until('the first event', () => before.text.endsWith('\n'));
    await before.close();
    await sensor.log('events cannot be written; trying again');
    await sensor.send([NEEDLE, NEEDLE]);
    await sensor.alerts(3);
    const down = await sensor.metrics();
    expect(down.get('output_up', `output="${output}"`)).toBe(0);
    expect(down.get('output_buffer_bytes', `output="${output}"`)).toBeGreaterThan(0);
    const after = new Collector();
    await after.listen(port);
    const all = (): ReadonlySet<string> =>
      new Set(`${before.text}${after.text}`.split('\n').filter((line) => line !== ''));
    const file = sensor.folder.read('eve.json').split('\n').slice(0, -1);
    await until('what was kept', () => file.every((line) => all().has(line)));
    await sensor.log('events are written again');
    const metrics = await sensor.metrics();
    expect(metrics.get('output_events_total', `output="${output}"`)).toBe(3);
    expect(metrics.get('output_events_lost_total')).toBe(0);
    await sensor.stop();
    sensor = undefined;
    await after.close();
  });
});
