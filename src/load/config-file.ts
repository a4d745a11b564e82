/**
 * A configuration file of rules (classification.config, reference.config, threshold.config): read, parsed, and what is
 * wrong with it placed. Stage: load.
 */
import { Diagnostics, type Diagnostic } from '../rule/diagnostics/diagnostic.js';
import { locateDiagnostic, wholeDiagnostic } from '../rule/diagnostics/locate-diagnostic.js';
import type { LocatedDiagnostic } from '../rule/diagnostics/render-diagnostic.js';
import { SourceText } from '../rule/diagnostics/source-text.js';
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
    return {
      value: undefined,
      diagnostics: [wholeDiagnostic(file, { code: 'unreadable-file', severity: 'error', message, hint: read.hint })],
    };
  }
  const diagnostics = new Diagnostics();
  const value = parse(read.text, diagnostics);
  return { value, diagnostics: placeDiagnostics(file, read.text, diagnostics.list) };
}

/** What was found in a file, by line and column. */
export function placeDiagnostics(file: string, text: string, found: readonly Diagnostic[]): LocatedDiagnostic[] {
  const source = new SourceText(text);
  return found.map((diagnostic) => locateDiagnostic(diagnostic, file, source));
}
