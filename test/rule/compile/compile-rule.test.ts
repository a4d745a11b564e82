import { describe, expect, it } from 'vitest';
import { compileAction } from '../../../src/rule/compile/compile-header.js';
import { Diagnostics } from '../../../src/rule/diagnostics/diagnostic.js';
import { parseRule, RuleParser } from '../../../src/rule/parse/parser.js';
import { printRule } from '../../../src/rule/parse/printer.js';
import type { RuleProgram } from '../../../src/rule/program.js';
import type { ContentMatch } from '../../../src/rule/buffer-match.js';
import { Variables } from '../../../src/rule/compile/variables.js';
import { compileOptions, compileText } from '../support/compile.js';

function header(text: string): RuleProgram['header'] {
  return compileText(`${text} (sid:1;)`, new Variables({ HOME_NET: '10.0.0.0/8' })).program!.header;
}

const text = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString('latin1');

describe('actions', () => {
  it.each([
    ['alert', 'alert'],
    ['pass', 'pass'],
    ['log', 'log'],
    ['drop', 'drop'],
    ['sdrop', 'drop'],
    ['block', 'drop'],
    ['reject', 'reject'],
    ['rejectsrc', 'reject'],
    ['rejectdst', 'reject'],
    ['rejectboth', 'reject'],
    ['ALERT', 'alert'],
  ])('%s stands for %s', (word, action) => {
    expect(compileText(`${word} ip any any -> any any (sid:1;)`).program?.action).toBe(action);
  });

  it.each([
    'rewrite',
    'replace',
    'react',
    'activate',
    'dynamic',
    'accept',
    'accept:hook',
    'accept:flow',
    'drop:packet',
    'drop:flow',
    'pass:flow',
    'accept:flow,alert',
    'accept:flow, pass:flow, alert',
  ])('%s, which a sensor cannot take, is refused', (word) => {
    const { program, codes } = compileText(`${word} tcp any any -> any any (sid:1;)`);
    expect(codes).toEqual(['unsupported-action']);
    expect(program).toBeUndefined();
  });

  it('of rules that are there for what they do alert on nothing, and look like one', () => {
    const asked = 'config:logging disable, type tx, scope tx;';
    const { program, codes } = compileText(`config dns any any -> any any (dns.query; content:"cdn"; ${asked} sid:1;)`);
    expect(codes).toEqual([]);
    expect(program).toMatchObject({ action: 'log', noalert: true, silencesTransactions: true });
    expect(compileText('config detection: search-method ac').codes).toEqual(['no-rule']);
  });

  it('are given a reason where they are refused', () => {
    const messages = (text: string): string[] => {
      const diagnostics = new Diagnostics();
      const node = parseRule(text, diagnostics);
      if (node !== undefined) compileAction(node.action, diagnostics);
      return diagnostics.list.map(({ message, span }) => `${text.slice(span.start, span.end)}: ${message}`);
    };
    expect(messages('accept:hook tcp any any -> any any (sid:1;)')).toEqual([
      'accept:hook: the action accept:hook is that of a firewall, and a sensor only listens',
    ]);
    expect(messages(' accept:flow,alert tls:client_hello_done any any -> any any (sid:1;)')).toEqual([
      'accept:flow,alert: the action accept:flow,alert is that of a firewall, and a sensor only listens',
    ]);
    expect(messages('activate tcp any any -> any any (sid:1;)')).toEqual([
      'activate: the action activate is that of dynamic rules, which are not supported',
    ]);
  });
});

describe('headers', () => {
  it.each([
    ['ip', 'ip'],
    ['ipv4', 'ipv4'],
    ['ip4', 'ipv4'],
    ['ipv6', 'ipv6'],
    ['ip6', 'ipv6'],
    ['tcp', 'tcp'],
    ['udp', 'udp'],
    ['icmp', 'icmp'],
    ['icmpv4', 'icmpv4'],
    ['ICMPv6', 'icmpv6'],
    ['sctp', 'sctp'],
    ['tcp-pkt', 'tcp-pkt'],
    ['tcp-stream', 'tcp-stream'],
    ['pkthdr', 'pkthdr'],
  ])('protocol %s is %s', (word, protocol) =>
    expect(header(`alert ${word} any any -> any any`)).toMatchObject({ protocol }),
  );

  it('have sets for addresses and ports, undefined for any', () => {
    expect(header('alert tcp $HOME_NET 1024: -> any ![80,443]')).toEqual({
      protocol: 'tcp',
      source: { ipv4: [[0x0a000000, 0x0affffff]], ipv6: [] },
      sourcePorts: [[1024, 65535]],
      destination: undefined,
      destinationPorts: [
        [0, 79],
        [81, 442],
        [444, 65535],
      ],
      bidirectional: false,
    });
  });

  it.each([
    ['alert tcp 10.0.0.1, 10.0.0.3 any -> any any', 'alert tcp [10.0.0.1,10.0.0.3] any -> any any'],
    ['alert tcp 10.0.0.1,10.0.0.3 any -> any 80,443', 'alert tcp [10.0.0.1,10.0.0.3] any -> any [80,443]'],
    ['alert tcp any !80,1:1023 -> $HOME_NET,!10.0.0.3 any', 'alert tcp any [!80,1:1023] -> [$HOME_NET,!10.0.0.3] any'],
    [
      'alert tcp [10.0.0.1,10.0.0.2],10.9.0.0/16 1,2,3 -> any any',
      'alert tcp [10.0.0.1,10.0.0.2,10.9.0.0/16] [1,2,3] -> any any',
    ],
  ])('have lists without brackets: %s', (bare, bracketed) => expect(header(bare)).toEqual(header(bracketed)));

  it('go both ways', () => expect(header('alert tcp any any <> any any').bidirectional).toBe(true));
  it('may have a hook', () =>
    expect(header('alert tcp:flow_start any any -> any any')).toMatchObject({ protocol: 'tcp', hook: 'flow_start' }));
  it('without addresses mean any', () =>
    expect(compileText('alert tcp (sid:1;)').program?.header).toMatchObject({
      source: undefined,
      destinationPorts: undefined,
      bidirectional: false,
    }));
});

describe('what a rule says about itself', () => {
  it('is kept', () => {
    const program = compileOptions(
      'msg:"a \\"b\\"\\; c"; gid:2; rev:7; classtype:trojan-activity; reference:cve,2021-44228; reference:CVE,1; metadata:a b c, d; metadata:a e; target:dest_ip; noalert;',
    );
    expect(program).toMatchObject({
      msg: 'a "b"; c',
      gid: 2,
      sid: 1,
      rev: 7,
      classtype: 'trojan-activity',
      category: 'A Network Trojan was detected',
      priority: 1,
      target: 'dest_ip',
      noalert: true,
      references: [
        { system: 'cve', id: '2021-44228' },
        { system: 'cve', id: '1' },
      ],
      origin: { file: 'test.rules', line: 1 },
    });
    expect([...program.metadata]).toEqual([
      ['a', ['b c', 'e']],
      ['d', ['']],
    ]);
  });

  it('has defaults', () => {
    expect(compileOptions('')).toMatchObject({
      gid: 1,
      rev: 0,
      msg: '',
      priority: 3,
      category: '',
      classtype: undefined,
      noalert: false,
      target: undefined,
      waitingFor: [],
      thresholds: [],
    });
  });

  it('has the priority said, before and behind the class', () => {
    expect(compileOptions('priority:2; classtype:trojan-activity;').priority).toBe(2);
    expect(compileOptions('classtype:trojan-activity; priority:2;').priority).toBe(2);
  });

  it('is read as UTF-8 where it is that', () => {
    expect(compileOptions(`msg:"${Buffer.from('größer').toString('latin1')}";`).msg).toBe('größer');
    expect(compileOptions('msg:"gr\xf6\xdfer";').msg).toBe('gr\xf6\xdfer');
  });

  it.each([
    ['classtype:nonsense;', 'unknown-classtype'],
    ['reference:nowhere,1;', 'unknown-reference'],
  ])('loads with a warning: %s', (option, code) => {
    expect(compileText(`alert ip any any -> any any (${option} sid:1;)`)).toMatchObject({
      codes: [code],
      program: { sid: 1 },
    });
  });

  it('may name the target twice but not differently', () => {
    expect(compileOptions('target:src_ip; target:src_ip;').target).toBe('src_ip');
    expect(compileText('alert ip any any -> any any (target:src_ip; target:dest_ip; sid:1;)').codes).toEqual([
      'conflicting-arguments',
    ]);
  });
});

describe('thresholds', () => {
  it('are read in any order', () => {
    expect(compileOptions('threshold: type both, count 5, seconds 60, track by_src;').thresholds).toEqual([
      { kind: 'both', track: 'by_src', count: 5, seconds: 60 },
    ]);
    expect(compileOptions('threshold:type backoff, track by_flow, count 1, multiplier 10;').thresholds).toMatchObject([
      { kind: 'backoff', track: 'by_flow', count: 1, multiplier: 10 },
    ]);
    expect(
      compileOptions('detection_filter:track by_dst, count 15, seconds 2, unique_on dst_port;').thresholds,
    ).toMatchObject([{ kind: 'detection_filter', track: 'by_dst', count: 15, seconds: 2, uniqueOn: 'dst_port' }]);
  });

  it.each([
    'threshold:type limit, track by_src, count 0, seconds 1;',
    'threshold:type limit, track by_all, count 1, seconds 1;',
    'threshold:type limit, track by_src, seconds 1;',
    'threshold:;',
    'threshold:type limit track by_src;',
    'detection_filter:type limit, track by_src, count 1, seconds 1;',
    'detection_filter:track by_src, count 1;',
    'threshold:type backoff, track by_src, count 1;',
    'detection_filter:track by_src, count 1, seconds 1, unique_on ip;',
  ])('are refused: %s', (option) => {
    const { program, codes } = compileText(`alert ip any any -> any any (${option} sid:1;)`);
    expect(program).toBeUndefined();
    expect(codes.length).toBeGreaterThan(0);
  });
});

describe('the fast pattern', () => {
  const choice = (options: string): string | undefined => text(compileOptions(options).fastPattern?.bytes);

  it('is the strongest positive content', () => {
    expect(choice('content:"ab"; content:"abcdef"; content:"abc";')).toBe('abcdef');
    expect(choice('content:"abc"; content:!"abcdef";')).toBe('abc');
    expect(choice('content:"|00 00 00 00 00 00 00|"; content:"login";')).toBe('login');
    expect(choice('content:"same"; content:"emas";')).toBe('same');
    expect(compileOptions('content:!"abc";').fastPattern).toBeUndefined();
    expect(compileOptions('dsize:1;').fastPattern).toBeUndefined();
  });

  it('is the one that the rule names, whole or in part', () => {
    expect(choice('content:"abcdef"; content:"x"; fast_pattern;')).toBe('x');
    expect(choice('content:"abcdef"; fast_pattern:2,3; content:"longer than that";')).toBe('cde');
    expect(compileOptions('content:"abcdef"; content:"x"; nocase; fast_pattern:only;').fastPattern).toMatchObject({
      only: true,
      nocase: true,
      buffer: 'payload',
    });
  });

  it('is named once', () => {
    expect(
      compileText('alert ip any any -> any any (content:"a"; fast_pattern; content:"b"; fast_pattern; sid:1;)').codes,
    ).toEqual(['duplicate-fast-pattern']);
  });
});

describe('buffers', () => {
  it('hold their steps in the order written, over one entry each', () => {
    const { buffers } = compileOptions(
      'content:"a"; tcp.hdr; content:"b"; pkt_data; content:"c"; distance:1; isdataat:5,relative;',
    );
    expect(
      buffers.map(({ buffer, matches }) => [
        buffer,
        matches.map((match) => text((match as ContentMatch).bytes) ?? match.kind),
      ]),
    ).toEqual([
      ['payload', ['a', 'c', 'isdataat']],
      ['tcp.hdr', ['b']],
    ]);
  });

  it('have contents with fast_pattern:only in their place, as something may be relative to them', () => {
    const { buffers } = compileOptions('content:"a"; content:"b"; fast_pattern:only; content:"c"; distance:0;');
    expect(buffers[0]!.matches.map((match) => text((match as ContentMatch).bytes))).toEqual(['a', 'b', 'c']);
  });

  it('keep nothing of the construction', () => {
    expect(Object.keys(compileOptions('content:"a"; fast_pattern;').buffers[0]!.matches[0]!)).not.toContain('node');
  });

  it('take modifiers only behind a content of their own', () => {
    expect(compileText('alert tcp any any -> any any (content:"a"; tcp.hdr; nocase; sid:1;)').codes).toEqual([
      'modifier-without-content',
    ]);
  });

  it('count variables, one per name', () => {
    expect(
      compileOptions('content:"x"; byte_extract:1,0,a; byte_extract:1,1,b; byte_extract:1,2,a; content:"y"; offset:b;'),
    ).toMatchObject({ variableCount: 2 });
    expect(compileText('alert tcp any any -> any any (content:"y"; offset:nope; sid:1;)').codes).toEqual([
      'unknown-byte-variable',
    ]);
  });
});

describe('rules that wait', () => {
  it.each([
    ['alert igmp any any -> any any (igmp.hdr; content:"x"; bsize:1; sid:1;)', ['igmp']],
    ['alert tcp any any -> any any (content:"x"; http_raw_body; nocase; sid:1;)', ['http']],
    ['alert http any any -> any any (file_type:"PDF"; sid:1;)', ['file']],
    ['alert mysql:request_started any any -> any any (sid:1;)', ['mysql']],
    ['alert tcp any any -> any any (igmp.hdr; dotprefix; content:"x"; sid:1;)', ['igmp']],
  ])('%s', (rule, waitingFor) => {
    const { program, codes } = compileText(rule);
    expect(codes).toEqual([]);
    expect(program).toMatchObject({ waitingFor, buffers: [], fastPattern: undefined });
  });

  it('are still read in full', () => {
    expect(compileText('alert http any any -> any any (content:"x"; nocase:1; sid:1;)').codes).toEqual([
      'unexpected-value',
    ]);
    expect(compileText('alert http any any -> any any (http.uri; frobnicate; sid:1;)').codes).toEqual([
      'unknown-keyword',
    ]);
  });

  it('may name a hook of transactions', () => {
    const hooked = compileText('alert http1:request_headers any any -> any any (sid:1;)').program;
    expect(hooked).toMatchObject({ kind: 'tx', waitingFor: [], buffers: [{ buffer: 'http1:request_headers' }] });
    expect(compileText('alert tls:server_hello_done any any -> any any (sid:1;)').program?.waitingFor).toEqual([]);
    expect(compileText('alert smb:request_complete any any -> any any (sid:1;)').program?.waitingFor).toEqual([]);
    expect(compileText('alert nntp:request_complete any any -> any any (sid:1;)').program?.waitingFor).toEqual([
      'nntp',
    ]);
    expect(compileText('alert http:request_headers any any -> any any (sid:1;)').codes).toEqual(['unknown-hook']);
    expect(compileText('alert tls:request_headers any any -> any any (sid:1;)').codes).toEqual(['unknown-hook']);
    expect(compileText('alert arp:all any any -> any any (sid:1;)').program?.waitingFor).toEqual(['arp']);
    expect(compileText('alert telnet:request_complete any any -> any any (sid:1;)').codes).toEqual(['unknown-hook']);
    expect(compileText('alert dns:flow_start any any -> any any (sid:1;)').codes).toEqual(['unknown-hook']);
    expect(compileText('accept:hook tls:<client_hello_done any any -> any any (sid:1;)').codes).toEqual([
      'unsupported-action',
      'unknown-hook',
    ]);
    expect(compileText('alert tcp:flow_end any any -> any any (sid:1;)').codes).toEqual(['unknown-hook']);
    expect(compileText('alert tcp:pre_flow any any -> any any (sid:1;)').program?.header.hook).toBe('all');
  });

  it('may look at both directions of a transaction, and no others may', () => {
    expect(compileText('alert http any any => any any (http.uri; content:"x"; sid:1;)').codes).toEqual([
      'both-directions',
    ]);
    expect(compileText('alert tcp any any => any any (igmp.hdr; content:"x"; sid:1;)').program?.waitingFor).toEqual([
      'igmp',
      'transactions',
    ]);
    expect(compileText('alert tcp any any => any any (content:"x"; sid:1;)').codes).toEqual(['unsupported-direction']);
  });

  it('are those of file types, which have no header and alert on nothing', () => {
    const rule =
      'file_id (msg:"PDF"; file_meta:type PDF,id 282,category "PDF files"; file_data; content:"%PDF-",depth 5; gid:4; sid:13; rev:1;)';
    const { program, codes } = compileText(rule);
    expect(codes).toEqual([]);
    expect(program).toMatchObject({ action: 'log', noalert: true, waitingFor: ['file'], gid: 4, sid: 13 });
    const printed = printRule(parseRule(rule, new Diagnostics())!);
    expect(printed.startsWith('file_id (msg:"PDF";')).toBe(true);
    expect(printRule(parseRule(printed, new Diagnostics())!)).toBe(printed);
    expect(new RuleParser().parse(rule, new Diagnostics())).toEqual(parseRule(rule, new Diagnostics()));
    expect(compileText('file_id (msg:"PDF" sid:13;)').codes).not.toEqual([]);
  });
});

describe('options', () => {
  it('are found in any case', () =>
    expect(compileOptions('Content:"x"; NOCASE;').fastPattern).toMatchObject({ nocase: true }));

  it.each([
    ['sid:2;', ['duplicate-option']],
    ['msg;', ['missing-value']],
    ['msg:;', ['missing-value']],
    ['noalert:1;', ['unexpected-value']],
    ['noalert:;', ['unexpected-value']],
  ])('are used as they should be: %s', (option, codes) =>
    expect(compileText(`alert ip any any -> any any (sid:1; ${option})`).codes).toEqual(codes),
  );

  it('report everything in one go', () => {
    expect(compileText('alert htp any 99999 <- any any (contnt:"x"; priority:0;)').codes).toEqual([
      'unknown-protocol',
      'bad-direction',
      'bad-port',
      'unknown-keyword',
      'number-out-of-range',
      'missing-sid',
    ]);
  });
});
