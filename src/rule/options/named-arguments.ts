/**
 * Values made of named arguments, `bytes 60, offset 0, relative`: names in any order, each at most once. Stage: rule.
 */
import type { OptionNode, Word } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { readNumber, splitArguments, splitHead, type Limits } from './value.js';

/** Per name: nothing follows it, or a number within limits, or one of some words. */
export type ArgumentSyntax = Readonly<Record<string, 'none' | Limits | readonly string[]>>;
export type ReadArguments = ReadonlyMap<string, number | string | true>;

/** Reads the arguments of `word`; a missing value has none. Reports what is unknown, said twice or out of range. */
export function readNamedArguments(
  word: Word | undefined,
  syntax: ArgumentSyntax,
  node: OptionNode,
  form: string,
  diagnostics: Diagnostics,
): ReadArguments | undefined {
  const read = new Map<string, number | string | true>();
  if (word === undefined || word.text === '') return read;
  for (const part of splitArguments(word)) {
    const { head, rest } = splitHead(part);
    const name = head.text.toLowerCase();
    const takes = Object.hasOwn(syntax, name) ? syntax[name] : undefined;
    if (takes === undefined || read.has(name) || (takes === 'none') !== (rest === undefined)) {
      const what = read.has(name)
        ? `${name} is said twice`
        : takes === undefined
          ? `${node.name.text} does not know '${part.text}'`
          : `${name} takes ${takes === 'none' ? 'no value' : 'a value'}`;
      diagnostics.error('unknown-argument', what, part.span, form);
      return undefined;
    }
    const value = takes === 'none' ? true : readArgument(name, rest!, takes, form, diagnostics);
    if (value === undefined) return undefined;
    read.set(name, value);
  }
  return read;
}

function readArgument(
  name: string,
  word: Word,
  takes: Limits | readonly string[],
  form: string,
  diagnostics: Diagnostics,
): number | string | undefined {
  if ('minimum' in takes) return readNumber(word, name, takes, diagnostics);
  const choice = takes.find((each) => each === word.text.toLowerCase());
  if (choice === undefined) diagnostics.error('unknown-argument', `'${word.text}' is no ${name}`, word.span, form);
  return choice;
}
