/**
 * PCRE patterns as JavaScript regular expressions that mean the same on bytes. Stage: load.
 *
 * The result runs on latin1 strings (one character a byte). Patterns are rule authors' input: they are parsed to the last
 * byte and printed anew, never handed to RegExp as they are. What remains different, all without effect on whether a
 * pattern matches a text: groups within a repeat are forgotten at each round, and a round of a repeat that takes nothing is
 * undone; both matter only to which of several matches is found, and to back references, which are checked
 * (pcre-references.ts). A back reference that ignores case also takes letters above 0x7F in their other case.
 */
import { PcreError } from './pcre-node.js';
import { parsePcre } from './pcre-parser.js';
import { printPattern } from './pcre-printer.js';

export interface TranslatedPcre {
  readonly ok: true;
  /** For `new RegExp(source, flags)`; add `g` or `y` to get at positions. */
  readonly source: string;
  readonly flags: string;
  /** Whether V8's linear-time engine takes it (flag `l`, or as the fall-back after excessive backtracking). */
  readonly linear: boolean;
  /** JavaScript's number of each of the pattern's groups, from 1; [0] is 0. */
  readonly groups: readonly number[];
  /** Names of groups with the pattern's own numbers: look these up in `groups`. */
  readonly captureNames: ReadonlyMap<string, number>;
}

export interface PcreFailure {
  readonly ok: false;
  readonly message: string;
  /** Where in the pattern, from 0. */
  readonly offset: number;
}

export interface PcreOptions {
  /**
   * Where a match ends does not matter. Then one that ends before a newline that ends the text may take the newline in, by
   * which patterns ending in `$` come within reach of the linear engine.
   */
  readonly endUnused?: boolean;
}

/** Translates the pattern between the slashes with PCRE's and Snort's flags among `ismxAEG`, of which others have no effect. */
export function translatePcre(source: string, flags: string, options: PcreOptions = {}): TranslatedPcre | PcreFailure {
  try {
    const pattern = parsePcre(source, flags);
    const printed = printPattern(pattern, options.endUnused ?? false);
    return { ok: true, ...printed, captureNames: pattern.names };
  } catch (error) {
    if (error instanceof PcreError) return { ok: false, message: error.message, offset: error.offset };
    throw error;
  }
}
