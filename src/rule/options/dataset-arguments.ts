/**
 * What dataset and datarep say of the set itself: its type, its files, its limits. Stage: rule.
 * Reference: Suricata, datasets.
 */
import type { OptionNode, Word } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { DatasetType } from '../../block/terms.js';
import type { BufferMatch, Dataset } from '../buffer-match.js';
import { isProblem, type DatasetRequest } from '../compile/rule-data.js';
import type { RuleBuilder } from '../compile/rule-builder.js';
import { SIZE_UNITS, splitArguments, splitHead } from './value.js';

const TYPES: readonly DatasetType[] = ['string', 'md5', 'sha1', 'sha256', 'ipv4', 'ip'];
/** Suricata's names for its own. */
const TYPE_ALIASES: Readonly<Record<string, DatasetType>> = { ipv6: 'ip' };
const FILES = ['load', 'save', 'state'] as const;
const SIZES = ['memcap', 'hashsize'] as const;
/** Of files of another format than lists. */
const JSON_ARGUMENTS = ['context_key', 'enrichment_key', 'value_key', 'array_key', 'remove_key'];
const FORM = `write type <${TYPES.join('|')}>, load <file>, state <file>, save <file>, memcap <size> or hashsize <size>`;
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
  return read;
}

function readArgument(word: Word, what: string, read: Read, diagnostics: Diagnostics): boolean {
  const { head, rest } = splitHead(word);
  const key = head.text.toLowerCase();
  if (JSON_ARGUMENTS.includes(key) || (key === 'format' && rest?.text.toLowerCase() !== 'csv')) {
    diagnostics.error(
      'unsupported-data-format',
      `${key} belongs to files in JSON, which are not read`,
      word.span,
      'write a file with one value a line, and neither format nor keys',
    );
    return false;
  }
  if (key === 'format') return true;
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
  return (['type', ...FILES, ...SIZES] as const)
    .map((key) => (value[key] === undefined ? '' : `,${key} ${value[key]}`))
    .join('');
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
  const request: DatasetRequest = { name, type, load, save, state, memcap };
  const set = environment.data?.dataset(request, builder.file) ?? {
    code: 'unreadable-file',
    message: 'the files of datasets cannot be read here',
  };
  if (!isProblem(set)) {
    builder.addMatch(make(set), node);
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

/** The argument of this name, or the one of the set itself. */
function wordOf(words: readonly Word[], key: string): Word {
  return (
    words.find((word) => splitHead(word).head.text.toLowerCase() === key) ??
    words.find((word) => word.text.toLowerCase() === key) ??
    words[0]!
  );
}
