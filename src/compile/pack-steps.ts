/**
 * Packs the steps over a buffer into code words (rule-block.ts), and works out what the verifier's backtracking may
 * leave out: which matches are worth retrying, and from where on a failure is final. Stage: load.
 *
 * A content or PCRE chooses one of its occurrences. The steps behind it depend on the choice through the position that
 * relative steps start from, and through variables read from there. Where neither reaches (`cut`), what follows is a
 * problem of its own: its failure is the rule's, whatever was chosen before.
 */
import type { BufferProgram } from '../rule/program.js';
import type {
  BufferMatch,
  ByteExtract,
  ByteJump,
  ByteMath,
  ByteTest,
  ContentMatch,
  NumberMatch,
  Transform,
  Value,
} from '../rule/buffer-match.js';
import { foldByte, foldBytes } from '../match/literal/gram.js';
import { DEPENDENCE, dependenceOf, isRelative } from '../rule/compile/step-dependence.js';
import type { BlockWriter } from './block-writer.js';
import type { CodeList } from './code-list.js';
import type { Engine } from './engines.js';
import { packCompared, wide } from '../block/compared.js';
import { operation } from './pack-tests.js';
import { OP } from '../block/rule-block.js';
import {
  ABSENT,
  BASE64_MODES,
  DATASET_OPERATIONS,
  ENTROPY_OPERATORS,
  JUMP_FROM,
  MATH_OPERATORS,
  NUMBER_TO_END,
  NUMBER_WHICH,
  STEP_FLAG,
  TEST_OPERATORS,
  TRANSFORM_KINDS,
} from '../block/step-layout.js';

/** `engine`: the words of BUFFER_CODE behind the buffer's number. */
export function packBuffer(program: BufferProgram, engine: Engine, writer: BlockWriter): void {
  const { code } = writer;
  const { matches } = program;
  const start = code.begin(OP.buffer);
  code.push(writer.buffers.number(program.buffer));
  code.push(engine.number);
  code.push(engine.toServer);
  code.push(engine.toClient);
  if (program.absent !== undefined)
    code.append(operation(OP.absent, [program.absent === 'only' ? ABSENT.only : ABSENT.orElse]));
  for (const transform of program.transforms ?? []) code.append(packTransform(transform, writer));
  const dependence = dependenceOf(matches);
  for (let index = 0; index < matches.length; index++)
    packStep(matches[index]!, choiceFlags(dependence[index]!), writer);
  code.end(start);
}

export function packTransform(transform: Transform, writer: BlockWriter): number[] {
  const packed = (first = 0, second = 0, third = 0, fourth = 0): number[] =>
    operation(OP.transform, [TRANSFORM_KINDS.indexOf(transform.kind), first, second, third, fourth]);
  switch (transform.kind) {
    case 'xor': {
      const { key, offset } = transform;
      // A key of the rule lies in the pool, any other in the buffer.
      return key instanceof Uint8Array
        ? packed(writer.addBytes(key), key.length, offset, 0)
        : packed(key.offset, key.bytes, offset, 1);
    }
    case 'subslice':
      return packed(transform.offset, transform.length ?? 0, Number(transform.clip));
    case 'gunzip':
    case 'zlib_deflate':
      return packed(transform.maximum);
    case 'pcrexform':
    case 'group':
      return packed(writer.addRegex(transform.pattern, '', 'groups'));
    case 'from_base64':
      return packed(transform.bytes, transform.offset, BASE64_MODES.indexOf(transform.mode));
    default:
      return packed();
  }
}

/** `choice`: what `choiceFlags` says of the step. */
function packStep(match: BufferMatch, choice: number, writer: BlockWriter): void {
  const step = (operationCode: number, flags: number, operands: readonly number[]): void => {
    const start = writer.code.begin(operationCode);
    writer.code.push(flags | choice);
    writer.code.append(operands);
    writer.code.end(start);
  };
  switch (match.kind) {
    case 'content':
      return packContent(match, choice, writer);
    case 'pcre':
      return step(OP.pcre, flag(match.negated, 'negated') | flag(match.relative, 'relative'), [
        writer.addRegex(match.pattern, match.flags, match.use),
        ...(match.captures ?? []).flatMap(({ group, text }) => [group, text]),
      ]);
    case 'isdataat':
      return step(
        OP.isdataat,
        flag(match.negated, 'negated') | flag(match.relative, 'relative'),
        packValue(match.position),
      );
    case 'bsize':
      return step(OP.bsize, flag(match.relative === true, 'relative'), packCompared(match));
    case 'byte_test':
      return step(OP.byteTest, readFlags(match) | flag(match.negated, 'negated'), [
        ...packRead(match),
        TEST_OPERATORS.indexOf(match.operator),
        ...packWideValue(match.value),
      ]);
    case 'byte_jump':
      return step(OP.byteJump, readFlags(match) | flag(match.align, 'align'), [
        ...packRead(match),
        match.multiplier,
        JUMP_FROM.indexOf(match.from),
        ...packValue(match.postOffset),
      ]);
    case 'byte_extract':
      return step(OP.byteExtract, readFlags(match), [
        ...packRead(match),
        match.variable,
        match.multiplier,
        match.align,
      ]);
    case 'byte_math':
      return step(OP.byteMath, readFlags(match), [
        ...packRead(match),
        MATH_OPERATORS.indexOf(match.operator),
        match.variable,
        ...packWideValue(match.value),
      ]);
    case 'base64_decode':
      return step(OP.base64Decode, flag(match.relative, 'relative'), [match.bytes, match.offset]);
    case 'asn1':
      return step(OP.asn1, flag(match.relative, 'relative'), [
        match.offset,
        Number(match.bitstringOverflow) | (Number(match.doubleOverflow) << 1),
        match.oversizeLength ?? -1,
      ]);
    case 'ber':
      return step(OP.ber, flag(true, 'relative'), [match.type, Number(match.move === 'skip'), Number(match.optional)]);
    case 'entropy':
      return step(OP.entropy, 0, [
        match.bytes,
        match.offset,
        ENTROPY_OPERATORS.indexOf(match.operator),
        match.value,
        match.high ?? match.value,
      ]);
    case 'dataset':
      return step(OP.dataset, 0, [writer.addDataset(match.set), DATASET_OPERATIONS.indexOf(match.operation), 0]);
    case 'number':
      return step(OP.number, 0, packNumber(match));
    case 'datarep':
      return step(OP.dataset, 0, [
        writer.addDataset(match.set),
        DATASET_OPERATIONS.indexOf(match.operator),
        match.value,
      ]);
  }
}

function packNumber({
  which,
  index = 0,
  from = 0,
  to = NUMBER_TO_END,
  ranges,
  mask,
  counts = { ranges: [] },
}: NumberMatch): number[] {
  const compared = packCompared({ ranges, mask });
  return [NUMBER_WHICH.indexOf(which), index, from, to, compared.length, ...compared, ...packCompared(counts)];
}

function packContent(match: ContentMatch, choice: number, writer: BlockWriter): void {
  const { code } = writer;
  const bytes = match.nocase ? foldBytes(match.bytes) : match.bytes;
  const start = code.begin(OP.content);
  code.push(
    choice |
      flag(match.negated, 'negated') |
      flag(isRelative(match), 'relative') |
      flag(match.nocase, 'nocase') |
      flag(match.depth !== undefined || match.startswith, 'hasDepth') |
      flag(match.within !== undefined, 'hasWithin') |
      flag(match.endswith, 'endswith'),
  );
  code.push(writer.addBytes(bytes));
  code.push(bytes.length);
  code.push(anchorOf(bytes));
  pushValue(match.offset ?? 0, code);
  pushValue(match.startswith ? bytes.length : (match.depth ?? 0), code);
  pushValue(match.distance ?? 0, code);
  pushValue(match.within ?? 0, code);
  code.end(start);
}

function pushValue(value: Value, code: CodeList): void {
  code.push(typeof value === 'number' ? -1 : value.variable);
  code.push(typeof value === 'number' ? clamp(value) : 0);
}

type ByteStep = ByteTest | ByteJump | ByteExtract | ByteMath;
const BASE = { hex: 16, dec: 10, oct: 8 } as const;

function packRead(match: ByteStep): number[] {
  const mask = match.bitmask ?? 0;
  const shift = mask === 0 ? 0 : trailingZeros(mask);
  return [
    ...packValue(match.bytes),
    ...packValue(match.offset),
    match.text === undefined ? 0 : BASE[match.text],
    ...wide(mask),
    shift,
  ];
}

function readFlags(match: ByteStep): number {
  return (
    flag(match.relative, 'relative') |
    flag(match.endian === 'little', 'little') |
    flag(match.endian === 'dce', 'dce') |
    flag(match.bitmask !== undefined, 'masked')
  );
}

function trailingZeros(mask: number): number {
  let zeros = 0;
  for (let rest = mask; rest % 2 === 0; rest /= 2) zeros++;
  return zeros;
}

const flag = (on: boolean, name: keyof typeof STEP_FLAG): number => (on ? STEP_FLAG[name] : 0);
const clamp = (value: number): number => Math.max(-0x7fffffff, Math.min(value, 0x7fffffff));
const packValue = (value: Value): [number, number] =>
  typeof value === 'number' ? [-1, clamp(value)] : [value.variable, 0];
function packWideValue(value: Value | bigint): number[] {
  if (typeof value === 'bigint') return [-1, Number(BigInt.asIntN(32, value >> 32n)), Number(BigInt.asIntN(32, value))];
  return typeof value === 'number' ? [-1, ...wide(value)] : [value.variable, 0, 0];
}

// ------------------------------------------------------- dependence of steps

/** `dependence`: a set of DEPENDENCE. */
function choiceFlags(dependence: number): number {
  return (
    flag((dependence & DEPENDENCE.retried) !== 0, 'retry') |
    flag((dependence & DEPENDENCE.cut) !== 0, 'cut') |
    flag((dependence & DEPENDENCE.forward) !== 0, 'forward')
  );
}

// ------------------------------------------------------------------- anchors

/** Bytes from rare to common in traffic; a search looks for the rarest byte first. */
const COMMON_BYTES = 'zqjxkvw/-.bygpfmculdh' + '0123456789' + 'rsnitoae' + ' \u0000';
/** Rank of each byte among them, from 1; 0 for those that are rarer still. */
const COMMONNESS = Uint8Array.from(
  { length: 256 },
  (_, byte) => COMMON_BYTES.indexOf(String.fromCharCode(foldByte(byte))) + 1,
);

/** The place of the rarest byte, the first of several. */
function anchorOf(bytes: Uint8Array): number {
  let anchor = 0;
  for (let i = 1; i < bytes.length; i++) if (COMMONNESS[bytes[i]!]! < COMMONNESS[bytes[anchor]!]!) anchor = i;
  return anchor;
}
