/** Tenants, end to end: the mirror session of a packet says whose HOME_NET it is, in every shard. */
import { afterAll, expect, it } from 'vitest';
import { ipv4, tcp, TCP_FLAG, udp } from '../support/packet-builder.js';
import { Recording } from '../support/recording.js';
import { Folder, parseEvents, periscope } from '../support/sensor.js';
import { mirrored, pcapOf } from './traffic.js';

const folder = new Folder();
afterAll(() => folder.remove());

const RULES = [
  'alert udp $EXTERNAL_NET any -> $HOME_NET $PORTS (msg:"packet"; content:"knock"; sid:1;)',
  'alert tcp $EXTERNAL_NET any -> $HOME_NET $PORTS (msg:"stream"; flow:established; content:"knock"; sid:2;)',
  'alert http $EXTERNAL_NET any -> $HOME_NET any (msg:"transaction"; http.uri; content:"knock"; sid:3;)',
];
const CLIENT = '10.2.0.1';
const SERVER = '10.1.0.1';

const recording = new Recording();
const { syn, ack } = TCP_FLAG;
/** The same connections between the same hosts in each session. */
for (const vni of [1, 2, 3]) {
  const send = (toServer: boolean, flags: number, seq: number, acked: number, data = ''): void => {
    const [src, dst, srcPort, dstPort] = toServer ? [CLIENT, SERVER, 4000, 80] : [SERVER, CLIENT, 80, 4000];
    recording.add(mirrored(vni, ipv4({ src, dst }, tcp({ srcPort, dstPort, seq, ack: acked, flags }, data))));
  };
  const request = 'GET /knock HTTP/1.1\r\nHost: a\r\n\r\n';
  recording.add(mirrored(vni, ipv4({ src: CLIENT, dst: SERVER }, udp({ srcPort: 4000, dstPort: 80 }, 'knock'))));
  send(true, syn, 100, 0);
  send(false, syn | ack, 500, 101);
  send(true, ack, 101, 501);
  send(true, ack, 101, 501, request);
  send(false, ack, 501, 101 + request.length);
}

it('reads rules with the variables of the session', async () => {
  const capture = folder.write('all.pcap', pcapOf(recording));
  const rules = folder.write('all.rules', RULES.join('\n'));
  const config = folder.write(
    'periscope.yaml',
    `rules: ${rules}
workers: 2
vars: {HOME_NET: 10.9.0.0/16, PORTS: any}
vni:
  tenants:
    shop: {vnis: [1], vars: {HOME_NET: 10.1.0.0/16}}
    billing: {vnis: [2], vars: {HOME_NET: 10.1.0.0/16, PORTS: 443}}
`,
  );
  const { status, stdout } = await periscope(['read', capture, '--config', config]);
  expect(status).toBe(0);
  const events = parseEvents(stdout) as unknown as { tunnel: { vni: number }; alert: { signature_id: number } }[];
  const found = events.map(({ tunnel, alert }) => `${tunnel.vni}:${alert.signature_id}`);
  expect(found.sort()).toEqual(['1:1', '1:2', '1:3', '2:3']);
});
