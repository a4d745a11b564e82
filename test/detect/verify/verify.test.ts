/** Each step over a buffer, against what its keyword's documentation says; and the packed code against the oracle. */
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRules } from '../../../src/compile/compile-rules.js';
import { RuleSet } from '../../../src/block/rule-set.js';
import { Verifier, type VerifyLimits } from '../../../src/detect/verify/verify.js';
import type { RuleProgram } from '../../../src/rule/program.js';
import type { BufferMatch, Value } from '../../../src/rule/buffer-match.js';
import { placeBlock } from '../../support/detecting.js';
import { naiveTables } from '../../support/naive-scanner.js';
import { naiveVerify } from '../../support/naive-verify.js';
import { toBytes, type Payload } from '../../support/packet-builder.js';
import { beginPacket, payloadPacket } from '../../support/payload-packet.js';
import {
  bsize,
  byteExtract,
  byteJump,
  byteMath,
  byteTest,
  content,
  isdataat,
  pcre,
  program,
} from '../../support/rule-programs.js';

function verifierOf(rule: RuleProgram, limits?: VerifyLimits): Verifier {
  const rules = new RuleSet(placeBlock(compileRules([rule], { compilePatterns: naiveTables }).block));
  return new Verifier(rules, limits);
}

function passes(payload: Payload, ...steps: BufferMatch[]): boolean {
  const rule = program({ payload: steps });
  const bytes = toBytes(payload);
  const verifier = verifierOf(rule);
  beginPacket(verifier, payloadPacket(bytes));
  const result = verifier.verify(0);
  expect(
    naiveVerify(rule, () => (bytes.length > 0 ? bytes : undefined)),
    'the oracle agrees',
  ).toBe(result);
  return result;
}

const negated = { negated: true } as const;
const relative = { relative: true } as const;

describe('content', () => {
  it.each<[string, Payload, BufferMatch, boolean]>([
    ['anywhere', 'xxabcxx', content('abc'), true],
    ['not there', 'xxabxcx', content('abc'), false],
    ['longer than the payload', 'ab', content('abc'), false],
    ['only behind the payload', 'b', content('ba'), false],
    ['case matters', 'xABC', content('abc'), false],
    ['nocase', 'xAbC', content('aBc', { nocase: true }), true],
    ['nocase folds letters only', '@[', content('`{', { nocase: true }), false],
    ['nocase with a byte above 127', [0xc4, 0x41], content([0xc4, 0x61], { nocase: true }), true],
    ['offset reached', '0123abc', content('abc', { offset: 4 }), true],
    ['offset passed', '0123abc', content('abc', { offset: 5 }), false],
    ['depth just enough', '0abc', content('abc', { depth: 4 }), true],
    ['depth too small', '0abc', content('abc', { depth: 3 }), false],
    ['depth counts from offset', '0123abc', content('abc', { offset: 2, depth: 5 }), true],
    ['depth from offset too small', '0123abc', content('abc', { offset: 2, depth: 4 }), false],
    ['startswith', 'abcx', content('abc', { startswith: true }), true],
    ['startswith elsewhere', 'xabc', content('abc', { startswith: true }), false],
    ['endswith', 'xabc', content('abc', { endswith: true }), true],
    ['endswith, also earlier', 'abcabc', content('abc', { endswith: true }), true],
    ['endswith elsewhere', 'abcx', content('abc', { endswith: true }), false],
    ['startswith and endswith', 'abc', content('abc', { startswith: true, endswith: true }), true],
    ['startswith and endswith of more', 'abcabc', content('abc', { startswith: true, endswith: true }), false],
    ['negated, absent', 'xyz', content('abc', negated), true],
    ['negated, present', 'xabcx', content('abc', negated), false],
    ['negated, present beyond depth', 'xabc', content('abc', { ...negated, depth: 3 }), true],
    ['negated endswith, present earlier', 'abcx', content('abc', { ...negated, endswith: true }), true],
    ['negated endswith, at the end as well', 'abcxabc', content('abc', { ...negated, endswith: true }), false],
    ['negated offset beyond the payload', 'abc', content('abc', { ...negated, offset: 100 }), true],
  ])('%s', (_, payload, step, expected) => {
    expect(passes(payload, step)).toBe(expected);
  });

  it.each<[string, Payload, BufferMatch[], boolean]>([
    ['distance:0 is behind', 'abcd', [content('ab'), content('cd', { distance: 0 })], true],
    ['distance:0 is not before', 'cdab', [content('ab'), content('cd', { distance: 0 })], false],
    ['without distance, before is fine', 'cdab', [content('ab'), content('cd')], true],
    ['distance skips', 'ab12cd', [content('ab'), content('cd', { distance: 2 })], true],
    ['distance too far', 'ab1cd', [content('ab'), content('cd', { distance: 2 })], false],
    ['negative distance overlaps', 'abcd', [content('abc'), content('cd', { distance: -1 })], true],
    ['negative distance before the start', 'abcd', [content('cd'), content('ab', { distance: -100 })], true],
    ['within holds it', 'ab1cd', [content('ab'), content('cd', { within: 3 })], true],
    ['within too small', 'ab1cd', [content('ab'), content('cd', { within: 2 })], false],
    ['within counts from distance', 'ab12cd', [content('ab'), content('cd', { distance: 2, within: 2 })], true],
    ['the first content is retried', 'ab--ab.cd', [content('ab'), content('cd', { within: 3 })], true],
    [
      'and with a chain of three',
      'a1b..a1b2c',
      [content('a'), content('b', { within: 2 }), content('c', { within: 2 })],
      true,
    ],
    [
      'a later step over an earlier choice',
      'a-b a+b',
      [content('a'), content('b', { distance: 1, within: 1 }), content('+', { distance: -2, within: 1 })],
      true,
    ],
    [
      'relative to the content before a negated one',
      'ab.cd',
      [content('ab'), content('zz', negated), content('cd', { distance: 1, within: 2 })],
      true,
    ],
    ['a negated relative content behind', 'ab12', [content('ab'), content('3', { ...negated, within: 2 })], true],
    [
      'a negated relative content makes the first be retried',
      'ab3 ab4',
      [content('ab'), content('3', { ...negated, within: 1 })],
      true,
    ],
    [
      'endswith with distance and within',
      'xyyyyyyyyyz',
      [content('x'), content('z', { distance: 9, within: 29, endswith: true })],
      true,
    ],
    ['relative without anything before counts from the start', 'abc', [content('c', { distance: 1, within: 2 })], true],
    ['an independent failure ends it', 'ababab', [content('ab'), content('b', { distance: 0 }), content('zz')], false],
  ])('%s', (_, payload, steps, expected) => {
    expect(passes(payload, ...steps)).toBe(expected);
  });
});

describe('pcre', () => {
  it.each<[string, Payload, BufferMatch[], boolean]>([
    ['matches', 'foo42', [pcre('o\\d+')], true],
    ['ignoring case', 'FOO', [pcre('foo', { flags: 'i' })], true],
    ['negated', 'foo', [pcre('bar', negated)], true],
    ['relative starts behind', 'ab12', [content('ab'), pcre('^\\d', relative)], true],
    ['relative does not look back', 'ab12', [content('12'), pcre('ab', relative)], false],
    ['relative sees its start as the start', 'xab', [content('x'), pcre('^ab$', relative)], true],
    ['not relative anchors at the payload', 'xab', [content('x'), pcre('^ab$')], false],
    ['content relative to pcre', 'k=v;end', [pcre('k=\\w+'), content(';', { within: 1 })], true],
    ['pcre is retried for what follows', 'a1 a2!', [pcre('a\\d'), content('!', { within: 1 })], true],
    ['content is retried for a relative pcre', 'ab- ab+', [content('ab'), pcre('^\\+', relative)], true],
    ['bytes above 127 are characters', [0xff, 0xe9], [pcre('^\\xff\\xe9$')], true],
    ['an empty match moves on', 'abc', [pcre('x*'), content('c', { within: 1 })], true],
  ])('%s', (_, payload, steps, expected) => {
    expect(passes(payload, ...steps)).toBe(expected);
  });
});

describe('isdataat and bsize', () => {
  const data32 = 'a'.repeat(32);
  it.each<[string, BufferMatch[], boolean]>([
    ['byte 31 of 32', [isdataat(31)], true],
    ['byte 32 of 32', [isdataat(32)], false],
    ['relative without a match: 31', [isdataat(31, relative)], true],
    ['relative without a match: 32', [isdataat(32, relative)], true],
    ['relative without a match: 33', [isdataat(33, relative)], false],
    ['behind one byte: 31', [content('a', { depth: 1 }), isdataat(31, relative)], true],
    ['behind one byte: 32', [content('a', { depth: 1 }), isdataat(32, relative)], false],
    ['negated', [isdataat(32, negated)], true],
    ['negated relative at the end', [content('a', { offset: 31 }), isdataat(1, { ...negated, ...relative })], true],
    ['bsize exact', [bsize([32, 32])], true],
    ['bsize range', [bsize([1, 31], [33, 40])], false],
    ['bsize second range', [bsize([1, 5], [30, 40])], true],
  ])('%s', (_, steps, expected) => {
    expect(passes(data32, ...steps)).toBe(expected);
  });
});

describe('byte_test', () => {
  it.each<[string, Payload, BufferMatch, boolean]>([
    ['big endian', [1, 2, 3, 4], byteTest({ bytes: 4, value: 0x01020304 }), true],
    ['little endian', [1, 2, 3, 4], byteTest({ bytes: 4, endian: 'little', value: 0x04030201 }), true],
    [
      'eight bytes are exact',
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe],
      byteTest({ bytes: 8, operator: '>', value: Number.MAX_SAFE_INTEGER }),
      true,
    ],
    ...(['=', '<=', '>='] as const).map((operator): [string, Payload, BufferMatch, boolean] => [
      `a number of eight bytes ${operator} itself`,
      [0x81, 2, 3, 4, 0xf5, 6, 7, 8],
      byteTest({ bytes: 8, operator, value: 0x81020304f5060708n }),
      true,
    ]),
    [
      'less than one of eight bytes that is one more',
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe],
      byteTest({ bytes: 8, operator: '<', value: 0xffffffffffffffffn }),
      true,
    ],
    [
      'xor with one of eight bytes that is one more',
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe],
      byteTest({ bytes: 8, operator: '^', value: 0xffffffffffffffffn }),
      true,
    ],
    ['less', [5], byteTest({ operator: '<', value: 6 }), true],
    ['less or equal', [6], byteTest({ operator: '<=', value: 6 }), true],
    ['greater or equal', [5], byteTest({ operator: '>=', value: 6 }), false],
    ['and', [0x81], byteTest({ operator: '&', value: 0x80 }), true],
    ['xor', [0x81], byteTest({ operator: '^', value: 0x81 }), false],
    ['negated', [5], byteTest({ negated: true, value: 5 }), false],
    ['not whole in the buffer', [1, 2], byteTest({ bytes: 4, operator: '>=', value: 0 }), false],
    ['not whole in the buffer, negated', [1, 2], byteTest({ bytes: 4, negated: true, value: 9 }), false],
    ['mask shifts', [0xab], byteTest({ bitmask: 0xf0, value: 0xa }), true],
    ['decimal text', ' 1234', byteTest({ bytes: 5, text: 'dec', value: 1234 }), true],
    ['hexadecimal text with prefix', '0xfF', byteTest({ bytes: 4, text: 'hex', value: 255 }), true],
    ['octal text ends at a 9', '179', byteTest({ bytes: 3, text: 'oct', value: 15 }), true],
    ['text without digits', 'abc', byteTest({ bytes: 3, text: 'dec', operator: '>=', value: 0 }), false],
    ['as many digits as there are', '77777', byteTest({ bytes: 0, text: 'dec', value: 77777 }), true],
    [
      'text above 64 bits',
      '99999999999999999999999',
      byteTest({ bytes: 23, text: 'dec', operator: '>', value: 0 }),
      false,
    ],
    ['empty relative rest', [1], byteTest({ relative: true, offset: 1, operator: '>=', value: 0 }), false],
  ])('%s', (_, payload, step, expected) => {
    expect(passes(payload, step)).toBe(expected);
  });
});

describe('byte_jump', () => {
  const at = (index: number): BufferMatch => content(String(index), { distance: 0, within: 1 });
  const digits = '0123456789';
  it.each<[string, Payload, BufferMatch[], boolean]>([
    ['from behind the read', [2, ...toBytes(digits)], [byteJump({}), at(2)], true],
    ['from the beginning', [3, ...toBytes(digits)], [byteJump({ from: 'beginning' }), at(2)], true],
    ['from the end', [0xff, ...toBytes(digits)], [byteJump({ bytes: 0, from: 'end', postOffset: -2 }), at(8)], true],
    ['multiplied and aligned', [1, ...toBytes(digits)], [byteJump({ multiplier: 3, align: true }), at(4)], true],
    ['post_offset', [1, ...toBytes(digits)], [byteJump({ postOffset: 2 }), at(3)], true],
    [
      'before the start counts as the start',
      toBytes(digits),
      [byteJump({ bytes: 1, text: 'dec', postOffset: -50 }), at(0)],
      true,
    ],
    ['to the last byte', [9, ...toBytes(digits)], [byteJump({})], true],
    ['to the end', [10, ...toBytes(digits)], [byteJump({}), isdataat(1, { negated: true, relative: true })], true],
    ['behind the end fails', [11, ...toBytes(digits)], [byteJump({})], false],
    [
      'to the end of the buffer',
      digits,
      [byteJump({ bytes: 0, from: 'end' }), content('x', { negated: true, within: 1 })],
      true,
    ],
    ['nothing follows the end', [10, ...toBytes(digits)], [byteJump({}), content('9', { distance: 0 })], false],
    ['no read at the end', [10, ...toBytes(digits)], [byteJump({}), byteTest({ ...relative, operator: '>=' })], false],
    [
      'a jump without a read at the end',
      'ab',
      [content('b'), byteJump({ bytes: 0, ...relative }), isdataat(1, { negated: true, relative: true })],
      true,
    ],
    ['relative', ['x'.charCodeAt(0), 1, ...toBytes(digits)], [content('x'), byteJump(relative), at(1)], true],
    [
      'digits consumed, not digits allowed',
      '1x23456',
      [byteJump({ bytes: 3, text: 'dec' }), content('2', { distance: 0, within: 1 })],
      true,
    ],
  ])('%s', (_, payload, steps, expected) => {
    expect(passes(payload, ...steps)).toBe(expected);
  });
});

describe('byte_extract and byte_math', () => {
  const v = { variable: 0 };
  it.each<[string, Payload, BufferMatch[], boolean]>([
    [
      'offset and depth from variables',
      'x4--ab',
      [byteExtract({ offset: 1, text: 'dec' }), content('ab', { offset: v, depth: 2 })],
      true,
    ],
    [
      'distance from a variable',
      '2ab..cd',
      [byteExtract({ text: 'dec' }), content('ab'), content('cd', { distance: v, within: 2 })],
      true,
    ],
    [
      'within from a variable',
      '2ab.cd',
      [byteExtract({ text: 'dec' }), content('ab'), content('cd', { within: v })],
      false,
    ],
    [
      'the position moves behind',
      'a2b',
      [byteExtract({ offset: 1, text: 'dec' }), content('b', { distance: 0, within: 1 })],
      true,
    ],
    [
      'multiplied and aligned',
      [3, 8],
      [byteExtract({ multiplier: 2, align: 4 }), byteTest({ offset: 1, value: v })],
      true,
    ],
    [
      'a value from each occurrence is tried',
      'n1n3...x',
      [content('n'), byteExtract({ ...relative, text: 'dec' }), content('x', { distance: v, within: 1 })],
      true,
    ],
    [
      'also where the first value leads out of the payload',
      'n9n1..x',
      [content('n'), byteExtract({ ...relative, text: 'dec' }), content('x', { distance: v })],
      true,
    ],
    ['isdataat with a variable', '3abc', [byteExtract({ text: 'dec' }), isdataat(v, relative)], true],
    ['byte_math adds', [2, 5], [byteMath({ operator: '+', value: 3 }), byteTest({ offset: 1, value: v })], true],
    [
      'byte_math wraps below zero',
      [2, 1],
      [byteMath({ operator: '-', value: 3 }), byteTest({ operator: '<', offset: 1, value: v })],
      true,
    ],
    ['byte_math multiplies', [4, 12], [byteMath({ operator: '*', value: 3 }), byteTest({ offset: 1, value: v })], true],
    ['byte_math divides', [7, 3], [byteMath({ operator: '/', value: 2 }), byteTest({ offset: 1, value: v })], true],
    ['byte_math does not divide by zero', [7, 3], [byteMath({ operator: '/', value: 0 })], false],
    ['byte_math shifts', [1, 0x80], [byteMath({ operator: '<<', value: 7 }), byteTest({ offset: 1, value: v })], true],
    [
      'byte_math shifts everything out',
      [1, 0],
      [byteMath({ operator: '<<', value: 64 }), byteTest({ offset: 1, value: v })],
      true,
    ],
    ['bytes from a variable', [2, 0, 1, 2], [byteExtract({}), byteTest({ bytes: v, offset: 2, value: 0x0102 })], true],
    [
      'a negative result is a negative offset',
      [1, 9, 9],
      [byteMath({ operator: '-', value: 2 }), byteTest({ ...relative, offset: v, value: 1 })],
      true,
    ],
  ])('%s', (_, payload, steps, expected) => {
    expect(passes(payload, ...steps)).toBe(expected);
  });
});

describe('the limit on steps', () => {
  const greedy = program({
    payload: [
      content('a'),
      ...Array.from({ length: 6 }, () => content('a', { within: 100 })),
      content('b', { within: 1 }),
    ],
  });

  it('gives a rule up and counts it', () => {
    const verifier = verifierOf(greedy, { rule: 1000, packet: 5000 });
    beginPacket(verifier, payloadPacket(new Uint8Array(200).fill(0x61)));
    expect(verifier.verify(0)).toBe(false);
    expect(verifier.stepLimit).toBe(1);
  });

  it('is not reached by a search that a later occurrence cannot help', () => {
    const verifier = verifierOf(program({ payload: [content('a'), content('zz', { distance: 0 })] }), {
      rule: 200,
      packet: 200,
    });
    beginPacket(verifier, payloadPacket(new Uint8Array(2000).fill(0x61)));
    expect(verifier.verify(0)).toBe(false);
    expect(verifier.stepLimit).toBe(0);
  });

  it.each<[string, BufferMatch]>([
    ['a content next to it', content('b', { within: 1 })],
    ['an expression', pcre('^b', { relative: true })],
  ])('is not reached by a chain of contents that may stand anywhere behind each other, and %s', (_, last) => {
    const chain = Array.from({ length: 6 }, () => content('a', { distance: 1 }));
    const rule = program({ payload: [content('a'), ...chain, last] });
    const verifier = verifierOf(rule, { rule: 1000, packet: 5000 });
    beginPacket(verifier, payloadPacket(new Uint8Array(200).fill(0x61)));
    expect(verifier.verify(0)).toBe(false);
    beginPacket(verifier, payloadPacket(toBytes(`${'a'.repeat(200)}b`)));
    expect(verifier.verify(0)).toBe(true);
    expect(verifier.stepLimit).toBe(0);
  });

  it.each<[string, BufferMatch[]]>([
    ['an expression', [pcre('a(?:zz|y)', { relative: true })]],
    ['one that is retried for what follows', [pcre('a+z', { relative: true }), content('b', { within: 1 })]],
    ['one behind a chain of contents', [content('a', { distance: 1 }), pcre('(a)z\\1', { relative: true })]],
  ])('is not reached by %s that may match anywhere behind a content, and matches nowhere', (_, last) => {
    const verifier = verifierOf(program({ payload: [content('a'), ...last] }), { rule: 3000, packet: 3000 });
    beginPacket(verifier, payloadPacket(new Uint8Array(1400).fill(0x61)));
    expect(verifier.verify(0)).toBe(false);
    expect(verifier.stepLimit).toBe(0);
  });

  it('is refilled for the next packet', () => {
    const verifier = verifierOf(program({ payload: [content('ab')] }), { rule: 5, packet: 5 });
    for (let i = 0; i < 3; i++) {
      beginPacket(verifier, payloadPacket(toBytes('xxab')));
      expect(verifier.verify(0)).toBe(true);
    }
    expect(verifier.stepLimit).toBe(0);
  });

  it('counts what is compared in vain: a long content takes its own length at each byte of a text made for it', () => {
    const text = toBytes(`${'a'.repeat(1999)}c`.repeat(32));
    for (const nocase of [false, true]) {
      for (const negated of [false, true]) {
        const verifier = verifierOf(program({ payload: [content('a'.repeat(2000), { nocase, negated })] }));
        beginPacket(verifier, payloadPacket(text));
        expect(verifier.verify(0)).toBe(false);
        expect([verifier.stepLimit, verifier.exceeded]).toEqual([1, true]);
      }
    }
  });

  it.each([
    ['kept', gzipSync(Buffer.alloc(4_000_000))],
    ['not, as damage follows', Buffer.concat([gzipSync(Buffer.alloc(60_000)).subarray(0, -12), Buffer.alloc(9, 255)])],
  ])('counts what is inflated, %s', (_what, packed) => {
    const rule = program({
      buffers: [{ buffer: 'payload', transforms: [{ kind: 'gunzip', maximum: 60_000 }], matches: [content([1])] }],
    });
    const limits = { rule: 20_000, packet: 20_000 };
    const verifier = verifierOf(rule, limits);
    beginPacket(verifier, payloadPacket(packed));
    let times = 0;
    for (; times < 100 && verifier.stepLimit === 0; times++) verifier.verify(0);
    // At some 60 KB each.
    expect(times).toBeGreaterThan(5);
    expect(times).toBeLessThan(30);
  });

  it("holds for expressions: what they take is the rule's, and what is given up does not match, negated or not", () => {
    const text = toBytes(`x${'a'.repeat(1400)}`);
    for (const steps of [
      [pcre('^x(a+)+\\1b')],
      [pcre('^x(a+)+\\1b', { negated: true })],
      [content('a'), pcre('^(a+)+\\1b', { relative: true })],
    ]) {
      const verifier = verifierOf(program({ payload: steps }));
      beginPacket(verifier, payloadPacket(text));
      expect(verifier.verify(0)).toBe(false);
      expect([verifier.stepLimit, verifier.regexes.limited]).toEqual([1, 1]);
    }
    const transformed = program({
      buffers: [
        {
          buffer: 'payload',
          transforms: [{ kind: 'pcrexform', pattern: '^x(a+)+\\1b' }],
          matches: [content('a', { negated: true })],
        },
      ],
    });
    const verifier = verifierOf(transformed);
    beginPacket(verifier, payloadPacket(text));
    expect(verifier.verify(0)).toBe(false);
    expect([verifier.stepLimit, verifier.regexes.limited]).toEqual([1, 1]);
  });

  it('holds for an expression that is tried anew behind each content, and behind each of its own matches', () => {
    const text = toBytes('ab'.repeat(700));
    // Each search is cheap, and there are hundreds of thousands of them.
    const rule = program({
      payload: [
        content('a'),
        pcre('.*?b', { relative: true }),
        pcre('.*?a', { relative: true }),
        content('c', { within: 1 }),
      ],
    });
    const verifier = verifierOf(rule);
    beginPacket(verifier, payloadPacket(text));
    expect(verifier.verify(0)).toBe(false);
    expect([verifier.stepLimit, verifier.regexes.limited]).toEqual([1, 0]);
  });

  it('holds for all rules of a packet together', () => {
    const verifier = verifierOf(greedy, { rule: 1000, packet: 1500 });
    beginPacket(verifier, payloadPacket(new Uint8Array(200).fill(0x61)));
    for (let i = 0; i < 4; i++) verifier.verify(0);
    expect(verifier.stepLimit).toBe(4);
  });
});

// -------------------------------------------------------- against the oracle

const alphabet = fc.constantFrom(0x61, 0x61, 0x61, 0x62, 0x62, 0x41, 0x31, 0x32, 0x00, 0x03);
const payloads = fc.array(alphabet, { minLength: 1, maxLength: 14 }).map((bytes) => Uint8Array.from(bytes));
const literals = fc
  .oneof(
    { weight: 3, arbitrary: fc.constantFrom([0x61], [0x62]) },
    { weight: 1, arbitrary: fc.array(fc.constantFrom(0x61, 0x62, 0x41, 0x31), { minLength: 1, maxLength: 3 }) },
  )
  .map((bytes) => Uint8Array.from(bytes));
const small = fc.integer({ min: -3, max: 8 });
const positive = fc.integer({ min: 1, max: 9 });
const value = (number: fc.Arbitrary<number>): fc.Arbitrary<Value> =>
  fc.oneof(
    { weight: 3, arbitrary: number },
    { weight: 1, arbitrary: fc.constantFrom({ variable: 0 }, { variable: 1 }) },
  );
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 1 });
const flags = {
  negated: fc.constantFrom(false, false, false, true),
  nocase: fc.boolean(),
  startswith: fc.constant(false),
  endswith: fc.constant(false),
};
const rarely = fc.constantFrom(false, false, false, true);

const absolute = fc.record({
  kind: fc.constant('content' as const),
  bytes: literals,
  ...flags,
  offset: maybe(value(fc.nat(6))),
  depth: maybe(value(positive)),
  endswith: rarely,
});
const anchored = fc.record({
  kind: fc.constant('content' as const),
  bytes: literals,
  ...flags,
  startswith: fc.constant(true),
  endswith: rarely,
});
const following = fc.record({
  kind: fc.constant('content' as const),
  bytes: literals,
  ...flags,
  negated: rarely,
  distance: value(small),
  within: maybe(value(positive)),
  endswith: rarely,
});
const expressions = fc
  .record({
    source: fc.constantFrom(
      'a',
      'b|1',
      '^a',
      'a*',
      'b$',
      'a+b',
      '[^a]',
      '(?=b)',
      '\\x00',
      '1{1,2}',
      '(?<=a)b',
      '\\bb',
      '\\Ba',
      '(?m:^)b',
    ),
    negated: rarely,
    relative: fc.boolean(),
    flags: fc.constantFrom('', 'i', 'i', 's'),
  })
  .map(({ source, ...fields }) => pcre(source, fields));
const reads = {
  bytes: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 8 }) },
    { weight: 1, arbitrary: fc.constant({ variable: 0 }) },
  ),
  offset: value(small),
  relative: fc.boolean(),
  endian: fc.constantFrom('big' as const, 'little' as const),
  text: maybe(fc.constantFrom('hex' as const, 'dec' as const, 'oct' as const)),
  bitmask: maybe(fc.constantFrom(0xf0, 0x3, 0x100)),
};
const compared = fc.oneof(fc.nat(0x40), fc.nat(0xffffffff), fc.constantFrom({ variable: 0 }, { variable: 1 }));
const steps: fc.Arbitrary<BufferMatch> = fc.oneof(
  { weight: 3, arbitrary: absolute },
  { weight: 1, arbitrary: anchored },
  { weight: 6, arbitrary: following },
  { weight: 3, arbitrary: expressions },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('isdataat' as const),
      position: value(small),
      negated: fc.boolean(),
      relative: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.tuple(fc.nat(8), fc.nat(8)).map(([low, more]) => bsize([low, low + more])) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('byte_test' as const),
      ...reads,
      operator: fc.constantFrom('<', '>', '=', '<=', '>=', '&', '^'),
      negated: fc.boolean(),
      value: compared,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('byte_jump' as const),
      ...reads,
      multiplier: fc.constantFrom(1, 1, 2, 3),
      align: fc.boolean(),
      from: fc.constantFrom('read', 'beginning', 'end'),
      postOffset: value(small),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('byte_extract' as const),
      ...reads,
      variable: fc.nat(1),
      multiplier: fc.constantFrom(1, 1, 2),
      align: fc.constantFrom(0 as const, 0 as const, 2 as const, 4 as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('byte_math' as const),
      ...reads,
      operator: fc.constantFrom('+', '-', '*', '/', '<<', '>>'),
      value: compared,
      variable: fc.nat(1),
    }),
  },
) as fc.Arbitrary<BufferMatch>;

/** Steps of one or two buffers: a second list over the same buffer keeps the variables and starts at its beginning. */
const programs = fc.array(fc.array(steps, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 2 });

describe('packed code', () => {
  const agree = (lists: BufferMatch[][], payload: Uint8Array): boolean => {
    const rule = program({ buffers: lists.map((matches) => ({ buffer: 'payload' as const, matches })) });
    const verifier = verifierOf(rule);
    beginPacket(verifier, payloadPacket(payload));
    const result = verifier.verify(0);
    expect(verifier.stepLimit).toBe(0);
    expect(verifier.regexes.broken).toBe(0);
    expect(result).toBe(naiveVerify(rule, () => payload));
    return result;
  };

  it('means what the rule program means', () => {
    let matched = 0;
    fc.assert(
      fc.property(programs, payloads, (lists, payload) => {
        if (agree(lists, payload)) matched++;
      }),
      { numRuns: 6_000, seed: 7 },
    );
    // Random rules must match often enough for this to say something.
    expect(matched).toBeGreaterThan(300);
  });

  it('means it for long chains of relative contents and expressions', () => {
    const chain = fc.array(
      fc.oneof(
        { weight: 4, arbitrary: following },
        { weight: 1, arbitrary: absolute },
        { weight: 2, arbitrary: expressions },
      ),
      { minLength: 3, maxLength: 8 },
    );
    const text = fc
      .array(fc.constantFrom(0x61, 0x62), { minLength: 4, maxLength: 16 })
      .map((bytes) => Uint8Array.from(bytes));
    let matched = 0;
    fc.assert(
      fc.property(chain, text, (list, payload) => {
        if (agree([list as BufferMatch[]], payload)) matched++;
      }),
      { numRuns: 4_000, seed: 11 },
    );
    expect(matched).toBeGreaterThan(100);
  });
});
