/** What rules cost: counts against those that a naive reading of rules and packets gives; times are not looked at. */
import { describe, expect, it } from 'vitest';
import {
  allocateProfile,
  InspectionProfile,
  RULE_COST,
  RULE_COST_COLUMNS,
} from '../../src/block/inspection-profile.js';
import type { RuleSet } from '../../src/block/rule-set.js';
import type { Detector } from '../../src/detect/detect.js';
import type { DetectorOptions } from '../../src/detect/detector-options.js';
import { openDetector, ProfiledDetector } from '../../src/detect/profiled-detector.js';
import { Sensor } from '../support/detecting.js';
import { programsOf } from '../support/inspect.js';
import { NaiveScanner } from '../support/naive-scanner.js';
import { ethernet, ipv4, udp } from '../support/packet-builder.js';

interface Datagram {
  readonly port: number;
  readonly text: string;
}

interface NaiveRule {
  readonly sid: number;
  readonly port?: number;
  /** The first is the longest, and so what the rule is found by. */
  readonly contents: readonly string[];
  /** A flowbit that nobody sets is asked for. */
  readonly never?: boolean;
}

const NAIVE_RULES: readonly NaiveRule[] = [
  { sid: 1, contents: ['needle'] },
  { sid: 2, port: 53, contents: ['needle'] },
  { sid: 3, contents: ['needle', 'hay'] },
  { sid: 4, contents: ['needle'], never: true },
  { sid: 5, contents: ['absent'] },
  { sid: 6, port: 80, contents: [] },
];

const textOf = ({ sid, port, contents, never }: NaiveRule): string => {
  const options = [
    ...contents.map((content) => `content:"${content}";`),
    ...(contents.length === 0 ? ['dsize:>4;'] : []),
    ...(never === true ? ['flowbits:isset,never;'] : []),
  ];
  return `alert udp any any -> any ${port ?? 'any'} (msg:"rule ${sid}"; ${options.join(' ')} sid:${sid};)`;
};

const RULES = [...NAIVE_RULES.map(textOf), 'alert udp any any -> any 1 (flowbits:set,never; noalert; sid:7;)'].join(
  '\n',
);

const WORDS = ['needle', 'hay', 'needle in hay', 'hay needle', 'nothing of it', 'x'];
const DATAGRAMS: readonly Datagram[] = [53, 80, 5000].flatMap((port) => WORDS.map((text) => ({ port, text })));

/** Candidates, evaluations and matches of a rule. */
function naiveCosts({ port, contents, never }: NaiveRule): readonly number[] {
  const candidates = DATAGRAMS.filter(
    (datagram) =>
      (port === undefined || datagram.port === port) &&
      (contents.length === 0 ? datagram.text.length > 4 : datagram.text.includes(contents[0])),
  );
  const evaluated = never === true ? [] : candidates;
  const matched = evaluated.filter(({ text }) => contents.every((content) => text.includes(content)));
  return [candidates.length, evaluated.length, matched.length];
}

const frames = DATAGRAMS.map(({ port, text }, i) =>
  ethernet({}, ipv4({ src: `10.0.0.${i + 1}` }, udp({ dstPort: port }, text))),
);

function profileOf(rules: RuleSet): InspectionProfile {
  return new InspectionProfile(allocateProfile(rules.ruleCount));
}

function rowOf(rules: RuleSet, sid: number): number {
  return Array.from({ length: rules.ruleCount }, (_, row) => row).find((row) => rules.ruleInfo(row).sid === sid)!;
}

function costs(rules: RuleSet, profile: InspectionProfile, sid: number): readonly number[] {
  const at = rowOf(rules, sid) * RULE_COST_COLUMNS;
  return [RULE_COST.candidates, RULE_COST.evaluations, RULE_COST.matches].map((column) => profile.rules[at + column]);
}

describe('what rules cost', () => {
  const programs = programsOf(RULES);
  const plain = new Sensor(programs);
  const profile = profileOf(plain.rules);
  const profiled = new Sensor(programs, { detector: { profile } });
  const alerts = frames.map((frame) => profiled.sids(frame));

  it.each(NAIVE_RULES)('is counted as a naive reading counts it: rule $sid', (rule) => {
    expect(costs(profiled.rules, profile, rule.sid)).toEqual(naiveCosts(rule));
  });

  it('is measured by detectors that are asked to, and by no others', () => {
    const open = (options: DetectorOptions): Detector => {
      const memory = plain.rules.memory as SharedArrayBuffer;
      return openDetector(plain.rules, new NaiveScanner(memory), options);
    };
    expect(open({ profile: profileOf(plain.rules) })).toBeInstanceOf(ProfiledDetector);
    expect(open({})).not.toBeInstanceOf(ProfiledDetector);
  });

  it('changes no alert', () => {
    expect(alerts).toEqual(frames.map((frame) => plain.sids(frame)));
    expect(alerts.flat().length).toBeGreaterThan(10);
  });

  it('has times where rules were verified, and nowhere else', () => {
    for (let at = 0; at < profile.rules.length; at += RULE_COST_COLUMNS) {
      const hasTime = profile.rules[at + RULE_COST.microseconds] > 0;
      expect(hasTime).toBe(profile.rules[at + RULE_COST.evaluations] > 0);
      expect(profile.rules[at + RULE_COST.longest]).toBeLessThanOrEqual(profile.rules[at + RULE_COST.microseconds]);
    }
  });
});

describe('the costs of several shards', () => {
  it('are added up; of the longest evaluations there is one', () => {
    const memories = [allocateProfile(3), allocateProfile(3)];
    memories.forEach((memory, shard) => {
      const one = new InspectionProfile(memory);
      one.addCandidate(2);
      one.addEvaluation(2, 10 + shard);
      one.addMatch(2);
      one.addStage(1, 2, 300, 40, 5);
      one.addPacket(127, 600);
      one.addTime(127, 3, 70);
      expect(one.verification).toBe(10 + shard);
    });
    const sum = InspectionProfile.sum(memories);
    expect(sum.ruleCount).toBe(3);
    expect([...sum.rules]).toEqual([...new Array<number>(10).fill(0), 2, 2, 2, 21, 11]);
    expect([...sum.stages.subarray(4, 8)]).toEqual([4, 600, 80, 10]);
    expect([...sum.applications.subarray(-4)]).toEqual([2, 1200, 0, 140]);
  });
});
