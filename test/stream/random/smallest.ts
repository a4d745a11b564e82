/** Differences between both engines in their smallest form: what may go of the connection and of the rule is gone. */
import { differencesOf, type Sides } from '../../app/random/beside.js';
import { eventsInProcess } from '../../support/in-process-events.js';
import type { CapturedFrame } from '../../support/pcap-writer.js';
import { TCP_FLAG } from '../../support/packet-builder.js';
import { framesOf, type Connection, type Segment } from './connection.js';

export const SIDES: Sides = {
  here: (frames, rules) => eventsInProcess(frames, rules, { midstream: false, streams: { policy: 'windows' } }),
  there: ['packet-alert-max=250', 'stream.reassembly.urgent.policy=inline'],
};
const { syn: SYN, ack: ACK, fin: FIN } = TCP_FLAG;
const ROUNDS = 25;
/** Ways to make one smaller that are tried at a time. */
const WAYS = 60;

export interface Differing {
  readonly connection: Connection;
  readonly rule: string;
}

/** Each as text: the rule, and the segments. All are made smaller together, as each run of an engine takes long. */
export function smallest(found: readonly Differing[]): string[] {
  let current = found;
  for (let round = 0; round < ROUNDS; round++) {
    const next = smaller(current);
    if (next.every((one, index) => one === current[index])) break;
    current = next;
  }
  const frames = current.map(({ connection }, index) => framesOf(connection, index + 1));
  const rules = current.map(({ rule }, index) => withSid(rule, index + 1));
  const last = differencesOf(frames, rules, SIDES);
  return current.map(({ connection, rule }, index) => {
    const alerts = last.find((one) => one.talk === index && one.rule === rules[index]);
    const answers = `Suricata [${alerts?.theirs}], here [${alerts?.ours}]`;
    const lines = connection.segments.map((segment) => `  ${told(segment)}`);
    return [`${rule}: ${answers}, ${connection.stepMs} ms`, ...lines].join('\n');
  });
}

/** Of each the smallest that still differs: fewest segments, then the shortest rule; itself where there is none. */
function smaller(current: readonly Differing[]): Differing[] {
  const tried: { of: number; talk: number; sid: number; differing: Differing }[] = [];
  const frames: CapturedFrame[][] = [];
  const rules: string[] = [];
  for (const [of, one] of current.entries()) {
    const sids = [one.rule, ...simplerRules(one.rule)].map((rule) => {
      rules.push(withSid(rule, rules.length + 1));
      return rules.length;
    });
    for (const connection of [one.connection, ...shorter(one.connection)]) {
      const talk = frames.length;
      frames.push(framesOf(connection, talk + 1));
      for (const sid of sids) tried.push({ of, talk, sid, differing: { connection, rule: rules[sid - 1]! } });
    }
  }
  const different = new Set(differencesOf(frames, rules, SIDES).map(({ talk, rule }) => `${talk} ${rule}`));
  return current.map((one, index) => {
    const [best] = tried
      .filter(({ of, talk, differing }) => of === index && different.has(`${talk} ${differing.rule}`))
      .map(({ differing }) => differing)
      .sort(
        (a, b) =>
          a.connection.segments.length - b.connection.segments.length ||
          withSid(a.rule, 0).length - withSid(b.rule, 0).length,
      );
    const isSmaller =
      best !== undefined &&
      (best.connection.segments.length < one.connection.segments.length ||
        withSid(best.rule, 0).length < withSid(one.rule, 0).length);
    return isSmaller ? best : one;
  });
}

function told({ side, flags, at, ack, text, urgent }: Segment): string {
  const named = [...'FSRPAU'].filter((_, bit) => ((flags >> bit) & 1) === 1).join('');
  const pointer = urgent === undefined ? '' : ` urg ${urgent}`;
  return `${side} ${named} ${at}+${text.length} ack ${ack}${pointer} ${JSON.stringify(text)}`;
}

const withSid = (rule: string, sid: number): string => rule.replace(/sid:\d+;/, `sid:${sid};`);

/** The largest cuts first. */
function shorter(connection: Connection): Connection[] {
  const { segments } = connection;
  const found: Segment[][] = [];
  for (let size = Math.ceil(segments.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let at = 0; at + size <= segments.length; at += size)
      found.push([...segments.slice(0, at), ...segments.slice(at + size)]);
  const mayMiss = !isWhole(segments);
  return found
    .filter((one) => one.length > 0 && (mayMiss || isWhole(one)))
    .slice(0, WAYS)
    .map((one) => ({ ...connection, segments: one }));
}

/** Whether nothing is missing of what was sent, or acknowledged, at any time. */
function isWhole(segments: readonly Segment[]): boolean {
  const there = { '>': new Set([-1]), '<': new Set([-1]) };
  return (
    segments.some(({ flags }) => (flags & SYN) !== 0) &&
    segments.every(({ side, flags, at, text, ack }) => {
      if ((flags & ACK) !== 0 && ack > 0 && !there[side === '>' ? '<' : '>'].has(ack - 1)) return false;
      for (let i = 0; i < text.length + (flags & FIN); i++) there[side].add(at + i);
      return true;
    }) &&
    [there['>'], there['<']].every((bytes) => bytes.size === Math.max(...bytes) + 2)
  );
}

/** Without one of its options each; a content stays. */
function simplerRules(rule: string): string[] {
  const [, head, body] = /^(.*?\()(.*)\)$/s.exec(rule)!;
  const options = body!.match(/(?:[^;"]|"[^"]*")+;/g)!;
  return options
    .filter((option) => !/^\s*sid:/.test(option))
    .map((gone) => `${head}${options.filter((option) => option !== gone).join('')})`)
    .filter((one) => /content:"/.test(one));
}
