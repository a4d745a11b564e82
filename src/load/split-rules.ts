/**
 * A rule file to the texts of its rules. Stage: load.
 *
 *   alert tcp any any -> any 80 ( \        a backslash at the end continues the line, as in Suricata and Snort 2
 *       msg:"x"; sid:1;)
 *   alert tcp any any -> any 80 (          an open parenthesis continues it too, as in Snort 3
 *       msg:"x"; sid:2;
 *   )
 *   # a comment                            also // a comment
 *   /* another, as in Snort 3,
 *      between rules or options *\/
 *   #alert tcp any any -> any 80 (sid:3;)  a disabled rule
 *   # from C:\rules\                       no backslash continues prose; it does continue a disabled rule
 *
 * A continuation mark and its line end vanish, so the text of a rule has holes; `at` leads from the text to the file.
 */
import { ACTIONS, FILE_TYPE_ACTION } from '../rule/compile/protocols.js';

export interface RuleText {
  readonly text: string;
  readonly disabled: boolean;
  /** Where its first line starts in the file; `splitRules` from there yields it again. */
  readonly start: number;
  /** Offset in the file of a place in `text`. */
  at(offset: number): number;
}

interface Line {
  readonly start: number;
  readonly end: number;
  /** Start of the line behind; the text's length for the last. */
  readonly next: number;
}

const ACTION = Object.keys(ACTIONS).join('|');
/** Any word where a whole header with an arrow follows. */
const HEADER = String.raw`[a-z]\w*\s+[\w:.-]+\s+\S+\s+\S+\s+(?:->|<>|<-|=>)\s`;
/** A known action with a protocol or, in Snort's own rules, with none. */
const SHORT_HEADER = String.raw`(?:${ACTION})(?:\s+[\w:.-]+[\s(]|\s*\()|${FILE_TYPE_ACTION}\s*\(`;
const HASHES = String.raw`^\s*(?:#[#\s]*)?`;
const RULE_START = new RegExp(String.raw`^\s*(?:${SHORT_HEADER}|${HEADER})`, 'i');
/** Such, perhaps commented out. */
const ANY_RULE_START = new RegExp(`${HASHES}(?:${SHORT_HEADER}|${HEADER})`, 'i');
/** What can only be the next rule, wherever it stands. */
const WHOLE_HEADER = new RegExp(`${HASHES}(?:${HEADER})`, 'i');
const DISABLED_RULE = new RegExp(String.raw`^\s*#[#\s]*(?=(?:${ACTION})(?:\s+[\w:.-]+[\s(]|\s*\()[^]*;\s*\)\s*$)`, 'i');
const COMMENT = /^\s*(?:#|\/\/)/;
const BLANK_OR_COMMENT = /^\s*(?:#|\/\/|$)/;
/** A comment in C style where a rule would start. */
const COMMENT_START = /\s*\/\*/y;
/** One that starts between options, and does not end on its line. */
const OPEN_COMMENT = /(?:^|[;(])\s*\/\*(?!.*\*\/)/;
/** A rule's end, with a comment behind it. */
const CLOSED_BEFORE_COMMENT = /;\s*\)\s*(?:(?:#|\/\/)[^"]*|\/\*.*\*\/\s*)$/;
const BACKSLASH = 0x5c;
const CLOSE = 0x29;
/** Lines that one rule may take without continuation marks. */
const MAXIMUM_OPEN_LINES = 200;

/**
 * Every rule from `offset` (the start of a line) on, in the order of the file; comments and blank lines are left out.
 */
export function* splitRules(source: string, offset = 0): Generator<RuleText> {
  while (offset < source.length) {
    const start = skipComments(source, offset);
    offset = start;
    const pieces = continuedLines(source, offset);
    offset = pieces[pieces.length - 1]!.next;
    const text = joined(source, pieces);
    if (BLANK_OR_COMMENT.test(text)) {
      const mark = DISABLED_RULE.exec(text)?.[0].length;
      if (mark !== undefined) yield new JoinedLines(text.slice(mark), true, start, pieces, mark);
      continue;
    }
    const more = openLines(source, text, offset);
    if (more.length === 0) {
      yield new JoinedLines(text, false, start, pieces, 0);
    } else {
      offset = more[more.length - 1]!.next;
      const all = [...pieces, ...more];
      yield new JoinedLines(joined(source, all), false, start, all, 0);
    }
  }
}

/** Where the comments in C style end that start here; one without an end is left to be read as a rule. */
function skipComments(source: string, offset: number): number {
  for (;;) {
    COMMENT_START.lastIndex = offset;
    const end = COMMENT_START.test(source) ? source.indexOf('*/', COMMENT_START.lastIndex) : -1;
    if (end < 0) return offset;
    offset = end + 2;
  }
}

class JoinedLines implements RuleText {
  readonly text: string;
  readonly disabled: boolean;
  readonly start: number;
  private readonly lines: readonly Line[];
  /** Characters of the lines before the text. */
  private readonly before: number;

  constructor(text: string, disabled: boolean, start: number, lines: readonly Line[], before: number) {
    this.text = text;
    this.disabled = disabled;
    this.start = start;
    this.lines = lines;
    this.before = before;
  }

  at(offset: number): number {
    let rest = offset + this.before;
    const last = this.lines.length - 1;
    for (let i = 0; i < last; i++) {
      const { start, end } = this.lines[i]!;
      if (rest < end - start) return start + rest;
      rest -= end - start;
    }
    return this.lines[last]!.start + rest;
  }
}

function lineAt(source: string, start: number): Line {
  const feed = source.indexOf('\n', start);
  const end = feed < 0 ? source.length : feed;
  return { start, end, next: feed < 0 ? end : feed + 1 };
}

/** The line at `offset` and those that backslashes add, each without its mark; of disabled rules without their `#`. */
function continuedLines(source: string, offset: number): Line[] {
  const first = lineAt(source, offset);
  const text = source.slice(first.start, first.end);
  const isComment = COMMENT.test(text);
  // A backslash at the end of prose is one of the prose.
  const continues = !isComment || ANY_RULE_START.test(text);
  let piece = continues ? withoutMark(source, first) : first;
  const lines = [piece];
  let isEnded = isComment || isRuleEnd(source.slice(piece.start, piece.end));
  for (let line = first; continues && hasMark(source, piece);) {
    const following = lineAt(source, line.next);
    const more = source.slice(following.start, following.end);
    if ((isEnded ? ANY_RULE_START : WHOLE_HEADER).test(more)) break;
    line = following;
    // One line of several that is commented out; the rule goes on behind it.
    if (!isEnded && COMMENT.test(more) && line.next < source.length) continue;
    const hash = isComment ? (/^\s*#+/.exec(more)?.[0].length ?? 0) : 0;
    piece = withoutMark(source, { ...line, start: line.start + hash });
    lines.push(piece);
    isEnded = isComment || isRuleEnd(source.slice(piece.start, piece.end));
  }
  return lines;
}

/** Whether a line was cut before a mark that continues it. */
const hasMark = (source: string, { end, next }: Line): boolean =>
  source.charCodeAt(end) === BACKSLASH && next < source.length;

/** A line up to its mark; the last line of a file has none. */
function withoutMark(source: string, line: Line): Line {
  const mark = line.next < source.length ? markAt(source, line) : -1;
  return mark < 0 ? line : { ...line, end: Math.max(line.start, mark) };
}

/** Where the backslash stands that continues the line, -1 without one. White space may follow it. */
function markAt(source: string, { start, end }: Line): number {
  const at = lastVisible(source, start, end);
  return at >= start && source.charCodeAt(at) === BACKSLASH ? at : -1;
}

/** Offset of the last character from `start` to `end` that is no white space; start - 1 without one. */
function lastVisible(text: string, start: number, end: number): number {
  let at = end - 1;
  while (at >= start && isSpace(text.charCodeAt(at))) at--;
  return at;
}

const isSpace = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d) || code === 0xa0;
const isRuleEnd = (text: string): boolean =>
  text.charCodeAt(lastVisible(text, 0, text.length)) === CLOSE || CLOSED_BEFORE_COMMENT.test(text);

/**
 * The lines that complete a rule whose parenthesis is still open, without those that are comments; none where it is
 * closed or the next rule comes first.
 */
function openLines(source: string, text: string, offset: number): Line[] {
  const lines: Line[] = [];
  if (isRuleEnd(text) || !RULE_START.test(text) || !text.includes('(')) return lines;
  let next = offset;
  let inComment = OPEN_COMMENT.test(text);
  while (next < source.length && lines.length < MAXIMUM_OPEN_LINES) {
    const line = lineAt(source, next);
    const more = source.slice(line.start, line.end);
    next = line.next;
    if (!inComment && (more.trim() === '' || RULE_START.test(more) || DISABLED_RULE.test(more))) return lines;
    if (!inComment && BLANK_OR_COMMENT.test(more)) continue;
    // The line end stays in the text: it is a blank between options.
    lines.push({ ...line, start: line.start - 1 });
    inComment = inComment ? !more.includes('*/') : OPEN_COMMENT.test(more);
    if (!inComment && isRuleEnd(more)) return lines;
  }
  return lines;
}

function joined(source: string, lines: readonly Line[]): string {
  const [first] = lines;
  if (lines.length === 1) return source.slice(first!.start, first!.end);
  return lines.map((line) => source.slice(line.start, line.end)).join('');
}
