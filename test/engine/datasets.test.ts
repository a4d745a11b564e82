/**
 * Datasets, countries and reputation end to end: captures that are read, and a sensor that learns, reloads, stops and
 * starts.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { MmdbWriter } from '../support/mmdb-writer.js';
import { ethernet, ipv4, ipv6, udp, vxlan } from '../support/packet-builder.js';
import { Recording } from '../support/recording.js';
import { Folder, parseEvents, periscope, Sensor, type EveEvent } from '../support/sensor.js';
import { pcapOf } from './traffic.js';

const folder = new Folder();
afterAll(() => folder.remove());

const packet = (src: string, dst: string, text: string, srcPort = 1000): Uint8Array =>
  ethernet({}, ipv4({ src, dst }, udp({ srcPort, dstPort: 53 }, text)));
const packet6 = (src: string, dst: string, text: string): Uint8Array =>
  ethernet({ type: 0x86dd }, ipv6({ src, dst, protocol: 17 }, udp({ srcPort: 7, dstPort: 53 }, text)));
const capture = (name: string, ...frames: Uint8Array[]): string =>
  folder.write(name, pcapOf(frames.reduce((recording, frame) => recording.add(frame), new Recording())));
const sids = (events: readonly EveEvent[]): number[] => events.map(({ alert }) => alert.signature_id);

describe('read', () => {
  it('knows addresses by list, by country and by reputation', async () => {
    folder.write('lists/bad.lst', '192.0.2.66\n2001:db8::bad\n');
    folder.write('lists/scores.rep', '192.0.2.66,300\n192.0.2.67,100\n');
    const rules = folder.write(
      'lists/data.rules',
      [
        'alert udp any any -> any any (msg:"listed"; ip.dst; dataset:isset,bad,type ip,load bad.lst; sid:1;)',
        'alert udp any any -> any any (msg:"scored"; ip.dst; datarep:scores,>,200,load scores.rep,type ip; sid:2;)',
        'alert udp any any -> any any (msg:"abroad"; geoip:dst,!DE; sid:3;)',
        'alert ip any any -> any any (msg:"ill reputed"; iprep:any,BadHosts,>,50; sid:4;)',
        'alert udp any any -> any any (msg:"known text"; pkt_data; to_md5; dataset:isset,texts,type md5,load texts.md5; sid:5;)',
        '',
      ].join('\n'),
    );
    // Of "abc".
    folder.write('lists/texts.md5', '900150983cd24fb0d6963f7d28e17f72\n');
    const database = folder.write(
      'countries.mmdb',
      new MmdbWriter()
        .country('192.0.2.0/26', 'DE')
        .country('192.0.2.64/26', 'FR')
        .country('2001:db8::/32', 'FR')
        .build(),
    );
    const categories = folder.write('categories.txt', '1,BadHosts,Known bad hosts\n');
    const reputation = folder.write('reputation.list', '192.0.2.0/24,1,10\n192.0.2.67,1,90\n');
    const file = capture(
      'data.pcap',
      packet('10.0.0.1', '192.0.2.66', 'x'),
      packet('10.0.0.1', '192.0.2.67', 'x'),
      packet('10.0.0.1', '192.0.2.67', 'abc'),
      packet('10.0.0.1', '192.0.2.5', 'abc'),
      packet6('fd00::1', '2001:db8::bad', 'x'),
    );
    const settings = [
      `geoip.database=${database}`,
      `reputation.categories=${categories}`,
      `reputation.files=${reputation}`,
    ].flatMap((setting) => ['--set', setting]);
    const { status, stdout, stderr } = await periscope(['read', file, '--rules', rules, '--workers', '2', ...settings]);
    expect([status, stderr]).toEqual([0, '']);
    const events = parseEvents(stdout);
    const times = [...new Set(events.map(({ timestamp }) => timestamp))];
    expect(times.map((time) => sids(events.filter(({ timestamp }) => timestamp === time)))).toEqual([
      [1, 2, 3],
      [3, 4],
      [3, 5],
      [5],
      [1, 3],
    ]);
  });

  it('says what is missing, and goes on with the other rules', async () => {
    const rules = folder.write(
      'missing/data.rules',
      'alert udp any any -> any any (geoip:DE; sid:1;)\nalert udp any any -> any any (iprep:src,CnC,isset; sid:2;)\nalert udp any any -> any any (content:"x"; sid:3;)\n',
    );
    const { status, stdout, stderr } = await periscope([
      'read',
      capture('one.pcap', packet('10.0.0.1', '10.0.0.2', 'x')),
      '--rules',
      rules,
    ]);
    expect([status, sids(parseEvents(stdout))]).toEqual([0, [3]]);
    expect(stderr).toContain('geoip.database is empty');
    expect(stderr).toContain('reputation.categories is empty');
  });

  const LEARN =
    'alert udp any any -> any any (msg:"new"; pkt_data; dataset:set,seen,type string,state seen.lst; sid:1;)\nalert udp any any -> any any (msg:"seen"; pkt_data; dataset:isset,seen; sid:2;)\n';

  it('starts each capture with what the files say, by one worker, and leaves the files alone', async () => {
    const rules = folder.write('learn/learn.rules', LEARN);
    const state = folder.write('kept/seen.lst', `${Buffer.from('known').toString('base64')}\n`);
    const texts = ['known', 'new', 'new', 'newer'];
    const file = capture('learn.pcap', ...texts.map((text, i) => packet(`10.0.0.${i + 1}`, '10.0.0.99', text)));
    const { status, stdout, stderr } = await periscope([
      'read',
      file,
      file,
      '--rules',
      rules,
      '--workers',
      '3',
      '--set',
      `datasets.directory=${join(folder.path, 'kept')}`,
    ]);
    expect(status).toBe(0);
    expect(stderr).toContain('one worker reads the captures');
    // Each value is new once, and seen by the rule behind in the same packet.
    const each = [2, 1, 2, 2, 1, 2];
    expect(sids(parseEvents(stdout))).toEqual([...each, ...each]);
    expect(folder.read('kept/seen.lst')).toBe('a25vd24=\n');
    expect(state).toBe(folder.at('kept/seen.lst'));
  });
});

describe('a sensor', () => {
  let sensor: Sensor | undefined;
  afterEach(async () => {
    await sensor?.stop();
  });

  const RULES =
    'alert udp any any -> any any (msg:"new"; pkt_data; dataset:set,seen,type string,state seen.lst; sid:1;)\n';
  const mirrored = (text: string, host: number): Uint8Array =>
    vxlan({ vni: 1 }, packet(`10.0.0.${host}`, '10.0.1.1', text));
  const lines = (name: string): string[] =>
    folder
      .read(name)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => Buffer.from(line, 'base64').toString())
      .sort();

  it('learns once, over all shards, a reload and a restart, and writes what it has learned', async () => {
    folder.write('sensor/.keep', '');
    const settings = { workers: 3, 'datasets.directory': folder.at('sensor') };
    sensor = await Sensor.start({ rules: RULES, settings });
    await sensor.send(Array.from({ length: 30 }, (_, i) => mirrored(`value ${i % 10}`, i + 1)));
    const metrics = await sensor.settled(30);
    expect((await sensor.alerts(10)).length).toBe(10);
    expect([
      metrics.get('dataset_values'),
      metrics.get('dataset_bytes'),
      metrics.get('dataset_values_refused_total'),
    ]).toEqual([10, 640, 0]);
    expect(existsSync(folder.at('sensor/seen.lst'))).toBe(false);

    sensor.folder.write(
      'test.rules',
      `${RULES}alert udp any any -> any any (msg:"more"; content:"value 11"; sid:2;)\n`,
    );
    sensor.signal('SIGHUP');
    await sensor.log('rules are loaded again');
    expect(lines('sensor/seen.lst')).toEqual(Array.from({ length: 10 }, (_, i) => `value ${i}`));
    await sensor.send([mirrored('value 3', 1), mirrored('value 11', 2)]);
    await sensor.settled(32);
    expect(sids((await sensor.alerts(12)).slice(10)).sort()).toEqual([1, 2]);
    expect((await sensor.stop()).status).toBe(0);
    expect(lines('sensor/seen.lst')).toContain('value 11');

    sensor = await Sensor.start({ rules: RULES, settings });
    await sensor.send([mirrored('value 3', 1), mirrored('value 12', 2)]);
    await sensor.settled(2);
    expect(sids(await sensor.alerts(1))).toEqual([1]);
    expect((await sensor.metrics()).get('dataset_values')).toBe(12);
  });

  it('refuses and counts what has no room, and says so of a file', async () => {
    folder.write(
      'full/seen.lst',
      Array.from({ length: 1500 }, (_, i) => `${Buffer.from(`value ${i}`).toString('base64')}\n`).join(''),
    );
    sensor = await Sensor.start({
      rules: RULES,
      settings: { 'datasets.directory': folder.at('full'), 'datasets.bytes': 65_536 },
    });
    await sensor.send([mirrored('another', 1)]);
    const metrics = await sensor.settled(1);
    expect([metrics.get('dataset_values'), metrics.get('dataset_values_refused_total')]).toEqual([1024, 477]);
    expect(sensor.events()).toEqual([]);
    expect(sensor.logs.filter(({ level }) => level === 'warn').map(({ msg }) => msg)).toContainEqual(
      expect.stringContaining('what has no room is left out'),
    );
    await sensor.stop();
    // What the file has is not lost for want of room.
    expect(sensor.errors).toContain('is not written');
    expect(lines('full/seen.lst')).toHaveLength(1500);
  });

  it('without a directory that can be written goes on without the rule', async () => {
    sensor = await Sensor.start({ rules: `${RULES}alert udp any any -> any any (content:"x"; sid:2;)\n` });
    expect(sensor.errors).toContain('datasets.directory is empty');
    expect((await sensor.metrics()).get('rules', 'state="loaded"')).toBe(1);
  });
});
