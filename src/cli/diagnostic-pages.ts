/**
 * What there is to read about diagnostics: a page for each code and their index (docs/diagnostics), and the same for a
 * terminal (`check --explain`). Made from the catalogue, which is the only source. Pure text, no files. Stage: cli.
 */
import { AREAS, diagnosticCodes, diagnosticEntry, type DiagnosticArea } from '../rule/diagnostics/catalogue.js';
import type { DiagnosticEntry, ExampleKind } from '../rule/diagnostics/entry.js';
import { anchor, code as span, escapeText } from '../util/markdown.js';
import { nearest } from '../util/nearest.js';
import { wrap } from '../util/wrap.js';

/** Where the pages are, from the root of the project. */
const FOLDER = 'docs/diagnostics';
/** Longer examples are shown in part. */
const MAXIMUM_EXAMPLE = 600;
const TERMINAL_WIDTH = 80;
const GENERATED = '<!-- Generated from the catalogue (src/rule/diagnostics): edit the entry there, not this page. -->';
/** The language of a code block, by what an example is. */
const FENCES: Readonly<Record<ExampleKind, string>> = {
  rules: 'rules',
  'threshold.config': 'conf',
  'classification.config': 'conf',
  'reference.config': 'conf',
  flags: 'sh',
  files: 'sh',
};

/** Every file of docs/diagnostics by its name. */
export function diagnosticPages(areas: readonly DiagnosticArea[] = AREAS): ReadonlyMap<string, string> {
  const pages = areas.flatMap(({ entries }) =>
    Object.entries(entries).map(([code, entry]) => [`${code}.md`, renderPage(code, entry)] as const),
  );
  return new Map([['README.md', renderIndex(areas)], ...pages]);
}

function renderIndex(areas: readonly DiagnosticArea[]): string {
  const contents = areas.map(({ title }) => `- [${title}](#${anchor(title)})`).join('\n');
  const sections = areas.map(({ title, entries }) => {
    const rows = Object.entries(entries).map(
      ([code, entry]) => `| [${span(code)}](${code}.md) | ${severities(entry)} | ${escapeText(entry.title)} |`,
    );
    return [`## ${title}\n`, '| Code | Severity | Meaning |', '|---|---|---|', ...rows].join('\n');
  });
  return [INTRODUCTION, contents, ...sections].join('\n\n') + '\n';
}

const INTRODUCTION = `# Diagnostics

${GENERATED}

What \`periscope check\`, \`run\`, \`read\` and \`update\` say about rules and the files beside them. The code in brackets at the end of a message is stable; \`periscope check --explain CODE\` shows its page in the terminal.

An **error** keeps the rule (or the line, or the file) from being loaded, the others go on; \`check\` then ends with status 1. A **warning** leaves the rule loaded and says what it will not do; \`--strict\` makes it count as an error. A **hint** says what could be better.`;

function renderPage(code: string, entry: DiagnosticEntry): string {
  const { why, title, bad, good, keywords = [] } = entry;
  const fence = FENCES[entry.example ?? 'rules'];
  const block = (text: string): string => `\`\`\`${fence}\n${shown(text, entry)}\n\`\`\``;
  const links = keywords.map((keyword) => `[${span(keyword)}](../rules.md#${anchor(keyword)})`).join(', ');
  return (
    [
      `# ${code}`,
      GENERATED,
      `**${severities(entry)}**: ${escapeText(title)}`,
      why,
      '## Wrong',
      block(bad),
      '## Right',
      block(good),
      ...(links === '' ? [] : [`Keywords: ${links}.`]),
      '[All diagnostics](README.md)',
    ].join('\n\n') + '\n'
  );
}

/** As text for a terminal; undefined for a code that there is not. */
export function explainDiagnostic(code: string): string | undefined {
  const entry = diagnosticEntry(code);
  if (entry === undefined) return undefined;
  const example = (text: string): string => shown(text, entry).replace(/^/gm, '    ');
  const paragraphs = [
    `${code} (${severities(entry)})`,
    wrap(entry.title, TERMINAL_WIDTH),
    wrap(entry.why, TERMINAL_WIDTH),
    `Wrong:\n\n${example(entry.bad)}`,
    `Right:\n\n${example(entry.good)}`,
    ...(entry.keywords === undefined
      ? []
      : [wrap(`Keywords: ${entry.keywords.join(', ')} (docs/rules.md)`, TERMINAL_WIDTH)]),
    `Page: ${FOLDER}/${code}.md`,
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

/** For somebody who asked for a code that there is not. */
export function unknownDiagnostic(code: string): string {
  const close = nearest(code, diagnosticCodes());
  return `there is no diagnostic '${code}'; ${close === undefined ? `${FOLDER}/README.md lists them all` : `did you mean ${close}?`}`;
}

function severities({ severity }: DiagnosticEntry): string {
  return [severity].flat().join(' or ');
}

/** What an example shows; flags stand behind a command. */
function shown(text: string, { example }: DiagnosticEntry): string {
  return shorten(example === 'flags' ? `periscope check --rules local.rules ${text}` : text);
}

function shorten(text: string): string {
  return text.length <= MAXIMUM_EXAMPLE
    ? text
    : `${text.slice(0, (MAXIMUM_EXAMPLE * 2) / 3)} … ${text.slice(-MAXIMUM_EXAMPLE / 3)}`;
}
