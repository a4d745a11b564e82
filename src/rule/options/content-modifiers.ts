/**
 * The keywords that modify the content before them: nocase, offset, depth, distance, within, startswith, endswith,
 * fast_pattern, rawbytes. What they may not be combined with is in content-modifier.ts. Stage: rule.
 */
import type { OptionNode } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { RuleBuilder } from '../compile/rule-builder.js';
import { addModifier } from './content.js';
import { printModifier, type ContentModifier, type PositionModifier } from './content-modifier.js';
import { defineOption, type OptionDoc, type RuleOption } from './option.js';
import { readOperand, readNumber, requireValue, splitArguments } from './value.js';

const ANY_NUMBER = { minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };
const CHOP = { minimum: 0, maximum: 0xffff };

type Doc = Pick<OptionDoc, 'summary' | 'example' | 'differences'>;

export const contentModifierOptions: readonly RuleOption[] = [
  mark('nocase', { summary: 'Letters of the content match in either case.', example: 'content:"user-agent"; nocase;' }),
  position('offset', {
    summary: 'The content starts at this byte of the buffer or behind it.',
    example: 'content:"|00 01|"; offset:4; depth:2;',
    differences: 'A negative offset, which Snort reads, is an error, as in Suricata.',
  }),
  position('depth', {
    summary: 'The content lies within so many bytes, counted from the start of the buffer or from offset.',
    example: 'content:"SSH-"; depth:4;',
  }),
  position('distance', {
    summary: 'The content starts so many bytes behind the end of the last match, or later; negative numbers go back.',
    example: 'content:"user"; content:"pass"; distance:1;',
  }),
  position('within', {
    summary: 'The content ends within so many bytes, counted from the end of the last match plus distance.',
    example: 'content:"user"; content:"pass"; distance:1; within:16;',
  }),
  mark('startswith', { summary: 'The content is at the start of the buffer.', example: 'content:"GET "; startswith;' }),
  mark('endswith', { summary: 'The content is at the end of the buffer.', example: 'content:".php"; endswith;' }),
  mark('rawbytes', {
    summary: 'Has no effect: the payload is always the bytes as they came.',
    example: 'content:"|FF FD|"; rawbytes;',
    differences: 'As in Suricata. Snort passes over what its preprocessors decoded.',
  }),
  defineOption<ContentModifier>({
    name: 'fast_pattern',
    value: 'optional',
    repeatable: true,
    parse: parseFastPattern,
    compile: compileModifier,
    print: printModifier,
    doc: {
      appliesTo: 'content modifier',
      summary:
        'The prefilter looks for this content; only says that its place does not matter, with two numbers only that part of it is looked for.',
      syntax: 'fast_pattern; or fast_pattern:only; or fast_pattern:<offset>,<length>;',
      example: 'content:"/cgi-bin/evil.sh"; fast_pattern:9,7;',
      differences:
        'On a negated content without a position it is reported and passed over; with one, or with only, it is an error, as in Suricata.',
    },
  }),
];

function compileModifier(modifier: ContentModifier, builder: RuleBuilder, node: OptionNode): void {
  const open = builder.lastContent(node);
  if (open !== undefined) addModifier(modifier, open, builder, node);
}

function mark(kind: 'nocase' | 'startswith' | 'endswith' | 'rawbytes', doc: Doc): RuleOption {
  const modifier = { kind };
  return defineOption<ContentModifier>({
    name: kind,
    value: 'none',
    repeatable: true,
    parse: () => modifier,
    compile: compileModifier,
    print: () => undefined,
    doc: { ...doc, syntax: `${kind};`, appliesTo: 'content modifier' },
  });
}

function position(kind: PositionModifier, doc: Doc): RuleOption {
  return defineOption<ContentModifier>({
    name: kind,
    value: 'required',
    repeatable: true,
    parse(node, diagnostics) {
      const word = requireValue(node, diagnostics);
      const value = word && readOperand(word, kind, ANY_NUMBER, diagnostics);
      return value === undefined ? undefined : { kind, value };
    },
    compile: compileModifier,
    print: printModifier,
    doc: { ...doc, syntax: `${kind}:<number|variable>;`, appliesTo: 'content modifier' },
  });
}

const WHOLE: ContentModifier = { kind: 'fast_pattern', only: false };
const ONLY: ContentModifier = { kind: 'fast_pattern', only: true };

function parseFastPattern(node: OptionNode, diagnostics: Diagnostics): ContentModifier | undefined {
  if (node.value === undefined || node.value.text === '') return WHOLE;
  if (node.value.text === 'only') return ONLY;
  const parts = splitArguments(node.value);
  if (parts.length !== 2) {
    diagnostics.error(
      'unknown-argument',
      `'${node.value.text}' is neither only nor an offset and a length`,
      node.value.span,
      'write fast_pattern; fast_pattern:only; or fast_pattern:<offset>,<length>;',
    );
    return undefined;
  }
  const offset = readNumber(parts[0]!, 'the offset', CHOP, diagnostics);
  const length = readNumber(parts[1]!, 'the length', CHOP, diagnostics);
  return offset === undefined || length === undefined
    ? undefined
    : { kind: 'fast_pattern', only: false, offset, length };
}
