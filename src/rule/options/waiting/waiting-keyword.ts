/**
 * Makes registry entries of keywords whose protocol is not parsed yet. Stage: rule.
 *
 * Each is read and checked like any other keyword, and makes its rule wait for the protocol; nothing else comes of it.
 * A protocol's file lists them as data: names (the first is the keyword, the rest are aliases), what it is, what it
 * takes.
 */
import type { OptionNode, Word } from '../../ast.js';
import { Diagnostics } from '../../diagnostics/diagnostic.js';
import { defineOption, type RuleOption } from '../option.js';
import type { ValueSyntax } from './value-syntax.js';

/** names, what it is, and what it takes (nothing where left out). */
export type Keyword = readonly [names: string, what: string, value?: ValueSyntax];

export interface WaitingProtocol {
  readonly protocol: string;
  /** Sticky buffers: what follows looks at them. */
  readonly buffers?: readonly Keyword[];
  /** Suricata's older names and Snort's: behind a content they modify it, elsewhere (Snort 3) they are sticky. */
  readonly modifiers?: readonly Keyword[];
  /** Conditions with a value of their own. */
  readonly conditions?: readonly Keyword[];
  /** Those of the keywords that speak of what clients send, and of what servers send; the rest of both. */
  readonly toServer?: string;
  readonly toClient?: string;
  /** Those of the buffers that hold no capital letters. */
  readonly lowercase?: string;
}

/** The registry entries of a protocol. */
export function waitingOptions(protocol: WaitingProtocol): readonly RuleOption[] {
  const { buffers = [], modifiers = [], conditions = [] } = protocol;
  checkNames(protocol, [...buffers, ...modifiers, ...conditions]);
  return [
    ...buffers.map((keyword) => entry(protocol, 'buffer', keyword)),
    ...modifiers.map((keyword) => entry(protocol, 'modifier', keyword)),
    ...conditions.map((keyword) => entry(protocol, 'condition', keyword)),
  ];
}

/** What is said of a keyword by its name is of one that there is. */
function checkNames(
  { toServer = '', toClient = '', lowercase = '' }: WaitingProtocol,
  keywords: readonly Keyword[],
): void {
  const known = new Set(keywords.map(([names]) => names.split(' ')[0]));
  const unknown = `${toServer} ${toClient} ${lowercase}`.split(' ').find((name) => name !== '' && !known.has(name));
  if (unknown !== undefined) throw new Error(`${unknown} is none of the keywords`);
}

const isIn = (names: string | undefined, name: string): boolean =>
  names !== undefined && names.split(' ').includes(name);

function entry(
  { protocol, toServer, toClient, lowercase }: WaitingProtocol,
  kind: 'buffer' | 'modifier' | 'condition',
  [names, what, value]: Keyword,
): RuleOption {
  const [name = '', ...aliases] = names.split(' ');
  const written = value === undefined ? '' : `:${value.syntax}`;
  const optional = value?.optional === true ? `${name}; or ` : '';
  const noCapitals = isIn(lowercase, name);
  const side = isIn(toServer, name) ? 'to_server' : isIn(toClient, name) ? 'to_client' : undefined;
  return defineOption<string>({
    name,
    ...(aliases.length > 0 ? { aliases } : {}),
    value: value === undefined ? 'none' : value.optional === true ? 'optional' : 'required',
    repeatable: true,
    side,
    parse: (node, diagnostics) =>
      node.value === undefined || node.value.text === ''
        ? ''
        : value && readValue(value, node.value, node, diagnostics),
    compile(_value, builder) {
      builder.waitFor(protocol);
      if (kind === 'buffer' || (kind === 'modifier' && !builder.hasContent)) builder.selectUnparsed(noCapitals);
      else if (kind === 'modifier') builder.moveUnparsed(noCapitals);
    },
    print: (text) => (text === '' ? undefined : text),
    doc: {
      appliesTo: WAITING,
      summary: `${what.charAt(0).toUpperCase()}${what.slice(1)}.${side === undefined ? '' : ` Only in what ${side === 'to_server' ? 'clients' : 'servers'} send.`} Waits for ${protocol}.`,
      syntax: `${optional}${name}${written};`,
      example: example(kind, name, value),
      ...(kind === 'modifier'
        ? {
            differences:
              'Behind a content it says where that is looked for, as in Suricata and Snort 2; with none before it, it is sticky, as in Snort 3.',
          }
        : {}),
    },
  });
}

/** Snort 3 puts any value in quotes, and blanks between the items of a list. */
function readValue(value: ValueSyntax, word: Word, node: OptionNode, diagnostics: Diagnostics): string | undefined {
  const asWritten = new Diagnostics(diagnostics.advise);
  let read = value.read(word, node, asWritten);
  const quoted = read === undefined ? /^"\s*([^"]*?)\s*"$/.exec(word.text)?.[1] : undefined;
  if (quoted !== undefined) {
    const text = quoted.replace(/(?<=\w)\s+(?=\w)/g, ',');
    read = value.read({ text, span: word.span }, node, new Diagnostics());
  }
  if (quoted === undefined || read === undefined) for (const each of asWritten.list) diagnostics.add(each);
  return read;
}

/** What the documentation of these keywords says they apply to. */
export const WAITING = 'waiting for a protocol';

function example(kind: 'buffer' | 'modifier' | 'condition', name: string, value: ValueSyntax | undefined): string {
  const option = value === undefined || value.optional === true ? `${name};` : `${name}:${value.example};`;
  if (kind === 'buffer') return `${option} content:"abc";`;
  return kind === 'modifier' ? `content:"abc"; ${option}` : option;
}
