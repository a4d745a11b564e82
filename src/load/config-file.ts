/**
 * A configuration file of rules (classification.config, reference.config, threshold.config): read, parsed, and what is
 * wrong with it placed. Stage: load.
 */
import { Diagnostics } from '../rule/diagnostic.js';
import type { LocatedDiagnostic } from '../rule/render-diagnostic.js';
import { SourceText } from '../rule/source-text.js';
import { readText } from './read-text.js';

export interface ConfigFile<T> {
  /** Undefined where the file could not be read. */
  readonly value: T | undefined;
  readonly diagnostics: readonly LocatedDiagnostic[];
}

/** `parse` is one of the parsers of this folder; lines that it refuses are left out of the value and reported. */
export function loadConfigFile<T>(file: string, parse: (text: string, diagnostics: Diagnostics) => T): ConfigFile<T> {
  const read = readText(file);
  if ('reason' in read) {
    const message = `cannot read the file: ${read.reason}`;
    return { value: undefined, diagnostics: [{ file, line: 1, column: 1, severity: 'error', code: 'unreadable-file', message, hint: undefined, sid: undefined, sourceLine: undefined, length: 0 }] };
  }
  const diagnostics = new Diagnostics();
  const value = parse(read.text, diagnostics);
  const source = new SourceText(read.text);
  return {
    value,
    diagnostics: diagnostics.list.map(({ code, severity, message, hint, sid, span }) => {
      const { line, column } = source.position(span.start);
      return { file, line, column, severity, code, message, hint, sid, sourceLine: source.line(line), length: span.end - span.start };
    }),
  };
}
