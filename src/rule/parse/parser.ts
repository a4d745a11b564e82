/**
 * Text to syntax trees, by the grammars in grammar/; the only importer of nearley. Stage: rule (parse).
 *
 * nearley's own messages are dumps of its state; here the tokens that would have been accepted become a sentence
 * (syntax-error.ts). More than one derivation is a fault of the grammar and throws. Text is a rule's own: spans count
 * from its start. Nothing here throws over input, and input is capped in length, tokens and nesting.
 */
import nearley from 'nearley';
import type { AddressNode, PortNode, RuleNode, Word } from '../ast.js';
import { contentBytes } from './content-bytes.js';
import { Diagnostics } from '../diagnostics/diagnostic.js';
import { byteExpressionGrammar } from './generated/byte-expression.js';
import { contentGrammar } from './generated/content.js';
import { ruleGrammar } from './generated/rule.js';
import { argumentLexer, contentLexer, firstToken, ruleLexer, TokenStream, type Token } from './lexer.js';
import { nearest } from '../../util/nearest.js';
import {
  rule,
  shortHeader,
  word,
  type ContentNode,
  type Header,
  type OptionBlock,
  type WrittenArgument,
} from './nodes.js';
import { OptionScanner } from './option-scanner.js';
import { ACTIONS, FILE_TYPE_ACTION, FIREWALL, REFUSED_ACTIONS, SILENT_ACTIONS } from '../compile/protocols.js';
import { quickArguments } from './quick-arguments.js';
import { quickContent } from './quick-content.js';
import { quickHeader } from './quick-header.js';
import { reportNoRule, reportSyntaxError, type Expectation } from './syntax-error.js';
import type { Argument, ContentValue } from './values.js';

/** Longest rule in UTF-16 units; the longest of ET Open has 3 055. */
export const MAXIMUM_RULE_LENGTH = 256 * 1024;
const MAXIMUM_TOKENS = 65_536;
const MAXIMUM_VALUE_TOKENS = 4096;
/** As the lexer cuts words of a header. */
const HEADER_WORD = /[^\s[\],!()]+/y;

const ruleRules = nearley.Grammar.fromCompiled(ruleGrammar);
const addressRules = startingAt(ruleRules, 'addresses');
const headerRules = startingAt(ruleRules, 'header');
const portRules = startingAt(ruleRules, 'ports');
const contentRules = nearley.Grammar.fromCompiled(contentGrammar);
const argumentRules = nearley.Grammar.fromCompiled(byteExpressionGrammar);

const optionBlockRules = startingAt(ruleRules, 'optionBlock');

/** Several actions, one of them for a part of the traffic: `accept:flow,alert`. */
const FIREWALL_ACTIONS = /^\s*(?!\s)((?=[\w,\s]*:)[\w:]+(?:\s*,\s*[\w:]+)+)(?=\s)/;
/** A rule without any header. */
const FILE_TYPE_RULE = new RegExp(`^\\s*${FILE_TYPE_ACTION}\\s*\\(`);
/** Snort's settings begin with the word of an action, and have no direction. */
const CONFIGURATION_LINE = /^\s*config\s(?![^]*(?:->|<>|=>))/i;
/** An action, and then the options. */
const NO_HEADER = new RegExp(`^\\s*(?:${Object.keys(ACTIONS).join('|')})\\s*\\(`, 'i');
/** Groups of rules with a text, and of compiled rules. */
const RULE_GROUPS: readonly (string | undefined)[] = [undefined, '1', '3'];

/** A whole rule; undefined (and an error) when it cannot be read. Spans count from the start of `text`. */
export function parseRule(text: string, diagnostics: Diagnostics): RuleNode | undefined {
  HEADER_WORD.lastIndex = firstToken(text);
  const first = HEADER_WORD.exec(text)?.[0];
  if (first !== undefined && (!mayStartRule(first) || CONFIGURATION_LINE.test(text))) {
    reportNoRule(first, HEADER_WORD.lastIndex, diagnostics);
    return undefined;
  }
  const actions = FIREWALL_ACTIONS.exec(text);
  if (actions !== null) {
    diagnostics.error(
      'unsupported-action',
      `the action ${actions[1]} ${FIREWALL.reason}`,
      { start: actions[0].length - actions[1]!.length, end: actions[0].length },
      FIREWALL.hint,
    );
    return undefined;
  }
  if (NO_HEADER.test(text)) return parseHeaderless(text, diagnostics);
  return FILE_TYPE_RULE.test(text)
    ? parseFileType(text, diagnostics)
    : derive<RuleNode>(ruleRules, new TokenStream(ruleLexer, MAXIMUM_TOKENS), text, 0, diagnostics);
}

/**
 * Options without a header before them: an event that Snort raises by itself, or a rule whose author forgot the header.
 */
function parseHeaderless(text: string, diagnostics: Diagnostics): undefined {
  const open = text.indexOf('(');
  const options = deriveOptions(text, open, diagnostics);
  if (options === undefined) return undefined;
  const gid = options.options.find(({ name }) => name.text.toLowerCase() === 'gid');
  if (RULE_GROUPS.includes(gid?.value?.text)) {
    diagnostics.error(
      'syntax',
      "expected a protocol, found '('",
      { start: open, end: open + 1 },
      'write the whole header: alert tcp any any -> any any (…)',
    );
  } else {
    const span = { start: gid!.name.span.start, end: (gid!.value ?? gid!.name).span.end };
    diagnostics.warning(
      'builtin-rule',
      "the event is built into Snort's decoders and inspectors: there is nothing to load, and the rule is left out",
      span,
      'leave it out here, too; decode-event and stream-event tell what is wrong with packets',
    );
  }
  return undefined;
}

/** Snort 3's `file_id (…)`: its header is taken to be that of files. */
function parseFileType(text: string, diagnostics: Diagnostics): RuleNode | undefined {
  const start = text.indexOf(FILE_TYPE_ACTION);
  const end = start + FILE_TYPE_ACTION.length;
  const options = deriveOptions(text, end, diagnostics);
  const span = { start, end };
  return (
    options &&
    rule([
      shortHeader([
        { text: FILE_TYPE_ACTION, span },
        { text: 'file', span },
      ]),
      options,
    ])
  );
}

/** The options behind what ends at `at`. */
function deriveOptions(text: string, at: number, diagnostics: Diagnostics): OptionBlock | undefined {
  return derive<OptionBlock>(
    optionBlockRules,
    new TokenStream(ruleLexer, MAXIMUM_TOKENS),
    `${' '.repeat(at)}${text.slice(at)}`,
    0,
    diagnostics,
  );
}

/** Headers remembered by a parser, and the longest one that is. */
const MAXIMUM_HEADERS = 8192;
const MAXIMUM_HEADER_LENGTH = 512;

/**
 * Parses many rules: to the same nodes as `parseRule`, but faster. Headers are few, so each is read once; equal headers
 * share their nodes. Rules that are not written in the usual way, and all that are wrong, take the way through the
 * grammar.
 */
export class RuleParser {
  private readonly headers = new Map<string, Header>();
  private readonly scanner = new OptionScanner();

  parse(text: string, diagnostics: Diagnostics): RuleNode | undefined {
    const open = text.indexOf('(');
    const header = open > 0 && text.length <= MAXIMUM_RULE_LENGTH ? this.header(text.slice(0, open)) : undefined;
    const block = header && this.scanner.scan(text, open);
    return block ? rule([header!, block]) : parseRule(text, diagnostics);
  }

  /** Undefined where the grammar refuses it, or the action. */
  private header(text: string): Header | undefined {
    const known = this.headers.get(text);
    if (known !== undefined) return known;
    // A comment may hold the parenthesis at which the text was cut.
    if (/\/[/*]/.test(text)) return undefined;
    const header = quickHeader(text) ?? deriveHeader(text, new Diagnostics());
    if (header === undefined || !mayStartRule(header.action.text)) return undefined;
    if (text.length > MAXIMUM_HEADER_LENGTH) return header;
    if (this.headers.size >= MAXIMUM_HEADERS) this.headers.clear();
    this.headers.set(text, header);
    return header;
  }
}

/** A header through the grammar; undefined, and reported, where it refuses it. */
export function deriveHeader(text: string, diagnostics: Diagnostics): Header | undefined {
  return derive<Header>(headerRules, new TokenStream(ruleLexer, MAXIMUM_TOKENS), text, 0, diagnostics);
}

/** An address as headers and variables have it. */
export function parseAddress(text: string, diagnostics: Diagnostics): AddressNode | undefined {
  return derive<AddressNode>(addressRules, new TokenStream(ruleLexer, MAXIMUM_TOKENS), text, 0, diagnostics);
}

/** Ports as headers and variables have them. */
export function parsePort(text: string, diagnostics: Diagnostics): PortNode | undefined {
  return derive<PortNode>(portRules, new TokenStream(ruleLexer, MAXIMUM_TOKENS), text, 0, diagnostics);
}

/**
 * The value of `content` and its kin: quotes, `|hex|`, escapes, `!`, and Snort 3's modifiers. Reports what is
 * malformed.
 */
export function parseContentValue(value: Word, diagnostics: Diagnostics): ContentValue | undefined {
  const quick = quickContent(value.text);
  return quick
    ? { negated: quick.negated, bytes: quick.bytes, modifiers: NO_ARGUMENTS }
    : deriveContentValue(value, diagnostics);
}

const NO_ARGUMENTS: readonly Argument[] = [];

/** As `parseContentValue`, through the grammar in any case. */
export function deriveContentValue(value: Word, diagnostics: Diagnostics): ContentValue | undefined {
  const stream = new TokenStream(contentLexer, MAXIMUM_VALUE_TOKENS);
  const node = derive<ContentNode>(contentRules, stream, value.text, value.span.start, diagnostics);
  if (node === undefined) return undefined;
  const bytes = contentBytes(node.pieces, value.span, diagnostics);
  return bytes && { negated: node.negated, bytes, modifiers: placed(node.modifiers, value.span.start) };
}

/** Comma-separated arguments of words (byte_test, byte_jump, threshold …). Reports what is malformed. */
export function parseArguments(value: Word, diagnostics: Diagnostics): readonly Argument[] | undefined {
  return quickArguments(value) ?? deriveArguments(value, diagnostics);
}

/** As `parseArguments`, through the grammar in any case. */
export function deriveArguments(value: Word, diagnostics: Diagnostics): readonly Argument[] | undefined {
  const stream = new TokenStream(argumentLexer, MAXIMUM_VALUE_TOKENS);
  const written = derive<readonly WrittenArgument[]>(argumentRules, stream, value.text, value.span.start, diagnostics);
  return written && placed(written, value.span.start);
}

/** Arguments with the places of the source rather than of the value's text. */
function placed(written: readonly WrittenArgument[], base: number): readonly Argument[] {
  return written.map(({ tokens, count }) => {
    const words = tokens.slice(0, count).map((token) => {
      const { text, span } = word([token]);
      return { text, span: { start: span.start + base, end: span.end + base } };
    });
    return { words, span: { start: words[0]!.span.start, end: words[count - 1]!.span.end } };
  });
}

/** Whether a word is an action, known or near enough to be meant as one. */
function mayStartRule(word: string): boolean {
  const [name = ''] = word.toLowerCase().split(':', 1);
  return (
    Object.hasOwn(ACTIONS, name) ||
    SILENT_ACTIONS.has(name) ||
    Object.hasOwn(REFUSED_ACTIONS, name) ||
    nearest(name, Object.keys(ACTIONS)) !== undefined
  );
}

/** The same rules from another start symbol. */
function startingAt(grammar: nearley.Grammar, start: string): nearley.Grammar {
  const Grammar = nearley.Grammar as unknown as new (rules: nearley.Rule[], start: string) => nearley.Grammar;
  return new Grammar(grammar.rules, start);
}

/** nearley's parser with its tables in reach and without its messages, which cost more than the parse. */
class QuietParser extends nearley.Parser {
  declare readonly table: readonly Column[];

  /** Called by nearley before it throws. */
  reportError(): string {
    return '';
  }
}

interface Column {
  readonly scannable: readonly {
    readonly rule: { readonly name: string; readonly symbols: readonly unknown[] };
    readonly dot: number;
  }[];
}

function derive<T>(
  grammar: nearley.Grammar,
  stream: TokenStream,
  text: string,
  base: number,
  diagnostics: Diagnostics,
): T | undefined {
  if (text.length > MAXIMUM_RULE_LENGTH) {
    diagnostics.error('too-long', `longer than ${MAXIMUM_RULE_LENGTH} characters`, {
      start: base,
      end: base + text.length,
    });
    return undefined;
  }
  const parser = new QuietParser(grammar, { lexer: stream as unknown as nearley.Lexer, keepHistory: true });
  const at = { text, base, overflow: undefined as TokenStream['overflow'] };
  try {
    parser.feed(text);
  } catch (error) {
    const { token } = error as { token?: Token };
    if (token === undefined) throw error;
    reportSyntaxError({ ...at, token, expected: expected(parser, 2) }, diagnostics);
    return undefined;
  }
  const results = parser.results as T[];
  if (results.length > 1) throw new Error(`ambiguous grammar: ${results.length} derivations of ${text}`);
  if (results.length === 1 && stream.overflow === undefined) return results[0];
  reportSyntaxError({ ...at, overflow: stream.overflow, token: undefined, expected: expected(parser, 1) }, diagnostics);
  return undefined;
}

/** What could have followed the last accepted token; `back` is 2 where a refused token has a column already. */
function expected(parser: QuietParser, back: 1 | 2): Expectation[] {
  const column = parser.table[parser.table.length - back];
  return (column?.scannable ?? []).map(({ rule, dot }) => {
    const symbol = rule.symbols[dot] as { readonly type?: string; readonly literal?: string };
    return { production: rule.name, token: symbol.type ?? symbol.literal ?? '' };
  });
}
