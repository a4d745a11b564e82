/** Events of transactions: what an exception in the making of one costs. */
import { expect, it } from 'vitest';
import { ApplicationStats } from '../../src/app/application-stats.js';
import { applicationId } from '../../src/app/applications.js';
import { Flow } from '../../src/flow/flow.js';
import { TransactionLog } from '../../src/shard/transaction-log.js';
import { segment } from '../flow/packet-of.js';
import { AlertList } from '../support/detecting.js';
import { FakeTransaction } from '../support/fake-application.js';
import { FakeStream } from '../support/fake-stream.js';

it('loses an event whose making throws, tells it, and leaves the packet as it was', () => {
  const { arena } = new FakeStream(64);
  const stats = new ApplicationStats();
  const told: string[] = [];
  const options = { communityIdSeed: undefined, packetBytes: 0, vniNames: {}, captureName: undefined };
  const log = new TransactionLog(new AlertList(), stats, ['dns'], options, (application, error) =>
    told.push(`${application}: ${(error as Error).message}`),
  );
  const packet = segment('>', 'A', {});
  const ports = [packet.srcPort, packet.dstPort];
  const transaction = new FakeTransaction(arena, 0);
  transaction.direction = 1;
  transaction.eve = () => {
    throw new TypeError('no such field');
  };
  log.begin(packet, new Flow(arena), 0);
  log.done(transaction, applicationId('dns'));
  expect(told).toEqual(['dns: no such field']);
  expect([packet.srcPort, packet.dstPort]).toEqual(ports);
  const of = (count: Parameters<typeof stats.get>[0]): number => stats.get(count, applicationId('dns'));
  expect([of('events'), of('eventsDropped'), of('parserErrors')]).toEqual([0, 1, 1]);
});
