/** The block: the same bytes for the same rules, wherever it lies, and everything that shards and logs need in it. */
import { describe, expect, it } from 'vitest';
import { hashName, assignBitIds } from '../../src/compile/bit-ids.js';
import { compileRules } from '../../src/compile/compile-rules.js';
import { BLOCK_MAGIC, HEADER, SECTION } from '../../src/block/rule-block.js';
import { RuleSet } from '../../src/block/rule-set.js';
import type { RuleProgram } from '../../src/rule/program.js';
import { placeBlock, Sensor } from '../support/detecting.js';
import { naiveTables } from '../support/naive-scanner.js';
import { ethernet, ipv4, udp } from '../support/packet-builder.js';
import { content, field, pcre, program } from '../support/rule-programs.js';

const compile = (programs: readonly RuleProgram[]): Uint8Array =>
  compileRules(programs, { compilePatterns: naiveTables }).block;
const open = (programs: readonly RuleProgram[]): RuleSet => new RuleSet(placeBlock(compile(programs)));

const RULES = [
  program({
    sid: 10,
    msg: 'größer',
    classtype: 'misc',
    category: 'Misc',
    priority: 2,
    payload: [content('abc'), pcre('x+')],
    origin: { file: 'a.rules', line: 7 },
  }),
  program({
    sid: 11,
    gid: 3,
    header: { protocol: 'udp', destinationPorts: [[53, 53]] },
    packetTests: [field('ttl', [[1, 5]])],
  }),
  program({
    sid: 12,
    effects: [{ scope: 'flow', operation: 'set', names: ['a', 'b'] }],
    action: 'drop',
    thresholds: [
      { kind: 'both', track: 'by_src', count: 3, seconds: 60, uniqueOn: 'dst_port' },
      { kind: 'backoff', track: 'by_flow', count: 1, seconds: 0, multiplier: 10 },
    ],
  }),
];

describe('the block', () => {
  it('is the same bytes for the same rules', () => {
    expect(Buffer.from(compile(RULES)).equals(Buffer.from(compile(RULES)))).toBe(true);
    expect(Buffer.from(compile(RULES)).equals(Buffer.from(compile(RULES.slice(1))))).toBe(false);
  });

  it('starts with its magic and says its size, a multiple of 64', () => {
    const block = compile(RULES);
    const words = new Int32Array(block.buffer);
    expect([words[HEADER.magic], words[HEADER.size], words[HEADER.rules]]).toEqual([BLOCK_MAGIC, block.length, 3]);
    expect(block.length % 64).toBe(0);
  });

  it('keeps every section inside, on 64-byte boundaries', () => {
    const words = new Int32Array(compile(RULES).buffer);
    for (const section of Object.values(SECTION)) {
      const start = words[HEADER.directory + 2 * section];
      expect(start % 64).toBe(0);
      expect(start + words[HEADER.directory + 2 * section + 1]).toBeLessThanOrEqual(words[HEADER.size]);
    }
  });

  it('works wherever it lies', () => {
    const frame = ethernet({}, ipv4({ ttl: 3 }, udp({}, 'abc xx')));
    const alerts = [0, 64, 4096].map((base) => new Sensor(RULES, { base }).send(frame).map(({ event }) => event));
    expect(alerts[0].length).toBe(3);
    expect(alerts[1]).toEqual(alerts[0]);
    expect(alerts[2]).toEqual(alerts[0]);
  });

  it('is refused where it is not one, of another version, or unaligned', () => {
    const memory = placeBlock(compile(RULES), 64);
    expect(() => new RuleSet(memory, 0)).toThrow('not a rule set');
    expect(() => new RuleSet(placeBlock(compile(RULES), 4), 4)).toThrow('unaligned');
    new Int32Array(memory, 64)[HEADER.version] = 99;
    expect(() => new RuleSet(memory, 64)).toThrow('version 99');
  });

  it('stores equal lists, literals and texts once', () => {
    const ports = { protocol: 'udp', destinationPorts: [[1, 5]], source: { ipv4: [[1, 2]], ipv6: [] } } as const;
    const rules = open([
      program({ sid: 1, header: ports, payload: [content('abc')] }),
      program({ sid: 2, header: { ...ports }, payload: [content('abc')] }),
    ]);
    expect([rules.portSets.length / 3, rules.addressSets.length / 4, rules.bytes.length]).toEqual([1, 1, 3]);
  });
});

describe('what is known of a rule', () => {
  const rules = open(RULES);

  it('is in verification order', () => {
    expect([0, 1, 2].map((row) => rules.ruleInfo(row).sid)).toEqual([12, 10, 11]);
  });

  it('has names, origin and thresholds', () => {
    expect(rules.ruleInfo(1)).toEqual({
      action: 'alert',
      gid: 1,
      sid: 10,
      rev: 1,
      priority: 2,
      msg: 'größer',
      classtype: 'misc',
      category: 'Misc',
      thresholds: [],
      origin: { file: 'a.rules', line: 7 },
    });
    expect(rules.ruleInfo(0).thresholds).toEqual([
      { kind: 'both', track: 'by_src', count: 3, seconds: 60, multiplier: undefined, uniqueOn: 'dst_port' },
      { kind: 'backoff', track: 'by_flow', count: 1, seconds: 0, multiplier: 10, uniqueOn: undefined },
    ]);
    expect(rules.ruleInfo(2)).toMatchObject({ gid: 3, sid: 11, thresholds: [] });
  });
});

describe('rules that are not inspected', () => {
  it('wait for a protocol, or cannot be', () => {
    const result = compileRules(
      [
        program({ sid: 1, waitingFor: ['http'] }),
        program({ sid: 2 }),
        program({ sid: 3, payload: Array.from({ length: 300 }, () => content('a')) }),
      ],
      { compilePatterns: naiveTables },
    );
    expect([result.ruleCount, result.waiting]).toEqual([1, 1]);
    expect(result.skipped).toEqual([{ gid: 1, sid: 3, reason: 'more than 256 steps over one buffer' }]);
    expect(new RuleSet(placeBlock(result.block)).ruleInfo(0).sid).toBe(2);
  });

  it('may be all of them', () => {
    expect(compileRules([]).ruleCount).toBe(0);
  });
});

describe('flowbit ids', () => {
  it('depend on the name alone', () => {
    const ids = assignBitIds(['b', 'a', 'b']);
    expect(ids).toEqual(
      new Map([
        ['a', hashName('a')],
        ['b', hashName('b')],
      ]),
    );
    for (const id of ids.values()) expect(id).toBeGreaterThan(0);
  });

  it('give the later of two names that hash alike the next number, in any order', () => {
    const taken = new Map([['other', hashName('x')]]);
    expect(assignBitIds(['x'], taken).get('x')).toBe(hashName('x') + 1);
    expect(assignBitIds(['y', 'x'], taken)).toEqual(assignBitIds(['x', 'y'], taken));
  });

  it('survive from one generation to the next', () => {
    const before = open(RULES).bitIds();
    expect([...before.keys()].sort()).toEqual(['a', 'b']);
    const moved = new Map([
      ['a', 1],
      ['b', 2],
    ]);
    const rules = new RuleSet(placeBlock(compileRules(RULES, { compilePatterns: naiveTables, bitIds: moved }).block));
    expect(rules.bitIds()).toEqual(moved);
  });
});
