import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRule } from '../../src/rule/compile-rule.js';
import { Diagnostics, type Diagnostic } from '../../src/rule/diagnostic.js';
import { parseRule } from '../../src/rule/parser.js';
import { printRule } from '../../src/rule/printer.js';
import { Variables } from '../../src/rule/variables.js';
import { arbitraryRule, withoutPlaces } from './support/arbitrary-rule.js';

const SEEDS = [
  'alert tcp $HOME_NET any -> [10.0.0.0/8,!10.1.1.1] 80: (msg:"a \\"b\\""; flow:established,to_server; content:"GET |0d 0a|"; nocase; depth:10; content:!"x"; distance:0; within:5; pcre:"/a[b;]c/Ri"; sid:1; rev:2;)',
  'drop udp !$HOME_NET [53,!1:20] <> any any (content:"|00 01|"; offset:2; depth:2; byte_test:2,>,10,0,relative; byte_jump:1,0,relative; isdataat:!1,relative; threshold:type limit, track by_src, count 1, seconds 60; sid:2;)',
  'alert http any any -> any any (msg:"x"; http.uri; content:"a"; content:"b"; fast_pattern; reference:cve,2021-1; metadata:a b, c d; classtype:trojan-activity; sid:3; gid:4;)',
  'alert icmp any any -> any any (itype:8; icode:0; dsize:>10; flowbits:set,a; vni:1-5; flags:S,12; sid:5; noalert;)',
];

const variables = new Variables();
const environment = { classification: () => undefined, reference: () => undefined };

/** Everything that a text leads to. The places of diagnostics must lie within it. */
function load(text: string): { readonly good: boolean; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics = new Diagnostics();
  const node = parseRule(text, diagnostics);
  const program = node && compileRule(node, { variables, environment, diagnostics, origin: { file: 'x', line: 1 } });
  expect(program === undefined, 'no program without an error, no error with a program').toBe(diagnostics.hasErrors);
  for (const { span, message } of diagnostics.list) {
    expect(span.start, message).toBeGreaterThanOrEqual(0);
    expect(span.start, message).toBeLessThanOrEqual(span.end);
    expect(span.end, message).toBeLessThanOrEqual(Math.max(1, text.length));
  }
  if (node !== undefined) {
    const again = parseRule(printRule(node), new Diagnostics());
    expect(withoutPlaces(again)).toEqual(withoutPlaces(node));
  }
  return { good: program !== undefined, diagnostics: diagnostics.list };
}

/** Cuts, doubles, swaps and replaces pieces of a text. */
const mutated = fc.tuple(
  fc.constantFrom(...SEEDS),
  fc.array(fc.record({ at: fc.nat(400), length: fc.nat(12), to: fc.oneof(fc.constantFrom('"', ';', ':', '\\', '|', '!', '(', ')', '[', ']', ',', '$', ' ', '-', '\n', '\0', '99999999999'), fc.string({ maxLength: 6 })) }), { minLength: 1, maxLength: 4 }),
).map(([seed, edits]) => edits.reduce((text, { at, length, to }) => text.slice(0, at) + to + text.slice(at + length), seed));

describe('whatever a rule file holds', () => {
  it('starts from rules that load', () => {
    for (const seed of SEEDS) expect(load(seed)).toMatchObject({ good: true });
  });

  it('mutated rules load or are reported, and print back', () => {
    fc.assert(fc.property(mutated, (text) => { load(text); }), { numRuns: 2000, seed: 3 });
  });

  it('arbitrary text is reported', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => { expect(load(text).good).toBe(false); }), { numRuns: 1000, seed: 4 });
  });

  it('rules of any structure load or are reported', () => {
    fc.assert(fc.property(arbitraryRule, (rule) => { load(printRule(rule)); }), { numRuns: 300, seed: 5 });
  });

  it('every cut of a rule is reported', () => {
    for (const seed of SEEDS) {
      for (let end = 0; end < seed.length; end++) expect(load(seed.slice(0, end)).good, seed.slice(0, end)).toBe(false);
    }
  });
});
