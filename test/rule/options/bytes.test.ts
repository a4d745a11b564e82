import { describe, expect, it } from 'vitest';
import type { BufferMatch } from '../../../src/rule/buffer-match.js';
import { compileOptions, findings, programOf, reparse } from '../../support/rule-options.js';

const READ = { bytes: 1, offset: 0, relative: false, endian: 'big', text: undefined, bitmask: undefined };

function matches(text: string): readonly BufferMatch[] {
  return programOf(text).buffers.flatMap((buffer) => buffer.matches);
}

function expectSteady(text: string, printed: string): void {
  const { first, second, printed: written, again } = reparse(text);
  expect(written).toBe(printed);
  expect(second).toEqual(first);
  expect(again).toBe(written);
}

describe('byte_test', () => {
  const TEST = { ...READ, kind: 'byte_test', operator: '=', negated: false, value: 1 };

  it.each([
    ['byte_test:1,=,1,0', TEST, '1,=,1,0'],
    [
      'byte_test:8,=,0xffffffffffffffff,0',
      { ...TEST, bytes: 8, value: 0xffffffffffffffffn },
      '8,=,18446744073709551615,0',
    ],
    [
      'byte_test: 2, > , 1000 , 20 , relative',
      { ...TEST, bytes: 2, operator: '>', value: 1000, offset: 20, relative: true },
      '2,>,1000,20,relative',
    ],
    ['byte_test:1,!=,0x06,-1', { ...TEST, negated: true, value: 6, offset: -1 }, '1,!=,6,-1'],
    ['byte_test:1,! =,6,0', { ...TEST, negated: true, value: 6 }, '1,!=,6,0'],
    ['byte_test:1,!,6,0', { ...TEST, negated: true, value: 6 }, '1,!=,6,0'],
    [
      'byte_test:1,!&,128,6,relative',
      { ...TEST, operator: '&', negated: true, value: 128, offset: 6, relative: true },
      '1,!&,128,6,relative',
    ],
    ['byte_test:1,^,1,0', { ...TEST, operator: '^' }, '1,^,1,0'],
    ['byte_test:1,!<=,1,0', { ...TEST, operator: '<=', negated: true }, '1,!<=,1,0'],
    [
      'byte_test:8,>=,4294967296,0,little',
      { ...TEST, bytes: 8, operator: '>=', value: 4_294_967_296, endian: 'little' },
      '8,>=,4294967296,0,little',
    ],
    [
      'byte_test:5,>,256,0,string,dec,relative',
      { ...TEST, bytes: 5, operator: '>', value: 256, relative: true, text: 'dec' },
      '5,>,256,0,relative,string,dec',
    ],
    ['byte_test:0,=,0,0,string,dec', { ...TEST, bytes: 0, value: 0, text: 'dec' }, '0,=,0,0,string,dec'],
    ['byte_test:4,=,1,0,string', { ...TEST, bytes: 4, text: 'dec' }, '4,=,1,0,string,dec'],
    ['byte_test:4,=,1,0,string hex', { ...TEST, bytes: 4, text: 'hex' }, '4,=,1,0,string,hex'],
    [
      'byte_test:2,=,1,0,bitmask 0x3ff0,endian big',
      { ...TEST, bytes: 2, bitmask: 0x3ff0 },
      '2,=,1,0,big,bitmask 0x3ff0',
    ],
  ])('%s', (text, expected, printed) => {
    expect(matches(`${text};`)).toEqual([expected]);
    expectSteady(text, `byte_test:${printed}`);
  });

  it('takes variables for bytes, value and offset', () => {
    expect(matches('byte_extract:1,0,n; byte_test:n,=,n,n;')[1]).toMatchObject({
      bytes: { variable: 0 },
      value: { variable: 0 },
      offset: { variable: 0 },
    });
  });

  it('reads in the order of bytes of the call where that is asked for', () => {
    expect(matches('byte_test:2,=,1,0,relative,dce;')[0]).toMatchObject({ endian: 'dce' });
  });

  it.each([
    ['byte_test:9,=,1,0;', "number-out-of-range '9'"],
    ['byte_test:0,=,1,0;', "number-out-of-range '0'"],
    ['byte_test:24,=,1,0,string,dec;', "number-out-of-range '24'"],
    ['byte_test:1,==,1,0;', "unknown-argument '=='"],
    ['byte_test:1,~,1,0;', "unknown-argument '~'"],
    ['byte_test:1,=,-1,0;', "number-out-of-range '-1'"],
    ['byte_test:1,=,1,65536;', "number-out-of-range '65536'"],
    ['byte_test:1,=,1;', "missing-argument '1,=,1'"],
    ['byte_test:1,=,1,0,sideways;', "unknown-argument 'sideways'"],
    ['byte_test:1,=,1,0,relative,relative;', "duplicate-argument 'relative'"],
    ['byte_test:1,=,1,0,relative 5;', "unknown-argument 'relative 5'"],
    ['byte_test:1,=,1,0,bitmask;', "unknown-argument 'bitmask'"],
    ['byte_test:1,=,1,0,bitmask 0;', "number-out-of-range '0'"],
    ['byte_test:1,=,1,0,big,little;', "duplicate-argument 'little'"],
    ['byte_test:1,=,1,0,endian middle;', "unknown-argument 'middle'"],
    ['byte_test:1,=,1,0,dec;', "base-without-string 'dec'"],
    ['byte_test:1,=,1,0,string,hex,oct;', "duplicate-argument 'oct'"],
    ['byte_test:1,=,1,0,string binary;', "unknown-argument 'binary'"],
    ['byte_test:1 2,=,1,0;', "bad-argument '1 2'"],
    ['byte_test:1,=,a$,0;', "bad-argument 'a$'"],
    ['byte_test:8,=,18446744073709551616,0;', "bad-argument '18446744073709551616'"],
  ])('%s is reported as %s', (text, finding) => {
    expect(findings(text)).toEqual([finding]);
    expect(compileOptions(text).program).toBeUndefined();
    expect(compileOptions(text).diagnostics[0]!.hint).toBeTruthy();
  });

  it('warns of a byte order of digits', () => {
    expect(findings('byte_test:4,=,1,0,string,dec,little;')).toEqual(["without-effect 'little'"]);
    expect(programOf('byte_test:4,=,1,0,string,dec,little;').buffers).toHaveLength(1);
  });
});

describe('byte_jump', () => {
  const JUMP = { ...READ, kind: 'byte_jump', multiplier: 1, align: false, from: 'read', postOffset: 0 };

  it.each([
    ['byte_jump:2,30', { ...JUMP, bytes: 2, offset: 30 }, '2,30'],
    [
      'byte_jump:4,-4,relative,align,little',
      { ...JUMP, bytes: 4, offset: -4, relative: true, align: true, endian: 'little' },
      '4,-4,relative,little,align',
    ],
    [
      'byte_jump:2,-17,relative,from_beginning',
      { ...JUMP, bytes: 2, offset: -17, relative: true, from: 'beginning' },
      '2,-17,relative,from_beginning',
    ],
    [
      'byte_jump:0,0, from_end, post_offset -8',
      { ...JUMP, bytes: 0, from: 'end', postOffset: -8 },
      '0,0,from_end,post_offset -8',
    ],
    [
      'byte_jump:3,0,string,dec,multiplier 2',
      { ...JUMP, bytes: 3, text: 'dec', multiplier: 2 },
      '3,0,string,dec,multiplier 2',
    ],
    ['byte_jump:2,0,bitmask 0x03f0', { ...JUMP, bytes: 2, bitmask: 0x3f0 }, '2,0,bitmask 0x3f0'],
  ])('%s', (text, expected, printed) => {
    expect(matches(`${text};`)).toEqual([expected]);
    expectSteady(text, `byte_jump:${printed}`);
  });

  it('takes variables', () => {
    expect(matches('byte_extract:1,0,n; byte_jump:n,n,post_offset n;')[1]).toMatchObject({
      bytes: { variable: 0 },
      offset: { variable: 0 },
      postOffset: { variable: 0 },
    });
  });

  it.each([
    ['byte_jump:4;', "missing-argument '4'"],
    ['byte_jump:9,0;', "number-out-of-range '9'"],
    ['byte_jump:4,0,from_end,from_beginning;', "conflicting-arguments 'from_end'"],
    ['byte_jump:4,0,multiplier;', "unknown-argument 'multiplier'"],
    ['byte_jump:4,0,multiplier 0;', "number-out-of-range '0'"],
    ['byte_jump:4,0,align 4;', "unknown-argument 'align 4'"],
    ['byte_jump:4,0,post_offset 70000;', "number-out-of-range '70000'"],
  ])('%s is reported as %s', (text, finding) => {
    expect(findings(text)).toEqual([finding]);
  });
});

describe('byte_extract', () => {
  const EXTRACT = { ...READ, kind: 'byte_extract', variable: 0, multiplier: 1, align: 0 };

  it.each([
    [
      'byte_extract:2,0,SSL.Client_Hello.length,relative',
      { ...EXTRACT, bytes: 2, relative: true },
      '2,0,SSL.Client_Hello.length,relative',
    ],
    ['byte_extract:4,28,ids', { ...EXTRACT, bytes: 4, offset: 28 }, '4,28,ids'],
    [
      'byte_extract:1, 0, n, multiplier 6, little, align 2',
      { ...EXTRACT, multiplier: 6, endian: 'little', align: 2 },
      '1,0,n,little,multiplier 6,align 2',
    ],
    [
      'byte_extract:1,0,option_len,string,relative',
      { ...EXTRACT, relative: true, text: 'dec' },
      '1,0,option_len,relative,string,dec',
    ],
    ['byte_extract:2,1,n,bitmask 0xff00', { ...EXTRACT, bytes: 2, offset: 1, bitmask: 0xff00 }, '2,1,n,bitmask 0xff00'],
  ])('%s', (text, expected, printed) => {
    expect(matches(`${text};`)).toEqual([expected]);
    expectSteady(text, `byte_extract:${printed}`);
    expect(programOf(`${text};`).variableCount).toBe(1);
  });

  it.each([
    ['byte_extract:1,0;', "missing-argument '1,0'"],
    ['byte_extract:1,0,1st;', "bad-name '1st'"],
    ['byte_extract:1,0,n,align 3;', "unknown-argument '3'"],
    ['byte_extract:0,0,n;', "number-out-of-range '0'"],
    ['byte_extract:1,0,n,multiplier x;', "bad-number 'x'"],
  ])('%s is reported as %s', (text, finding) => {
    expect(findings(text)).toEqual([finding]);
  });
});

describe('byte_math', () => {
  const MATH = { ...READ, kind: 'byte_math', operator: '+', value: 10, variable: 0 };

  it.each([
    [
      'byte_math:bytes 4, offset 0, oper +, rvalue 10, result x',
      { ...MATH, bytes: 4 },
      'bytes 4,offset 0,oper +,rvalue 10,result x',
    ],
    [
      'byte_math:bytes 1,offset 1,oper *,rvalue 0x0a,result x,relative',
      { ...MATH, offset: 1, operator: '*', relative: true },
      'bytes 1,offset 1,oper *,rvalue 10,result x,relative',
    ],
    [
      'byte_math:bytes 2 , offset -1 , oper << , rvalue 10 , result x , endian little',
      { ...MATH, bytes: 2, offset: -1, operator: '<<', endian: 'little' },
      'bytes 2,offset -1,oper <<,rvalue 10,result x,little',
    ],
    [
      'byte_math:result x,rvalue 10,oper -,offset 0,bytes 3,string hex',
      { ...MATH, bytes: 3, operator: '-', text: 'hex' },
      'bytes 3,offset 0,oper -,rvalue 10,result x,string,hex',
    ],
    [
      'byte_math:bytes 2,offset 0,oper /,rvalue 10,result x,bitmask 0x0ff0',
      { ...MATH, bytes: 2, operator: '/', bitmask: 0xff0 },
      'bytes 2,offset 0,oper /,rvalue 10,result x,bitmask 0xff0',
    ],
  ])('%s', (text, expected, printed) => {
    expect(matches(`${text};`)).toEqual([expected]);
    expectSteady(text, `byte_math:${printed}`);
  });

  it('reads a variable before it sets one', () => {
    const [, math, test] = matches(
      'byte_extract:1,0,n; byte_math:bytes n,offset n,oper -,rvalue n,result m; byte_test:1,=,m,0;',
    );
    expect(math).toMatchObject({
      bytes: { variable: 0 },
      offset: { variable: 0 },
      value: { variable: 0 },
      variable: 1,
    });
    expect(test).toMatchObject({ value: { variable: 1 } });
    expect(compileOptions('byte_math:bytes 1,offset 0,oper +,rvalue x,result x;').program).toBeUndefined();
  });

  it.each([
    ['byte_math:bytes 4,offset 0,oper +,rvalue 1;', "missing-argument 'bytes 4,offset 0,oper +,rvalue 1'"],
    ['byte_math:bytes 4,offset 0,oper %,rvalue 1,result x;', "unknown-argument '%'"],
    ['byte_math:bytes 4,offset 0,oper /,rvalue 0,result x;', "division-by-zero '0'"],
    ['byte_math:bytes 4,offset 0,oper +,rvalue 4294967296,result x;', "number-out-of-range '4294967296'"],
    ['byte_math:bytes 4,offset 0,oper +,rvalue 1,result 5;', "bad-name '5'"],
    ['byte_math:bytes 4,bytes 4,offset 0,oper +,rvalue 1,result x;', "duplicate-argument 'bytes 4'"],
    ['byte_math:4,0,+,1,x;', "unknown-argument '4'"],
  ])('%s is reported as %s', (text, finding) => {
    expect(findings(text)).toEqual([finding]);
  });
});

describe('isdataat and bsize', () => {
  const AT = { kind: 'isdataat', position: 10, negated: false, relative: false };

  it.each([
    ['isdataat:10', AT, '10'],
    ['isdataat:!10', { ...AT, negated: true }, '!10'],
    ['isdataat:! 10 , relative', { ...AT, negated: true, relative: true }, '!10,relative'],
    ['isdataat:10,rawbytes,relative', { ...AT, relative: true }, '10,relative,rawbytes'],
  ])('%s', (text, expected, printed) => {
    expect(matches(`content:"a"; ${text};`)[1]).toEqual(expected);
    expectSteady(text, `isdataat:${printed}`);
  });

  it('takes a variable, and reports what is wrong', () => {
    expect(matches('byte_extract:1,0,n; isdataat:n;')[1]).toMatchObject({ position: { variable: 0 } });
    expect(findings('isdataat:-1;')).toEqual(["number-out-of-range '-1'"]);
    expect(findings('isdataat:65536;')).toEqual(["number-out-of-range '65536'"]);
    expect(findings('isdataat:1,absolute;')).toEqual(["unknown-argument 'absolute'"]);
    expect(findings('isdataat:a b;')).toEqual(["bad-argument 'a b'"]);
  });

  it("warns of Snort's way to ask for the end", () => {
    const { diagnostics } = compileOptions('content:"a"; isdataat:!0,relative;');
    expect(diagnostics).toMatchObject([
      { code: 'never-matches', severity: 'warning', hint: 'write isdataat:!1,relative; for the end of the buffer' },
    ]);
    expect(findings('isdataat:!0;')).toEqual([]);
  });

  it.each([
    ['bsize:10', [[10, 10]]],
    ['bsize:>8', [[9, Number.MAX_SAFE_INTEGER]]],
    ['bsize:8<>20', [[9, 19]]],
    ['bufferlen:8<=>20', [[8, 20]]],
    ['bsize:0', [[0, 0]]],
  ])('%s', (text, ranges) => {
    expect(matches(`tcp.hdr; ${text};`)).toEqual([{ kind: 'bsize', ranges }]);
    expect(reparse(text).second).toEqual(reparse(text).first);
    expect(findings(`tcp.hdr; ${text}x;`)).toEqual([expect.stringMatching(/^bad-number/)]);
  });
});

describe('bufferlen of Snort 3', () => {
  it('may count from the last match', () => {
    expect(programOf('content:"a"; bufferlen:>=519,relative;').buffers[0]!.matches[1]).toEqual({
      kind: 'bsize',
      ranges: [[519, Number.MAX_SAFE_INTEGER]],
      relative: true,
    });
    expect(findings('bufferlen:519,rawbytes;')).toEqual(["unknown-argument 'rawbytes'"]);
    expect(findings('bufferlen:519,relative,x;')).toEqual(["unknown-argument 'x'"]);
  });
});

describe('sticky buffers', () => {
  it.each(['ipv4.hdr', 'ipv6.hdr', 'tcp.hdr', 'udp.hdr', 'icmpv4.hdr', 'icmpv6.hdr'])(
    '%s is looked at until pkt_data',
    (name) => {
      const { buffers } = programOf(`${name}; content:"a"; pkt_data; content:"b";`);
      expect(buffers).toMatchObject([
        { buffer: name, matches: [{ bytes: Uint8Array.of(97) }] },
        { buffer: 'payload', matches: [{ bytes: Uint8Array.of(98) }] },
      ]);
      expect(reparse(name).printed).toBe(name);
      expect(programOf(`${name}; content:"a"; raw_data; content:"b";`).buffers).toEqual(buffers);
    },
  );
});
