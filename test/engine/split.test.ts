/**
 * The same connections in other segments: what rules find in streams and transactions, and how often, is the same.
 *
 * `npm test` does it with the samples and the rules that ship. PERISCOPE_SPLIT=REGEX does it with the captures of
 * ../shared whose names fit, and ET Open; `.` is all of them, which takes half an hour.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RULE, RULE_KIND } from '../../src/block/rule-block.js';
import { RuleSet } from '../../src/block/rule-set.js';
import { buildRuleSet } from '../../src/load/build-rule-set.js';
import { cutSegments, readFrames } from '../support/cut-segments.js';
import { pcapFile } from '../support/pcap-writer.js';
import { sharedPath } from '../support/read-pcap.js';
import { inRoot } from '../support/root.js';
import { Folder, parseEvents, periscope, type EveEvent } from '../support/sensor.js';

const ASKED = process.env['PERISCOPE_SPLIT'];
const captureFolder = sharedPath('conformance/et-open/captures');
const ruleArchive = sharedPath('rules/et-open-2024-03.rules.gz');
const isAsked = ASKED !== undefined && existsSync(captureFolder) && existsSync(ruleArchive);
if (ASKED !== undefined && !isAsked) console.warn('SKIPPED: ../shared/conformance is absent, its captures are not cut');

/** What packets alone decide, and how often, changes with them; so does what asks for marks that they set. */
const COUNTED: readonly number[] = [RULE_KIND.address, RULE_KIND.stream, RULE_KIND.detected, RULE_KIND.tx];
const FOUND: readonly number[] = [RULE_KIND.application, RULE_KIND.txPayload];

const folder = new Folder();
afterAll(() => folder.remove());

/** Rules without what counts across flows and captures. */
function rulesOf(archive: string): string {
  const text = gunzipSync(readFileSync(archive)).toString('latin1');
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith('alert') && !/[;(]\s*(xbits|hostbits)\s*:/.test(line))
    .map((line) => line.replace(/(?<=[;(])\s*(threshold|detection_filter)\s*:[^;]*;/g, ''));
  return folder.write('all.rules', Buffer.from(lines.join('\n'), 'latin1'));
}

/** Rules that ask for marks which rules over packets set, or take away. */
function markedByPackets(archive: string, kinds: ReadonlyMap<number, number>): Set<number> {
  const lines = gunzipSync(readFileSync(archive))
    .toString('latin1')
    .split('\n')
    .filter((line) => line.startsWith('alert'));
  const sidOf = (line: string): number => Number(/[;(]\s*sid\s*:\s*(\d+)/.exec(line)?.[1]);
  const marks = (line: string, commands: string): string[] =>
    [...line.matchAll(new RegExp(`[;(]\\s*flowbits\\s*:\\s*(?:${commands})\\s*,([^;]*)`, 'g'))].flatMap(([, names]) =>
      names.split('|').map((name) => name.trim()),
    );
  const isOfStreams = (line: string): boolean => {
    const kind = kinds.get(sidOf(line));
    return kind === undefined || COUNTED.includes(kind) || FOUND.includes(kind);
  };
  const set = new Set(lines.filter((line) => !isOfStreams(line)).flatMap((line) => marks(line, 'set|unset|toggle')));
  const asking = lines.filter((line) => marks(line, 'isset|isnotset').some((name) => set.has(name)));
  return new Set(asking.map(sidOf));
}

type Variables = Readonly<Record<string, string>>;

function kindsOf(rules: string, variables: Variables): Map<number, number> {
  const { handle } = buildRuleSet({
    rules: [rules],
    variables,
    classificationFile: '',
    referenceFile: '',
    thresholdFile: '',
    includeDisabled: false,
    generation: 1,
  });
  const set = new RuleSet(handle.block);
  const kinds = new Map<number, number>();
  for (let row = 0; row < set.ruleCount; row++) {
    const at = set.rowAt(row);
    kinds.set(set.words[at + RULE.sid] >>> 0, set.words[at + RULE.kind]);
  }
  return kinds;
}

async function alertsOf(rules: string, variables: Variables, captures: readonly string[]): Promise<EveEvent[]> {
  const eve = folder.at('eve.json');
  // Beyond the depth each segment is inspected by itself.
  const settings = ['stream.midstream=false', 'checksums=ignore', 'stream.depth=0'];
  const set = settings.flatMap((setting) => ['--set', setting]);
  const given = Object.entries(variables).flatMap(([name, value]) => ['--var', `${name}=${value}`]);
  const { status, stderr } = await periscope(['read', ...captures, '--rules', rules, ...set, ...given, '--eve', eve]);
  expect(status, stderr).toBe(0);
  return parseEvents(readFileSync(eve, 'latin1'));
}

/** Capture, rule and ends of each alert that does not depend on packets, and how often it came. */
function counted(events: readonly EveEvent[], kinds: ReadonlyMap<number, number>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { alert, pcap_filename, src_ip, src_port, dest_ip, dest_port } of events) {
    const kind = kinds.get(alert.signature_id);
    if (kind === undefined) continue;
    if (!COUNTED.includes(kind) && !FOUND.includes(kind)) continue;
    const name = `${basename(pcap_filename!)} ${alert.signature_id} ${src_ip}:${src_port} ${dest_ip}:${dest_port}`;
    counts.set(name, COUNTED.includes(kind) ? (counts.get(name) ?? 0) + 1 : 1);
  }
  return counts;
}

function differences(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names]
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => `${name}: ${before.get(name) ?? 0}, cut ${after.get(name) ?? 0}`)
    .sort();
}

function cutInto(size: number, captures: readonly string[]): string[] {
  return captures.map((path, index) => {
    const frames = readFrames(path);
    const linkType = frames[0]?.linkType ?? 1;
    const pieces = cutSegments(frames, { size, window: 6, again: 8, seed: index + 1 });
    const timed = pieces.map(({ bytes, timeUs, wireLength }) => ({
      bytes,
      wireLength,
      timeNs: BigInt(Math.round(timeUs)) * 1000n,
    }));
    return folder.write(`cut/${basename(path)}`, pcapFile(timed, { linkType }));
  });
}

const SIZES = [1, 2, 7];

describe('samples cut into small segments, shuffled and sent again', () => {
  const rules = inRoot('rules');
  const names = readdirSync(inRoot('samples')).filter((name) => name.endsWith('.pcap'));
  const captures = names.map((name) => inRoot(`samples/${name}`));
  const variables = { HOME_NET: '10.0.0.0/8' };
  let kinds: ReadonlyMap<number, number>;
  let before: ReadonlyMap<string, number>;
  beforeAll(async () => {
    kinds = kindsOf(rules, variables);
    before = counted(await alertsOf(rules, variables, captures), kinds);
  });

  it.each(SIZES)('to %i bytes find the same', async (size) => {
    const after = counted(await alertsOf(rules, variables, cutInto(size, captures)), kinds);
    expect(before.size).toBeGreaterThan(0);
    expect(differences(before, after)).toEqual([]);
  });
});

describe.runIf(isAsked)('captures cut into small segments, shuffled and sent again', () => {
  const variables = { HOME_NET: 'any', EXTERNAL_NET: 'any' };
  let captures: string[];
  let rules: string;
  let kinds: ReadonlyMap<number, number>;
  let before: ReadonlyMap<string, number>;
  beforeAll(async () => {
    const names = readdirSync(captureFolder).filter((name) => new RegExp(ASKED!).test(name));
    captures = names.map((name) => join(captureFolder, name));
    rules = rulesOf(ruleArchive);
    const all = kindsOf(rules, variables);
    const marked = markedByPackets(ruleArchive, all);
    kinds = new Map([...all].filter(([sid]) => !marked.has(sid)));
    before = counted(await alertsOf(rules, variables, captures), kinds);
  }, 600_000);

  it.each(SIZES)(
    'to %i bytes find the same',
    async (size) => {
      const after = counted(await alertsOf(rules, variables, cutInto(size, captures)), kinds);
      expect(before.size).toBeGreaterThan(0);
      expect(differences(before, after)).toEqual([]);
    },
    3_600_000,
  );
});
