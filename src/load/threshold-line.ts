/**
 * The lines of threshold.config: comments off, continued lines put together, and each split into its kind and its
 * settings. Stage: load. What the settings mean is threshold-config.ts's.
 */
import type { Word } from '../rule/ast.js';
import type { Diagnostics, Span } from '../rule/diagnostics/diagnostic.js';
import { nearest } from '../util/nearest.js';

/** One line of the file: its first word, and the settings behind it by name. */
export interface ThresholdEntry {
  readonly kind: string;
  readonly settings: ReadonlyMap<string, Word>;
  /** Of the first word. */
  readonly span: Span;
}

const FILTER_NAMES = ['gen_id', 'sig_id', 'type', 'track', 'count', 'seconds', 'multiplier', 'unique_on'];
const NAMES: Readonly<Record<string, readonly string[]>> = {
  suppress: ['gen_id', 'sig_id', 'track', 'ip'],
  threshold: FILTER_NAMES,
  event_filter: FILTER_NAMES,
  rate_filter: ['gen_id', 'sig_id', 'track', 'count', 'seconds', 'new_action', 'timeout', 'apply_to'],
};

/**
 * Entries without comments, those on several lines as one: what does not belong to them is blanks, so that offsets
 * stay.
 */
export function* thresholdLines(text: string): Generator<Word> {
  let entry = '';
  let start = 0;
  for (const whole of text.split('\n')) {
    const comment = whole.search(/(?:^|\s)#/);
    const line = comment < 0 ? whole : whole.slice(0, comment) + ' '.repeat(whole.length - comment);
    const joint = /\\[ \t]*\r?$/.exec(line);
    entry += joint === null ? line : `${line.slice(0, joint.index)}${' '.repeat(joint[0].length)} `;
    if (joint !== null) continue;
    yield* trimmed(entry, start);
    start += entry.length + 1;
    entry = '';
  }
  yield* trimmed(entry, start);
}

function* trimmed(text: string, start: number): Generator<Word> {
  const word = text.trim();
  const at = start + text.indexOf(word);
  if (word !== '') yield { text: word, span: { start: at, end: at + word.length } };
}

/** The parts of a line; undefined where one was reported. */
export function readThresholdEntry(line: Word, diagnostics: Diagnostics): ThresholdEntry | undefined {
  const kind = /^\w+/.exec(line.text)?.[0] ?? '';
  const span = { start: line.span.start, end: line.span.start + Math.max(kind.length, 1) };
  const names = Object.hasOwn(NAMES, kind) ? NAMES[kind]! : undefined;
  if (names === undefined) {
    const close = nearest(kind, Object.keys(NAMES));
    diagnostics.error(
      'unknown-threshold-line',
      `'${kind || line.text}' is no kind of threshold`,
      kind === '' ? line.span : span,
      close === undefined ? `write ${Object.keys(NAMES).join(', ')}` : `did you mean ${close}?`,
    );
    return undefined;
  }
  const settings = new Map<string, Word>();
  for (const part of splitParts(line, kind.length))
    if (!readSetting(part, kind, names, settings, diagnostics)) return undefined;
  return { kind, settings, span };
}

/** What stands between commas outside of brackets, from `offset` on. */
function splitParts({ text, span }: Word, offset: number): Word[] {
  const parts: Word[] = [];
  let depth = 0;
  let from = offset;
  for (let i = offset; i <= text.length; i++) {
    if (text[i] === '[') depth++;
    else if (text[i] === ']') depth--;
    if (i < text.length && (text[i] !== ',' || depth > 0)) continue;
    const part = text.slice(from, i);
    const start = Math.min(span.start + from + part.search(/\S|$/), span.end - 1);
    parts.push({ text: part.trim(), span: { start, end: start + Math.max(part.trim().length, 1) } });
    from = i + 1;
  }
  return parts;
}

function readSetting(
  part: Word,
  kind: string,
  names: readonly string[],
  settings: Map<string, Word>,
  diagnostics: Diagnostics,
): boolean {
  const [, name = '', gap = '', value] = /^(\w+)(?:(\s+)(\S[^]*))?$/.exec(part.text) ?? [];
  if (value === undefined || !names.includes(name) || settings.has(name)) {
    diagnostics.error('bad-threshold', ...whyNoSetting(part, kind, name, value !== undefined, names, settings));
    return false;
  }
  const start = part.span.start + name.length + gap.length;
  settings.set(name, { text: value, span: { start, end: start + value.length } });
  return true;
}

function whyNoSetting(
  part: Word,
  kind: string,
  name: string,
  hasValue: boolean,
  names: readonly string[],
  settings: ReadonlyMap<string, Word>,
): [message: string, span: Span, hint: string] {
  const all = `write ${names.map((each) => `${each} <value>`).join(', ')}`;
  if (part.text === '') return ['a setting is missing here', part.span, all];
  if (settings.has(name)) return [`${name} is set twice`, part.span, 'keep one of them'];
  if (names.includes(name) && !hasValue) return [`${name} has no value`, part.span, `write ${name} <value>`];
  if (/^[!$]?[\da-fA-F.:$]+(?:\/\d+)?$/.test(part.text) && settings.has('ip'))
    return [
      `'${part.text}' is no setting of ${kind}`,
      part.span,
      'write a list of addresses in brackets: ip [10.0.0.1,10.0.0.2]',
    ];
  const close = nearest(name, names);
  return [`'${part.text}' is no setting of ${kind}`, part.span, close === undefined ? all : `did you mean ${close}?`];
}
