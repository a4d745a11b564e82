import { describe, expect, it } from 'vitest';
import { compileText } from '../support/compile.js';
import { compileOptions, findings, programOf, reparse } from '../../support/rule-options.js';

const sizes = (side: string, low: number, high: number) => ({
  kind: 'field',
  field: `flow_pkts_${side}`,
  ranges: [[low, high]],
  negated: false,
});
const MAX = 4_294_967_295;

describe('flags', () => {
  it.each([
    ['flags:S', { flags: 0x02, ignore: 0, mode: 'exact' }, 'S'],
    ['tcp.flags:AS', { flags: 0x12, ignore: 0, mode: 'exact' }, 'SA'],
    ['flags:sa', { flags: 0x12, ignore: 0, mode: 'exact' }, 'SA'],
    ['flags:S,12', { flags: 0x02, ignore: 0xc0, mode: 'exact' }, 'S,CE'],
    ['flags:S,CE', { flags: 0x02, ignore: 0xc0, mode: 'exact' }, 'S,CE'],
    ['tcp.flags:R, A', { flags: 0x04, ignore: 0x10, mode: 'exact' }, 'R,A'],
    ['flags:SUF+', { flags: 0x23, ignore: 0, mode: 'all' }, '+FSU'],
    ['flags:+A', { flags: 0x10, ignore: 0, mode: 'all' }, '+A'],
    ['flags:*FSR,12', { flags: 0x07, ignore: 0xc0, mode: 'any' }, '*FSR,CE'],
    ['flags:!A,12', { flags: 0x10, ignore: 0xc0, mode: 'not' }, '!A,CE'],
    ['flags:SF12', { flags: 0xc3, ignore: 0, mode: 'exact' }, 'FSCE'],
    ['flags:0', { flags: 0, ignore: 0, mode: 'exact' }, '0'],
    ['flags:0,12', { flags: 0, ignore: 0xc0, mode: 'exact' }, '0,CE'],
  ] as const)('%s', (text, test, printed) => {
    expect(programOf(`${text};`).packetTests).toEqual([{ kind: 'tcp_flags', ...test }]);
    const { first, second, printed: written } = reparse(text);
    expect(written).toBe(`${text.slice(0, text.indexOf(':'))}:${printed}`);
    expect(second).toEqual(first);
  });

  it('turns !0 into any flag', () => {
    expect(programOf('flags:!0;').packetTests).toEqual([{ kind: 'tcp_flags', flags: 0xff, ignore: 0, mode: 'any' }]);
    expect(reparse('flags:!0').printed).toBe('flags:!0');
  });

  it.each([
    ['flags:X;', "unknown-argument 'X'"],
    ['flags:SAX;', "unknown-argument 'X'"],
    ['flags:S,Q;', "unknown-argument 'Q'"],
    ['flags:S0;', "unknown-argument '0'"],
    ['flags:+S+;', "conflicting-arguments '+S+'"],
    ['flags:+;', "missing-argument ''"],
    ['flags:S,;', "missing-argument ''"],
    ['flags:S,A,P;', "unknown-argument 'P'"],
    ['flags:SA,A;', "flags-ignored 'A'"],
    ['flags:*0;', "conflicting-arguments '*0'"],
  ])('%s is reported as %s', (text, finding) => {
    expect(findings(text)).toEqual([finding]);
    expect(compileOptions(text).diagnostics[0]!.hint).toBeTruthy();
  });
});

describe('fragbits', () => {
  it.each([
    ['fragbits:M', 1, 'exact', 'M'],
    ['fragbits:M+', 1, 'all', '+M'],
    ['fragbits:+MD', 3, 'all', '+MD'],
    ['fragbits:!D', 2, 'not', '!D'],
    ['fragbits:!MDR', 7, 'not', '!MDR'],
    ['fragbits:*RM', 5, 'any', '*MR'],
  ] as const)('%s', (text, bits, mode, printed) => {
    expect(programOf(`${text};`).packetTests).toEqual([{ kind: 'fragbits', bits, mode }]);
    expect(reparse(text).printed).toBe(`fragbits:${printed}`);
    expect(reparse(text).second).toEqual(reparse(text).first);
  });

  it('reports what is no bit', () => {
    expect(findings('fragbits:MX;')).toEqual(["unknown-argument 'X'"]);
    expect(findings('fragbits:!;')).toEqual(["missing-argument ''"]);
  });
});

describe('ipopts, sameip', () => {
  it.each([
    ['rr', 7],
    ['eol', 0],
    ['nop', 1],
    ['ts', 68],
    ['sec', 130],
    ['esec', 133],
    ['lsrr', 131],
    ['ssrr', 137],
    ['qs', 25],
    ['satid', 136],
    ['any', -1],
  ] as const)('ipopts:%s is option %d', (name, option) => {
    expect(programOf(`ipopts:${name};`).packetTests).toEqual([{ kind: 'ipopts', option, negated: false }]);
    expect(programOf(`ipopts:! ${name.toUpperCase()};`).packetTests).toEqual([
      { kind: 'ipopts', option, negated: true },
    ]);
    expect(reparse(`ipopts:!${name}`).printed).toBe(`ipopts:!${name}`);
  });

  it('reports an unknown IP option, and takes sameip', () => {
    expect(findings('ipopts:!xyz;')).toEqual(["unknown-argument 'xyz'"]);
    expect(programOf('sameip;').packetTests).toEqual([{ kind: 'sameip', negated: false }]);
    expect(reparse('sameip').printed).toBe('sameip');
  });
});

describe('tcp.session', () => {
  it('takes phases, each once', () => {
    const test = { kind: 'tcp_session', phases: ['closing', 'setup'] };
    expect(programOf('tcp.session:closing, Setup;').packetTests).toEqual([test]);
    expect(reparse('tcp.session:closing, Setup').printed).toBe('tcp.session:closing,setup');
    expect(findings('tcp.session:setup,setup;')).toEqual(["duplicate-argument 'setup'"]);
    expect(findings('tcp.session:!setup;')).toEqual(["unknown-argument '!setup'"]);
    expect(findings('tcp.session;')).toEqual(["missing-value 'tcp.session'"]);
  });
});

describe('config', () => {
  it('takes what keeps transactions out of the log, and nothing else', () => {
    expect(reparse('config:logging disable,type tx,scope tx').printed).toBe(
      'config:logging disable, type tx, scope tx',
    );
    expect(findings('config:Logging disable , scope tx, type  tx ;')).toEqual([]);
    expect(findings('config:logging enable, type tx, scope tx;')).toEqual(["unknown-argument 'enable'"]);
    expect(findings('config:logging disable, type tx, scope flow;')).toEqual(["unknown-argument 'flow'"]);
    expect(findings('config:logging disable;')).toEqual(["unknown-argument 'logging disable'"]);
    expect(findings('config:tracking disable, type flow, scope packet;')).toEqual([
      "unknown-argument 'tracking disable, type flow, scope packet'",
    ]);
  });

  it('changes nothing where no transaction is', () => {
    const { codes } = compileText('alert icmp any any -> any any (config:logging disable, type tx, scope tx; sid:1;)');
    expect(codes).toEqual(['without-effect']);
  });
});

describe('ip_proto and vni', () => {
  it.each([
    ['ip_proto:103', 'ip_proto', [[103, 103]], '103'],
    ['ip_proto:PIM', 'ip_proto', [[103, 103]], '103'],
    ['ip_proto:ipv6-icmp', 'ip_proto', [[58, 58]], '58'],
    [
      'ip_proto:!1',
      'ip_proto',
      [
        [0, 0],
        [2, 255],
      ],
      '!1',
    ],
    ['ip_proto:>134', 'ip_proto', [[135, 255]], '>=135'],
    ['ip_proto:<2', 'ip_proto', [[0, 1]], '<=1'],
    [
      'ip_proto:[TCP, UDP]',
      'ip_proto',
      [
        [6, 6],
        [17, 17],
      ],
      '[6,17]',
    ],
    [
      'ip_proto:![6,17]',
      'ip_proto',
      [
        [0, 5],
        [7, 16],
        [18, 255],
      ],
      '![6,17]',
    ],
    ['vni:42', 'vni', [[42, 42]], '42'],
    [
      'vni:!42',
      'vni',
      [
        [0, 41],
        [43, 16_777_215],
      ],
      '!42',
    ],
    ['vni:0x10', 'vni', [[16, 16]], '16'],
    ['vni:10-20', 'vni', [[10, 20]], '10-20'],
    [
      'vni:!10 - 20',
      'vni',
      [
        [0, 9],
        [21, 16_777_215],
      ],
      '!10-20',
    ],
    ['vni:<100', 'vni', [[0, 99]], '<=99'],
    ['vni:>=100', 'vni', [[100, 16_777_215]], '>=100'],
    [
      'vni:[1,2,10-20]',
      'vni',
      [
        [1, 2],
        [10, 20],
      ],
      '[1,2,10-20]',
    ],
    [
      'vni:[100,200-299,!250]',
      'vni',
      [
        [100, 100],
        [200, 249],
        [251, 299],
      ],
      '[100,200-299,!250]',
    ],
    [
      'vni:[!5,!6]',
      'vni',
      [
        [0, 4],
        [7, 16_777_215],
      ],
      '[!5,!6]',
    ],
    [
      'vni:! [1,2]',
      'vni',
      [
        [0, 0],
        [3, 16_777_215],
      ],
      '![1,2]',
    ],
    ['vni:[20,1-30,5]', 'vni', [[1, 30]], '[20,1-30,5]'],
  ] as const)('%s', (text, field, ranges, printed) => {
    const { packetTests, flowTests } = programOf(`${text};`);
    expect([...packetTests, ...flowTests]).toEqual([{ kind: 'field', field, ranges, negated: false }]);
    const { first, second, printed: written } = reparse(text);
    expect(written).toBe(`${field}:${printed}`);
    expect(second).toEqual(first);
  });

  it.each([
    ['ip_proto:nothing;', "bad-number 'nothing'"],
    ['ip_proto:256;', "number-out-of-range '256'"],
    ['ip_proto:[1,2;', "unclosed-list '[1,2'"],
    ['vni:;', "missing-value 'vni'"],
    ['vni:[];', "bad-number ''"],
    ['vni:[1,,2];', "bad-number ''"],
    ['vni:16777216;', "number-out-of-range '16777216'"],
    ['vni:20-10;', "number-out-of-range '20-10'"],
    ['vni:<0;', "number-out-of-range '<0'"],
    ['vni:[5,!5];', "never-matches '[5,!5]'"],
    ['vni:-5;', "bad-number '-5'"],
    ['vni:tenant;', "bad-number 'tenant'"],
  ])('%s is reported as %s', (text, finding) => {
    expect(findings(text)).toEqual([finding]);
    expect(compileOptions(text).diagnostics[0]!.hint).toBeTruthy();
  });
});

describe('flow.pkts, flow.bytes, stream_size', () => {
  it('compares one direction, either, or both', () => {
    expect(programOf('flow.pkts:toserver,=10;').flowTests).toEqual([sizes('toserver', 10, 10)]);
    expect(programOf('flow.pkts:toclient, >10;').flowTests).toEqual([sizes('toclient', 11, MAX)]);
    expect(programOf('flow.pkts:both,<3;').flowTests).toEqual([sizes('toserver', 0, 2), sizes('toclient', 0, 2)]);
    expect(programOf('flow.pkts:either,3;').flowTests).toEqual([
      { kind: 'either', tests: [sizes('toserver', 3, 3), sizes('toclient', 3, 3)] },
    ]);
    expect(programOf('flow.bytes:toserver,>3000;').flowTests).toMatchObject([
      { field: 'flow_bytes_toserver', ranges: [[3001, Number.MAX_SAFE_INTEGER]] },
    ]);
    expect(programOf('flow.pkts_toserver:10;').flowTests).toEqual(programOf('flow.pkts:toserver,10;').flowTests);
  });

  it.each([
    ['stream_size:server,>,1111', 'server', [[1112, MAX]], 'server,>,1111'],
    ['stream_size:client, <, 5', 'client', [[0, 4]], 'client,<,5'],
    ['stream_size:both,=,1', 'both', [[1, 1]], 'both,=,1'],
    [
      'stream_size:either,!=,1',
      'either',
      [
        [0, 0],
        [2, MAX],
      ],
      'either,!=,1',
    ],
    ['stream_size:server,>=5', 'server', [[5, MAX]], 'server,>=,5'],
    ['stream_size:1,to_client', 'server', [[1, 1]], 'server,=,1'],
    ['stream_size:<9,to_server', 'client', [[0, 8]], 'client,<,9'],
    ['stream_size:4<>9', 'either', [[5, 8]], 'either,4<>9'],
  ] as const)('%s', (text, side, ranges, printed) => {
    expect(programOf(`${text};`).flowTests).toEqual([{ kind: 'stream_size', side, ranges }]);
    const { first, second, printed: written } = reparse(text);
    expect(written).toBe(`stream_size:${printed}`);
    expect(second).toEqual(first);
  });

  it.each([
    ['flow.pkts:10;', "unknown-argument '10'"],
    ['flow.pkts:up,10;', "unknown-argument 'up'"],
    ['flow.bytes:toserver,x;', "bad-number 'x'"],
    ['stream_size:nobody,>,5;', "unknown-argument 'nobody'"],
    ['stream_size:server,~,5;', "unknown-argument '~'"],
    ['stream_size:server;', "unknown-argument 'server'"],
    ['stream_size:server,>,x;', "bad-number 'x'"],
    ['stream_size:5,sideways;', "unknown-argument 'sideways'"],
  ])('%s is reported as %s', (text, finding) => {
    expect(findings(text)).toEqual([finding]);
    expect(compileOptions(text).diagnostics[0]!.hint).toBeTruthy();
  });
});
