/** A bound of a parser as rows of docs/protocols/limits.md say it (limits.ts), and those that several have. */

/** How a number is said. */
type Unit = 'bytes' | '';
/** A constant, and what is said behind its value. */
export type Bound = readonly [constant: string, unit: Unit, behind: string];

export interface Limit {
  readonly what: string;
  readonly bounds: readonly Bound[];
  readonly beyond: string;
}

export const bytes = (constant: string, behind = ''): Bound => [constant, 'bytes', behind];
export const some = (constant: string, behind = ''): Bound => [constant, '', behind];
const isOne = (bounds: Bound | readonly Bound[]): bounds is Bound => typeof bounds[0] === 'string';
export const limit = (what: string, bounds: Bound | readonly Bound[], beyond: string): Limit => ({
  what,
  bounds: isOne(bounds) ? [bounds] : bounds,
  beyond,
});
/** What a transaction keeps of its messages. */
export const kept = (file: string): Limit =>
  limit(
    'what is kept of a transaction',
    [bytes(`${file}:mostBytes`), some(`${file}:mostFields`, 'fields')],
    '`too_many_fields`: the rest is not kept',
  );

/** What waits in a file that comes in parts, and what says that it is too much. */
export const piecesOfFile = (saying = ''): Limit =>
  limit(
    'pieces of a file ahead of their place',
    [some('file/file-way:MOST_PIECES'), bytes('file/file-way:MOST_WAITING')],
    `what is missing is a gap${saying}`,
  );
