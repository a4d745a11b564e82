/**
 * What to write instead of what a grammar refused: hints for what people write by mistake, and where it stands. Stage:
 * rule (parse). Sentences only; what is refused is decided by the grammar.
 */
import type { Span } from '../diagnostics/diagnostic.js';

/** The place of a refusal, in the text that was parsed. */
export interface Refusal {
  readonly text: string;
  /** Where the refused token starts. */
  readonly at: number;
  readonly token: string;
  /** Whether one of these tokens would have been accepted. */
  wants(...tokens: readonly string[]): boolean;
  /** Whether this production was under way. */
  within(...productions: readonly string[]): boolean;
}

/** `at` is a better place than the token's own, in the same text. */
export interface Advice {
  readonly hint: string;
  readonly at?: Span | undefined;
}

/** Characters around a refusal that are looked at: expressions that are not anchored take quadratic time over more. */
const WINDOW = 200;

const ARROWS = /(?:->|<>|<-|=>)/;
/** Arrows as bytes of UTF-8 and as characters, and what is meant as one. */
const LIKE_ARROW = /^(?:\xe2[\x86\x87].|[\u2190-\u21ff]|-+>?|>+|=+>?|<*-+>*)$/;

/** Undefined where there is nothing to say beyond what was expected. */
export function syntaxAdvice(refusal: Refusal): Advice | undefined {
  const { token, wants, within } = refusal;
  if (within('address', 'addressItem', 'port', 'portItem', 'addressList', 'portList') && wants(']'))
    return listAdvice(refusal);
  if ((token === ',' || token === ']') && /[,[]\s*$/.test(before(refusal.text, refusal.at)))
    return { hint: 'an item of the list is missing' };
  if (within('port', 'portItem') && /,\s*$/.test(before(refusal.text, refusal.at)))
    return { hint: 'an item of the list is missing' };
  if (token === ',' && within('protocol')) return { hint: 'a rule has one action: keep one of them' };
  if (token === ',' || token === ']') return wantsHeader(refusal) ? listInBrackets(refusal) : undefined;
  if (wants('arrow')) return arrowAdvice(refusal);
  if (within('port', 'portItem')) return { hint: 'an address is followed by its port: write any for every port' };
  if (within('protocol'))
    return {
      hint:
        token.toLowerCase() === 'any'
          ? 'write ip for every protocol'
          : 'write the protocol behind the action: alert tcp …',
    };
  if (wants('(')) return openAdvice(token);
  if (wants('value') && wants(';')) return optionAdvice(refusal);
  if (wants('name')) return nameAdvice(refusal);
  return undefined;
}

const before = (text: string, at: number): string => text.slice(Math.max(0, at - WINDOW), at);

function wantsHeader({ wants, within }: Refusal): boolean {
  return wants('(', 'arrow') || within('port', 'portItem', 'address', 'addressItem');
}

function listAdvice({ token }: Refusal): Advice {
  return {
    hint: token === '(' || ARROWS.test(token) ? "close the list with ']'" : 'separate the items of a list by commas',
  };
}

/** `80,443` and `10.0.0.1, 10.0.0.2` without brackets: the whole of it. */
function listInBrackets({ text, at }: Refusal): Advice {
  const from = Math.max(0, at - WINDOW);
  const start = from + text.slice(from, at).search(/[^\s[(]*\s*$/);
  const items = /^[^\s,()[\]]+(?:\s*,\s*[^\s,()[\]]+)*/.exec(text.slice(start, at + WINDOW))?.[0] ?? '';
  return items.includes(',')
    ? { hint: `a list stands in brackets: [${items.replace(/\s+/g, '')}]`, at: { start, end: start + items.length } }
    : { hint: 'a list stands in brackets, as in [80,443]' };
}

function arrowAdvice({ text, at, token }: Refusal): Advice {
  if (LIKE_ARROW.test(token)) return { hint: "write '->'" };
  const from = Math.max(0, at - WINDOW);
  const glued = /\S+(?:->|<>)\S*|(?:->|<>)\S+/.exec(text.slice(from, Math.min(at + token.length, at + WINDOW)));
  if (glued !== null)
    return {
      hint: "put blanks around the direction: ' -> '",
      at: { start: from + glued.index, end: from + glued.index + glued[0].length },
    };
  return { hint: "'->' stands between source and destination: address port -> address port" };
}

function openAdvice(token: string): Advice {
  if (token.startsWith('{')) return { hint: 'options stand in round brackets: ( … )' };
  if (/[:;"]/.test(token)) return { hint: "options stand between '(' and ')'" };
  return { hint: "the header ends with the destination's port; options follow between '(' and ')'" };
}

function optionAdvice({ text, at, token }: Refusal): Advice {
  const name = /([\w.-]+)\s*$/.exec(before(text, at))?.[1] ?? 'content';
  if (token.startsWith('=')) return { hint: `write ${name}: instead of ${name}=` };
  if (token.startsWith('"')) return { hint: `a colon is missing: ${name}:"…";` };
  return { hint: `an option is a name and ';', or a name, ':', a value and ';'` };
}

function nameAdvice({ text, at, token }: Refusal): Advice {
  const name = /[(;]\s*([\w.-]+)\s*;\s*$/.exec(before(text, at))?.[1];
  if (token.startsWith(';')) return { hint: 'leave out one of the two semicolons' };
  if (token.startsWith('"') && name !== undefined) return { hint: `write ${name}: instead of ${name};` };
  if (token.startsWith('"')) return { hint: 'an option starts with its name, as in content:"…";' };
  if (token.startsWith('(')) return { hint: 'leave out one of the two parentheses' };
  if (token.startsWith('}')) return { hint: "a rule ends with ')'" };
  return { hint: 'an option starts with its name; write \\; for a semicolon inside a value' };
}

/** For a rule or a list that ends too early. */
export function endAdvice({ wants, within }: Refusal): string | undefined {
  if (wants(']')) return "close the list with ']'";
  if (wants('value', ';')) return "end the option with ';' and the rule with ')'";
  if (wants('name')) return "end the rule with ')'";
  if (wants('(')) return 'options follow: (msg:"…"; content:"…"; sid:1000001;)';
  return within('action', 'protocol', 'address', 'addressItem', 'port', 'portItem', 'direction')
    ? 'a rule is: action protocol address port -> address port (options)'
    : undefined;
}

/** For text behind the rule's end. */
export function restAdvice(rest: string): string {
  return /^[);]+\s*$/.test(rest) ? 'leave it out' : 'begin a new line for the next rule';
}

/** Typographic quotes as bytes of UTF-8 and as characters, guillemets, and what else is taken for quotes. */
const OTHER_QUOTES = String.raw`\xe2\x80.|\xc2[\xab\xbb]|[\u2018-\u201f\xab\xbb'` + '`]';
const AROUND = new RegExp(`^(?:${OTHER_QUOTES})+|(?:${OTHER_QUOTES}|")+$`, 'g');
const OTHER_QUOTE = new RegExp(`^(?:${OTHER_QUOTES})`);

/** For a text that should stand between double quotes; `other` says that it stands between other ones. */
export function quoteAdvice(found: string): { readonly other: boolean; readonly hint: string } {
  const bare = found.length > WINDOW ? '' : found.replace(AROUND, '');
  return {
    other: OTHER_QUOTE.test(found),
    hint: bare === '' ? 'write the text between double quotes' : `write "${bare}"`,
  };
}
