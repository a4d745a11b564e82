/**
 * byte_jump: moves the end of the last match by a number read from the buffer. Stage: rule. Reference: Suricata,
 * payload keywords.
 */
import type { OptionNode, Word } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { parseArguments } from '../parse/parser.js';
import type { ByteJump } from '../buffer-match.js';
import {
  COMMON_ARGUMENTS,
  compileCommon,
  OFFSET,
  printCommon,
  readCommon,
  readNamed,
  readPositional,
  type ByteArguments,
  type NamedArguments,
} from './byte-arguments.js';
import { defineOption, type RuleOption } from './option.js';
import { readNumber, readOperand, requireValue, type Operand } from './value.js';

interface ByteJumpOption {
  readonly common: ByteArguments;
  readonly multiplier: number | undefined;
  readonly align: boolean;
  readonly from: ByteJump['from'];
  readonly postOffset: Operand | undefined;
}

const MULTIPLIER = { minimum: 1, maximum: 65_535 };
const ARGUMENTS = {
  ...COMMON_ARGUMENTS,
  multiplier: 'one',
  align: 'none',
  from_beginning: 'none',
  from_end: 'none',
  post_offset: 'one',
} as const;
const SYNTAX =
  'byte_jump:<bytes|variable>,<offset|variable>[,relative][,multiplier <number>][,<big|little|dce>][,string,<hex|dec|oct>][,align][,from_beginning|from_end][,post_offset <number|variable>][,bitmask <mask>];';

function parse(node: OptionNode, diagnostics: Diagnostics): ByteJumpOption | undefined {
  const word = requireValue(node, diagnostics);
  const written = word && parseArguments(word, diagnostics);
  const positional =
    written && readPositional(written, ['the number of bytes', 'an offset'], node, `write ${SYNTAX}`, diagnostics);
  const named = positional && readNamed(written!.slice(2), ARGUMENTS, node, diagnostics);
  if (named === undefined) return undefined;
  const from = readFrom(named, diagnostics);
  const [bytes, offset] = positional as [Word, Word];
  const common = readCommon(bytes, offset, named, true, diagnostics);
  if (from === undefined || common === undefined) return undefined;
  const factor = named.get('multiplier')?.value;
  const post = named.get('post_offset')?.value;
  const multiplier = factor && readNumber(factor, 'multiplier', MULTIPLIER, diagnostics);
  const postOffset = post && readOperand(post, 'post_offset', OFFSET, diagnostics);
  if ((factor !== undefined && multiplier === undefined) || (post !== undefined && postOffset === undefined))
    return undefined;
  return { common, multiplier, align: named.has('align'), from, postOffset };
}

function readFrom(named: NamedArguments, diagnostics: Diagnostics): ByteJump['from'] | undefined {
  const end = named.get('from_end');
  if (end === undefined) return named.has('from_beginning') ? 'beginning' : 'read';
  if (!named.has('from_beginning')) return 'end';
  diagnostics.error(
    'conflicting-arguments',
    'from_beginning and from_end exclude each other',
    end.span,
    'keep one of them',
  );
  return undefined;
}

const byteJump = defineOption<ByteJumpOption>({
  name: 'byte_jump',
  value: 'required',
  repeatable: true,
  parse,
  compile({ common, multiplier, align, from, postOffset }, builder, node) {
    const shared = compileCommon(common, builder, node);
    builder.addMatch(
      {
        kind: 'byte_jump',
        ...shared,
        multiplier: multiplier ?? 1,
        align,
        from,
        postOffset: builder.resolveValue(postOffset ?? 0, node),
      },
      node,
    );
  },
  print({ common, multiplier, align, from, postOffset }) {
    return [
      common.bytes,
      common.offset,
      ...printCommon(common),
      ...(multiplier === undefined ? [] : [`multiplier ${multiplier}`]),
      ...(align ? ['align'] : []),
      ...(from === 'read' ? [] : [from === 'end' ? 'from_end' : 'from_beginning']),
      ...(postOffset === undefined ? [] : [`post_offset ${postOffset}`]),
    ].join(',');
  },
  doc: {
    appliesTo: 'buffer',
    summary:
      'Reads a number and jumps so many bytes from behind it; what follows is relative to there. A jump before the buffer ends at its start, one behind its end does not match.',
    syntax: SYNTAX,
    example: 'byte_jump:2,0,relative,little; content:"|00|"; distance:0; within:1;',
    differences:
      '0 bytes read nothing and jump by post_offset alone. string without a base means dec. dce is the order that a call of DCE/RPC says it has, big elsewhere.',
  },
});

export const byteJumpOptions: readonly RuleOption[] = [byteJump];
