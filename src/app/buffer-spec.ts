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

/** Which numbers a buffer of kind `number` takes, and how rules write them. */
export interface NumberValues {
  readonly maximum: number;
  /** Names of numbers, in small letters; of bits where a number is a set of them. */
  readonly names?: Readonly<Record<string, number>>;
  /**
   * Several names may be asked for, between commas. `all`: of bits, which must all be set, or with ! not be set. `any`
   * (also between |): of bits or numbers, one of which must be there, or with ! none.
   */
  readonly list?: 'all' | 'any';
  readonly bits?: true;
  /** A message may have several of them: rules may say which are meant, or compare how many there are. */
  readonly many?: true;
  /** Ranges have their ends in them, where those of other keywords have not. */
  readonly inclusive?: true;
  /** By a word that may follow the value: the buffer that is then looked at instead (`urilen:>10,raw`). */
  readonly variants?: Readonly<Record<string, string>>;
}

export interface BufferSpec {
  /** Its name, and the keyword that makes it the current buffer, or that compares it. */
  readonly name: string;
  /** That keyword where it is another, or '' where there is none. */
  readonly keyword?: string;
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
   * `multi`: a transaction may have several; a rule matches where one of them passes all of its steps. `growing`:
   * looked at while it comes. `number`: no bytes, but a number (`Transaction.number`), or several.
   */
  readonly kind: 'single' | 'multi' | 'growing' | 'number';
  /** It is of files (app/file): a side may have several of them, until no more come. */
  readonly ofFiles?: true;
  /** Of kind `number`: more may be added to it as long as the transaction is there. */
  readonly accumulates?: true;
  /** Of transactions: from which progress on a side has it; left out where that side never does. */
  readonly toServer?: Progress;
  readonly toClient?: Progress;
  /** It holds no capital letters: a content with some never matches. */
  readonly lowercase?: true;
  /** Its letters are digits: contents find them in either case. */
  readonly eitherCase?: true;
  /** Bytes that it has at most. */
  readonly longest?: number;
  /** What it holds tells little, as a method does: the prefilter looks in other buffers where it can. */
  readonly common?: true;
  /** Of kind `number`: any number up to 32 bits when left out. */
  readonly values?: NumberValues;
  /** For the reference: an example, where that made of its name says little, and where it differs from Suricata. */
  readonly example?: string;
  readonly differences?: string;
}
