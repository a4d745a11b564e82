/** One flow that speaks to an application layer, as tests of identification and of parsers want it. */
import { APPLICATIONS } from '../../src/app/applications.js';
import { ApplicationStats } from '../../src/app/application-stats.js';
import { ApplicationLayer, DEFAULT_LAYER_OPTIONS, type LayerOptions } from '../../src/app/layer.js';
import type { Protocol } from '../../src/app/protocol.js';
import { DIRECTION, Flow, type Direction } from '../../src/flow/flow.js';
import {
  applicationOf,
  expectedApplication,
  originalApplication,
  sideApplication,
} from '../../src/flow/flow-application.js';
import { COLUMN, FLOW_WORDS, STREAM, STREAM_TRAIT } from '../../src/flow/record.js';
import { KEY_WORD } from '../../src/flow/tuple.js';
import type { Said } from './conversation.js';
import { FakeStream } from './fake-stream.js';
import { toBytes, type Payload } from './packet-builder.js';

/** Nowhere in the table of applications. */
export const OTHER_PORT = 17_777;
const CLIENT_PORT = 40_000;
const DATAGRAM = 64;
/** Of the one record, in the memory of a flow that stands alone. */
const FIRST_WORD = 64;

/** The name of an application by its number; '' for none. */
export const nameOf = (id: number): string => (id === 0 ? '' : APPLICATIONS[id - 1].name);

export interface SpeakingOptions {
  readonly port?: number;
  readonly client?: number;
  readonly udp?: boolean;
  readonly protocols?: readonly Protocol[];
  readonly layer?: Partial<LayerOptions>;
  readonly sideBytes?: number;
}

export class Speaking {
  readonly flow: Flow;
  readonly source: FakeStream;
  readonly layer: ApplicationLayer;
  readonly stats = new ApplicationStats();
  timeUs = 0;
  private udp = false;

  constructor({ port = OTHER_PORT, client, udp = false, protocols = [], layer = {}, sideBytes }: SpeakingOptions = {}) {
    this.source = new FakeStream(sideBytes);
    this.flow = new Flow(new FakeStream(DATAGRAM).arena);
    this.begin(port, udp, client);
    this.layer = new ApplicationLayer(this.source.arena, protocols, this.stats, { ...DEFAULT_LAYER_OPTIONS, ...layer });
  }

  /** A new flow; the one before has ended. */
  begin(port: number, udp: boolean, client = CLIENT_PORT): void {
    const { words } = this.flow;
    words.fill(0, FIRST_WORD, FIRST_WORD + FLOW_WORDS);
    words[FIRST_WORD + COLUMN.key + KEY_WORD.ports] = (client << 16) | port;
    words[FIRST_WORD + COLUMN.key + KEY_WORD.protocol] = udp ? 17 : 6;
    this.flow.clientIsLower = true;
    this.flow.packetsToServer = 1;
    this.flow.packetsToClient = 1;
    this.source.reset();
    this.udp = udp;
  }

  /** One segment, or one datagram. */
  say(direction: Direction, text: Payload): this {
    const bytes = toBytes(text);
    this.timeUs += 1000;
    if (this.udp) {
      const { start } = this.source.sides[direction];
      this.source.arena.bytes.set(bytes, start);
      this.layer.timeUs = this.timeUs;
      this.layer.datagram(this.flow, direction, start, bytes.length);
      return this;
    }
    this.source.append(direction, bytes);
    const row = this.flow.row(direction);
    this.flow.words[row + STREAM.traits] |= STREAM_TRAIT.known;
    this.flow.words[row + STREAM.nextSeq] += bytes.length;
    this.layer.timeUs = this.timeUs;
    this.layer.stream(this.flow, direction, this.source);
    return this;
  }

  /** A conversation, in segments of `cut` bytes at most. */
  sayAll(said: readonly Said[], cut = Infinity): this {
    for (const [side, text] of said) {
      const bytes = toBytes(text);
      const direction = side === '>' ? DIRECTION.toServer : DIRECTION.toClient;
      for (let at = 0; at < bytes.length; at += cut)
        this.say(direction, bytes.slice(at, Math.min(bytes.length, at + cut)));
    }
    return this;
  }

  close(direction: Direction): this {
    this.source.close(direction);
    this.layer.timeUs = this.timeUs;
    this.layer.stream(this.flow, direction, this.source);
    return this;
  }

  get application(): string {
    return nameOf(applicationOf(this.flow));
  }

  /** What the flow, its client and its server speak. */
  get told(): readonly [flow: string, toServer: string, toClient: string] {
    return [
      this.application,
      nameOf(sideApplication(this.flow, DIRECTION.toServer)),
      nameOf(sideApplication(this.flow, DIRECTION.toClient)),
    ];
  }

  get original(): string {
    return nameOf(originalApplication(this.flow));
  }

  get expected(): string {
    return nameOf(expectedApplication(this.flow));
  }
}
