/** Which groups rules join, and how the index leads to them. */
import { describe, expect, it } from 'vitest';
import { applicationId } from '../../src/app/applications.js';
import { BUFFER_SPECS, BufferRegistry, BUFFERS } from '../../src/app/buffers.js';
import {
  BUFFER_CODE,
  GROUP,
  GROUP_INDEX,
  GROUP_INDEX_WORDS,
  GROUP_WORDS,
  packetGroups,
  LONGEST_PATTERN,
  RULE,
  RULE_KIND,
  streamGroups,
  TRANSPORT,
  txGroups,
  txRulesRow,
  UNIT,
  type Unit,
} from '../../src/block/rule-block.js';
import { TRANSFORM, TRANSFORM_KINDS } from '../../src/block/step-layout.js';
import { RuleSet } from '../../src/block/rule-set.js';
import { compileRules } from '../../src/compile/compile-rules.js';
import { ruleKind } from '../../src/rule/compile/rule-kind.js';
import { AT_MAX_LENGTH } from '../../src/match/literal/table-format.js';
import type { RuleProgram } from '../../src/rule/program.js';
import type { PlainTransform } from '../../src/rule/buffer-match.js';
import { placeBlock } from '../support/detecting.js';
import { bsize, content, field, program, type ProgramFields } from '../support/rule-programs.js';

const compiled = (...rules: RuleProgram[]): RuleSet => new RuleSet(placeBlock(compileRules(rules).block));

interface SeenGroup {
  readonly buffer: string;
  readonly direction: number;
  readonly progress: number;
  /** Rows of rules, by pattern. */
  readonly rules: readonly (readonly number[])[];
}

/** The groups in the row of the index. */
function groupsOf(
  { groups, groupIndex, patternRules }: RuleSet,
  row: number,
  unit: Unit,
  names: readonly string[] = BUFFERS,
): SeenGroup[] {
  const first = groupIndex[GROUP_INDEX_WORDS * row + GROUP_INDEX.first]!;
  const count = groupIndex[GROUP_INDEX_WORDS * row + GROUP_INDEX.count]!;
  return Array.from({ length: count }, (_, index) => {
    const at = GROUP_WORDS * (first + index);
    expect(groups[at + GROUP.unit]).toBe(unit);
    const lists = groups[at + GROUP.lists]!;
    const rules = Array.from({ length: groups[at + GROUP.patterns]! }, (_list, pattern) => [
      ...patternRules.subarray(patternRules[lists + pattern], patternRules[lists + pattern + 1]),
    ]);
    const word = (name: keyof typeof GROUP): number => groups[at + GROUP[name]]!;
    return { buffer: names[word('buffer')]!, direction: word('direction'), progress: word('progress'), rules };
  });
}

const tcp = (sid: number, fields: ProgramFields): RuleProgram =>
  program({ sid, header: { protocol: 'tcp' }, ...fields });
const udp = (sid: number, fields: ProgramFields): RuleProgram =>
  program({ sid, header: { protocol: 'udp' }, ...fields });

const packets = (rules: RuleSet, transport: number, direction: number): SeenGroup[] =>
  groupsOf(rules, packetGroups(transport, direction), UNIT.packet);
const streams = (rules: RuleSet, direction: number): SeenGroup[] =>
  groupsOf(rules, streamGroups(direction), UNIT.stream);
const group = (buffer: string, direction: number, rules: number[][], progress = 0): SeenGroup => ({
  buffer,
  direction,
  progress,
  rules,
});

describe('groups of packets and streams', () => {
  it('hold rules of a direction in that direction alone, and others in both', () => {
    const rules = compiled(
      tcp(1, { payload: [content('up')], flow: { direction: 'to_server' } }),
      tcp(2, { payload: [content('down')], flow: { direction: 'to_client' } }),
      tcp(3, { payload: [content('any')] }),
    );
    expect(streams(rules, 0)).toEqual([group('payload', 0, [[0], [2]])]);
    expect(streams(rules, 1)).toEqual([group('payload', 1, [[1], [2]])]);
    expect(packets(rules, TRANSPORT.tcp, 0)).toEqual([]);
    expect(packets(rules, TRANSPORT.udp, 0)).toEqual([]);
  });

  it('are those of packets, of streams, or both, by the kind of the rule', () => {
    const rules = compiled(
      tcp(1, { payload: [content('abc')] }),
      tcp(2, { payload: [content('abc', { startswith: true })] }),
      tcp(3, { payload: [content('abc')], packetTests: [field('dsize', [[3, 3]])] }),
      program({ sid: 4, payload: [content('abc')] }),
    );
    // What stands at a fixed place has the last numbers.
    expect(packets(rules, TRANSPORT.tcp, 0)).toEqual([group('payload', 0, [[2], [1]])]);
    expect(streams(rules, 0)).toEqual([group('payload', 0, [[0, 3], [1]])]);
    expect(packets(rules, TRANSPORT.udp, 0)).toEqual([group('payload', 0, [[3]])]);
  });

  it('are one for each buffer, and list a pattern that rules share once', () => {
    const rules = compiled(
      udp(1, { payload: [content('abc')] }),
      udp(2, { payload: [content('abc'), content('d')] }),
      udp(3, { buffers: [{ buffer: 'udp.hdr', matches: [content('abc')] }] }),
    );
    expect(packets(rules, TRANSPORT.udp, 0)).toEqual([group('payload', 0, [[0, 1]]), group('udp.hdr', 0, [[2]])]);
  });

  it('are one for each chain of transforms of a buffer, whose code they name', () => {
    const over = (kinds: readonly PlainTransform[]): ProgramFields => ({
      buffers: [{ buffer: 'payload', transforms: kinds.map((kind) => ({ kind })), matches: [content('abc')] }],
    });
    const rules = compiled(
      udp(1, over([])),
      udp(2, over(['dotprefix'])),
      udp(3, over(['to_lowercase', 'dotprefix'])),
      udp(4, over(['dotprefix'])),
    );
    expect(packets(rules, TRANSPORT.udp, 0)).toEqual([[[0]], [[1, 3]], [[2]]].map((list) => group('payload', 0, list)));
    const chains = Array.from({ length: 3 }, (_, index) => {
      const at = GROUP_WORDS * index;
      const code = rules.code.subarray(rules.groups[at + GROUP.transforms], rules.groups[at + GROUP.transformsEnd]);
      return [...code].flatMap((word, i) => (i % TRANSFORM.end === TRANSFORM.kind ? [TRANSFORM_KINDS[word]] : []));
    });
    expect(chains).toEqual([[], ['dotprefix'], ['to_lowercase', 'dotprefix']]);
  });

  it('look for the most telling bytes of long contents', () => {
    const rules = compiled(udp(1, { payload: [content('a'.repeat(40) + 'Xy7!'.repeat(8))] }));
    expect(rules.groups[GROUP.scanned]).toBe(1);
    const longest = new Int32Array(rules.memory, rules.tablesOffset + rules.groups[GROUP.tables]!)[AT_MAX_LENGTH / 4];
    expect(longest).toBe(LONGEST_PATTERN);
  });

  it('share their tables where they look for the same', () => {
    const rules = compiled(tcp(1, { payload: [content('abc')] }), udp(2, { payload: [content('abc')] }));
    const tables = new Set<number>();
    for (let at = 0; at < rules.groups.length; at += GROUP_WORDS) tables.add(rules.groups[at + GROUP.tables]!);
    expect(rules.groups.length / GROUP_WORDS).toBe(4);
    expect(tables.size).toBe(1);
  });

  it('leave out rules of streams without a pattern, which have a list by direction', () => {
    const { streamRules } = compiled(
      tcp(1, { payload: [bsize([3, 3])], flow: { direction: 'to_client' } }),
      tcp(2, { payload: [content('abc', { negated: true })] }),
      tcp(3, { payload: [bsize([3, 3])], packetTests: [field('dsize', [[3, 3]])] }),
      udp(4, { payload: [bsize([3, 3])] }),
    );
    const list = (direction: number): number[] => [
      ...streamRules.subarray(streamRules[2 * direction], streamRules[2 * direction + 1]),
    ];
    expect([list(0), list(1)]).toEqual([[1], [0, 1]]);
  });
});

/** Buffers of a protocol that there is none of. */
const FAKE = new BufferRegistry([
  ...BUFFER_SPECS,
  { name: 'fake.method', what: 'a method', applications: ['tls', 'quic'], scope: 'tx', kind: 'single', toServer: 1 },
  { name: 'fake.status', what: 'a status', applications: ['tls'], scope: 'tx', kind: 'single', toClient: 1 },
  { name: 'fake.body', what: 'a body', applications: ['tls'], scope: 'tx', kind: 'growing', toServer: 3, toClient: 3 },
]);

function compiledFake(...rules: ProgramFields[]): RuleSet {
  const programs = rules.map((fields, index) => {
    const rule = program({ sid: index + 1, ...fields, kind: 'packet' });
    return { ...rule, kind: ruleKind(rule, FAKE) };
  });
  return new RuleSet(placeBlock(compileRules(programs, { buffers: FAKE }).block));
}

const over = (...names: string[]): ProgramFields => ({
  buffers: names.map((buffer) => ({ buffer, matches: [content(buffer)] })),
});

describe('rules of transactions', () => {
  const TLS = applicationId('tls');
  const tx = (rules: RuleSet, application: number, direction: number): SeenGroup[] =>
    groupsOf(
      rules,
      txGroups(application, direction),
      UNIT.tx,
      FAKE.specs.map(({ name }) => name),
    );

  it('join the groups of each application and side that has their buffer, in the order of progress', () => {
    const rules = compiledFake(over('fake.method'), over('fake.body'), over('fake.status'), {
      ...over('fake.body'),
      flow: { direction: 'to_client' },
    });
    expect(tx(rules, TLS, 0)).toEqual([group('fake.method', 0, [[0]], 1), group('fake.body', 0, [[1]], 3)]);
    expect(tx(rules, TLS, 1)).toEqual([group('fake.status', 1, [[2]], 1), group('fake.body', 1, [[1, 3]], 3)]);
    expect(tx(rules, applicationId('quic'), 0)).toEqual([group('fake.method', 0, [[0]], 1)]);
    expect(packets(rules, TRANSPORT.tcp, 0)).toEqual([]);
  });

  it('are listed where they have no pattern', () => {
    const { txRules } = compiledFake(
      { buffers: [{ buffer: 'fake.status', matches: [bsize([3, 3])] }] },
      over('fake.method'),
    );
    const list = (direction: number): number[] => {
      const row = 2 * txRulesRow(TLS, direction);
      return [...txRules.subarray(txRules[row], txRules[row + 1])];
    };
    expect([list(0), list(1)]).toEqual([[], [0]]);
  });

  it('say of which applications, and number their engines by side and progress', () => {
    const { words, code, rowAt } = withRow(compiledFake(over('fake.body', 'fake.method', 'payload')));
    expect(words[rowAt + RULE.kind]).toBe(RULE_KIND.txPayload);
    expect(words[rowAt + RULE.applications]).toBe(1 << TLS);
    expect([words[rowAt + RULE.engines], words[rowAt + RULE.sides]]).toEqual([3, 1]);
    const heads: number[][] = [];
    for (let at = words[rowAt + RULE.buffers]!; at < words[rowAt + RULE.buffersEnd]!; at += code[at + 1]!) {
      heads.push([...code.subarray(at + BUFFER_CODE.engine, at + BUFFER_CODE.end)]);
    }
    // A method is of what clients send, and so the rule is about no other body. The payload is behind both.
    expect(heads).toEqual([
      [1, 3, -1],
      [0, 1, -1],
      [2, -1, -1],
    ]);
  });

  it('look at both sides where buffers of both stand', () => {
    const { words, rowAt } = withRow(compiledFake(over('fake.status', 'fake.method')));
    expect([words[rowAt + RULE.engines], words[rowAt + RULE.sides]]).toEqual([2, 3]);
  });
});

function withRow(rules: RuleSet): { words: Int32Array; code: Int32Array; rowAt: number } {
  return { words: rules.words, code: rules.code, rowAt: rules.rowAt(0) };
}
