/**
 * Groups rules for the prefilter: one pattern set per buffer and transport class, and per pattern the rules that wait for
 * it. Stage: load.
 *
 * A rule joins the group of every transport that it looks at, so that one scan per buffer finds all candidates. Groups
 * with the same patterns share their tables.
 */
import { BUFFERS } from '../app/buffers.js';
import type { Pattern } from '../match/literal/matcher.js';
import type { FastPattern } from '../rule/program.js';
import type { BlockWriter } from './block-writer.js';
import { GROUP, GROUP_WORDS, TRANSPORT_COUNT } from '../block/rule-block.js';
import type { WordList } from '../block/word-list.js';

/** A rule as the prefilter sees it. */
export interface Filtered {
  readonly row: number;
  readonly transports: number;
  readonly pattern: FastPattern;
}

export function writeGroups(rules: readonly Filtered[], writer: BlockWriter, compilePatterns: (patterns: readonly Pattern[]) => Uint8Array): void {
  for (let buffer = 0; buffer < BUFFERS.length; buffer++) {
    const inBuffer = rules.filter((rule) => rule.pattern.buffer === BUFFERS[buffer]);
    for (let transport = 0; transport < TRANSPORT_COUNT; transport++) {
      const group = inBuffer.filter((rule) => ((rule.transports >>> transport) & 1) === 1);
      if (group.length > 0) writeGroup(buffer, transport, group, writer, compilePatterns);
    }
  }
}

function writeGroup(
  buffer: number, transport: number, rules: readonly Filtered[], writer: BlockWriter, compilePatterns: (patterns: readonly Pattern[]) => Uint8Array,
): void {
  const byPattern = new Map<string, { pattern: Pattern; rows: number[] }>();
  for (const { row, pattern } of rules) {
    const bytes = pattern.nocase ? pattern.bytes.map(lowerByte) : pattern.bytes;
    const key = `${pattern.nocase ? 'i' : 'c'}${Buffer.from(bytes).toString('latin1')}`;
    const entry = byPattern.get(key);
    if (entry === undefined) byPattern.set(key, { pattern: { bytes, nocase: pattern.nocase }, rows: [row] });
    else entry.rows.push(row);
  }
  const entries = [...byPattern.values()];
  const tables = writer.addTables([...byPattern.keys()].map((key) => `${key.length}${key}`).join(''), () => compilePatterns(entries.map((entry) => entry.pattern)));
  const group = new Array<number>(GROUP_WORDS).fill(0);
  group[GROUP.buffer] = buffer;
  group[GROUP.transport] = transport;
  group[GROUP.tables] = tables;
  group[GROUP.patterns] = entries.length;
  group[GROUP.lists] = writeLists(entries.map((entry) => entry.rows), writer.patternRules);
  writer.groups.push(...group);
}

/** Appends the starts of the lists (one more than lists) and the lists; returns where the starts are. */
function writeLists(lists: readonly (readonly number[])[], words: WordList): number {
  const starts = words.length;
  let at = starts + lists.length + 1;
  for (const list of lists) {
    words.push(at);
    at += list.length;
  }
  words.push(at);
  for (const list of lists) for (const row of list) words.push(row);
  return starts;
}

const lowerByte = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte);
