/**
 * What rules have left at a flow, by name: the member `metadata` of alerts, as Suricata has it. Stage: detect; alerts
 * alone, so this allocates. Rules of an earlier generation may have left what no rule names any more: that is left out.
 */
import type { RuleSet } from '../../block/rule-set.js';
import type { Flow } from '../../flow/flow.js';
import { CLOSE, COMMA, fragment, type EventLine } from './event-line.js';

/** What names of flowints begin with, so that they are none of flowbits (rule/options/flowint.ts). */
const INTEGER_PREFIX = 'int:';
const METADATA = fragment(',"metadata":{');
const BITS = fragment('"flowbits":[');
const END_OF_BITS = fragment(']');
const INTEGERS = fragment('"flowints":{');
const COLON = fragment(':');

export class FlowMetadata {
  /** Names of flowbits and flowints by id, as JSON has them. */
  private readonly names: ReadonlyMap<number, Uint8Array>;

  constructor(rules: RuleSet) {
    this.names = new Map([...rules.bitIds()].map(([name, id]) => [id, fragment(JSON.stringify(shownName(name)))]));
  }

  /** With a comma before it; of a flow that has marks. */
  append(line: EventLine, flow: Flow): void {
    const start = line.length;
    this.appendBits(line, flow, METADATA);
    this.appendIntegers(line, flow, line.length === start ? METADATA : COMMA);
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
    if (shown > 0) line.put(END_OF_BITS);
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
}

const shownName = (name: string): string =>
  name.startsWith(INTEGER_PREFIX) ? name.slice(INTEGER_PREFIX.length) : name;
