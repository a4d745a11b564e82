/**
 * What rules have left at a flow, and captured of a packet, by name: the member `metadata` of events, as Suricata has
 * it. Stage: detect; events alone, so this allocates. Rules of an earlier generation may have left what no rule names
 * any more: that is left out.
 */
import { printedPayload } from '../../app/printed-text.js';
import type { RuleSet } from '../../block/rule-set.js';
import type { Flow } from '../../flow/flow.js';
import { flowVariables } from '../../flow/flow-variables.js';
import { CLOSE, COMMA, fragment, type EventLine } from './event-line.js';

/** What names of all but flowbits begin with, so that they are none of those (rule/options/flowint.ts, captures.ts). */
const PREFIX = /^(?:int|flowvar|pktvar):/;
const METADATA = fragment(',"metadata":{');
const BITS = fragment('"flowbits":[');
const END_OF_LIST = fragment(']');
const INTEGERS = fragment('"flowints":{');
const FLOW_VARIABLES = fragment('"flowvars":[');
const PACKET_VARIABLES = fragment('"pktvars":[');
const OPEN = fragment('{');
const COLON = fragment(':');

/** Variables of the packet at hand (detect/state/captures.ts). */
export interface PacketVariables {
  readonly packetCount: number;
  /** Key (of one whose name was captured, else '') and id of each, and its value as printed. */
  packetVariables(): Iterable<[id: number, key: string, value: string]>;
}

export class FlowMetadata {
  /** Names of flowbits, flowints and variables by id, as JSON has them. */
  private readonly names: ReadonlyMap<number, Uint8Array>;

  constructor(rules: RuleSet) {
    this.names = new Map(
      [...rules.bitIds()].map(([name, id]) => [id, fragment(JSON.stringify(name.replace(PREFIX, '')))]),
    );
  }

  /** With a comma before it; of a flow that has marks. */
  append(line: EventLine, flow: Flow): void {
    this.appendAll(line, flow, undefined);
  }

  /** The same, with variables of the packet at hand, of which there are some. */
  appendAll(line: EventLine, flow: Flow | null, captures: PacketVariables | undefined): void {
    const start = line.length;
    const before = (): Uint8Array => (line.length === start ? METADATA : COMMA);
    if (flow?.hasMarks === true) {
      this.appendBits(line, flow, before());
      this.appendIntegers(line, flow, before());
      this.appendVariables(line, flow, before());
    }
    if (captures !== undefined) this.appendPacketVariables(line, captures, before());
    if (line.length > start) line.put(CLOSE);
  }

  private appendBits(line: EventLine, flow: Flow, before: Uint8Array): void {
    let shown = 0;
    for (let i = 0; i < flow.bitCount; i++) {
      const name = this.names.get(flow.bitId(i));
      if (name === undefined) continue;
      if (shown++ === 0) line.put(before).put(BITS);
      else line.put(COMMA);
      line.put(name);
    }
    if (shown > 0) line.put(END_OF_LIST);
  }

  private appendIntegers(line: EventLine, flow: Flow, before: Uint8Array): void {
    let shown = 0;
    for (const [id, value] of flow.integerPairs()) {
      const name = this.names.get(id);
      if (name === undefined) continue;
      if (shown++ === 0) line.put(before).put(INTEGERS);
      else line.put(COMMA);
      line.put(name).put(COLON).decimal(value);
    }
    if (shown > 0) line.put(CLOSE);
  }

  private appendVariables(line: EventLine, flow: Flow, before: Uint8Array): void {
    let shown = 0;
    for (const [id, start, length] of flowVariables(flow)) {
      const name = this.names.get(id);
      if (name === undefined) continue;
      if (shown++ === 0) line.put(before).put(FLOW_VARIABLES);
      else line.put(COMMA);
      appendVariable(line, name, printedPayload(flow.arena.bytes, start, length));
    }
    if (shown > 0) line.put(END_OF_LIST);
  }

  private appendPacketVariables(line: EventLine, captures: PacketVariables, before: Uint8Array): void {
    line.put(before).put(PACKET_VARIABLES);
    let shown = 0;
    for (const [id, key, value] of captures.packetVariables()) {
      if (shown++ > 0) line.put(COMMA);
      appendVariable(line, this.names.get(id) ?? fragment(JSON.stringify(key)), value);
    }
    line.put(END_OF_LIST);
  }
}

function appendVariable(line: EventLine, name: Uint8Array, value: string): void {
  line.put(OPEN).put(name).put(COLON).append(JSON.stringify(value)).put(CLOSE);
}
