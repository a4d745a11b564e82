/**
 * Headers of words and lists without the grammar. Stage: rule (parse).
 *
 *   alert tcp [10.0.0.0/8,!10.1.1.1] any -> $HOME_NET ![80,8000:8010]
 *
 * PERF: rule sets have thousands of different headers, many of them with lists of a hundred addresses, and the grammar
 * takes thirty times as long. What is not exactly this (other blanks than spaces, comments, an arrow within a word, a
 * header without addresses, anything that is wrong) is the grammar's; a property test holds the two together.
 */
import type { AddressNode, PortNode, Word } from '../ast.js';
import type { Span } from '../diagnostics/diagnostic.js';
import { portRange, type Header } from './nodes.js';

/** Below the grammar's caps on tokens and on nesting. */
const MAXIMUM_LENGTH = 8192;
const MAXIMUM_NESTING = 8;
/** What a word may start with that is an arrow, or would be one were it shorter. */
const ARROW = /^(?:->|<>|<-|=>)/;

const BLANK = 0x20;
const BANG = 0x21;
const DOLLAR = 0x24;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const COMMA = 0x2c;

/** By character: 1 where it may be part of a word. */
const OF_WORD = Uint8Array.from({ length: 0x80 }, (_, code) =>
  Number(code > BLANK && code < 0x7f && !'[],!()'.includes(String.fromCharCode(code))),
);

/** What the words and lists of an end of the header become. */
interface Kind<Node> {
  word(text: string, negated: boolean, span: Span): Node;
  list(items: readonly Node[], negated: boolean, span: Span): Node;
}

const ADDRESS: Kind<AddressNode> = {
  word: (text, negated, span) => anyOrVariable(text, negated, span) ?? { kind: 'address', text, negated, span },
  list: (items, negated, span) => ({ kind: 'list', items, negated, span }),
};

const PORT: Kind<PortNode> = {
  word: (text, negated, span) => anyOrVariable(text, negated, span) ?? portRange(text, negated, span),
  list: (items, negated, span) => ({ kind: 'list', items, negated, span }),
};

function anyOrVariable(text: string, negated: boolean, span: Span): (AddressNode & PortNode) | undefined {
  if (isAny(text)) return { kind: 'any', negated, span };
  return isVariable(text) ? { kind: 'variable', name: text.slice(1), negated, span } : undefined;
}

/** Undefined where the grammar must look. */
export function quickHeader(text: string): Header | undefined {
  return text.length > MAXIMUM_LENGTH ? undefined : new HeaderScanner(text).header();
}

class HeaderScanner {
  private readonly text: string;
  private at = 0;
  /** Set where something is met that is the grammar's. */
  private isOdd = false;

  constructor(text: string) {
    this.text = text;
  }

  header(): Header | undefined {
    const action = this.name();
    const protocol = this.name();
    const source = this.end(ADDRESS, 0);
    const sourcePort = this.end(PORT, 0);
    const direction = this.arrow();
    const destination = this.end(ADDRESS, 0);
    const destinationPort = this.end(PORT, 0);
    this.skipBlanks();
    if (this.isOdd || this.at < this.text.length) return undefined;
    return { action, protocol, source, sourcePort, direction, destination, destinationPort };
  }

  private skipBlanks(): void {
    while (this.text.charCodeAt(this.at) === BLANK) this.at++;
  }

  private name(): Word {
    const word = this.word();
    if (isAny(word.text) || isVariable(word.text)) this.isOdd = true;
    return word;
  }

  /** Up to what cannot be part of a word; what is no word is odd. */
  private word(): Word {
    this.skipBlanks();
    const start = this.at;
    const { text } = this;
    let end = start;
    while (end < text.length && OF_WORD[text.charCodeAt(end)] === 1) end++;
    const found = text.slice(start, end);
    this.at = end;
    if (end === start || ARROW.test(found)) this.isOdd = true;
    return { text: found, span: { start, end } };
  }

  private arrow(): Word {
    this.skipBlanks();
    const start = this.at;
    const end = start + 2;
    const found = this.text.slice(start, end);
    this.at = end;
    if (!ARROW.test(found) || this.text.charCodeAt(end) !== BLANK) this.isOdd = true;
    return { text: found, span: { start, end } };
  }

  /** A word, or a list of them. */
  private end<Node>(kind: Kind<Node>, depth: number): Node {
    const start = this.bang();
    const negated = start >= 0;
    if (depth < MAXIMUM_NESTING && this.text.charCodeAt(this.at) === OPEN) {
      const open = this.at;
      const items: Node[] = [];
      do {
        this.at++;
        items.push(this.end(kind, depth + 1));
      } while (this.goesOn());
      return kind.list(items, negated, { start: negated ? start : open, end: this.at });
    }
    const { text, span } = this.word();
    return kind.word(text, negated, negated ? { start, end: span.end } : span);
  }

  /** Where the `!` stands before what comes next; -1 without one. */
  private bang(): number {
    this.skipBlanks();
    if (this.text.charCodeAt(this.at) !== BANG) return -1;
    const at = this.at++;
    this.skipBlanks();
    return at;
  }

  /** Whether another item of the list follows; behind its end otherwise. */
  private goesOn(): boolean {
    this.skipBlanks();
    const code = this.text.charCodeAt(this.at);
    if (code !== COMMA && code !== CLOSE) this.isOdd = true;
    if (code === CLOSE) this.at++;
    return code === COMMA && !this.isOdd;
  }
}

const isAny = (text: string): boolean => text.length === 3 && text.toLowerCase() === 'any';
const isVariable = (text: string): boolean => text.charCodeAt(0) === DOLLAR && text.length > 1;
