import { describe, expect, it } from 'vitest';
import { renderReference } from '../../src/cli/reference.js';
import { defineOption, type OptionDoc } from '../../src/rule/options/option.js';
import { OPTIONS } from '../../src/rule/options/registry.js';

const option = (name: string, doc: Partial<OptionDoc>, aliases?: readonly string[], repeatable = true) =>
  defineOption<true>({
    name,
    aliases,
    value: 'none',
    repeatable,
    parse: () => true,
    compile: () => {},
    print: () => undefined,
    doc: { summary: `Does ${name}.`, syntax: `${name};`, example: `${name};`, appliesTo: 'packet', ...doc },
  });

describe('renderReference', () => {
  it('groups keywords by what they apply to, in the order of the page', () => {
    const page = renderReference([
      option('c', { appliesTo: 'zebra' }),
      option('b', { appliesTo: 'alert' }),
      option('a', {}),
      option('d', {}),
    ]);
    const headings = [...page.matchAll(/^##+ .*$/gm)].map(([heading]) => heading);
    expect(headings).toEqual([
      '## Numbers and flags of a packet',
      '### a',
      '### d',
      '## What an alert does',
      '### b',
      '## Zebra',
      '### c',
    ]);
    expect(page).toContain('- [Numbers and flags of a packet](#numbers-and-flags-of-a-packet): `a`, `d`');
  });

  it('writes summary, syntax, example, aliases and differences', () => {
    const page = renderReference([
      option('a', { syntax: 'a:<n|`x`>;', differences: 'low<>high is *other*.' }, ['alpha'], false),
    ]);
    expect(page).toContain(
      '### a\n\nDoes a. Also written `alpha`. At most once in a rule.\n\n- Syntax: `` a:<n|`x`>; ``\n- Example: `a;`\n- Differences: low\\<\\>high is \\*other\\*.\n',
    );
  });

  it('leaves out what there is not', () => {
    const page = renderReference([option('a', {})]);
    expect(page).not.toMatch(/Also written|At most once|Differences/);
    expect(page.endsWith('`a;`\n')).toBe(true);
  });

  it('has every keyword once, each with an entry that says something', () => {
    const page = renderReference(OPTIONS);
    for (const { name, doc } of OPTIONS) {
      expect(page.split(`\n### ${name}\n`)).toHaveLength(2);
      expect(doc.summary, name).toMatch(/\.$/);
      expect(doc.syntax, name).toContain(name.split('.')[0]);
      expect(doc.example.length, name).toBeGreaterThan(name.length);
    }
  });

  it('is the page in docs (vitest -u test/cli/reference.test.ts writes it)', async () => {
    await expect(renderReference(OPTIONS)).toMatchFileSnapshot('../../docs/rules.md');
  });
});
