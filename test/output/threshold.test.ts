import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Thresholder,
  VERDICT,
  type AlertSubject,
  type RuleThresholds,
  type ThresholderOptions,
} from '../../src/output/threshold.js';
import type { Suppression, Threshold, ThresholdConfig } from '../../src/block/terms.js';
import { ip } from '../support/packet-builder.js';

const SECOND = 1e6;
const address = (text: string): Uint8Array =>
  Uint8Array.from([...ip(text), ...new Array<number>(12).fill(0)].slice(0, 16));

interface AlertFields extends Partial<Omit<AlertSubject, 'srcIp' | 'dstIp' | 'timeUs'>> {
  seconds?: number;
  src?: string;
  dst?: string;
}
function alert({ seconds = 0, src = '10.0.0.1', dst = '10.0.0.2', ...fields }: AlertFields = {}): AlertSubject {
  return {
    generation: 1,
    rule: 0,
    gid: 1,
    sid: 1,
    capture: 0,
    flowId: 7,
    vni: -1,
    ipVersion: src.includes(':') ? 6 : 4,
    srcPort: 1000,
    dstPort: 80,
    timeUs: seconds * SECOND,
    srcIp: address(src),
    dstIp: address(dst),
    ...fields,
  };
}

function thresholder(
  thresholds: readonly Threshold[] = [],
  config: Partial<ThresholdConfig> = {},
  options: Partial<ThresholderOptions> = {},
): Thresholder {
  const made = new Thresholder({ cap: 1000, vniInKey: true, ...options });
  made.configure([{ row: 0, gid: 1, sid: 1, thresholds }], { suppressions: [], thresholds: [], ...config });
  return made;
}
const writes = (subject: Thresholder, alerts: readonly AlertSubject[]): boolean[] =>
  alerts.map((each) => subject.decide(each) === VERDICT.write);
const times = (count: number, fields: AlertFields = {}, step = 1): AlertSubject[] =>
  Array.from({ length: count }, (_, i) => alert({ ...fields, seconds: (fields.seconds ?? 0) + i * step }));
const pattern = (text: string): boolean[] => [...text].map((sign) => sign === 'x');

describe('kinds', () => {
  it.each<[string, Partial<Threshold>, string]>([
    ['limit: the first ones', { kind: 'limit', count: 3, seconds: 60 }, 'xxx.....'],
    ['limit: again in the next window', { kind: 'limit', count: 1, seconds: 3 }, 'x...x...'],
    ['threshold: every third', { kind: 'threshold', count: 3, seconds: 60 }, '..x..x..'],
    ['threshold: the count starts anew with the window', { kind: 'threshold', count: 3, seconds: 1 }, '........'],
    ['threshold of 1: all', { kind: 'threshold', count: 1, seconds: 1 }, 'xxxxxxxx'],
    ['both: the third, once', { kind: 'both', count: 3, seconds: 60 }, '..x.....'],
    ['both: once per window', { kind: 'both', count: 2, seconds: 3 }, '.x...x..'],
    ['both of 1', { kind: 'both', count: 1, seconds: 3 }, 'x...x...'],
    ['detection_filter: after the first three', { kind: 'detection_filter', count: 3, seconds: 60 }, '...xxxxx'],
    ['detection_filter: per window', { kind: 'detection_filter', count: 2, seconds: 3 }, '..xx..xx'],
    ['backoff: 1, 2, 4, 8', { kind: 'backoff', count: 1, seconds: 0, multiplier: 2 }, 'xx.x...x'],
    ['backoff: 2, 6', { kind: 'backoff', count: 2, seconds: 0, multiplier: 3 }, '.x...x..'],
    ['backoff by 1: all from the first on', { kind: 'backoff', count: 3, seconds: 0, multiplier: 1 }, '..xxxxxx'],
  ])('%s', (_, fields, expected) => {
    const threshold = { kind: 'limit', track: 'by_src', count: 1, seconds: 1, ...fields } as Threshold;
    expect(writes(thresholder([threshold]), times(8))).toEqual(pattern(expected));
  });

  // What Suricata does with eight echo requests: its own test cases detection_filter-rule-*.
  it.each([
    [1, 7],
    [2, 6],
    [4, 4],
    [7, 1],
    [8, 0],
  ])('detection_filter of %i lets %i of 8 pass', (count, passed) => {
    for (const track of ['by_flow', 'by_src'] as const) {
      const subject = thresholder([{ kind: 'detection_filter', track, count, seconds: 3600 }]);
      expect(writes(subject, times(8)).filter(Boolean)).toHaveLength(passed);
      expect(subject.stats.filtered).toBe(8 - passed);
    }
  });

  it('detection_filter counts different ports with unique_on, and starts anew with the window', () => {
    const filter: Threshold = {
      kind: 'detection_filter',
      track: 'by_dst',
      count: 2,
      seconds: 10,
      uniqueOn: 'dst_port',
    };
    const ports = [80, 80, 81, 81, 82, 80, 82];
    expect(
      writes(
        thresholder([filter]),
        ports.map((dstPort, i) => alert({ dstPort, seconds: i })),
      ),
    ).toEqual(pattern('....xxx'));
    expect(
      writes(
        thresholder([filter]),
        [80, 81, 82, 80].map((dstPort, i) => alert({ dstPort, seconds: i * 5 })),
      ),
    ).toEqual(pattern('..x.'));
    expect(
      writes(
        thresholder([{ ...filter, uniqueOn: 'src_port' }]),
        ports.map((dstPort) => alert({ dstPort })),
      ),
    ).toEqual(pattern('.......'));
  });

  it('counts the last moment of a window as in it', () => {
    const limit: Threshold = { kind: 'limit', track: 'by_src', count: 1, seconds: 10 };
    expect(writes(thresholder([limit]), [alert(), alert({ seconds: 10 }), alert({ seconds: 10.000001 })])).toEqual(
      pattern('x.x'),
    );
  });
});

describe('track', () => {
  const limit = (track: Threshold['track']): Threshold[] => [{ kind: 'limit', track, count: 1, seconds: 60 }];
  it.each<[Threshold['track'], AlertFields, boolean]>([
    ['by_src', { dst: '10.0.0.9' }, false],
    ['by_src', { src: '10.0.0.9' }, true],
    ['by_dst', { src: '10.0.0.9' }, false],
    ['by_dst', { dst: '10.0.0.9' }, true],
    ['by_both', { src: '10.0.0.2', dst: '10.0.0.1' }, false],
    ['by_both', { dst: '10.0.0.9' }, true],
    ['by_rule', { src: '1.1.1.1', dst: '2.2.2.2', flowId: 9, vni: 5 }, false],
    ['by_rule', { sid: 2 }, true],
    ['by_rule', { gid: 2 }, true],
    ['by_flow', { src: '1.1.1.1' }, false],
    ['by_flow', { flowId: 8 }, true],
    ['by_src', { vni: 5 }, true],
    ['by_both', { vni: 5 }, true],
    // The first four bytes of the IPv6 address are those of the IPv4 one.
    ['by_src', { src: 'a00:1::', dst: 'fd00::2' }, true],
  ])('%s, second alert with %j', (track, fields, written) => {
    const subject = new Thresholder({ cap: 10, vniInKey: true });
    subject.configure(
      [
        { gid: 1, sid: 1 },
        { gid: 1, sid: 2 },
        { gid: 2, sid: 1 },
      ].map((rule): RuleThresholds => ({ row: 0, ...rule, thresholds: limit(track) })),
    );
    expect(writes(subject, [alert(), alert(fields)])).toEqual([true, written]);
  });

  it('takes hosts of all mirror sessions together when flows are', () => {
    expect(
      writes(thresholder(limit('by_src'), {}, { vniInKey: false }), [alert({ vni: 1 }), alert({ vni: 2 })]),
    ).toEqual(pattern('x.'));
  });

  it('by_flow without a flow: what limits lets pass, what waits waits', () => {
    for (const [kind, written] of [
      ['limit', true],
      ['backoff', true],
      ['threshold', false],
      ['both', false],
      ['detection_filter', false],
    ] as const) {
      expect(
        writes(
          thresholder([{ kind, track: 'by_flow', count: 1, seconds: 60, multiplier: 2 }]),
          times(3, { flowId: 0 }),
        ),
      ).toEqual(Array(3).fill(written));
    }
  });

  it('leaves packets without IP alone', () => {
    expect(writes(thresholder(limit('by_src')), times(3, { ipVersion: 0 }))).toEqual(pattern('xxx'));
  });
});

describe('rate_filter', () => {
  const rate: Threshold = {
    kind: 'rate_filter',
    track: 'by_src',
    count: 2,
    seconds: 10,
    newAction: 'drop',
    timeoutSeconds: 5,
  };
  const actions = (threshold: Threshold, seconds: readonly number[]): (string | undefined)[] => {
    const subject = thresholder([], { thresholds: [{ gid: 1, sid: 1, threshold }] });
    return seconds.map((at) => {
      expect(subject.decide(alert({ seconds: at }))).toBe(VERDICT.write);
      return subject.newAction;
    });
  };

  it('changes the action behind count matches, until its time is over', () => {
    expect(actions(rate, [0, 1, 2, 3, 7, 8, 9, 10])).toEqual([
      undefined,
      undefined,
      'drop',
      'drop',
      'drop',
      undefined,
      undefined,
      'drop',
    ]);
  });

  it('needs the count within its seconds', () => {
    expect(actions(rate, [0, 5, 11, 12, 13])).toEqual([undefined, undefined, undefined, undefined, 'drop']);
  });

  it('stays for good with a timeout of 0', () => {
    expect(actions({ ...rate, timeoutSeconds: 0 }, [0, 1, 2, 1e6])).toEqual([undefined, undefined, 'drop', 'drop']);
  });

  it('takes the first of several that hold', () => {
    const [first, second] = [
      { ...rate, count: 2, newAction: 'drop' as const, timeoutSeconds: 2 },
      { ...rate, count: 1, newAction: 'reject' as const, timeoutSeconds: 60 },
    ];
    const subject = thresholder([], {
      thresholds: [first, second].map((threshold) => ({ gid: 1, sid: 1, threshold })),
    });
    expect([0, 1, 2, 3, 5].map((seconds) => [subject.decide(alert({ seconds })), subject.newAction][1])).toEqual([
      undefined,
      'reject',
      'drop',
      'drop',
      'reject',
    ]);
  });

  it('counts only the hosts that it applies to', () => {
    const applyTo = { ipv4: [[0x0a000002, 0x0a000002]], ipv6: [] } as const;
    for (const [track, actions] of [
      ['by_src', [undefined, undefined, undefined]],
      ['by_dst', [undefined, 'drop', 'drop']],
    ] as const) {
      const subject = thresholder([], {
        thresholds: [{ gid: 1, sid: 1, threshold: { ...rate, count: 1, track, applyTo } }],
      });
      expect(times(3).map((each) => [subject.decide(each), subject.newAction][1])).toEqual(actions);
    }
  });

  it('holds back what it makes pass', () => {
    const subject = thresholder([], { thresholds: [{ gid: 1, sid: 1, threshold: { ...rate, newAction: 'pass' } }] });
    expect(writes(subject, times(4))).toEqual(pattern('xx..'));
  });

  it('counts only what the threshold before it lets pass', () => {
    const subject = thresholder([{ kind: 'limit', track: 'by_src', count: 2, seconds: 60 }], {
      thresholds: [{ gid: 1, sid: 1, threshold: rate }],
    });
    expect(writes(subject, times(6))).toEqual(pattern('xx....'));
    expect(subject.newAction).toBeUndefined();
  });
});

describe('suppress', () => {
  const ranges = {
    ipv4: [
      [0x0a000001, 0x0a000001],
      [0xc0a80000, 0xc0a8ffff],
    ],
    ipv6: [[0xfd00n << 112n, (0xfd01n << 112n) - 1n]],
  } as const;
  const suppressed = (suppression: Partial<Suppression>, fields: AlertFields): boolean => {
    const subject = thresholder([], { suppressions: [{ gid: 1, sid: 1, ...suppression }] });
    return subject.decide(alert(fields)) === VERDICT.suppressed;
  };

  it.each<[Partial<Suppression>, AlertFields, boolean]>([
    [{}, {}, true],
    [{}, { sid: 2 }, false],
    [{ sid: 0 }, { sid: 2 }, true],
    [{ sid: 0 }, { gid: 3 }, false],
    [{ gid: 0, sid: 0 }, { gid: 3, sid: 9 }, true],
    [{ track: 'by_src' }, {}, true],
    [{ track: 'by_src' }, { src: '10.0.0.2', dst: '10.0.0.1' }, false],
    [{ track: 'by_dst' }, { src: '10.0.0.2', dst: '10.0.0.1' }, true],
    [{ track: 'by_either' }, { src: '10.0.0.2', dst: '10.0.0.1' }, true],
    [{ track: 'by_either' }, { src: '10.0.0.2', dst: '10.0.0.3' }, false],
    [{ track: 'by_src' }, { src: '192.168.255.255' }, true],
    [{ track: 'by_src' }, { src: '192.169.0.0' }, false],
    [{ track: 'by_src' }, { src: 'fd00::1', dst: 'fe80::1' }, true],
    [{ track: 'by_src' }, { src: 'fe80::1', dst: 'fd00::1' }, false],
  ])('%j for %j', (suppression, fields, expected) => {
    expect(
      suppressed(suppression.track === undefined ? suppression : { ...suppression, addresses: ranges }, fields),
    ).toBe(expected);
  });

  it('comes before thresholds: what is suppressed does not count', () => {
    const subject = thresholder([{ kind: 'threshold', track: 'by_rule', count: 2, seconds: 60 }], {
      suppressions: [{ gid: 1, sid: 1, track: 'by_src', addresses: ranges }],
    });
    const alerts = ['10.0.0.1', '10.0.0.9', '10.0.0.1', '10.0.0.9'].map((src) => alert({ src }));
    expect(alerts.map((each) => subject.decide(each))).toEqual([
      VERDICT.suppressed,
      VERDICT.filtered,
      VERDICT.suppressed,
      VERDICT.write,
    ]);
    expect(subject.stats).toMatchObject({ suppressed: 2, filtered: 1 });
  });
});

describe('threshold.config beside rules', () => {
  const own: Threshold = { kind: 'limit', track: 'by_src', count: 1, seconds: 60 };
  const filed: Threshold = { kind: 'limit', track: 'by_src', count: 2, seconds: 60 };

  it.each<[string, readonly Threshold[], { gid: number; sid: number }, string]>([
    ['replaces what the rule says where it names the rule', [own], { gid: 1, sid: 1 }, 'xx..'],
    ['leaves it where it names all rules', [own], { gid: 0, sid: 0 }, 'x...'],
    ['holds for rules that say nothing where it names all', [], { gid: 0, sid: 0 }, 'xx..'],
    ['holds for all rules of a gid', [], { gid: 1, sid: 0 }, 'xx..'],
    ['does not hold for another rule', [], { gid: 1, sid: 2 }, 'xxxx'],
  ])('%s', (_, thresholds, which, expected) => {
    expect(writes(thresholder(thresholds, { thresholds: [{ ...which, threshold: filed }] }), times(4))).toEqual(
      pattern(expected),
    );
  });

  it("takes a threshold off: the rule's own, and that of all rules", () => {
    const off = { gid: 1, sid: 1, threshold: undefined };
    expect(writes(thresholder([own], { thresholds: [off] }), times(4))).toEqual(pattern('xxxx'));
    expect(writes(thresholder([], { thresholds: [{ gid: 0, sid: 0, threshold: filed }, off] }), times(4))).toEqual(
      pattern('xxxx'),
    );
    expect(
      writes(thresholder([], { thresholds: [{ gid: 0, sid: 0, threshold: filed }, off] }), times(4, { sid: 2 })),
    ).toEqual(pattern('xx..'));
  });

  it('names a rule once more: the last line holds', () => {
    const config = { thresholds: [own, filed].map((threshold) => ({ gid: 1, sid: 1, threshold })) };
    expect(writes(thresholder([], config), times(4))).toEqual(pattern('xx..'));
  });
});

describe('state', () => {
  const limit: Threshold = { kind: 'limit', track: 'by_src', count: 1, seconds: 60 };

  it('survives a reload, and starts anew with a capture', () => {
    const subject = thresholder([limit]);
    expect(writes(subject, times(2))).toEqual(pattern('x.'));
    subject.configure([{ row: 0, gid: 1, sid: 1, thresholds: [limit] }]);
    expect(writes(subject, times(2, { seconds: 5 }))).toEqual(pattern('..'));
    expect(writes(subject, times(2, { capture: 1 }))).toEqual(pattern('x.'));
    expect(subject.size).toBe(1);
  });

  it('has a cap; the least recently used gives way and is counted', () => {
    const subject = thresholder([limit], {}, { cap: 3 });
    const hosts = (numbers: readonly number[]): boolean[] =>
      writes(
        subject,
        numbers.map((host) => alert({ src: `10.0.1.${host}` })),
      );
    expect(hosts([1, 2, 3, 1, 4])).toEqual(pattern('xxx.x'));
    expect(subject.stats.evicted).toBe(1);
    expect(hosts([1, 3, 4, 2])).toEqual(pattern('...x'));
    expect(subject.size).toBe(3);
  });

  it('forgets what is over without counting it as evicted', () => {
    const subject = thresholder([limit], {}, { cap: 1000 });
    for (let i = 0; i < 500; i++) subject.decide(alert({ src: `10.0.${i >> 8}.${i & 255}`, seconds: 60 * i }));
    expect(subject.size).toBeLessThan(70);
    expect(subject.stats.evicted).toBe(0);
  });

  it('has a window that is over still known where an older alert comes late', () => {
    const subject = thresholder([limit]);
    const seen = [
      alert({ seconds: 0 }),
      ...times(9, { seconds: 70, src: '10.0.0.9' }, 0),
      alert({ seconds: 70, src: '10.0.0.8' }),
      alert({ seconds: 50 }),
    ];
    expect(writes(subject, seen)).toEqual(pattern('xx........x.'));
  });

  it('does not forget a window that time has stepped out of, before it, and comes to again', () => {
    const subject = thresholder([limit]);
    const seen = [alert({ seconds: 100 }), alert({ seconds: 50, src: '10.0.0.9' }), alert({ seconds: 110 })];
    expect(writes(subject, seen)).toEqual(pattern('xx.'));
  });

  it('does not count as evicted what time has stepped back from', () => {
    const subject = thresholder([limit], {}, { cap: 3 });
    for (let i = 0; i < 3; i++) subject.decide(alert({ src: `10.0.0.${i}`, seconds: 10_000 }));
    for (let i = 0; i < 3; i++) subject.decide(alert({ src: `10.0.1.${i}`, seconds: 1 }));
    expect(subject.size).toBe(3);
    expect(subject.stats.evicted).toBe(0);
    subject.decide(alert({ src: '10.0.2.1', seconds: 1 }));
    expect(subject.stats.evicted).toBe(1);
  });

  it('bounds the ports of unique_on, too', () => {
    const subject = thresholder(
      [{ kind: 'detection_filter', track: 'by_src', count: 1000, seconds: 60, uniqueOn: 'dst_port' }],
      {},
      { cap: 100 },
    );
    for (let host = 0; host < 20; host++)
      for (let dstPort = 0; dstPort < 500; dstPort++) subject.decide(alert({ src: `10.0.1.${host}`, dstPort }));
    expect(subject.size).toBeLessThanOrEqual(2);
    expect(subject.stats.evicted).toBeGreaterThanOrEqual(18);
  });
});

/** The same from the whole history: windows are cut anew for every question. */
function naive(threshold: Threshold, history: readonly { timeUs: number; port: number }[]): boolean {
  let window: { timeUs: number; port: number }[] = [];
  for (const match of history) {
    if (window.length > 0 && match.timeUs > window[0].timeUs + threshold.seconds * SECOND) window = [];
    window.push(match);
  }
  const { count } = threshold;
  switch (threshold.kind) {
    case 'limit':
      return window.length <= count;
    case 'threshold':
      return window.length % count === 0;
    case 'both':
      return window.length === count;
    case 'detection_filter':
      return (threshold.uniqueOn === undefined ? window.length : new Set(window.map(({ port }) => port)).size) > count;
    case 'backoff':
      for (let next = count; ; next *= threshold.multiplier!)
        if (next >= history.length) return next === history.length;
    case 'rate_filter':
      return true;
  }
}

describe('Thresholder and a naive count', () => {
  const threshold = fc.record({
    kind: fc.constantFrom('limit', 'threshold', 'both', 'detection_filter', 'backoff') as fc.Arbitrary<
      Threshold['kind']
    >,
    track: fc.constantFrom('by_src', 'by_dst', 'by_both', 'by_rule', 'by_flow') as fc.Arbitrary<Threshold['track']>,
    count: fc.integer({ min: 1, max: 4 }),
    seconds: fc.integer({ min: 1, max: 8 }),
    multiplier: fc.constantFrom(2, 3),
    uniqueOn: fc.constantFrom(undefined, 'src_port' as const, 'dst_port' as const),
  });
  const step = fc.record({
    src: fc.constantFrom('10.0.0.1', '10.0.0.2'),
    dst: fc.constantFrom('10.0.0.1', '10.0.0.2'),
    srcPort: fc.constantFrom(1, 2, 3),
    dstPort: fc.constantFrom(1, 2, 3),
    flowId: fc.constantFrom(1, 2),
    vni: fc.constantFrom(1, 2),
    wait: fc.constantFrom(0, 0.5, 1, 3),
  });

  it('agree', () => {
    fc.assert(
      fc.property(threshold, fc.array(step, { maxLength: 60 }), (each, steps) => {
        const subject = thresholder([each]);
        const histories = new Map<string, { timeUs: number; port: number }[]>();
        let seconds = 0;
        for (const { wait, ...fields } of steps) {
          seconds += wait;
          const subjectAlert = alert({ ...fields, seconds });
          const key = {
            by_src: `${fields.vni} ${fields.src}`,
            by_dst: `${fields.vni} ${fields.dst}`,
            by_both: `${fields.vni} ${[fields.src, fields.dst].sort().join()}`,
            by_rule: '',
            by_flow: `${fields.flowId}`,
          }[each.track];
          const history = histories.get(key) ?? [];
          histories.set(key, history);
          history.push({
            timeUs: subjectAlert.timeUs,
            port: each.uniqueOn === 'src_port' ? fields.srcPort : fields.dstPort,
          });
          expect(subject.decide(subjectAlert) === VERDICT.write).toBe(naive(each, history));
        }
        expect(subject.stats.evicted).toBe(0);
      }),
      { numRuns: 400 },
    );
  });
});

describe('time that steps back', () => {
  const at = (subject: Thresholder, seconds: readonly number[]): string =>
    writes(
      subject,
      seconds.map((each) => alert({ seconds: each })),
    )
      .map((written) => (written ? 'x' : '.'))
      .join('');

  it.each<[string, Partial<Threshold>, readonly number[], string]>([
    ['limit', { kind: 'limit', count: 1 }, [5000, 5001, 5002, 0, 30, 60, 61, 90, 130], 'x..x..x.x'],
    ['limit, step after step', { kind: 'limit', count: 1 }, [90, 80, 70, 60], 'xxxx'],
    ['threshold', { kind: 'threshold', count: 2 }, [5000, 0, 5, 70], '..x.'],
    ['both', { kind: 'both', count: 2 }, [5000, 5001, 5002, 0, 1, 2], '.x..x.'],
    [
      'detection_filter',
      { kind: 'detection_filter', count: 3 },
      [5000, 5001, 5002, 5003, 0, 30, 60, 90, 120],
      '...x.....',
    ],
    ['one packet from the future', { kind: 'detection_filter', count: 1 }, [0, 1e9, 100, 200, 201], '....x'],
    ['a little, as packets of several taps do', { kind: 'limit', count: 2 }, [10, 9.99, 10.01, 9.95], 'xx..'],
  ])('starts a new window: %s', (_, fields, seconds, expected) => {
    expect(
      at(thresholder([{ kind: 'limit', track: 'by_src', count: 1, seconds: 60, ...fields } as Threshold]), seconds),
    ).toBe(expected);
  });

  it('ends the other action of a rate_filter, too', () => {
    const subject = thresholder([], {
      thresholds: [
        {
          gid: 1,
          sid: 1,
          threshold: {
            kind: 'rate_filter',
            track: 'by_src',
            count: 1,
            seconds: 60,
            timeoutSeconds: 100,
            newAction: 'drop',
          },
        },
      ],
    });
    const actions = [5000, 5001, 5002, 0, 1].map((seconds) => {
      subject.decide(alert({ seconds }));
      return subject.newAction;
    });
    expect(actions).toEqual([undefined, 'drop', 'drop', undefined, 'drop']);
  });

  it('lets entries be forgotten that lie ahead', () => {
    const subject = thresholder([{ kind: 'limit', track: 'by_src', count: 1, seconds: 60 }], {}, { cap: 3 });
    for (let host = 1; host <= 3; host++) subject.decide(alert({ src: `10.0.1.${host}`, seconds: 1e6 }));
    for (let host = 1; host <= 9; host++) subject.decide(alert({ src: `10.0.2.${host}`, seconds: host * 100 }));
    expect(subject.stats.evicted).toBe(0);
  });
});

describe('packets without IP', () => {
  const bare = (seconds = 0): AlertSubject => ({
    ...alert({ seconds, flowId: 0 }),
    ipVersion: 0,
    srcIp: new Uint8Array(16),
    dstIp: new Uint8Array(16),
  });
  const all: Suppression['addresses'] = { ipv4: [[0, 0xffff_ffff]], ipv6: [[0n, 2n ** 128n - 1n]] };

  it.each<[string, Suppression, number]>([
    ['by sid', { gid: 1, sid: 1 }, VERDICT.suppressed],
    ['by gid', { gid: 1, sid: 0 }, VERDICT.suppressed],
    ['all', { gid: 0, sid: 0 }, VERDICT.suppressed],
    ['another sid', { gid: 1, sid: 2 }, VERDICT.write],
    ['by source', { gid: 1, sid: 1, track: 'by_src', addresses: all }, VERDICT.write],
    ['by either', { gid: 1, sid: 1, track: 'by_either', addresses: all }, VERDICT.write],
  ])('are suppressed where no address is asked for: %s', (_, suppression, verdict) => {
    expect(thresholder([], { suppressions: [suppression] }).decide(bare())).toBe(verdict);
  });

  it('count for a rule as a whole, and for no host', () => {
    for (const [track, written] of [
      ['by_rule', [true, false, false]],
      ['by_src', [true, true, true]],
      ['by_both', [true, true, true]],
      ['by_flow', [true, true, true]],
    ] as const) {
      expect(
        writes(thresholder([{ kind: 'limit', track, count: 1, seconds: 60 }]), [bare(0), bare(1), bare(2)]),
        track,
      ).toEqual(written);
    }
  });
});
