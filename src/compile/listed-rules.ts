/**
 * Rules of transactions and of streams without a pattern, by what they are tried on. Stage: load.
 *
 * Rows of start and end of a list, then the lists: rule rows, ascending. Such rules are few, and are looked at wherever
 * they may match.
 */
import { TX_RULES_ROWS, txRulesRow } from '../block/rule-block.js';
import type { Unfiltered } from './header-index.js';
import { ListWriter } from './list-writer.js';
import { type Place, streamPlaces } from './places.js';
import { flowBits, transports } from './rule-flags.js';

/** A rule of transactions as its list sees it. */
export interface Listed {
  readonly row: number;
  readonly places: readonly Place[];
}

export function packTxRules(rules: readonly Listed[]): number[] {
  const lists = Array.from({ length: TX_RULES_ROWS }, () => [] as number[]);
  for (const { row, places } of rules)
    for (const { key, direction } of places) lists[txRulesRow(key, direction)]!.push(row);
  return packLists(lists);
}

/** By direction. */
export function packStreamRules(rules: readonly Unfiltered[]): number[] {
  const lists: [number[], number[]] = [[], []];
  for (const { row, program } of rules) {
    if (program.kind !== 'stream' && program.kind !== 'both') continue;
    for (const { direction } of streamPlaces(transports(program), flowBits(program))) lists[direction]!.push(row);
  }
  return packLists(lists);
}

function packLists(lists: readonly (readonly number[])[]): number[] {
  const words = new Array<number>(2 * lists.length).fill(0);
  const writer = new ListWriter(words);
  lists.forEach((list, index) => ([words[2 * index], words[2 * index + 1]] = writer.add(list)));
  return words;
}
