/** Tags: which packets are recorded behind a match, and the events that they become. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Packet } from '../../src/decode/packet.js';
import { CANDIDATE_KIND, type Candidate } from '../../src/detect/event/candidate.js';
import { compileRules } from '../../src/compile/compile-rules.js';
import { Detector } from '../../src/detect/detect.js';
import { RuleSet } from '../../src/block/rule-set.js';
import { allocateHostTags, HostTags } from '../../src/detect/state/tag-hosts.js';
import { MAX_FLOW_TAGS } from '../../src/detect/state/tag-list.js';
import { Tagger } from '../../src/detect/state/tagger.js';
import { DIRECTION, Flow } from '../../src/flow/flow.js';
import type { RuleProgram, Tag } from '../../src/rule/program.js';
import { placeBlock, Sensor, type SensorOptions } from '../support/detecting.js';
import { naiveTables, NaiveScanner } from '../support/naive-scanner.js';
import { NaiveTags } from '../support/naive-tags.js';
import { ethernet, icmp, ipv4, ipv6, udp } from '../support/packet-builder.js';
import { content, program, type ProgramFields } from '../support/rule-programs.js';

const frame = (text: string, src = '10.0.0.1:1000', dst = '10.0.0.2:53'): Uint8Array => {
  const [srcIp, srcPort] = src.split(':') as [string, string];
  const [dstIp, dstPort] = dst.split(':') as [string, string];
  return ethernet(
    {},
    ipv4({ src: srcIp, dst: dstIp }, udp({ srcPort: Number(srcPort), dstPort: Number(dstPort) }, text)),
  );
};
const rule = (tag: Tag, fields: ProgramFields = {}): RuleProgram =>
  program({ payload: [content('hit')], tags: [tag], ...fields });
const session = (limits: Omit<Tag, 'scope'>): Tag => ({ scope: 'session', ...limits });
const HIT = frame('hit');
const NEXT = frame('...');
const BACK = frame('...', '10.0.0.2:53', '10.0.0.1:1000');
const OTHER = frame('...', '10.0.0.1:1001', '10.0.0.3:53');

/** Numbers of the frames that are recorded, sent `step` seconds apart. */
function recorded(
  rules: readonly RuleProgram[],
  frames: readonly Uint8Array[],
  step = 1,
  options: SensorOptions = {},
): number[] {
  const sensor = new Sensor(rules, options);
  frames.forEach((bytes, i) =>
    sensor.send(bytes, (packet) => {
      packet.timeUs = 1.7e15 + i * step * 1e6;
    }),
  );
  return sensor.sink.packets.map((each) => each.frame);
}

describe('a session', () => {
  it('is recorded behind the match, in both directions, and no other', () => {
    expect(recorded([rule(session({ packets: 100 }))], [NEXT, HIT, NEXT, OTHER, BACK, NEXT])).toEqual([2, 4, 5]);
  });

  it('is recorded up to the limit of packets, the one that matches among them', () => {
    expect(recorded([rule(session({ packets: 3 }))], [HIT, NEXT, NEXT, NEXT, NEXT])).toEqual([1, 2]);
    expect(recorded([rule(session({ packets: 1 }))], [HIT, NEXT])).toEqual([]);
  });

  it('is recorded up to the limit of bytes, which the packet that exceeds it does not get', () => {
    const bytes = HIT.length + NEXT.length + BACK.length;
    expect(recorded([rule(session({ bytes }))], [HIT, NEXT, BACK, NEXT])).toEqual([1, 2]);
    expect(recorded([rule(session({ bytes: bytes - 1 }))], [HIT, NEXT, BACK, NEXT])).toEqual([1]);
  });

  it('is recorded up to the limit of time, its last moment included', () => {
    expect(recorded([rule(session({ seconds: 2 }))], [HIT, NEXT, BACK, NEXT])).toEqual([1, 2]);
    expect(recorded([rule(session({ seconds: 4_000_000_000 }))], [HIT, NEXT, BACK, NEXT])).toEqual([1, 2, 3]);
  });

  it('is recorded up to the first of several limits', () => {
    expect(recorded([rule(session({ packets: 100, seconds: 1 }))], [HIT, NEXT, NEXT])).toEqual([1]);
    expect(recorded([rule(session({ packets: 2, seconds: 100 }))], [HIT, NEXT, NEXT])).toEqual([1]);
  });

  it('is counted anew when the rule matches again, nine times; a packet that matches again is recorded', () => {
    expect(recorded([rule(session({ packets: 2 }))], [HIT, NEXT, HIT, NEXT, NEXT, NEXT])).toEqual([1, 2, 3]);
    expect(
      recorded(
        [rule(session({ packets: 1 }))],
        Array.from({ length: 14 }, () => HIT),
      ),
    ).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13]);
  });

  it('starts afresh where its tag is over', () => {
    expect(recorded([rule(session({ packets: 2 }))], [HIT, NEXT, NEXT, HIT, NEXT, NEXT])).toEqual([1, 4]);
  });

  it('is not there for packets without a flow', () => {
    const fragment = ethernet({}, ipv4({ flags: 1, protocol: 17 }, 'hit'));
    const sensor = new Sensor([rule(session({ packets: 9 }), { buffers: [], fastPattern: undefined })]);
    expect([sensor.sids(fragment), sensor.sids(fragment)]).toEqual([[1], [1]]);
    expect(sensor.sink.packets).toEqual([]);
  });

  it('takes its tags with it when it ends', () => {
    expect(recorded([rule(session({ packets: 9 }))], [HIT, NEXT], 4000)).toEqual([]);
  });

  it('has as many tags as it may have', () => {
    const rules = Array.from({ length: MAX_FLOW_TAGS + 2 }, (_, i) => rule(session({ packets: 9 }), { sid: i + 1 }));
    const sensor = new Sensor(rules);
    sensor.send(HIT);
    sensor.send(NEXT);
    const { tag } = sensor.sink.packets[0].event as { tag: { rules: unknown[] } };
    expect([tag.rules.length, sensor.detector.tagStats.refused]).toEqual([MAX_FLOW_TAGS, 2]);
  });
});

describe('a host', () => {
  const REPLY = frame('...', '10.0.0.9:1', '10.0.0.1:2');
  const TO_SERVER = frame('...', '10.0.0.8:1', '10.0.0.2:53');

  it('is recorded across its flows, from it and to it', () => {
    const frames = [HIT, OTHER, REPLY, TO_SERVER, BACK];
    expect(recorded([rule({ scope: 'host_src', packets: 100 })], frames)).toEqual([1, 2, 4]);
    expect(recorded([rule({ scope: 'host_dst', packets: 100 })], frames)).toEqual([3, 4]);
  });

  // Suricata's own test of both: limits of 3 packets of the source, 4 of the destination.
  it('is recorded as in Suricata', () => {
    const between = (src: number, dst: number, text = 'lalala!'): Uint8Array =>
      frame(text, `192.168.1.${src}:41424`, `192.168.1.${dst}:80`);
    const rules = [
      rule({ scope: 'host_src', packets: 3 }, { sid: 4 }),
      rule({ scope: 'host_dst', packets: 4 }, { sid: 5 }),
    ];
    expect(
      recorded(rules, [
        between(5, 1, 'hit'),
        between(5, 1),
        between(5, 9),
        between(5, 9),
        between(1, 9),
        between(1, 11),
        between(5, 11),
      ]),
    ).toEqual([1, 2, 4, 5]);
  });

  it('is one in IPv6, and in packets without a flow', () => {
    const six = (text: string, next: string): Uint8Array =>
      ethernet({}, ipv6({ src: 'fd00::1', dst: next }, udp({}, text)));
    expect(
      recorded([rule({ scope: 'host_src', packets: 9 })], [six('hit', 'fd00::2'), six('...', 'fd00::3'), HIT]),
    ).toEqual([1]);
    const fragment = ethernet({}, ipv4({ src: '10.0.0.1', flags: 1, protocol: 17 }, 'later'));
    expect(recorded([rule({ scope: 'host_src', packets: 9 })], [HIT, fragment])).toEqual([1]);
  });

  it('counts a packet to itself once', () => {
    const self = frame('...', '10.0.0.1:1', '10.0.0.1:2');
    expect(recorded([rule({ scope: 'host_src', packets: 3 })], [HIT, self, self, self])).toEqual([1, 2]);
  });

  it('is forgotten ten minutes behind its last packet where there is no limit of time', () => {
    expect(recorded([rule({ scope: 'host_src', packets: 9 })], [HIT, OTHER, OTHER], 600)).toEqual([1, 2]);
    expect(recorded([rule({ scope: 'host_src', packets: 9 })], [HIT, OTHER], 601)).toEqual([]);
    expect(recorded([rule({ scope: 'host_src', seconds: 3600 })], [HIT, OTHER, OTHER], 1800)).toEqual([1, 2]);
  });

  it('is none of another mirror session', () => {
    const sensor = new Sensor([rule({ scope: 'host_src', packets: 9 })]);
    [3, 4, 3].forEach((vni, i) =>
      sensor.send(i === 0 ? HIT : OTHER, (packet) => {
        packet.vni = vni;
      }),
    );
    expect(sensor.sink.packets.map((each) => each.frame)).toEqual([2]);
  });

  it('makes the rule set one with state of hosts, a session does not', () => {
    expect(new Sensor([rule({ scope: 'host_dst', packets: 1 })]).rules.hostState).toBe(true);
    expect(new Sensor([rule(session({ packets: 1 }))]).rules.hostState).toBe(false);
  });
});

describe('a rule', () => {
  it('may tag a session and both hosts', () => {
    const tags: Tag[] = [session({ packets: 2 }), { scope: 'host_src', packets: 4 }, { scope: 'host_dst', packets: 3 }];
    expect(recorded([program({ payload: [content('hit')], tags })], [HIT, NEXT, NEXT, NEXT, OTHER])).toEqual([1, 2, 3]);
  });

  it('tags without an alert, too', () => {
    const sensor = new Sensor([rule(session({ packets: 9 }), { noalert: true })]);
    sensor.send(HIT);
    sensor.send(NEXT);
    expect([sensor.sink.alerts, sensor.sink.packets.map((each) => each.frame)]).toEqual([[], [1]]);
  });

  it('that passes tags, but nothing is recorded of a flow that is passed as a whole', () => {
    expect(recorded([rule(session({ packets: 9 }), { action: 'pass' })], [HIT, NEXT])).toEqual([1]);
    expect(
      recorded([rule(session({ packets: 9 }), { action: 'pass', buffers: [], fastPattern: undefined })], [HIT, NEXT]),
    ).toEqual([]);
  });

  it('behind a pass does not tag', () => {
    expect(
      recorded(
        [program({ action: 'pass', sid: 2, payload: [content('hit')] }), rule(session({ packets: 9 }))],
        [HIT, NEXT],
      ),
    ).toEqual([]);
  });

  it('leaves its flowbits as they are', () => {
    const rules = [
      rule(session({ packets: 9 }), { effects: [{ scope: 'flow', operation: 'set', names: ['a'] }] }),
      program({ sid: 2, payload: [content('...')], bitTests: [{ scope: 'flow', operation: 'isset', names: ['a'] }] }),
    ];
    const sensor = new Sensor(rules);
    sensor.send(HIT);
    expect(sensor.sids(NEXT)).toEqual([2]);
    expect(sensor.sink.packets).toHaveLength(1);
  });

  it('does not tag where that is switched off', () => {
    expect(
      recorded([rule(session({ packets: 9 })), rule({ scope: 'host_src', packets: 9 }, { sid: 2 })], [HIT, NEXT], 1, {
        detector: { taggedPackets: false },
      }),
    ).toEqual([]);
  });

  it('is gone, and its tags go on with the limits that they had', () => {
    const open = (programs: readonly RuleProgram[], hostTags: HostTags): Detector => {
      const memory = placeBlock(compileRules(programs, { compilePatterns: naiveTables }).block);
      return new Detector(new RuleSet(memory), new NaiveScanner(memory), { hostTags });
    };
    const hostTags = new HostTags(allocateHostTags(64), true);
    const sensor = new Sensor(
      [rule(session({ packets: 3 }), { sid: 7 }), rule({ scope: 'host_src', packets: 4 }, { sid: 8 })],
      { detector: { hostTags } },
    );
    sensor.send(HIT);
    Object.assign(sensor, { detector: open([program({ sid: 9, payload: [content('hit')] })], hostTags) });
    for (let i = 0; i < 5; i++) sensor.send(NEXT);
    expect(
      sensor.sink.packets.map(({ event }) =>
        (event as { tag: { rules: { signature_id: number }[] } }).tag.rules.map(({ signature_id }) => signature_id),
      ),
    ).toEqual([[7, 8], [7, 8], [8]]);
  });
});

describe('a recorded packet', () => {
  it('says who, when, which flow, how long and for which rules, and keeps its bytes to itself', () => {
    const sensor = new Sensor([
      rule(session({ packets: 9 }), { sid: 7 }),
      rule({ scope: 'host_src', packets: 9 }, { gid: 3, sid: 4_000_000_000 }),
    ]);
    sensor.send(HIT);
    sensor.send(BACK);
    const [{ event, candidate }] = sensor.sink.packets;
    expect(event).toEqual({
      timestamp: '2023-11-14T22:13:20.001000+0000',
      flow_id: sensor.sink.alerts[0].event.flow_id,
      event_type: 'packet',
      src_ip: '10.0.0.2',
      src_port: 53,
      dest_ip: '10.0.0.1',
      dest_port: 1000,
      ip_v: 4,
      proto: 'UDP',
      direction: 'to_client',
      tag: {
        length: BACK.length,
        rules: [
          { gid: 1, signature_id: 7 },
          { gid: 3, signature_id: 4_000_000_000 },
        ],
      },
    });
    expect(candidate).toMatchObject({ kind: CANDIDATE_KIND.packet, seq: 1, flowId: event.flow_id, sid: 0, gid: 0 });
  });

  it('is whole where packets are written, with the link type of its frame', () => {
    const sensor = new Sensor([rule(session({ packets: 9 }))], { detector: { alerts: { packetBytes: 4096 } } });
    sensor.send(HIT);
    sensor.send(NEXT);
    const [{ event }] = sensor.sink.packets;
    expect(event).toMatchObject({ packet: Buffer.from(NEXT).toString('base64'), packet_info: { linktype: 1 } });
    expect(sensor.sink.alerts[0].event).toMatchObject({
      packet: Buffer.from(HIT).toString('base64'),
      packet_info: { linktype: 1 },
    });
  });

  it('comes behind the alerts of its packet', () => {
    const order: number[] = [];
    const sensor = new Sensor([rule(session({ packets: 9 }))]);
    sensor.send(HIT);
    const emit = sensor.sink.emit.bind(sensor.sink);
    sensor.sink.emit = (candidate: Candidate) => {
      order.push(candidate.kind);
      return emit(candidate);
    };
    sensor.send(HIT);
    expect(order).toEqual([CANDIDATE_KIND.alert, CANDIDATE_KIND.packet]);
  });

  it('without a flow, or with types instead of ports, is as an alert is', () => {
    const sensor = new Sensor([rule({ scope: 'host_src', packets: 9 })]);
    sensor.send(HIT);
    sensor.send(ethernet({}, ipv4({ src: '10.0.0.1', dst: '10.0.0.7' }, icmp({ type: 8, code: 0 }))));
    sensor.send(ethernet({}, ipv4({ src: '10.0.0.1', dst: '10.0.0.7', flags: 1, protocol: 17 }, 'part')));
    const [echo, fragment] = sensor.sink.packets.map(({ event }) => event);
    expect(echo).toMatchObject({ proto: 'ICMP', icmp_type: 8, direction: 'to_server' });
    expect(fragment).not.toHaveProperty('flow_id');
    expect(fragment).not.toHaveProperty('direction');
  });

  it('is counted, and so is one that the sink has no room for', () => {
    const sensor = new Sensor([rule(session({ packets: 9 }))]);
    sensor.send(HIT);
    sensor.send(NEXT);
    sensor.sink.full = true;
    sensor.send(NEXT);
    expect(sensor.detector.tagStats).toEqual({ recorded: 1, dropped: 1, refused: 0 });
    expect(sensor.detector.stats).toMatchObject({ alerts: 1, alertsDropped: 0 });
  });
});

describe('rules, packets and times at random', () => {
  const limits = fc
    .record({
      packets: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
      bytes: fc.option(fc.integer({ min: 60, max: 400 }), { nil: undefined, freq: 1 }),
      seconds: fc.option(fc.integer({ min: 1, max: 900 }), { nil: undefined, freq: 1 }),
    })
    .map(({ packets, bytes, seconds }) =>
      (packets ?? bytes ?? seconds) === undefined ? { packets: 3 } : { packets, bytes, seconds },
    );
  const tag: fc.Arbitrary<Tag> = fc
    .tuple(fc.constantFrom('session' as const, 'host_src' as const, 'host_dst' as const), limits)
    .map(([scope, rest]) => ({ scope, ...rest }));
  const rules = fc
    .array(fc.array(tag, { maxLength: 3 }), { minLength: 1, maxLength: 4 })
    .map((list) =>
      list.map((tags, i) => program({ sid: i + 1, payload: [content('x')], ...(tags.length > 0 ? { tags } : {}) })),
    );
  const scene = fc.record({
    wait: fc.constantFrom(0, 0, 1, 1, 30, 599, 601),
    bytes: fc.integer({ min: 40, max: 200 }),
    src: fc.integer({ min: 1, max: 3 }),
    dst: fc.integer({ min: 1, max: 3 }),
    version: fc.constantFrom(4, 4, 4, 6, 0),
    flow: fc.constantFrom('a', 'b', undefined),
    matching: fc.array(fc.nat(3), { maxLength: 2 }),
  });

  it('come out as the documentation has them', () => {
    fc.assert(
      fc.property(rules, fc.array(scene, { maxLength: 40 }), (programs, scenes) => {
        const naive = new NaiveTags();
        const ruleSet = new RuleSet(placeBlock(compileRules(programs, { compilePatterns: naiveTables }).block));
        const tagger = new Tagger(ruleSet, { hostTags: new HostTags(allocateHostTags(1024), true) });
        const flows = { a: new Flow(), b: new Flow() };
        let now = 0;
        for (const { wait, bytes, src, dst, version, flow: name, matching } of scenes) {
          now += wait;
          const packet = packetOf(version, src, dst, now, bytes);
          const flow = name === undefined ? null : flows[name as 'a' | 'b'];
          // Rows are in the order of the sids.
          const rows = [...new Set(matching.filter((row) => row < programs.length))].sort();
          for (const row of rows) tagger.tag(row, packet, flow);
          const sink = new Asked();
          if (tagger.concerns(flow)) tagger.record(packet, flow, DIRECTION.toServer, sink, 0);
          const host = (last: number): string | undefined => (version === 0 ? undefined : `${version}/${last}`);
          const expected = naive.take(
            { seconds: now, bytes, flow: name, source: host(src), destination: host(dst) },
            rows.map((row) => programs[row]),
          );
          expect(sink.askers.sort()).toEqual(expected.sort());
        }
      }),
      { numRuns: 400, seed: 20_261_122 },
    );
  });
});

function packetOf(version: number, src: number, dst: number, seconds: number, bytes: number): Packet {
  const packet = new Packet();
  packet.bytes = new Uint8Array(bytes);
  packet.frameLength = bytes;
  packet.ipVersion = version;
  packet.bytes[version === 4 ? 15 : 23] = src;
  packet.bytes[version === 4 ? 19 : 39] = dst;
  packet.timeUs = 1.7e15 + seconds * 1e6;
  return packet;
}

/** gid:sid of the rules that asked for the packets emitted. */
class Asked {
  askers: string[] = [];
  emit(candidate: Candidate): boolean {
    const { tag } = JSON.parse(Buffer.from(candidate.line.written).toString()) as {
      tag: { rules: { gid: number; signature_id: number }[] };
    };
    this.askers.push(...tag.rules.map(({ gid, signature_id }) => `${gid}:${signature_id}`));
    return true;
  }
}
