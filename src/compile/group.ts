/**
 * Groups rules for the prefilter: one pattern set per unit that is scanned, buffer and direction, and per pattern the rules
 * that wait for it. Stage: load.
 *
 * A rule joins the groups of every transport, or application, and of both directions that it looks at, so that one scan per
 * buffer finds all candidates. Groups with the same patterns share their tables. The index leads from what is at hand (a
 * packet's transport and direction, a stream's direction, a transaction's application and direction) to the groups of it.
 */
import { GROUP, GROUP_INDEX_ROWS, GROUP_WORDS } from '../block/rule-block.js';
import type { WordList } from '../block/word-list.js';
import type { Pattern } from '../match/literal/matcher.js';
import type { FastPattern } from '../rule/program.js';
import type { BlockWriter } from './block-writer.js';
import type { Place } from './places.js';

/** A rule as the prefilter sees it. */
export interface Filtered {
  readonly row: number;
  readonly places: readonly Place[];
  readonly pattern: FastPattern;
}

type CompilePatterns = (patterns: readonly Pattern[]) => Uint8Array;

interface Group {
  readonly buffer: number;
  readonly place: Place;
  readonly byPattern: Map<string, { readonly pattern: Pattern; readonly rows: number[] }>;
}

export function writeGroups(rules: readonly Filtered[], writer: BlockWriter, compilePatterns: CompilePatterns): void {
  const rows = Array.from({ length: GROUP_INDEX_ROWS }, () => new Map<string, Group>());
  for (const { row, places, pattern } of rules) {
    for (const place of places) addPattern(groupOf(rows[place.indexRow]!, place, writer.buffers.number(pattern.buffer)), pattern, row);
  }
  let first = 0;
  for (const groups of rows) {
    for (const group of [...groups.values()].sort(inOrder)) writeGroup(group, writer, compilePatterns);
    writer.groupIndex.push(first, groups.size);
    first += groups.size;
  }
}

const inOrder = (a: Group, b: Group): number => a.place.progress - b.place.progress || a.buffer - b.buffer;

function groupOf(groups: Map<string, Group>, place: Place, buffer: number): Group {
  const key = `${place.progress}:${buffer}`;
  let group = groups.get(key);
  if (group === undefined) groups.set(key, (group = { buffer, place, byPattern: new Map() }));
  return group;
}

function addPattern({ byPattern }: Group, pattern: FastPattern, row: number): void {
  const bytes = pattern.nocase ? pattern.bytes.map(lowerByte) : pattern.bytes;
  const key = `${pattern.nocase ? 'i' : 'c'}${Buffer.from(bytes).toString('latin1')}`;
  const entry = byPattern.get(key);
  if (entry === undefined) byPattern.set(key, { pattern: { bytes, nocase: pattern.nocase }, rows: [row] });
  else entry.rows.push(row);
}

function writeGroup({ buffer, place, byPattern }: Group, writer: BlockWriter, compilePatterns: CompilePatterns): void {
  const entries = [...byPattern.values()];
  const patterns = entries.map(({ pattern }) => pattern);
  const key = [...byPattern.keys()].map((each) => `${each.length}${each}`).join('');
  const group = new Array<number>(GROUP_WORDS).fill(0);
  group[GROUP.buffer] = buffer;
  group[GROUP.unit] = place.unit;
  group[GROUP.key] = place.key;
  group[GROUP.direction] = place.direction;
  group[GROUP.tables] = writer.addTables(key, () => compilePatterns(patterns));
  group[GROUP.patterns] = entries.length;
  group[GROUP.lists] = writeLists(entries.map(({ rows }) => rows), writer.patternRules);
  group[GROUP.progress] = place.progress;
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
