/**
 * The application layer behind the real reassembly: conversations as packets, in order, cut, shuffled and with losses.
 */
import { describe, expect, it } from 'vitest';
import { ApplicationStats } from '../../src/app/application-stats.js';
import { applicationId } from '../../src/app/applications.js';
import { ApplicationLayer } from '../../src/app/layer.js';
import { PROTOCOLS } from '../../src/app/protocols.js';
import { decodeFrame, DecodeCounts } from '../../src/decode/decode.js';
import { DecodedFrame, LINK_TYPE, Packet } from '../../src/decode/packet.js';
import { DIRECTION, type Flow } from '../../src/flow/flow.js';
import { applicationOf } from '../../src/flow/flow-application.js';
import { FLUSH } from '../../src/stream/reassembler.js';
import { segment } from '../flow/packet-of.js';
import { APPLICATION_SAMPLES } from '../support/application-samples.js';
import { framesOf, type Conversation } from '../support/conversation.js';
import { toBytes } from '../support/packet-builder.js';
import { nameOf } from '../support/speaking.js';
import { Streams } from '../support/streams.js';

/** A shard without detection: flows, streams, applications. */
class Shard extends Streams {
  readonly counts = new ApplicationStats();
  application = '';
  private readonly layer = new ApplicationLayer(this.flows.arena, PROTOCOLS, this.counts);
  private readonly packet = new Packet();
  private readonly frame = new DecodedFrame();

  constructor() {
    super();
    this.onEnd = (flow) => {
      this.reassembler.flush(flow, FLUSH.end);
      this.read(flow, 0);
      this.application = nameOf(applicationOf(flow));
      this.layer.end(flow);
    };
  }

  see(frames: readonly Uint8Array[]): this {
    frames.forEach((bytes, index) => {
      decodeFrame(bytes, 0, bytes.length, LINK_TYPE.ethernet, this.frame, new DecodeCounts());
      this.packet.loadFrame(bytes, this.frame, 0);
      this.packet.timeUs = 1_700_000_000_000_000 + index * 1000;
      this.pass(this.packet);
    });
    return this.end();
  }

  pass(packet: Packet): this {
    this.read(this.take(packet), packet.timeUs);
    return this;
  }

  end(): this {
    this.flows.clear();
    return this;
  }

  private read(flow: Flow, timeUs: number): void {
    do {
      this.layer.timeUs = timeUs;
      this.layer.stream(flow, DIRECTION.toServer, this.reassembler);
      this.layer.stream(flow, DIRECTION.toClient, this.reassembler);
      const connection = this.layer.connection(flow);
      for (let i = 0; i < (connection?.count ?? 0); i++) connection!.transactions[i].dirty = 0;
    } while (this.layer.settle(flow));
  }
}

const talk = (conversation: Pick<Conversation, 'said' | 'serverPort'> & Partial<Conversation>): readonly Uint8Array[] =>
  framesOf({ host: 1, ...conversation }).map(({ bytes }) => bytes);
const samples = APPLICATION_SAMPLES.filter(({ udp }) => udp === undefined).map(
  (sample) => [sample.name, sample] as const,
);

describe('behind reassembly', () => {
  it.each(samples)('%s is told, however it is cut', (_name, { application, said, port }) => {
    for (const cut of [1, 7, 1400]) {
      expect([cut, new Shard().see(talk({ said, serverPort: port, cut })).application]).toEqual([cut, application]);
    }
  });

  const http: Conversation['said'] = [
    ['>', 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['<', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
  ];

  it.each(samples)('%s goes on behind the end of a side that sends more', (_name, { application, said }) => {
    for (const over of ['>', '<'] as const) {
      const shard = new Shard();
      shard.pass(segment('>', 'S', { seq: 1000 })).pass(segment('<', 'SA', { seq: 5000, ack: 1001 }));
      const next = { '>': 1001, '<': 5001 };
      for (const [side, text] of [...said, ...said]) {
        const [seq, ack] = side === '>' ? [next['>'], next['<']] : [next['<'], next['>']];
        shard.pass(segment(side, 'PA', { seq, ack }, text));
        next[side] += toBytes(text).length;
        if (side === over) shard.pass(segment(side, 'FA', { seq: next[side], ack }));
      }
      expect([over, shard.end().application]).toEqual([over, application]);
    }
  });

  it('HTTP is parsed, and its bytes are counted once', () => {
    for (const cut of [1, 1400]) {
      const { counts } = new Shard().see(talk({ said: http, serverPort: 80, cut, open: true }));
      const of = (count: Parameters<typeof counts.get>[0]): number => counts.get(count, applicationId('http'));
      expect([of('flows'), of('transactions'), of('inspectedBytes'), of('gaps'), of('brokenFlows')]).toEqual([
        1, 1, 68, 0, 0,
      ]);
    }
  });

  it('it is told of one side alone, and where a segment is missing', () => {
    expect(new Shard().see(talk({ said: http, serverPort: 80, only: '>' })).application).toBe('http');
    const frames = talk({ said: http, serverPort: 80, cut: 20, open: true });
    // The second segment of the answer, behind the handshake, two segments with their acknowledgements, and one more.
    const lossy = new Shard().see(frames.filter((_frame, index) => index !== 3 + 4 + 2));
    expect([lossy.application, lossy.counts.get('gaps', applicationId('http'))]).toEqual(['http', 1]);
  });

  it('a side that the other one is compared with loses nothing, though it has gaps', () => {
    const shard = new Shard();
    const client = { seq: 1001, ack: 5001 };
    shard.pass(segment('>', 'S', { seq: 1000 })).pass(segment('<', 'SA', { seq: 5000, ack: 1001 }));
    shard.pass(segment('>', 'A', client)).pass(segment('>', 'PA', client, 'rset\r\n'));
    shard.pass(segment('<', 'PA', { seq: 5001, ack: 1001 }, '220 hello\r\n'));
    shard.pass(segment('<', 'PA', { seq: 5015, ack: 1001 }, '221 bye\r\n')).end();
    const of = (count: Parameters<typeof shard.counts.get>[0]): number =>
      shard.counts.get(count, applicationId('smtp')) + shard.counts.get(count, 0);
    expect([shard.application, of('inspectedBytes'), of('gaps'), of('gapBytes')]).toEqual(['smtp', 26, 1, 3]);
  });
});
