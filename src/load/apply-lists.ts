/**
 * Has a set of rule files be what lists make of it. Stage: load.
 *
 * A rule is disabled, then enabled, then modified, then made to drop, each where a list names it. Files in which
 * nothing changes stay as they are, remarks and all; of the others the rules are left, one a line.
 */
import type { ArchiveFile } from './archive-file.js';
import type { ListedRule, RuleLists } from './rule-lists.js';
import { splitRules } from './split-rules.js';
import { textOf } from './read-text.js';

export interface Listed {
  readonly files: readonly ArchiveFile[];
  readonly enabled: number;
  readonly disabled: number;
  readonly modified: number;
  readonly dropping: number;
}

const RULES = /\.rules(\.gz)?$/;
const SID = /[(;]\s*sid\s*:\s*(\d+)\s*;/;
const GID = /[(;]\s*gid\s*:\s*(\d+)\s*;/;
const NO_ALERT = /[(;]\s*(?:noalert\s*;|flowbits\s*:\s*noalert)/;

export function applyLists(files: readonly ArchiveFile[], lists: RuleLists): Listed {
  const counts = { enabled: 0, disabled: 0, modified: 0, dropping: 0 };
  const made = files.map((file): ArchiveFile => {
    if (!RULES.test(file.path)) return file;
    const read = textOf(file.path, { bytes: Buffer.from(file.content) });
    // What cannot be read is for the check to say.
    if (!('text' in read)) return file;
    const text = rewritten(file.path, read.text, lists, counts);
    return text === undefined ? file : { path: file.path.replace(/\.gz$/, ''), content: Buffer.from(text, 'latin1') };
  });
  return { files: made, ...counts };
}

type Counts = { -readonly [Name in keyof Omit<Listed, 'files'>]: number };

/** Undefined where nothing changes. */
function rewritten(path: string, source: string, lists: RuleLists, counts: Counts): string | undefined {
  const lines: string[] = [];
  let changes = false;
  for (const { text, disabled } of splitRules(source)) {
    const whole = text.trim();
    const rule: ListedRule = { text: whole, file: path, ...idOf(whole) };
    let isOff = disabled;
    if (!isOff && lists.disable.some((matches) => matches(rule))) isOff = true;
    if (isOff && lists.enable.some((matches) => matches(rule))) isOff = false;
    if (isOff !== disabled) counts[isOff ? 'disabled' : 'enabled']++;
    const modified = modify(rule, lists);
    if (modified !== whole) counts.modified++;
    const dropped = drop({ ...rule, text: modified }, lists);
    if (dropped !== modified) counts.dropping++;
    changes ||= isOff !== disabled || dropped !== whole;
    lines.push(`${isOff ? '# ' : ''}${oneLine(dropped)}\n`);
  }
  return changes ? lines.join('') : undefined;
}

function idOf(text: string): { readonly gid: number; readonly sid: number } {
  return { gid: Number(GID.exec(text)?.[1] ?? 1), sid: Number(SID.exec(text)?.[1] ?? -1) };
}

function modify(rule: ListedRule, { modify }: RuleLists): string {
  let { text } = rule;
  for (const { matches, apply } of modify) if (matches({ ...rule, text })) text = apply(text);
  return text;
}

/** A rule that only marks has nothing to drop. */
function drop(rule: ListedRule, { drop }: RuleLists): string {
  if (NO_ALERT.test(rule.text) || !drop.some((matches) => matches(rule))) return rule.text;
  return rule.text.replace(/^\w+/, 'drop');
}

const oneLine = (text: string): string => text.replace(/[\r\n]+/g, ' ');
