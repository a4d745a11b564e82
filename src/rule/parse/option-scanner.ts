/**
 * The options of a rule without the grammar, for rules that are written as nearly all are. Stage: rule (parse).
 *
 *   ( name : value ; name ; )
 *
 * PERF: the grammar's parser takes 30 times as long for the same nodes. What does not look like this exactly is left to
 * the grammar, which is the reference and knows what to say; a property test holds the two together. Names, and values
 * without escapes that are quoted as a whole or not at all, are read by loops over their characters: the expressions
 * of the lexer, which are asked for the others, cost more to call than these take.
 */
import type { OptionNode, Word } from '../ast.js';
import { VALUE, WHITE_SPACE } from './lexer.js';
import { optionValue, type OptionBlock } from './nodes.js';

/** The grammar's cap on tokens is far above this. */
const MAXIMUM_OPTIONS = 10_000;

const BLANK = 0x20;
const BANG = 0x21;
const QUOTE = 0x22;
const CLOSE = 0x29;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const BACKSLASH = 0x5c;
const DELETE = 0x7f;

/** By character: 1 where it may be part of a name (NAME of the lexer). */
const OF_NAME = Uint8Array.from({ length: 0x80 }, (_, code) => Number(/[\w.-]/.test(String.fromCharCode(code))));

/** Has the positions of its expressions as state, so one for each parser. */
export class OptionScanner {
  private readonly space = new RegExp(WHITE_SPACE, 'y');
  // As the lexer compiles it.
  private readonly value = new RegExp(VALUE, 'my');

  /** The options from the parenthesis at `open` to the end of the text; undefined where the grammar must look. */
  scan(text: string, open: number): OptionBlock | undefined {
    const options: OptionNode[] = [];
    let at = this.skipSpace(text, open + 1);
    while (text.charCodeAt(at) !== CLOSE) {
      const nameEnd = endOfName(text, at);
      if (nameEnd === at || options.length === MAXIMUM_OPTIONS) return undefined;
      const name = { text: text.slice(at, nameEnd), span: { start: at, end: nameEnd } };
      at = this.skipSpace(text, nameEnd);
      let value: Word | undefined;
      if (text.charCodeAt(at) === COLON) {
        const start = startOfValue(text, at + 1);
        let end = endOfPlain(text, start);
        if (end > start) {
          value = { text: text.slice(start, end), span: { start, end } };
        } else {
          end = endOf(this.value, text, at);
          if (end < 0) return undefined;
          value = optionValue(text.slice(at, end), at);
        }
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
    if (code > BLANK) return at;
    // Nearly always one blank before a name.
    if (code === BLANK && text.charCodeAt(at + 1) > BLANK) return at + 1;
    const end = endOf(this.space, text, at);
    return end < 0 ? at : end;
  }
}

function endOfName(text: string, at: number): number {
  while (OF_NAME[text.charCodeAt(at)] === 1) at++;
  return at;
}

/** Behind the blanks at the start of a value. */
function startOfValue(text: string, at: number): number {
  while (text.charCodeAt(at) === BLANK) at++;
  return at;
}

/**
 * Where a value ends, at the semicolon behind it, that is printable characters without quotes or escapes, or such a
 * text in quotes; -1 for any other.
 */
function endOfPlain(text: string, start: number): number {
  let at = text.charCodeAt(start) === BANG ? start + 1 : start;
  const isQuoted = text.charCodeAt(at) === QUOTE;
  if (isQuoted) at++;
  for (; ; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return isQuoted && text.charCodeAt(at + 1) === SEMICOLON ? at + 1 : -1;
    if (code === SEMICOLON && !isQuoted) return text.charCodeAt(at - 1) === BLANK ? -1 : at;
    if (!(code >= BLANK && code < DELETE) || code === BACKSLASH) return -1;
  }
}

/** Where the match of a sticky expression at `at` ends, -1 without one. */
function endOf(expression: RegExp, text: string, at: number): number {
  expression.lastIndex = at;
  return expression.test(text) ? expression.lastIndex : -1;
}
