/**
 * All keywords that wait for a protocol, and `uricontent`, a content of one. Stage: rule. When a protocol gets its
 * parser, its table leaves this folder and its keywords get files of their own.
 */
import { isParsed } from '../../../app/applications.js';
import { bufferKeywordOptions } from '../buffer-keywords.js';
import { contentOptions } from '../content.js';
import type { RuleOption } from '../option.js';
import { appLayerOptions } from './app-layer.js';
import { FILES } from './files.js';
import { HTTP } from './http.js';
import { INDUSTRIAL_SNORT } from './industrial.js';
import { IMAP, SMTP } from './mail.js';
import { ETHERNET, IGMP, PGSQL, SOCKS } from './signalling.js';
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

const waiting = [HTTP, TLS, QUIC, FILES, SMTP, IMAP, PGSQL, SOCKS, ETHERNET, IGMP, ...INDUSTRIAL_SNORT].flatMap(
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
      else before.compile(value, builder, node);
    },
    doc: {
      ...live.doc,
      syntax: before.doc.syntax,
      differences: [live.doc.differences, 'With arguments, its rule waits.'].filter(Boolean).join(' '),
    },
  };
}

const LIVE: ReadonlySet<string> = new Set(bufferKeywordOptions.map(({ name }) => name));

export const waitingKeywordOptions: readonly RuleOption[] = [
  ...waiting.filter(({ name }) => !LIVE.has(name)),
  ...appLayerOptions,
  uricontent,
];
