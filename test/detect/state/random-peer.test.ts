/**
 * Rules with random marks of flows and random thresholds, over random datagrams between three hosts, here and in
 * Suricata: at which packets they alert. It is asked for by hand, `PEER_CASES=100 npx vitest run
 * test/detect/state/random-peer.test.ts`: so many captures, each under rules of its own; `PEER_SEED` for others. What
 * differs is printed. What is left out differs as docs/decisions/0042 says: marks of hosts, and what the peer has of
 * `detection_filter` and of `threshold` that count nothing.
 */
import { describe, expect, it } from 'vitest';
import { Chance } from '../../app/random/chance.js';
import { ethernet, ipv4, udp } from '../../support/packet-builder.js';
import type { CapturedFrame } from '../../support/pcap-writer.js';
import { eventsOfFrames } from '../../support/reading.js';
import { hasSuricata, suricataEvents } from '../../support/suricata.js';

const CASES = Number(process.env['PEER_CASES'] ?? 0);
const SEED = Number(process.env['PEER_SEED'] ?? 1);
const PACKETS = 120;
const RULES = 8;
const START_NS = 1_700_000_000_000_000_000n;
const HOSTS = ['10.0.0.1', '10.0.0.2', '10.0.0.3'] as const;
const WORDS = ['AAAA', 'BBBB', 'CCCC'] as const;
const PAYLOADS = [...WORDS, 'AAAABBBB', 'BBBBCCCC', 'zzzz'] as const;
/** Between two packets; some meet the ends of windows, which have whole seconds. */
const PAUSES_MS = [1, 50, 300, 999, 1000, 1000, 1001, 2000, 5000] as const;

if (CASES === 0) console.warn('skipped: random marks and thresholds beside Suricata are asked for by PEER_CASES=100');

function randomFrames(chance: Chance): CapturedFrame[] {
  let timeNs = START_NS;
  return Array.from({ length: PACKETS }, () => {
    timeNs += BigInt(chance.one(PAUSES_MS)) * 1_000_000n;
    const src = chance.one(HOSTS);
    const dst = chance.one(HOSTS.filter((host) => host !== src));
    const ports = { srcPort: chance.one([1000, 2000, 3000]), dstPort: chance.one([4000, 5000]) };
    return { timeNs, bytes: ethernet({}, ipv4({ src, dst }, udp(ports, chance.one(PAYLOADS)))) };
  });
}

const flowbits = (chance: Chance): string => {
  const operation = chance.one(['set', 'unset', 'isset', 'isnotset']);
  const several = operation.startsWith('is') && chance.often(30);
  return `flowbits:${operation},${several ? 'one|two' : chance.one(['one', 'two'])};`;
};
const flowint = (chance: Chance): string => {
  const operation = ['+,1', '-,1', '=,2', '>,1', '<,3', '==,2', '!=,1', '>=,2', 'isset', 'notset'];
  return `flowint:${chance.one(['one', 'two'])},${chance.one(operation)};`;
};
const TRACKS = ['by_src', 'by_dst', 'by_both', 'by_rule', 'by_flow'] as const;
const threshold = (chance: Chance): string => {
  const seconds = chance.one([1, 2, 5, 10, 60]);
  const filter = `detection_filter:track ${chance.one(['by_src', 'by_dst', 'by_flow'])}`;
  const type = chance.one(['limit', 'both', 'threshold']);
  const count = chance.one([2, 3, 5]);
  return chance.one([
    () => `threshold:type ${type}, track ${chance.one(TRACKS)}, count ${count}, seconds ${seconds};`,
    () => `threshold:type backoff, track by_flow, count ${count}, multiplier ${chance.one([2, 3, 10])};`,
    () => `${filter}, count ${count}, seconds ${seconds};`,
  ])();
};
const KINDS: Readonly<Record<string, (chance: Chance) => string>> = {
  flowbits: (chance) => [flowbits, ...(chance.often(50) ? [flowbits] : [])].map((make) => make(chance)).join(' '),
  flowint: (chance) => [flowint, ...(chance.often(50) ? [flowint] : [])].map((make) => make(chance)).join(' '),
  threshold,
};

const alertsIn = (events: readonly { pcap_cnt?: number; alert?: { signature_id: number } }[]): string[] =>
  events.flatMap(({ pcap_cnt, alert }) => (alert === undefined ? [] : [`${alert.signature_id}@${pcap_cnt}`])).sort();

describe.runIf(CASES > 0 && hasSuricata)('random marks and thresholds', () => {
  it.each(Object.entries(KINDS))(
    'alert where they do in Suricata: %s',
    (kind, options) => {
      let alerts = 0;
      let differing = 0;
      for (let seed = SEED * 1000; seed < SEED * 1000 + CASES; seed++) {
        const chance = new Chance(seed);
        const frames = randomFrames(chance);
        const rules = Array.from(
          { length: RULES },
          (_, i) =>
            `alert udp any any -> any any (msg:"x"; content:"${chance.one(WORDS)}"; ${options(chance)} sid:${i + 1};)`,
        );
        const theirs = alertsIn(suricataEvents(frames, rules, []));
        const ours = alertsIn(eventsOfFrames(frames, rules, ['eve.types=alert']));
        alerts += theirs.length;
        if (theirs.join() === ours.join()) continue;
        differing++;
        const onlyThere = theirs.filter((each) => !ours.includes(each));
        const onlyHere = ours.filter((each) => !theirs.includes(each));
        console.log(`${kind}, ${seed}: only there [${onlyThere.join(' ')}], only here [${onlyHere.join(' ')}]`);
        console.log(rules.join('\n'));
      }
      console.log(`${kind}: ${CASES} captures, ${alerts} alerts there, ${differing} captures differ`);
      expect(alerts).toBeGreaterThan(0);
    },
    3_600_000,
  );
});
