/** A running sensor and those who can reach its admin port: they take neither its descriptors nor its time. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ethernet, ipv4, udp, vxlan } from '../support/packet-builder.js';
import { Metrics, Sensor } from '../support/sensor.js';

const RULES = 'alert udp any any -> any any (msg:"seen"; content:"needle"; sid:1;)\n';
const needle = (host: number): Uint8Array =>
  vxlan(
    { vni: 3 },
    ethernet({}, ipv4({ src: `10.0.0.${host}`, dst: '10.0.1.1' }, udp({ srcPort: 1000, dstPort: 53 }, 'needle'))),
  );

let sensor: Sensor | undefined;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await sensor?.stop('SIGKILL');
});

async function dial(port: number, text = ''): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
    .on('error', () => undefined)
    .resume();
  sockets.push(socket);
  await once(socket, 'connect');
  if (text !== '') socket.write(text);
  return socket;
}

describe('the admin port of a running sensor', () => {
  it('leaves descriptors for reloads and health checks, however many connections are held', async () => {
    sensor = await Sensor.start({ rules: RULES, descriptors: 208 });
    for (let i = 0; i < 256; i++) await dial(sensor.adminPort);
    expect((await sensor.get('/healthz')).status).toBe(200);
    sensor.signal('SIGHUP');
    await sensor.log('rules are loaded again');
    expect((await sensor.get('/readyz')).status).toBe(200);
    const metrics = new Metrics(await (await sensor.get('/metrics')).text());
    expect(metrics.get('admin_refused_total', 'reason="connections"')).toBeGreaterThan(200);
    expect(metrics.get('reloads_total', 'result="failure"')).toBe(0);
    await sensor.send([needle(1)]);
    expect(await sensor.alerts(1)).toHaveLength(1);
  });

  it('goes on while others send thousands of requests without waiting', async () => {
    const running = (sensor = await Sensor.start({ rules: RULES }));
    const flood = 'GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(2000);
    for (let round = 1; round <= 5; round++) {
      const strangers = await Promise.all(Array.from({ length: 4 }, () => dial(running.adminPort, flood)));
      await running.send([needle(round)]);
      await running.alerts(round);
      await Promise.all(
        strangers.map((socket) => socket.destroyed || new Promise((resolve) => socket.once('close', resolve))),
      );
    }
    expect((await running.metrics()).get('admin_refused_total', 'reason="pipelining"')).toBe(20);
    expect((await running.get('/healthz')).status).toBe(200);
  });
});
