/**
 * What is said of a buffer that rules inspect: one line of data each, from which keywords, their documentation, the
 * prefilter's groups and the order of inspection come. Stage: app; names and shapes alone, no parser.
 */
import type { ApplicationName } from './applications.js';

/**
 * How far a side of a transaction is: numbers that rise, from 0 (nothing of it was seen) to the protocol's last state.
 * A buffer has the number from which on it is there.
 */
export type Progress = number;

export interface BufferSpec {
  /** The keyword that makes it the current buffer. */
  readonly name: string;
  /** Older names of that keyword. */
  readonly aliases?: readonly string[];
  /** Keywords that, behind a content, say that it is looked for here; sticky where no content stands before. */
  readonly modifiers?: readonly string[];
  /** Letter behind a regular expression that says the same. */
  readonly letter?: string;
  /** What it is, for the reference: "the name that is asked for". */
  readonly what: string;
  /** The protocols that have it; none: any packet or stream. */
  readonly applications: readonly ApplicationName[];
  readonly scope: 'packet' | 'stream' | 'tx' | 'frame';
  /**
   * `multi`: a transaction may have several; a rule matches where one of them passes all of its steps. `growing`: looked
   * at while it comes. `number`: no bytes, but a number (`Transaction.number`), or several.
   */
  readonly kind: 'single' | 'multi' | 'growing' | 'number';
  /** Of transactions: from which progress on a side has it; left out where that side never does. */
  readonly toServer?: Progress;
  readonly toClient?: Progress;
  /** It holds no capital letters: a content with some never matches. */
  readonly lowercase?: true;
}
