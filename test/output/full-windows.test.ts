/** That shards hold back nothing that would be written, however far behind them the main thread is. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Threshold, Track } from '../../src/block/terms.js';
import { Packet } from '../../src/decode/packet.js';
import { allocateFullWindows, FullWindows } from '../../src/detect/event/full-windows.js';
import { Thresholder, VERDICT, type AlertSubject } from '../../src/output/threshold.js';
import { ip } from '../support/packet-builder.js';

const GENERATION = 3;
const RULES = 3;
const SECOND = 1e6;
const BEGIN_US = 1_700_000_000 * SECOND;
const TRACKS: readonly Track[] = ['by_rule', 'by_src', 'by_dst', 'by_both', 'by_flow'];

/** A threshold.config with a line about other rules. */
const OTHERS_LINE = { suppressions: [{ gid: 9, sid: 0 }], thresholds: [] };

interface Event {
  readonly rule: number;
  readonly seconds: number;
  readonly src: string;
  readonly dst: string;
  readonly vni: number;
  readonly flowId: number;
  readonly capture: number;
  readonly ipVersion: number;
}

const padded = (address: string): Uint8Array => {
  const bytes = new Uint8Array(16);
  bytes.set(ip(address));
  return bytes;
};

/** Its addresses, where its header has them. */
function packetOf({ seconds, src, dst, vni, capture, ipVersion }: Event): Packet {
  const packet = new Packet();
  packet.bytes = new Uint8Array(40);
  packet.bytes.set(ip(src), ipVersion === 6 ? 8 : 12);
  packet.bytes.set(ip(dst), ipVersion === 6 ? 24 : 16);
  return Object.assign(packet, { timeUs: BEGIN_US + seconds * SECOND, vni, capture, ipVersion });
}

const alertOf = ({ rule, seconds, src, dst, vni, flowId, capture, ipVersion }: Event): AlertSubject => ({
  generation: GENERATION,
  rule,
  gid: 1,
  sid: rule,
  timeUs: BEGIN_US + seconds * SECOND,
  capture,
  flowId,
  vni,
  ipVersion,
  srcPort: 1,
  dstPort: 2,
  srcIp: ipVersion === 0 ? new Uint8Array(16) : padded(src),
  dstIp: ipVersion === 0 ? new Uint8Array(16) : padded(dst),
});

/** A thresholder, and a shard that hears of its full windows where there is memory for them. */
class Path {
  heldBack = 0;
  readonly written: Event[] = [];
  private readonly waiting: Event[] = [];
  private readonly thresholder: Thresholder;
  private readonly shard: FullWindows | undefined;

  constructor(thresholds: readonly Threshold[], vniInKey: boolean, hasLines: boolean, memory?: SharedArrayBuffer) {
    this.thresholder = new Thresholder({ cap: 1000, vniInKey });
    const windows = memory && new FullWindows(memory, GENERATION, vniInKey);
    this.thresholder.configure(
      thresholds.map((threshold, row) => ({ row, gid: 1, sid: row, thresholds: [threshold] })),
      hasLines ? OTHERS_LINE : undefined,
      windows,
    );
    this.shard = memory && new FullWindows(memory, GENERATION, vniInKey);
  }

  /** The shard alerts; the main thread is `behind` alerts behind it. */
  take(event: Event, behind: number): void {
    if (this.shard?.holdBack(event.rule, packetOf(event), event.flowId) === true) this.heldBack++;
    else this.waiting.push(event);
    while (this.waiting.length > behind) this.decide();
  }

  end(): void {
    while (this.waiting.length > 0) this.decide();
  }

  get decidedFiltered(): number {
    return this.thresholder.stats.filtered;
  }

  private decide(): void {
    const event = this.waiting.shift()!;
    if (this.thresholder.decide(alertOf(event)) === VERDICT.write) this.written.push(event);
  }
}

/** The first one of IPv6 begins as that of IPv4 does. */
const HOSTS = { 4: ['10.0.0.0', '10.0.0.1', '10.0.0.2'], 6: ['a00::', '2001:db8::1', '2001:db8::2'] } as const;
const thresholds = fc.array(
  fc.record<Threshold>({
    kind: fc.constantFrom('limit', 'limit', 'both', 'both', 'threshold', 'detection_filter'),
    track: fc.constantFrom(...TRACKS),
    count: fc.integer({ min: 1, max: 3 }),
    seconds: fc.integer({ min: 1, max: 20 }),
  }),
  { minLength: RULES, maxLength: RULES },
);
const events = fc.array(
  fc.record({
    rule: fc.nat(RULES - 1),
    step: fc.oneof(
      { weight: 30, arbitrary: fc.constantFrom(0, 0.05, 0.3, 1) },
      { weight: 3, arbitrary: fc.constantFrom(2, 7) },
      { weight: 2, arbitrary: fc.constantFrom(-0.05, -0.3, -3) },
    ),
    version: fc.constantFrom(4 as const, 6 as const),
    src: fc.nat(2),
    dst: fc.nat(2),
    isIp: fc.integer({ min: 0, max: 20 }),
    vni: fc.constantFrom(-1, 1, 2),
    flowId: fc.constantFrom(0, 1, 2 ** 40 + 1),
    capture: fc.integer({ min: 0, max: 30 }),
    behind: fc.nat(6),
  }),
  { minLength: 20, maxLength: 150 },
);

describe('windows that are full', () => {
  it('hold back what thresholds would hold back, and nothing else, however far behind the main thread is', () => {
    let heldBack = 0;
    fc.assert(
      fc.property(thresholds, events, fc.boolean(), fc.boolean(), (rules, steps, vniInKey, hasLines) => {
        const plain = new Path(rules, vniInKey, hasLines);
        const told = new Path(rules, vniInKey, hasLines, allocateFullWindows(RULES));
        let seconds = 100;
        let capture = 0;
        for (const { rule, step, version, isIp, vni, flowId, behind, ...each } of steps) {
          seconds += step;
          if (each.capture === 0) capture++;
          const [src, dst] = [HOSTS[version][each.src], HOSTS[version][each.dst]];
          const event = { rule, seconds, src, dst, vni, flowId, capture, ipVersion: isIp === 0 ? 0 : version };
          plain.take(event, 0);
          told.take(event, behind);
        }
        told.end();
        expect(told.written).toEqual(plain.written);
        expect(told.decidedFiltered + told.heldBack).toBe(plain.decidedFiltered);
        heldBack += told.heldBack;
      }),
      { numRuns: 500 },
    );
    expect(heldBack).toBeGreaterThan(500);
  });
});

describe('one rule', () => {
  const event: Event = {
    rule: 1,
    seconds: 0,
    src: '10.0.0.1',
    dst: '10.0.0.2',
    vni: 5,
    flowId: 7,
    capture: 0,
    ipVersion: 4,
  };
  const limit: Threshold = { kind: 'limit', track: 'by_src', count: 1, seconds: 10 };

  it('is held back from the alert on that fills the window, to its end', () => {
    const path = new Path([limit, limit], true, false, allocateFullWindows(2));
    for (const seconds of [0, 1, 10, 10.5, 11]) path.take({ ...event, seconds }, 0);
    expect(path.written.map(({ seconds }) => seconds)).toEqual([0, 10.5]);
    expect(path.heldBack).toBe(3);
  });

  it('is held back from its second window on where threshold.config has lines', () => {
    const path = new Path([limit, limit], true, true, allocateFullWindows(2));
    for (const seconds of [0, 1, 11, 12, 13]) path.take({ ...event, seconds }, 0);
    expect(path.written.map(({ seconds }) => seconds)).toEqual([0, 11]);
    expect(path.heldBack).toBe(2);
  });

  it('of another generation is left to the main thread', () => {
    const memory = allocateFullWindows(2);
    const windows = new FullWindows(memory, GENERATION + 1, true);
    const thresholder = new Thresholder({ cap: 10, vniInKey: true });
    thresholder.configure([{ row: 1, gid: 1, sid: 1, thresholds: [limit] }], undefined, windows);
    for (let i = 0; i < 3; i++) thresholder.decide(alertOf(event));
    expect(windows.holdBack(1, packetOf(event), 7)).toBe(false);
  });

  it.each<[string, Partial<Threshold>]>([
    ['threshold', { kind: 'threshold', count: 2 }],
    ['detection_filter', { kind: 'detection_filter' }],
    ['backoff', { kind: 'backoff', multiplier: 2 }],
  ])('with %s is not held back: each match counts', (_, changes) => {
    const threshold = { ...limit, ...changes };
    const path = new Path([threshold, threshold], true, false, allocateFullWindows(2));
    for (let i = 0; i < 9; i++) path.take(event, 0);
    expect(path.heldBack).toBe(0);
  });
});
