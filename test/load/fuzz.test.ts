/**
 * Damaged files never crash a load, and nothing is said about places that are not there: rule files, threshold.config,
 * classification.config, reference.config, variables, archives. PERISCOPE_RULE_FUZZ sets how many, as in
 * test/rule/fuzz.test.ts.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { ArchiveError, type ArchiveLimits } from '../../src/load/archive-file.js';
import { unpackArchive } from '../../src/load/archive.js';
import { parseClassifications } from '../../src/load/classification.js';
import { loadRules } from '../../src/load/load-rules.js';
import { parseReferences } from '../../src/load/reference.js';
import { splitRules } from '../../src/load/split-rules.js';
import { parseThresholdConfig } from '../../src/load/threshold-config.js';
import { Diagnostics } from '../../src/rule/diagnostics/diagnostic.js';
import { diagnosticEntry } from '../../src/rule/diagnostics/catalogue.js';
import { parseAddress, parsePort } from '../../src/rule/parse/parser.js';
import { printAddress, printPort } from '../../src/rule/parse/printer.js';
import { Variables } from '../../src/rule/compile/variables.js';
import { Random } from '../property/mutator.js';
import { withoutPlaces } from '../rule/support/arbitrary-rule.js';
import { ODD_RULES, shippedRules } from '../rule/support/rule-corpus.js';
import { RuleMutator } from '../rule/support/rule-mutator.js';
import { pax, tar, zip } from '../support/archive-writer.js';
import { damaged } from '../support/damage.js';

const ROUNDS = Math.ceil(Number(process.env['PERISCOPE_RULE_FUZZ'] ?? 3000) / 10);
const SEED = Number(process.env['PERISCOPE_RULE_FUZZ_SEED'] ?? 20_261_122);
const folder = mkdtempSync(join(tmpdir(), 'periscope-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Plays rounds; what fails is shown with how to get it again. */
function play(
  rounds: number,
  next: (random: Random) => string | Uint8Array,
  check: (input: string | Uint8Array) => void,
): void {
  const random = new Random(SEED);
  for (let round = 0; round < rounds; round++) {
    const input = next(random);
    try {
      check(input);
    } catch (error) {
      const shown =
        typeof input === 'string'
          ? JSON.stringify(input.slice(0, 3000))
          : Buffer.from(input).toString('base64').slice(0, 3000);
      throw new Error(`round ${round} of seed ${SEED}: ${shown}: ${(error as Error).message}`, { cause: error });
    }
  }
}

/** Texts that are one of `seeds`, damaged. */
function textsOf(seeds: readonly string[]): (random: Random) => string {
  let mutator: RuleMutator | undefined;
  return (random) => (mutator ??= new RuleMutator(random, seeds)).next();
}

/** Everything reported lies within the text and has a code that is known. */
function expectPlaced({ list }: Diagnostics, text: string): void {
  for (const { code, span } of list) {
    expect(diagnosticEntry(code), code).toBeDefined();
    expect(
      span.start >= 0 && span.start <= span.end && span.end <= Math.max(1, text.length),
      `${code} at ${span.start}-${span.end} of ${text.length}`,
    ).toBe(true);
  }
}

describe('rule files', () => {
  const RULES = [...ODD_RULES, ...shippedRules()];
  const some = (random: Random, separator: string): string =>
    Array.from({ length: 1 + random.below(8) }, () => random.pick(RULES)).join(separator);
  const files = (random: Random): string => {
    const text = some(random, random.pick(['\n', '\r\n', '\n# x\n', '\n#', ' \\\n', '\n\n', '\n/* c */\n']));
    return new RuleMutator(random, [text]).next().replace(/[^\0-\xff]/g, '?');
  };

  it('are cut into rules that lie in them, one behind the other', () => {
    play(ROUNDS, files, (input) => {
      const source = input as string;
      let end = -1;
      for (const rule of splitRules(source)) {
        expect(rule.text.trim()).not.toBe('');
        expect(rule.at(0)).toBeGreaterThan(end);
        for (const at of [0, rule.text.length >> 1, rule.text.length - 1])
          expect(source[rule.at(at)]).toBe(rule.text[at]);
        end = rule.at(rule.text.length - 1);
      }
      expect(end).toBeLessThan(source.length);
    });
  });

  it('load in part, and every rule is loaded or failed', () => {
    const path = join(folder, 'fuzz.rules');
    play(Math.ceil(ROUNDS / 3), files, (input) => {
      const source = input as string;
      writeFileSync(path, source, 'latin1');
      const { loaded, failed, diagnostics } = loadRules({ rules: [path] });
      const rules = [...splitRules(source)].filter(({ disabled }) => !disabled).length;
      // One of two with a sid gives way; one whose requirements are not met is left out.
      const others = diagnostics.filter(({ code }) => code === 'duplicate-sid' || code === 'unmet-requirement').length;
      expect(loaded + failed + others).toBe(rules);
      const lines = source.split('\n');
      for (const { code, line, column, length } of diagnostics) {
        expect(diagnosticEntry(code), code).toBeDefined();
        expect(line).toBeGreaterThan(0);
        expect(line).toBeLessThanOrEqual(lines.length);
        expect(column).toBeGreaterThan(0);
        expect(column).toBeLessThanOrEqual(lines[line - 1]!.length + 1);
        expect(length).toBeGreaterThanOrEqual(0);
      }
    });
  });
});

describe('files of settings', () => {
  const variables = new Variables();
  const THRESHOLDS = [
    'suppress gen_id 1, sig_id 2200079, track by_src, ip [10.0.0.1,!192.168.0.0/16,$HOME_NET]\n',
    'threshold gen_id 1, sig_id 2000001, type limit, track by_src, count 1, seconds 60 # x\n',
    'rate_filter gen_id 1, sig_id 2, track by_dst, count 100, \\\n seconds 10, new_action drop, timeout 60\n',
    'event_filter gen_id 0, sig_id 0, type both, track by_rule, count 5, seconds 1\nsuppress gen_id 1, sig_id 0\n',
  ];

  it.each<[string, readonly string[], (text: string, diagnostics: Diagnostics) => unknown]>([
    ['threshold.config', THRESHOLDS, (text, diagnostics) => parseThresholdConfig(text, variables, diagnostics)],
    [
      'classification.config',
      ['config classification: a-b,Some text,2\n# c\nconfig classification:x,y,1\n'],
      parseClassifications,
    ],
    [
      'reference.config',
      ['config reference: cve https://x.test/?a=\nconfig reference: url http://\n'],
      parseReferences,
    ],
  ])('%s is read in part, and the rest reported', (_name, seeds, parse) => {
    play(2 * ROUNDS, textsOf([...seeds, seeds.join('')]), (text) => {
      const diagnostics = new Diagnostics();
      expect(parse(text as string, diagnostics)).toBeDefined();
      expectPlaced(diagnostics, text as string);
    });
  });
});

describe('variables', () => {
  const VALUES = [
    '[10.0.0.0/8,!10.1.0.0/16,$B]',
    '!$A',
    'any',
    '$C',
    '[80,443,!8000:8010,$PORTS]',
    '[2001:db8::/32,![fe80::1,::]]',
    '1024:',
    '$A',
  ];

  it('have a value or an error, and print to what they are', () => {
    play(2 * ROUNDS, textsOf(VALUES), (input) => {
      const text = input as string;
      const given = { A: text, B: '[$A,1.1.1.1]', PORTS: text, C: '!$A' };
      const variables = new Variables(given);
      variables.check(Object.keys(given));
      for (const [parse, print, evaluate] of [
        [parseAddress, printAddress, (node: never, d: Diagnostics) => variables.addresses(node, d)],
        [parsePort, printPort, (node: never, d: Diagnostics) => variables.ports(node, d)],
      ] as const) {
        const diagnostics = new Diagnostics();
        const node = parse(text, diagnostics);
        if (node !== undefined) {
          evaluate(node as never, diagnostics);
          expect(withoutPlaces(parse(print(node as never), new Diagnostics()))).toEqual(withoutPlaces(node));
        }
        expectPlaced(diagnostics, text);
      }
    });
  });
});

describe('archives', () => {
  const LIMITS: ArchiveLimits = { files: 8, bytes: 8000 };
  const RULE = 'alert tcp any any -> any any (sid:1;)\n';
  const FILES = [
    { path: 'rules/' },
    { path: 'rules/a.rules', content: RULE.repeat(20) },
    { path: 'b.rules', content: RULE },
    { path: 'c.txt', content: '' },
  ];
  const tarred = tar([
    { path: 'rules/', type: '5' },
    pax({ path: 'rules/long.rules', size: '38' }),
    { path: 'short', content: RULE },
    { path: `${'d'.repeat(60)}/x`, type: 'L', content: 'e.rules' },
    { path: 'y', content: RULE },
  ]);
  const ARCHIVES: readonly Uint8Array[] = [
    tarred,
    gzipSync(tarred),
    zip(FILES),
    zip(FILES.map((file) => ({ ...file, stored: true }))),
    Buffer.from(RULE),
    gzipSync(Buffer.from(RULE)),
  ];

  it('unpack within their bounds, or are refused for a reason', () => {
    let unpacked = 0;
    play(
      10 * ROUNDS,
      (random) => damaged(random.pick(ARCHIVES), random, 512),
      (input) => {
        try {
          const files = unpackArchive(input as Uint8Array, 'x.rules', LIMITS);
          unpacked++;
          expect(files.length).toBeLessThanOrEqual(LIMITS.files);
          expect(files.reduce((sum, { content }) => sum + content.length, 0)).toBeLessThanOrEqual(LIMITS.bytes);
          for (const { path } of files) expect(path).toMatch(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\\\0:]+$/s);
        } catch (error) {
          if (!(error instanceof ArchiveError)) throw error;
          expect(error.message).not.toBe('');
        }
      },
    );
    expect(unpacked).toBeGreaterThan(0);
  });
});
