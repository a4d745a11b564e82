/**
 * Damaged files never crash a load, and nothing is said about places that are not there: rule files, threshold.config,
 * classification.config, reference.config, variables, archives.
 */
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
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
import { describeFuzz } from '../fuzz/fuzz-target.js';
import { scratchFile } from '../fuzz/scratch.js';
import { textTarget } from '../fuzz/text-target.js';
import { withoutPlaces } from '../rule/support/arbitrary-rule.js';
import { ODD_RULES, shippedRules } from '../rule/support/rule-corpus.js';
import { pax, tar, zip } from '../support/archive-writer.js';
import { damaged } from '../support/damage.js';

const ROUNDS = 300;

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

const RULES = [...ODD_RULES, ...shippedRules()];
const FILES = ['\n', '\r\n', '\n# x\n', '\n#', ' \\\n', '\n\n', '\n/* c */\n'].flatMap((separator, index) =>
  [2, 5, 8].map((count) => RULES.slice(index * 8, index * 8 + count).join(separator)),
);
/** As files are read. */
const latin = (text: string): string => text.replace(/[^\0-\xff]/g, '?');

describeFuzz(
  textTarget('rule-files', FILES, () => (text) => {
    const source = latin(text);
    let end = -1;
    for (const rule of splitRules(source)) {
      expect(rule.text.trim()).not.toBe('');
      expect(rule.at(0)).toBeGreaterThan(end);
      for (const at of [0, rule.text.length >> 1, rule.text.length - 1])
        expect(source[rule.at(at)]).toBe(rule.text[at]);
      end = rule.at(rule.text.length - 1);
    }
    expect(end).toBeLessThan(Math.max(1, source.length));
    return [];
  }),
  ROUNDS,
);

describeFuzz(
  textTarget('rule-loading', FILES, () => {
    const path = scratchFile('fuzz.rules');
    return (text) => {
      const source = latin(text);
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
      return diagnostics.map(({ code }) => code);
    };
  }),
  Math.ceil(ROUNDS / 3),
);

describe('files of settings', () => {
  const variables = new Variables();
  const THRESHOLDS = [
    'suppress gen_id 1, sig_id 2200079, track by_src, ip [10.0.0.1,!192.168.0.0/16,$HOME_NET]\n',
    'threshold gen_id 1, sig_id 2000001, type limit, track by_src, count 1, seconds 60 # x\n',
    'rate_filter gen_id 1, sig_id 2, track by_dst, count 100, \\\n seconds 10, new_action drop, timeout 60\n',
    'event_filter gen_id 0, sig_id 0, type both, track by_rule, count 5, seconds 1\nsuppress gen_id 1, sig_id 0\n',
  ];

  const readers: [string, readonly string[], (text: string, diagnostics: Diagnostics) => unknown][] = [
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
  ];
  // They are read in part, and the rest is reported.
  for (const [name, seeds, parse] of readers)
    describeFuzz(
      textTarget(name, [...seeds, seeds.join('')], () => (text) => {
        const diagnostics = new Diagnostics();
        expect(parse(text, diagnostics)).toBeDefined();
        expectPlaced(diagnostics, text);
        return diagnostics.list.map(({ code }) => code);
      }),
      2 * ROUNDS,
    );
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

  // They have a value or an error, and print to what they are.
  describeFuzz(
    textTarget('variables', VALUES, () => (text) => {
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
      return [];
    }),
    2 * ROUNDS,
  );
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

  // They are unpacked within their bounds, or refused for a reason.
  describeFuzz(
    {
      name: 'archives',
      seeds: ARCHIVES.map((bytes) => [['file', bytes]]),
      pieces: 'one',
      change: ([piece], random) => [['file', damaged(piece![1] as Uint8Array, random, 512)]],
      open:
        () =>
        ([piece]) => {
          try {
            const files = unpackArchive(piece![1] as Uint8Array, 'x.rules', LIMITS);
            expect(files.length).toBeLessThanOrEqual(LIMITS.files);
            expect(files.reduce((sum, { content }) => sum + content.length, 0)).toBeLessThanOrEqual(LIMITS.bytes);
            for (const { path } of files) expect(path).toMatch(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\\\0:]+$/s);
            return [`${files.length} files`];
          } catch (error) {
            if (!(error instanceof ArchiveError)) throw error;
            expect(error.message).not.toBe('');
            return [error.message.replace(/\d+/g, '#').slice(0, 40)];
          }
        },
    },
    10 * ROUNDS,
  );
});
