/**
 * The lexers of rules and of option values; the only importer of moo. Stage: rule (parse).
 *
 *   alert tcp any any -> any 80 ( msg : "x" ; nocase ; )
 *   ------- header ------------ | name value ; name ; |
 *
 * A semicolon ends a value unless it is escaped (`\;`) or stands between double quotes. A quote opens where a value or
 * a comma-separated argument begins and closes where a comma or semicolon follows, so that stray quotes inside a PCRE
 * do no harm. White space between tokens is dropped by `TokenStream`. Each parse works on a clone: nothing here is
 * mutable.
 */
import moo from 'moo';

/** Lists within lists. */
const MAXIMUM_NESTING = 32;
export const WHITE_SPACE = /[ \t\r\n\f\v]+/;
/** White space, or a comment in C style where a token would start. */
const BLANK = /[ \t\r\n\f\v]+|\/\*[^]*?\*\/|\/\/[^\n]*/;
const SPACE: moo.Rule = { match: BLANK, lineBreaks: true };

/** The name of an option. */
export const NAME = /[\w.-]+/;
/** A quoted text up to the quote that a comma, a semicolon or the end of the text follows. */
const QUOTED = String.raw`"(?:[^"\\]|\\[^]|"(?!\s*(?:[,;]|$)))*"`;
/**
 * `:`, then a quoted text or something that does not start with a quote, then anything up to an unescaped semicolon. No
 * two repeats can share a run of blanks, or a long one would take quadratic time.
 */
export const VALUE = new RegExp(
  String.raw`:\s*(?!\s)(?:(?:!\s*)?${QUOTED}|(?!(?:!\s*)?"))(?:[^;\\,]+|\\[^]|,(?:\s*(?:!\s*)?${QUOTED})?)*`,
);

function headerWord(text: string): string {
  if (text.toLowerCase() === 'any') return 'any';
  return text.startsWith('$') && text.length > 1 ? 'variable' : 'word';
}

/** Tokens of a rule. Starts in `header`; `(` opens the options, `)` ends the rule. */
export const ruleLexer: moo.Lexer = moo.states({
  header: {
    space: SPACE,
    arrow: /(?:->|<>|<-|=>)(?=[\s[!$(]|$)/,
    openOptions: { match: '(', push: 'options' },
    punctuation: ['[', ']', ',', '!'],
    word: { match: /[^\s[\],!()]+/, type: headerWord },
    error: moo.error,
  },
  options: {
    space: SPACE,
    name: NAME,
    value: { match: VALUE, lineBreaks: true },
    semicolon: ';',
    closeOptions: { match: ')', next: 'end' },
    error: moo.error,
  },
  end: {
    space: SPACE,
    comment: { match: /#[^\n]*/, type: () => 'space' },
    rest: { match: /[^ \t\r\n\f\v][^]*/, lineBreaks: true },
  },
});

/** Tokens of a content value: quoted text with escapes and hexadecimal bytes, then arguments. */
export const contentLexer: moo.Lexer = moo.states({
  outside: {
    space: { match: WHITE_SPACE, lineBreaks: true },
    open: { match: '"', push: 'text' },
    comma: ',',
    bang: '!',
    word: /[^\s,"!]+/,
    error: moo.error,
  },
  text: {
    close: { match: /"(?=\s*(?:,|$))/, pop: 1 },
    escape: { match: /\\[^]/, lineBreaks: true },
    pipe: { match: '|', push: 'hex' },
    text: { match: /[^"\\|]+/, lineBreaks: true },
    error: moo.error,
  },
  hex: {
    pipe: { match: '|', pop: 1 },
    hex: { match: /[^|"\\]+/, lineBreaks: true },
    error: moo.error,
  },
});

/** Tokens of a list of arguments; a quoted text is one word. */
export const argumentLexer: moo.Lexer = moo.compile({
  space: { match: WHITE_SPACE, lineBreaks: true },
  comma: ',',
  word: { match: /"(?:[^"\\]|\\[^])*"|[^\s,"]+/, lineBreaks: true },
  error: moo.error,
});

export type Token = moo.Token;

/** Where the first token starts that is no white space or comment. */
export function firstToken(text: string): number {
  const blank = new RegExp(BLANK, 'y');
  let at = 0;
  while (blank.test(text)) at = blank.lastIndex;
  return at;
}

/** What nearley reads from: a clone of a lexer without its white space, with caps on tokens and nesting. */
export class TokenStream {
  /** Set when a cap was hit; reading stops there. */
  overflow: 'tokens' | 'nesting' | undefined;
  private readonly lexer: moo.Lexer;
  private readonly maximumTokens: number;
  private tokens = 0;
  private depth = 0;

  constructor(lexer: moo.Lexer, maximumTokens: number) {
    this.lexer = (lexer as moo.Lexer & { clone(): moo.Lexer }).clone();
    this.maximumTokens = maximumTokens;
  }

  reset(text: string): void {
    this.lexer.reset(text);
  }

  next(): Token | undefined {
    if (this.overflow !== undefined) return undefined;
    let token = this.lexer.next();
    while (token !== undefined && token.type === 'space') token = this.lexer.next();
    if (token !== undefined) this.count(token);
    return this.overflow === undefined ? token : undefined;
  }

  private count(token: Token): void {
    if (++this.tokens > this.maximumTokens) this.overflow = 'tokens';
    if (token.type !== 'punctuation') return;
    if (token.text === '[' && ++this.depth > MAXIMUM_NESTING) this.overflow = 'nesting';
    if (token.text === ']') this.depth--;
  }

  /** nearley asks for these; a state is kept nowhere. */
  save(): undefined {
    return undefined;
  }

  formatError(): string {
    return '';
  }

  has(): boolean {
    return true;
  }
}
