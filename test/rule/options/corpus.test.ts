import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Diagnostics } from '../../../src/rule/diagnostics/diagnostic.js';
import { findOption } from '../../../src/rule/options/registry.js';
import { WAITING } from '../../../src/rule/options/waiting/waiting-keyword.js';
import { parseRule } from '../../../src/rule/parse/parser.js';

const RULES = new URL('../../../../shared/rules/', import.meta.url);
const LOOKING = new Set([WAITING, 'packet', 'flow', 'buffer', 'content modifier']);

/**
 * What published rules hold that is rightly refused. Which patterns can be translated is tested with the translation.
 */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  'et-open-2024-03': [],
  'snort2-community-2026-07': [],
  'snort3-community-2026-05': [],
};

function* optionsOf(set: string) {
  const text = gunzipSync(readFileSync(new URL(`${set}.rules.gz`, RULES)))
    .toString('latin1')
    .replace(/\\\r?\n/g, ' ');
  for (const line of text.split('\n')) {
    const rule = line.replace(/^#\s*/, '');
    if (/^(?:alert|pass|drop|reject|log)\s.*\)\s*$/.test(rule))
      yield* parseRule(rule, new Diagnostics())?.options ?? [];
  }
}

describe('published rule sets', () => {
  for (const [set, refused] of Object.entries(REFUSED)) {
    const present = existsSync(new URL(`${set}.rules.gz`, RULES));
    if (!present) console.warn(`skipped: ../shared/rules/${set}.rules.gz is not there`);
    (present ? it : it.skip)(`every value of ${set} is read, and what is printed of it reads the same`, () => {
      const errors = new Set<string>();
      const seen = new Set<string>();
      for (const node of optionsOf(set)) {
        const option = findOption(node.name.text);
        const written = `${node.name.text}:${node.value?.text ?? ''}`;
        if (option === undefined || !LOOKING.has(option.doc.appliesTo) || seen.has(written)) continue;
        seen.add(written);
        if (option.name === 'pcre' && seen.size % 8 !== 0) continue;
        const diagnostics = new Diagnostics();
        const value = option.parse(node, diagnostics);
        if (value === undefined) {
          if (!diagnostics.list.every(({ code }) => code === 'bad-pcre')) errors.add(written);
          continue;
        }
        const printed = option.print(value);
        const word = printed === undefined ? undefined : { text: printed, span: { start: 0, end: printed.length } };
        const again = option.parse({ name: node.name, value: word }, new Diagnostics());
        if (again === undefined || option.print(again) !== printed) errors.add(`unsteady ${written}`);
      }
      expect([...errors]).toEqual(refused);
      expect(seen.size).toBeGreaterThan(1000);
    });
  }
});
