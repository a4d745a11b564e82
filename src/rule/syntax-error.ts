/**
 * What to say when a grammar refuses its input: a sentence from what was expected and what was found. Stage: rule (parse).
 */
import type { Diagnostics, Span } from './diagnostic.js';
import type { Token, TokenStream } from './lexer.js';

/** A token that would have been accepted, and the production that wanted it. */
export interface Expectation {
  readonly production: string;
  /** Type or literal of the token. */
  readonly token: string;
}

export interface SyntaxError {
  readonly text: string;
  /** Where the text starts in its source. */
  readonly base: number;
  /** The refused token; undefined where the text ended too early. */
  readonly token: Token | undefined;
  readonly overflow: TokenStream['overflow'];
  readonly expected: readonly Expectation[];
}

/** What a production stands for; one that is not here goes by the token it wants. */
const PRODUCTIONS: Readonly<Record<string, string>> = {
  action: 'an action (alert, pass, drop, reject or log)',
  protocol: 'a protocol',
  address: 'an address',
  addressItem: 'an address',
  direction: "'->' or '<>'",
  port: 'a port',
  portItem: 'a port',
  words: 'an argument',
};

const TOKENS: Readonly<Record<string, string>> = {
  name: 'an option',
  value: "':'",
  open: 'a double quote',
  close: 'a closing quote',
  text: 'text',
  escape: 'text',
  pipe: "'|'",
  hex: 'bytes in hexadecimal',
};

/** Adds the one error that describes the failure best. */
export function reportSyntaxError(error: SyntaxError, diagnostics: Diagnostics): void {
  if (error.overflow === 'nesting') return diagnostics.error('too-deep', 'lists are nested too deeply', endOf(error));
  if (error.overflow === 'tokens') return diagnostics.error('too-long', 'too many tokens in one rule', endOf(error));
  const { token } = error;
  if (token === undefined) return reportEnd(error, diagnostics);
  const span = { start: error.base + token.offset, end: error.base + token.offset + Math.max(1, token.text.length) };
  if (token.type === 'error') return reportBadToken(error, token, span, diagnostics);
  if (token.type === 'rest') return diagnostics.error('text-after-rule', "text follows the rule's closing ')'", span);
  if ((token.text === ')' || token.type === 'name') && wants(error, ';')) return reportMissingSemicolon(token.text, span, diagnostics);
  diagnostics.error('syntax', `expected ${phrase(error.expected)}, found ${quote(token.text)}`, span, hintFor(error, token));
}

const CONFIGURATION: readonly string[] = ['var', 'ipvar', 'portvar', 'config', 'include', 'preprocessor', 'output', 'suppress', 'threshold', 'event_filter', 'rate_filter'];

/** For a line whose first word, which ends at `end`, is no action. */
export function reportNoRule(word: string, end: number, diagnostics: Diagnostics): void {
  const hint = CONFIGURATION.includes(word) ? 'this is configuration: set variables with --var NAME=VALUE, thresholds with --threshold-file' : "comments start with '#'";
  diagnostics.error('no-rule', `a rule starts with ${PRODUCTIONS['action']}, found ${quote(word)}`, { start: end - word.length, end }, hint);
}

function reportEnd(error: SyntaxError, diagnostics: Diagnostics): void {
  const span = endOf(error);
  if (wants(error, ';') && error.text.trimEnd().endsWith(')')) return reportMissingSemicolon(')', span, diagnostics);
  if (error.text.trim() === '') return diagnostics.error('empty', `expected ${phrase(error.expected)}, found nothing`, span);
  diagnostics.error('truncated', `ends where ${phrase(error.expected)} should follow`, span);
}

function reportMissingSemicolon(before: string, span: Span, diagnostics: Diagnostics): void {
  diagnostics.error('missing-semicolon', `a semicolon is missing before ${quote(before)}`, span, "every option ends with ';', the last one too");
}

/** A place where no token starts; the token's text is then all that is left. */
function reportBadToken(error: SyntaxError, token: Token, span: Span, diagnostics: Diagnostics): void {
  const here = { start: span.start, end: span.start + 1 };
  if (token.text.startsWith(':')) {
    const at = error.base + token.offset + token.text.indexOf('"');
    diagnostics.error('unclosed-quote', 'the quote that opens here is not closed', { start: at, end: at + 1 }, `close it with '"' right before the ';'`);
  } else if (wants(error, 'close') || wants(error, 'text')) {
    diagnostics.error('bad-quote', 'a double quote or backslash stands alone inside the text', here, String.raw`write \" or |22| for a quote, \\ or |5C| for a backslash; end the option with ';' behind its closing quote`);
  } else if (wants(error, 'pipe') || wants(error, 'hex')) {
    diagnostics.error('unclosed-hex', "'|' opens bytes in hexadecimal that no second '|' closes", here, 'write |7C| for a pipe');
  } else {
    diagnostics.error('syntax', `expected ${phrase(error.expected)}, found ${quote(token.text[0] ?? '')}`, here);
  }
}

function hintFor(error: SyntaxError, token: Token): string | undefined {
  if (wants(error, 'open')) return 'the text of a content stands between double quotes';
  if (wants(error, 'arrow') && token.text === '-') return "write '->'";
  if (wants(error, 'arrow') && /\S(?:->|<>)|(?:->|<>)\S/.test(error.text.slice(0, token.offset) + token.text)) return "put blanks around the direction: ' -> '";
  if (wants(error, 'name') && token.text === ';') return 'an option is missing between two semicolons';
  return undefined;
}

function wants(error: SyntaxError, token: string): boolean {
  return error.expected.some((expectation) => expectation.token === token);
}

function endOf(error: SyntaxError): Span {
  const end = error.text.trimEnd().length;
  return { start: error.base + Math.max(0, end - 1), end: error.base + Math.max(1, end) };
}

/** `a protocol`, `a port or '('`, `',', ';' or text`: each once. */
function phrase(expected: readonly Expectation[]): string {
  const all = expected.map(({ production, token }) => PRODUCTIONS[production] ?? TOKENS[token] ?? `'${token}'`);
  const phrases = [...new Set(all)];
  const last = phrases.pop();
  if (last === undefined) return 'nothing more';
  return phrases.length === 0 ? last : `${phrases.join(', ')} or ${last}`;
}

function quote(text: string): string {
  return text.length > 40 ? `'${text.slice(0, 37)}…'` : `'${text}'`;
}
