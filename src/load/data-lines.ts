/**
 * Text files that say one thing a line: the lines, and what is said of those that cannot be read. Stage: load.
 */
import type { Word } from '../rule/ast.js';
import { Diagnostics } from '../rule/diagnostics/diagnostic.js';
import type { LocatedDiagnostic } from '../rule/diagnostics/render-diagnostic.js';
import { placeDiagnostics } from './config-file.js';

/** Of one file, more lines than these are counted and not shown. */
const MAX_SHOWN = 5;

/** Lines that hold anything, without blanks around them. */
export function* dataLines(text: string): Generator<Word> {
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end);
    const trimmed = line.trim();
    if (trimmed !== '') {
      const at = start + line.indexOf(trimmed);
      yield { text: trimmed, span: { start: at, end: at + trimmed.length } };
    }
    start = end + 1;
  }
}

/** Those of a configuration file: without comments. */
export function* configLines(text: string): Generator<Word> {
  for (const line of dataLines(text)) if (!line.text.startsWith('#')) yield line;
}

/** Warnings about the lines of one file. */
export class LineProblems {
  /** Lines that could not be read. */
  count = 0;
  private withoutEffect = 0;
  private readonly diagnostics = new Diagnostics();
  private readonly file: string;
  private readonly text: string;

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
  }

  add(word: Word, message: string, hint?: string): void {
    if (++this.count <= MAX_SHOWN) this.diagnostics.warning('bad-data-line', message, word.span, hint);
    else if (this.count === MAX_SHOWN + 1)
      this.diagnostics.warning(
        'bad-data-line',
        'this line cannot be read either',
        word.span,
        'there are more of them; they are not shown',
      );
  }

  /** A reputation that can be read, and that another line stands against. */
  addTwoScores(word: Word, message: string): void {
    if (++this.withoutEffect <= MAX_SHOWN)
      this.diagnostics.warning(
        'two-scores',
        message,
        word.span,
        'leave one of them out; of a network the first line counts, of a single address the last, as in Suricata',
      );
    else if (this.withoutEffect === MAX_SHOWN + 1)
      this.diagnostics.warning(
        'two-scores',
        'this line does not count either',
        word.span,
        'there are more of them; they are not shown',
      );
  }

  located(): LocatedDiagnostic[] {
    return this.diagnostics.list.length === 0 ? [] : placeDiagnostics(this.file, this.text, this.diagnostics.list);
  }
}
