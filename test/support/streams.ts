/** A reassembler of the flows of a table, as the pipeline has them together. */
import type { Packet } from '../../src/decode/packet.js';
import { DIRECTION, type Direction, type Flow } from '../../src/flow/flow.js';
import { FlowTable, type FlowOptions } from '../../src/flow/table.js';
import { FLUSH, Reassembler } from '../../src/stream/reassembler.js';
import { DEFAULT_REASSEMBLY, type ReassemblyOptions } from '../../src/stream/reassembly-options.js';
import { newStreamStats, type StreamStats } from '../../src/stream/stream-stats.js';
import { isNewConnection } from '../../src/stream/tcp-state.js';

export function reassemblerOf(
  flows: FlowTable,
  options: Partial<ReassemblyOptions> = {},
  stats: StreamStats = newStreamStats(),
): Reassembler {
  const memoryBytes = flows.arena.totalBytes / 2;
  const all: ReassemblyOptions = { ...DEFAULT_REASSEMBLY, midstream: true, parsed: true, memoryBytes, ...options };
  return new Reassembler(flows.arena, all, stats);
}

/** The pipeline's first steps: flow, state, streams. */
export class Streams {
  readonly flows: FlowTable;
  readonly reassembler: Reassembler;
  readonly stats = newStreamStats();
  flow!: Flow;
  /** Whether the packet last taken is a part of its stream. */
  inStream = false;
  /** Called with each flow that ends, before its streams are released. */
  onEnd: (flow: Flow) => void = () => {};

  constructor(options: Partial<ReassemblyOptions> = {}, flowOptions: Partial<FlowOptions> = {}) {
    const onEnd = (flow: Flow): void => {
      this.onEnd(flow);
      this.reassembler.release(flow);
    };
    const midstream = options.midstream ?? true;
    this.flows = new FlowTable({ cap: 10, vniInKey: true, midstream, onEnd, ...flowOptions });
    this.reassembler = reassemblerOf(this.flows, options, this.stats);
  }

  take(packet: Packet): Flow {
    const { flows } = this;
    this.flow = flows.lookup(packet)!;
    if (isNewConnection(this.flow, packet, flows.direction)) this.flow = flows.restart(packet);
    this.inStream = this.reassembler.take(this.flow, packet, flows.direction);
    flows.settle(this.flow);
    return this.flow;
  }
}

/** Streams that are read behind each packet, and at the end of their flow. */
export abstract class ReadStreams extends Streams {
  constructor(options: Partial<ReassemblyOptions> = {}) {
    super({ depthBytes: 0, ...options });
    this.onEnd = (flow) => {
      this.reassembler.flush(flow, FLUSH.end);
      this.flow = flow;
      this.readAll();
    };
  }

  see(...packets: Packet[]): this {
    for (const packet of packets) {
      this.take(packet);
      this.readAll();
    }
    return this;
  }

  end(): this {
    this.flows.clear();
    return this;
  }

  readAll(): void {
    this.read(DIRECTION.toServer);
    this.read(DIRECTION.toClient);
  }

  protected abstract read(direction: Direction): void;
}
