import { describe, expect, it } from 'vitest';
import type { RuleNode, Word } from '../../../src/rule/ast.js';
import { Diagnostics } from '../../../src/rule/diagnostics/diagnostic.js';
import {
  MAXIMUM_RULE_LENGTH,
  parseAddress,
  parseArguments,
  parseContentValue,
  parsePort,
  parseRule,
} from '../../../src/rule/parse/parser.js';

function parse(text: string): RuleNode {
  const diagnostics = new Diagnostics();
  const node = parseRule(text, diagnostics);
  expect(diagnostics.list).toEqual([]);
  return node!;
}

function codes(read: (diagnostics: Diagnostics) => unknown): string[] {
  const diagnostics = new Diagnostics();
  expect(read(diagnostics)).toBeUndefined();
  return diagnostics.list.map(({ code }) => code);
}

function ruleCodes(text: string): string[] {
  return codes((diagnostics) => parseRule(text, diagnostics));
}

/** Option names and values as written. */
function options(text: string): (string | undefined)[][] {
  return parse(text).options.map(({ name, value }) => (value === undefined ? [name.text] : [name.text, value.text]));
}

function inRule(option: string): string {
  return `alert tcp any any -> any any (${option})`;
}

function word(text: string, start = 0): Word {
  return { text, span: { start, end: start + text.length } };
}

describe('a rule', () => {
  it('has a header and options', () => {
    const node = parse('alert tcp $HOME_NET any -> [10.0.0.0/8,!10.1.1.1] 80: (msg:"x"; nocase; sid:1;)');
    expect([node.action.text, node.protocol.text, node.direction?.text]).toEqual(['alert', 'tcp', '->']);
    expect(node.source).toMatchObject({ kind: 'variable', name: 'HOME_NET', negated: false });
    expect(node.sourcePort).toMatchObject({ kind: 'any' });
    expect(node.destination).toMatchObject({
      kind: 'list',
      items: [
        { kind: 'address', text: '10.0.0.0/8', negated: false },
        { kind: 'address', text: '10.1.1.1', negated: true },
      ],
    });
    expect(node.destinationPort).toMatchObject({ kind: 'range', low: 80, high: 65535, text: '80:' });
    expect(node.options.map(({ name }) => name.text)).toEqual(['msg', 'nocase', 'sid']);
    expect(node.disabled).toBe(false);
  });

  it('points into its text', () => {
    const text = 'alert udp !$A 53 <> any [1:2] ( msg : "x y" ; sid:1; )';
    const node = parse(text);
    const spans = [
      node.source!.span,
      node.sourcePort!.span,
      node.direction!.span,
      node.destinationPort!.span,
      node.options[0]!.name.span,
      node.options[0]!.value!.span,
      node.span,
    ];
    expect(spans.map(({ start, end }) => text.slice(start, end))).toEqual([
      '!$A',
      '53',
      '<>',
      '[1:2]',
      'msg',
      '"x y"',
      text,
    ]);
  });

  it('may leave out addresses and ports', () => {
    expect(parse('alert http (msg:"x"; sid:1;)')).toMatchObject({
      source: undefined,
      sourcePort: undefined,
      direction: undefined,
    });
  });

  it('may have a hook behind its protocol, and no options', () => {
    expect(parse('alert tcp:flow_start any any -> any any ()')).toMatchObject({
      protocol: { text: 'tcp:flow_start' },
      options: [],
    });
  });

  it('nests and negates lists', () => {
    const node = parse('alert tcp [a,![b,[c,!$D]]] ![!80,$P] -> any any (sid:1;)');
    expect(node.source).toMatchObject({
      items: [
        { text: 'a' },
        { negated: true, items: [{ text: 'b' }, { items: [{ text: 'c' }, { name: 'D', negated: true }] }] },
      ],
    });
    expect(node.sourcePort).toMatchObject({ negated: true, items: [{ negated: true, low: 80 }, { name: 'P' }] });
  });

  it('does not mind blanks within lists, nor line ends', () => {
    expect(parse('alert tcp [ a , b ] any\n->\r\n any any (\tsid : 1 ;\n)').source).toMatchObject({
      items: [{ text: 'a' }, { text: 'b' }],
    });
  });
});

describe('the value of an option', () => {
  const cases: [string, (string | undefined)[][]][] = [
    [
      'content:"a;b"; sid:1;',
      [
        ['content', '"a;b"'],
        ['sid', '1'],
      ],
    ],
    [
      String.raw`content:"a\;b\"c\\"; sid:1;`,
      [
        ['content', String.raw`"a\;b\"c\\"`],
        ['sid', '1'],
      ],
    ],
    [
      String.raw`reference:url,x.y/a\;b; sid:1;`,
      [
        ['reference', String.raw`url,x.y/a\;b`],
        ['sid', '1'],
      ],
    ],
    [
      'content:"a",nocase,depth 5; sid:1;',
      [
        ['content', '"a",nocase,depth 5'],
        ['sid', '1'],
      ],
    ],
    [
      'content: ! "a)b"; sid:1;',
      [
        ['content', '! "a)b"'],
        ['sid', '1'],
      ],
    ],
    [
      'pcre:"/["\']x["\']/i"; sid:1;',
      [
        ['pcre', '"/["\']x["\']/i"'],
        ['sid', '1'],
      ],
    ],
    [
      'threshold:type limit, track by_src; sid:1;',
      [
        ['threshold', 'type limit, track by_src'],
        ['sid', '1'],
      ],
    ],
    [
      'x:a,"b;c",d; sid:1;',
      [
        ['x', 'a,"b;c",d'],
        ['sid', '1'],
      ],
    ],
    [
      'msg:; sid:1;',
      [
        ['msg', ''],
        ['sid', '1'],
      ],
    ],
    ['app-layer-event:http.x; tls.sni; sid:1;', [['app-layer-event', 'http.x'], ['tls.sni'], ['sid', '1']]],
  ];
  for (const [text, expected] of cases) it(`reads ${text}`, () => expect(options(inRule(text))).toEqual(expected));

  it('ends at a semicolon behind a quote that opens in the middle of a word', () => {
    expect(options(inRule('metadata:a b"c; x; sid:1;'))).toEqual([['metadata', 'a b"c'], ['x'], ['sid', '1']]);
  });
});

describe('syntax errors', () => {
  const cases: [string, string, string[]][] = [
    ['nothing', '', ['truncated']],
    ['a word', 'alert', ['truncated']],
    ['no options', 'alert tcp any any -> any any', ['truncated']],
    ['open options', 'alert tcp any any -> any any (sid:1;', ['truncated']],
    ['an open quote', 'alert tcp any any -> any any (msg:"x; sid:1;)', ['unclosed-quote']],
    ['a missing semicolon behind a value', 'alert tcp any any -> any any (sid:1)', ['missing-semicolon']],
    ['a missing semicolon behind a keyword', 'alert tcp any any -> any any (sid:1; nocase)', ['missing-semicolon']],
    ['a missing port', 'alert tcp any -> any any (sid:1;)', ['syntax']],
    ['a misspelt direction', 'alert tcp any any --> any any (sid:1;)', ['syntax']],
    ['an empty list', 'alert tcp [] any -> any any (sid:1;)', ['syntax']],
    ['an open list', 'alert tcp [a any -> any any (sid:1;)', ['syntax']],
    ['a trailing comma', 'alert tcp [a,] any -> any any (sid:1;)', ['syntax']],
    ['two semicolons', 'alert tcp any any -> any any (sid:1;;)', ['syntax']],
    ['text behind the rule', 'alert tcp any any -> any any (sid:1;) x', ['text-after-rule']],
    ['lists in lists in lists', `alert tcp ${'['.repeat(40)}a${']'.repeat(40)} any -> any any (sid:1;)`, ['too-deep']],
    [
      'a rule without measure',
      `alert tcp any any -> any any (msg:"${'x'.repeat(MAXIMUM_RULE_LENGTH)}"; sid:1;)`,
      ['too-long'],
    ],
  ];
  for (const [what, text, expected] of cases) it(`refuses ${what}`, () => expect(ruleCodes(text)).toEqual(expected));

  it('reads no arrow as a port, also right before the options', () => {
    expect(ruleCodes('alert tcp any any -> any =>(sid:1;)')).toEqual(['syntax']);
    expect(ruleCodes('alert tcp any any -> any => (sid:1;)')).toEqual(['syntax']);
  });

  it('says what was expected', () => {
    const diagnostics = new Diagnostics();
    parseRule('alert tcp any any any any (sid:1;)', diagnostics);
    expect(diagnostics.list[0]).toMatchObject({
      message: "expected '->' or '<>', found 'any'",
      span: { start: 18, end: 21 },
    });
  });

  it('does not choke on a value as long as a rule may be', () => {
    const text = 'x'.repeat(MAXIMUM_RULE_LENGTH - 100);
    expect(options(inRule(`msg:"${text}"; sid:1;`))[0]![1]).toHaveLength(text.length + 2);
    expect(ruleCodes(inRule(`msg:"${text}; sid:1;`))).toEqual(['unclosed-quote']);
  });

  it('takes long lists in time that grows with their length alone', () => {
    const node = parse(
      `alert tcp [${Array.from({ length: 20_000 }, (_, i) => `1.2.${i >> 8}.${i & 255}`).join(',')}] any -> any any (sid:1;)`,
    );
    expect(node.source).toMatchObject({ kind: 'list' });
    expect(node.source!.kind === 'list' && node.source!.items.length).toBe(20_000);
  });
});

describe('a content', () => {
  function bytes(text: string): number[] | string[] {
    const diagnostics = new Diagnostics();
    const value = parseContentValue(word(text), diagnostics);
    return value === undefined ? diagnostics.list.map(({ code }) => code) : [...value.bytes];
  }
  const ascii = (text: string): number[] => [...Buffer.from(text, 'latin1')];

  it('is text, escapes and bytes in hexadecimal', () => {
    expect(bytes('"GET "')).toEqual(ascii('GET '));
    expect(bytes(String.raw`"a\"\;\:\\b"`)).toEqual(ascii('a";:\\b'));
    expect(bytes('"a|0d 0A||00|b"')).toEqual([97, 13, 10, 0, 98]);
    expect(bytes('"|0D0A FF|"')).toEqual([13, 10, 255]);
    expect(bytes('"\xe9"')).toEqual([0xe9]);
  });

  it('is negated by a bang', () => {
    expect(parseContentValue(word('!"a"'), new Diagnostics())).toMatchObject({ negated: true });
    expect(parseContentValue(word('"!a"'), new Diagnostics())).toMatchObject({
      negated: false,
      bytes: Uint8Array.from(ascii('!a')),
    });
  });

  it('may have modifiers behind it, in their places', () => {
    const value = parseContentValue(word('"a,b", nocase, depth 5', 100), new Diagnostics())!;
    expect(value.modifiers.map(({ words }) => words.map(({ text }) => text))).toEqual([['nocase'], ['depth', '5']]);
    expect(value.modifiers[1]!.span).toEqual({ start: 115, end: 122 });
  });

  const broken: [string, string][] = [
    ['abc', 'wrong-quotes'],
    ['', 'truncated'],
    ['"abc', 'truncated'],
    ['""', 'empty-content'],
    ['"a"b"', 'bad-quote'],
    [String.raw`"a\nb"`, 'bad-escape'],
    ['"|0d"', 'unclosed-hex'],
    ['"|0|"', 'bad-hex'],
    ['"|0g|"', 'bad-hex'],
    ['"||"', 'syntax'],
    ['"a" b', 'bad-quote'],
    ['"\u20ac"', 'bad-hex'],
    ['"a",', 'truncated'],
  ];
  for (const [text, code] of broken) it(`refuses ${text}`, () => expect(bytes(text)).toEqual([code]));

  it('points at what is wrong', () => {
    const diagnostics = new Diagnostics();
    parseContentValue(word('"ab|0x|"', 50), diagnostics);
    expect(diagnostics.list[0]!.span).toEqual({ start: 55, end: 56 });
  });
});

describe('arguments', () => {
  it('are words between commas, in their places', () => {
    const list = parseArguments(word('4, !>, bitmask 0x0f ,relative', 10), new Diagnostics())!;
    expect(list.map(({ words }) => words.map(({ text }) => text))).toEqual([
      ['4'],
      ['!>'],
      ['bitmask', '0x0f'],
      ['relative'],
    ]);
    expect(list[2]!.words[1]!.span).toEqual({ start: 25, end: 29 });
  });

  it('are never empty', () => {
    for (const text of ['', 'a,,b', ',a', 'a,'])
      expect(codes((diagnostics) => parseArguments(word(text), diagnostics))).toHaveLength(1);
  });
});

describe('addresses and ports by themselves', () => {
  it('are read as in a header', () => {
    expect(parseAddress('[$A,!10.0.0.0/8]', new Diagnostics())).toMatchObject({ kind: 'list' });
    expect(parsePort('!80', new Diagnostics())).toMatchObject({ kind: 'range', negated: true, low: 80, high: 80 });
  });

  it('are nothing else', () => {
    expect(codes((diagnostics) => parseAddress('a b', diagnostics))).toEqual(['syntax']);
    expect(codes((diagnostics) => parsePort('', diagnostics))).toEqual(['truncated']);
  });
});
