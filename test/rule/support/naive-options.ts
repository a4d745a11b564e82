/**
 * The options of a rule's text, cut by hand: an oracle for lexer, grammar and scanner that shares nothing with them.
 *
 * What is between the first parenthesis and the last: `name;` or `name:value;`. A backslash takes the next character with
 * it. A quote opens where a value or an argument behind a comma begins, a `!` may stand before it, and closes at the first
 * quote with a comma, a semicolon or a line's end behind it; where there is none, at the last quote of all.
 */

const isBlank = (character: string | undefined): boolean => character !== undefined && /\s/.test(character);

/** `name` or `name:value`, blanks around both taken off; undefined where what is left at the end is no `)`. */
export function naiveOptions(text: string): string[] | undefined {
  const options: string[] = [];
  let at = text.indexOf('(') + 1;
  for (;;) {
    const nameStart = at;
    while (at < text.length && text[at] !== ':' && text[at] !== ';' && text[at] !== ')') at++;
    if (at === text.length) return undefined;
    const name = text.slice(nameStart, at).trim();
    if (text[at] === ')') return name === '' && text.slice(at + 1).trim() === '' ? options : undefined;
    if (text[at] === ';') {
      options.push(name);
    } else {
      const end = valueEnd(text, at + 1);
      if (text[end] !== ';') return undefined;
      options.push(`${name}:${text.slice(at + 1, end).trim()}`);
      at = end;
    }
    at++;
  }
}

/** Where the semicolon stands that ends the value. */
function valueEnd(text: string, start: number): number {
  let mayOpen = true;
  let at = start;
  while (at < text.length && text[at] !== ';') {
    const character = text[at]!;
    if (character === '"' && mayOpen) {
      const close = closingQuote(text, at);
      at = close < 0 ? at : close;
      mayOpen = false;
    } else if (character === '\\') {
      at++;
      mayOpen = false;
    } else if (character === ',') {
      mayOpen = true;
    } else if (!isBlank(character)) {
      mayOpen &&= character === '!' && isFirstMark(text, at);
    }
    at++;
  }
  return at;
}

/** Whether only blanks stand between this `!` and the comma or colon before it. */
function isFirstMark(text: string, at: number): boolean {
  let before = at - 1;
  while (isBlank(text[before])) before--;
  return text[before] === ',' || text[before] === ':';
}

function closingQuote(text: string, open: number): number {
  let last = -1;
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') {
      last = at;
      if (endsArgument(text, at + 1)) return at;
    }
  }
  return last;
}

function endsArgument(text: string, from: number): boolean {
  for (let at = from; ; at++) {
    const character = text[at];
    if (character === undefined || character === ',' || character === ';' || /[\n\r\u2028\u2029]/.test(character)) return true;
    if (!isBlank(character)) return false;
  }
}
