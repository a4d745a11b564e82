/**
 * A value that holds the options behind it, as a semicolon or a closing quote is missing. Stage: rule (compile).
 *
 *   content:"abcd" sid:5;                 a semicolon is missing before sid
 *   msg:"x", content:"abcd", sid:5;       commas where semicolons belong
 *   msg:"x; content:"abcd";               the first quote is not closed
 *
 * Looked for only where a value cannot be read, so that a good value is never mistaken; told by the names of keywords.
 */
import type { Word } from '../ast.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';

/** Values longer than this are not searched. */
const MAXIMUM_LENGTH = 8192;
/**
 * What may stand between an option and the next, and that one's name up to its colon; behind blanks alone it needs
 * none.
 */
const NEXT_OPTION = /(?:([\s,:]+)([A-Za-z][\w.-]*)\s*(?=:)|(\s+)([A-Za-z][\w.-]*)\s*$)/y;
/** Keywords that are words of values as well, `offset 4` in byte_math and `count 1` in threshold. */
const ALSO_ARGUMENTS: ReadonlySet<string> = new Set(['offset', 'count']);
const SEPARATOR = /[\s,:]/;
const OPTION_BEFORE_QUOTE = /;\s*([A-Za-z][\w.-]*)\s*:\s*!?\s*$/;

/**
 * What to say instead of what is wrong with the value by itself; undefined where no option is in it. `isOption` knows
 * the names that options have.
 */
export function swallowedOption({ text, span }: Word, isOption: (name: string) => boolean): Diagnostic | undefined {
  if (text.length > MAXIMUM_LENGTH) return undefined;
  for (let at = 0; at < text.length;) {
    if (text[at] === '"') {
      const close = closingQuote(text, at + 1);
      if (close < 0) return undefined;
      const before = OPTION_BEFORE_QUOTE.exec(text.slice(at, close))?.[1];
      if (before !== undefined && isOption(before)) return unclosedQuote(span.start + at);
      at = close + 1;
    } else {
      at++;
    }
    NEXT_OPTION.lastIndex = at;
    // A run of separators is looked at once, from its start.
    const found = at > 0 && !SEPARATOR.test(text[at - 1]!) ? NEXT_OPTION.exec(text) : null;
    const [between, name] = [found?.[1] ?? found?.[3] ?? '', found?.[2] ?? found?.[4]];
    if (name === undefined || !isOption(name) || (ALSO_ARGUMENTS.has(name) && between.trim() !== '')) continue;
    return missingSemicolon(between, name, span.start + at, span.start + at + found![0].trimEnd().length);
  }
  return undefined;
}

function closingQuote(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  return -1;
}

function unclosedQuote(at: number): Diagnostic {
  return {
    code: 'unclosed-quote',
    severity: 'error',
    message: 'the quote that opens here is not closed before the next option',
    hint: `close it with '"' right before the ';'`,
    span: { start: at, end: at + 1 },
  };
}

/** The caret stands under what is there in the place of the semicolon, or under the next option's name. */
function missingSemicolon(between: string, name: string, start: number, end: number): Diagnostic {
  const mark = between.search(/[,:]/);
  const wrong =
    mark < 0
      ? `a semicolon is missing before '${name}'`
      : `'${between[mark]}' stands before '${name}' where a semicolon belongs`;
  const span = mark < 0 ? { start: end - name.length, end } : { start: start + mark, end: start + mark + 1 };
  return { code: 'missing-semicolon', severity: 'error', message: wrong, hint: "every option ends with ';'", span };
}
