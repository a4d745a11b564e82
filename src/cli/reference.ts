/**
 * The reference page of the keywords (docs/rules.md), made from their `doc` entries: the registry is the only source,
 * so that the page never says more or less than what is read. Called by the build; pure text, no files.
 */
import type { RuleOption } from '../rule/options/option.js';
import { anchor, code, escapeText } from '../util/markdown.js';

/** What keywords apply to, in the order of the page; others follow by name. */
const GROUPS = ['rule', 'packet', 'flow', 'buffer', 'content modifier', 'alert'];
const HEADINGS: Readonly<Record<string, string>> = {
  rule: 'What a rule is called',
  packet: 'Numbers and flags of a packet',
  flow: 'Flows and state',
  buffer: 'Bytes of a buffer',
  'content modifier': 'Modifiers of a content',
  alert: 'What an alert does',
};

/** Markdown, grouped by what keywords apply to, in the registry's order within a group. Ends with a line feed. */
export function renderReference(registry: Iterable<RuleOption>): string {
  const groups = groupOptions(registry);
  const names = [...groups.keys()].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
  const contents = names.map(
    (name) =>
      `- [${heading(name)}](#${anchor(heading(name))}): ${groups
        .get(name)!
        .map((option) => code(option.name))
        .join(', ')}`,
  );
  const sections = names.map((name) => [`## ${heading(name)}`, ...groups.get(name)!.map(renderOption)].join('\n\n'));
  return [INTRODUCTION, contents.join('\n'), ...sections].join('\n\n') + '\n';
}

const INTRODUCTION = `# Keywords of rules

<!-- Generated from the keyword registry (src/rule/options): edit the entries there, not this page. -->

The meaning of each keyword is that of Suricata's documentation; what Snort 2 and 3 write differently is read as well. Where a keyword departs from either, its entry says so.

A rule is one line, goes on behind a backslash at the end of a line, or until its parenthesis closes. Comments start with \`#\` or \`//\` on a line of their own or behind a rule, or stand between \`/*\` and \`*/\` before a rule or between options.

A rule that is its header alone, with or without ports, is looked at once per flow and direction, on the first packet. Thresholds, \`flowbits:set\`, \`ip_proto\`, \`iprep\`, \`xbits\`, \`hostbits\` and what an alert does change nothing in that; any other option makes it a rule for every packet. Packets without a flow, and protocols without sessions such as GRE, are looked at one by one. A header with ports matches only packets that have ports.

A content without a buffer is looked for in what the sides send: in each packet, but of TCP in ranges of the stream as it is put together, so that it does not matter where segments were cut. A range ends where the parser has read a message to its end (a record of TLS, a response of HTTP), after 2 560 bytes, at a gap and at the end. What follows a message has nothing to do with it: \`depth\`, \`offset\` and \`startswith\` count from the message's start. Commands of FTP, SMTP, IMAP and POP3 and what SSH says in the open are one talk, and without a parser all that a side sends is one message. A rule with such a place is tried on each segment as well, and so may alert twice for the same bytes; \`flow:only_stream\` leaves out segments. A rule that asks for something that only packets have (\`dsize\`, \`flags\`, \`ttl\`, \`tcp-pkt\`, \`flow:no_stream\`) is tried on packets alone. A buffer is looked at once per transaction, and where contents of the payload stand beside it, they are looked for in the range that comes with it.`;

function groupOptions(registry: Iterable<RuleOption>): ReadonlyMap<string, readonly RuleOption[]> {
  const groups = new Map<string, RuleOption[]>();
  for (const option of registry) {
    const group = groups.get(option.doc.appliesTo);
    if (group === undefined) groups.set(option.doc.appliesTo, [option]);
    else group.push(option);
  }
  return groups;
}

function renderOption({ name, aliases = [], repeatable, doc }: RuleOption): string {
  const sentences = [escapeText(doc.summary)];
  if (aliases.length > 0) sentences.push(`Also written ${aliases.map(code).join(', ')}.`);
  if (!repeatable) sentences.push('At most once in a rule.');
  const items = [`- Syntax: ${code(doc.syntax)}`, `- Example: ${code(doc.example)}`];
  if (doc.differences !== undefined) items.push(`- Differences: ${escapeText(doc.differences)}`);
  return [`### ${name}`, sentences.join(' '), items.join('\n')].join('\n\n');
}

function rank(group: string): number {
  const index = GROUPS.indexOf(group);
  return index < 0 ? GROUPS.length : index;
}

function heading(group: string): string {
  return HEADINGS[group] ?? `${group.charAt(0).toUpperCase()}${group.slice(1)}`;
}
