/** Rules as public sets have them, written otherwise than the manuals say. */
import { describe, expect, it } from 'vitest';
import { compileText, type Outcome } from '../support/compile.js';

const compile = (options: string, header = 'alert tcp any any -> any any'): Outcome =>
  compileText(`${header} (${options} sid:1;)`);

describe('stubs of compiled rules', () => {
  it.each([
    'metadata: engine shared, soid 3|38671, service http;',
    'metadata:policy balanced-ips drop, soid 3|1, engine  shared;',
    'metadata:Engine Shared;',
    'metadata:service http; metadata:engine shared,soid 3|1;',
    'soid:3|38671;',
    'so:eval;',
  ])('are refused: %s', (options) => {
    const { program, codes } = compile(`msg:"stub"; ${options} gid:3;`);
    expect(program).toBeUndefined();
    expect(codes).toEqual(['refused-keyword']);
  });

  it.each([
    'metadata:engine shareware;',
    'metadata:search engine shared;',
    'metadata:engine dynamic;',
    'metadata:created_at 2024_03_01;',
  ])('are not what has other metadata: %s', (options) => {
    expect(compile(`msg:"x"; content:"a"; ${options}`).codes).toEqual([]);
  });
});

describe('double quotes inside a msg', () => {
  it.each([
    ['"file "boot.ini" asked for"', 'file "boot.ini" asked for'],
    ['"Hunter - "Backdoor check in"', 'Hunter - "Backdoor check in'],
    ['""quoted""', '"quoted"'],
    [String.raw`"say \"hi\" or "ho""`, 'say "hi" or "ho"'],
    [String.raw`"a "b\; c" d"`, 'a "b; c" d'],
    ['"a, "b", c"', 'a, "b", c'],
  ])('are taken as they are, with a warning: %s', (value, text) => {
    const { program, codes } = compile(`msg:${value}; content:"a";`);
    expect(program?.msg).toBe(text);
    expect(codes).toEqual(['inner-quote']);
  });

  it.each([
    [String.raw`"a \"quoted\" b"`, []],
    ['"plain"', []],
  ] as const)('are no matter where they are escaped: %s', (value, expected) => {
    expect(compile(`msg:${value}; content:"a";`).codes).toEqual(expected);
  });

  it.each([
    ['"a"b', 'bad-quote'],
    ['a"b"', 'bad-quote'],
    ['"x", content:"b"', 'missing-semicolon'],
    ['"x" content:"b"', 'missing-semicolon'],
    ['"a; b "c" d"', 'bad-quote'],
  ])('are an error where they may hide something: %s', (value, code) => {
    const { program, codes } = compile(`msg:${value}; dsize:3;`);
    expect(program).toBeUndefined();
    expect(codes).toEqual([code]);
  });
});

describe('lists of calls', () => {
  it.each(['"15 16 17"', '"15-17 20"', '15 16', '15,16 17', '"15, 16-18 , 20"', '15', '" 15 "', '"15 - 17"'])(
    'may have blanks: dce_opnum:%s',
    (value) => {
      expect(compile(`content:"a"; dce_opnum:${value};`).codes).toEqual([]);
    },
  );

  it.each(['"15 - "', '15-', '15,,16', '"15 x"', 'x', '1-2-3'])('are numbers and ranges: dce_opnum:%s', (value) => {
    expect(compile(`content:"a"; dce_opnum:${value};`).codes).toEqual(['unknown-argument']);
  });
});

describe('values in quotes, with blanks between their items', () => {
  it.each([
    'sip_stat_code:"200 300";',
    'sip_stat_code:"200, 300";',
    'dnp3_func:"read";',
    'dnp3_ind:"device_restart need_time";',
    'dnp3_ind:"device_restart,need_time";',
    'modbus_func:"write_multiple_coils";',
    'modbus_func:"5";',
    'modbus_unit:"1";',
    'ssl_state:"client_hello server_hello";',
    'ssl_version:" tls1.0 ";',
    'sip_method:"invite ack";',
    'gtp_type:"echo_request 5";',
    'mms_func:"get_name_list";',
  ])('are those of Snort 3: %s', (options) => {
    const { program, codes } = compile(`msg:"x"; content:"abcd"; ${options}`);
    expect(codes).toEqual([]);
    expect(program).toBeDefined();
  });

  it.each([
    'sip_stat_code:"200 x";',
    'sip_stat_code:"";',
    'dnp3_func:"no_such";',
    'dnp3_func:"read;',
    'modbus_func:"write_multiple_coils" 5;',
  ])('are checked like others: %s', (options) => {
    expect(compile(`msg:"x"; content:"abcd"; ${options}`).program).toBeUndefined();
  });
});

describe('loose source routes', () => {
  it.each(['lsrre', 'LSRRE', 'lsrr'])('are ipopts:%s', (value) => {
    expect(compile(`ipopts:${value};`).program?.packetTests).toEqual([{ kind: 'ipopts', option: 131, negated: false }]);
  });
});

describe('patterns between other delimiters', () => {
  it.each([
    [String.raw`"m?^Argument\s+/?smi"`, String.raw`^Argument\s+/`, 'ism'],
    ['"m#/a/b#"', '/a/b', ''],
    ['"m/abc/i"', 'abc', 'i'],
    ['"m{a{2}}i"', 'a{2}', 'i'],
    ['"m(a(b))R"', 'a(b)', ''],
    ['"m!a!b!"', 'a!b', ''],
    ['"m,a,b,i"', 'a,b', 'i'],
    ['"m|x|"', 'x', ''],
    ['"m<a>x"', 'a', 'x'],
    ['"m[[ab]c]"', '[ab]c', ''],
    ['!"m@a@"', 'a', ''],
    ['"mxabcx"', 'abc', ''],
  ])('%s is read', (value, source, flags) => {
    const { program, codes } = compile(`content:"a"; pcre:${value};`);
    expect(codes).toEqual([]);
    expect(program?.buffers[0]?.matches[1]).toMatchObject({
      kind: 'pcre',
      pattern: source,
      flags,
      negated: value.startsWith('!'),
      relative: value.endsWith('R"'),
    });
  });

  it.each(['"m"', '"m?"', '"m?abc"', '"m?abc?k"', '"m{abc{"', '"m abc "', '"mabc"'])('%s is not', (value) => {
    expect(compile(`content:"a"; pcre:${value};`).program).toBeUndefined();
  });
});

describe('fast_pattern on a content of base64_data', () => {
  it('has no effect, and a warning says so', () => {
    const { program, codes } = compile('content:"abcd"; base64_decode; base64_data; content:"efghijk"; fast_pattern;');
    expect(codes).toEqual(['fast-pattern-decoded']);
    expect(program?.fastPattern).toMatchObject({
      buffer: 'payload',
      bytes: Uint8Array.from('abcd', (letter) => letter.charCodeAt(0)),
    });
  });
});

describe('fast_pattern on two contents', () => {
  it('of different buffers counts for the first, with a warning', () => {
    const { program, codes } = compile('content:"abcd"; fast_pattern; tcp.hdr; content:"efgh"; fast_pattern;');
    expect(codes).toEqual(['second-fast-pattern']);
    expect(program?.fastPattern).toMatchObject({
      buffer: 'payload',
      bytes: Uint8Array.from('abcd', (letter) => letter.charCodeAt(0)),
    });
  });

  it.each([
    'http.uri; content:"boot"; fast_pattern; http.host; content:"ini"; fast_pattern;',
    'http.uri; content:"boot"; fast_pattern:only; http.host; content:"ini"; fast_pattern:only;',
    'content:"boot"; http_uri; fast_pattern; content:"ini"; http_header; fast_pattern;',
  ])('of transactions, too: %s', (options) => {
    const { program, codes } = compile(options);
    expect(codes).toEqual(['second-fast-pattern']);
    expect(program?.fastPattern).toMatchObject({ buffer: 'http.uri' });
  });

  it.each([
    'content:"boot"; fast_pattern; http.host; content:"ini"; fast_pattern;',
    'content:"boot"; fast_pattern; http_raw_body; content:"ini"; fast_pattern;',
  ])('of a stream and a protocol: %s', (options) => {
    expect(compile(options).codes.filter((code) => code !== 'second-fast-pattern')).toEqual([]);
  });

  it.each([
    'content:"boot"; fast_pattern; content:"ini"; fast_pattern;',
    'tcp.hdr; content:"boot"; fast_pattern; content:"ini"; fast_pattern;',
  ])('of one buffer is an error: %s', (options) => {
    expect(compile(options).codes).toEqual(['duplicate-fast-pattern']);
  });
});
