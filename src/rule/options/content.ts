/**
 * content: bytes that are, or with `!` are not, in the current buffer. Snort 3's modifiers inside the value mean the
 * same as those that follow. Stage: rule. Reference: Suricata, payload keywords; Snort 3, content.
 */
import type { OptionNode } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { parseContentValue } from '../parse/parser.js';
import { openContent } from '../compile/buffer-builder.js';
import type { OpenContent, RuleBuilder } from '../compile/rule-builder.js';
import type { Argument } from '../parse/values.js';
import { applyModifier, modifierProblem, type ContentModifier } from './content-modifier.js';
import { printContentBytes } from './content-print.js';
import { defineOption, type RuleOption } from './option.js';
import { readNumber, readOperand, requireValue } from './value.js';

export interface ContentOption {
  readonly bytes: Uint8Array;
  readonly negated: boolean;
  /** Written inside the value, checked against the content. */
  readonly modifiers: readonly ContentModifier[];
}

const ANY_NUMBER = { minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };
const CHOP = { minimum: 0, maximum: 0xffff };
const POSITIONS = ['offset', 'depth', 'distance', 'within'] as const;
const MARKS = ['nocase', 'startswith', 'endswith', 'rawbytes', 'fast_pattern'] as const;
const NAMES =
  'write nocase, offset, depth, distance, within, startswith, endswith, rawbytes, fast_pattern, fast_pattern_offset or fast_pattern_length, each with its number';

const content = defineOption<ContentOption>({
  name: 'content',
  value: 'required',
  repeatable: true,
  longValue: true,
  parse: parseContent,
  compile(value, builder, node) {
    const open = openContent(value.bytes, value.negated, node);
    builder.addContent(open);
    for (const modifier of value.modifiers) addModifier(modifier, open, builder, node);
  },
  print: ({ bytes, negated, modifiers }) =>
    [`${negated ? '!' : ''}${printContentBytes(bytes)}`, ...modifiers.map(printInline)].join(','),
  doc: {
    appliesTo: 'buffer',
    summary: 'Bytes that must be in the current buffer, or with ! must not.',
    syntax: 'content:[!]"<text, |hexadecimal|, \\" \\; \\: \\\\>"[,<modifier>]…;',
    example: 'content:"|13|BitTorrent protocol"; startswith;',
    differences: 'Modifiers may follow, as in Suricata and Snort 2, or stand inside the value, as in Snort 3.',
  },
});

export const contentOptions: readonly RuleOption[] = [content];

/** Checks a modifier against the content and adds it; reports what makes no sense. */
export function addModifier(
  modifier: ContentModifier,
  open: OpenContent,
  builder: RuleBuilder,
  node: OptionNode,
): void {
  const wrong = modifierProblem(modifier, open);
  if (wrong !== undefined) {
    builder.diagnostics.add({ ...wrong, span: (node.value ?? node.name).span });
    return;
  }
  if (modifier.kind === 'fast_pattern' && open.negated) {
    builder.diagnostics.hint(
      'without-effect',
      'the prefilter looks for bytes that are there, so it passes over a negated content',
      node.name.span,
      'put fast_pattern on a content that must be there',
    );
    return;
  }
  applyModifier(modifier, open, 'value' in modifier ? builder.resolveValue(modifier.value, node) : 0);
}

const NO_MODIFIERS: readonly ContentModifier[] = [];

function parseContent(node: OptionNode, diagnostics: Diagnostics): ContentOption | undefined {
  const word = requireValue(node, diagnostics);
  const value = word && parseContentValue(word, diagnostics);
  if (value === undefined) return undefined;
  const { bytes, negated } = value;
  if (value.modifiers.length === 0) return { bytes, negated, modifiers: NO_MODIFIERS };
  const modifiers = parseModifiers(value.modifiers, openContent(bytes, negated, node), diagnostics);
  return modifiers && { bytes, negated, modifiers };
}

/** Reads and checks the modifiers of Snort 3's notation; `scratch` takes them up as the content will. */
function parseModifiers(
  written: readonly Argument[],
  scratch: OpenContent,
  diagnostics: Diagnostics,
): ContentModifier[] | undefined {
  const chop = written.filter(({ words }) => /^fast_pattern_(?:offset|length)$/.test(words[0]!.text));
  const modifiers: ContentModifier[] = [];
  for (const argument of written.filter((each) => !chop.includes(each))) {
    const chopped = chop.length > 0 && argument.words[0]!.text === 'fast_pattern';
    const modifier = chopped ? readChop(chop, scratch.bytes.length, diagnostics) : readModifier(argument, diagnostics);
    if (modifier === undefined) return undefined;
    const wrong = modifierProblem(modifier, scratch);
    if (wrong !== undefined) {
      diagnostics.add({ ...wrong, span: argument.span });
      if (wrong.severity === 'error') return undefined;
      continue;
    }
    applyModifier(modifier, scratch, 'value' in modifier && typeof modifier.value === 'number' ? modifier.value : 0);
    modifiers.push(modifier);
  }
  if (chop.length > 0 && scratch.fastPattern === undefined) {
    diagnostics.error(
      'chop-without-fast-pattern',
      `${chop[0]!.words[0]!.text} stands without fast_pattern`,
      chop[0]!.span,
      'write fast_pattern before it',
    );
    return undefined;
  }
  return modifiers;
}

function readModifier({ words, span }: Argument, diagnostics: Diagnostics): ContentModifier | undefined {
  const name = words[0]!.text;
  const position = POSITIONS.find((each) => each === name);
  if (position !== undefined && words.length === 2) {
    const value = readOperand(words[1]!, name, ANY_NUMBER, diagnostics);
    return value === undefined ? undefined : { kind: position, value };
  }
  const mark = MARKS.find((each) => each === name);
  if (mark !== undefined && words.length === 1)
    return mark === 'fast_pattern' ? { kind: mark, only: false } : { kind: mark };
  diagnostics.error(
    'unknown-argument',
    position !== undefined
      ? `${name} takes one number`
      : `'${words.map((word) => word.text).join(' ')}' is no modifier of a content`,
    span,
    NAMES,
  );
  return undefined;
}

function readChop(chop: readonly Argument[], length: number, diagnostics: Diagnostics): ContentModifier | undefined {
  let offset = 0;
  let count: number | undefined;
  for (const { words, span } of chop) {
    if (words.length !== 2) {
      diagnostics.error('unknown-argument', `${words[0]!.text} takes one number`, span, NAMES);
      return undefined;
    }
    const value = readNumber(words[1]!, words[0]!.text, CHOP, diagnostics);
    if (value === undefined) return undefined;
    if (words[0]!.text === 'fast_pattern_offset') offset = value;
    else count = value;
  }
  return { kind: 'fast_pattern', only: false, offset, length: count ?? length - offset };
}

function printInline(modifier: ContentModifier): string {
  if (modifier.kind !== 'fast_pattern')
    return 'value' in modifier ? `${modifier.kind} ${modifier.value}` : modifier.kind;
  return modifier.offset === undefined
    ? 'fast_pattern'
    : `fast_pattern,fast_pattern_offset ${modifier.offset},fast_pattern_length ${modifier.length}`;
}
