/**
 * What rules are tried on, as Suricata 8.0.7 sorts them (`--engine-analysis`): ip_only is address, pkt packet,
 * pkt_stream both. Where it calls rules of UDP and ICMP pkt_stream, there is no stream to look at.
 */
import { describe, expect, it } from 'vitest';
import { compileText } from '../support/compile.js';

const KINDS: readonly [protocol: string, options: string, kind: string][] = [
  ['tcp', '', 'address'],
  ['ip', '', 'address'],
  ['udp', '', 'address'],
  ['tcp', 'flow:established;', 'packet'],
  ['tcp', 'flow:to_server;', 'packet'],
  ['tcp', 'flags:S;', 'packet'],
  ['ip', 'ip_proto:6;', 'address'],
  ['ip', 'l3_proto:ipv4;', 'address'],
  ['tcp', 'sameip;', 'packet'],
  ['tcp', 'flowbits:isset,x;', 'packet'],
  ['tcp', 'flowbits:set,x;', 'address'],
  ['tcp', 'xbits:isset,x,track ip_src;', 'address'],
  ['tcp', 'flow.pkts:toserver,>1;', 'packet'],
  ['ip', 'flow:established; app-layer-event:applayer_mismatch_protocol_both_directions; flowint:n,+,1;', 'detected'],
  ['udp', 'app-layer-protocol:failed; flow:no_stream;', 'detected'],
  ['tcp', 'app-layer-protocol:!http; xbits:isnotset,x,track ip_src; flowbits:set,y;', 'detected'],
  ['tcp', 'app-layer-protocol:http; flow:established;', 'packet'],
  ['tcp', 'app-layer-protocol:http; flowbits:isset,x;', 'packet'],
  ['ip', 'app-layer-event:applayer_detect_protocol_only_one_direction; content:"a";', 'stream'],
  ['tcp', 'flow.age:>1;', 'packet'],
  ['tcp', 'stream_size:both,>,5;', 'packet'],
  ['tcp', 'dsize:5;', 'packet'],
  ['tcp', 'flow:no_stream;', 'address'],
  ['ip', 'vni:7;', 'address'],
  ['tcp', 'content:"abc";', 'stream'],
  ['tcp', 'content:"abc"; offset:0;', 'both'],
  ['tcp', 'content:"abc"; depth:3;', 'both'],
  ['tcp', 'content:"abc"; startswith;', 'both'],
  ['tcp', 'content:"abc"; endswith;', 'stream'],
  ['tcp', 'content:"abc"; content:"d"; within:5;', 'stream'],
  ['tcp', 'content:"abc"; content:"d"; distance:5;', 'stream'],
  ['tcp', 'content:!"abc"; depth:3;', 'both'],
  ['tcp', 'content:!"abc";', 'stream'],
  ['tcp', 'content:"abc"; dsize:7;', 'packet'],
  ['tcp', 'content:"abc"; flags:S;', 'packet'],
  ['tcp', 'content:"abc"; flow:no_stream;', 'packet'],
  ['tcp', 'content:"abc"; flow:only_stream;', 'stream'],
  ['tcp', 'content:"abc"; depth:3; flow:only_stream;', 'stream'],
  ['tcp-pkt', 'content:"abc";', 'packet'],
  ['tcp-pkt', 'content:"abc"; depth:3;', 'packet'],
  ['tcp-stream', 'content:"abc";', 'stream'],
  ['tcp-stream', 'content:"abc"; depth:3;', 'stream'],
  ['ip', 'content:"abc";', 'stream'],
  ['ip', 'content:"abc"; depth:3;', 'both'],
  ['udp', 'content:"abc";', 'packet'],
  ['udp', 'content:"abc"; depth:3;', 'packet'],
  ['icmp', 'content:"abc";', 'packet'],
  ['tcp', 'pcre:"/^abc/";', 'stream'],
  ['tcp', 'isdataat:5;', 'stream'],
  ['tcp', 'byte_test:1,>,5,0;', 'stream'],
  ['tcp', 'stream_size:both,>,5; content:"abc";', 'both'],
  ['tcp', 'tcp.hdr; content:"a";', 'packet'],
  ['tcp', 'tcp.hdr; content:"a"; pkt_data; content:"b";', 'packet'],
  ['ip', 'ip.src; content:"a";', 'packet'],
  ['ip', 'fragbits:M; content:"abc";', 'packet'],
  ['ip', 'vlan.id:5; content:"abc";', 'packet'],
  ['tcp', 'base64_decode:bytes 5; base64_data; content:"abc";', 'stream'],
  ['tcp', 'content:"x"; base64_decode:bytes 5; base64_data; content:"abc"; depth:3;', 'stream'],
  // A test of the flow says nothing about packets; Suricata takes an age for one of packets.
  ['tcp', 'vni:7; content:"abc";', 'stream'],
  ['tcp', 'flow.age:>1; content:"abc";', 'stream'],
];

describe('the kind of a rule', () => {
  it.each(KINDS)('%s %s is %s', (protocol, options, kind) => {
    const { program } = compileText(`alert ${protocol} any any -> any any (${options} sid:1;)`);
    expect(program?.kind).toBe(kind);
  });
});
