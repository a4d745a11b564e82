/**
 * IP reputation from files: categories by name, and per category the addresses with their scores. Stage: load.
 * Reference: Suricata, IP reputation format.
 *
 *   categories    1,BadHosts,Known bad hosts
 *   reputations   192.0.2.0/24,1,80
 *
 * Within a category the most specific network counts. Where two lines have the same one, the first counts; of single
 * addresses, written without a length, the last does, and it counts before a network of one (decision 51). Networks
 * nest or are apart, so that one pass over them in order, with a stack of those that are open, cuts the address space
 * into ranges of one score.
 */
import type { Word } from '../rule/ast.js';
import { addressUnion, parseAddressWord } from '../rule/compile/address-set.js';
import type { AddressSet, Ranges } from '../block/terms.js';
import type { LocatedDiagnostic } from '../rule/diagnostics/render-diagnostic.js';
import type { DataProblem } from '../rule/compile/rule-data.js';
import { splitArguments } from '../rule/options/value.js';
import { nearest } from '../util/nearest.js';
import type { DataFiles } from './data-files.js';
import { configLines, LineProblems } from './data-lines.js';
import type { DataSettings } from './data-settings.js';

const LAST_CATEGORY = 60;
const LAST_SCORE = 127;

/** A network with its score. */
interface Scored<T> {
  readonly low: T;
  readonly high: T;
  readonly score: number;
}

/** And with the line that says so. */
interface ScoredLine<T> extends Scored<T> {
  /** Written without a length. */
  readonly isHost: boolean;
  readonly line: Word;
  readonly wrong: LineProblems;
}

interface Lines {
  readonly ipv4: ScoredLine<number>[];
  readonly ipv6: ScoredLine<bigint>[];
}

/** In order: networks before those within them. */
interface Category {
  readonly ipv4: readonly Scored<number>[];
  readonly ipv6: readonly Scored<bigint>[];
}

export class Reputation {
  readonly problems: LocatedDiagnostic[] = [];
  private readonly numbers: ReadonlyMap<string, number>;
  private readonly categories: ReadonlyMap<number, Category>;

  private constructor(numbers: ReadonlyMap<string, number>, categories: ReadonlyMap<number, Category>) {
    this.numbers = numbers;
    this.categories = categories;
  }

  /** Reads all files; a file that cannot be read is a problem of every rule that asks. */
  static load({ categories, files }: DataSettings['reputation'], source: DataFiles): Reputation | DataProblem {
    if (categories === '') return missing('reputation.categories', 'the file that names the categories');
    if (files.length === 0) return missing('reputation.files', 'the files of reputations');
    const named = readLines(categories, source, readCategory);
    if ('code' in named) return named;
    const lines = new Map<number, Lines>();
    const wrong = [named.wrong];
    for (const file of files) {
      const read = readLines(file, source, readReputation);
      if ('code' in read) return read;
      for (const line of read.found) put(lines, line, read.wrong);
      wrong.push(read.wrong);
    }
    const known = new Map([...lines].map(([number, { ipv4, ipv6 }]) => [number, settled(number, ipv4, ipv6)]));
    const reputation = new Reputation(new Map(named.found.map(({ name, number }) => [name, number])), known);
    for (const each of wrong) reputation.problems.push(...each.located());
    return reputation;
  }

  /** The addresses with a score within the ranges. */
  addresses(category: string, scores: Ranges): AddressSet | DataProblem {
    const number = this.numbers.get(category);
    if (number === undefined) {
      const close = nearest(category, this.numbers.keys());
      return {
        code: 'unknown-category',
        message: `there is no category of reputations called ${category}`,
        hint:
          close === undefined
            ? `write one of ${[...this.numbers.keys()].slice(0, 10).join(', ')}`
            : `did you mean ${close}?`,
      };
    }
    const { ipv4, ipv6 } = this.categories.get(number) ?? { ipv4: [], ipv6: [] };
    const passes = (score: number): boolean => scores.some(([low, high]) => score >= low && score <= high);
    return addressUnion([
      {
        ipv4: rangesOf(ipv4, passes, (value, by) => value + by),
        ipv6: rangesOf(ipv6, passes, (value, by) => value + BigInt(by)),
      },
    ]);
  }
}

const missing = (setting: string, what: string): DataProblem => ({
  code: 'missing-setting',
  message: `iprep needs ${what}: ${setting} is empty`,
  hint: `name it: --set ${setting}=FILE`,
});

/** The lines that `read` makes something of; what it says of the others becomes a warning. */
function readLines<T>(
  file: string,
  source: DataFiles,
  read: (line: Word) => T | string | undefined,
): { readonly found: T[]; readonly wrong: LineProblems } | DataProblem {
  const content = source.readText(file);
  if ('reason' in content)
    return { code: 'unreadable-file', message: `cannot read ${file}: ${content.reason}`, hint: content.hint };
  const wrong = new LineProblems(file, content.text);
  const found: T[] = [];
  for (const line of configLines(content.text)) {
    const outcome = read(line);
    if (typeof outcome === 'string') wrong.add(line, outcome);
    else if (outcome !== undefined) found.push(outcome);
  }
  if (found.length === 0 && wrong.count > 0)
    return { code: 'bad-data-file', message: `no line of ${file} can be read`, hint: wrong.located()[0]?.message };
  return { found, wrong };
}

function readCategory(line: Word): { readonly name: string; readonly number: number } | string {
  const [id, name] = splitArguments(line);
  const number = numberUpTo(id!.text, LAST_CATEGORY);
  if (number === undefined || number === 0) return `a category starts with a number from 1 to ${LAST_CATEGORY}`;
  return name === undefined || name.text === ''
    ? 'the category has no name: <number>,<name>,<description>'
    : { name: name.text, number };
}

interface ReputationLine {
  readonly line: Word;
  readonly isHost: boolean;
  readonly number: number;
  readonly networks: AddressSet;
  readonly score: number;
}

function readReputation(line: Word): ReputationLine | string | undefined {
  const [address, category, score] = splitArguments(line).map(({ text }) => text);
  // A line of titles may stand first.
  if (address === 'ip') return undefined;
  if (category === undefined || score === undefined)
    return 'a reputation is <address>,<number of the category>,<score>';
  const networks = address!.includes('-') ? `'${address}' is no address or network` : parseAddressWord(address!);
  if (typeof networks === 'string') return networks;
  const number = numberUpTo(category, LAST_CATEGORY);
  if (number === undefined) return `'${category}' is no number of a category`;
  const value = numberUpTo(score, LAST_SCORE);
  return value === undefined
    ? `the score is no number from 0 to ${LAST_SCORE}`
    : { line, isHost: !address!.includes('/'), number, networks, score: value };
}

function numberUpTo(text: string, maximum: number): number | undefined {
  const number = /^\d{1,3}$/.test(text) ? Number(text) : NaN;
  return number <= maximum ? number : undefined;
}

function put(
  lines: Map<number, Lines>,
  { line, isHost, number, networks: { ipv4, ipv6 }, score }: ReputationLine,
  wrong: LineProblems,
): void {
  const category = lines.get(number) ?? { ipv4: [], ipv6: [] };
  lines.set(number, category);
  for (const [low, high] of ipv4) category.ipv4.push({ low, high, score, isHost, line, wrong });
  for (const [low, high] of ipv6) category.ipv6.push({ low, high, score, isHost, line, wrong });
}

const settled = (
  number: number,
  ipv4: readonly ScoredLine<number>[],
  ipv6: readonly ScoredLine<bigint>[],
): Category => ({ ipv4: inOrder(number, ipv4), ipv6: inOrder(number, ipv6) });

/** Networks in order, each once and a single address behind a network of one. Lines that do not count are told. */
function inOrder<T extends number | bigint>(category: number, lines: readonly ScoredLine<T>[]): Scored<T>[] {
  // Stable: of equal ones the lines stay in order.
  const sorted = lines.toSorted((a, b) =>
    a.low < b.low
      ? -1
      : a.low > b.low
        ? 1
        : a.high > b.high
          ? -1
          : a.high < b.high
            ? 1
            : Number(a.isHost) - Number(b.isHost),
  );
  const kept: ScoredLine<T>[] = [];
  for (const next of sorted) {
    const before = kept.at(-1);
    const isSame = before?.low === next.low && before.high === next.high && before.isHost === next.isHost;
    if (!isSame) {
      kept.push(next);
      continue;
    }
    const [counts, other] = next.isHost ? [next, before] : [before, next];
    kept[kept.length - 1] = counts;
    if (counts.score !== other.score)
      other.wrong.addTwoScores(
        other.line,
        `another line gives this the score ${counts.score} in category ${category}, and counts`,
      );
  }
  return kept.map(({ low, high, score }) => ({ low, high, score }));
}

/** Ranges of addresses whose score passes; networks are in order. */
function rangesOf<T extends number | bigint>(
  networks: readonly Scored<T>[],
  passes: (score: number) => boolean,
  plus: (value: T, by: 1 | -1) => T,
): (readonly [T, T])[] {
  const ranges: (readonly [T, T])[] = [];
  const open: Scored<T>[] = [];
  let from: T | undefined;
  const close = (to: T): void => {
    const top = open.at(-1);
    if (top !== undefined && from !== undefined && from <= to && passes(top.score)) ranges.push([from, to]);
  };
  const closeBefore = (low: T | undefined): void => {
    for (let top = open.at(-1); top !== undefined && (low === undefined || top.high < low); top = open.at(-1)) {
      close(top.high);
      open.pop();
      from = plus(top.high, 1);
    }
  };
  for (const network of networks) {
    closeBefore(network.low);
    close(plus(network.low, -1));
    open.push(network);
    from = network.low;
  }
  closeBefore(undefined);
  return ranges;
}
