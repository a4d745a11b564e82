/** Markdown for the generated pages of docs/. */

/** A code span whatever the text holds: the fence is longer than any run of backticks within. */
export function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${text}${fence}` : `${fence} ${text} ${fence}`;
}

/** As GitHub makes anchors of headings. */
export function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

/** Text in which angle brackets, stars and bars are no markup. */
export function escapeText(text: string): string {
  return text.replace(/[<>*_|]/g, (character) => `\\${character}`);
}
