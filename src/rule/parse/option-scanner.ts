/**
 * The options of a rule without the grammar, for rules that are written as nearly all are. Stage: rule (parse).
 *
 *   ( name : value ; name ; )
 *
 * PERF: the grammar's parser takes 30 times as long for the same nodes. What does not look like this exactly is left to
 * the grammar, which is the reference and knows what to say; a property test holds the two together.
 */
import type { OptionNode } from '../ast.js';
import { NAME, VALUE, WHITE_SPACE } from './lexer.js';
import { optionValue, type OptionBlock } from './nodes.js';

/** The grammar's cap on tokens is far above this. */
const MAXIMUM_OPTIONS = 10_000;

const SEMICOLON = 0x3b;
const COLON = 0x3a;
const CLOSE = 0x29;

/** Has the positions of its expressions as state, so one for each parser. */
export class OptionScanner {
  private readonly space = new RegExp(WHITE_SPACE, 'y');
  private readonly name = new RegExp(NAME, 'y');
  // As the lexer compiles it.
  private readonly value = new RegExp(VALUE, 'my');

  /** The options from the parenthesis at `open` to the end of the text; undefined where the grammar must look. */
  scan(text: string, open: number): OptionBlock | undefined {
    const options: OptionNode[] = [];
    let at = this.skipSpace(text, open + 1);
    while (text.charCodeAt(at) !== CLOSE) {
      const nameEnd = endOf(this.name, text, at);
      if (nameEnd < 0 || options.length === MAXIMUM_OPTIONS) return undefined;
      const name = { text: text.slice(at, nameEnd), span: { start: at, end: nameEnd } };
      at = this.skipSpace(text, nameEnd);
      let value;
      if (text.charCodeAt(at) === COLON) {
        const end = endOf(this.value, text, at);
        if (end < 0) return undefined;
        value = optionValue(text.slice(at, end), at);
        at = end;
      }
      if (text.charCodeAt(at) !== SEMICOLON) return undefined;
      options.push({ name, value });
      at = this.skipSpace(text, at + 1);
    }
    return this.skipSpace(text, at + 1) === text.length ? { options, end: at + 1 } : undefined;
  }

  private skipSpace(text: string, at: number): number {
    const code = text.charCodeAt(at);
    if (code > 0x20) return at;
    // Nearly always one blank before a name.
    if (code === 0x20 && text.charCodeAt(at + 1) > 0x20) return at + 1;
    const end = endOf(this.space, text, at);
    return end < 0 ? at : end;
  }
}

/** Where the match of a sticky expression at `at` ends, -1 without one. */
function endOf(expression: RegExp, text: string, at: number): number {
  expression.lastIndex = at;
  return expression.test(text) ? expression.lastIndex : -1;
}
