/** The short ways of the parser give what the grammar gives: nodes, places and diagnostics. */
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Diagnostics } from '../../src/rule/diagnostics/diagnostic.js';
import {
  deriveArguments,
  deriveContentValue,
  deriveHeader,
  parseArguments,
  parseContentValue,
  parseRule,
  RuleParser,
} from '../../src/rule/parse/parser.js';
import { OptionScanner } from '../../src/rule/parse/option-scanner.js';
import { quickArguments } from '../../src/rule/parse/quick-arguments.js';
import { quickContent } from '../../src/rule/parse/quick-content.js';
import { quickHeader } from '../../src/rule/parse/quick-header.js';
import { readText } from '../../src/load/read-text.js';
import { splitRules } from '../../src/load/split-rules.js';

function outcome<T>(parse: (diagnostics: Diagnostics) => T): { node: T; diagnostics: unknown } {
  const diagnostics = new Diagnostics();
  return { node: parse(diagnostics), diagnostics: diagnostics.list };
}

const word = (text: string): { text: string; span: { start: number; end: number } } => ({
  text,
  span: { start: 5, end: 5 + text.length },
});

/** One parser for all, so that remembered headers are met. */
const parser = new RuleParser();
function expectSame(text: string): void {
  expect(outcome((d) => parser.parse(text, d))).toEqual(outcome((d) => parseRule(text, d)));
}

const headers = fc.constantFrom(
  'alert tcp any any -> any any ',
  'alert http $HOME_NET any -> $EXTERNAL_NET any\t',
  'drop udp [10.0.0.0/8,!10.1.1.1] 1: <> any ![80,443] ',
  'alert tcp 10.0.0.1,!10.0.0.2 any -> any 80,443,!1024: ',
  'alert http ',
  'pass ip:flow_start any any -> any any',
  'alert tcp any any ->',
  'alrt tcp any any -> any any ',
  'nonsense tcp any any -> any any ',
  '  alert tcp any any => any any ',
  'alert tcp [any any -> any any ',
  '',
  'alert (',
  'alert tcp any any -> any any\xa0',
  'alert http // any ',
  '/* ( */ alert /* (sid:1;) */ tcp any any -> any any ',
  'alert http /* ',
  'alert tcp 10.0.0.0//8 any -> any any ',
  'alert tcp any any -> any =>',
);
const names = fc.constantFrom('content', 'sid', 'msg', 'http.uri', 'fast_pattern', 'a-b', 'ä', '');
const pieces = fc
  .array(
    fc.constantFrom(
      '"',
      '\\"',
      '\\;',
      '\\',
      ';',
      ',',
      ':',
      '!',
      ' ',
      '\t',
      '\n',
      'a',
      'b c',
      '|0d 0a|',
      '(',
      ')',
      '\xa0',
      '"x"',
      '/a"b/i',
      '/*',
      '*/',
      '//',
      '#',
    ),
    { maxLength: 8 },
  )
  .map((list) => list.join(''));
const option = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      'nocase; ',
      'sid:1; ',
      'content:"a|3a|b"; ',
      'msg : "x, y" ;',
      'pcre:"/a;b"c/R"; ',
      'metadata:a b, c "d"; ',
      '; ',
      'reference:url,x.y/a\\;b;',
      '/* x; */',
      '// y\n',
      '/* ',
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(names, fc.constantFrom('', ' ', '\r\n'), fc.constantFrom(':', ''), pieces, fc.constantFrom(';', '; ', ''))
      .map((parts) => parts.join('')),
  },
);
const endings = fc.constantFrom(
  ') /* x */',
  ') # x',
  ') // (x)\n',
  ')',
  ') ',
  ')\r\n',
  '',
  ') x',
  '))',
  ')\xa0',
  ' ) \n ',
);

describe('rules', () => {
  it('are read as by the grammar', () => {
    const rules = fc
      .tuple(headers, fc.constantFrom('(', '( ', ''), fc.array(option, { maxLength: 5 }), endings)
      .map(([header, open, options, end]) => header + open + options.join('') + end);
    fc.assert(fc.property(rules, expectSame), { numRuns: 3000, seed: 3 });
  });

  it('take the short way where they are written as usual', () => {
    const text = 'alert tcp any any -> any any (msg:"a;b, \\"c\\" (d)"; content:"x"; nocase; sid:1;)';
    expect(
      new OptionScanner().scan(text, text.indexOf('('))?.options.map(({ name, value }) => [name.text, value?.text]),
    ).toEqual([
      ['msg', '"a;b, \\"c\\" (d)"'],
      ['content', '"x"'],
      ['nocase', undefined],
      ['sid', '1'],
    ]);
  });

  it('share the nodes of equal headers, not those of wrong ones', () => {
    const read = (text: string): unknown => parser.parse(text, new Diagnostics())?.source;
    expect(read('alert tcp $A any -> any any (sid:1;)')).toBe(read('alert tcp $A any -> any any (sid:2;)'));
    for (const text of [
      'a";ert tcp any any -> any any (sid:1;)',
      'al->ert tcp any any -> any any (sid:1;)',
      'alrt tcp any any -> any any (sid:1;)',
      'foo tcp any any -> any any (sid:1;)',
      'foo tcp any any -> any any (sid:1;)',
    ])
      expectSame(text);
  });

  it('have a cap on options, as the grammar has on tokens', () => {
    const text = `alert tcp any any -> any any (${'nocase;'.repeat(33_000)})`;
    expect(outcome((d) => parser.parse(text, d))).toMatchObject({
      node: undefined,
      diagnostics: [{ code: 'too-long' }],
    });
  });

  const set = '../shared/rules/et-open-2024-03.rules.gz';
  if (!existsSync(set)) console.warn(`${set} is absent: not compared over real rules`);
  it.skipIf(!existsSync(set))('are read as by the grammar in ET Open, every hundredth', () => {
    const read = readText(set);
    if ('reason' in read) throw new Error(read.reason);
    let number = 0;
    for (const { text } of splitRules(read.text)) if (number++ % 100 === 0) expectSame(text);
    expect(number).toBeGreaterThan(40_000);
  });
});

describe('headers', () => {
  /** Mostly the first. */
  const usually = (first: string, ...others: string[]): fc.Arbitrary<string> =>
    fc.oneof({ weight: 20, arbitrary: fc.constant(first) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
  const item = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.constantFrom('any', '$X', '10.0.0.0/8', '!80', '1024:', '! :80', '1:0', ' ANY ', '![$Y]'),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom('$', '[', ']', '!', 'a b', '->', 'x->', '', '!!1', '(', 'a\xa0', 'a\tb', '=>x'),
    },
  );
  const end = fc.oneof(
    item,
    fc.array(item, { maxLength: 5 }).map((items) => `[${items.join(',')}]`),
    fc.array(item, { minLength: 1, maxLength: 5 }).map((items) => `![${items.join(' ,')}, [${items.join(',')}]]`),
  );
  const blank = usually(' ', '  ', '', '\t', '\r\n');
  const written = fc
    .tuple(
      usually('alert', ' pass', 'any', '$a', '!alert', ''),
      usually('tcp', 'ip:flow_start', 'any', '[tcp]', '->'),
      end,
      end,
      usually('->', '<>', '<-', '=>', '-', '->[1]', '-> !', '->x'),
      end,
      end,
      usually('', ' ', ' x'),
    )
    .chain((words) =>
      fc
        .array(blank, { minLength: words.length, maxLength: words.length })
        .map((blanks) => words.map((word, index) => word + blanks[index]!).join('')),
    );

  it('are read as by the grammar, or left to it', () => {
    let short = 0;
    fc.assert(
      fc.property(written, (text) => {
        const quick = quickHeader(text);
        if (quick === undefined) return;
        short++;
        expect({ node: quick, diagnostics: [] }).toEqual(outcome((d) => deriveHeader(text, d)));
      }),
      { numRuns: 5000, seed: 7 },
    );
    expect(short).toBeGreaterThan(300);
  });

  it('take the short way where they are words and lists', () => {
    const text = 'alert tcp [10.0.0.0/8, !10.1.1.1] any -> ![$A,[::1,!fe80::/64]] ![80,8000:8010,!$P] ';
    expect(quickHeader(text)).toEqual(outcome((d) => deriveHeader(text, d)).node);
    expect(quickHeader(text)).toBeDefined();
    expect(quickHeader(`alert tcp ${'['.repeat(8000)} any -> any any`)).toBeUndefined();
  });
});

describe('contents', () => {
  const content = fc
    .tuple(
      fc.constantFrom('"', '!"', '! "', ''),
      fc.array(
        fc.oneof(
          fc.constantFrom(
            '|',
            '|0d 0a|',
            '|3A|',
            '| 3a|',
            '|3a |',
            '|3 a|',
            '|3|',
            '||',
            '|0d0a|',
            '\\"',
            '\\|',
            '\\',
            '"',
            ' ',
            'Ā',
            'ÿ',
            '\n',
            ',',
          ),
          fc.string({ maxLength: 4 }),
        ),
        { maxLength: 6 },
      ),
      fc.constantFrom('"', '', '" ', '",nocase', '"x'),
    )
    .map(([open, inside, close]) => open + inside.join('') + close);

  it('are read as by the grammar', () => {
    fc.assert(
      fc.property(content, (text) => {
        expect(outcome((d) => parseContentValue(word(text), d))).toEqual(
          outcome((d) => deriveContentValue(word(text), d)),
        );
      }),
      { numRuns: 3000, seed: 5 },
    );
  });

  it('take the short way where they are text and hexadecimal', () => {
    expect(quickContent('!"a|3A 0d|b|ff|"')).toEqual({
      negated: true,
      bytes: Uint8Array.of(0x61, 0x3a, 0x0d, 0x62, 0xff),
    });
    expect(quickContent('"GET /"')).toEqual({ negated: false, bytes: Uint8Array.from(Buffer.from('GET /')) });
    expect(quickContent(String.raw`"a\"b"`)).toBeUndefined();
  });
});

describe('arguments', () => {
  const written = fc.array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom('count', ' ', ',', ', ', '!>', '-', '0x1F', '"a, b"', '\t', '"', 'ÿ', '\xa0'),
      },
      fc.string({ maxLength: 3 }),
    ),
    { maxLength: 8 },
  );

  it('are read as by the grammar', () => {
    fc.assert(
      fc.property(written, (pieces) => {
        const text = pieces.join('');
        expect(outcome((d) => parseArguments(word(text), d))).toEqual(outcome((d) => deriveArguments(word(text), d)));
      }),
      { numRuns: 3000, seed: 5 },
    );
  });

  it('take the short way where they are plain words', () => {
    expect(quickArguments(word('count 5, !> , relative'))?.map(({ words }) => words.map(({ text }) => text))).toEqual([
      ['count', '5'],
      ['!>'],
      ['relative'],
    ]);
    for (const text of ['', 'a,', ',a', 'a,,b', '"a"', 'a\tb', 'a\xa0b'])
      expect(quickArguments(word(text))).toBeUndefined();
  });
});
