import fc from 'fast-check';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { splitRules } from '../../src/load/split-rules.js';
import { Diagnostics } from '../../src/rule/diagnostics/diagnostic.js';
import { parseAddress, parsePort, parseRule } from '../../src/rule/parse/parser.js';
import { printAddress, printPort, printRule } from '../../src/rule/parse/printer.js';
import { arbitraryAddress, arbitraryPort, arbitraryRule, withoutPlaces } from './support/arbitrary-rule.js';

const SHARED = '../shared/rules';

describe('parse after print', () => {
  it('gives the same rule', () => {
    fc.assert(
      fc.property(arbitraryRule, (rule) => {
        const diagnostics = new Diagnostics();
        const again = parseRule(printRule(rule), diagnostics);
        expect(diagnostics.list).toEqual([]);
        expect(withoutPlaces(again)).toEqual(withoutPlaces(rule));
      }),
      { numRuns: 400, seed: 1 },
    );
  });

  it('gives the same address and the same ports', () => {
    fc.assert(
      fc.property(arbitraryAddress, arbitraryPort, (address, port) => {
        const diagnostics = new Diagnostics();
        expect(withoutPlaces(parseAddress(printAddress(address), diagnostics))).toEqual(withoutPlaces(address));
        expect(withoutPlaces(parsePort(printPort(port), diagnostics))).toEqual(withoutPlaces(port));
        expect(diagnostics.list).toEqual([]);
      }),
      { numRuns: 1000, seed: 2 },
    );
  });

  it('marks a disabled rule', () => {
    const node = parseRule('alert ip any any -> any any (sid:1;)', new Diagnostics())!;
    expect(printRule({ ...node, disabled: true })).toBe('# alert ip any any -> any any (sid:1;)');
  });
});

describe('a value that ends in backslashes', () => {
  it.each([
    ['a\\ ', 1],
    ['a\\\\', 2],
    ['a\\\\\\ ', 3],
  ])('%j keeps them, and the next option', (value, backslashes) => {
    const read = (text: string) => parseRule(text, new Diagnostics())!;
    const rule = read(`alert ip any any -> any any (rem:${value}; sid:1;)`);
    expect(rule.options.map((option) => option.value?.text)).toEqual([`a${'\\'.repeat(backslashes)}`, '1']);
    expect(withoutPlaces(read(printRule(rule)))).toEqual(withoutPlaces(rule));
  });
});

describe('rule sets that people run', () => {
  const present = existsSync(SHARED);
  if (!present) console.warn(`SKIPPED: ${SHARED} is not there, the rule sets are not tested`);
  const files = present ? readdirSync(SHARED).filter((name) => name.endsWith('.rules.gz')) : ['the rule sets'];
  for (const file of files) {
    (present ? it : it.skip)(`parse in full and survive printing: ${file}`, () => {
      const source = gunzipSync(readFileSync(join(SHARED, file))).toString('latin1');
      const diagnostics = new Diagnostics();
      let rules = 0;
      let changed = 0;
      for (const { text } of splitRules(source)) {
        rules++;
        const node = parseRule(text, diagnostics);
        // Printing twice compares more than parsing once more, and costs less than comparing trees.
        if (node !== undefined && rules % 10 === 0) {
          const printed = printRule(node);
          if (printRule(parseRule(printed, diagnostics)!) !== printed) changed++;
        }
      }
      expect(diagnostics.list).toEqual([]);
      expect(changed).toBe(0);
      expect(rules).toBeGreaterThan(4000);
    });
  }
});
