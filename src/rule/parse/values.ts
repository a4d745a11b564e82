/**
 * What the small grammars make of option values that have a structure. Stage: rule (parse).
 *
 * Parsed by parser.ts (`parseContentValue`, `parseArguments`) from the grammars content.ne and byte-expression.ne.
 */
import type { Span } from '../diagnostics/diagnostic.js';
import type { Word } from '../ast.js';

/** `!"GET |0d 0a|", nocase, depth 5`: the bytes of a content and, as Snort 3 writes them, its modifiers. */
export interface ContentValue {
  readonly negated: boolean;
  readonly bytes: Uint8Array;
  /** Comma-separated modifiers behind the closing quote. */
  readonly modifiers: readonly Argument[];
}

/** One comma-separated argument: the words between two commas (`relative`, `bitmask 0xff`, `!>`). Never empty. */
export interface Argument {
  readonly words: readonly Word[];
  readonly span: Span;
}
