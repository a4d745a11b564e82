/**
 * No keyword passes over a part of its value: one more character, or one less, is an error or means something else. But
 * for what is written in two ways on purpose, which is listed.
 */
import { describe, expect, it } from 'vitest';
import { Diagnostics } from '../../../src/rule/diagnostics/diagnostic.js';
import { findOption, OPTIONS } from '../../../src/rule/options/registry.js';
import { parseRule } from '../../../src/rule/parse/parser.js';
import { keyword } from '../../support/rule-options.js';

const EXTRA = [
  'x',
  '0',
  '1',
  ' x',
  ',',
  ',x',
  '"',
  '!',
  '-',
  '+',
  '.',
  '/',
  ';',
  ':',
  '|',
  '\\',
  '=',
  '>',
  ' 1',
  ',relative',
  '#',
  '[',
  ']',
  '(',
  ')',
  '&',
  '%',
  '\0',
  '\xe9',
];

/** Two ways to write the same. */
const ALIKE: readonly RegExp[] = [
  // Numbers: leading zeros, signs, hexadecimal; zeros behind the point.
  /-0\b/,
  /^entropy:.*0$/,
  /^tos:!?x/,
  // An equals sign, where equality is meant.
  /^(?:vni|ip_proto|tos|vlan\.id):.*=/,
  /max-size\s*=/,
  // Escapes that are not needed; entries and arguments that say nothing new.
  /^content:.*\\:/,
  /^metadata:(?:,|.*,\s*,|.*,$)/,
  /relative,relative/,
  // Snort's letters for reserved flags; the comma that Snort leaves out; names with aliases.
  /^flags:.*[12]/,
  /^stream_size:\w+,[<>=!]+\d/,
  /^l3_proto:ip6/,
];

/** Without blanks, quotes and case, numbers as numbers. */
const bare = (text: string): string =>
  text
    .replace(/\s+/g, '')
    .toLowerCase()
    .replace(/["']/g, '')
    .replace(/0x[0-9a-f]+|\d+/g, (digits) => String(Number(digits)))
    .replace(/^=|\+(?=\d)/g, '');

/** What the keyword makes of a value, undefined where it reports anything. */
function reading(name: string, value: string): string | undefined {
  const option = keyword(name);
  const diagnostics = new Diagnostics();
  const text = value.trim();
  const read = option.parse(
    {
      name: { text: name, span: { start: 0, end: name.length } },
      value: { text, span: { start: 0, end: text.length } },
    },
    diagnostics,
  );
  return read === undefined || diagnostics.list.length > 0 ? undefined : (option.print(read) ?? '');
}

/** By keyword, the values of all examples. */
function exampleValues(): Map<string, Set<string>> {
  const values = new Map<string, Set<string>>();
  for (const { doc } of OPTIONS) {
    const rule = parseRule(
      `alert tcp any any -> any any (${doc.example.trim().replace(/;?$/, ';')})`,
      new Diagnostics(),
    );
    for (const { name, value } of rule?.options ?? []) {
      const option = findOption(name.text);
      if (option === undefined || value === undefined || value.text === '') continue;
      values.set(option.name, (values.get(option.name) ?? new Set()).add(value.text));
    }
  }
  return values;
}

function changed(text: string): string[] {
  const places = Array.from({ length: text.length + 1 }, (_, at) => at);
  const longer = places
    .filter((at) => at % Math.ceil(text.length / 12) === 0 || at === text.length)
    .flatMap((at) => EXTRA.map((extra) => text.slice(0, at) + extra + text.slice(at)));
  return [...longer, ...places.slice(1).map((at) => text.slice(0, at - 1) + text.slice(at))];
}

describe('values', () => {
  const examples = [...exampleValues()];

  it('are there for most keywords', () => expect(examples.length).toBeGreaterThan(100));

  it('mean something else, or nothing, with another character', () => {
    const found: string[] = [];
    for (const [name, values] of examples) {
      for (const value of values) {
        const meant = reading(name, value);
        if (meant === undefined) continue;
        for (const other of changed(value)) {
          if (bare(other) === bare(value) || reading(name, other) !== meant) continue;
          if (!ALIKE.some((form) => form.test(`${name}:${other}`))) found.push(`${name}:${value} and ${name}:${other}`);
        }
      }
    }
    expect(found).toEqual([]);
  });
});
