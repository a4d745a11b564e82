/**
 * The keywords of buffers, made of their lines in app/buffers.ts: the sticky one, the older ones that modify a content,
 * and the comparisons of numbers. Stage: rule. Reference: Suricata, keywords of each protocol.
 *
 * A buffer is live where it is one of packets, or an application that has it is parsed; the keywords of the others wait
 * (options/waiting).
 */
import { isParsed } from '../../app/applications.js';
import type { BufferSpec, NumberValues } from '../../app/buffer-spec.js';
import { BUFFER_SPECS } from '../../app/buffers.js';
import type { Side } from '../compile/rule-builder.js';
import { type NumberValue, numberSyntax, readNumber } from './number-value.js';
import { defineOption, type OptionDoc, type RuleOption } from './option.js';
import { requireValue } from './value.js';

export const isLive = ({ applications }: BufferSpec): boolean =>
  applications.length === 0 || applications.some(isParsed);

const ANY_NUMBER: NumberValues = { maximum: 0xffff_ffff };

/** All keywords of a buffer. */
function bufferOptions(spec: BufferSpec): RuleOption[] {
  const { name, keyword = name, modifiers = [] } = spec;
  const first =
    keyword === '' ? [] : [spec.kind === 'number' ? numberOption(spec, keyword) : stickyOption(spec, keyword)];
  // A content of its own (content.ts).
  return [
    ...first,
    ...modifiers.filter((modifier) => modifier !== 'uricontent').map((modifier) => modifierOption(spec, modifier)),
  ];
}

/** The side that has it, where only one has. */
export function sideOf({ toServer, toClient }: BufferSpec): Side | undefined {
  if ((toServer === undefined) === (toClient === undefined)) return undefined;
  return toServer === undefined ? 'to_client' : 'to_server';
}

function stickyOption(spec: BufferSpec, name: string): RuleOption {
  return defineOption<true>({
    name,
    aliases: spec.aliases,
    value: 'none',
    repeatable: true,
    side: sideOf(spec),
    parse: () => true,
    compile(_value, builder, node) {
      builder.selectBuffer(spec.name, node);
    },
    print: () => undefined,
    doc: docOf(spec, `${name};`, spec.example ?? `${name}; content:"abc";`, spec.differences),
  });
}

const MODIFIES =
  'Behind a content it says where that is looked for, as in Suricata and Snort 2; with none before it, it is sticky, as in Snort 3.';

function modifierOption(spec: BufferSpec, name: string): RuleOption {
  return defineOption<true>({
    name,
    value: 'none',
    repeatable: true,
    side: sideOf(spec),
    parse: () => true,
    compile(_value, builder, node) {
      if (builder.hasContent) builder.moveContent(spec.name, node);
      else builder.selectBuffer(spec.name, node);
    },
    print: () => undefined,
    doc: docOf(spec, `${name};`, `content:"abc"; ${name};`, MODIFIES),
  });
}

function numberOption(spec: BufferSpec, name: string): RuleOption {
  const values = spec.values ?? ANY_NUMBER;
  return defineOption<NumberValue>({
    name,
    aliases: spec.aliases,
    value: 'required',
    repeatable: true,
    side: sideOf(spec),
    parse(node, diagnostics) {
      const word = requireValue(node, diagnostics);
      return word && readNumber(word, node, values, diagnostics);
    },
    compile({ match, variant }, builder, node) {
      builder.addNumber(values.variants?.[variant] ?? spec.name, match, node);
    },
    print: ({ text }) => text,
    doc: docOf(spec, `${name}:${numberSyntax(values)};`, spec.example ?? `${name}:>1;`, spec.differences),
  });
}

function docOf(spec: BufferSpec, syntax: string, example: string, differences: string | undefined): OptionDoc {
  const { what, kind, applications } = spec;
  const side = sideOf(spec);
  const sentences = [
    kind === 'number' ? `Compares ${what}.` : `${what.charAt(0).toUpperCase()}${what.slice(1)}.`,
    ...(spec.values?.inclusive === true ? ['A range has its ends in it.'] : []),
    ...(side === undefined ? [] : [`Only in what ${side === 'to_server' ? 'clients' : 'servers'} send.`]),
    ...(kind === 'multi' ? ['Each by itself: one of them must pass all that is asked.'] : []),
    ...(applications.length === 0 ? [] : [`Of ${applications.join(', ')}.`]),
  ];
  return {
    summary: sentences.join(' '),
    syntax,
    example,
    appliesTo: kind === 'number' ? 'message' : 'buffer',
    differences,
  };
}

/** Of the buffers that can be looked at. */
export const bufferKeywordOptions: readonly RuleOption[] = BUFFER_SPECS.filter(isLive).flatMap(bufferOptions);

/** By the letter behind a regular expression, the live ones alone. */
export const BUFFERS_BY_LETTER: ReadonlyMap<string, BufferSpec> = new Map(
  BUFFER_SPECS.flatMap((spec) => (spec.letter !== undefined && isLive(spec) ? [[spec.letter, spec] as const] : [])),
);
