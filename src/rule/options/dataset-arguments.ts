/**
 * What dataset and datarep say of the set itself: its type, its files, its limits. Stage: rule.
 * Reference: Suricata, datasets.
 */
import type { OptionNode, Word } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { DatasetType } from '../../block/terms.js';
import type { BufferMatch, Dataset } from '../buffer-match.js';
import { isProblem, type DatasetRequest, type JsonFormat } from '../compile/rule-data.js';
import type { RuleBuilder } from '../compile/rule-builder.js';
import { SIZE_UNITS, splitArguments, splitHead } from './value.js';

const TYPES: readonly DatasetType[] = ['string', 'md5', 'sha1', 'sha256', 'ipv4', 'ip'];
/** Suricata's names for its own. */
const TYPE_ALIASES: Readonly<Record<string, DatasetType>> = { ipv6: 'ip' };
const FILES = ['load', 'save', 'state'] as const;
const SIZES = ['memcap', 'hashsize'] as const;
/** Of files in JSON; enrichment_key and jsonline are later names of the same. */
const FORMATS: Readonly<Record<string, 'json' | 'ndjson' | 'csv'>> = {
  csv: 'csv',
  json: 'json',
  ndjson: 'ndjson',
  jsonline: 'ndjson',
};
const KEYS: Readonly<Record<string, 'contextKey' | 'valueKey' | 'arrayKey'>> = {
  context_key: 'contextKey',
  enrichment_key: 'contextKey',
  value_key: 'valueKey',
  array_key: 'arrayKey',
};
const KEY_NAMES = { contextKey: 'context_key', valueKey: 'value_key', arrayKey: 'array_key' } as const;
const CONTEXT_KEY = /^\w{1,63}$/;
const FORM = `write type <${TYPES.join('|')}>, load <file>, state <file>, save <file>, memcap <size> or hashsize <size>`;
const JSON_FORM =
  'write load <file>,format <json|ndjson>,value_key <path>[,context_key <name>][,array_key <path>][,remove_key]';
const MAX_NAME = 63;

/** As written, in one order. */
export interface DatasetArguments {
  readonly name: string;
  readonly type?: DatasetType;
  readonly load?: string;
  readonly save?: string;
  readonly state?: string;
  readonly memcap?: number;
  readonly hashsize?: number;
  readonly format?: 'json' | 'ndjson';
  readonly contextKey?: string;
  readonly valueKey?: string;
  readonly arrayKey?: string;
  readonly removeKey?: boolean;
}

type Read = { -readonly [Key in keyof DatasetArguments]: DatasetArguments[Key] };

/** The set's name and what is said of it in `words`. */
export function readDatasetArguments(
  name: Word,
  words: readonly Word[],
  what: string,
  diagnostics: Diagnostics,
): DatasetArguments | undefined {
  if (!/^[^\s"]+$/.test(name.text) || name.text.length > MAX_NAME) {
    diagnostics.error(
      'bad-name',
      `'${name.text}' is no name of a dataset`,
      name.span,
      `write up to ${MAX_NAME} characters without blanks`,
    );
    return undefined;
  }
  const read: Read = { name: name.text };
  for (const word of words) if (!readArgument(word, what, read, diagnostics)) return undefined;
  if (read.state !== undefined && (read.load !== undefined || read.save !== undefined)) {
    diagnostics.error(
      'conflicting-arguments',
      'state stands beside load or save',
      wordOf(words, 'state').span,
      'state is both: the file is loaded at the start and saved at the end',
    );
    return undefined;
  }
  return isFormatWhole(read, what, words, diagnostics) ? read : undefined;
}

/** What is said of a file in JSON goes together. */
function isFormatWhole(read: Read, what: string, words: readonly Word[], diagnostics: Diagnostics): boolean {
  const key = (['valueKey', 'contextKey', 'arrayKey'] as const).find((each) => read[each] !== undefined);
  const report = (message: string, argument: string): false => {
    diagnostics.error('conflicting-arguments', message, wordOf(words, argument).span, JSON_FORM);
    return false;
  };
  if (read.format === undefined) {
    if (key !== undefined) return report(`${KEY_NAMES[key]} belongs to files in JSON`, KEY_NAMES[key]);
    return read.removeKey !== true || report('remove_key belongs to files in JSON', 'remove_key');
  }
  if (what !== 'dataset') return report(`${what} reads no JSON`, 'format');
  if (read.save !== undefined || read.state !== undefined)
    return report('files in JSON are loaded, not saved', read.save === undefined ? 'state' : 'save');
  if (read.arrayKey !== undefined && read.format === 'ndjson') return report('lines have no array', 'array_key');
  if (read.load !== undefined && read.valueKey !== undefined) return true;
  diagnostics.error(
    'missing-argument',
    `format ${read.format} needs ${read.load === undefined ? 'a file to load' : 'a value_key'}`,
    wordOf(words, 'format').span,
    JSON_FORM,
  );
  return false;
}

function readArgument(word: Word, what: string, read: Read, diagnostics: Diagnostics): boolean {
  const { head, rest } = splitHead(word);
  const key = head.text.toLowerCase();
  if (key === 'format') return readFormat(word, rest, read, diagnostics);
  if (key === 'remove_key' && rest === undefined) return (read.removeKey = true);
  if (Object.hasOwn(KEYS, key) && rest !== undefined) return readKey(word, rest, KEYS[key]!, read, diagnostics);
  const known = key === 'type' || FILES.some((each) => each === key) || SIZES.some((each) => each === key);
  if (!known || rest === undefined) {
    diagnostics.error(
      'unknown-argument',
      known ? `${key} needs a value` : `${what} does not know '${word.text}'`,
      word.span,
      FORM,
    );
    return false;
  }
  if (read[key as keyof Read] !== undefined) {
    diagnostics.error('duplicate-argument', `${key} is said twice`, word.span, 'keep one of them');
    return false;
  }
  if (key === 'type') return readType(rest, read, diagnostics);
  if (key === 'memcap' || key === 'hashsize') return readSize(key, rest, read, diagnostics);
  read[key as (typeof FILES)[number]] = rest.text;
  return true;
}

function readFormat(word: Word, name: Word | undefined, read: Read, diagnostics: Diagnostics): boolean {
  const text = name?.text.toLowerCase() ?? '';
  const format = Object.hasOwn(FORMATS, text) ? FORMATS[text] : undefined;
  if (format === undefined) {
    diagnostics.error(
      'unsupported-data-format',
      'no format of files is called so',
      word.span,
      'write json, ndjson or csv',
    );
    return false;
  }
  if (format !== 'csv') read.format = format;
  return true;
}

function readKey(
  word: Word,
  name: Word,
  key: 'contextKey' | 'valueKey' | 'arrayKey',
  read: Read,
  diagnostics: Diagnostics,
): boolean {
  if (read[key] !== undefined) {
    diagnostics.error('duplicate-argument', `${KEY_NAMES[key]} is said twice`, word.span, 'keep one of them');
    return false;
  }
  if (key === 'contextKey' && !CONTEXT_KEY.test(name.text)) {
    diagnostics.error('bad-name', `'${name.text}' is no name`, name.span, 'write letters, digits and underscores');
    return false;
  }
  read[key] = name.text;
  return true;
}

function readType(word: Word, read: Read, diagnostics: Diagnostics): boolean {
  const text = word.text.toLowerCase();
  const type =
    TYPES.find((each) => each === text) ?? (Object.hasOwn(TYPE_ALIASES, text) ? TYPE_ALIASES[text] : undefined);
  if (type === undefined)
    diagnostics.error('bad-argument', `'${word.text}' is no type of values`, word.span, `write ${TYPES.join(', ')}`);
  else read.type = type;
  return type !== undefined;
}

function readSize(key: (typeof SIZES)[number], word: Word, read: Read, diagnostics: Diagnostics): boolean {
  const [, digits = '', unit = ''] = /^(\d{1,15})\s*([a-z]*)$/i.exec(word.text) ?? [];
  const size =
    digits === '' || !Object.hasOwn(SIZE_UNITS, unit.toLowerCase())
      ? NaN
      : Number(digits) * SIZE_UNITS[unit.toLowerCase()]!;
  if (!(size > 0 && size <= Number.MAX_SAFE_INTEGER)) {
    diagnostics.error(
      'bad-number',
      `${key} is no size: '${word.text}'`,
      word.span,
      `write ${key} <number>, with kb, mb or gb behind it if you like`,
    );
    return false;
  }
  read[key] = size;
  return true;
}

/** The arguments behind the name, each with a comma before it. */
export function printDatasetArguments(value: DatasetArguments): string {
  const keys = (['contextKey', 'valueKey', 'arrayKey'] as const)
    .map((key) => (value[key] === undefined ? '' : `,${KEY_NAMES[key]} ${value[key]}`))
    .join('');
  const parts = (['type', ...FILES, ...SIZES, 'format'] as const)
    .map((key) => (value[key] === undefined ? '' : `,${key} ${value[key]}`))
    .join('');
  return `${parts}${keys}${value.removeKey === true ? ',remove_key' : ''}`;
}

/** Adds the step that `make` makes of the set to the current sticky buffer; reports what is wrong with the set. */
export function addDatasetStep(
  value: DatasetArguments,
  make: (set: Dataset) => BufferMatch,
  builder: RuleBuilder,
  node: OptionNode,
): void {
  const { diagnostics, environment } = builder;
  if (!builder.hasStickyBuffer) {
    diagnostics.error(
      'no-sticky-buffer',
      `${node.name.text} does not stand behind a sticky buffer`,
      node.name.span,
      `name the buffer first: ip.src; ${node.name.text}:…;`,
    );
    return;
  }
  const { name, type, load, save, state, memcap } = value;
  const request: DatasetRequest = { name, type, load, save, state, memcap, format: formatOf(value) };
  const set = environment.data?.dataset(request, builder.file) ?? {
    code: 'unreadable-file',
    message: 'the files of datasets cannot be read here',
  };
  if (!isProblem(set)) {
    const match = make(set);
    if (set.entries.objects === undefined || isLookup(match)) builder.addMatch(match, node);
    else
      diagnostics.error(
        'conflicting-arguments',
        `${name} is a file in JSON, which is asked for its values alone`,
        (node.value ?? node.name).span,
        'write dataset:isset or dataset:isnotset',
      );
    return;
  }
  const words = node.value === undefined ? [] : splitArguments(node.value);
  diagnostics.error(
    set.code,
    set.message,
    set.argument === undefined ? (node.value ?? node.name).span : wordOf(words, set.argument).span,
    set.hint,
  );
}

const isLookup = (match: BufferMatch): boolean =>
  match.kind === 'dataset' && (match.operation === 'isset' || match.operation === 'isnotset');

function formatOf({ format, valueKey, arrayKey, contextKey, removeKey }: DatasetArguments): JsonFormat | undefined {
  if (format === undefined || valueKey === undefined) return undefined;
  return { lines: format === 'ndjson', valueKey, arrayKey, contextKey, removeKey: removeKey === true };
}

/** The argument of this name, or the one of the set itself. */
function wordOf(words: readonly Word[], key: string): Word {
  return (
    words.find((word) => splitHead(word).head.text.toLowerCase() === key) ??
    words.find((word) => word.text.toLowerCase() === key) ??
    words[0]!
  );
}
