/**
 * Packets that break the shard that looks at them, outside of what it survives: by an exception, by the end of its
 * thread, by its heap. The rest of such a flow is left out after the second death, so that it costs no more than two.
 * What parsers throw is survived.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { LethalFlows, MOST_LETHAL_FLOWS, isLethal } from '../../src/shard/lethal-flows.js';
import { CONTROL, CONTROL_BYTES } from '../../src/shard/task.js';
import { dnsQuery } from '../support/application-messages.js';
import { ethernet, ipv4, udp, vxlan } from '../support/packet-builder.js';
import { pcapFile } from '../support/pcap-writer.js';
import { AS_MODULES, Folder, Sensor, parseEvents, periscope, until } from '../support/sensor.js';

const folder = new Folder();
afterAll(() => folder.remove());

const preload = join(import.meta.dirname, '../support/lethal-packets.mjs');
const RULES = 'alert udp any any -> any any (msg:"needle"; content:"needle"; sid:1;)\n';
/** What lethal-packets.mjs makes of packets to these ports. */
const [THROW_PORT, THREAD_PORT, HEAP_PORT] = [6666, 6667, 6668] as const;
const packet = (srcPort: number, dstPort: number, text: string): Uint8Array =>
  ethernet({}, ipv4({ src: '10.0.0.1', dst: '10.0.1.1' }, udp({ srcPort, dstPort }, text)));

describe('the flows that are left out', () => {
  const control = new Int32Array(CONTROL_BYTES / 4);
  const flows = new LethalFlows(control);
  const dieAt = (flowHash: number, nowMs = 0): boolean => {
    control[CONTROL.flow] = flowHash;
    return flows.blame(nowMs);
  };
  afterEach(() => flows.forget());

  it('are those at which a shard has died twice', () => {
    expect([dieAt(7), isLethal(control, 7), dieAt(8), dieAt(7), isLethal(control, 7), isLethal(control, 8)]).toEqual([
      false,
      false,
      false,
      true,
      true,
      false,
    ]);
    expect(dieAt(0)).toBe(false);
    expect(dieAt(0)).toBe(false);
  });

  it('are so many, the latest, and are forgotten after a while', () => {
    for (let flow = 1; flow <= MOST_LETHAL_FLOWS + 1; flow++) for (let death = 0; death < 2; death++) dieAt(flow, 1000);
    expect([isLethal(control, 1), isLethal(control, 2), isLethal(control, MOST_LETHAL_FLOWS + 1)]).toEqual([
      false,
      true,
      true,
    ]);
    flows.age(600_000);
    expect(isLethal(control, 2)).toBe(true);
    flows.age(602_000);
    expect(isLethal(control, 2)).toBe(false);
  });
});

describe('a capture with a talk whose every packet breaks a shard', () => {
  it('is read to its end; all else is inspected, and what is not is counted', async () => {
    const talk = Array.from({ length: 100 }, () => packet(1000, THROW_PORT, 'x'));
    const others = Array.from({ length: 20 }, (_, i) => packet(2000 + i, 9, 'needle'));
    const frames = talk.flatMap((bytes, i) => (i % 5 === 0 ? [bytes, others[i / 5]!] : [bytes]));
    const stats = folder.at('stats.json');
    const args = [
      'read',
      folder.write('lethal.pcap', pcapFile(frames.map((bytes) => ({ bytes })))),
      '--rules',
      folder.write('needle.rules', RULES),
      '--workers',
      '2',
      '--stats',
      stats,
    ];
    const { stdout, stderr, status } = await periscope(args, {
      ...AS_MODULES,
      NODE_OPTIONS: `--import ${pathToFileURL(preload).href}`,
    });
    expect([status, stderr.match(/a shard ended/g)?.length]).toEqual([0, 2]);
    expect(stderr).toContain('and the rest of the flow it was at is left out');
    expect(parseEvents(stdout)).toHaveLength(20);
    const { metrics } = JSON.parse(folder.read('stats.json')) as { metrics: Record<string, number> };
    expect(metrics).toMatchObject({
      received_packets_total: 120,
      inspected_packets_total: 20,
      'dropped_packets_total{stage="shard",reason="died"}': 2,
      'dropped_packets_total{stage="shard",reason="lethal_flow"}': 98,
    });
  });
});

describe('a sensor', () => {
  let sensor: Sensor | undefined;
  afterEach(() => sensor?.stop());

  it('goes on when a parser throws, the thread of a shard ends, or its heap is full, and loses those packets', async () => {
    sensor = await Sensor.start({ rules: RULES, settings: { workers: 1 }, preload, environment: AS_MODULES });
    const running = sensor;
    const send = (port: number, text: string): Promise<unknown> =>
      running.send([vxlan({ vni: 1 }, packet(2000, port, text))]);
    const expectInspected = (count: number): Promise<unknown> =>
      until(`${count} are inspected`, async () => (await running.metrics()).balance.inspected === count);
    await send(53, Buffer.from(dnsQuery('needle.example')).toString('latin1'));
    expect(await running.log('the parser of dns failed')).toMatchObject({ level: 'error', application: 'dns' });
    await expectInspected(1);
    for (const [i, port] of [THREAD_PORT, HEAP_PORT].entries()) {
      await send(port, 'x');
      await send(9, 'needle');
      await expectInspected(2 + i);
    }
    const metrics = await running.metrics();
    expect(metrics.balance).toEqual({ received: 5, inspected: 3, dropped: 2, pending: 0 });
    expect(metrics.drops).toEqual({ 'shard.died': 2 });
    expect([metrics.get('app_parser_errors_total'), metrics.get('shard_restarts_total')]).toEqual([1, 2]);
    expect(metrics.get('alerts_total')).toBe(3);
    expect((await running.get('/readyz')).status).toBe(200);
  });
});
