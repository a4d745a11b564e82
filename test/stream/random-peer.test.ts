/**
 * Random rules over random TCP connections, here and in Suricata: which rules alert how often, and in which direction.
 * It is asked for by hand, `PEER_CASES=2000 npx vitest run test/stream/random-peer.test.ts`: so many connections, by
 * 250, under 100 rules each. What differs is printed, and summed up by what is odd about the connections; what may
 * differ is in docs/decisions/0026. `PEER_SEED` for others, `PEER_TRAITS=gap,late` for those with these oddities alone,
 * `PEER_SMALLEST=10` to see so many of the differences in their smallest form.
 */
import { describe, expect, it } from 'vitest';
import { Chance } from '../app/random/chance.js';
import { compareFrames, type Difference } from '../app/random/beside.js';
import type { CapturedFrame } from '../support/pcap-writer.js';
import { hasSuricata } from '../support/suricata.js';
import { framesOf, randomConnection, TRAITS, type Connection, type Trait } from './random/connection.js';
import { streamRule } from './random/rules.js';
import { SIDES, smallest } from './random/smallest.js';

const CASES = Number(process.env['PEER_CASES'] ?? 0);
const SEED = Number(process.env['PEER_SEED'] ?? 1);
const SMALLEST = Number(process.env['PEER_SMALLEST'] ?? 0);
const ASKED = process.env['PEER_TRAITS']?.split(',').filter(Boolean);
const FROM: readonly Trait[] = ASKED === undefined ? TRAITS : TRAITS.filter((trait) => ASKED.includes(trait));
const AT_A_TIME = 250;
const RULES = 100;

if (CASES === 0) console.warn('skipped: random connections beside Suricata are asked for by PEER_CASES=2000');

interface Found extends Difference {
  readonly seed: number;
  readonly connection: Connection;
}

/** So many of them, of different rules. */
function chosen(found: readonly Found[]): Found[] {
  const ofRules = [...new Map(found.map((one) => [one.rule, one])).values()];
  return ofRules.slice(0, SMALLEST);
}

const PAUSE_NS = 10_000_000_000n;

/** Each begins when the one before is over: where the time went back, what is idle by then would be swept here. */
function inTurn(talks: readonly (readonly CapturedFrame[])[]): CapturedFrame[][] {
  let end = 1_700_000_000_000_000_000n;
  return talks.map((frames) => {
    const shift = end + PAUSE_NS - (frames[0]?.timeNs ?? 0n);
    const shifted = frames.map((frame) => ({ ...frame, timeNs: (frame.timeNs ?? 0n) + shift }));
    end = shifted.at(-1)?.timeNs ?? end;
    return shifted;
  });
}

describe.runIf(CASES > 0 && hasSuricata)('random rules over random connections', () => {
  it('differ from Suricata as the decision says', () => {
    const found: Found[] = [];
    const connections: Connection[] = [];
    let rulesTaken = 0;
    for (let chunk = 0; chunk * AT_A_TIME < CASES; chunk++) {
      const seed = SEED * 1000 + chunk;
      const chance = new Chance(seed);
      const talks = Array.from({ length: AT_A_TIME }, () => randomConnection(chance, FROM));
      const rules = Array.from({ length: RULES }, (_, i) => streamRule(chance, i + 1));
      const frames = inTurn(talks.map((talk, index) => framesOf(talk, index + 1)));
      const { differences, refused } = compareFrames(frames, rules, SIDES);
      found.push(...differences.map((one) => ({ ...one, seed, connection: talks[one.talk]! })));
      connections.push(...talks);
      rulesTaken += RULES - new Set(refused.map(([rule]) => rule)).size;
    }
    for (const { rule, seed, talk, theirs, ours, connection } of found)
      console.log(`${rule} | ${connection.traits.join(', ')} | ${seed}/${talk}: Suricata [${theirs}], here [${ours}]`);
    const odd = new Set(found.map(({ connection }) => connection));
    for (const trait of [...FROM, undefined]) {
      const having = connections.filter(({ traits }) => (trait ? traits.includes(trait) : traits.length === 0));
      console.log(
        `${trait ?? 'nothing odd'}: ${having.filter((one) => odd.has(one)).length} of ${having.length} differ`,
      );
    }
    console.log(`${connections.length} connections, ${rulesTaken} rules, ${odd.size} connections with differences`);
    if (SMALLEST > 0) for (const text of smallest(chosen(found))) console.log(text);
    expect(connections.length).toBeGreaterThan(0);
  }, 3_600_000);
});
