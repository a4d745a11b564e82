/**
 * What flows were refused is counted where it can be seen: memory that a flood of holes took, bits beyond what a flow
 * may have.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { ethernet, ipv4, tcp, TCP_FLAG, udp, vxlan } from '../support/packet-builder.js';
import { Sensor, until } from '../support/sensor.js';

let sensor: Sensor;
afterEach(async () => {
  await sensor.stop();
});

const mirrored = (segment: Uint8Array): Uint8Array =>
  vxlan({ vni: 7 }, ethernet({}, ipv4({ src: '10.0.0.1', dst: '10.0.0.2' }, segment)));
const data = (srcPort: number, seq: number): Uint8Array =>
  mirrored(tcp({ srcPort, dstPort: 80, seq, ack: 1, flags: TCP_FLAG.ack | TCP_FLAG.psh }, 'x'));
const word = (text: string): Uint8Array => mirrored(udp({ srcPort: 1000, dstPort: 53 }, text));
/** Flows with a hole that half of the least arena has room for. */
const HOLES = 4096;

describe('memory of flows', () => {
  it('that a flood of holes asks for in vain is counted, and bits of other flows are kept', async () => {
    const rules = [
      'alert udp any any -> any any (content:"first"; flowbits:set,seen; noalert; sid:1;)',
      'alert udp any any -> any any (content:"second"; flowbits:isset,seen; sid:2;)',
    ];
    sensor = await Sensor.start({
      rules: rules.join('\n'),
      settings: { workers: 1, 'flow.cap': 16_384, 'stream.memory': '8MiB' },
    });
    const flood = Array.from({ length: HOLES + 5000 }, (_, i) => [data(1000 + i, 1000), data(1000 + i, 3000)]).flat();
    await sensor.send(flood);
    await sensor.send([word('first'), word('second')]);
    const metrics = await sensor.settled(flood.length + 2);
    await sensor.alerts(1);
    expect(metrics.get('stream_evicted_total')).toBeGreaterThan(0);
    expect(metrics.get('flowbits_refused_total')).toBe(0);
  });

  it('of bits beyond 64 of a flow is refused and counted, also behind a reload', async () => {
    const bits = Array.from(
      { length: 66 },
      (_, i) => `alert udp any any -> any any (content:"set"; flowbits:set,b${i}; noalert; sid:${i + 1};)`,
    );
    sensor = await Sensor.start({ rules: bits.join('\n'), settings: { workers: 1 } });
    // A shard counts such things behind its turn, a moment later than packets.
    const refused = (count: number): Promise<true> =>
      until(`${count} bits refused`, async () => (await sensor.metrics()).get('flowbits_refused_total') === count);
    await sensor.send([word('set')]);
    await refused(2);
    sensor.signal('SIGHUP');
    await sensor.log('rules are loaded again');
    await sensor.send([word('set')]);
    await refused(4);
  });
});
