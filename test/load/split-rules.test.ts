import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitRules } from '../../src/load/split-rules.js';

const RULE = 'alert tcp any any -> any any (sid:1;)';

function texts(source: string): string[] {
  return [...splitRules(source)].map(({ text, disabled }) => (disabled ? '# ' : '') + text);
}

describe('a rule file', () => {
  it('has a rule a line, comments and blank lines', () => {
    expect(texts(`\n# a comment\n${RULE}\n\n  ${RULE}\n#\n// ${RULE}\n`)).toEqual([RULE, `  ${RULE}`]);
  });

  it('may have any line ends, also none at its end', () => {
    expect(texts(`${RULE}\r\n\r\n${RULE}`).map((text) => text.trim())).toEqual([RULE, RULE]);
  });

  it('goes on behind a backslash, whose line end vanishes', () => {
    expect(texts('alert tcp any any -> any any (msg:"a\\\nb"; \\  \r\n  sid:1;)\nalert')).toEqual([
      'alert tcp any any -> any any (msg:"ab";   sid:1;)',
      'alert',
    ]);
    expect(texts('alert tcp \\')).toEqual(['alert tcp \\']);
  });

  it('goes on while a parenthesis is open, as Snort 3 has it', () => {
    expect(texts(`alert tcp any any -> any any (\n  msg:"x";\n  sid:1;\n)\n${RULE}\n`)).toEqual([
      'alert tcp any any -> any any (\n  msg:"x";\n  sid:1;\n)',
      RULE,
    ]);
  });

  it('may have comments in C style before and between rules, over several lines', () => {
    expect(
      texts(`/* one */\n${RULE}\n/*\n ${RULE}\n*/ ${RULE}\n/* a *//* b */\n${RULE}`)
        .map((text) => text.trim())
        .filter((text) => text !== ''),
    ).toEqual([RULE, RULE, RULE]);
    expect(texts(`/* without an end\n${RULE}`)).toEqual(['/* without an end', RULE]);
  });

  it('may have comments between the lines of a rule, and behind one', () => {
    const open = 'alert tcp any any -> any any (';
    expect(
      texts(`${open}\n# no rule\n// nor this\nmsg:"x"; /* that (ends)\n with this (;)\n*/ sid:1;\n) # behind\n${RULE}`),
    ).toEqual([`${open}\nmsg:"x"; /* that (ends)\n with this (;)\n*/ sid:1;\n) # behind`, RULE]);
    expect(texts(`${open}\ncontent:"/*";\nsid:1; ) /* x */\n${RULE}`)).toEqual([
      `${open}\ncontent:"/*";\nsid:1; ) /* x */`,
      RULE,
    ]);
    expect(texts(`${open} msg:"x";\n#${RULE.replace('sid:1;', 'sid:2; ')}\n${RULE}`)).toEqual([
      `${open} msg:"x";`,
      `# ${RULE.replace('sid:1;', 'sid:2; ')}`,
      RULE,
    ]);
  });

  it('may name types of files over several lines', () => {
    expect(texts('file_id (\n  file_meta:type PDF, id 22;\n  sid:1;\n)\n')).toEqual([
      'file_id (\n  file_meta:type PDF, id 22;\n  sid:1;\n)',
    ]);
  });

  it('does not let an open parenthesis swallow the next rule', () => {
    const open = 'alert tcp any any -> any any (sid:1;';
    expect(texts(`${open}\n${RULE}\n`)).toEqual([open, RULE]);
    expect(texts(`${open}\n\n${RULE}\n`)).toEqual([open, RULE]);
    expect(texts(`${open}\n# comment )\n${RULE}\n`)).toEqual([open, RULE]);
  });

  it('may have disabled rules, which other comments are not', () => {
    expect(
      texts(
        `#${RULE}\n# ${RULE}\n## ${RULE}\n# alert me (sometimes)\n# drop everything\n#alert tcp any any -> any any\n`,
      ),
    ).toEqual([`# ${RULE}`, `# ${RULE}`, `# ${RULE}`]);
    expect(texts(`#alert tcp any any \\\n#  -> any any (sid:1;)\n${RULE}`)).toEqual([
      '# alert tcp any any   -> any any (sid:1;)',
      RULE,
    ]);
  });
});

describe('a backslash at the end', () => {
  it('of prose in a comment costs no rule', () => {
    expect(texts(`# copied from C:\\ids\\rules\\\n${RULE}\n${RULE}`)).toEqual([RULE, RULE]);
    expect(texts(`# one \\\n# two \\\n  ${RULE}`)).toEqual([`  ${RULE}`]);
    expect(texts(`# alert the admin \\\n${RULE}`)).toEqual([RULE]);
    expect(texts(`// C:\\rules\\\n${RULE}`)).toEqual([RULE]);
    expect(texts(`# see \\\nalert ( gid:116; sid:1; )\n# see \\\nfile_id (sid:2;)`)).toEqual([
      'alert ( gid:116; sid:1; )',
      'file_id (sid:2;)',
    ]);
    expect(texts(`# see C:\\rules\\\n#${RULE}\n# see \\\n# C:\\ids\\\n${RULE}`)).toEqual([`# ${RULE}`, RULE]);
  });

  it('of a disabled rule continues it, but not into the next rule', () => {
    expect(texts(`#alert tcp any any -> any any (msg:"x"; \\\n  sid:1;)\n${RULE}`)).toEqual([
      '# alert tcp any any -> any any (msg:"x";   sid:1;)',
      RULE,
    ]);
    expect(texts(`#${RULE.replace(')', ' \\')}\n${RULE}\n`)).toEqual([RULE]);
    expect(texts(`#${RULE} \\\n#${RULE}\n`)).toEqual([`# ${RULE} `, `# ${RULE}`]);
  });

  it('of a rule that is not complete does not swallow the next rule', () => {
    expect(texts(`alert tcp any any -> any any (msg:"x"; \\\n${RULE}\n`)).toEqual([
      'alert tcp any any -> any any (msg:"x"; ',
      RULE,
    ]);
    expect(texts('alert tcp any any -> any any (msg:"a \\\nalert tcp too"; sid:1;)')).toEqual([
      'alert tcp any any -> any any (msg:"a alert tcp too"; sid:1;)',
    ]);
  });
});

describe('a header without blanks before its parenthesis', () => {
  it('may be that of a rule over several lines', () => {
    const rule = 'alert http(\n  msg:"x";\n  sid:1;\n)';
    expect(texts(`${rule}\n#alert http(sid:2;)\n${rule}`)).toEqual([rule, '# alert http(sid:2;)', rule]);
  });
});

describe('places in a rule', () => {
  it('lead back to the file', () => {
    const source = `# x\n#alert tcp any any -> \\\n#any any (sid:1;)\nalert tcp any any -> \\\r\n  any any (sid:2;)\nalert udp any any -> any any (\n sid:3;\n)\n`;
    for (const rule of splitRules(source)) {
      for (let i = 0; i < rule.text.length; i++) expect(source[rule.at(i)]).toBe(rule.text[i]);
    }
  });

  it('do so whatever the file holds', () => {
    const line = fc.oneof(
      fc.constantFrom(RULE, `#${RULE}`, 'alert tcp any any -> any any (', 'sid:1;)', '# x', '', ' ', '\\'),
      fc.string({ maxLength: 10 }),
    );
    const end = fc.constantFrom('\n', '\r\n', '\\\n', ' \\ \r\n');
    fc.assert(
      fc.property(fc.array(fc.tuple(line, end), { maxLength: 8 }), (lines) => {
        const source = lines.flat().join('');
        for (const rule of splitRules(source)) {
          expect(rule.text.trim()).not.toBe('');
          let before = -1;
          for (let i = 0; i < rule.text.length; i++) {
            expect(source[rule.at(i)]).toBe(rule.text[i]);
            expect(rule.at(i)).toBeGreaterThan(before);
            before = rule.at(i);
          }
          // From its start on, the same rule is found again.
          expect(splitRules(source, rule.start).next().value).toEqual(rule);
        }
      }),
      { numRuns: 500, seed: 1 },
    );
  });
});
