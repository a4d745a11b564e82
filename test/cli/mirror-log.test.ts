/** Troubles of the mirror are told once when they begin, and once when they are over; a minute at a time. */
import { beforeEach, describe, expect, it } from 'vitest';
import { MIRROR_DEFAULTS } from '../../src/config/mirror-settings.js';
import { MirrorLog, type MirrorFigures, type MirrorTotals } from '../../src/cli/mirror-log.js';

const WALL = 1_800_000_000_000;
const QUIET: MirrorTotals = {
  packets: 0,
  bytes: 0,
  gapBytes: 0,
  cutPackets: 0,
  connections: 0,
  oneSided: 0,
  repeated: 0,
};
let lines: [string, Record<string, unknown>][];
let log: MirrorLog;
beforeEach(() => {
  lines = [];
  const tell =
    (level: string) =>
    (details: object): void =>
      void lines.push([level, details as Record<string, unknown>]);
  log = new MirrorLog({ warn: tell('warn'), info: tell('info') }, 0);
});
const look = (minute: number, totals: Partial<MirrorTotals>, more: Partial<MirrorFigures> = {}): void =>
  log.look(
    () => ({ totals: { ...QUIET, ...totals }, sessions: [], named: [], ...more }),
    minute * 60_000,
    WALL + minute * 60_000,
  );

describe('MirrorLog', () => {
  it.each([
    ['upstream', { bytes: 990, gapBytes: 9 }, { bytes: 990, gapBytes: 11 }, 1.1],
    ['cut', { packets: 1000, cutPackets: 9 }, { packets: 1000, cutPackets: 10 }, 1],
    ['one_sided', { connections: 100, oneSided: 19 }, { connections: 100, oneSided: 20 }, 20],
    ['twice', { packets: 1000, repeated: 199 }, { packets: 1000, repeated: 200 }, 20],
  ])('tells of %s from its share on, and of its end', (name, below, above, percent) => {
    const sum = (times: number, of: Partial<MirrorTotals>, base: Partial<MirrorTotals>): Partial<MirrorTotals> =>
      Object.fromEntries(
        Object.entries(of).map(([key, value]) => [key, (base[key as keyof MirrorTotals] ?? 0) + times * value]),
      );
    look(1, below);
    expect(lines).toEqual([]);
    const first = sum(1, above, below);
    look(2, first);
    look(3, sum(2, above, below));
    look(4, sum(1, below, sum(2, above, below)));
    expect(lines.map(([level, details]) => [level, details.mirror])).toEqual([
      ['warn', name],
      ['info', name],
    ]);
    expect(lines[0]![1].percent).toBe(percent);
  });

  it('names the sessions that show a direction each, by the last minute', () => {
    const halves = (seven: number, eight: number): Partial<MirrorFigures> => ({
      halves: [
        { vni: 7, packets: seven },
        { vni: 8, packets: eight },
        { vni: 9, packets: 5 },
      ],
    });
    look(1, { connections: 100 }, halves(10, 10));
    look(2, { connections: 200, oneSided: 90 }, halves(50, 55));
    expect(lines[0]![1]).toMatchObject({
      mirror: 'one_sided',
      vnis: [
        { vni: 8, halves: 45 },
        { vni: 7, halves: 40 },
      ],
    });
  });

  it('names the sessions that have missed most in the last minute', () => {
    look(1, { bytes: 1000 }, { losses: [{ vni: 7, bytes: 900 }] });
    look(
      2,
      { bytes: 2000, gapBytes: 600 },
      {
        losses: [
          { vni: 7, bytes: 1000 },
          { vni: 8, bytes: 500 },
          { vni: 9, bytes: 0 },
        ],
      },
    );
    expect(lines[0]![1]).toMatchObject({
      mirror: 'upstream',
      vnis: [
        { vni: 8, bytes: 500 },
        { vni: 7, bytes: 100 },
      ],
    });
  });

  it('goes by the thresholds of the configuration', () => {
    const told: unknown[] = [];
    const strict = new MirrorLog({ warn: (line) => void told.push(line), info: () => undefined }, 0, {
      ...MIRROR_DEFAULTS,
      upstreamPercent: 50,
      cutPercent: 50,
      unheardSeconds: 60,
    });
    const totals = { ...QUIET, packets: 1000, cutPackets: 400, bytes: 1000, gapBytes: 900 };
    strict.look(() => ({ totals, sessions: [], named: ['7'] }), 60_000, WALL);
    expect(told).toEqual([{ vni: 7 }]);
  });

  it('reads figures by the minute', () => {
    let reads = 0;
    const read = (): MirrorFigures => {
      reads++;
      return { totals: QUIET, sessions: [], named: [] };
    };
    for (let second = 0; second <= 150; second++) log.look(read, second * 1000, WALL + second * 1000);
    expect(reads).toBe(2);
  });

  it('says nothing of few connections', () => {
    look(1, { connections: 19, oneSided: 19, packets: 999, repeated: 900 });
    expect(lines).toEqual([]);
  });

  it('tells of sessions that fall silent, and that are heard again; not of strays', () => {
    const session = (packets: number, minute: number) => [
      { vni: 42, packets, lastSeenUs: (WALL + minute * 60_000) * 1000 },
    ];
    look(29, {}, { sessions: session(5000, 0) });
    expect(lines).toEqual([]);
    look(31, {}, { sessions: session(999, 0) });
    look(33, {}, { sessions: session(5000, 0) });
    look(35, {}, { sessions: session(5000, 0) });
    look(37, {}, { sessions: session(5001, 36) });
    expect(lines).toEqual([
      ['warn', { vni: 42, minutes: 33 }],
      ['info', { vni: 42 }],
    ]);
  });

  it('tells of named sessions that are never heard', () => {
    const sessions = [{ vni: 7, packets: 1, lastSeenUs: WALL * 1000 }];
    look(9, {}, { sessions, named: ['7', '8'] });
    expect(lines).toEqual([]);
    look(11, {}, { sessions, named: ['7', '8'] });
    look(13, {}, { sessions, named: ['7', '8'] });
    look(15, {}, { sessions: [...sessions, { ...sessions[0]!, vni: 8 }], named: ['7', '8'] });
    expect(lines).toEqual([
      ['warn', { vni: 8 }],
      ['info', { vni: 8 }],
    ]);
  });

  it('does not say of a session that it was never heard, as it was forgotten', () => {
    const sessions = [{ vni: 8, packets: 1, lastSeenUs: WALL * 1000 }];
    look(1, {}, { sessions, named: ['8'] });
    look(400, {}, { named: ['8'] });
    expect(lines).toEqual([]);
  });

  it('tells of steps of the clock, not of its drift', () => {
    const figures = () => ({ totals: QUIET, sessions: [], named: [] });
    let wall = WALL;
    for (let second = 0; second < 10; second++) log.look(figures, second * 1000, (wall += 1000.5));
    expect(log.clockSteps).toBe(0);
    log.look(figures, 10_000, wall - 3_600_000);
    log.look(figures, 11_000, wall - 3_600_000 + 1000);
    expect(lines).toEqual([['warn', { seconds: -3601 }]]);
    expect(log.clockSteps).toBe(1);
  });
});
