/**
 * Builds syntax nodes from what the grammars recognise: each function is the action of one production and gets its
 * symbols in order. Stage: rule (parse). Pure but for `next`, which grows its list in place: with left recursion and
 * unambiguous grammars, and items that end at one token, only one derivation ever extends it, and copying would make
 * long lists quadratic.
 */
import type { AddressNode, OptionNode, PortNode, RuleNode, Word } from '../ast.js';
import type { Span } from '../diagnostics/diagnostic.js';
import type { Token } from './lexer.js';

const MAXIMUM_PORT = 65535;

function spanOf(token: Token): Span {
  return { start: token.offset, end: token.offset + token.text.length };
}

function between(from: Span, to: Span): Span {
  return { start: from.start, end: to.end };
}

export function word([token]: [Token]): Word {
  return { text: token.text, span: spanOf(token) };
}

/** The first item of a list. */
export function first<T>([item]: [T]): T[] {
  return [item];
}

/** One more item: `list item` or `list separator item`. */
export function next<T>(symbols: [T[], ...unknown[], T]): T[] {
  const list = symbols[0];
  list.push(symbols[symbols.length - 1] as T);
  return list;
}

export type Header = Omit<RuleNode, 'options' | 'span' | 'disabled'>;

export function shortHeader([action, protocol]: [Word, Word]): Header {
  return {
    action,
    protocol,
    source: undefined,
    sourcePort: undefined,
    direction: undefined,
    destination: undefined,
    destinationPort: undefined,
  };
}

export function header([action, protocol, source, sourcePort, direction, destination, destinationPort]: [
  Word,
  Word,
  AddressNode,
  PortNode,
  Word,
  AddressNode,
  PortNode,
]): Header {
  return { action, protocol, source, sourcePort, direction, destination, destinationPort };
}

export interface OptionBlock {
  readonly options: readonly OptionNode[];
  readonly end: number;
}

export function rule([head, block]: [Header, OptionBlock]): RuleNode {
  const { action, protocol, source, sourcePort, direction, destination, destinationPort } = head;
  return {
    action,
    protocol,
    source,
    sourcePort,
    direction,
    destination,
    destinationPort,
    options: block.options,
    span: { start: action.span.start, end: block.end },
    disabled: false,
  };
}

export function noOptions([, close]: [Token, Token]): OptionBlock {
  return { options: [], end: spanOf(close).end };
}

export function options([, list, close]: [Token, OptionNode[], Token]): OptionBlock {
  return { options: list, end: spanOf(close).end };
}

export function keyword([name]: [Token]): OptionNode {
  return { name: word([name]), value: undefined };
}

export function keywordWithValue([name, value]: [Token, Token]): OptionNode {
  return { name: word([name]), value: optionValue(value.text, value.offset) };
}

/** The token of a value starts with its colon; the value is what follows, trimmed. */
export function optionValue(token: string, offset: number): Word {
  const behind = token.slice(1);
  const text = behind.trim();
  const start = offset + 1 + behind.length - behind.trimStart().length;
  return { text, span: { start, end: start + text.length } };
}

export function negated<T extends AddressNode | PortNode>([bang, item]: [Token, T]): T {
  return { ...item, negated: true, span: between(spanOf(bang), item.span) };
}

/** `80,443` without brackets. */
export function bareList<T extends AddressNode | PortNode>([items]: [T[]]): T {
  return { kind: 'list', items, negated: false, span: between(items[0]!.span, items.at(-1)!.span) } as unknown as T;
}

export function firstTwo<T>([first, , second]: [T, Token, T]): T[] {
  return [first, second];
}

export function anyAddress([token]: [Token]): AddressNode {
  return { kind: 'any', negated: false, span: spanOf(token) };
}

export function addressWord([token]: [Token]): AddressNode {
  return { kind: 'address', text: token.text, negated: false, span: spanOf(token) };
}

export function addressVariable([token]: [Token]): AddressNode {
  return { kind: 'variable', name: token.text.slice(1), negated: false, span: spanOf(token) };
}

export function addressList([open, items, close]: [Token, AddressNode[], Token]): AddressNode {
  return { kind: 'list', items, negated: false, span: between(spanOf(open), spanOf(close)) };
}

export function anyPort([token]: [Token]): PortNode {
  return { kind: 'any', negated: false, span: spanOf(token) };
}

export function portVariable([token]: [Token]): PortNode {
  return { kind: 'variable', name: token.text.slice(1), negated: false, span: spanOf(token) };
}

export function portWord([token]: [Token]): PortNode {
  return portRange(token.text, false, spanOf(token));
}

/** A word that is no port or range becomes an empty range (low above high), which evaluation reports. */
export function portRange(text: string, negated: boolean, span: Span): PortNode {
  const range = /^(\d{0,9})(:?)(\d{0,9})$/.exec(text);
  const [, from = '', colon = '', to = ''] = range ?? [];
  const empty = range === null || (from === '' && to === '');
  const low = from === '' ? 0 : Number(from);
  const high = colon === '' ? low : to === '' ? MAXIMUM_PORT : Number(to);
  return { kind: 'range', low: empty ? 1 : low, high: empty ? 0 : high, text, negated, span };
}

export function portList([open, items, close]: [Token, PortNode[], Token]): PortNode {
  return { kind: 'list', items, negated: false, span: between(spanOf(open), spanOf(close)) };
}

/** A piece of a quoted content: plain text, an escape, or the inside of a pair of pipes. */
export interface Piece {
  readonly kind: 'text' | 'escape' | 'hex';
  readonly text: string;
  readonly span: Span;
}

export interface ContentNode {
  readonly negated: boolean;
  readonly pieces: readonly Piece[];
  readonly modifiers: readonly WrittenArgument[];
}

/** An argument as far as it was read: the first `count` of its tokens, whose list goes on to grow. */
export interface WrittenArgument {
  readonly tokens: readonly Token[];
  readonly count: number;
}

function piece(kind: Piece['kind'], token: Token): Piece {
  return { kind, text: token.text, span: spanOf(token) };
}

export function plainText([token]: [Token]): Piece {
  return piece('text', token);
}

export function escape([token]: [Token]): Piece {
  return piece('escape', token);
}

export function hex([, token]: [Token, Token]): Piece {
  return piece('hex', token);
}

export function emptyQuotes(): Piece[] {
  return [];
}

export function quotes([, pieces]: [Token, Piece[], Token]): Piece[] {
  return pieces;
}

export function content([pieces, , modifiers]: [Piece[], Token?, WrittenArgument[]?]): ContentNode {
  return { negated: false, pieces, modifiers: modifiers ?? [] };
}

export function negatedContent([, pieces, , modifiers]: [Token, Piece[], Token?, WrittenArgument[]?]): ContentNode {
  return { negated: true, pieces, modifiers: modifiers ?? [] };
}

/** One more argument. Copies, as an argument is complete after each of its words and each makes a list of its own. */
export function nextArgument([list, , item]: [WrittenArgument[], Token, WrittenArgument]): WrittenArgument[] {
  return [...list, item];
}

/** Takes no copy: made after each word, they would be quadratic. */
export function argument([tokens]: [Token[]]): WrittenArgument {
  return { tokens, count: tokens.length };
}
