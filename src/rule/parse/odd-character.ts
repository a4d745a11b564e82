/**
 * Characters that nobody sees: blanks that are none, and what takes no room, as word processors and web pages leave
 * them. Stage: rule, for diagnostics only.
 *
 * Within quotes they are text like any other; anywhere else they are part of no token, or spoil the one they are in.
 */
import { decodeLatin1 } from '../../util/utf8.js';
import type { Diagnostic, Span } from '../diagnostics/diagnostic.js';

const NAMES: Readonly<Record<string, string>> = {
  '\u00a0': 'a no-break space',
  '\u202f': 'a narrow no-break space',
  '\u3000': 'an ideographic space',
  '\u00ad': 'a soft hyphen',
  '\u200b': 'a zero width space',
  '\u200c': 'a zero width non-joiner',
  '\u200d': 'a zero width joiner',
  '\u2060': 'a word joiner',
  '\ufeff': 'a byte order mark',
  '\u2028': 'a line separator',
  '\u2029': 'a paragraph separator',
};
/** Bytes of UTF-8, one a character, then single characters. */
const MULTIBYTE = /[\xc2-\xf4][\x80-\xbf]{1,3}|[^]/gy;
/** All but these are looked at more closely: letters, digits, signs, and blanks that are such. */
const PLAIN = /[\x20-\x7e\t\r\n\f\v]/;
const HAS_OTHERS = /[^\x20-\x7e\t\r\n\f\v]/;
/** Blanks, and what has no shape: controls, marks of direction, joiners. */
const ODD = /^[\p{Z}\p{Cf}\p{Cc}]$/u;

/**
 * The rule is read once for each of so many, which is as many as anybody looks at; longer rules are not looked through.
 */
const MOST_EXPLAINED = 8;
const MAXIMUM_LENGTH = 65_536;

/** What is said of a rule, at the characters that nobody sees where there are some and they explain the rest. */
export function explainOddCharacters(diagnostics: readonly Diagnostic[], text: string): readonly Diagnostic[] {
  if (diagnostics.length === 0 || text.length > MAXIMUM_LENGTH || !HAS_OTHERS.test(text)) return diagnostics;
  return diagnostics.map((diagnostic, index) =>
    index < MOST_EXPLAINED && diagnostic.severity === 'error' ? explain(diagnostic, text) : diagnostic,
  );
}

function explain(diagnostic: Diagnostic, text: string): Diagnostic {
  const found = oddCharacter(text, diagnostic.span);
  if (found === undefined) return diagnostic;
  const { name, isBlank, span } = found;
  const expectation = /^.*, found (?=')/.exec(diagnostic.message)?.[0];
  const message = expectation === undefined ? `${diagnostic.message}: ${name} stands in it` : `${expectation}${name}`;
  return {
    ...diagnostic,
    message,
    span,
    hint:
      isBlank && diagnostic.code !== 'text-after-rule' ? 'write a plain space instead' : 'it cannot be seen: delete it',
  };
}

interface OddCharacter {
  readonly name: string;
  readonly isBlank: boolean;
  readonly span: Span;
}

/** The first one outside of quotes that a span has in it or beside it. */
function oddCharacter(text: string, span: Span): OddCharacter | undefined {
  let quoted = false;
  for (let at = 0; at <= span.end && at < text.length; at++) {
    const letter = text[at]!;
    if (letter === '\\') at++;
    else if (letter === '"') quoted = !quoted;
    else if (!quoted && !PLAIN.test(letter)) {
      MULTIBYTE.lastIndex = at;
      const bytes = MULTIBYTE.exec(text)?.[0] ?? letter;
      const found = describe(bytes);
      if (found !== undefined && at + bytes.length >= span.start)
        return { ...found, span: { start: at, end: at + bytes.length } };
      at += bytes.length - 1;
    }
  }
  return undefined;
}

function describe(bytes: string): Pick<OddCharacter, 'name' | 'isBlank'> | undefined {
  const [character = ''] = decodeLatin1(bytes);
  if (!ODD.test(character)) return undefined;
  const code = `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
  const isBlank = /\p{Z}/u.test(character);
  return {
    name: `${NAMES[character] ?? (isBlank ? 'a typographic space' : 'a character without shape')} (${code})`,
    isBlank,
  };
}
