/**
 * Files of datasets in JSON: an array of objects, or an object a line, each with a value of the set. Stage: load.
 * Reference: Suricata, datasets, dataset with JSON.
 *
 *   [{"host": "bad.example", "seen": 3}, …]          value_key host
 *   {"data": {"list": [{"host": …}, …]}}             and array_key data.list
 *   {"host": "bad.example", "seen": 3}\n…            format ndjson
 *
 * Values are texts as they are, digests and addresses as in lists (dataset-file.ts). Objects that have none, or one of
 * another type, are left out. What an alert shows of an object is bounded.
 */
import type { DatasetType } from '../block/terms.js';
import type { DataEntries } from '../rule/buffer-match.js';
import type { JsonFormat } from '../rule/compile/rule-data.js';
import { reasonOf } from '../util/reason.js';
import { dataLines, type LineProblems } from './data-lines.js';
import { DataList } from './data-list.js';
import { LONGEST_VALUE, parseValue } from './dataset-file.js';

/** Characters of an object that alerts show; longer ones are not shown. */
const LONGEST_OBJECT = 4096;

/** `text` is latin1, as files are read. @returns the entries, or why the file as a whole is of no use. */
export function parseJsonDataset(
  text: string,
  type: DatasetType,
  format: JsonFormat,
  problems: LineProblems,
): DataEntries | string {
  const list = new DataList();
  const objects: string[] = [];
  let seen = 0;
  for (const object of objectsOf(text, format, problems)) {
    if (typeof object === 'string') return object;
    seen++;
    const written = at(object.value, format.valueKey);
    const value = typeof written === 'string' ? valueOf(type, written) : undefined;
    if (value === undefined || !list.add(value, 0)) continue;
    if (format.removeKey) remove(object.value, format.valueKey);
    objects.push(format.contextKey === undefined ? '' : shown(object.value));
  }
  if (objects.length === 0 && seen > 0) return `no object has a ${format.valueKey} of type ${type}`;
  return { ...list.entries(), objects };
}

/** Each object, boxed; a text says why there can be none. */
function* objectsOf(
  text: string,
  { lines, arrayKey }: JsonFormat,
  problems: LineProblems,
): Generator<{ readonly value: unknown } | string> {
  if (!lines) {
    const whole = parse(text);
    if ('reason' in whole) return yield `it is no JSON: ${whole.reason}`;
    const array = arrayKey === undefined ? whole.value : at(whole.value, arrayKey);
    if (!Array.isArray(array)) return yield arrayKey === undefined ? 'it is no array' : `${arrayKey} is no array`;
    for (const value of array as unknown[]) yield { value };
    return;
  }
  for (const line of dataLines(text)) {
    const parsed = parse(line.text);
    if ('reason' in parsed) problems.add(line, `the line is no JSON: ${parsed.reason}`);
    else yield parsed;
  }
}

function parse(text: string): { readonly value: unknown } | { readonly reason: string } {
  try {
    return { value: JSON.parse(Buffer.from(text, 'latin1').toString('utf8')) as unknown };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

/** What lies at a path, `a.b`, of own members. */
function at(value: unknown, path: string): unknown {
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

function remove(value: unknown, path: string): void {
  const end = path.lastIndexOf('.');
  const holder = end < 0 ? value : at(value, path.slice(0, end));
  if (typeof holder === 'object' && holder !== null) delete (holder as Record<string, unknown>)[path.slice(end + 1)];
}

function valueOf(type: DatasetType, text: string): Uint8Array | undefined {
  if (type !== 'string') return parseValue(type, text.trim());
  const bytes = Buffer.from(text, 'utf8');
  return bytes.length > 0 && bytes.length <= LONGEST_VALUE ? bytes : undefined;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return text.length <= LONGEST_OBJECT ? text : '';
}
