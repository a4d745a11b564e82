/**
 * Who wins where new data lie over a piece of older ones: by whether they begin before, with or behind it, and whether
 * they end before, with or behind it. Of segments (stream/overlap.ts) and of fragments (dispatch/fragment-policy.ts).
 */

/** Where one end of the new data lies, seen from the same end of the piece. */
const BEFORE = 0;
const WITH = 1;
const BEHIND = 2;

/** By where the new data end. */
type Wins = readonly [before: boolean, with_: boolean, behind: boolean];
/** By where the new data begin, then by where they end: whether they win. */
export type Winners = readonly [before: Wins, with_: Wins, behind: Wins];

export const NEVER: Wins = [false, false, false];
export const ALWAYS: Wins = [true, true, true];
export const UNLESS_BEFORE: Wins = [false, true, true];
export const IF_BEHIND: Wins = [false, false, true];

const sideOf = (end: number, pieceEnd: number): number => (end < pieceEnd ? BEFORE : end === pieceEnd ? WITH : BEHIND);

/** Whether the new data [start, end) win over the piece [pieceStart, pieceEnd) that they overlap. */
export function newWins(winners: Winners, start: number, end: number, pieceStart: number, pieceEnd: number): boolean {
  return winners[sideOf(start, pieceStart)][sideOf(end, pieceEnd)];
}
