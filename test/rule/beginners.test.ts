/**
 * Rules as people write them on their first day: each has one mistake, and what is said about it points at it (column
 * of the caret, from 1) and tells what to write. `‸` marks the column in the text of each rule and is taken out.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadRules } from '../../src/load/load-rules.js';

const scratch = mkdtempSync(join(tmpdir(), 'periscope-beginners-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function load(text: string): ReturnType<typeof loadRules> {
  const file = join(scratch, 'case.rules');
  writeFileSync(file, text);
  return loadRules({ rules: [file] });
}

const HEADER = 'alert tcp any any -> any 80';
const options = (text: string): string => `${HEADER} (msg:"x"; ${text} rev:1;)`;
const END = 'content:"abcd"; sid:1; rev:1;)';

/** What is wrong, the rule with a mark, the code, and words of the hint. */
const CASES: readonly (readonly [string, string, string, string])[] = [
  ['no arrow', `alert tcp any any ‸any any (${END}`, 'syntax', "'->' stands between"],
  ['no destination port', `alert tcp any any -> any ‸(${END}`, 'syntax', 'write any for every port'],
  ['no source port', `alert tcp any ‸-> any any (${END}`, 'syntax', 'write any for every port'],
  ['no protocol', `alert ‸any any -> any any (${END}`, 'syntax', 'ip for every protocol'],
  ['no action', `‸tcp any any -> any 80 (${END}`, 'no-rule', 'alert tcp'],
  ['a misspelt action', `‸allert tcp any any -> any 80 (${END}`, 'unknown-action', 'did you mean alert?'],
  ['a misspelt protocol', `alert ‸tpc any any -> any 80 (${END}`, 'unknown-protocol', 'did you mean tcp?'],
  ['https as a protocol', `alert ‸https any any -> any 443 (${END}`, 'unknown-protocol', 'did you mean tls?'],
  ['ping as a protocol', `alert ‸ping any any -> any any (${END}`, 'unknown-protocol', 'did you mean icmp?'],
  ['a port beyond the last', `alert tcp any any -> any ‸70000 (${END}`, 'bad-port', '65535'],
  ['a range of ports with a hyphen', `alert tcp any any -> any ‸80-90 (${END}`, 'bad-port', '80:90'],
  ['a range of ports that runs backward', `alert tcp any any -> any ‸90:80 (${END}`, 'bad-port', '80:90'],
  [
    'a list of ports with a loose end',
    `alert tcp any any -> any 80,443, ‸(${END}`,
    'syntax',
    'an item of the list is missing',
  ],
  ['ports without a comma', `alert tcp any any -> any [80 ‸443] (${END}`, 'syntax', 'by commas'],
  ['an open list of ports', `alert tcp any any -> any [80,443 ‸(${END}`, 'syntax', "close the list with ']'"],
  ['a list of ports that was never opened', `alert tcp any any -> any ‸80,443] (${END}`, 'syntax', '[80,443]'],
  ['the name of a service', `alert tcp any any -> any ‸http (${END}`, 'bad-port', 'write its number, 80'],
  [
    'a variable without dollar sign',
    `alert tcp ‸HOME_NET any -> any 80 (${END}`,
    'bad-address',
    'did you mean $HOME_NET?',
  ],
  [
    'a port variable without dollar sign',
    `alert tcp any any -> any ‸HTTP_PORTS (${END}`,
    'bad-port',
    'did you mean $HTTP_PORTS?',
  ],
  ['a misspelt variable', `alert tcp ‸$HOMENET any -> any 80 (${END}`, 'unknown-variable', 'did you mean $HOME_NET?'],
  ['a prefix that is too long', `alert tcp ‸10.0.0.0/33 any -> any 80 (${END}`, 'bad-address', '10.0.0.0/24'],
  ['a star in an address', `alert tcp ‸10.0.0.* any -> any 80 (${END}`, 'bad-address', '10.0.0.0/24'],
  ['a part of an address', `alert tcp ‸10.1 any -> any 80 (${END}`, 'bad-address', '10.1.0.0/16'],
  ['an address out of range', `alert tcp ‸10.0.0.256 any -> any 80 (${END}`, 'bad-address', 'from 0 to 255'],
  ['address and port in one', `alert tcp any any -> ‸10.0.0.1:80 any (${END}`, 'bad-address', '10.0.0.1 80'],
  ['the name of a host', `alert tcp ‸example.com any -> any 80 (${END}`, 'bad-address', 'names are not looked up'],
  [
    'an item missing from a list',
    `alert tcp [10.0.0.1,‸] any -> any 80 (${END}`,
    'syntax',
    'an item of the list is missing',
  ],
  ['everything but everything', `alert tcp ‸!any any -> any 80 (${END}`, 'never-matches', 'any'],
  ['> for an arrow', `alert tcp any any ‸> any 80 (${END}`, 'syntax', "write '->'"],
  ['--> for an arrow', `alert tcp any any ‸--> any 80 (${END}`, 'syntax', "write '->'"],
  ['a typographic arrow', `alert tcp any any ‸→ any 80 (${END}`, 'syntax', "write '->'"],
  ['an arrow with a blank in it', `alert tcp any any ‸- > any 80 (${END}`, 'syntax', "write '->'"],
  ['an arrow that points backward', `alert tcp any any ‸<- any 80 (${END}`, 'bad-direction', 'swap the two sides'],
  ['an arrow without blanks', `alert tcp any ‸any->any 80 (${END}`, 'syntax', 'blanks around'],
  ['options without parentheses', `${HEADER} ‸content:"abcd"; sid:1; rev:1;`, 'syntax', "between '(' and ')'"],
  ['options in braces', `${HEADER} ‸{content:"abcd"; sid:1; rev:1;}`, 'syntax', 'round brackets'],
  ['a word too many in the header', `${HEADER} ‸tcp (${END}`, 'syntax', 'the header ends'],
  ['no options', `alert tcp any any -> any 8‸0`, 'truncated', 'options follow'],
  ['an action alone', 'aler‸t', 'truncated', 'a rule is: action protocol'],
  ['no semicolon at the end', `${HEADER} (content:"abcd"; sid:1; rev:1‸)`, 'missing-semicolon', "ends with ';'"],
  ['no closing parenthesis', `${HEADER} (content:"abcd"; sid:1; rev:1‸;`, 'truncated', "end the rule with ')'"],
  ['cut off in a name', `${HEADER} (content:"abcd"; sid:1; re‸v`, 'truncated', "end the option with ';'"],
  ['a rule that has only begun', `${HEADER} ‸(`, 'truncated', "end the rule with ')'"],
  ['no semicolon behind a quote', options('content:"abcd" ‸sid:1;'), 'missing-semicolon', "ends with ';'"],
  [
    'no semicolon behind msg',
    `${HEADER} (msg:"x" ‸content:"abcd"; sid:1; rev:1;)`,
    'missing-semicolon',
    "ends with ';'",
  ],
  ['no semicolon behind a modifier', options('content:"abcd"; nocase ‸sid:1;'), 'missing-semicolon', "ends with ';'"],
  [
    'no semicolon behind a number',
    options('content:"abcd"; depth:4 ‸offset:2; sid:1;'),
    'missing-semicolon',
    "ends with ';'",
  ],
  [
    'no semicolon behind sid',
    `${HEADER} (msg:"x"; content:"abcd"; sid:1 ‸rev:2;)`,
    'missing-semicolon',
    "ends with ';'",
  ],
  [
    'a modifier without semicolon before it',
    options('content:"abcd" ‸nocase; sid:1;'),
    'missing-semicolon',
    "ends with ';'",
  ],
  [
    'no semicolon behind metadata',
    options('content:"abcd"; metadata:created 2024 ‸sid:1;'),
    'missing-semicolon',
    "ends with ';'",
  ],
  [
    'a colon for a semicolon',
    options('content:"abcd"; sid:1‸: rev:2;').replace(' rev:1;)', ')'),
    'missing-semicolon',
    "ends with ';'",
  ],
  ['commas for semicolons', `${HEADER} (msg:"x"‸, content:"abcd", sid:1, rev:1)`, 'missing-semicolon', "ends with ';'"],
  [
    'commas for all but the last semicolon',
    `${HEADER} (msg:"x"‸, content:"abcd", sid:1, rev:1;)`,
    'missing-semicolon',
    "ends with ';'",
  ],
  ['two actions', `drop ‸alert tcp any any -> any any (${END}`, 'syntax', 'a rule has one action'],
  [
    'two actions and variables',
    `alert ‸drop tcp $HOME_NET any -> $EXTERNAL_NET any (${END}`,
    'syntax',
    'a rule has one action',
  ],
  ['the same action twice', `alert ‸alert tcp any any -> any any (${END}`, 'syntax', 'leave out one of the two'],
  ['a list of actions', `pass‸,alert tcp any any -> any any (${END}`, 'syntax', 'a rule has one action'],
  ['a no-break space behind a quote', options('content:"abcd"‸\u00a0; sid:1;'), 'bad-quote', 'a plain space'],
  ['a no-break space behind the rule', `${HEADER} (${END}‸\u00a0`, 'text-after-rule', 'delete it'],
  ['a word before the protocol', `alert ‸new tcp any any -> any any (${END}`, 'syntax', 'behind the action'],
  ['two protocols', `alert tcp ‸udp any any -> any any (${END}`, 'syntax', 'one protocol'],
  ['a no-break space between options', `${HEADER} (msg:"x";‸\u00a0${END}`, 'syntax', 'a plain space'],
  ['a no-break space in the header', `alert tcp any‸\u00a0any -> any any (${END}`, 'syntax', 'a plain space'],
  ['a no-break space behind the action', `alert‸\u00a0tcp any any -> any any (${END}`, 'syntax', 'a plain space'],
  ['an ideographic space in the header', `alert tcp any any‸\u3000-> any any (${END}`, 'syntax', 'a plain space'],
  ['a thin space behind the action', `alert‸\u2009tcp any any -> any any (${END}`, 'no-rule', 'a plain space'],
  ['a no-break space before a number', options('content:"abcd"; sid:‸\u00a01;'), 'bad-number', 'a plain space'],
  ['a zero width space in a keyword', options('content:"abcd"; no‸\u200bcase; sid:1;'), 'syntax', 'delete it'],
  [
    'an event filter in a rule',
    `alert icmp any any -> any any (msg:"x"; itype:8; ‸event_filter:type both,track by_src,count 20,seconds 10; sid:3; rev:1;)`,
    'unknown-keyword',
    'threshold or detection_filter, or event_filter in the file of --threshold-file',
  ],
  [
    'a rate filter in a rule',
    options('content:"abcd"; ‸rate_filter:track by_src, count 5, seconds 1; sid:1;'),
    'unknown-keyword',
    '--threshold-file',
  ],
  ['a name of other tools for msg', `${HEADER} (‸description:"x"; ${END}`, 'unknown-keyword', 'msg'],
  ['an address as an option', options('content:"abcd"; ‸src_ip:10.0.0.1; sid:1;'), 'unknown-keyword', 'header'],
  [
    'a threshold that semicolons cut',
    options('content:"abcd"; threshold:type limit, track by_src, count 1; ‸seconds:60; sid:1;').replace(
      'count 1;',
      'count 1, seconds 60;',
    ),
    'unknown-keyword',
    'threshold:type',
  ],
  ['pipes with nothing between them', options('content:"‸||abcd"; sid:1;'), 'syntax', '|7C 7C|'],
  ['pipes with blanks between them', options('content:"abcd|‸  |"; sid:1;'), 'bad-hex', 'leave it out'],
  ['two semicolons', options('content:"abcd";‸; sid:1;'), 'syntax', 'two semicolons'],
  ['an open quote in msg', `${HEADER} (msg:‸"x; content:"abcd"; sid:1; rev:1;)`, 'unclosed-quote', 'close it'],
  ['an open quote in content', options('content:‸"abcd; sid:1;'), 'unclosed-quote', 'close it'],
  [
    'an open quote before another content',
    options('content:‸"abcd; nocase; content:"efgh"; sid:1;'),
    'unclosed-quote',
    'close it',
  ],
  [
    'a backslash before the closing quote',
    options(String.raw`content:‸"C:\temp\"; sid:1;`),
    'unclosed-quote',
    String.raw`write \\`,
  ],
  ['no quotes', options('content:‸abcd; sid:1;'), 'wrong-quotes', 'write "abcd"'],
  ['no opening quote', options('content:‸abcd"; sid:1;'), 'wrong-quotes', 'write "abcd"'],
  ['no quotes behind !', options('content:!‸abcd; sid:1;'), 'wrong-quotes', 'write "abcd"'],
  ['single quotes', options("content:‸'abcd'; sid:1;"), 'wrong-quotes', 'write "abcd"'],
  ['typographic quotes', options('content:‸“abcd”; sid:1;'), 'wrong-quotes', 'write "abcd"'],
  [
    'typographic quotes in msg',
    `${HEADER} (msg:‸“Anmeldung”; content:"abcd"; sid:1; rev:1;)`,
    'wrong-quotes',
    'write "Anmeldung"',
  ],
  ['guillemets', options('content:‸«abcd»; sid:1;'), 'wrong-quotes', 'write "abcd"'],
  [
    'columns behind letters with accents',
    `${HEADER} (msg:"Müller → São"; ‸contnt:"abcd"; sid:1; rev:1;)`,
    'unknown-keyword',
    'content',
  ],
  ['a colon missing', options('content ‸"abcd"; sid:1;'), 'syntax', 'a colon is missing'],
  ['= for a colon', options('content‸="abcd"; sid:1;'), 'syntax', 'write content:'],
  ['; for a colon', options('content;‸"abcd"; sid:1;'), 'syntax', 'write content:'],
  ['a value without its name', options('‸"abcd"; sid:1;'), 'syntax', 'starts with its name'],
  [
    'quotes within quotes that may hide options',
    `${HEADER} (msg:"x"‸, content:"abcd"; sid:1; rev:1;)`,
    'missing-semicolon',
    "ends with ';'",
  ],
  [
    'quotes within quotes',
    options('content:"say "‸hello" now"; sid:1;').replace('"‸', '‸"'),
    'bad-quote',
    String.raw`\"`,
  ],
  ['a pipe', options('content:"a‸|b"; sid:1;'), 'unclosed-hex', '|7C|'],
  ['0x in hexadecimal', options('content:"|0‸x41|"; sid:1;'), 'bad-hex', 'without 0x'],
  ['half a byte', options('content:"|‸4|"; sid:1;'), 'bad-hex', 'two digits'],
  ['text between pipes', options('content:"|‸GET|"; sid:1;'), 'bad-hex', '|7C|'],
  ['a byte as in C', options(String.raw`content:"‸\x41"; sid:1;`), 'bad-escape', 'hexadecimal between pipes'],
  ['a line end as in C', options(String.raw`content:"abcd‸\n"; sid:1;`), 'bad-escape', '|0a|'],
  [
    'a path of Windows',
    options(String.raw`content:"C:‸\Windows"; sid:1;`),
    'bad-escape',
    String.raw`write \\ for a backslash`,
  ],
  ['an empty content', options('content:‸""; sid:1;'), 'empty-content', 'leave the content out'],
  ['no sid', `${HEADER} (msg:"x"; content:"abcd"; rev:1;‸)`, 'missing-sid', 'sid:1000001;'],
  ['a word for a sid', options('content:"abcd"; sid:‸one;'), 'bad-number', 'decimal'],
  ['a sid in quotes', options('content:"abcd"; sid:‸"12";'), 'bad-number', 'without quotes'],
  ['a sid without number', options('content:"abcd"; ‸sid:;'), 'missing-value', 'sid:<'],
  ['a sid of zero', options('content:"abcd"; sid:‸0;'), 'number-out-of-range', 'from 1'],
  ['two sids', options('content:"abcd"; sid:1; ‸sid:2;'), 'duplicate-option', 'keep one'],
  ['a parenthesis too many at the end', `${HEADER} (${END}‸)`, 'text-after-rule', 'leave it out'],
  ['a parenthesis too many at the start', `${HEADER} (‸(${END}`, 'syntax', 'one of the two parentheses'],
  ['a note behind a rule', `${HEADER} (${END} ‸-- new`, 'text-after-rule', 'new line'],
  ['two rules in a line', `${HEADER} (${END} ‸${HEADER} (${END}`, 'text-after-rule', 'new line'],
  ['a misspelt keyword', options('‸contents:"abcd"; sid:1;'), 'unknown-keyword', 'did you mean content?'],
  ['a value where there is none', options('content:"abcd"; nocase:‸yes; sid:1;'), 'unexpected-value', 'write nocase;'],
  [
    'a misspelt flow',
    options('flow:‸establish; content:"abcd"; sid:1;'),
    'unknown-argument',
    'did you mean established?',
  ],
  [
    'both directions',
    options('flow:to_server,‸to_client; content:"abcd"; sid:1;'),
    'conflicting-arguments',
    'leave one',
  ],
  ['a word for a depth', options('content:"abcd"; depth:‸ten; sid:1;'), 'unknown-byte-variable', 'write a number'],
  ['a depth that is too small', options('content:"abcd"; depth:‸2; sid:1;'), 'shorter-than-content', 'depth:4'],
  [
    'a modifier before its content',
    options('‸nocase; content:"abcd"; sid:1;'),
    'modifier-without-content',
    'behind the content',
  ],
  [
    'a pattern without slashes',
    options('content:"abcd"; pcre:‸"abc"; sid:1;'),
    'bad-pcre-frame',
    '"/<pattern>/<flags>"',
  ],
  [
    'a pattern without quotes',
    options('content:"abcd"; pcre:‸/abc/i; sid:1;'),
    'bad-pcre-frame',
    '"/<pattern>/<flags>"',
  ],
  ['an open group', options('content:"abcd"; pcre:"/a‸(bc/"; sid:1;'), 'bad-pcre', ''],
  ['a flag that is none', options('content:"abcd"; pcre:"/abc/‸k"; sid:1;'), 'unknown-pcre-flag', 'flags'],
  [
    'an unknown track',
    options('content:"abcd"; threshold:type limit, track ‸by_ip, count 1, seconds 60; sid:1;'),
    'bad-threshold',
    'by_src',
  ],
  [
    'a threshold without seconds',
    options('content:"abcd"; ‸threshold:type limit, track by_src, count 1; sid:1;'),
    'bad-threshold',
    'seconds',
  ],
  [
    'a reference without system',
    options('content:"abcd"; reference:‸http://example.com/a; sid:1;'),
    'bad-reference',
    'reference:url,example.com/a',
  ],
  [
    'a class with a blank',
    options('content:"abcd"; classtype:‸trojan activity; sid:1;'),
    'bad-name',
    'trojan-activity',
  ],
  [
    'a misspelt class',
    options('content:"abcd"; classtype:‸trojan-activty; sid:1;'),
    'unknown-classtype',
    'did you mean trojan-activity?',
  ],
  ['a word for a priority', options('content:"abcd"; priority:‸high; sid:1;'), 'bad-number', 'number'],
  ['flags by name', options('flags:S‸YN; sid:1;'), 'unknown-argument', 'write S for SYN'],
  ['a comment as in Lua', '‸-- new rules', 'no-rule', "start with '#'"],
  ['a variable as in snort.conf', '‸var HOME_NET 10.0.0.0/8', 'no-rule', '--var'],
];

describe('what beginners write', () => {
  it.each(CASES)('%s', (_what, marked, code, hint) => {
    const column = marked.indexOf('‸') + 1;
    expect(column).toBeGreaterThan(0);
    const text = marked.replace('‸', '');
    const { diagnostics } = load(`\n${text}\n`);
    const [found, ...more] = diagnostics
      .filter(({ severity }) => severity !== 'hint')
      .filter(({ code: each }) => each !== 'no-rules');
    expect(found).toMatchObject({ line: 2, column, code, sourceLine: text });
    expect(found!.hint ?? '').toContain(hint);
    expect(more).toEqual([]);
  });
});

describe('what is no mistake', () => {
  it.each([
    ['capitals', `ALERT TCP any ANY -> Any 80 (Msg:"x"; CONTENT:"abcd"; Sid:1; rev:1;)`],
    ['a semicolon within quotes', options('content:"ab;cd"; sid:1;')],
    ['a colon within quotes', options('content:"Host: x"; sid:1;')],
    ['options of other names within quotes', options('content:"msg: sid:5, rev:2"; sid:1;')],
    ['blanks everywhere', `alert  tcp any any  ->  any 80  ( msg : "x" ; content : "abcd" ; sid : 1 ; rev : 1 ; )`],
    ['a netmask', `alert tcp 10.0.0.0/255.255.255.0 any -> any 80 (${END}`],
  ])('%s', (_what, text) => {
    const { loaded, diagnostics } = load(`${text}\n`);
    expect(diagnostics.filter(({ severity }) => severity !== 'hint')).toEqual([]);
    expect(loaded).toBe(1);
  });
});

describe('a broken rule', () => {
  const good = (sid: number): string => `alert tcp any any -> any 80 (msg:"good"; content:"efgh"; sid:${sid}; rev:1;)`;

  it.each([
    ['without its parenthesis', `${HEADER} (msg:"x"; content:"abcd"; sid:1; rev:1;`],
    ['with an open quote', `${HEADER} (msg:"x"; content:"abcd; sid:1; rev:1;)`],
    ['with an open quote and no parenthesis', `${HEADER} (msg:"x"; content:"abcd; sid:1; rev:1;`],
    ['that has only begun', `${HEADER} (`],
    ['with a header alone', HEADER],
    ['with a backslash at its end', `${HEADER} (msg:"x"; contnt:"abcd"; sid:1; rev:1;) \\`],
    ['of several lines without end', `${HEADER} (\n  msg:"x";\n  content:"abcd"`],
  ])('%s leaves the next rule alone', (_what, broken) => {
    const { loaded, failed, diagnostics } = load(`${good(10)}\n${broken}\n${good(11)}\n`);
    expect({ loaded, failed }).toEqual({ loaded: 2, failed: 1 });
    expect(diagnostics.filter(({ severity }) => severity === 'error').map(({ line }) => line >= 2)).toEqual([true]);
  });

  it.each([
    ['with a misspelt action', 'allert tcp any any -> any 80 (msg:"x"; content:"abcd"; sid:3; rev:1;)'],
    ['with an unknown protocol', 'alert foo any any -> any 80 (msg:"x"; content:"abcd"; sid:3; rev:1;)'],
    ['that is commented out', '#alert tcp any any -> any 80 (msg:"x"; content:"abcd"; sid:3; rev:1;)'],
  ])('without its parenthesis leaves the next one alone %s', (_what, next) => {
    const { loaded, diagnostics } = load(`${HEADER} (msg:"x"; content:"abcd"; sid:1;\n${next}\n${good(11)}\n`);
    expect(loaded).toBe(1);
    expect(diagnostics.filter(({ severity }) => severity === 'error').map(({ line }) => line)).toEqual(
      next.startsWith('#') ? [1] : [1, 2],
    );
  });
});
