/**
 * What pcre keeps of its groups. Stage: rule. Reference: Suricata, payload keywords, "pcre".
 *
 *   "/user=(\S+) id=(\d+)/i, flow:user, alert:id"     names behind the flags, for the groups in their order
 *   "/(\w+)=(\S+)/, pkt:key, pkt:value"               one group names the variable, the next one is its value
 *   "/user=(?P<flow_user>\S+)/"                        the group's own name, with flow_, pkt_ or alert_
 */
import type { PcrePattern } from '../../match/pcre/node.js';
import type { Word } from '../ast.js';
import type { CapturedGroup } from '../buffer-match.js';
import type { RuleBuilder } from '../compile/rule-builder.js';
import type { Diagnostics, Span } from '../diagnostics/diagnostic.js';
import { partSpan } from './value.js';

/** Where the text of a group goes, and under which name. */
export interface GroupCapture {
  readonly group: number;
  readonly of: 'flow' | 'packet' | 'alert' | 'key' | 'value';
  readonly name: string;
}

/** Of one expression, as in Suricata. */
const MOST_CAPTURES = 8;
const HOLDERS = { flow: 'flow', pkt: 'packet', alert: 'alert' } as const;
type Prefix = keyof typeof HOLDERS;
const LIST = /(?:(?:\s*,\s*|\s+)(?:flow|pkt|alert):[^\s,"/]+)*\s*$/;
const GROUP_NAME = /^(flow|pkt|alert)_(\w+)$/;

/** The list of names at the end of what stands between the quotes, or ''. */
export const captureList = (body: string): string => LIST.exec(body)![0];

/** Undefined, and reported, where the names behind the flags, from `start` of the value on, are not those of groups. */
export function readCaptures(
  word: Word,
  start: number,
  list: string,
  { groupCount, names }: PcrePattern,
  source: string,
  diagnostics: Diagnostics,
): readonly GroupCapture[] | undefined {
  const words = [...list.matchAll(/[^\s,]+/g)];
  const span = (place: number): Span => {
    const [text] = words[place]!;
    return partSpan(word, start + words[place]!.index, start + words[place]!.index + text.length);
  };
  const captures: GroupCapture[] = words.map(([text], place) => captureOf(text, place + 1, words[place - 1]?.[0]));
  const wrong = captures.findIndex(({ of }, place) => !isPaired(of, captures[place - 1]?.of, captures[place + 1]?.of));
  if (wrong >= 0) {
    diagnostics.error(
      'bad-capture',
      'pkt:key and pkt:value stand one behind the other',
      span(wrong),
      'write pkt:key,pkt:value for two groups, the name and the value',
    );
    return undefined;
  }
  if (captures.length > groupCount) {
    const message = `the pattern has ${groupCount} group${groupCount === 1 ? '' : 's'}, and this is name ${groupCount + 1}`;
    diagnostics.error('bad-capture', message, span(groupCount), 'write one name for each group, in their order');
    return undefined;
  }
  for (const [text, group] of names) {
    const [, prefix, name] = GROUP_NAME.exec(text) ?? [];
    if (name !== undefined && source.includes(`(?P<${text}>`))
      captures.push({ group, of: HOLDERS[prefix as Prefix], name });
  }
  if (captures.length <= MOST_CAPTURES) return captures;
  diagnostics.error(
    'bad-capture',
    `${captures.length} groups are to be kept; ${MOST_CAPTURES} is the most`,
    word.span,
    'write several pcre options',
  );
  return undefined;
}

function captureOf(text: string, group: number, before: string | undefined): GroupCapture {
  const colon = text.indexOf(':');
  const prefix = text.slice(0, colon) as Prefix;
  const name = text.slice(colon + 1);
  if (prefix !== 'pkt') return { group, of: HOLDERS[prefix], name };
  if (name === 'key') return { group, of: 'key', name };
  return { group, of: name === 'value' || before === 'pkt:key' ? 'value' : 'packet', name };
}

function isPaired(
  of: GroupCapture['of'],
  before: GroupCapture['of'] | undefined,
  after: GroupCapture['of'] | undefined,
): boolean {
  if (of === 'value') return before === 'key';
  return of !== 'key' || after === 'value';
}

/** Adds what becomes of the groups when the rule has matched. */
export function addCaptures(captures: readonly GroupCapture[], builder: RuleBuilder): readonly CapturedGroup[] {
  const groups: CapturedGroup[] = [];
  let key = 0;
  for (const { group, of, name } of captures) {
    const text = builder.texts++;
    groups.push({ group, text });
    if (of === 'key') key = text;
    else if (of === 'value')
      builder.addBitEffect({ scope: 'flow', operation: 'set', names: [], capture: { of: 'pair', key, text } });
    else if (of === 'alert')
      builder.addBitEffect({ scope: 'flow', operation: 'set', names: [], capture: { of, key: name, text } });
    else
      builder.addBitEffect({ scope: 'flow', operation: 'set', names: [variableName(of, name)], capture: { of, text } });
  }
  return groups;
}

/** Variables, bits and numbers have names of their own. */
export const variableName = (of: 'flow' | 'packet', name: string): string =>
  `${of === 'flow' ? 'flowvar' : 'pktvar'}:${name}`;

const WRITTEN = { flow: 'flow:', packet: 'pkt:', alert: 'alert:', key: 'pkt:', value: 'pkt:' } as const;

/** Those behind the flags; those of named groups stand in the pattern. */
export const printCaptures = (captures: readonly GroupCapture[], { names }: PcrePattern): string =>
  captures
    .filter(({ group, of, name }) => ![...names].some(([text, own]) => own === group && text === groupName(of, name)))
    .map(({ of, name }) => `,${WRITTEN[of]}${name}`)
    .join('');

const groupName = (of: GroupCapture['of'], name: string): string => `${WRITTEN[of].slice(0, -1)}_${name}`;
