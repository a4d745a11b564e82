/**
 * Datasets in detection: packed sets against maps, rules over packets against the oracle, changes across flows and rule
 * sets.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRules } from '../../src/compile/compile-rules.js';
import { allocateDataTable, DataTable } from '../../src/detect/state/data-table.js';
import {
  changingDatasets,
  DataSets,
  installDatasets,
  installedBytes,
  installingDatasets,
} from '../../src/detect/state/data-sets.js';
import { DATASET_OPERATIONS } from '../../src/block/step-layout.js';
import { RuleSet } from '../../src/block/rule-set.js';
import { DataList } from '../../src/load/data-list.js';
import type { DatasetType } from '../../src/block/terms.js';
import type { BufferProgram, RuleProgram } from '../../src/rule/program.js';
import type { BufferMatch, DatarepMatch, Dataset, DatasetMatch } from '../../src/rule/buffer-match.js';
import { placeBlock, Sensor } from '../support/detecting.js';
import { NaiveDatasets } from '../support/naive-datasets.js';
import { naiveVerify } from '../support/naive-verify.js';
import { ethernet, ipv4, ipv6, udp } from '../support/packet-builder.js';
import { content, program } from '../support/rule-programs.js';

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');

function dataset(
  name: string,
  type: DatasetType,
  values: readonly (Uint8Array | readonly [Uint8Array, number])[] = [],
  fields: Partial<Dataset> = {},
): Dataset {
  const list = new DataList();
  for (const value of values) {
    if (value instanceof Uint8Array) list.add(value, 0);
    else list.add(value[0], value[1]);
  }
  return { name, type, entries: list.entries(), save: undefined, memcap: undefined, ...fields };
}

const step = (operation: DatasetMatch['operation'], set: Dataset): DatasetMatch => ({
  kind: 'dataset',
  operation,
  set,
});
const compared = (operator: DatarepMatch['operator'], value: number, set: Dataset): DatarepMatch => ({
  kind: 'datarep',
  operator,
  value,
  set,
});
const over = (buffer: BufferProgram['buffer'], ...matches: BufferMatch[]): { buffers: BufferProgram[] } => ({
  buffers: [{ buffer, matches }],
});

const frame = (src: string, dst: string, payload = 'x', port = 1000): Uint8Array =>
  ethernet({ type: 0x0800 }, ipv4({ src, dst, protocol: 17 }, udp({ srcPort: port, dstPort: 53 }, payload)));
const frame6 = (src: string, dst: string): Uint8Array =>
  ethernet({ type: 0x86dd }, ipv6({ src, dst, protocol: 17 }, udp({ srcPort: 1, dstPort: 53 }, 'x')));

function rulesOf(programs: readonly RuleProgram[]): RuleSet {
  return new RuleSet(placeBlock(compileRules(programs).block));
}

describe('addresses', () => {
  const bad = dataset('bad', 'ip', [
    Uint8Array.from([10, 0, 0, 1]),
    Buffer.from('20010db8000000000000000000000001', 'hex'),
  ]);

  it('of the packet are looked up, of IPv4 and of IPv6', () => {
    const sensor = new Sensor([
      program({ sid: 1, ...over('ip.src', step('isset', bad)) }),
      program({ sid: 2, ...over('ip.dst', step('isset', bad)) }),
      program({ sid: 3, ...over('ip.src', step('isnotset', bad)) }),
    ]);
    expect(sensor.sids(frame('10.0.0.1', '10.0.0.2'))).toEqual([1]);
    expect(sensor.sids(frame('10.0.0.2', '10.0.0.1', 'x', 1001))).toEqual([2, 3]);
    expect(sensor.sids(frame6('2001:db8::1', '2001:db8::2'))).toEqual([1]);
    expect(sensor.sids(frame6('2001:db8::2', '2001:db8::1'))).toEqual([2, 3]);
    // 10.0.0.1 is not a00:1::, whose first bytes are the same.
    expect(sensor.sids(frame6('a00:1::', '2001:db8::3'))).toEqual([3]);
  });

  it('are of every packet, not of the first of a flow', () => {
    const sensor = new Sensor([program({ ...over('ip.src', step('isset', bad)) })]);
    expect([1, 2, 3].map(() => sensor.sids(frame('10.0.0.1', '10.0.0.2')))).toEqual([[1], [1], [1]]);
  });

  it('have contents looked for in them, also by the prefilter', () => {
    const sensor = new Sensor([
      program({ sid: 1, ...over('ip.src', content('\x0a\x00', { startswith: true })) }),
      program({ sid: 2, ...over('ip.dst', content('\x01', { endswith: true })) }),
      program({ sid: 3, ...over('ip.src', content('\x01', { offset: 15, depth: 1 })) }),
      program({ sid: 4, ...over('ip.src', { kind: 'bsize', ranges: [[4, 4]] }) }),
    ]);
    expect(sensor.sids(frame('10.0.0.9', '10.0.0.1'))).toEqual([1, 2, 4]);
    expect(sensor.sids(frame6('2001:db8::1', '2001:db8::1'))).toEqual([2, 3]);
  });

  it('are offered by packets without payload, and by no other frames', () => {
    const sensor = new Sensor([
      program({ ...over('ip.dst', step('isset', bad)) }),
      program({ sid: 2, header: { protocol: 'pkthdr' }, ...over('ip.dst', step('isnotset', bad)) }),
    ]);
    expect(sensor.sids(frame('10.0.0.2', '10.0.0.1', ''))).toEqual([1]);
    expect(sensor.sids(ethernet({ type: 0x0806 }, Buffer.alloc(28)))).toEqual([]);
  });
});

describe('a set that rules change', () => {
  const seen = dataset('seen', 'string', [latin1('known')]);

  it('takes a value once, across flows and rules', () => {
    const sensor = new Sensor([
      program({ sid: 1, ...over('payload', step('set', seen)) }),
      program({ sid: 2, ...over('payload', step('isset', seen)) }),
    ]);
    expect(sensor.rules.hostState).toBe(true);
    expect(
      ['known', 'new', 'new', 'newer'].map((text, i) => sensor.sids(frame('10.0.0.1', '10.0.0.2', text, 1000 + i))),
    ).toEqual([[2], [1, 2], [2], [1, 2]]);
  });

  it('gives a value back', () => {
    const sensor = new Sensor([program({ sid: 1, ...over('payload', step('unset', seen)) })]);
    expect(['known', 'known', 'other'].map((text) => sensor.sids(frame('10.0.0.1', '10.0.0.2', text)))).toEqual([
      [1],
      [],
      [],
    ]);
  });

  it('is changed as the step is reached, whether or not the rule matches', () => {
    const behind = new Sensor([
      program({ sid: 1, ...over('payload', step('set', seen), content('zzz')), fastPattern: undefined }),
      program({ sid: 2, ...over('payload', step('isset', seen)) }),
    ]);
    expect(behind.sids(frame('10.0.0.1', '10.0.0.2', 'abc'))).toEqual([2]);
    const before = new Sensor([
      program({ sid: 1, ...over('payload', content('zzz'), step('set', seen)), fastPattern: undefined }),
      program({ sid: 2, ...over('payload', step('isset', seen)) }),
    ]);
    expect(before.sids(frame('10.0.0.1', '10.0.0.2', 'abc'))).toEqual([]);
  });

  it('is changed once, however often the step is tried again', () => {
    const sensor = new Sensor([
      program({
        sid: 1,
        ...over('payload', content('a'), step('set', seen), content('b', { distance: 0, within: 1 })),
      }),
    ]);
    expect([
      sensor.sids(frame('10.0.0.1', '10.0.0.2', 'a a ab')),
      sensor.sids(frame('10.0.0.1', '10.0.0.2', 'a a ab')),
    ]).toEqual([[1], []]);
  });

  it('is not reached by rules whose header, flow or marks do not fit', () => {
    const sensor = new Sensor([
      program({ sid: 1, header: { protocol: 'tcp' }, ...over('payload', step('set', seen)) }),
      program({
        sid: 2,
        bitTests: [{ scope: 'flow', operation: 'isset', names: ['x'] }],
        ...over('payload', step('set', seen)),
      }),
      program({ sid: 3, ...over('payload', step('isset', seen)) }),
    ]);
    expect(sensor.sids(frame('10.0.0.1', '10.0.0.2', 'abc'))).toEqual([]);
  });

  it('has the numbers that its file gives, and 0 for what rules add', () => {
    const scored = dataset('scored', 'string', [[latin1('known'), 9]]);
    const sensor = new Sensor([
      program({ sid: 1, ...over('payload', compared('>', 5, scored)) }),
      program({ sid: 2, ...over('payload', step('set', scored)) }),
      program({ sid: 3, ...over('payload', compared('==', 0, scored)) }),
    ]);
    expect([
      sensor.sids(frame('10.0.0.1', '10.0.0.2', 'known')),
      sensor.sids(frame('10.0.0.1', '10.0.0.2', 'new')),
    ]).toEqual([[1], [2, 3]]);
  });

  it('refuses what is beyond its memcap, which counts', () => {
    const table = new DataTable(allocateDataTable(65_536));
    const small = dataset('small', 'string', [], { memcap: 64 });
    const rules = [program({ sid: 1, ...over('payload', step('set', small)) })];
    installDatasets(rulesOf(rules), table);
    const sensor = new Sensor(rules, { detector: { dataTable: table } });
    expect(['a', 'b', 'a'].map((text) => sensor.sids(frame('10.0.0.1', '10.0.0.2', text)))).toEqual([[1], [], []]);
    expect([table.values, table.refused]).toEqual([1, 1]);
  });

  it('is state across flows only where a rule changes it', () => {
    expect(new Sensor([program({ ...over('payload', step('isset', seen)) })]).rules.hostState).toBe(false);
    expect(
      new Sensor([program({ ...over('payload', step('isset', dataset('kept', 'string', [], { save: '/x' }))) })]).rules
        .hostState,
    ).toBe(false);
  });
});

describe('a table of several rule sets', () => {
  const withEntries = (text: string): RuleProgram[] => [
    program({ ...over('payload', step('set', dataset('seen', 'string', [latin1(text)]))) }),
  ];

  it('keeps a set of the same name and type, whatever its file has become', () => {
    const table = new DataTable(allocateDataTable(65_536));
    installDatasets(rulesOf(withEntries('one')), table);
    const before = new Sensor(withEntries('one'), { detector: { dataTable: table } });
    expect(before.sids(frame('10.0.0.1', '10.0.0.2', 'new'))).toEqual([1]);
    installDatasets(rulesOf([program({ sid: 7 }), ...withEntries('two')]), table);
    const after = new Sensor(withEntries('two'), { detector: { dataTable: table } });
    expect(['new', 'one', 'two'].map((text) => after.sids(frame('10.0.0.1', '10.0.0.2', text)))).toEqual([[], [], [1]]);
  });

  it('takes a large set in steps, between which others get their turn', () => {
    const table = new DataTable(allocateDataTable(4 << 20));
    const values = Array.from({ length: 10_000 }, (_, value) => latin1(`value ${value}`));
    const rules = rulesOf([program({ ...over('payload', step('set', dataset('seen', 'string', values))) })]);
    const held: number[] = [];
    for (const steps = installingDatasets(rules, table); steps.next().done !== true;) held.push(table.values);
    expect(held).toEqual([4096, 8192]);
    expect(table.values).toBe(10_000);
  });

  it('has another set under the same name with another type', () => {
    const table = new DataTable(allocateDataTable(65_536));
    const [string, md5] = [dataset('seen', 'string', [Buffer.alloc(16)]), dataset('seen', 'md5')].map((set) =>
      rulesOf([program({ ...over('payload', step('set', set)) })]),
    );
    installDatasets(string!, table);
    installDatasets(md5!, table);
    expect(changingDatasets(string!)[0]!.id).not.toBe(changingDatasets(md5!)[0]!.id);
    expect([table.values, table.setIds().length]).toEqual([1, 2]);
  });

  it('starts afresh', () => {
    const sensor = new Sensor(withEntries('one'));
    expect(['new', 'new'].map((text) => sensor.sids(frame('10.0.0.1', '10.0.0.2', text)))).toEqual([[1], []]);
    sensor.detector.restartDatasets();
    expect(['new', 'one'].map((text) => sensor.sids(frame('10.0.0.1', '10.0.0.2', text)))).toEqual([[1], []]);
  });

  it('takes what the sets start with, and says how much that is', () => {
    const rules = rulesOf([
      ...withEntries('one'),
      program({ sid: 2, ...over('payload', step('isset', dataset('fixed', 'string', [latin1('x')]))) }),
    ]);
    expect([
      installedBytes(rules),
      changingDatasets(rules).map(({ name, type, save }) => ({ name, type, save })),
    ]).toEqual([64, [{ name: 'seen', type: 'string', save: undefined }]]);
  });
});

describe('packed sets', () => {
  it('hold what their lists hold, whatever the values', () => {
    const values = fc.uniqueArray(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 6, max: 3 }), fc.nat(65_535)), {
      maxLength: 200,
      selector: ([value]) => value.join(),
    });
    fc.assert(
      fc.property(
        fc.array(values, { minLength: 1, maxLength: 3 }),
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 7, max: 3 }), { minLength: 20, maxLength: 50 }),
        (lists, asked) => {
          const sets = lists.map((list, i) => dataset(`set${i}`, 'string', list));
          const rules = rulesOf(sets.map((set, i) => program({ sid: i + 1, ...over('payload', step('isset', set)) })));
          const reader = new DataSets(rules, undefined);
          lists.forEach((list, set) => {
            const model = new Map(list.map(([value, number]) => [Buffer.from(value).toString('hex'), number]));
            for (const value of [...asked, ...list.map(([each]) => each)]) {
              const padded = Uint8Array.from([9, ...value, 9]);
              const number = model.get(Buffer.from(value).toString('hex'));
              expect(reader.passes(0, set, DATASET_OPERATIONS.indexOf('isset'), 0, padded, 1, value.length)).toBe(
                number !== undefined,
              );
              expect(
                reader.passes(0, set, DATASET_OPERATIONS.indexOf('=='), number ?? 0, padded, 1, value.length),
              ).toBe(number !== undefined);
              expect(
                reader.passes(0, set, DATASET_OPERATIONS.indexOf('>'), (number ?? 0) - 1, padded, 1, value.length),
              ).toBe(number !== undefined);
            }
          });
        },
      ),
      { numRuns: 60, seed: 71 },
    );
  });

  it('give the same bytes for the same rules', () => {
    const make = (): Uint8Array =>
      compileRules([program({ ...over('payload', step('isset', dataset('a', 'string', [latin1('x'), latin1('y')]))) })])
        .block;
    expect(Buffer.from(make()).equals(make())).toBe(true);
  });
});

describe('rules over packets', () => {
  const payloads = fc.array(fc.constantFrom('a', 'b', 'ab', 'aab', 'abab', '', '0123456789abcdef'), {
    minLength: 1,
    maxLength: 12,
  });
  const matches = (sets: readonly Dataset[]): fc.Arbitrary<BufferMatch> =>
    fc.oneof(
      fc
        .tuple(
          fc.constantFrom('isset' as const, 'isnotset' as const, 'set' as const, 'unset' as const),
          fc.constantFrom(...sets),
        )
        .map(([operation, set]) => step(operation, set)),
      fc
        .tuple(fc.constantFrom('<' as const, '>' as const, '==' as const), fc.nat(3), fc.constantFrom(...sets))
        .map(([operator, value, set]) => compared(operator, value, set)),
      fc
        .tuple(fc.constantFrom('a', 'b'), fc.boolean(), fc.boolean())
        .map(([text, relative, negated]) => content(text, { negated, ...(relative ? { distance: 0 } : {}) })),
    );

  it('do what the oracle does, packet by packet and rule by rule', () => {
    let fired = 0;
    const sets = [
      dataset('s', 'string', [latin1('ab'), [latin1('a'), 2]]),
      dataset('t', 'string'),
      dataset('h', 'md5', [latin1('0123456789abcdef')]),
    ];
    fc.assert(
      fc.property(
        fc.array(fc.array(matches(sets), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
        payloads,
        (rules, texts) => {
          const programs = rules.map((steps, i) =>
            program({ sid: i + 1, ...over('payload', ...steps), fastPattern: undefined }),
          );
          const sensor = new Sensor(programs);
          const datasets = new NaiveDatasets();
          for (const text of texts) {
            const wanted = programs
              .filter((rule) => naiveVerify(rule, () => (text === '' ? undefined : latin1(text)), datasets))
              .map(({ sid }) => sid);
            expect(sensor.sids(frame('10.0.0.1', '10.0.0.2', text))).toEqual(wanted);
            fired += wanted.length;
          }
        },
      ),
      { numRuns: 400, seed: 73 },
    );
    expect(fired).toBeGreaterThan(500);
  });
});

describe('the hot path', () => {
  it('allocates nothing, neither in packed nor in shared sets', () => {
    const sets = [dataset('fixed', 'string', [latin1('needle')]), dataset('seen', 'string')];
    const rules = rulesOf([
      program({ ...over('payload', step('isset', sets[0]!)) }),
      program({ sid: 2, ...over('payload', step('set', sets[1]!)) }),
    ]);
    const reader = new DataSets(rules, undefined);
    const bytes = latin1('-- needle --');
    const [isset, set, unset] = (['isset', 'set', 'unset'] as const).map((name) => DATASET_OPERATIONS.indexOf(name));
    const look = (count: number): void => {
      for (let i = 0; i < count; i++) {
        reader.begin();
        reader.passes(1, 0, isset!, 0, bytes, 3, 6);
        reader.passes(2, 1, set!, 0, bytes, 3, 6);
        reader.passes(3, 1, isset!, 0, bytes, 3, 6);
        reader.passes(4, 1, unset!, 0, bytes, 3, 6);
      }
    };
    look(20_000);
    const before = process.memoryUsage().heapUsed;
    look(100_000);
    expect((process.memoryUsage().heapUsed - before) / 100_000).toBeLessThan(8);
  });
});
