/**
 * `read` where its parts wait for one another: small rings, many alerts, fragments whose last ones all come together.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ethernet, fragmentIpv4, ipv4, udp } from '../support/packet-builder.js';
import { Recording } from '../support/recording.js';
import { Folder, periscope } from '../support/sensor.js';
import { pcapOf } from './traffic.js';

const folder = new Folder();
afterAll(() => folder.remove());

const rules = folder.write(
  'all.rules',
  'alert udp any any -> any any (content:"needle"; sid:1;)\nalert ip any any -> any any (content:"x"; sid:2;)\n',
);

/** Datagrams of this size whose last fragments come one right after the other, behind all the rest. */
function lastFragmentsTogether(datagrams: number, bytes: number): Recording {
  const recording = new Recording();
  const last: Uint8Array[] = [];
  for (let n = 0; n < datagrams; n++) {
    const packet = ipv4(
      { src: `10.0.${n >> 8}.${n & 255}`, id: n },
      udp({ srcPort: 1000 + n, dstPort: 9 }, `needle${'x'.repeat(bytes - 6)}`),
    );
    const fragments = fragmentIpv4(packet, 9000);
    for (const fragment of fragments.slice(0, -1)) recording.add(ethernet({}, fragment));
    last.push(fragments.at(-1)!);
  }
  for (const fragment of last) recording.add(ethernet({}, fragment));
  return recording;
}

async function read(capture: string, workers: number, ...settings: readonly string[]): Promise<string> {
  const args = [
    'read',
    capture,
    '--rules',
    rules,
    '--workers',
    String(workers),
    ...settings.flatMap((setting) => ['--set', setting]),
  ];
  const { status, stdout, stderr } = await periscope(args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

describe('fragments whose last ones come together', () => {
  let capture = '';
  let alone = '';
  beforeAll(async () => {
    capture = folder.write('fragments.pcap', pcapOf(lastFragmentsTogether(250, 60_000)));
    alone = await read(capture, 1);
  });

  it('all alert', () => {
    expect(alone.match(/"signature_id":1,/g)).toHaveLength(250);
  });

  it.each<[number, string[]]>([
    [2, ['ring.bytes=1MiB', 'candidates.bytes=65536']],
    [8, []],
    [3, ['candidates.bytes=65536', 'eve.bufferBytes=65536']],
  ])('are the same bytes with %i workers and %j', async (workers, settings) => {
    expect((await read(capture, workers, ...settings)) === alone).toBe(true);
  });
});

describe('many large events', () => {
  it.each(['eve.bufferBytes=8MiB', 'eve.bufferBytes=65536'])(
    'are all written, the same bytes for any number of workers, with %s',
    async (setting) => {
      const recording = new Recording();
      for (let n = 0; n < 3000; n++)
        recording.udp(`10.1.${n >> 8}.${n & 255}:${1000 + (n % 999)}`, '10.2.0.1:9', `needle${'y'.repeat(1400)}`);
      const capture = folder.write('many.pcap', pcapOf(recording));
      const outputs: string[] = [];
      for (const workers of [1, 2, 4])
        outputs.push(await read(capture, workers, setting, 'eve.payload=true', 'eve.packet=true'));
      expect(outputs[0]!.match(/\n/g)).toHaveLength(3000);
      expect(outputs.map((output) => output === outputs[0])).toEqual([true, true, true]);
    },
  );
});
