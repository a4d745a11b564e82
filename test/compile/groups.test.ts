/** Which groups rules join, and how the index leads to them. */
import { describe, expect, it } from 'vitest';
import { BUFFERS } from '../../src/app/buffers.js';
import {
  GROUP, GROUP_INDEX, GROUP_INDEX_WORDS, GROUP_WORDS, packetGroups, TRANSPORT, UNIT,
} from '../../src/block/rule-block.js';
import { RuleSet } from '../../src/block/rule-set.js';
import { compileRules } from '../../src/compile/compile-rules.js';
import type { RuleProgram } from '../../src/rule/program.js';
import { placeBlock } from '../support/detecting.js';
import { content, program } from '../support/rule-programs.js';

const compiled = (...rules: RuleProgram[]): RuleSet => new RuleSet(placeBlock(compileRules(rules).block));

/** Of each group in the row of the index: its buffer, and the rows of rules per pattern. */
function groupsOf({ groups, groupIndex, patternRules }: RuleSet, row: number): { buffer: string; direction: number; rules: number[][] }[] {
  const first = groupIndex[GROUP_INDEX_WORDS * row + GROUP_INDEX.first]!;
  const count = groupIndex[GROUP_INDEX_WORDS * row + GROUP_INDEX.count]!;
  return Array.from({ length: count }, (_, index) => {
    const at = GROUP_WORDS * (first + index);
    expect(groups[at + GROUP.unit]).toBe(UNIT.packet);
    const lists = groups[at + GROUP.lists]!;
    const rules = Array.from({ length: groups[at + GROUP.patterns]! }, (_list, pattern) =>
      [...patternRules.subarray(patternRules[lists + pattern], patternRules[lists + pattern + 1])]);
    return { buffer: BUFFERS[groups[at + GROUP.buffer]!]!, direction: groups[at + GROUP.direction]!, rules };
  });
}

const tcp = (sid: number, fields: Parameters<typeof program>[0]): RuleProgram => program({ sid, header: { protocol: 'tcp' }, ...fields });

describe('groups of packets', () => {
  it('hold rules of a direction in that direction alone, and others in both', () => {
    const rules = compiled(
      tcp(1, { payload: [content('up')], flow: { direction: 'to_server' } }),
      tcp(2, { payload: [content('down')], flow: { direction: 'to_client' } }),
      tcp(3, { payload: [content('any')] }),
    );
    expect(groupsOf(rules, packetGroups(TRANSPORT.tcp, 0))).toEqual([{ buffer: 'payload', direction: 0, rules: [[0], [2]] }]);
    expect(groupsOf(rules, packetGroups(TRANSPORT.tcp, 1))).toEqual([{ buffer: 'payload', direction: 1, rules: [[1], [2]] }]);
    expect(groupsOf(rules, packetGroups(TRANSPORT.udp, 0))).toEqual([]);
  });

  it('are one for each buffer, and list a pattern that rules share once', () => {
    const rules = compiled(
      tcp(1, { payload: [content('abc')] }),
      tcp(2, { payload: [content('abc'), content('d')] }),
      tcp(3, { buffers: [{ buffer: 'tcp.hdr', matches: [content('abc')] }] }),
    );
    expect(groupsOf(rules, packetGroups(TRANSPORT.tcp, 0))).toEqual([
      { buffer: 'payload', direction: 0, rules: [[0, 1]] }, { buffer: 'tcp.hdr', direction: 0, rules: [[2]] },
    ]);
  });

  it('share their tables where they look for the same', () => {
    const rules = compiled(tcp(1, { payload: [content('abc')] }), program({ sid: 2, header: { protocol: 'udp' }, payload: [content('abc')] }));
    const tables = new Set<number>();
    for (let at = 0; at < rules.groups.length; at += GROUP_WORDS) tables.add(rules.groups[at + GROUP.tables]!);
    expect(rules.groups.length / GROUP_WORDS).toBe(4);
    expect(tables.size).toBe(1);
  });
});
