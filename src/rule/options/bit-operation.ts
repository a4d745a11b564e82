/**
 * What flowbits, hostbits and xbits have in common: operations, and names joined by `|` (one of them) or `&` (all).
 * Stage: rule. Reference: Suricata, flow keywords and xbits; Snort 2 for `&`.
 */
import type { Word } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { BitTest } from '../program.js';
import type { RuleBuilder } from '../compile/rule-builder.js';
import { splitArguments } from './value.js';

const BIT_OPERATIONS = ['set', 'unset', 'toggle', 'isset', 'isnotset'] as const;
export type BitOperation = (typeof BIT_OPERATIONS)[number];

export interface BitNames {
  readonly names: readonly string[];
  /** How they are joined: any of them, or all of them. */
  readonly join: 'any' | 'all';
}

/** The operation, or 'noalert'; reports what is neither. */
export function readOperation(
  word: Word,
  keyword: string,
  diagnostics: Diagnostics,
): BitOperation | 'noalert' | undefined {
  const text = word.text.toLowerCase();
  if (text === 'noalert') return 'noalert';
  const operation = BIT_OPERATIONS.find((each) => each === text);
  if (operation === undefined) {
    diagnostics.error(
      'unknown-argument',
      `${keyword} does not know '${word.text}'`,
      word.span,
      `write ${BIT_OPERATIONS.join(', ')} or noalert`,
    );
  }
  return operation;
}

/** Names of bits; several only where `several` says so. */
export function readNames(
  word: Word,
  operation: BitOperation,
  several: boolean,
  diagnostics: Diagnostics,
): BitNames | undefined {
  const any = word.text.includes('|');
  const all = word.text.includes('&');
  if ((any && all) || ((any || all) && !several)) {
    diagnostics.error(
      'bad-bit-names',
      any && all ? '| and & cannot be mixed' : 'only one name can stand here',
      word.span,
      'write one option for each part',
    );
    return undefined;
  }
  if (any && operation !== 'isset' && operation !== 'isnotset') {
    diagnostics.error(
      'bad-bit-names',
      `${operation} cannot choose between bits`,
      word.span,
      'join the names with & to change all of them',
    );
    return undefined;
  }
  const parts = any ? splitArguments(word, '|') : all ? splitArguments(word, '&') : [word];
  const wrong = parts.find((part) => part.text === '' || /[\s"';,!]/.test(part.text));
  if (wrong !== undefined) {
    diagnostics.error(
      'bad-name',
      `'${wrong.text}' is no name of a bit`,
      wrong.span,
      'write a name without blanks, quotes and commas',
    );
    return undefined;
  }
  return { names: parts.map((part) => part.text), join: all ? 'all' : 'any' };
}

/** Adds the test or effect; a test of `a&b` is one test for each name. */
export function addBits(
  operation: BitOperation,
  bits: BitNames,
  scope: BitTest['scope'],
  builder: RuleBuilder,
  expireSeconds?: number,
): void {
  if (operation !== 'isset' && operation !== 'isnotset') {
    builder.addBitEffect({
      scope,
      operation,
      names: bits.names,
      ...(expireSeconds === undefined ? {} : { expireSeconds }),
    });
    return;
  }
  for (const names of bits.join === 'all' ? bits.names.map((name) => [name]) : [bits.names])
    builder.addBitTest({ scope, operation, names });
}

export function printNames({ names, join }: BitNames): string {
  return names.join(join === 'all' ? '&' : '|');
}
