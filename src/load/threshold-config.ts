/**
 * threshold.config: thresholds and suppressions set by whoever runs the sensor, not by the rule. Stage: load.
 *
 *   suppress gen_id 1, sig_id 2200079, track by_src, ip [10.0.0.1,192.168.0.0/16]
 *   threshold gen_id 1, sig_id 2000001, type limit, track by_src, count 1, seconds 60
 *   rate_filter gen_id 1, sig_id 2000002, track by_dst, count 100, seconds 10, new_action drop, timeout 60
 *
 * A gid or sid of 0 stands for all. Lines go on behind a backslash. Reference: Suricata, global thresholds.
 */
import type { Word } from '../rule/ast.js';
import { Diagnostics, type Span } from '../rule/diagnostic.js';
import { readThreshold } from '../rule/options/threshold.js';
import { parseAddress } from '../rule/parser.js';
import type { FileThreshold, Suppression, ThresholdConfig } from '../rule/program.js';
import { ACTIONS } from '../rule/protocols.js';
import type { Variables } from '../rule/variables.js';

/** One line of the file: its first word, and the settings behind it by name. */
interface Entry {
  readonly kind: string;
  readonly settings: ReadonlyMap<string, Word>;
  readonly span: Span;
}

const NAMES: Readonly<Record<string, readonly string[]>> = {
  suppress: ['gen_id', 'sig_id', 'track', 'ip'],
  threshold: ['gen_id', 'sig_id', 'type', 'track', 'count', 'seconds', 'multiplier', 'unique_on'],
  event_filter: ['gen_id', 'sig_id', 'type', 'track', 'count', 'seconds', 'multiplier', 'unique_on'],
  rate_filter: ['gen_id', 'sig_id', 'track', 'count', 'seconds', 'new_action', 'timeout'],
};
const SUPPRESS_TRACKS = ['by_src', 'by_dst', 'by_either'] as const;
const LAST_ID = 0xffff_ffff;

/** Everything that could be read; lines that could not are reported, their spans count from the text's start. */
export function parseThresholdConfig(text: string, variables: Variables, diagnostics: Diagnostics): ThresholdConfig {
  const suppressions: Suppression[] = [];
  const thresholds: FileThreshold[] = [];
  for (const line of logicalLines(text)) {
    const entry = readEntry(line, diagnostics);
    const ids = entry && readIds(entry, diagnostics);
    if (entry === undefined || ids === undefined) continue;
    if (entry.kind === 'suppress') add(suppressions, readSuppression(entry, ids, variables, diagnostics));
    else if (entry.kind === 'rate_filter') add(thresholds, readRateFilter(entry, ids, diagnostics));
    else {
      const threshold = readThreshold(entry.settings, undefined, entry.span, diagnostics);
      add(thresholds, threshold && { ...ids, threshold });
    }
  }
  return { suppressions, thresholds };
}

function add<T>(list: T[], item: T | undefined): void {
  if (item !== undefined) list.push(item);
}

/** Lines without comments, joined where a backslash says so; the joint is blanked out so that offsets stay. */
function* logicalLines(text: string): Generator<Word> {
  const joined = text.replace(/\\[ \t]*\r?\n/g, (mark) => ' '.repeat(mark.length));
  let start = 0;
  for (const whole of joined.split('\n')) {
    const line = whole.trim();
    const at = start + whole.indexOf(line);
    if (line !== '' && !line.startsWith('#')) yield { text: line, span: { start: at, end: at + line.length } };
    start += whole.length + 1;
  }
}

function readEntry(line: Word, diagnostics: Diagnostics): Entry | undefined {
  const kind = /^\w+/.exec(line.text)?.[0] ?? '';
  const names = Object.hasOwn(NAMES, kind) ? NAMES[kind]! : undefined;
  if (names === undefined) {
    diagnostics.error('unknown-threshold-line', `'${kind || line.text}' is no kind of threshold`, line.span, `write ${Object.keys(NAMES).join(', ')}`);
    return undefined;
  }
  const settings = new Map<string, Word>();
  // Commas separate settings, but not within the brackets of an address list.
  for (const match of line.text.slice(kind.length).matchAll(/(?:\[[^\]]*\]|[^,[])+/g)) {
    const at = line.span.start + kind.length + match.index;
    const [, name, value] = /^\s*(\w+)\s+(\S[^]*?)\s*$/.exec(match[0]) ?? [];
    if (name === undefined || value === undefined || !names.includes(name) || settings.has(name)) {
      const message = name !== undefined && settings.has(name) ? `${name} is set twice` : `'${match[0].trim()}' is no setting of ${kind}`;
      diagnostics.error('bad-threshold', message, { start: at, end: at + match[0].length }, `write ${names.map((each) => `${each} <value>`).join(', ')}`);
      return undefined;
    }
    const from = at + match[0].indexOf(value, match[0].indexOf(name) + name.length);
    settings.set(name, { text: value, span: { start: from, end: from + value.length } });
  }
  return { kind, settings, span: { start: line.span.start, end: line.span.start + kind.length } };
}

function readIds(entry: Entry, diagnostics: Diagnostics): { readonly gid: number; readonly sid: number } | undefined {
  const gid = readNumber('gen_id', entry, 0, diagnostics);
  const sid = readNumber('sig_id', entry, 0, diagnostics);
  if (gid === undefined || sid === undefined) return undefined;
  if (gid !== 0 || sid === 0) return { gid, sid };
  diagnostics.error('bad-threshold', 'gen_id 0 stands for all rules, so sig_id must be 0 too', entry.settings.get('sig_id')!.span);
  return undefined;
}

function readNumber(name: string, { settings, span }: Entry, minimum: number, diagnostics: Diagnostics): number | undefined {
  const word = settings.get(name);
  const value = /^\d{1,10}$/.test(word?.text ?? '') ? Number(word!.text) : NaN;
  if (value >= minimum && value <= LAST_ID) return value;
  const message = word === undefined ? `${name} is missing` : `${name} is no number from ${minimum}: '${word.text}'`;
  diagnostics.error('bad-threshold', message, word?.span ?? span);
  return undefined;
}

function readSuppression(entry: Entry, ids: { gid: number; sid: number }, variables: Variables, diagnostics: Diagnostics): Suppression | undefined {
  const track = entry.settings.get('track');
  const ip = entry.settings.get('ip');
  if (track === undefined && ip === undefined) return { ...ids, track: undefined, addresses: undefined };
  const side = SUPPRESS_TRACKS.find((each) => each === track?.text);
  if (side === undefined) {
    const message = track === undefined ? 'track is missing beside ip' : `'${track.text}' is no side`;
    diagnostics.error('bad-threshold', message, (track ?? ip)!.span, `write track ${SUPPRESS_TRACKS.join(', ')}`);
    return undefined;
  }
  if (ip === undefined) {
    diagnostics.error('bad-threshold', 'ip is missing beside track', entry.span, 'write ip <address or list>');
    return undefined;
  }
  const inner = new Diagnostics();
  const node = parseAddress(ip.text, inner);
  const addresses = node && variables.addresses(node, inner);
  for (const { span, ...rest } of inner.list) {
    diagnostics.add({ ...rest, span: { start: ip.span.start + span.start, end: ip.span.start + span.end } });
  }
  return inner.hasErrors ? undefined : { ...ids, track: side, addresses };
}

function readRateFilter(entry: Entry, ids: { gid: number; sid: number }, diagnostics: Diagnostics): FileThreshold | undefined {
  const threshold = readThreshold(entry.settings, 'rate_filter', entry.span, diagnostics);
  const timeoutSeconds = readNumber('timeout', entry, 1, diagnostics);
  const action = entry.settings.get('new_action');
  const newAction = action !== undefined && Object.hasOwn(ACTIONS, action.text) ? ACTIONS[action.text] : undefined;
  if (newAction === undefined) {
    diagnostics.error('bad-threshold', action === undefined ? 'new_action is missing' : `'${action.text}' is no action`, action?.span ?? entry.span, 'write new_action alert, pass, drop or reject');
  }
  return threshold && timeoutSeconds !== undefined && newAction !== undefined ? { ...ids, threshold: { ...threshold, newAction, timeoutSeconds } } : undefined;
}
