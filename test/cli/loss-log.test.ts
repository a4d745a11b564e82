/** Losses are told of at their beginning and at their end, once each, whatever goes on between. */
import { expect, it } from 'vitest';
import { LossLog } from '../../src/cli/loss-log.js';
import { ethernet, ipv4, udp, vxlan } from '../support/packet-builder.js';
import { Sensor } from '../support/sensor.js';

it('says once that a loss begins, and once that it is over, with its sum and time', () => {
  const lines: string[] = [];
  const tell = (details: object, message: string): void => {
    lines.push(`${JSON.stringify(details)} ${message.slice(0, 12)}`);
  };
  const log = new LossLog({ warn: tell, info: tell });
  const ring = [0, 0, 5, 9, 9, 9, 9, 9, 9, 20, ...new Array<number>(20).fill(20), 21];
  for (const [second, count] of ring.entries()) {
    log.look(
      { 'ring.full': count, 'overload.new_flow': count, 'decapsulate.not_vxlan': second * 100, 'filter.port': second },
      second * 1000,
    );
  }
  expect(lines).toEqual([
    '{"reason":"overload","packets":10} an overload ',
    '{"reason":"overload","packets":40,"ofNewFlows":20,"ofKnownFlows":0,"ofFullRings":20,"seconds":7} the overload',
    '{"reason":"overload","packets":2} an overload ',
  ]);
});

it('tells of each reason by itself', () => {
  const reasons: unknown[] = [];
  const tell = (details: object): void => void reasons.push((details as { reason: string }).reason);
  const log = new LossLog({ warn: tell, info: tell });
  log.look({ 'socket.kernel': 3 }, 0);
  log.look({ 'socket.kernel': 3, 'ring.full': 1 }, 1000);
  for (let second = 2; second < 30; second++) log.look({ 'socket.kernel': 3, 'ring.full': 1 }, second * 1000);
  expect(reasons).toEqual(['socket.kernel', 'overload', 'socket.kernel', 'overload']);
});

it.runIf(process.platform === 'linux')('is in the log of a sensor that the kernel drops packets of', async () => {
  const sensor = await Sensor.start({ settings: { receiveBufferBytes: 4096 } });
  try {
    const datagram = vxlan({ vni: 1 }, ethernet({}, ipv4({}, udp({}, 'x'.repeat(1000)))));
    sensor.signal('SIGSTOP');
    await sensor.send(Array.from({ length: 200 }, () => datagram));
    sensor.signal('SIGCONT');
    const line = await sensor.log('the kernel drops packets');
    expect(line).toMatchObject({ level: 'warn', reason: 'socket.kernel' });
    expect(Number(line.packets)).toBeGreaterThan(0);
  } finally {
    sensor.signal('SIGCONT');
    await sensor.stop();
  }
});
