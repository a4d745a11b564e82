/**
 * Values in which nobody can tell where a quoted text was meant to end. Stage: rule (compile).
 *
 *   metadata:"a"b; content:"x";        one value, as `"` closes only before a comma or semicolon
 *              └ stray
 *
 * A semicolon within quotes belongs to the value. Where a quote too many stands beside it, the value may have swallowed
 * the options behind it, of which nothing would be said.
 */

const CLOSE_BEHIND = /^\s*(?:,|$)/;

/**
 * Offset of the first double quote that neither opens nor closes an argument, in a value with an unescaped semicolon;
 * -1 else.
 */
export function strayQuote(value: string): number {
  if (!value.includes(';') || !value.includes('"')) return -1;
  // Same length, so that offsets stay.
  const text = value.replace(/\\[^]/g, '__');
  if (!text.includes(';')) return -1;
  let open = -1;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) {
    const fits = open < 0 ? startsArgument(text.slice(0, at)) : CLOSE_BEHIND.test(text.slice(at + 1));
    if (!fits) return at;
    open = open < 0 ? at : -1;
  }
  return open;
}

/** Whether an argument begins behind this text; a `!` may stand before it. */
function startsArgument(before: string): boolean {
  const text = before.trimEnd();
  const plain = text.endsWith('!') ? text.slice(0, -1).trimEnd() : text;
  return plain === '' || plain.endsWith(',');
}
