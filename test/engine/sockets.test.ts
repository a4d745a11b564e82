/** How datagrams can come in: several sockets, dgram, IPv6, GENEVE; and addresses that cannot be had. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import {
  ethernet,
  fragmentIpv4,
  geneve,
  geneveOption,
  ipv4,
  ipv6,
  tcp,
  TCP_FLAG,
  udp,
  vxlan,
} from '../support/packet-builder.js';
import { Folder, freeUdpPort, periscope, Sensor, type SensorOptions } from '../support/sensor.js';
import { HAS_IPV6, sendAll } from '../support/udp.js';

const RULES = [
  'alert tcp any any -> any 80 (msg:"in an established connection"; flow:established,to_server; content:"needle"; sid:1;)',
  'alert udp any any -> any any (msg:"seen"; content:"needle"; sid:2;)',
  '',
].join('\n');

let sensor: Sensor | undefined;
const start = async (options: SensorOptions = {}): Promise<Sensor> =>
  (sensor = await Sensor.start({ rules: RULES, ...options }));
afterEach(async () => {
  await sensor?.stop();
  sensor = undefined;
});

const datagram = (host: number, text = 'a needle'): Uint8Array =>
  ethernet({}, ipv4({ src: `10.0.0.${host}`, dst: '10.0.1.1', id: host }, udp({ srcPort: 1000, dstPort: 53 }, text)));

/**
 * The packets of a connection, either direction, each to be sent from a port of its own as a mirrored interface does.
 */
function connection(client: string): Uint8Array[] {
  const toServer = (fields: object, text = ''): Uint8Array =>
    ipv4({ src: client, dst: '10.0.9.9' }, tcp({ srcPort: 5000, dstPort: 80, ...fields }, text));
  const toClient = (fields: object): Uint8Array =>
    ipv4({ src: '10.0.9.9', dst: client }, tcp({ srcPort: 80, dstPort: 5000, ...fields }));
  return [
    toServer({ seq: 100, ack: 0, flags: TCP_FLAG.syn }),
    toClient({ seq: 900, ack: 101, flags: TCP_FLAG.syn | TCP_FLAG.ack }),
    toServer({ seq: 101, ack: 901, flags: TCP_FLAG.ack }),
    toServer({ seq: 101, ack: 901 }, 'a needle'),
  ].map((packet) => vxlan({ vni: 5 }, ethernet({}, packet)));
}

describe('several sockets on one port', () => {
  it('bring both directions of a flow, and all fragments of a datagram, to one state', async () => {
    const port = await freeUdpPort();
    // Without midstream pick-up a connection is established only if its whole handshake met in one place.
    const running = await start({
      listen: [`127.0.0.1:${port}`],
      settings: { sockets: 2, workers: 2, 'stream.midstream': 'false' },
    });
    expect(running.sockets.map((socket) => socket.port)).toEqual([port, port]);
    const hosts = Array.from({ length: 24 }, (_, i) => `10.0.0.${i + 1}`);
    const steps = [0, 1, 2, 3];
    let sent = 0;
    for (const step of steps) {
      // Every packet comes from another port. A step is done before the next one, as sockets have no order between
      // them.
      for (const host of hosts) await running.send([connection(host)[step]!]);
      sent += hosts.length;
      await running.settled(sent);
    }
    const alerts = await running.alerts(hosts.length);
    expect(alerts.map(({ src_ip, alert }) => `${alert.signature_id} ${src_ip}`).toSorted()).toEqual(
      hosts.map((host) => `1 ${host}`).toSorted(),
    );
    for (let host = 1; host <= 12; host++) {
      const whole = ipv4({ src: `10.0.2.${host}`, dst: '10.0.1.1', id: host }, udp({}, `${'x'.repeat(1000)}needle`));
      for (const fragment of fragmentIpv4(whole, 500)) await running.send([vxlan({ vni: 5 }, ethernet({}, fragment))]);
    }
    const metrics = await running.settled(sent + 36);
    expect(metrics.get('reassembled_datagrams_total')).toBe(12);
    expect((await running.alerts(hosts.length + 12)).length).toBe(hosts.length + 12);
  });

  it('are one where they cannot share it, and that is said', async () => {
    const running = await start({ settings: { sockets: 3, receiveMethod: 'dgram' } });
    expect(running.sockets).toHaveLength(1);
    expect(running.logs.map(({ msg }) => msg)).toContain(
      'one socket instead of 3: several cannot share a port with receiveMethod=dgram',
    );
  });
});

describe('other ways in', () => {
  it('dgram is taken when asked for, with the reason in one log line', async () => {
    const running = await start({ settings: { receiveMethod: 'dgram' } });
    expect(running.logs.filter(({ msg }) => msg.includes('dgram'))).toMatchObject([
      {
        level: 'info',
        msg: 'receiving one datagram at a time through dgram',
        reason: 'asked for by the configuration',
      },
    ]);
    expect((await running.metrics()).get('receive_method_info', 'method="dgram"')).toBe(1);
    await running.send(Array.from({ length: 20 }, (_, i) => vxlan({ vni: 1 }, datagram(i + 1))));
    expect((await running.settled(20)).balance).toEqual({ received: 20, inspected: 20, dropped: 0, pending: 0 });
    expect(await running.alerts(20)).toHaveLength(20);
  });

  it.runIf(HAS_IPV6)("IPv6, with the mirror's addresses in events", async () => {
    const running = await start({ listen: ['[::1]:0'] });
    await running.send([vxlan({ vni: 6 }, ethernet({}, ipv6({ src: 'fd00::1', dst: 'fd00::2' }, udp({}, 'needle'))))]);
    const [alert] = await running.alerts(1);
    expect(alert).toMatchObject({
      src_ip: 'fd00:0000:0000:0000:0000:0000:0000:0001',
      tunnel: { vni: 6, src_ip: '0000:0000:0000:0000:0000:0000:0000:0001', dest_port: running.sockets[0]!.port },
    });
    expect(
      (await running.metrics()).get('receive_buffer_bytes', `address="[::1]:${running.sockets[0]!.port}"`),
    ).toBeGreaterThan(0);
  });

  it.runIf(HAS_IPV6).each(['auto', 'dgram'])(
    'IPv4 and IPv6 on one port, a socket for each (%s)',
    async (receiveMethod) => {
      const port = await freeUdpPort();
      for (const listen of [
        [`0.0.0.0:${port}`, `[::]:${port}`],
        [`[::]:${port}`, `127.0.0.1:${port}`],
      ]) {
        const running = await start({ listen, settings: { receiveMethod } });
        await sendAll(port, [vxlan({ vni: 1 }, datagram(1))], '127.0.0.1');
        await sendAll(port, [vxlan({ vni: 2 }, datagram(2))], '::1');
        const alerts = (await running.alerts(2)).toSorted((a, b) => a.tunnel!.vni! - b.tunnel!.vni!);
        const told = receiveMethod === 'auto';
        expect(alerts.map(({ tunnel }) => [tunnel!.vni, tunnel!.dest_ip])).toEqual([
          [1, told || listen.includes(`127.0.0.1:${port}`) ? '127.0.0.1' : '0.0.0.0'],
          [2, `0000:0000:0000:0000:0000:0000:0000:000${told ? 1 : 0}`],
        ]);
        await running.stop();
      }
    },
  );

  it('GENEVE, around a packet and around VXLAN as a Gateway Load Balancer delivers it', async () => {
    const running = await start({ settings: { 'geneve.listen': '127.0.0.1:0' } });
    expect(running.sockets).toHaveLength(2);
    const options = geneveOption(0x0108, 1, [1, 2, 3, 4, 5, 6, 7, 8]);
    const inVxlan = ipv4(
      { src: '192.0.2.1', dst: '192.0.2.2' },
      udp({ srcPort: 65_500, dstPort: 4789, checksum: 0 }, vxlan({ vni: 42 }, datagram(2))),
    );
    await running.send(
      [geneve({ vni: 7, options }, datagram(1)), geneve({ vni: 0, options }, inVxlan), Uint8Array.of(0)],
      1,
    );
    await running.send([vxlan({ vni: 8 }, datagram(3))], 0);
    const metrics = await running.settled(4);
    expect(metrics.drops).toEqual({ 'decapsulate.geneve_truncated_header': 1 });
    const alerts = await running.alerts(3);
    const tunnels = alerts.map(({ src_ip, tunnel }) => [src_ip, tunnel?.vni, tunnel?.depth]).toSorted();
    expect(tunnels).toEqual([
      ['10.0.0.1', 7, 1],
      ['10.0.0.2', 42, 2],
      ['10.0.0.3', 8, 1],
    ]);
  });
});

describe('an address that cannot be had', () => {
  const folder = new Folder();
  const rules = folder.write('test.rules', RULES);
  afterAll(() => folder.remove());
  const run = (listen: string, admin: string): ReturnType<typeof periscope> =>
    periscope([
      'run',
      '--rules',
      rules,
      '--listen',
      listen,
      '--admin',
      admin,
      '--eve',
      folder.at('eve.json'),
      '--workers',
      '1',
    ]);

  it('is named with what to do when the UDP port is in use: status 3', async () => {
    const other = createSocket('udp4').bind(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address();
    const { status, stderr } = await run(`127.0.0.1:${port}`, '127.0.0.1:0');
    other.close();
    expect(status).toBe(3);
    expect(stderr).toContain(
      `cannot listen on UDP 127.0.0.1:${port} (EADDRINUSE): another program has the port; stop it`,
    );
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  it('is not shared with a sensor that has several sockets on the port: status 3', async () => {
    const port = await freeUdpPort();
    await start({ listen: [`127.0.0.1:${port}`], settings: { sockets: 2 } });
    const { status, stderr } = await periscope([
      'run',
      '--rules',
      rules,
      '--listen',
      `127.0.0.1:${port}`,
      '--admin',
      'off',
      '--workers',
      '1',
      '--set',
      'sockets=2',
    ]);
    expect(status).toBe(3);
    expect(stderr).toContain(`cannot listen on UDP 127.0.0.1:${port} (EADDRINUSE)`);
  });

  it('is named when the admin port is in use: status 3', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { status, stderr } = await run('127.0.0.1:0', `127.0.0.1:${port}`);
    other.close();
    expect(status).toBe(3);
    expect(stderr).toContain(`127.0.0.1:${port} is in use: another sensor, or set another address with --admin`);
  });

  it.each([
    ['not of this machine', '192.0.2.77:4789', 3, 'this machine does not have the address; use 0.0.0.0 or [::]'],
    ['no address', 'nowhere', 2, 'nowhere is not allowed, expected a list of ADDRESS:PORT'],
    ['a name', 'localhost:4789', 3, 'not an IPv4 or IPv6 address; write 0.0.0.0:4789'],
  ])('is named when it is %s', async (_, listen, expected, message) => {
    const { status, stderr } = await run(listen, 'off');
    expect(stderr).toContain(message);
    expect(status).toBe(expected);
  });
});
