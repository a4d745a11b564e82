import { describe, expect, it } from 'vitest';
import type { ContentMatch } from '../../../src/rule/buffer-match.js';
import { compileOptions, findings, programOf, reparse } from '../../support/rule-options.js';

const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const PLAIN = { kind: 'content', negated: false, nocase: false, startswith: false, endswith: false };

function contents(text: string): ContentMatch[] {
  return programOf(text)
    .buffers.flatMap(({ matches }) => matches)
    .filter((match) => match.kind === 'content');
}

describe('content', () => {
  it.each([
    ['content:"abc"', 'abc', '"abc"'],
    ['content: "a b"', 'a b', '"a b"'],
    ['content:"|61 62|c"', 'abc', '"abc"'],
    ['content:"|6162 63|"', 'abc', '"abc"'],
    ['content:"a|0D 0a|b|00|"', 'a\r\nb\0', '"a|0D 0A|b|00|"'],
    ['content:"\\"\\;\\:\\\\"', '";:\\', '"|22 3B 3A 5C|"'],
    ['content:"|7C|"', '|', '"|7C|"'],
    ['content:"\xc3\xa9"', '\xc3\xa9', '"|C3 A9|"'],
    ['content:"a,b"', 'a,b', '"a,b"'],
    ['content:"!x"', '!x', '"!x"'],
  ])('%s is %j', (text, bytes, printed) => {
    expect(contents(`${text};`)).toEqual([{ ...PLAIN, bytes: latin1(bytes) }]);
    const { first, second, printed: written } = reparse(text);
    expect(written).toBe(`content:${printed}`);
    expect(second).toEqual(first);
  });

  it('negates', () => {
    expect(contents('content:! "abc";')).toEqual([{ ...PLAIN, bytes: latin1('abc'), negated: true }]);
    expect(reparse('content:! "abc"').printed).toBe('content:!"abc"');
  });

  it.each([
    'content:abc;',
    'content:"";',
    'content:"|0|";',
    'content:"|0g|";',
    'content:"a\\nb";',
    'content:"abc",;',
    'content:"abc" x;',
  ])('%s is an error with a place', (text) => {
    const { program, diagnostics } = compileOptions(text);
    expect(program).toBeUndefined();
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]!.span.start).toBeGreaterThanOrEqual('content:'.length);
    expect(diagnostics[0]!.span.end).toBeLessThanOrEqual(text.length);
  });
});

describe('modifiers behind a content', () => {
  it.each([
    ['content:"abc"; nocase;', { nocase: true }],
    ['content:"abc"; offset:4; depth:10;', { offset: 4, depth: 10 }],
    ['content:"abc"; depth:3;', { depth: 3 }],
    ['content:"abc"; distance:-2; within:0x10;', { distance: -2, within: 16 }],
    ['content:"abc"; startswith; endswith;', { startswith: true, endswith: true }],
    ['content:"abc"; offset:2; endswith;', { offset: 2, endswith: true }],
    ['content:"abc"; rawbytes;', {}],
    ['content:!"abc"; within:5;', { negated: true, within: 5 }],
  ])('%s', (text, expected) => {
    expect(contents(text)).toEqual([{ ...PLAIN, bytes: latin1('abc'), ...expected }]);
  });

  it('takes variables', () => {
    expect(contents('byte_extract:1,0,n; byte_extract:1,1,m; content:"abc"; offset:n; depth:m;')).toMatchObject([
      { offset: { variable: 0 }, depth: { variable: 1 } },
    ]);
    expect(contents('byte_extract:1,0,n; content:"abc"; distance:n; within:n;')).toMatchObject([
      { distance: { variable: 0 }, within: { variable: 0 } },
    ]);
    expect(compileOptions('content:"abc"; depth:unknown;').program).toBeUndefined();
  });

  it.each([
    ['content:"abcdef"; depth:5;', "shorter-than-content '5'"],
    ['content:"abcdef"; within:5;', "shorter-than-content '5'"],
    ['content:"a"; depth:0;', "number-out-of-range '0'"],
    ['content:"a"; depth:-1;', "number-out-of-range '-1'"],
    ['content:"a"; within:0;', "number-out-of-range '0'"],
    ['content:"a"; offset:-1;', "number-out-of-range '-1'"],
    ['content:"a"; offset:65536;', "number-out-of-range '65536'"],
    ['content:"a"; distance:-1048577;', "number-out-of-range '-1048577'"],
    ['content:"a"; depth:1048577;', "number-out-of-range '1048577'"],
    ['content:"a"; offset:1; distance:1;', "mixed-modifiers '1'"],
    ['content:"a"; within:1; depth:1;', "mixed-modifiers '1'"],
    ['content:"a"; offset:1; offset:22;', "duplicate-modifier '22'"],
    ['content:"a"; startswith; offset:1;', "startswith-conflict '1'"],
    ['content:"a"; within:4; startswith;', "startswith-conflict 'startswith'"],

    ['nocase;', "modifier-without-content 'nocase'"],
    ['content:"a"; tcp.hdr; nocase;', "modifier-without-content 'nocase'"],
    ['content:"a"; depth;', "missing-value 'depth'"],
    ['content:"a"; depth:1 2;', "bad-argument '1 2'"],
    ['content:"abc"; fast_pattern:1,3;', "fast-pattern-out-of-range '1,3'"],
    ['content:"abc"; fast_pattern:0,0;', "fast-pattern-out-of-range '0,0'"],
    ['content:"abc"; fast_pattern:1;', "unknown-argument '1'"],
    ['content:"abc"; fast_pattern:x,1;', "bad-number 'x'"],
    ['content:"abc"; fast_pattern; fast_pattern;', "duplicate-modifier 'fast_pattern'"],
    ['content:"abc"; offset:1; fast_pattern:only;', "fast-pattern-only-positioned 'only'"],
    ['content:"abc"; fast_pattern:only; depth:3;', "fast-pattern-only-positioned '3'"],
    ['content:"abc"; fast_pattern:only; startswith;', "fast-pattern-only-positioned 'startswith'"],
    ['content:!"abc"; fast_pattern:only;', "fast-pattern-negated 'only'"],
    ['content:!"abc"; depth:3; fast_pattern;', "fast-pattern-negated 'fast_pattern'"],
  ])('%s is reported as %s', (text, finding) => {
    expect(findings(text)).toEqual([finding]);
    const { program, diagnostics } = compileOptions(text);
    expect(program).toBeUndefined();
    expect(diagnostics[0]!.hint).toBeTruthy();
  });

  it.each(['nocase', 'startswith', 'endswith'])('warns of a second %s, which changes nothing', (name) => {
    const { program, diagnostics } = compileOptions(`content:"a"; ${name}; ${name};`);
    expect(diagnostics).toMatchObject([{ code: 'duplicate-modifier', severity: 'warning' }]);
    expect(program!.buffers[0]!.matches).toMatchObject([{ [name]: true }]);
  });

  it('names the length that depth needs', () => {
    expect(compileOptions('content:"abcdef"; depth:5;').diagnostics[0]).toMatchObject({
      message: 'depth 5 is less than the 6 bytes of the content',
      hint: 'write depth:6 or more',
    });
  });

  it('only tells of fast_pattern on a negated content without a position', () => {
    const { program, diagnostics } = compileOptions('content:"abc"; content:!"longer than that"; fast_pattern;');
    expect(diagnostics).toMatchObject([{ code: 'without-effect', severity: 'hint' }]);
    expect(program!.fastPattern).toMatchObject({ bytes: latin1('abc') });
  });

  it.each([
    ['content:"abcdef"; content:"xyz"; fast_pattern;', 'xyz', false],
    ['content:"abcdef"; fast_pattern:only;', 'abcdef', true],
    ['content:"abcdef"; fast_pattern:2,3;', 'cde', false],
  ])('%s is prefiltered by %s', (text, bytes, only) => {
    expect(programOf(text).fastPattern).toMatchObject({ buffer: 'payload', bytes: latin1(bytes), only });
  });

  it.each([
    'fast_pattern',
    'fast_pattern:only',
    'fast_pattern:1,2',
    'nocase',
    'rawbytes',
    'startswith',
    'endswith',
    'offset:4',
    'depth:n.len',
    'distance:-3',
    'within:12',
  ])('%s prints as it was read', (text) => {
    const { first, second, printed } = reparse(text);
    expect(printed).toBe(text);
    expect(second).toEqual(first);
  });
});

describe('modifiers inside a content, as Snort 3 writes them', () => {
  it.each([
    ['content:"abc",nocase,offset 4,depth 10;', 'content:"abc"; nocase; offset:4; depth:10;'],
    ['content:!"abc", distance -1, within 5;', 'content:!"abc"; distance:-1; within:5;'],
    ['content:"abc",startswith,endswith,rawbytes;', 'content:"abc"; startswith; endswith; rawbytes;'],
    [
      'content:"abcdef",fast_pattern,fast_pattern_offset 1,fast_pattern_length 3;',
      'content:"abcdef"; fast_pattern:1,3;',
    ],
    ['content:"abcdef",fast_pattern_offset 2,nocase,fast_pattern;', 'content:"abcdef"; nocase; fast_pattern:2,4;'],
    ['byte_extract:1,0,n; content:"abc",offset n;', 'byte_extract:1,0,n; content:"abc"; offset:n;'],
  ])('%s is %s', (inside, behind) => {
    expect(programOf(inside)).toEqual(programOf(behind));
    const written = inside.slice(inside.indexOf('content'), -1);
    expect(reparse(written).second).toEqual(reparse(written).first);
  });

  it('goes on with modifiers behind', () => {
    expect(contents('content:"abc",nocase; depth:9;')).toEqual([
      { ...PLAIN, bytes: latin1('abc'), nocase: true, depth: 9 },
    ]);
    expect(findings('content:"abc",nocase; nocase;')).toEqual(["duplicate-modifier 'nocase'"]);
  });

  it.each([
    ['content:"abc",depth 2;', "shorter-than-content 'depth 2'"],
    ['content:"abc",offset 1,within 4;', "mixed-modifiers 'within 4'"],
    ['content:"abc",wide;', "unknown-argument 'wide'"],
    ['content:"abc",offset;', "unknown-argument 'offset'"],
    ['content:"abc",nocase 3;', "unknown-argument 'nocase 3'"],
    ['content:"abc",offset x$;', "bad-argument 'x$'"],
    ['content:"abc",fast_pattern_offset 1;', "chop-without-fast-pattern 'fast_pattern_offset 1'"],
    ['content:"abc",fast_pattern,fast_pattern_length 4;', "fast-pattern-out-of-range 'fast_pattern'"],
    ['content:"abc",fast_pattern,fast_pattern_offset x;', "bad-number 'x'"],
    ['content:"abc",fast_pattern,fast_pattern_offset;', "unknown-argument 'fast_pattern_offset'"],
  ])('%s is reported as %s', (text, finding) => {
    expect(findings(text)).toEqual([finding]);
    expect(compileOptions(text).program).toBeUndefined();
  });
});
