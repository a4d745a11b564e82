/** Random talks with ICMP errors in them beside Suricata: the same alerts at each packet, but where it errs (0039). */
import { expect, it } from 'vitest';
import { Chance } from '../app/random/chance.js';
import { ethernet, icmp, ipv4, tcp, TCP_FLAG, udp } from '../support/packet-builder.js';
import type { CapturedFrame } from '../support/pcap-writer.js';
import { eventsOfFrames } from '../support/reading.js';
import { hasSuricata, suricataEvents, type Eve } from '../support/suricata.js';

const ROUTER = '172.16.0.1';
const TALKS = 120;
const RULES = [
  'alert ip any any -> any any (msg:"header alone"; sid:1;)',
  'alert icmp any any -> any any (itype:>0; sid:2;)',
  'alert ip any any -> any any (flow:established; sid:3;)',
  'alert ip any any -> any any (flow:not_established; sid:4;)',
  'alert ip any any -> any any (flow:to_client; sid:5;)',
  'alert ip any any -> any any (flow:to_server; sid:6;)',
  'alert udp any any -> any any (content:"mark"; flowbits:set,marked; sid:7;)',
  'alert ip any any -> any any (flowbits:isset,marked; sid:8;)',
  'alert icmp any any -> any any (itype:3; icode:1; flowbits:set,lost; sid:9;)',
  'alert ip any any -> any any (flowbits:isset,lost; sid:10;)',
];

interface Sent {
  readonly forward: boolean;
  readonly packet: Uint8Array;
}

/** A talk of two hosts, datagrams or a connection up to some segment, with errors about its packets between. */
class TalkWithErrors {
  private readonly chance: Chance;
  private readonly hosts: readonly [string, string];
  private readonly isUdp: boolean;
  private readonly sent: Sent[] = [];
  private segments = 0;

  constructor(chance: Chance, host: number) {
    this.chance = chance;
    this.hosts = [`10.1.0.${host}`, `10.2.0.${host}`];
    this.isUdp = chance.often(60);
  }

  next(): Uint8Array {
    const packet = this.sent.length === 0 || this.chance.often(50) ? this.packet() : this.error();
    return ethernet({}, packet);
  }

  private packet(): Uint8Array {
    const { chance } = this;
    const forward = this.isUdp ? chance.often(60) : this.segments !== 1;
    const segment = this.isUdp
      ? udp(this.ports(forward), chance.one(['mark', 'data', 'more']))
      : tcp({ ...this.ports(forward), ...this.numbers() });
    const packet = ipv4({ src: this.hosts[forward ? 0 : 1], dst: this.hosts[forward ? 1 : 0] }, segment);
    this.sent.push({ forward, packet });
    return packet;
  }

  /** Of a handshake, and of empty segments behind it. */
  private numbers(): { seq: number; ack: number; flags: number } {
    const { syn, ack } = TCP_FLAG;
    const step = this.segments++;
    if (step === 0) return { seq: 100, ack: 0, flags: syn };
    if (step === 1) return { seq: 500, ack: 101, flags: syn | ack };
    return { seq: 101, ack: 501, flags: ack };
  }

  private ports(forward: boolean): { srcPort: number; dstPort: number } {
    return forward ? { srcPort: 40_000, dstPort: 9999 } : { srcPort: 9999, dstPort: 40_000 };
  }

  /** About a packet of the talk, which a router may have had on its way to the server. */
  private error(): Uint8Array {
    const { chance } = this;
    const { forward, packet } = chance.one(this.sent);
    const opened = this.sent[0]!.forward;
    const isOfRouter = forward === opened && chance.often(33);
    const src = isOfRouter ? ROUTER : this.hosts[forward ? 1 : 0];
    const type = chance.one([3, 3, 3, 3, 4, 5, 11, 12]);
    const code = type === 3 ? chance.one([0, 1, 3, 4]) : 0;
    const quoted = packet.subarray(0, chance.one([packet.length, 28, 27, 24, 23, 20]));
    return ipv4({ src, dst: this.hosts[forward ? 0 : 1] }, icmp({ type, code }, quoted));
  }
}

function framesOf(chance: Chance): CapturedFrame[] {
  const talks = Array.from({ length: TALKS }, (_, i) => new TalkWithErrors(chance, i + 1));
  return Array.from({ length: 8 * TALKS }, (_, i) => ({
    bytes: chance.one(talks).next(),
    timeNs: 1_700_000_000_000_000_000n + BigInt(i) * 10_000_000n,
  }));
}

/** Sids by packet, in order. */
function alertsOf(events: readonly { alert?: { signature_id: number }; pcap_cnt?: number }[]): string[] {
  const found = events.flatMap(({ alert, pcap_cnt }) =>
    alert === undefined ? [] : [`${String(pcap_cnt).padStart(4, '0')} ${alert.signature_id}`],
  );
  return found.sort();
}

it.skipIf(!hasSuricata).each([1, 2, 3])('ICMP errors beside Suricata, talks %i', (seed) => {
  const frames = framesOf(new Chance(seed));
  const ours = eventsOfFrames(frames, RULES) as readonly Eve[];
  const sids = new Set(ours.map(({ alert }) => alert?.signature_id));
  expect(sids.size).toBe(RULES.length);
  expect(alertsOf(ours)).toEqual(alertsOf(suricataEvents(frames, RULES, [])));
});
