/**
 * What to say when a grammar refuses its input: a sentence from what was expected and what was found. Stage: rule
 * (parse).
 */
import { EMPTY_HEX_HINT } from './content-bytes.js';
import type { Diagnostics, Span } from '../diagnostics/diagnostic.js';
import type { Token, TokenStream } from './lexer.js';
import { ACTIONS, PROTOCOLS } from '../compile/protocols.js';
import { swallowedOption } from './swallowed-option.js';
import { endAdvice, quoteAdvice, restAdvice, syntaxAdvice, type Refusal } from './syntax-hints.js';
import { waitingProtocol } from '../compile/waiting.js';

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
  if (error.overflow === 'nesting')
    return diagnostics.error(
      'too-deep',
      'lists are nested too deeply',
      endOf(error),
      'write one flat list, or a variable for a part of it',
    );
  if (error.overflow === 'tokens')
    return diagnostics.error(
      'too-long',
      'too many tokens in one rule',
      endOf(error),
      'write a variable, or several rules',
    );
  const { token, text, base } = error;
  if (token === undefined) return reportEnd(error, diagnostics);
  const span = { start: base + token.offset, end: base + token.offset + Math.max(1, token.text.length) };
  if (token.type === 'error' && reportBadToken(error, token, span, diagnostics)) return;
  if (token.type === 'rest')
    return diagnostics.error('text-after-rule', "text follows the rule's closing ')'", span, restAdvice(token.text));
  if (wants(error, 'arrow') && reportWrongProtocol(error, diagnostics)) return;
  if (token.type === 'pipe' && wants(error, 'hex'))
    return diagnostics.error(
      'syntax',
      "'||' is nothing: there are no bytes between the pipes",
      { start: span.start - 1, end: span.end },
      EMPTY_HEX_HINT,
    );
  if ((token.text === ')' || token.type === 'name') && wants(error, ';'))
    return reportMissingSemicolon(error, token.text, span, diagnostics);
  if (wants(error, 'open')) return reportWrongQuotes(token.text, span, diagnostics);
  const found = token.type === 'error' ? (token.text[0] ?? '') : token.text;
  const advice = syntaxAdvice(refusalOf(error, token.offset, token.text));
  const at =
    advice?.at === undefined
      ? { start: span.start, end: span.start + Math.max(1, found.length) }
      : { start: base + advice.at.start, end: base + advice.at.end };
  diagnostics.error(
    'syntax',
    `expected ${phrase(error.expected)}, found ${quote(advice?.at === undefined ? found : text.slice(advice.at.start, advice.at.end))}`,
    at,
    advice?.hint,
  );
}

/** Words before the protocol or behind it shift all that follows, up to where the arrow is missed. */
function reportWrongProtocol({ text, base }: SyntaxError, diagnostics: Diagnostics): boolean {
  const [, first = '', second = '', blank = '', third = ''] = HEADER_START.exec(text) ?? [];
  if (!isProtocol(third)) return false;
  const start = base + first.length;
  if (isProtocol(second)) {
    const at = start + second.length + blank.length;
    diagnostics.error(
      'syntax',
      `expected an address, found ${quote(third)}`,
      { start: at, end: at + third.length },
      'a rule has one protocol: write ip for all of them, or a rule for each',
    );
  } else {
    const hint = Object.hasOwn(ACTIONS, second.toLowerCase())
      ? `a rule has one action: leave out ${first.trim() === second ? 'one of the two' : `${first.trim()} or ${second}`}`
      : 'the protocol stands right behind the action: alert tcp …';
    diagnostics.error(
      'syntax',
      `expected a protocol, found ${quote(second)}`,
      { start, end: start + second.length },
      hint,
    );
  }
  return true;
}

/** Action, protocol and what follows it. */
const HEADER_START = /^(\s*\S+\s+)(\S+)(\s+)(\S+)/;

function isProtocol(word: string): boolean {
  const [name = ''] = word.toLowerCase().split(':', 1);
  return Object.hasOwn(PROTOCOLS, name) || waitingProtocol(name) !== undefined;
}

const CONFIGURATION: readonly string[] = [
  'var',
  'ipvar',
  'portvar',
  'config',
  'include',
  'preprocessor',
  'output',
  'suppress',
  'threshold',
  'event_filter',
  'rate_filter',
];

/** For a line whose first word, which ends at `end`, is no action. */
export function reportNoRule(word: string, end: number, diagnostics: Diagnostics): void {
  diagnostics.error(
    'no-rule',
    `a rule starts with ${PRODUCTIONS['action']}, found ${quote(word)}`,
    { start: end - word.length, end },
    noRuleHint(word.toLowerCase()),
  );
}

function noRuleHint(word: string): string {
  if (CONFIGURATION.includes(word))
    return 'this is configuration: set variables with --var NAME=VALUE, thresholds with --threshold-file';
  if (isProtocol(word)) return `write the action first: alert ${word} …`;
  return word.startsWith('/*')
    ? "the comment has no end: close it with '*/'"
    : "comments start with '#', or stand between /* and */";
}

function reportEnd(error: SyntaxError, diagnostics: Diagnostics): void {
  const span = endOf(error);
  if (wants(error, ';') && error.text.trimEnd().endsWith(')'))
    return reportMissingSemicolon(error, ')', span, diagnostics);
  const isEmpty = error.text.trim() === '';
  const message = isEmpty
    ? `expected ${phrase(error.expected)}, found nothing`
    : `ends where ${phrase(error.expected)} should follow`;
  diagnostics.error('truncated', message, span, endAdvice(refusalOf(error, span.start - error.base, '')));
}

/** A value that runs to the end of the rule may hold the options behind it; then the place is there. */
function reportMissingSemicolon(
  { text, base }: SyntaxError,
  before: string,
  span: Span,
  diagnostics: Diagnostics,
): void {
  const from = Math.max(text.lastIndexOf(';'), text.indexOf('(')) + 1;
  const [whole, value = ''] = text.length - from > MAXIMUM_TAIL ? [] : (LAST_OPTION.exec(text.slice(from)) ?? []);
  const start = base + from + (whole?.indexOf(value) ?? 0);
  const swallowed =
    before === ')' && value !== ''
      ? swallowedOption({ text: value, span: { start, end: start + value.length } }, (name) => COMMON.has(name))
      : undefined;
  if (swallowed !== undefined) return diagnostics.add(swallowed);
  diagnostics.error(
    'missing-semicolon',
    `a semicolon is missing before ${quote(before)}`,
    span,
    "every option ends with ';', the last one too",
  );
}

/** Options that tell a value too long; parsing knows no keywords beyond them. */
const COMMON: ReadonlySet<string> = new Set([
  'msg',
  'content',
  'pcre',
  'flow',
  'flowbits',
  'depth',
  'offset',
  'distance',
  'within',
  'nocase',
  'threshold',
  'classtype',
  'reference',
  'metadata',
  'priority',
  'sid',
  'gid',
  'rev',
]);

/** The last option of a rule, its value, and the parenthesis behind it. */
const LAST_OPTION = /^\s*[\w.-]+\s*:([^]*)\)\s*$/;
const MAXIMUM_TAIL = 8192;

function reportWrongQuotes(found: string, span: Span, diagnostics: Diagnostics): void {
  const { other, hint } = quoteAdvice(found);
  diagnostics.error(
    'wrong-quotes',
    other
      ? `other quotes than straight double ones: ${quote(found)}`
      : `expected a double quote, found ${quote(found)}`,
    span,
    hint,
  );
}

/** A place where no token starts; the token's text is then all that is left. False where the general words do. */
function reportBadToken(error: SyntaxError, token: Token, span: Span, diagnostics: Diagnostics): boolean {
  const here = { start: span.start, end: span.start + 1 };
  if (token.text.startsWith(':')) {
    const at = error.base + token.offset + Math.max(0, token.text.indexOf('"'));
    const hint = /\\"\s*;/.test(token.text)
      ? String.raw`\" is a quote within the text: write \\ for a backslash at its end`
      : `close it with '"' right before the ';'`;
    diagnostics.error('unclosed-quote', 'the quote that opens here is not closed', { start: at, end: at + 1 }, hint);
  } else if (wants(error, 'close') || wants(error, 'text')) {
    diagnostics.error(
      'bad-quote',
      'a double quote or backslash stands alone inside the text',
      here,
      String.raw`write \" or |22| for a quote, \\ or |5C| for a backslash; end the option with ';' behind its closing quote`,
    );
  } else if (wants(error, 'pipe') || wants(error, 'hex')) {
    const open = error.base + error.text.lastIndexOf('|', token.offset);
    diagnostics.error(
      'unclosed-hex',
      "'|' opens bytes in hexadecimal that no second '|' closes",
      { start: open, end: open + 1 },
      'write |7C| for a pipe',
    );
  } else {
    return false;
  }
  return true;
}

function wants(error: SyntaxError, token: string): boolean {
  return error.expected.some((expectation) => expectation.token === token);
}

function refusalOf(error: SyntaxError, at: number, token: string): Refusal {
  return {
    text: error.text,
    at,
    token,
    wants: (...tokens) => tokens.some((each) => wants(error, each)),
    within: (...productions) => error.expected.some(({ production }) => productions.includes(production)),
  };
}

function endOf(error: SyntaxError): Span {
  const end = error.text.trimEnd().length;
  return { start: error.base + Math.max(0, end - 1), end: error.base + Math.max(1, end) };
}

/** `a protocol`, `a port or '('`, `',', ';' or text`: each once. */
function phrase(expected: readonly Expectation[]): string {
  // That a list may go on goes without saying where something else is missing.
  const others = expected.filter(({ production }) => !BARE_LISTS.includes(production));
  const all = (others.length === 0 ? expected : others).map(
    ({ production, token }) =>
      (CLOSING.includes(token) ? undefined : PRODUCTIONS[production]) ?? TOKENS[token] ?? `'${token}'`,
  );
  const phrases = [...new Set(all)];
  const last = phrases.pop();
  if (last === undefined) return 'nothing more';
  return phrases.length === 0 ? last : `${phrases.join(', ')} or ${last}`;
}

const BARE_LISTS: readonly string[] = ['addresses', 'bareAddresses', 'ports', 'barePorts'];

/** What ends a production rather than to begin it. */
const CLOSING: readonly string[] = [']', ','];

function quote(text: string): string {
  return text.length > 40 ? `'${text.slice(0, 37)}…'` : `'${text}'`;
}
