/**
 * Random frames, here and in Suricata: which events of decoding each packet raises. It is asked for by hand,
 * `PEER_CASES=8000 npx vitest run test/decode/random-peer.test.ts`: so many frames, or groups of fragments, 2000 at a
 * time. What differs is printed, counted by what is raised on one side alone; what may differ is in random/known.ts.
 * `PEER_SEED` for other ones.
 */
import { describe, expect, it } from 'vitest';
import { DECODE_EVENTS } from '../../src/rule/options/decode-event.js';
import type { CapturedFrame } from '../support/pcap-writer.js';
import { eventsOfFrames } from '../support/reading.js';
import { hasSuricata, refusedBySuricata, suricataEvents } from '../support/suricata.js';
import { randomGroups } from './random/groups.js';
import { withoutReasons, type Difference } from './random/known.js';

const CASES = Number(process.env['PEER_CASES'] ?? 0);
const SEED = Number(process.env['PEER_SEED'] ?? 1);
const AT_A_TIME = 2000;
/** Longer than fragments are kept, so that groups do not meet. */
const PAUSE_NS = 300_000_000_000n;
const START_NS = 1_700_000_000_000_000_000n;

if (CASES === 0) console.warn('skipped: random frames beside Suricata are asked for by PEER_CASES=8000');

const ruleOf = (event: string): string => `alert pkthdr any any -> any any (decode-event:${event}; sid:1;)`;

/** Events that are raised here and known there. */
function sharedEvents(): string[] {
  const names = [...DECODE_EVENTS.events].flatMap(([name, { kind }]) => (kind === 'raised' ? [name] : []));
  const refused = refusedBySuricata(names.map((name, i) => ruleOf(name).replace('sid:1', `sid:${i + 1}`)));
  const isRefused = new Set([...refused.keys()].map((rule) => /decode-event:([^;]+);/.exec(rule)![1]!));
  return names.filter((name) => !isRefused.has(name));
}

function framesOf(groups: readonly (readonly Uint8Array[])[]): CapturedFrame[] {
  return groups.flatMap((group, i) =>
    group.map((bytes, n) => ({ bytes, timeNs: START_NS + BigInt(i) * PAUSE_NS + BigInt(n) * 1000n })),
  );
}

interface Event {
  readonly pcap_cnt?: number;
  readonly alert?: { readonly signature_id: number };
}

/** By number of the packet, from 1 on. */
function eventsOfPackets(events: readonly Event[], names: readonly string[]): Map<number, Set<string>> {
  const found = new Map<number, Set<string>>();
  for (const { pcap_cnt, alert } of events) {
    if (alert === undefined || pcap_cnt === undefined) continue;
    const of = found.get(pcap_cnt) ?? new Set();
    found.set(pcap_cnt, of.add(names[alert.signature_id - 1]!));
  }
  return found;
}

const without = (some: ReadonlySet<string>, others: ReadonlySet<string>): string[] =>
  [...some].filter((one) => !others.has(one)).sort();

function differencesOf(frames: readonly CapturedFrame[], names: readonly string[]): Difference[] {
  const rules = names.map((name, i) => ruleOf(name).replace('sid:1', `sid:${i + 1}`));
  const theirs = eventsOfPackets(suricataEvents(frames, rules, ['packet-alert-max=250']), names);
  const ours = eventsOfPackets(eventsOfFrames(frames, rules, ['checksums=ignore']), names);
  return frames.flatMap(({ bytes }, index): Difference[] => {
    const [there, here] = [theirs, ours].map((events) => events.get(index + 1) ?? new Set<string>());
    const both = [...there!].filter((event) => here!.has(event));
    const difference = { bytes, onlyThere: without(there!, here!), onlyHere: without(here!, there!), both };
    return difference.onlyThere.length + difference.onlyHere.length > 0 ? [difference] : [];
  });
}

describe.runIf(CASES > 0 && hasSuricata)('random frames', () => {
  it('raise the events that they raise in Suricata', () => {
    const names = sharedEvents();
    const unknown = new Map<string, Difference[]>();
    const known = new Map<string, number>();
    let all = 0;
    for (let chunk = 0; chunk * AT_A_TIME < CASES; chunk++) {
      const frames = framesOf(randomGroups(SEED * 1000 + chunk, AT_A_TIME));
      all += frames.length;
      for (const one of differencesOf(frames, names)) {
        const { left, reasons } = withoutReasons(one);
        for (const reason of reasons) known.set(reason, (known.get(reason) ?? 0) + 1);
        if (left.onlyThere.length + left.onlyHere.length === 0) continue;
        const sides = `only there [${left.onlyThere.join(' ')}], only here [${left.onlyHere.join(' ')}]`;
        unknown.set(sides, [...(unknown.get(sides) ?? []), left]);
      }
    }
    const sorted = [...unknown].sort(([, a], [, b]) => b.length - a.length);
    for (const [sides, found] of sorted) {
      const { bytes, both } = found.sort((a, b) => a.bytes.length - b.bytes.length)[0]!;
      console.log(`${found.length}: ${sides}, as in ${Buffer.from(bytes).toString('hex')}, both [${both.join(' ')}]`);
    }
    const differing = sorted.reduce((sum, [, found]) => sum + found.length, 0);
    console.log(
      [
        `${all} frames, ${names.length} events: ${differing} frames differ without a reason`,
        ...[...known].map(([kind, count]) => `  ${count} frames: ${kind}`),
      ].join('\n'),
    );
    expect(all).toBeGreaterThan(0);
  }, 3_600_000);
});
