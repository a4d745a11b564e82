/**
 * The rules that ship: each has traffic that raises its alert once and traffic that comes close and does not. The
 * tables are in cases/, one per file of rules/; the whole set is loaded, so rules are seen beside each other.
 */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultClassifications } from '../../src/load/classification.js';
import { loadRules } from '../../src/load/load-rules.js';
import type { RuleProgram } from '../../src/rule/program.js';
import { Inspector, loadPrograms } from '../support/inspect.js';
import type { TimedFrame } from '../support/recording.js';
import type { RuleCase } from './cases/case.js';
import { commandAndControlCases } from './cases/command-and-control.js';
import { dnsAbuseCases } from './cases/dns-abuse.js';
import { policyCases } from './cases/policy.js';
import { scanCases } from './cases/scans.js';
import { webAttackCases } from './cases/web-attacks.js';

const RULES = fileURLToPath(new URL('../../rules/', import.meta.url));

/** File, prefix of its messages, first sid of its thousand, and its table. */
const THEMES: readonly { file: string; prefix: string; first: number; cases: readonly RuleCase[] }[] = [
  { file: 'scans.rules', prefix: 'PERISCOPE SCAN ', first: 1000000, cases: scanCases },
  { file: 'web-attacks.rules', prefix: 'PERISCOPE WEB ', first: 1001000, cases: webAttackCases },
  { file: 'command-and-control.rules', prefix: 'PERISCOPE C2 ', first: 1002000, cases: commandAndControlCases },
  { file: 'dns-abuse.rules', prefix: 'PERISCOPE DNS ', first: 1003000, cases: dnsAbuseCases },
  { file: 'policy.rules', prefix: 'PERISCOPE POLICY ', first: 1004000, cases: policyCases },
];

let programs: readonly RuleProgram[];
let inspector: Inspector;

beforeAll(() => {
  programs = loadPrograms(RULES);
  inspector = new Inspector(programs);
});

/** How often rule `sid` alerts. */
const count = (sid: number, frames: readonly TimedFrame[]): number =>
  inspector.alerts(frames).filter((alert) => alert.sid === sid).length;

describe('the set of rules', () => {
  it('has a theme for each file', () => {
    expect(
      readdirSync(RULES)
        .filter((name) => name.endsWith('.rules'))
        .toSorted(),
    ).toEqual(THEMES.map(({ file }) => file).toSorted());
  });

  it('has more than forty rules, none of which waits', () => {
    expect(programs.length).toBeGreaterThanOrEqual(48);
    expect(programs.filter(({ waitingFor }) => waitingFor.length > 0).map(({ sid }) => sid)).toEqual([]);
  });

  it('says of each rule what it is', () => {
    const classes = defaultClassifications();
    const lacking = programs.filter(
      ({ msg, classtype, rev, metadata }) =>
        msg === '' ||
        classtype === undefined ||
        !classes.has(classtype) ||
        rev < 1 ||
        !metadata.has('created_at') ||
        !metadata.has('confidence'),
    );
    expect(lacking.map(({ sid }) => sid)).toEqual([]);
    expect(new Set(programs.map(({ msg }) => msg)).size).toBe(programs.length);
  });

  it('looks for four bytes or more, or for no content at all', () => {
    const dear = programs.filter(({ fastPattern, buffers }) =>
      fastPattern === undefined
        ? buffers.some(({ matches }) => matches.some(({ kind }) => kind === 'content'))
        : fastPattern.bytes.length < 4,
    );
    expect(dear.map(({ sid }) => sid)).toEqual([]);
  });

  it('holds back an example for one mirror session, which loads and tests the VNI', () => {
    const { programs: all, failed } = loadRules({ rules: [RULES], includeDisabled: true });
    expect(failed).toBe(0);
    expect(all.length).toBe(programs.length + 1);
    const example = all.find(({ sid }) => sid === 1004900);
    expect(example?.flowTests).toContainEqual(expect.objectContaining({ kind: 'field', field: 'vni' }));
  });
});

describe.each(THEMES)('$file', ({ file, prefix, first, cases }) => {
  const ofFile = (): readonly RuleProgram[] => programs.filter(({ origin }) => origin.file.endsWith(`/${file}`));

  it('has a case of both kinds for every rule', () => {
    expect(cases.map(({ sid }) => sid).toSorted()).toEqual(
      ofFile()
        .map(({ sid }) => sid)
        .toSorted(),
    );
    expect(
      cases.filter(({ fires, silent }) => Object.keys(fires).length === 0 || Object.keys(silent).length === 0),
    ).toEqual([]);
  });

  it('keeps to its prefix and its numbers', () => {
    const astray = ofFile().filter(({ msg, sid }) => !msg.startsWith(prefix) || sid <= first || sid >= first + 1000);
    expect(astray.map(({ sid, msg }) => `${sid} ${msg}`)).toEqual([]);
  });

  describe.each(cases)('$sid', ({ sid, fires, silent }) => {
    it.each(Object.entries(fires))('fires once: %s', (_name, frames) => {
      expect(count(sid, frames)).toBe(1);
    });

    it.each(Object.entries(silent))('stays silent: %s', (_name, frames) => {
      expect(count(sid, frames)).toBe(0);
    });
  });
});
