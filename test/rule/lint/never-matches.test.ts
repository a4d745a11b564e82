/** Rules that can never match, each with the place of the finding, beside rules that come close and can. */
import { describe, expect, it } from 'vitest';
import { Variables } from '../../../src/rule/compile/variables.js';
import { lintDiagnostics, lintText } from '../support/compile.js';

/** Of a rule that says nothing else; `header` up to the parenthesis. */
const findings = (options: string, header = 'alert tcp any any -> any 80'): string[] =>
  lintText(`${header} (msg:"x"; ${options} sid:1;)`);
const never = (place: string): string[] => [`warning never-matches '${place}'`];

describe('the length of a buffer', () => {
  it.each([
    ['dsize:<4; content:"abcd";', '"abcd"'],
    ['content:"abcd"; dsize:3;', '"abcd"'],
    ['dsize:0; content:"a";', '0'],
    ['dsize:0; content:!"a";', '0'],
    ['isdataat:!0;', '!0'],
    ['dsize:<10; content:"ab"; offset:8;', '"ab"'],
    ['dsize:5; isdataat:5;', '5'],
    ['dsize:6; content:"ab"; content:"cd"; distance:3;', '"cd"'],
    ['dsize:8; byte_test:4,>,1,5;', '4,>,1,5'],
    ['dsize:8; content:"ab"; byte_jump:4,3,relative;', '4,3,relative'],
    ['dsize:3; content:"a"; base64_decode:offset 1,relative;', 'offset 1,relative'],
    ['dsize:8; entropy:offset 8,value > 1;', 'offset 8,value > 1'],
    ['dsize:8; entropy:bytes 9,value > 1;', 'bytes 9,value > 1'],
    ['bsize:5; content:"abcdef";', '"abcdef"'],
    ['content:"abcdef"; bsize:<6;', '"abcdef"'],
    ['bsize:2; bsize:4;', '4'],
    ['dsize:2; bsize:>2;', '>2'],
    ['content:"abc"; startswith; content:"abcd"; endswith; bsize:3;', '"abcd"'],
    ['content:"abc"; isdataat:!1,relative; content:"xyz"; offset:4; bsize:<7;', '"xyz"'],
    ['content:"ab"; depth:2; isdataat:!1,relative; content:"abc";', '"abc"'],
    ['isdataat:!10; content:"ab"; distance:9;', '"ab"'],
    ['content:"a"; depth:5; endswith; content:"b"; offset:8;', '"b"'],
    ['tcp.hdr; content:"a"; offset:60;', '"a"'],
    ['tcp.hdr; to_md5; content:"0123456789abcdef0";', '"0123456789abcdef0"'],
    ['dsize:<12; content:"a"; fast_pattern:only; isdataat:20;', '20'],
  ])('cannot be right: %s', (options, place) => expect(findings(options)).toEqual(never(place)));

  it.each([
    'dsize:<5; content:"abcd";',
    'dsize:0;',
    'dsize:!0; content:"a";',
    'isdataat:!1;',
    'dsize:<11; content:"ab"; offset:8;',
    'dsize:6; isdataat:5;',
    'dsize:6; content:"ab"; content:"cd"; distance:2;',
    'dsize:6; content:"abcd"; content:"cdef"; distance:-2;',
    'dsize:6; content:"abcd"; content:"efgh"; distance:-9;',
    'dsize:9; byte_test:4,>,1,5;',
    'dsize:9; byte_test:0,>,1,8,string;',
    'bsize:6; content:"abcdef";',
    'bsize:4; bsize:<5;',
    'dsize:>2; bsize:2; content:"a";',
    'content:"abc"; isdataat:!1,relative; content:"xyz"; bsize:<7;',
    'dsize:4; tcp.hdr; content:"abcdef";',
    'dsize:4; pkt_data; to_md5; content:"abcdef";',
    'dsize:5; content:"ab"; byte_jump:1,0; content:"cde"; distance:0;',
    'byte_extract:1,0,n; dsize:5; content:"abc"; offset:n;',
    'dsize:5; pcre:"/^a{9}/";',
    'dsize:<4; content:!"abcd"; content:"xyz";',
    'isdataat:!10; content:"ab"; distance:8;',
    'tcp.hdr; absent:or_else; content:"a"; offset:60;',
    'dsize:<12; content:"a"; fast_pattern:only; isdataat:10;',
    'isdataat:!4; isdataat:3; content:"abcd";',
    'dsize:5; content:"abcd"; byte_jump:1,0,from_beginning,bitmask 1; content:"bcd"; distance:0;',
    'dsize:5; content:"abcd"; pcre:"/b/"; content:"cde"; distance:0;',
  ])('can be right: %s', (options) => expect(findings(options).filter((each) => each.includes('never'))).toEqual([]));

  it('is that of the header it is', () => {
    expect(findings('udp.hdr; content:"a"; offset:8;', 'alert udp any any -> any 53')).toEqual(never('"a"'));
    expect(findings('udp.hdr; content:"a"; offset:7;', 'alert udp any any -> any 53')).toEqual([]);
  });

  it('is also looked at in buffers that are not parsed yet', () => {
    expect(findings('http.uri; bsize:3; content:"/abc";', 'alert http any any -> any any')).toEqual(never('"/abc"'));
    expect(
      findings('http.uri; content:"/abc"; http.method; bsize:3; content:"GET";', 'alert http any any -> any any'),
    ).toEqual([]);
  });

  it('is not told of contents whose buffer is not certain', () => {
    // As Snort 2 has it, the address holds the first content; as Snort 3 has it, the second.
    expect(findings('content:"/abc"; http_uri; content:"abcdef"; bsize:<7;')).toEqual([]);
    expect(findings('content:"abc"; startswith; http_uri; content:"xyz"; startswith; http_header;')).toEqual([]);
  });
});

describe('contents', () => {
  it.each([
    ['content:"abc"; startswith; content:"abd"; startswith;', '"abd"'],
    ['content:"abc"; depth:3; content:"xy"; offset:2; depth:2;', '"xy"'],
    ['content:"abc"; endswith; content:"xbc"; endswith;', '"xbc"'],
    ['content:"ABC"; nocase; startswith; content:"abd"; startswith;', '"abd"'],
    ['content:"ab"; startswith; content:"cd"; distance:0; within:2; content:"bx"; offset:1; depth:2;', '"bx"'],
    ['bsize:4; content:"abc"; startswith; content:"xd"; endswith;', '"xd"'],
    ['content:"abc"; content:!"b";', '!"b"'],
    ['content:!"B"; nocase; content:"abc";', '!"B"'],
    ['content:"ab"; offset:2; depth:4; content:!"a"; offset:2; depth:4;', '!"a"'],
    ['content:"ab"; startswith; content:!"ab"; startswith;', '!"ab"'],
    ['content:"ab"; endswith; content:!"b"; endswith;', '!"b"'],
    ['content:"abcd"; distance:3; content:!"bc"; offset:0;', '!"bc"'],
    ['content:"abc"; startswith; content:"defg"; distance:-9; within:5;', '"defg"'],
    ['pkt_data; to_lowercase; content:"Abc";', '"Abc"'],
    ['pkt_data; to_uppercase; content:"ABc";', '"ABc"'],
    ['http.host; content:"Example.com";', '"Example.com"'],
    ['content:"Example.com"; http_host;', '"Example.com"'],
  ])('exclude each other: %s', (options, place) => expect(findings(options)).toEqual(never(place)));

  it.each([
    'content:"abc"; startswith; content:"ab"; startswith;',
    'content:"ABC"; nocase; startswith; content:"abc"; startswith;',
    'content:"abc"; depth:4; content:"xy"; offset:2; depth:2;',
    'content:"abc"; endswith; content:"bc"; endswith;',
    'bsize:4; content:"abc"; startswith; content:"cd"; endswith;',
    'content:"abc"; startswith; content:"xd"; endswith;',
    'content:"abc"; nocase; content:!"b";',
    'content:"aBc"; content:!"b";',
    'content:"abc"; content:!"b"; offset:9;',
    'content:"abc"; content:!"b"; depth:2;',
    'content:"abc"; content:!"b"; distance:0;',
    'content:"ab"; content:!"ab"; startswith;',
    'content:"ab"; content:!"b"; endswith;',
    'content:"ab"; offset:1; depth:5; content:!"a"; offset:2; depth:4;',
    'content:"ab"; depth:5; content:!"b"; depth:4;',
    'content:"ab"; distance:1; content:!"a"; offset:1;',
    'content:"abc"; content:!"d"; within:4;',
    'content:"abc"; content:!"abcd";',
    'content:"abc"; startswith; content:"defg"; distance:-3; within:5;',
    'content:"abc"; tcp.hdr; content:!"b";',
    'pkt_data; to_lowercase; content:"Abc"; nocase;',
    'pkt_data; to_lowercase; content:!"Abc"; content:"xyz";',
    'pkt_data; to_lowercase; to_uppercase; content:"ABC";',
    'http.host; content:"example.com"; http.uri; content:"/Example";',
    'content:"example.com"; http_host; content:"Example";',
    'http.host; content:"Example.com"; nocase;',
  ])('can go together: %s', (options) =>
    expect(findings(options).filter((each) => each.includes('never'))).toEqual([]),
  );
});

describe('directions', () => {
  it.each([
    ['flow:to_client; http.uri; content:"/a";', 'http.uri'],
    ['http.stat_code; content:"200"; flow:established,to_server;', 'http.stat_code'],
    ['flow:from_server; content:"/a"; http_uri;', 'http_uri'],
    ['flow:from_server; uricontent:"/a";', 'uricontent'],
    ['flow:to_client; urilen:>10;', 'urilen'],
    ['flow:to_server; http_stat_code; content:"200";', 'http_stat_code'],
    ['flow:to_client; tls.sni; content:"a.b";', 'tls.sni'],
    ['flow:to_server; ja3s.hash; content:"abc";', 'ja3s.hash'],
    ['flow:to_client; ssh.hassh; content:"abc";', 'ssh.hassh'],
    ['flow:to_client; ftp.command; content:"abc";', 'ftp.command'],
    ['flow:to_client; smtp.helo; content:"abc";', 'smtp.helo'],
    ['flow:to_server; ldap.responses.count:>3;', 'ldap.responses.count'],
  ])('are the wrong ones: %s', (options, place) => expect(findings(options)).toEqual(never(place)));

  it.each([
    'flow:to_server; http.uri; content:"/a";',
    'flow:established; http.stat_code; content:"200";',
    'http.uri; content:"/a";',
    'flow:to_client; http.header; content:"a";',
    'flow:to_server; http.header; content:"a";',
    'flow:to_client; http_uri:request; content:"/a";',
    'flow:to_client; dns.query.name; content:"a.b";',
    'flow:to_server; tls.cert_subject; content:"a.b";',
    'flow:to_client; dns.opcode:4;',
  ])('are right: %s', (options) => expect(findings(options)).toEqual([]));
});

describe('protocols', () => {
  it.each([
    ['udp', 'flags:S;', 'flags'],
    ['udp', 'tcp.mss:<500;', 'tcp.mss'],
    ['udp', 'seq:0;', 'seq'],
    ['icmp', 'window:1024;', 'window'],
    ['udp', 'stream_size:client,>,10;', 'stream_size'],
    ['tcp', 'itype:8;', 'itype'],
    ['udp', 'icode:0;', 'icode'],
    ['icmpv6', 'icmpv4.hdr; content:"a";', 'icmpv4.hdr'],
    ['icmpv4', 'icmpv6.mtu:<1280;', 'icmpv6.mtu'],
    ['udp', 'tcp.hdr; content:"a";', 'tcp.hdr'],
    ['tcp', 'ip_proto:17;', 'ip_proto'],
    ['udp', 'ip_proto:!UDP;', 'ip_proto'],
    ['ip', 'ip_proto:6; itype:8;', 'itype'],
    ['ip', 'flags:S; itype:8;', 'itype'],
    ['ip', 'flags:S; udp.hdr; content:"a";', 'udp.hdr'],
    ['udp', 'flow:only_stream; content:"a";', 'flow'],
    ['ipv6', 'id:0;', 'id'],
    ['ipv6', 'fragbits:M;', 'fragbits'],
    ['ipv4', 'ipv6.hdr; content:"a";', 'ipv6.hdr'],
    ['ip', 'ipopts:rr; ipv6.hdr; content:"a";', 'ipv6.hdr'],
    ['sctp', 'flags:S;', 'flags'],
  ])('do not go with the condition: %s, %s', (protocol, options, keyword) => {
    const [finding] = findings(options, `alert ${protocol} any any -> any any`);
    const place = /^\S+ \S+ '(.*)'$/.exec(finding!)![1]!;
    expect(finding).toMatch(/^warning never-matches/);
    expect(keyword).toBe(place);
  });

  it.each([
    ['tcp', 'flags:S;'],
    ['ip', 'flags:S;'],
    ['pkthdr', 'flags:S;'],
    ['icmp', 'itype:8;'],
    ['icmp', 'icmpv6.mtu:<1280;'],
    ['icmpv6', 'itype:128;'],
    ['ip', 'ip_proto:17;'],
    ['ip', 'ip_proto:!6; itype:8;'],
    ['ip', 'ip_proto:47;'],
    ['tcp', 'flow:only_stream; content:"abc"; offset:3;'],
    ['udp', 'flow:established; content:"abc"; offset:3;'],
    ['ip', 'fragbits:M;'],
    ['ipv4', 'id:0;'],
    ['tcp-pkt', 'stream_size:client,>,10;'],
    ['udp', 'tcp.hdr; absent;'],
    ['ip', 'fragoffset:>0; ipv6.hdr; content:"a";'],
  ])('go with the condition: %s, %s', (protocol, options) => {
    expect(findings(options, `alert ${protocol} any any -> any any`).filter((each) => each.includes('never'))).toEqual(
      [],
    );
  });

  it('are those of the addresses too', () => {
    expect(findings('', 'alert tcp 10.0.0.1 any -> 2001:db8::1 any')).toEqual(never('2001:db8::1'));
    expect(findings('id:1;', 'alert ip 2001:db8::1 any -> any any')).toEqual(never('id'));
    expect(findings('', 'alert tcp 10.0.0.1 any -> [2001:db8::1,10.0.0.2] any')).toEqual([]);
    expect(
      lintText(
        'alert ip $HOME_NET any -> 2001:db8::/32 any (msg:"x"; sid:1;)',
        new Variables({ HOME_NET: '10.0.0.0/8' }),
      ),
    ).toEqual(never('2001:db8::/32'));
  });
});

describe('tests', () => {
  it.each([
    ['ttl:<5; ttl:>200;', '>200'],
    ['ttl:64; ttl:!64;', '!64'],
    ['dsize:5; window:3; dsize:6;', '6'],
    ['tos:6; tos:>6;', '>6'],
    ['stream_size:client,<,10; stream_size:client,>,20;', 'client,>,20'],
    ['flags:S; flags:A;', 'A'],
    ['flags:+SA; flags:!S;', '!S'],
    ['fragbits:M; fragbits:D;', 'D'],
    ['flow:only_stream; flags:S;', 'S'],
    ['flowbits:isset,a; flowbits:isnotset,a;', 'isnotset,a'],
    ['hostbits:isnotset,a,src; hostbits:isset,a,src;', 'isset,a,src'],
    ['flowint:n,>,5; flowint:n,<,3;', 'n,<,3'],
    ['flowint:n,isnotset; flowint:n,>,3;', 'n,>,3'],
    ['flowint:n,isset; flowint:n,isnotset;', 'n,isnotset'],
    ['flowint:n,==,5; flowint:n,!=,5;', 'n,!=,5'],
  ])('leave nothing over: %s', (options, place) => expect(findings(options)).toEqual(never(place)));

  it.each([
    ['itype:3; icmp_id:5;', '5'],
    ['icmp_seq:5; itype:11;', '5'],
    ['itype:3; icmpv6.mtu:<1280;', '<1280'],
  ])('are of messages of another type: %s', (options) => {
    expect(findings(options, 'alert icmp any any -> any any')).toEqual([expect.stringContaining('never-matches')]);
  });

  it.each([
    'ttl:<5; ttl:>2;',
    'ttl:<5; tos:200;',
    'flags:+S; flags:!A;',
    'flags:S,CE; flags:*SF;',
    'fragbits:+M; fragbits:!D;',
    'flow:only_stream; flags:+A;',
    'stream_size:client,<,10; stream_size:server,>,20;',
    'stream_size:either,<,10; stream_size:either,>,20;',
    'flowbits:isset,a; flowbits:isnotset,b;',
    'flowbits:isset,a|b; flowbits:isnotset,a|b;',
    'flowbits:isset,any,g; flowbits:isnotset,all,h;',
    'hostbits:isset,a,src; hostbits:isnotset,a,dst;',
    'flowint:n,>,5; flowint:n,<,7;',
    'flowint:n,>,5; flowint:m,<,3;',
    'flowint:n,>,5; flowint:n,<,m;',
  ])('leave something over: %s', (options) => expect(findings(options)).toEqual([]));

  it('of ICMP may go with the type', () => {
    for (const options of [
      'itype:8; icmp_id:5;',
      'itype:>3; icmp_seq:5;',
      'itype:17; icmp_id:5;',
      'itype:129; icmp_id:5;',
      'itype:0; icmp_id:5;',
      'itype:2; icmpv6.mtu:<1280;',
      'itype:3; icode:1;',
    ])
      expect(findings(options, 'alert icmp any any -> any any')).toEqual([]);
  });

  it('of malformations may both hold of one packet', () => {
    expect(
      findings('decode-event:ipv4.trunc_pkt; decode-event:tcp.pkt_too_small;', 'alert pkthdr any any -> any any'),
    ).toEqual([]);
  });
});

describe('a SYN of an established connection', () => {
  it('is hardly ever there', () => {
    expect(findings('flow:established,to_server; flags:S;')).toEqual(["warning hardly-matches 'S'"]);
    expect(findings('flow:established; flags:S,CE;')).toEqual(["warning hardly-matches 'S,CE'"]);
  });

  it.each([
    'flow:to_server; flags:S;',
    'flow:established; flags:+S;',
    'flow:established; flags:SA;',
    'flow:not_established; flags:S;',
  ])('is not meant by %s', (options) => expect(findings(options)).toEqual([]));
});

describe('the messages', () => {
  it.each([
    [
      'alert tcp any any -> any 80',
      'dsize:<4; content:"abcd";',
      'the buffer must have 4 bytes for this, and dsize:<4 allows at most 3, so the rule never matches',
      'write dsize:>=4; or ask for less',
    ],
    [
      'alert udp any any -> any 53',
      'udp.hdr; content:"a"; offset:8;',
      'the buffer must have 9 bytes for this, and it has at most 8, so the rule never matches',
      'correct the position, or look in another buffer',
    ],
    [
      'alert tcp any any -> any 80',
      'bsize:4; isdataat:!3;',
      'the buffer must have 4 bytes for this, and isdataat:!3 allows at most 3, so the rule never matches',
      'correct one of the two',
    ],
    [
      'alert udp any any -> any 53',
      'flags:S;',
      'flags asks for TCP, and the header is about udp, so the rule never matches',
      'write tcp in the header, or leave flags out',
    ],
    [
      'alert ipv6 any any -> any any',
      'id:1;',
      'id asks for IPv4, and the header is about ipv6, so the rule never matches',
      'write ipv4 in the header, or leave id out',
    ],
    [
      'alert ip any any -> any any',
      'ip_proto:6; itype:8;',
      'itype asks for ICMP or ICMPv6, and there is ip_proto:6 before, so the rule never matches',
      'leave one of the two out, or write two rules',
    ],
    [
      'alert tcp 10.0.0.1 any -> 2001:db8::1 any',
      '',
      'the destination has addresses of IPv6 alone, and the source has addresses of IPv4 alone, so the rule never matches',
      'leave one of the two out, or write two rules',
    ],
    [
      'alert http any any -> any any',
      'flow:to_client; http.uri; content:"/a";',
      'http.uri is of what clients send, and flow:to_client asks for the other direction, so the rule never matches',
      'write to_server in flow, or ask for something that servers send',
    ],
  ])('say what, why and what to write: %s (%s)', (header, options, message, hint) => {
    expect(lintDiagnostics(`${header} (msg:"x"; ${options} sid:1;)`)).toMatchObject([{ message, hint }]);
  });
});
