/**
 * Keywords over application protocols, each with the parser that fills it and a test that looks at it: the list in the
 * docs is made here (vitest -u writes it), and a keyword that waits for a parser that there is, or that no test names,
 * fails.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { APPLICATION_EVENTS } from '../../src/app/application-events.js';
import {
  APPLICATIONS,
  eventTypeOf,
  isParsed,
  type Application,
  type ApplicationName,
} from '../../src/app/applications.js';
import { ALL_BUFFERS } from '../../src/app/buffers.js';
import { frameBuffer, FRAME_BUFFERS, FRAMES } from '../../src/app/frame/buffers.js';
import { FILE_BUFFERS } from '../../src/app/file/buffers.js';
import { compileRule } from '../../src/rule/compile/compile-rule.js';
import { Variables } from '../../src/rule/compile/variables.js';
import { Diagnostics } from '../../src/rule/diagnostics/diagnostic.js';
import type { RuleOption } from '../../src/rule/options/option.js';
import { OPTIONS } from '../../src/rule/options/registry.js';
import { parseRule } from '../../src/rule/parse/parser.js';
import { inRoot } from '../support/root.js';
import { folderOf, GENERATED, table } from './pages.js';

/** What waits for a part of a parser that it does not have. */
const WAITS: readonly string[] = [
  ...['quic.cyu.hash', 'quic.cyu.string', 'quic.ua'],
  ...['http_encode', 'http_header_test', 'http_max_header_line', 'http_max_trailer_line', 'http_num_cookies'],
  ...['http_num_headers', 'http_num_trailers', 'http_param', 'http_raw_body', 'http_raw_cookie'],
  ...['http_raw_header_complete', 'http_raw_request', 'http_raw_status', 'http_raw_trailer', 'http_trailer'],
  ...['http_trailer_test', 'http_true_ip', 'http_version', 'http_version_match'],
  ...['imap.email.body', 'imap.email.direction', 'imap.email.header', 'imap.email.header.name'],
  'imap.email.header.value',
];

interface Use {
  readonly waitingFor: readonly string[];
  readonly applications: readonly ApplicationName[];
}

/** What a rule with the example of a keyword needs. */
function useOf({ doc }: RuleOption): Use {
  const diagnostics = new Diagnostics();
  const node = parseRule(`alert ip any any -> any any (${doc.example} sid:1;)`, diagnostics);
  const program =
    node &&
    compileRule(node, {
      variables: new Variables(),
      environment: { classification: () => undefined, reference: () => undefined },
      diagnostics,
      origin: { file: '', line: 1 },
    });
  const buffers = program?.buffers.map(({ buffer }) => ALL_BUFFERS.spec(buffer)) ?? [];
  return {
    waitingFor: program?.waitingFor ?? [],
    applications: [...new Set(buffers.flatMap(({ applications }) => applications))],
  };
}

const uses = OPTIONS.map((option) => ({ option, ...useOf(option) }));
const overApplications = uses.filter(
  ({ applications, waitingFor }) => applications.length > 0 && waitingFor.length === 0,
);
const waiting = uses.filter(({ waitingFor }) => waitingFor.length > 0);

/** Tests in which something is found, and tables of the peer's answers. */
const TESTS = ['app', 'engine', 'detect']
  .flatMap((folder) =>
    readdirSync(inRoot(`test/${folder}`), { recursive: true, encoding: 'utf8' }).map(
      (name) => `test/${folder}/${name}`,
    ),
  )
  .filter((name) => /(?:\.test\.ts|answers\.json)$/.test(name))
  .sort()
  .map((name) => ({ name, text: readFileSync(inRoot(name), 'utf8') }));

/** What is an ordinary word as well counts where a rule says it. */
const inRules = (name: string): string =>
  /[._]/.test(name) ? `${name.replaceAll('.', '\\.')}(?![\\w.])` : `${name}[:;]`;

function testOf({ name, aliases = [] }: RuleOption, folders: readonly string[]): string | undefined {
  const token = new RegExp(`(?<![\\w.])(?:${[name, ...aliases].map(inRules).join('|')})`);
  const own = folders.map((folder) => `test/app/${folder}/`);
  const isOwn = (file: string): boolean => own.some((folder) => file.startsWith(folder));
  const ranked = [...TESTS.filter((file) => isOwn(file.name)), ...TESTS.filter((file) => !isOwn(file.name))];
  return ranked.find(({ text }) => token.test(text))?.name;
}

const foldersOf = (applications: readonly string[]): string[] => [...new Set(applications.map(folderOf))].sort();

interface Row {
  readonly keyword: string;
  readonly parsers: readonly string[];
  readonly test: string | undefined;
}

const rows: readonly Row[] = overApplications
  .map(({ option, applications }) => {
    const parsers = foldersOf(applications);
    return { keyword: option.name, parsers, test: testOf(option, parsers) };
  })
  .sort((a, b) => (a.keyword < b.keyword ? -1 : 1));

const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

const FRAMED = [...new Set(FRAME_BUFFERS.flatMap(({ applications }) => applications))];
const framesOf = (name: ApplicationName): string[] =>
  FRAMES.filter((frame) => FRAME_BUFFERS.find((one) => one.name === frameBuffer(frame))!.applications.includes(name));

function keywordPage(): string {
  const lines = rows.map(({ keyword, parsers, test }) => [
    code([keyword]),
    code(parsers.map((folder) => `src/app/${folder}`)),
    code([test ?? '']),
  ]);
  const late = waiting.map(({ option, waitingFor }) => [code([option.name]), waitingFor.join(', ')]);
  return [
    `${GENERATED('keywords')}# Keywords over application protocols`,
    'Each keyword, the parser that fills what it looks at, and a test in which it finds something. [The reference](../rules.md) says what each means.',
    table(['keyword', 'parser', 'test'], lines),
    '## Frames',
    'Parts of messages as they were sent, each tried by itself by rules with [`frame`](../rules.md#frame). Where they differ from those of Suricata 8, the page of the protocol says so.',
    table(
      ['protocol', 'frames', 'parser'],
      FRAMED.map((name) => [name, code(framesOf(name)), code(foldersOf([name]).map((folder) => `src/app/${folder}`))]),
    ),
    '## What waits',
    'A rule with one of these is loaded, counted and listed, and not inspected: `check` says so.',
    table(['keyword', 'waits for'], late),
    '',
  ].join('\n\n');
}

const ALL_APPLICATIONS: readonly Application[] = APPLICATIONS;
const pageOf = (name: string): string => {
  const folder = folderOf(name);
  return existsSync(inRoot(`docs/protocols/${folder}.md`)) ? `[${folder}.md](${folder}.md)` : 'yes';
};
const hasFiles = (name: string): boolean =>
  FILE_BUFFERS.some(({ applications }) => applications.includes(name as ApplicationName));

function protocolPage(): string {
  const lines = ALL_APPLICATIONS.filter(({ name }) => name !== 'failed').map(({ name, parsed, tcp, udp }, index) => {
    const ports = [...(tcp ?? []).map((port) => `${port}`), ...(udp ?? []).map((port) => `${port}/udp`)];
    const keywords = overApplications.filter(({ applications }) => applications.includes(name as ApplicationName));
    const events = APPLICATION_EVENTS.find(({ application }) => application === name)?.events.length ?? 0;
    return [
      name,
      ports.length === 0 ? 'by its bytes' : `by its bytes; ${ports.join(', ')}`,
      parsed === true ? pageOf(name) : 'no',
      String(keywords.length),
      parsed === true && eventTypeOf(index + 2) !== '' ? code([eventTypeOf(index + 2)]) : 'no',
      String(events),
      hasFiles(name) ? 'yes' : 'no',
    ];
  });
  return [
    `${GENERATED('keywords')}# Application protocols`,
    'What flows speak is told by the first bytes of both sides; a port decides where bytes leave it open. Of what is parsed, rules look at keywords ([all of them, with the parser and a test of each](keywords.md)) and at events of the parser (`app-layer-event`), and its transactions are events of their own, off by default (`eve.types`), and objects in alerts. No message makes a parser keep more than [its bounds](limits.md).',
    table(['protocol', 'identified', 'parsed', 'keywords', 'event', 'events of the parser', 'files'], lines),
    '',
  ].join('\n\n');
}

describe('keywords over application protocols', () => {
  it('are found', () => {
    expect(rows.length).toBeGreaterThan(200);
  });

  it('have a test each', () => {
    expect(rows.filter(({ test }) => test === undefined).map(({ keyword }) => keyword)).toEqual([]);
  });

  it('do not wait for a protocol that is parsed, but for those that are known to', () => {
    const late = waiting.filter(({ waitingFor }) => waitingFor.some((name) => isParsed(name as ApplicationName)));
    expect(late.map(({ option }) => option.name).filter((name) => !WAITS.includes(name))).toEqual([]);
  });

  it('of each protocol that has frames are frames, and each is found in a test', () => {
    const isFound = (frame: string): boolean =>
      TESTS.some(({ text }) => text.includes(` ${frame} = `) || text.includes(`frame:${frame};`));
    expect(FRAMES.filter((frame) => !isFound(frame))).toEqual([]);
  });

  it('are listed in the docs', async () => {
    await expect(keywordPage()).toMatchFileSnapshot('../../docs/protocols/keywords.md');
  });
});

describe('protocols', () => {
  it('that are parsed have a page', () => {
    const parsed = ALL_APPLICATIONS.filter((application) => application.parsed === true);
    expect(parsed.map(({ name }) => pageOf(name)).filter((page) => page === 'yes')).toEqual([]);
  });

  it('are listed in the docs', async () => {
    await expect(protocolPage()).toMatchFileSnapshot('../../docs/protocols/README.md');
  });
});
