/** Exceptions in detection: what they cost, who is told, and when a rule is taken out for them. */
import { describe, expect, it } from 'vitest';
import { BUFFER_CODE, RULE } from '../../src/block/rule-block.js';
import { RuleStrikes } from '../../src/block/rule-strikes.js';
import type { DetectorOptions } from '../../src/detect/detector-options.js';
import { MatchQueue, UNIT_KIND } from '../../src/detect/match-queue.js';
import { RuleErrors } from '../../src/detect/rule-errors.js';
import { Sensor } from '../support/detecting.js';
import { FakeStream } from '../support/fake-stream.js';
import { FakeTransaction } from '../support/fake-application.js';
import { ethernet, gre, ipv4, udp } from '../support/packet-builder.js';
import { content, program, type ProgramFields } from '../support/rule-programs.js';

const frame = (text: string): Uint8Array => ethernet({}, ipv4({}, udp({}, text)));
/** Two layers of one frame, a datagram within another one's tunnel, whose headers begin alike. */
const nested = ethernet({}, ipv4({ src: '1.1.1.1' }, gre({}, ipv4({}, udp({}, 'say x')))));

type Told = readonly [message: string, row: number | undefined, isOut: boolean];

/** Rules 1 to 3 look for `x`, or as told; the steps of the second are no steps. */
function broken(
  options: DetectorOptions = {},
  fields: ProgramFields = { payload: [content('x')] },
): {
  readonly sensor: Sensor;
  readonly told: Told[];
  readonly row: number;
} {
  const told: Told[] = [];
  const sensor = new Sensor(
    [1, 2, 3].map((sid) => program({ sid, ...fields })),
    {
      detector: {
        onError: (error, row, isOut) => told.push([(error as Error).message, row, isOut]),
        ...options,
      },
    },
  );
  const { rules } = sensor;
  const row = [0, 1, 2].find((each) => rules.ruleInfo(each).sid === 2)!;
  rules.code[rules.words[rules.rowAt(row) + RULE.buffers] + BUFFER_CODE.end] = 9999;
  return { sensor, told, row };
}

describe('a rule that throws', () => {
  it('does not match for that, and the rules behind it do', () => {
    const { sensor, told, row } = broken();
    expect(sensor.sids(frame('say x'))).toEqual([1, 3]);
    expect(told).toEqual([['no such step: 9999', row, false]]);
    expect(sensor.detector.stats).toMatchObject({ ruleErrors: 1, inspectionErrors: 0, alerts: 2 });
    expect(sensor.sids(frame('nothing'))).toEqual([]);
    expect(sensor.detector.stats.ruleErrors).toBe(1);
  });

  it('is at no rule any more', () => {
    const progress = new Int32Array(1);
    broken({ progress }).sensor.send(frame('say x'));
    expect(progress[0]).toBe(0);
  });

  it('is taken out at the second frame, and told once more', () => {
    const quarantine = new Int32Array(1);
    const { sensor, told, row } = broken({ quarantine });
    for (let i = 0; i < 3; i++) expect(sensor.sids(frame('say x'))).toEqual([1, 3]);
    expect(told.map(([, , isOut]) => isOut)).toEqual([false, true]);
    expect([quarantine[0], sensor.detector.stats.ruleErrors]).toEqual([1 << row, 2]);
  });

  it('is not taken out by one frame, however often it throws there', () => {
    const quarantine = new Int32Array(1);
    const { sensor, told } = broken({ quarantine }, { buffers: [{ buffer: 'ipv4.hdr', matches: [content('E')] }] });
    // The frame's layers have numbers that follow each other.
    let seq = 7;
    const numbered = (packet: { seq: number }): void => void (packet.seq = seq++);
    sensor.send(nested, numbered);
    sensor.send(frame('say x'), (packet) => void (packet.seq = 7));
    expect([sensor.detector.stats.ruleErrors, told.length, quarantine[0]]).toEqual([3, 1, 0]);
  });

  it('has used what it has used of the steps of its packet', () => {
    const { sensor } = broken({ limits: { rule: 10, packet: 2 } });
    expect(sensor.sids(frame('say x'))).toEqual([1]);
    expect(sensor.detector.stepLimit).toBe(1);
  });

  it('is not taken out by what it did on another shard, of the same frame, but by that of another', () => {
    const [quarantine, strikes] = [new Int32Array(1), new Int32Array(3)];
    const shards = [broken({ quarantine, strikes }), broken({ quarantine, strikes })];
    for (const { sensor } of shards) sensor.send(frame('say x'));
    expect([quarantine[0], shards[1].told]).toEqual([0, []]);
    shards[1].sensor.send(frame('say x'));
    expect([quarantine[0], shards[1].told.map(([, , isOut]) => isOut)]).toEqual([1 << shards[0].row, [true]]);
  });
});

describe('exceptions elsewhere', () => {
  it('in what an alert tells of its transaction cost no more than that', () => {
    const errors = new RuleErrors(new RuleStrikes(new Int32Array(1), new Int32Array(1)), () => undefined);
    const queue = new MatchQueue(errors);
    const transaction = new FakeTransaction(new FakeStream(64).arena, 0);
    transaction.eve = () => {
      throw new TypeError('no such field');
    };
    queue.add(0, UNIT_KIND.transaction, 0, transaction);
    expect([queue.text(0), errors.inspections]).toEqual(['', 1]);
  });

  it('cost what was looked at, and no rule', () => {
    const { sensor, told } = broken();
    const { detector } = sensor;
    const inner = detector as unknown as { packets: { inspect: () => void } };
    const { inspect } = inner.packets;
    inner.packets.inspect = () => {
      throw new TypeError('no such buffer');
    };
    expect(sensor.sids(frame('say x'))).toEqual([]);
    inner.packets.inspect = inspect;
    expect(sensor.sids(frame('say x'))).toEqual([1, 3]);
    expect(told[0]).toEqual(['no such buffer', undefined, false]);
    expect(detector.stats).toMatchObject({ ruleErrors: 1, inspectionErrors: 1 });
  });

  it('go on where nobody is told of them, and so does a trap of the kernel', () => {
    expect(() => broken({ onError: undefined }).sensor.send(frame('say x'))).toThrow('no such step: 9999');
    const progress = new Int32Array(1);
    const { sensor } = broken({ progress });
    const inner = sensor.detector as unknown as { verifier: { verify: () => boolean } };
    inner.verifier.verify = () => {
      throw Object.assign(new Error('memory access out of bounds'), { name: 'RuntimeError' });
    };
    expect(() => sensor.send(frame('say x'))).toThrow('memory access out of bounds');
    // Whoever looks for what the shard died at finds the rule.
    expect([1, 2, 3]).toContain(progress[0]);
  });
});
