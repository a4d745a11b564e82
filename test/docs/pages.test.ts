/** The pages of the manual hang together: records of decisions have a number each, and every link leads somewhere. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inRoot } from '../support/root.js';

const FOLDERS = ['', 'docs', 'docs/decisions', 'docs/diagnostics', 'rules', 'samples'];
const PAGES = FOLDERS.flatMap((folder) =>
  readdirSync(inRoot(folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);
const text = (name: string): string => readFileSync(inRoot(name), 'utf8');

/** Text without code: brackets there are no links, and # no headings. */
const prose = (page: string): string => page.replace(/^```.*?^```$/gms, '').replace(/`[^`\n]*`/g, '');

/** The anchor that GitHub gives a heading. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
const anchors = (page: string): readonly string[] =>
  [...page.replace(/^```.*?^```$/gms, '').matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchor(heading!));

function deadLinks(page: string): readonly string[] {
  const links = [...prose(text(page)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path, fragment] = link.split('#');
    const target = path === '' ? page : join(dirname(page), path!);
    if (!existsSync(inRoot(target))) return true;
    return fragment !== undefined && !anchors(text(target)).includes(fragment);
  });
}

describe('records of decisions', () => {
  const records = readdirSync(inRoot('docs/decisions'));

  it('have a number each', () => {
    const numbers = records.map((name) => /^(\d{4})-[a-z0-9-]+\.md$/.exec(name)?.[1]);
    expect(numbers.filter((number, at) => number === undefined || numbers.indexOf(number) !== at)).toEqual([]);
  });

  it.each(records)('%s has its number in its heading', (name) => {
    expect(text(`docs/decisions/${name}`)).toMatch(new RegExp(`^# ${Number(name.slice(0, 4))}\\. \\S`));
  });
});

describe('links', () => {
  it('are found at all', () => {
    expect(PAGES).toContain('docs/operations.md');
    expect(anchors('# A *first* rule\n## At 3 a.m.')).toEqual(['a-first-rule', 'at-3-am']);
  });

  it.each(PAGES)('of %s lead to files and headings that exist', (page) => {
    expect(deadLinks(page)).toEqual([]);
  });
});
