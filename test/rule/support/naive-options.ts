/**
 * The options of a rule's text, cut by hand: an oracle for lexer, grammar and scanner that shares nothing with them.
 *
 * What is between the first parenthesis and the last: `name;` or `name:value;`. A backslash takes the next character
 * with it. A quote opens where a value or an argument behind a comma begins, a `!` may stand before it, and closes at
 * the first quote with a comma, a semicolon or a line's end behind it; where there is none, at the last quote of all.
 * Comments are passed over in front of words of the header, around names and behind the rule.
 */

const isBlank = (character: string | undefined): boolean => character !== undefined && /\s/.test(character);

/** `name` or `name:value`, blanks around both taken off; undefined where what is left at the end is no `)`. */
export function naiveOptions(text: string): string[] | undefined {
  const options: string[] = [];
  let at = naiveHeader(text).end + 1;
  for (;;) {
    let written = '';
    while (at < text.length && text[at] !== ':' && text[at] !== ';' && text[at] !== ')') {
      const end = commentEnd(text, at);
      if (end === at) written += text[at++]!;
      at = end > at ? end : at;
    }
    if (at === text.length) return undefined;
    const name = written.trim();
    if (text[at] === ')') return name === '' && isBehindRule(text, at + 1) ? options : undefined;
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

/** Where the comment ends that starts at `at`; `at` where none does. */
function commentEnd(text: string, at: number): number {
  if (text.startsWith('//', at)) return text.includes('\n', at) ? text.indexOf('\n', at) : text.length;
  const close = text.startsWith('/*', at) ? text.indexOf('*/', at + 2) : -1;
  return close < 0 ? at : close + 2;
}

/**
 * What stands before the options, without comments, and where they open. A comment starts where a word does, not within
 * one.
 */
export function naiveHeader(text: string): { readonly header: string; readonly end: number } {
  let header = '';
  let startsWord = true;
  for (let at = 0; at < text.length; at++) {
    const end = startsWord ? commentEnd(text, at) : at;
    if (end > at) {
      at = end - 1;
      continue;
    }
    if (text[at] === '(') return { header, end: at };
    header += text[at]!;
    startsWord = isBlank(text[at]) || '[],!'.includes(text[at]!);
  }
  return { header, end: text.length };
}

function isBehindRule(text: string, from: number): boolean {
  let at = from;
  while (at < text.length) {
    const end =
      text[at] === '#' ? (text.includes('\n', at) ? text.indexOf('\n', at) : text.length) : commentEnd(text, at);
    if (end === at && !isBlank(text[at])) return false;
    at = Math.max(end, at + 1);
  }
  return true;
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
    if (character === undefined || character === ',' || character === ';' || /[\n\r\u2028\u2029]/.test(character))
      return true;
    if (!isBlank(character)) return false;
  }
}
