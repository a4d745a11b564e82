/**
 * All keywords that wait for a protocol, and `uricontent`, a content of one. Stage: rule. When a protocol gets its
 * parser, its table leaves this folder and its keywords get files of their own.
 */
import { isParsed } from '../../../app/applications.js';
import { bufferKeywordOptions } from '../buffer-keywords.js';
import { compileSnortHttp, SNORT_HTTP } from '../snort-http.js';
import { contentOptions } from '../content.js';
import type { RuleOption } from '../option.js';
import { appLayerOptions } from './app-layer.js';
import { FILES } from './files.js';
import { HTTP } from './http.js';
import { INDUSTRIAL_SNORT } from './industrial.js';
import { IMAP, SMTP } from './mail.js';
import { ETHERNET, IGMP, SOCKS } from './signalling.js';
import { QUIC, TLS } from './tls.js';
import { WAITING, waitingOptions } from './waiting-keyword.js';

const [content] = contentOptions;

/** A content in the address of an HTTP request; modifiers may follow. */
const uricontent: RuleOption = {
  ...content!,
  name: 'uricontent',
  side: 'to_server',
  compile(value, builder, node) {
    if (!isParsed('http')) builder.waitFor('http');
    content!.compile(value, builder, node);
    if (isParsed('http')) builder.moveContent('http.uri', node);
    else builder.moveUnparsed(false);
  },
  doc: {
    appliesTo: WAITING,
    summary: 'A content in the address of an HTTP request, as content with http_uri. Waits for http.',
    syntax: 'uricontent:[!]"<text>";',
    example: 'uricontent:"/cgi-bin/"; nocase;',
  },
};

const OTHERS =
  'With an argument it is sticky, and holds for headers and parts that are not empty; with scheme and port, its rule waits.';
const DIFFERENCES: Readonly<Record<string, { readonly differences: string }>> = {
  http_param: { differences: 'The parameter is looked for in the query; Snort looks into bodies of POST as well.' },
  http_header_test: { differences: 'With check, its rule waits: write http_header:field <name>; byte_test.' },
};

const waiting = [HTTP, TLS, QUIC, FILES, SMTP, IMAP, SOCKS, ETHERNET, IGMP, ...INDUSTRIAL_SNORT].flatMap(
  waitingOptions,
);
const byName = new Map(waiting.map((option) => [option.name, option]));

/** Keywords of buffers that can be looked at. Where Snort 3 says something behind one, its rule waits as before. */
export const liveKeywordOptions: readonly RuleOption[] = bufferKeywordOptions.map((option) => {
  const before = byName.get(option.name);
  return before?.value === 'optional' && option.value === 'none' ? withArguments(option, before) : option;
});

function withArguments(live: RuleOption, before: RuleOption): RuleOption {
  return {
    ...before,
    aliases: live.aliases,
    compile(value, builder, node) {
      if (value === '') live.compile(true, builder, node);
      else if (!compileSnortHttp(live.name, value as string, builder, node)) before.compile(value, builder, node);
    },
    doc: {
      ...live.doc,
      syntax: before.doc.syntax,
      differences: [live.doc.differences, SNORT_HTTP.has(live.name) ? OTHERS : 'With arguments, its rule waits.']
        .filter(Boolean)
        .join(' '),
    },
  };
}

/** A keyword of Snort 3 alone; with an argument that is not known here its rule waits. */
function ofSnort(before: RuleOption): RuleOption {
  const { summary } = before.doc;
  return {
    ...before,
    compile(value, builder, node) {
      if (!compileSnortHttp(before.name, value as string, builder, node)) before.compile(value, builder, node);
    },
    doc: {
      ...before.doc,
      appliesTo: 'buffer',
      summary: summary.replace(' Waits for http.', ''),
      ...DIFFERENCES[before.name],
    },
  };
}

const LIVE: ReadonlySet<string> = new Set(bufferKeywordOptions.map(({ name }) => name));

export const waitingKeywordOptions: readonly RuleOption[] = [
  ...waiting
    .filter(({ name }) => !LIVE.has(name))
    .map((option) => (SNORT_HTTP.has(option.name) ? ofSnort(option) : option)),
  ...appLayerOptions,
  uricontent,
];
