/**
 * Groups rules for the prefilter: one pattern set per unit that is scanned, buffer and direction, and per pattern the
 * rules that wait for it. Stage: load.
 *
 * A rule joins the groups of every transport, or application, and of both directions that it looks at, so that one scan
 * per buffer finds all candidates; a buffer that is transformed has a group for each chain of transforms. Patterns at a
 * fixed place are looked up, not scanned for. Groups with the same patterns share their tables. The index leads from
 * what is at hand (a packet's transport and direction, a stream's direction, a transaction's application and direction)
 * to the groups of it.
 */
import { GROUP, GROUP_INDEX_ROWS, GROUP_WORDS, LONGEST_PATTERN } from '../block/rule-block.js';
import type { WordList } from '../block/word-list.js';
import { foldBytes } from '../match/literal/gram.js';
import type { Pattern } from '../match/literal/matcher.js';
import { patternStrength } from '../rule/compile/fast-pattern.js';
import type { Transform } from '../rule/buffer-match.js';
import type { FastPattern } from '../rule/program.js';
import type { BlockWriter } from './block-writer.js';
import { packTransform } from './pack-steps.js';
import type { Place } from './places.js';

/** A rule as the prefilter sees it. */
export interface Filtered {
  readonly row: number;
  readonly places: readonly Place[];
  readonly pattern: FastPattern;
}

type CompilePatterns = (patterns: readonly Pattern[]) => Uint8Array;

interface Entry {
  readonly pattern: Pattern;
  /** Where in the buffer it stands; undefined where that is not known before. */
  readonly place: number | undefined;
  readonly rows: number[];
}

interface Group {
  readonly buffer: number;
  readonly place: Place;
  /** Packed code. */
  readonly transforms: readonly number[];
  readonly byPattern: Map<string, Entry>;
}

/** What tells the groups of a place apart: progress and buffer, and the transforms where there are some. */
type GroupKey = number | string;

export function writeGroups(rules: readonly Filtered[], writer: BlockWriter, compilePatterns: CompilePatterns): void {
  const rows = Array.from({ length: GROUP_INDEX_ROWS }, () => new Map<GroupKey, Group>());
  for (const { row, places, pattern } of rules) {
    const transforms = pattern.transforms === undefined ? NONE : packTransforms(pattern.transforms, writer);
    const buffer = writer.buffers.number(pattern.buffer);
    const literal = literalOf(pattern);
    for (const place of places) {
      const groups = rows[place.indexRow]!;
      const number = place.progress * writer.buffers.specs.length + buffer;
      const key = transforms.length === 0 ? number : `${number}:${transforms.join()}`;
      let group = groups.get(key);
      if (group === undefined) groups.set(key, (group = { buffer, place, transforms, byPattern: new Map() }));
      addLiteral(group, literal, row);
    }
  }
  let first = 0;
  for (const groups of rows) {
    for (const group of [...groups.values()].sort(inOrder)) writeGroup(group, writer, compilePatterns);
    writer.groupIndex.push(first, groups.size);
    first += groups.size;
  }
}

const NONE: readonly number[] = [];

const packTransforms = (transforms: readonly Transform[], writer: BlockWriter): number[] =>
  transforms.flatMap((transform) => packTransform(transform, writer));

const inOrder = (a: Group, b: Group): number =>
  a.place.progress - b.place.progress || a.buffer - b.buffer || a.transforms.length - b.transforms.length;

/** What is looked for, under a name that it alone has. */
interface Literal extends Omit<Entry, 'rows'> {
  readonly key: string;
}

function literalOf({ bytes: whole, nocase, place: start }: FastPattern): Literal {
  const cut = tellingPart(whole);
  const part = whole.subarray(cut, cut + LONGEST_PATTERN);
  const bytes = nocase ? foldBytes(part) : part;
  const place = start === undefined ? undefined : start + cut;
  const key = `${place ?? ''}${nocase ? 'i' : 'c'}${textOf(bytes)}`;
  return { key, pattern: { bytes, nocase }, place };
}

const textOf = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString('latin1');

function addLiteral({ byPattern }: Group, { key, pattern, place }: Literal, row: number): void {
  const entry = byPattern.get(key);
  if (entry === undefined) byPattern.set(key, { pattern, place, rows: [row] });
  else entry.rows.push(row);
}

/** Where the best LONGEST_PATTERN bytes start. */
function tellingPart(bytes: Uint8Array): number {
  if (bytes.length <= LONGEST_PATTERN) return 0;
  let best = 0;
  let strength = -1;
  for (let at = 0; at + LONGEST_PATTERN <= bytes.length; at++) {
    const here = patternStrength(bytes, at, at + LONGEST_PATTERN);
    if (here > strength) [best, strength] = [at, here];
  }
  return best;
}

function writeGroup(
  { buffer, place, transforms, byPattern }: Group,
  writer: BlockWriter,
  compilePatterns: CompilePatterns,
): void {
  const scanned = [...byPattern].filter(([, entry]) => entry.place === undefined);
  const anchored = [...byPattern].filter(([, entry]) => entry.place !== undefined);
  const entries = [...scanned, ...anchored].map(([, entry]) => entry);
  const group = new Array<number>(GROUP_WORDS).fill(0);
  group[GROUP.buffer] = buffer;
  group[GROUP.unit] = place.unit;
  group[GROUP.key] = place.key;
  group[GROUP.direction] = place.direction;
  group[GROUP.patterns] = entries.length;
  group[GROUP.scanned] = scanned.length;
  group[GROUP.lists] = writeLists(
    entries.map(({ rows }) => rows),
    writer.patternRules,
  );
  group[GROUP.progress] = place.progress;
  group[GROUP.transforms] = writer.addTransforms(transforms);
  group[GROUP.transformsEnd] = group[GROUP.transforms] + transforms.length;
  if (scanned.length > 0) {
    group[GROUP.tables] = writer.addTables(keyOf(scanned), () =>
      compilePatterns(scanned.map(([, { pattern }]) => pattern)),
    );
  }
  const placed = anchored.map(([, entry], index) => ({
    ...entry.pattern,
    place: entry.place!,
    id: scanned.length + index,
  }));
  group[GROUP.anchored] = writer.addAnchored(`${scanned.length}:${keyOf(anchored)}`, placed);
  writer.groups.push(...group);
}

/** Names a set of patterns: the same for the same ones in the same order. */
const keyOf = (entries: readonly (readonly [key: string, entry: Entry])[]): string =>
  entries.map(([key]) => `${key.length}:${key}`).join('');

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
