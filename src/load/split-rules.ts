/**
 * A rule file to the texts of its rules. Stage: load.
 *
 *   alert tcp any any -> any 80 ( \        a backslash at the end continues the line, as in Suricata and Snort 2
 *       msg:"x"; sid:1;)
 *   alert tcp any any -> any 80 (          an open parenthesis continues it too, as in Snort 3
 *       msg:"x"; sid:2;
 *   )
 *   # a comment
 *   #alert tcp any any -> any 80 (sid:3;)  a disabled rule
 *
 * A continuation mark and its line end vanish, so the text of a rule has holes; `at` leads from the text to the file.
 */
import { ACTIONS } from '../rule/protocols.js';

export interface RuleText {
  readonly text: string;
  readonly disabled: boolean;
  /** Offset in the file of a place in `text`. */
  readonly at: (offset: number) => number;
}

interface Line {
  readonly start: number;
  readonly end: number;
  /** Start of the line behind; the text's length for the last. */
  readonly next: number;
}

const ACTION = Object.keys(ACTIONS).join('|');
const RULE_START = new RegExp(String.raw`^\s*(?:${ACTION})\s+[\w:.-]+\s`, 'i');
const DISABLED_RULE = new RegExp(String.raw`^\s*#[#\s]*(?=(?:${ACTION})\s+[\w:.-]+\s[^(]*\([^]*;\s*\)\s*$)`, 'i');
/** Lines that one rule may take without continuation marks. */
const MAXIMUM_OPEN_LINES = 200;

/** Every rule in the order of the file; comments and blank lines are left out. */
export function* splitRules(source: string): Generator<RuleText> {
  let offset = 0;
  while (offset < source.length) {
    const pieces = continuedLines(source, offset);
    offset = pieces[pieces.length - 1]!.next;
    let rule = join(source, pieces);
    if (/^\s*(?:#|$)/.test(rule.text)) {
      const mark = DISABLED_RULE.exec(rule.text)?.[0].length;
      if (mark !== undefined) yield { text: rule.text.slice(mark), disabled: true, at: (place) => rule.at(place + mark) };
      continue;
    }
    const more = openLines(source, rule.text, offset);
    if (more.length > 0) {
      offset = more[more.length - 1]!.next;
      rule = join(source, [...pieces, ...more]);
    }
    yield { ...rule, disabled: false };
  }
}

function lineAt(source: string, start: number): Line {
  const feed = source.indexOf('\n', start);
  const end = feed < 0 ? source.length : feed;
  return { start, end, next: feed < 0 ? end : feed + 1 };
}

/** The line at `offset` and those that backslashes add, each without its mark; of comments without their `#`. */
function continuedLines(source: string, offset: number): Line[] {
  const lines: Line[] = [];
  let comment = false;
  for (let line = lineAt(source, offset); ; line = lineAt(source, line.next)) {
    const text = source.slice(line.start, line.end);
    const hash = /^\s*#+/.exec(text)?.[0].length ?? 0;
    if (lines.length === 0) comment = hash > 0;
    const start = comment && lines.length > 0 ? line.start + hash : line.start;
    const mark = /\\\s*$/.exec(text);
    if (mark === null || line.next >= source.length) {
      lines.push({ ...line, start });
      return lines;
    }
    lines.push({ start, end: Math.max(start, line.start + mark.index), next: line.next });
  }
}

/** The lines that complete a rule whose parenthesis is still open; none where it is closed or the next rule comes first. */
function openLines(source: string, text: string, offset: number): Line[] {
  const lines: Line[] = [];
  if (!RULE_START.test(text) || !text.includes('(') || text.trimEnd().endsWith(')')) return lines;
  let next = offset;
  while (next < source.length && lines.length < MAXIMUM_OPEN_LINES) {
    const line = lineAt(source, next);
    const more = source.slice(line.start, line.end);
    if (more.trim() === '' || /^\s*#/.test(more) || RULE_START.test(more)) return lines;
    // The line end stays in the text: it is a blank between options.
    lines.push({ ...line, start: line.start - 1 });
    next = line.next;
    if (more.trimEnd().endsWith(')')) return lines;
  }
  return lines;
}

function join(source: string, lines: readonly Line[]): Pick<RuleText, 'text' | 'at'> {
  const [first] = lines;
  if (lines.length === 1) return { text: source.slice(first!.start, first!.end), at: (place) => first!.start + place };
  return {
    text: lines.map((line) => source.slice(line.start, line.end)).join(''),
    at: (place) => {
      let rest = place;
      for (const line of lines) {
        const length = line.end - line.start;
        if (rest < length || line === lines[lines.length - 1]) return line.start + rest;
        rest -= length;
      }
      return first!.start;
    },
  };
}
