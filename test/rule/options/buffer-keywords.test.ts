/**
 * Keywords made of the lines of buffers, and what comes of the rules that use them; with an application made for the
 * test.
 */
import { describe, expect, it, vi } from 'vitest';

vi.mock('../../../src/app/applications.js', async (original) => {
  const applications = await original<typeof import('../../../src/app/applications.js')>();
  return { ...applications, isParsed: (name: string) => name === 'rfb' || name === 'http' };
});
vi.mock('../../../src/app/buffers.js', async (original) => {
  const { BUFFER_SPECS, BufferRegistry, ...buffers } = await original<typeof import('../../../src/app/buffers.js')>();
  const { FAKE_BUFFERS } = await import('../../support/keyword-buffers.js');
  const specs = [...BUFFER_SPECS, ...FAKE_BUFFERS];
  return {
    ...buffers,
    BufferRegistry,
    BUFFER_SPECS: specs,
    ALL_BUFFERS: new BufferRegistry(specs),
    BUFFERS: specs.map(({ name }) => name),
  };
});

const { findings } = await import('../../support/rule-options.js');
const { Diagnostics } = await import('../../../src/rule/diagnostics/diagnostic.js');
const { compileText, lintText } = await import('../support/compile.js');
const { findOption } = await import('../../../src/rule/options/registry.js');

const programOf = (
  options: string,
  header = 'tcp any any -> any any',
): NonNullable<ReturnType<typeof compileText>['program']> => {
  const { program, codes } = compileText(`alert ${header} (${options} sid:1;)`);
  if (program === undefined) throw new Error(codes.join());
  return program;
};
const buffersOf = (options: string): [string, number][] =>
  programOf(options).buffers.map(({ buffer, matches }) => [buffer, matches.length]);
const numberOf = (options: string): unknown => programOf(options).buffers[0]!.matches[0];
const number = (ranges: [number, number][], more: object = {}): object => ({
  kind: 'number',
  ranges,
  mask: undefined,
  which: 'any',
  ...more,
});

describe('a buffer', () => {
  it('has a sticky keyword by each of its names', () => {
    expect(buffersOf('fake.uri; content:"/a"; content:"b"; fake_uri; content:"c";')).toEqual([['fake.uri', 3]]);
    expect(findOption('fake.uri')!.doc.summary).toBe('The address. Only in what clients send. Of rfb.');
  });

  it('is where a modifier moves the content before it, and what counts from there', () => {
    expect(buffersOf('content:"x"; content:"/a"; fake_address; isdataat:2,relative; byte_test:1,>,5,0;')).toEqual([
      ['payload', 2],
      ['fake.uri', 2],
    ]);
    expect(
      buffersOf(
        'content:"/a"; fake_address; nocase; content:"b"; fake_address; distance:1; content:"GET"; fake_method;',
      ),
    ).toEqual([
      ['fake.uri', 2],
      ['fake.method', 1],
    ]);
  });

  it('is decoded behind a content that a modifier moved there', () =>
    expect(buffersOf('content:"/a"; fake_address; base64_decode:relative; base64_data; content:"b";')).toEqual([
      ['fake.uri', 2],
      ['base64_data', 1],
    ]));

  it('is current behind a modifier that no content stands before', () => {
    expect(buffersOf('fake_address; content:"/a"; content:"b";')).toEqual([['fake.uri', 2]]);
  });

  it('is what a letter behind an expression names', () => {
    expect(buffersOf('content:"x"; pcre:"/^.a/U"; content:"y";')).toEqual([
      ['payload', 2],
      ['fake.uri', 1],
    ]);
    expect(buffersOf('pcre:"/^.a/H";')).toEqual([['http.header', 1]]);
  });

  it('of which there are several is another one each time it is named', () => {
    expect(buffersOf('fake.header; content:"a"; content:"b"; fake.header; content:"c";')).toEqual([
      ['fake.header', 2],
      ['fake.header', 1],
    ]);
  });

  it('waits where no application that has it is parsed', () => {
    expect(findOption('other.name')).toBeUndefined();
    expect(programOf('tls.sni; content:"a";').waitingFor).toEqual(['tls']);
    expect(programOf('fake.uri; content:"a"; tls.sni; content:"a";').waitingFor).toEqual(['tls']);
  });

  it('says what its contents can hold, and who has it', () => {
    expect(lintText('alert tcp any any -> any 80 (msg:"x"; flow:to_server; fake.host; content:"Abc"; sid:1;)')).toEqual(
      [expect.stringMatching(/^warning never-matches/)],
    );
    expect(
      lintText('alert tcp any any -> any 80 (msg:"x"; flow:to_server; fake.host; content:"abcdefghi"; sid:1;)'),
    ).toEqual([expect.stringMatching(/^warning never-matches/)]);
    expect(lintText('alert tcp any any -> any 80 (msg:"x"; flow:to_client; fake.host; content:"abc"; sid:1;)')).toEqual(
      [expect.stringMatching(/^warning never-matches/)],
    );
  });
});

describe('the fast pattern of a rule of transactions', () => {
  it.each([
    ['content:"a longer one"; fake.uri; content:"/ab";', 'fake.uri'],
    ['content:"a longer one"; fast_pattern; fake.uri; content:"/ab";', 'fake.uri'],
    ['fake.method; content:"OPTIONS"; fake.uri; content:"/a";', 'fake.uri'],
    ['fake.method; content:"OPTIONS"; fast_pattern; fake.uri; content:"/a";', 'fake.method'],
    ['fake.method; content:"OPTIONS"; fake.uri; content:!"/a";', 'fake.method'],
    ['content:"a longer one"; fake.code:1;', undefined],
  ])('of %s is in %s', (options, buffer) => {
    expect(programOf(options).fastPattern?.buffer).toBe(buffer);
  });
});

describe('a number', () => {
  it.each<[string, object]>([
    ['fake.code:>7;', number([[8, 255]])],
    ['fake.code:refused;', number([[5, 5]])],
    [
      'fake.code:!Refused;',
      number([
        [0, 4],
        [6, 255],
      ]),
    ],
    ['fake.flags:dup,!retain;', number([[8, 8]], { mask: 9 })],
    ['fake.flags:&0x80=0x80;', number([[128, 128]], { mask: 128 })],
    [
      'fake.flags:&0x81!=0x80;',
      number(
        [
          [0, 127],
          [129, 255],
        ],
        { mask: 129 },
      ),
    ],
    ['fake.versions:&1=1;', number([[1, 1]], { mask: 1 })],
    ['fake.states:open|shut;', number([[1, 3]], { mask: 3 })],
    ['fake.states:!open,!shut;', number([[0, 0]], { mask: 3 })],
    ['fake.versions:1.2,1.3;', number([[0x303, 0x304]])],
    [
      'fake.versions:!1.3;',
      number([
        [0, 0x303],
        [0x305, 0xffff],
      ]),
    ],
    ['fake.versions:0x301;', number([[0x301, 0x301]])],
    ['fake.types:mx;', number([[15, 15]])],
    ['fake.types:mx,all;', number([[15, 15]], { which: 'all' })],
    ['fake.types:mx,or_absent,1:3;', number([[15, 15]], { which: 'any_or_absent', from: 1, to: 3 })],
    ['fake.types:mx,-4:-1;', number([[15, 15]], { from: -4, to: -1 })],
    ['fake.types:mx,-1;', number([[15, 15]], { which: 'index', index: -1 })],
    ['fake.types:mx,oob_or 3;', number([[15, 15]], { which: 'index_or_absent', index: 3 })],
    ['fake.types:mx,nb>2;', number([[15, 15]], { which: 'matches', counts: { ranges: [[3, 0xffff_ffff]] } })],
    ['fake.types:count >5;', { kind: 'number', ranges: [], which: 'count', counts: { ranges: [[6, 0xffff_ffff]] } }],
  ])('%s', (options, match) => {
    expect(numberOf(options)).toEqual(match);
  });

  it('leaves the current buffer what it is', () => {
    expect(buffersOf('fake.uri; content:"a"; fake.code:1; content:"b";')).toEqual([
      ['fake.uri', 2],
      ['fake.code', 1],
    ]);
  });

  it('may be another one by a word behind it, which has no keyword', () => {
    expect(buffersOf('fake.length:>5; fake.length:<9,raw; fake.length:!7,norm;')).toEqual([
      ['fake.length', 1],
      ['fake.length.raw', 1],
      ['fake.length', 1],
    ]);
    expect(findOption('fake.length.raw')).toBeUndefined();
  });

  it.each([
    ['fake.code:other;', "unknown-argument 'other'"],
    ['fake.code:1,2;', "unknown-argument '2'"],
    ['fake.code:ok,refused;', "unknown-argument 'refused'"],
    ['fake.code:300;', "number-out-of-range '300'"],
    ['fake.types:a,some;', "unknown-argument 'some'"],
    ['fake.types:a,all,all;', "unknown-argument 'all'"],
    ['fake.flags:dup,never;', "unknown-argument 'never'"],
  ])('%s is reported', (text, finding) => {
    expect(findings(text)).toEqual([finding]);
  });

  it.each([
    'fake.types:mx,oob_or 3;',
    'fake.types:count >5;',
    'fake.flags:dup,!retain;',
    'fake.length:>5,raw;',
    'fake.types:a,all,-4:-1;',
  ])('%s is written as it is read', (text) => {
    const [, keyword = '', value = ''] = /^([\w.]+):(.*);$/.exec(text)!;
    const span = { start: 0, end: 1 };
    const option = findOption(keyword)!;
    const read = option.parse({ name: { text: keyword, span }, value: { text: value, span } }, new Diagnostics());
    expect(option.print(read as never)).toBe(value);
  });
});

describe('a rule of transactions', () => {
  const codes = (text: string): readonly string[] => compileText(text).codes;

  it('is of the kind tx, or tx and payload', () => {
    expect(programOf('fake.uri; content:"a";').kind).toBe('tx');
    expect(programOf('fake.code:1;').kind).toBe('tx');
    expect(programOf('content:"b"; fake.uri; content:"a";').kind).toBe('txPayload');
    expect(programOf('fake.uri; base64_decode:bytes 5; base64_data; content:"a";').kind).toBe('tx');
  });

  it('cannot ask for a packet', () => {
    expect(codes('alert tcp any any -> any any (dsize:5; fake.uri; content:"a"; sid:1;)')).toEqual(['never-matches']);
    expect(codes('alert tcp any any -> any any (tcp.hdr; content:"b"; fake.uri; content:"a"; sid:1;)')).toEqual([
      'never-matches',
    ]);
    expect(
      codes('alert tcp any any -> any any (vni:5; stream_size:both,>,5; flow.age:>1; fake.uri; content:"a"; sid:1;)'),
    ).toEqual([]);
  });

  it('is about one application', () => {
    expect(codes('alert http any any -> any any (fake.uri; content:"a"; sid:1;)')).toEqual(['never-matches']);
    expect(programOf('fake.uri; content:"a";', 'rfb any any -> any any').header.applications).toEqual(['rfb']);
  });

  it('is told of sides that it mixes, and of => without a mix', () => {
    const both = 'fake.uri; content:"a"; fake.status; content:"b";';
    expect(codes(`alert tcp any any -> any any (${both} sid:1;)`)).toEqual(['both-directions']);
    expect(codes('alert tcp any any -> any any (fake.uri; content:"a"; fake.status; absent; sid:1;)')).toEqual([
      'both-directions',
    ]);
    expect(codes(`alert tcp any any => any any (${both} sid:1;)`)).toEqual([]);
    expect(codes('alert tcp any any => any any (fake.uri; content:"a"; fake.body; content:"b"; sid:1;)')).toEqual([
      'both-directions',
    ]);
  });
});

describe('a header with an application', () => {
  it('no longer waits, and is tried on packets of its flows, or on their streams', () => {
    expect(programOf('', 'rfb any any -> any any')).toMatchObject({
      kind: 'application',
      waitingFor: [],
      header: { applications: ['rfb'] },
    });
    expect(programOf('flow:established;', 'rfb any any -> any any').kind).toBe('application');
    expect(programOf('dsize:7;', 'rfb any any -> any any').kind).toBe('packet');
    expect(programOf('content:"abc";', 'rfb any any -> any any').kind).toBe('stream');
    expect(programOf('content:"abc"; depth:3;', 'http any any -> any any')).toMatchObject({
      kind: 'both',
      header: { applications: ['http', 'http2'] },
    });
    expect(programOf('', 'http2 any any -> any any')).toMatchObject({
      waitingFor: [],
      header: { applications: ['http2'] },
    });
  });
});
