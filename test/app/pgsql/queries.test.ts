/** PostgreSQL: queries and their answers, as Suricata 8.0.7 has them, but for what the page of the protocol says. */
import { describe, expect, it } from 'vitest';
import { PGSQL_BUFFERS } from '../../../src/app/pgsql/buffers.js';
import { PGSQL, PGSQL_EVENTS } from '../../../src/app/pgsql/index.js';
import { concat, u16, u32, type Payload } from '../../support/packet-builder.js';
import { alertsOfEach } from '../../support/reading.js';
import { describeParser, seenOf, type ParserCase, type Said } from '../support/parser-suite.js';
import { builtIt } from '../../support/built.js';

const message = (type: string, body: Payload): Uint8Array => concat(type, u32(concat(body).length + 4), body);
const introduction = concat(u32(196_608), 'user\0bob\0database\0shop\0\0');
const STARTUP = concat(u32(introduction.length + 4), introduction);
const READY = message('Z', 'I');
const AUTHENTICATED = concat(message('R', u32(0)), message('S', 'server_version\x0015.3\0'), READY);
const query = (text: string): Uint8Array => message('Q', `${text}\0`);
const prepare = (text: string): Uint8Array => message('P', `name\0${text}\0\0\0`);
const COLUMNS = message('T', concat(u16(1), 'a\0', new Uint8Array(18)));
const ROW = message('D', concat(u16(1), u32(2), '42'));
const ROWS = concat(COLUMNS, ROW, ROW, message('C', 'SELECT 2\0'), READY);

const greeted = (...more: Said): Said => [['>', STARTUP], ['<', AUTHENTICATED], ...more];

const CONVERSATIONS: Readonly<Record<string, Said>> = {
  simple: greeted(['>', query('SELECT a FROM t')], ['<', ROWS], ['>', message('X', '')]),
  'without TLS': [
    ['>', concat(u32(8), u32(80_877_103))],
    ['<', 'N'],
    ...greeted(['>', query('SELECT 1')], ['<', ROWS]),
  ],
  'with a password': [
    ['>', STARTUP],
    ['<', message('R', concat(u32(5), 'salt'))],
    ['>', message('p', 'md5abc\0')],
    ['<', AUTHENTICATED],
    ['>', query('SELECT 1')],
    ['<', ROWS],
  ],
  pipelined: greeted(['>', concat(query('SELECT one'), query('SELECT two'))], ['<', concat(ROWS, ROWS)]),
  prepared: greeted(
    [
      '>',
      concat(prepare('SELECT $1'), message('B', '\0name\0\0\0\0\0\0\0'), message('E', '\0\0\0\0\0'), message('S', '')),
    ],
    ['<', concat(message('1', ''), message('2', ''), ROWS)],
    ['>', query('SELECT two')],
    ['<', ROWS],
  ),
  refused: greeted(['>', query('SELEC 1')], ['<', concat(message('E', 'SERROR\0C42601\0Msyntax error\0\0'), READY)]),
  'a login that fails': [
    ['>', STARTUP],
    ['<', message('R', concat(u32(3)))],
    ['>', message('p', 'guess\0')],
    ['<', message('E', 'SFATAL\0C28P01\0Mno\0\0')],
  ],
  'what is no query': greeted(['>', concat(query(''), message('Q', ''), message('?', 'abc'))], ['<', message('I', '')]),
  'wrong messages': greeted(
    ['>', message('Q', 'no zero')],
    ['<', concat(message('T', concat(u16(9), 'a')), READY)],
    ['>', concat('Q', u32(3), 'SELECT 1\0')],
  ),
};
const CASE: ParserCase = { protocol: PGSQL, specs: PGSQL_BUFFERS, events: PGSQL_EVENTS, conversations: CONVERSATIONS };

const printed = (said: Said): { readonly request?: object }[] =>
  seenOf(CASE, said).map(({ eve }) => (JSON.parse(`{${eve}}`) as { pgsql: { readonly request?: object } }).pgsql);
const introduces = ({ eve }: { readonly eve: string }): boolean => eve.includes('startup_parameters');
const withoutIntroduction = (said: Said) => seenOf(CASE, said).filter((one) => !introduces(one));
const objects = (name: string): unknown[] =>
  printed(CONVERSATIONS[name]!).filter((object) => !('startup_parameters' in (object.request ?? {})));
const queries = (said: Said): (readonly unknown[] | undefined)[] =>
  withoutIntroduction(said).map(({ values }) => values['> pgsql.query']);
const SELECTED = {
  row_description_malformed: false,
  field_count: 1,
  data_rows: 2,
  data_size: 4,
  command_completed: 'SELECT 2',
};

/** An error with all fields that there are, and one that there is not; the members are those of Suricata 8.0.7. */
const EVERY_MEMBER = {
  severity_localizable: 'S',
  severity_non_localizable: 'V',
  code: 'C',
  message: 'M',
  detail: 'D',
  hint: 'H',
  position: 'P',
  internal_position: 'p',
  internal_query: 'q',
  where: 'W',
  schema_name: 's',
  table_name: 't',
  column_name: 'c',
  data_type: 'd',
  constraint_name: 'n',
  file: 'F',
  line: 'L',
  routine: 'R',
};
const EVERY_FIELD = `${['Z', ...Object.values(EVERY_MEMBER)].map((letter) => `${letter}${letter}\0`).join('')}\0`;

describe('PostgreSQL', () => {
  it('tells queries, and how many rows answer them', () => {
    expect(objects('simple')).toEqual([{ request: { simple_query: 'SELECT a FROM t' }, response: SELECTED }]);
    for (const name of ['without TLS', 'with a password'])
      expect(objects(name)).toEqual([{ request: { simple_query: 'SELECT 1' }, response: SELECTED }]);
    expect(objects('pipelined')).toEqual([
      { request: { simple_query: 'SELECT one' }, response: SELECTED },
      { request: { simple_query: 'SELECT two' }, response: SELECTED },
    ]);
    expect(objects('refused')).toEqual([
      {
        request: { simple_query: 'SELEC 1' },
        response: { severity_localizable: 'ERROR', code: '42601', message: 'syntax error' },
      },
    ]);
  });

  it('tells statements that are prepared, whose rows are those of what is executed', () => {
    expect(objects('prepared')).toEqual([
      { request: { prepared_query: 'SELECT $1' } },
      { request: { simple_query: 'SELECT two' }, response: SELECTED },
    ]);
  });

  it('takes no query from what has no text', () => {
    expect(queries(CONVERSATIONS['what is no query']!)).toEqual([]);
  });

  it('says what is wrong, and reads nothing behind a message that cannot be', () => {
    const events = withoutIntroduction(CONVERSATIONS['wrong messages']!).map((one) => one.events);
    expect(events).toEqual([['malformed_request', 'malformed_response'], ['invalid_length']]);
    const behind = [...CONVERSATIONS['wrong messages']!, ['>', query('SELECT 1')] as const];
    expect(queries(behind)).toEqual([undefined, undefined]);
  });

  it('keeps 32 KiB of a query', () => {
    const [long] = withoutIntroduction(greeted(['>', query(`SELECT ${'x'.repeat(50_000)}`)], ['<', ROWS]));
    expect(long!.events).toEqual(['query_too_long']);
    expect(long!.values['> pgsql.query']).toEqual([`SELECT ${'x'.repeat(32_761)}`]);
  });

  it('is read from its middle on', () => {
    expect(
      queries([
        ['>', query('SELECT 1')],
        ['<', ROWS],
      ]),
    ).toEqual([['SELECT 1']]);
    // The startup was not mirrored, or comes late.
    expect(
      queries([
        ['<', AUTHENTICATED],
        ['>', STARTUP],
        ['>', query('SELECT 1')],
        ['<', ROWS],
      ]),
    ).toEqual([['SELECT 1']]);
  });

  const REQUEST = {
    protocol_version: '3.0',
    startup_parameters: { user: 'bob', optional_parameters: [{ database: 'shop' }] },
  };
  const asks = (code: number, body: Payload = ''): Uint8Array => message('R', concat(u32(code), body));

  it('tells who logs in to what, how, and what came of it', () => {
    const logins: readonly (readonly [said: Said, response: object | undefined])[] = [
      [greeted(), { message: 'authentication_ok' }],
      [CONVERSATIONS['with a password']!, { authentication: 'md5_password', message: 'authentication_ok' }],
      [
        [
          ['>', STARTUP],
          ['<', asks(10, 'SCRAM-SHA-256\0\0')],
          ['>', message('p', 'SCRAM-SHA-256\0')],
          ['<', asks(11, 'r=x')],
          ['>', message('p', 'c=x')],
          ['<', concat(asks(12, 'v=x'), AUTHENTICATED)],
        ],
        { authentication: 'sasl', message: 'authentication_ok' },
      ],
      [
        [
          ['>', STARTUP],
          ['<', asks(3)],
          ['>', message('p', 'guess\0')],
          ['<', message('E', 'SFATAL\0C28P01\0Mpassword authentication failed for user "bob"\0\0')],
        ],
        {
          authentication: 'cleartext_password',
          severity_localizable: 'FATAL',
          code: '28P01',
          message: 'password authentication failed for user "bob"',
        },
      ],
      [
        [
          ['>', STARTUP],
          ['<', message('E', EVERY_FIELD)],
        ],
        EVERY_MEMBER,
      ],
      [[['>', STARTUP]], undefined],
      [
        [
          ['>', STARTUP],
          ['<', asks(77)],
        ],
        { authentication: '77' },
      ],
      [
        [
          ['>', STARTUP],
          ['<', concat(message('R', 'ab'), READY)],
        ],
        undefined,
      ],
    ];
    for (const [said, response] of logins)
      expect(printed(said)[0]).toEqual(response === undefined ? { request: REQUEST } : { request: REQUEST, response });
  });

  it('keeps 1 KiB of an introduction, and what it holds of a name without a value', () => {
    const of = (body: Payload): unknown => {
      const bytes = concat(u32(196_608), body);
      return printed([['>', concat(u32(bytes.length + 4), bytes)]])[0]!.request;
    };
    expect(of(`user\0bob\0options\0${'x'.repeat(5000)}\0\0`)).toEqual({
      protocol_version: '3.0',
      startup_parameters: { user: 'bob', optional_parameters: [{ options: 'x'.repeat(999) }] },
    });
    expect(of('user')).toEqual({ protocol_version: '3.0', startup_parameters: {} });
    expect(of('')).toEqual({ protocol_version: '3.0', startup_parameters: {} });
  });

  it('has no introduction that comes behind its answer', () => {
    const late: Said = [
      ['<', AUTHENTICATED],
      ['>', STARTUP],
      ['>', query('SELECT 1')],
      ['<', ROWS],
    ];
    expect(printed(late)).toEqual([{ request: { simple_query: 'SELECT 1' }, response: SELECTED }]);
  });

  describeParser(CASE);
});

builtIt('rules find queries, simple and prepared ones', () => {
  const rules = [
    'alert pgsql any any -> any any (pgsql.query; content:"FROM t"; endswith; sid:1;)',
    'alert pgsql any any -> any any (pgsql.query; content:"SELECT|20 24|1"; bsize:9; sid:2;)',
    'alert pgsql any any -> any any (app-layer-event:pgsql.invalid_length; sid:3;)',
  ];
  const talks = ['simple', 'prepared', 'wrong messages'].map((name) => ({
    said: CONVERSATIONS[name]!,
    serverPort: 5432,
  }));
  expect(alertsOfEach(talks, rules)).toEqual([['1>'], ['2>'], expect.arrayContaining(['3>'])]);
});
