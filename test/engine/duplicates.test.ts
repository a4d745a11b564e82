/** Connections mirrored at both ends: inspected once, counted, and alerts that name every mirror session. */
import { afterEach, expect, it } from 'vitest';
import { ethernet, ipv4, tcp, TCP_FLAG, vxlan } from '../support/packet-builder.js';
import { Sensor, until } from '../support/sensor.js';

let sensor: Sensor;
afterEach(async () => {
  await sensor.stop();
});

const RULE = 'alert tcp any any -> any any (msg:"seen"; content:"needle"; sid:1;)\n';
const segment = (flags: number, seq: number, id: number, text = ''): Uint8Array =>
  ethernet({}, ipv4({ src: '10.0.0.1', dst: '10.0.1.1', id }, tcp({ srcPort: 40_000, dstPort: 80, flags, seq }, text)));

it('shows one alert of a connection that two sessions of a group show', async () => {
  sensor = await Sensor.start({ rules: RULE, settings: { 'vni.groups': '{shop: [42, 43]}' } });
  const packets = [
    segment(TCP_FLAG.syn, 1, 1),
    segment(TCP_FLAG.ack, 2, 2, 'a needle'),
    segment(TCP_FLAG.ack | TCP_FLAG.fin, 10, 3),
  ];
  await sensor.send(packets.flatMap((packet) => [42, 43].map((vni) => vxlan({ vni }, packet))));
  const [alert] = await sensor.alerts(1);
  expect(alert!.tunnel).toMatchObject({ vni: 42, vnis: [42, 43] });
  await until('all copies are counted', async () => (await sensor.metrics()).get('duplicate_packets_total') === 3);
  expect((await sensor.alerts(1)).length).toBe(1);
});
