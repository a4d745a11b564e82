/**
 * Renders the event of a packet that is recorded because a rule tagged its flow or host: `event_type` packet, as in
 * Suricata. Stage: detect, in the shard. Events may allocate.
 *
 *   {"timestamp":…,"event_type":"packet","src_ip":…,"tag":{"length":98,"rules":[{"gid":1,"signature_id":7}]}}
 *
 * `tag` is ours: the bytes of the frame, and which rules asked for it. The frame itself is there only when it is
 * switched on: mirrored traffic is other people's data.
 */
import type { Packet } from '../../decode/packet.js';
import type { Direction, Flow } from '../../flow/flow.js';
import type { Candidate } from './candidate.js';
import { eveDirection } from './eve-text.js';
import { EventWriter, type EventOptions } from './event-writer.js';

export class PacketRenderer {
  private readonly writer: EventWriter;

  constructor(generation: number, options: EventOptions = {}) {
    this.writer = new EventWriter(generation, options);
  }

  /** The event of a packet; `askers` are gid and sid of each rule that asked for it. The same object every time. */
  render(
    askers: readonly number[],
    packet: Packet,
    flow: Flow | null,
    direction: Direction,
    receivedMs: number,
  ): Candidate {
    const { writer } = this;
    writer.begin('packet', packet, flow, receivedMs);
    if (flow !== null) writer.line.append(`"direction":"${eveDirection(direction)}",`);
    writer.line.append(`"tag":{"length":${packet.frameLength},"rules":[${rules(askers)}]}${writer.frame(packet)}}`);
    return writer.candidate;
  }
}

function rules(askers: readonly number[]): string {
  let text = '';
  for (let i = 0; i < askers.length; i += 2)
    text += `${i === 0 ? '' : ','}{"gid":${askers[i]},"signature_id":${askers[i + 1]}}`;
  return text;
}
