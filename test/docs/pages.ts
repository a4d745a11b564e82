/** What tests that write pages of docs/protocols have in common. */

/** Protocols whose parsers lie in the folder of another, or that are another's. */
const FOLDERS: Readonly<Record<string, string>> = {
  http: 'http1',
  mdns: 'dns',
  llmnr: 'dns',
  'ftp-data': 'ftp',
};

/** Of src/app; the page of the protocol is called so as well. */
export const folderOf = (name: string): string => FOLDERS[name] ?? name;

/** The first line of a page that a test of test/docs makes. */
export const GENERATED = (test: string): string =>
  `<!-- Made by test/docs/${test}.test.ts; vitest -u writes it anew. -->\n`;

export const table = (head: readonly string[], lines: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
