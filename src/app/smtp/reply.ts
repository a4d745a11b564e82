/** What a line of SMTP is without its end, and what the code of a reply says. Stage: app. */

const CR = 13;
const LF = 10;
const DASH = 45;

/** Without the line end. */
export function trimmed(bytes: Uint8Array, from: number, end: number): number {
  if (end > from && bytes[end - 1] === LF) end--;
  while (end > from && bytes[end - 1] === CR) end--;
  return end;
}

/** The code of a reply; -1 where there is none. */
export function codeOf(bytes: Uint8Array, from: number, end: number): number {
  if (end - from < 3) return -1;
  let code = 0;
  for (let at = from; at < from + 3; at++) {
    const digit = bytes[at]! - 48;
    if (digit < 0 || digit > 9) return -1;
    code = code * 10 + digit;
  }
  return end === from + 3 || bytes[from + 3] === 32 || bytes[from + 3] === DASH ? code : -1;
}

/** The server gives up, which it may at any time. */
export const isRefusal = (code: number): boolean => code === 421 || code === 554;
