/**
 * The lists of suricata-update: which rules of a set are enabled, disabled, changed, or drop. Stage: load.
 *
 *   2019401                  a sid; 1:2019401 with its generator; several with commas between
 *   re:trojan                an expression found in the rule's text, upper or lower case
 *   group:emerging-dns.rules the file's name, with * and ?; with its ending or without
 *   filename:*\/emerging-*   the file's path in the archive
 *   metadata: deployment perimeter
 *   *                        every rule
 *
 * Lines of the list that modifies have an expression and what takes its place behind that, words in quotes:
 * `2019401 "seconds \d+" "seconds 60"`, `\1` for a group; or `metadata-add 2019401 key value`. Lines that begin with #,
 * and what stands behind ` #`, are remarks. What cannot be read is a problem with its line: no list is taken in part.
 */

/** What lists look at. */
export interface ListedRule {
  /** As it is written, without the mark of a disabled one. */
  readonly text: string;
  /** Path of its file in the archive. */
  readonly file: string;
  readonly gid: number;
  /** -1 where it has none. */
  readonly sid: number;
}

export type Matches = (rule: ListedRule) => boolean;

export interface Modification {
  readonly matches: Matches;
  apply(text: string): string;
}

export type ListName = 'enable' | 'disable' | 'modify' | 'drop';

export interface RuleLists {
  readonly enable: readonly Matches[];
  readonly disable: readonly Matches[];
  readonly drop: readonly Matches[];
  readonly modify: readonly Modification[];
}

/** A list cannot be read; the message says where. */
export class ListError extends Error {}

/** Texts of the lists by name; each with the path that problems name. Throws a ListError. */
export function parseLists(
  texts: Partial<Record<ListName, { readonly path: string; readonly text: string }>>,
): RuleLists {
  const matchers = (name: Exclude<ListName, 'modify'>): Matches[] => linesOf(texts[name], parseMatch);
  return {
    enable: matchers('enable'),
    disable: matchers('disable'),
    drop: matchers('drop'),
    modify: linesOf(texts.modify, parseModification),
  };
}

function linesOf<Item>(
  list: { readonly path: string; readonly text: string } | undefined,
  parse: (line: string) => Item | string,
): Item[] {
  if (list === undefined) return [];
  return list.text.split(/\r?\n/).flatMap((whole, index) => {
    const line = whole
      .trim()
      .replace(/ #[^"]*$/, '')
      .trim();
    if (line === '' || line.startsWith('#')) return [];
    const item = parse(line);
    if (typeof item === 'string') throw new ListError(`${list.path}:${index + 1}: ${item}`);
    return [item];
  });
}

/** What a line asks for, or why it cannot be told. */
function parseMatch(line: string): Matches | string {
  if (line === '*') return () => true;
  const [, kind, value] = /^(re|filename|group|metadata):\s*(.*)$/s.exec(line) ?? [];
  switch (kind) {
    case 're': {
      const expression = expressionOf(value!, 'i');
      return typeof expression === 'string' ? expression : ({ text }) => expression.test(text);
    }
    case 'filename': {
      const glob = globOf(value!);
      return ({ file }) => glob.test(file);
    }
    case 'group': {
      const glob = globOf(value!);
      return ({ file }) => {
        const name = file.slice(file.lastIndexOf('/') + 1);
        return glob.test(name) || glob.test(name.replace(/\.rules$/, ''));
      };
    }
    case 'metadata': {
      const wanted = value!.trim().toLowerCase().replace(/\s+/g, ' ');
      return ({ text }) => metadataOf(text).includes(wanted);
    }
    default:
      return parseIds(line);
  }
}

function parseIds(line: string): Matches | string {
  const ids = new Set<string>();
  for (const part of line.split(',')) {
    const id = /^\s*(?:(\d+):)?(\d+)\s*$/.exec(part);
    if (id === null) return `'${line}' names no rules: a sid, gid:sid, re:, group:, filename:, metadata: or * does`;
    ids.add(`${Number(id[1] ?? 1)}:${Number(id[2])}`);
  }
  return ({ gid, sid }) => ids.has(`${gid}:${sid}`);
}

function parseModification(line: string): Modification | string {
  const words = wordsOf(line);
  if (words === undefined) return 'a quotation mark is missing';
  if (words[0] === 'metadata-add') return addMetadata(words);
  // As Oinkmaster writes it: modifysid 2019401 "from" | "to"
  const parts = /^modify(?:sid)?$/.test(words[0] ?? '') ? words.slice(1).filter((word) => word !== '|') : words;
  const [which, from, to] = parts;
  if (parts.length !== 3) return `${parts.length} words where there must be three: which rules, what, and what instead`;
  const matches = parseMatch(which!);
  if (typeof matches === 'string') return matches;
  const expression = expressionOf(from!, 'g');
  if (typeof expression === 'string') return expression;
  const replacement = to!
    .replaceAll('$', '$$$$')
    .replace(/\$\$\{(\d+)\}/g, '$$$1')
    .replace(/\\g<(\d+)>|\\(\d)/g, (_all, named: string | undefined, short: string) => `$${named ?? short}`);
  return { matches, apply: (text) => text.replace(expression, replacement) };
}

function addMetadata([, which, key, value, ...more]: readonly string[]): Modification | string {
  if (value === undefined || more.length > 0) return 'metadata-add takes which rules, a key and a value';
  if (/[;,"]/.test(key! + value)) return 'keys and values of metadata have no , ; "';
  const matches = parseMatch(which!);
  if (typeof matches === 'string') return matches;
  return { matches, apply: (text) => text.replace(/\)\s*$/, () => ` metadata:${key} ${value};)`) };
}

/** Words apart, as a shell has them: in quotes, or without blanks. Undefined where a quotation does not end. */
function wordsOf(line: string): string[] | undefined {
  const words: string[] = [];
  const part = /"((?:[^"\\]|\\[^])*)"|'([^']*)'|\\([^])|([^\s"'\\]+)|(\s+)/y;
  let inWord = false;
  while (part.lastIndex < line.length) {
    const found = part.exec(line);
    if (found === null) return undefined;
    const [, double, single, escaped, plain, blanks] = found;
    if (blanks === undefined) {
      if (!inWord) words.push('');
      // In double quotes a backslash stands before another one and before quotation marks only.
      words[words.length - 1] += double?.replace(/\\(["\\])/g, '$1') ?? single ?? escaped ?? plain!;
    }
    inWord = blanks === undefined;
  }
  return words;
}

/** The expression, or what is wrong with it. Python's way to say what all of it is to ignore is understood. */
function expressionOf(source: string, flags: string): RegExp | string {
  const [, inline = '', rest = ''] = /^(?:\(\?([ims]+)\))?(.*)$/s.exec(source.trim())!;
  try {
    return new RegExp(rest.replaceAll('(?P<', '(?<'), [...new Set(flags + inline)].join(''));
  } catch (error) {
    return (error as Error).message;
  }
}

const globOf = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .trim()
      .replace(/[.+^${}()|\\]/g, '\\$&')
      .replaceAll('*', '[^]*')
      .replaceAll('?', '[^]')}$`,
  );

/** `key value` of each entry, as lists write them. */
function metadataOf(text: string): string[] {
  return [...text.matchAll(/[(;]\s*metadata\s*:([^;]*);/g)].flatMap(([, entries]) =>
    entries!.split(',').map((entry) => entry.trim().toLowerCase().replace(/\s+/g, ' ')),
  );
}
