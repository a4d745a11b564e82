/**
 * threshold and detection_filter: how often a rule must match before, or may alert after. Stage: rule.
 * Decided on the main thread, after the shards, as the counts cross flows. Reference: Suricata, thresholding keywords.
 *
 *   threshold:type limit, track by_src, count 1, seconds 60;
 *   detection_filter:track by_dst, count 30, seconds 10;
 */
import type { OptionNode, Word } from '../ast.js';
import type { Diagnostics, Span } from '../diagnostics/diagnostic.js';
import { parseArguments } from '../parse/parser.js';
import type { Threshold, Track } from '../../block/terms.js';
import { defineOption, type OptionDoc, type RuleOption } from './option.js';
import { readNumber, requireValue } from './value.js';

const TYPES = ['limit', 'threshold', 'both', 'backoff'] as const;
const TRACKS: readonly Track[] = ['by_src', 'by_dst', 'by_both', 'by_rule', 'by_flow'];
const UNIQUE = ['src_port', 'dst_port'] as const;
const COUNT = { minimum: 1, maximum: 0xffff_ffff };
const SECONDS = { minimum: 1, maximum: 0xffff_ffff };

/** Settings by name, as in `count 5`; each at most once. */
export type Settings = ReadonlyMap<string, Word>;

/** Pairs of a name and a value; reports what is no pair, said twice or not among `names`. */
function readSettings(value: Word, names: readonly string[], diagnostics: Diagnostics): Settings | undefined {
  const settings = new Map<string, Word>();
  for (const { words, span } of parseArguments(value, diagnostics) ?? []) {
    const [name, setting, more] = words;
    if (
      name === undefined ||
      setting === undefined ||
      more !== undefined ||
      !names.includes(name.text) ||
      settings.has(name.text)
    ) {
      const what =
        name !== undefined && settings.has(name.text)
          ? `${name.text} is set twice`
          : `'${words.map((word) => word.text).join(' ')}' is no setting here`;
      diagnostics.error('bad-threshold', what, span, `write ${names.map((each) => `${each} <value>`).join(', ')}`);
      return undefined;
    }
    settings.set(name.text, setting);
  }
  return settings.size === 0 ? undefined : settings;
}

/** The threshold that settings add up to. `kind` is read from `type` where it is undefined. */
export function readThreshold(
  settings: Settings,
  kind: Threshold['kind'] | undefined,
  at: Span,
  diagnostics: Diagnostics,
): Threshold | undefined {
  const type = kind ?? oneOf('type', TYPES, settings, at, diagnostics);
  const track = oneOf('track', TRACKS, settings, at, diagnostics);
  const count = number('count', COUNT, settings, at, diagnostics);
  const backoff = type === 'backoff';
  const seconds = backoff ? 0 : number('seconds', SECONDS, settings, at, diagnostics);
  const multiplier = backoff ? number('multiplier', COUNT, settings, at, diagnostics) : undefined;
  const uniqueOn = settings.has('unique_on') ? readUnique(type, settings, at, diagnostics) : undefined;
  const complete = uniqueOn !== undefined || !settings.has('unique_on');
  if (type === undefined || track === undefined || count === undefined || seconds === undefined || !complete)
    return undefined;
  if (backoff && multiplier === undefined) return undefined;
  const idle = settings.get(backoff ? 'seconds' : 'multiplier');
  if (idle !== undefined)
    diagnostics.warning(
      'without-effect',
      `type ${type} has no ${backoff ? 'seconds' : 'multiplier'}`,
      idle.span,
      backoff ? 'leave seconds out' : 'leave multiplier out, or write type backoff',
    );
  return { kind: type, track, count, seconds, multiplier, uniqueOn };
}

/** Different ports are counted by detection_filter alone. */
function readUnique(
  type: Threshold['kind'] | undefined,
  settings: Settings,
  at: Span,
  diagnostics: Diagnostics,
): Threshold['uniqueOn'] {
  if (type === 'detection_filter') return oneOf('unique_on', UNIQUE, settings, at, diagnostics);
  const { text, span } = settings.get('unique_on')!;
  diagnostics.error(
    'bad-threshold',
    'unique_on is for detection_filter alone',
    span,
    `write detection_filter:track <side>, count <n>, seconds <n>, unique_on ${text};`,
  );
  return undefined;
}

function oneOf<T extends string>(
  name: string,
  choices: readonly T[],
  settings: Settings,
  at: Span,
  diagnostics: Diagnostics,
): T | undefined {
  const word = settings.get(name);
  const choice = choices.find((each) => each === word?.text);
  if (choice !== undefined) return choice;
  const message = word === undefined ? `${name} is missing` : `'${word.text}' is no ${name}`;
  diagnostics.error('bad-threshold', message, word?.span ?? at, `write ${name} ${choices.join(', ')}`);
  return undefined;
}

function number(
  name: string,
  limits: typeof COUNT,
  settings: Settings,
  at: Span,
  diagnostics: Diagnostics,
): number | undefined {
  const word = settings.get(name);
  if (word !== undefined) return readNumber(word, name, limits, diagnostics);
  diagnostics.error('bad-threshold', `${name} is missing`, at, `write ${name} <number>`);
  return undefined;
}

function printSettings({ kind, track, count, seconds, multiplier, uniqueOn }: Threshold): string {
  const settings = kind === 'detection_filter' ? [] : [`type ${kind}`];
  settings.push(`track ${track}`, `count ${count}`);
  if (kind !== 'backoff') settings.push(`seconds ${seconds}`);
  if (multiplier !== undefined) settings.push(`multiplier ${multiplier}`);
  if (uniqueOn !== undefined) settings.push(`unique_on ${uniqueOn}`);
  return settings.join(', ');
}

function thresholdOption(
  name: string,
  names: readonly string[],
  kind: Threshold['kind'] | undefined,
  doc: OptionDoc,
): RuleOption {
  return defineOption<Threshold>({
    name,
    value: 'required',
    repeatable: kind === undefined,
    parse: (node: OptionNode, diagnostics) => {
      const value = requireValue(node, diagnostics);
      const settings = value && readSettings(value, names, diagnostics);
      return settings && readThreshold(settings, kind, node.name.span, diagnostics);
    },
    compile: (threshold, builder, node) => builder.addThreshold(threshold, node),
    print: printSettings,
    doc,
  });
}

export const thresholdOptions: readonly RuleOption[] = [
  thresholdOption('threshold', ['type', 'track', 'count', 'seconds', 'multiplier', 'unique_on'], undefined, {
    appliesTo: 'alert',
    summary:
      'Alerts at most count times in a period (limit), at every count-th match (threshold), once per period from the count-th match on (both), or ever more rarely (backoff).',
    syntax:
      'threshold:type <limit|threshold|both|backoff>, track <by_src|by_dst|by_both|by_rule|by_flow>, count <n>, <seconds <n>|multiplier <n>>;',
    example: 'threshold:type limit, track by_src, count 1, seconds 3600;',
    differences:
      'Several apply one after the other: an alert must get through all of them. Not beside detection_filter, as in Suricata.',
  }),
  thresholdOption('detection_filter', ['track', 'count', 'seconds', 'unique_on'], 'detection_filter', {
    appliesTo: 'alert',
    summary:
      'Alerts at every match after the first count matches in a period; with unique_on, once the matches have had more than count different ports.',
    syntax:
      'detection_filter:track <by_src|by_dst|by_both|by_rule|by_flow>, count <n>, seconds <n>[, unique_on <src_port|dst_port>];',
    example: 'detection_filter:track by_src, count 15, seconds 2;',
  }),
];
