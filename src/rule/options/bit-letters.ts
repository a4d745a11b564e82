/**
 * Sets of bits written as letters with a modifier before or behind them: `SA`, `+S`, `S+`, `*FR`, `!R`. Used by flags
 * and fragbits. Stage: rule.
 */
import type { Word } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { slice } from './value.js';

export type BitMode = 'exact' | 'all' | 'any' | 'not';

export interface BitLetters {
  readonly bits: number;
  readonly mode: BitMode;
}

const MODES: Readonly<Record<string, BitMode>> = { '+': 'all', '*': 'any', '!': 'not' };
const SIGNS: Readonly<Record<BitMode, string>> = { exact: '', all: '+', any: '*', not: '!' };

/** `letters` gives each letter its bit, in the order that they are printed; `0` alone may stand for none. */
export function parseBitLetters(
  word: Word,
  letters: ReadonlyMap<string, number>,
  diagnostics: Diagnostics,
): BitLetters | undefined {
  const before = MODES[word.text[0] ?? ''];
  const behind = word.text.length > 1 ? MODES[word.text.at(-1)!] : undefined;
  if (before !== undefined && behind !== undefined) {
    diagnostics.error(
      'conflicting-arguments',
      `'${word.text}' has more than one modifier`,
      word.span,
      'write one of + * ! before the letters',
    );
    return undefined;
  }
  const core = slice(word, before === undefined ? 0 : 1, word.text.length - (behind === undefined ? 0 : 1));
  const bits = readLetters(core, letters, diagnostics);
  return bits === undefined ? undefined : { bits, mode: before ?? behind ?? 'exact' };
}

/** TCP flags go by letters here. */
const LETTERS_OF_NAMES: Readonly<Record<string, string>> = {
  SYN: 'S',
  ACK: 'A',
  FIN: 'F',
  RST: 'R',
  PSH: 'P',
  URG: 'U',
  SYNACK: 'SA',
};

/** The union of the letters' bits; reports the first that is none. */
export function readLetters(
  word: Word,
  letters: ReadonlyMap<string, number>,
  diagnostics: Diagnostics,
): number | undefined {
  let bits = 0;
  for (let index = 0; index < word.text.length; index++) {
    const letter = word.text[index]!.toUpperCase();
    const bit = letters.get(letter);
    if (bit === undefined || (bit === 0 && word.text.length > 1)) {
      const named = LETTERS_OF_NAMES[word.text.toUpperCase()];
      const message =
        bit === 0
          ? `${letter} stands for no bit at all, so nothing can stand beside it`
          : `'${word.text[index]}' is no bit`;
      diagnostics.error(
        'unknown-argument',
        message,
        slice(word, index, index + 1).span,
        named === undefined ? `write ${[...letters.keys()].join(' ')}` : `write ${named} for ${word.text}`,
      );
      return undefined;
    }
    bits |= bit;
  }
  if (word.text !== '') return bits;
  diagnostics.error('missing-argument', 'no bit is named', word.span, `write ${[...letters.keys()].join(' ')}`);
  return undefined;
}

export function printBitLetters({ bits, mode }: BitLetters, letters: ReadonlyMap<string, number>): string {
  return `${SIGNS[mode]}${printLetters(bits, letters)}`;
}

/** One letter a bit: the first that the map has for it. */
export function printLetters(bits: number, letters: ReadonlyMap<string, number>): string {
  let left = bits;
  let text = '';
  for (const [letter, bit] of letters) {
    if (bit !== 0 && (left & bit) !== 0) {
      text += letter;
      left &= ~bit;
    }
  }
  return text === '' ? '0' : text;
}
