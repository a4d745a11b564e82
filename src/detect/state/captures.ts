/**
 * What regular expressions have captured: texts of the rule at hand, until it is known whether the rule matches, and
 * the variables of the packet at hand. Stage: detect. One per shard. Only rules that capture something cost anything.
 *
 * Texts are latin1, one character a byte, and no longer than `MAX_VALUE_BYTES`: what is beyond is cut off. Bounded by
 * `MAX_CAPTURES` texts of a rule and `MAX_PACKET_VARIABLES` of a packet.
 */
import { printedPayload, printedText } from '../../app/printed-text.js';
import { CAPTURE, CAPTURE_KINDS, MAX_CAPTURES, OP, RULE } from '../../block/rule-block.js';
import type { RuleSet } from '../../block/rule-set.js';
import type { Flow } from '../../flow/flow.js';
import { setFlowVariable } from '../../flow/flow-variables.js';
import type { PacketVariables } from '../event/flow-metadata.js';

/** Bytes of a value that are kept. */
export const MAX_VALUE_BYTES = 1024;
export const MAX_PACKET_VARIABLES = 32;

const OF_FLOW = CAPTURE_KINDS.indexOf('flow');
const OF_PACKET = CAPTURE_KINDS.indexOf('packet');
const OF_ALERT = CAPTURE_KINDS.indexOf('alert');
/** Of a variable whose name is captured, too: no rule can ask for it. */
const NO_ID = 0;

export class Captures implements PacketVariables {
  /** Variables of the packet at hand. */
  packetCount = 0;
  private readonly rules: RuleSet;
  private readonly texts: (string | undefined)[] = new Array<string | undefined>(MAX_CAPTURES).fill(undefined);
  /** Whether the rule at hand has captured anything. */
  private isAny = false;
  private readonly ids = new Int32Array(MAX_PACKET_VARIABLES);
  private readonly keys: string[] = new Array<string>(MAX_PACKET_VARIABLES).fill('');
  private readonly values: string[] = new Array<string>(MAX_PACKET_VARIABLES).fill('');

  constructor(rules: RuleSet) {
    this.rules = rules;
  }

  /** A new packet: it has no variables. */
  begin(): void {
    for (let i = 0; i < this.packetCount; i++) this.values[i] = this.keys[i] = '';
    this.packetCount = 0;
  }

  /** Before a rule is looked at. */
  beginRule(): void {
    if (!this.isAny) return;
    this.texts.fill(undefined);
    this.isAny = false;
  }

  /** Notes what the group of a match holds, undefined where it took no part; it replaces what was noted before. */
  note(number: number, text: string | undefined): void {
    this.isAny = true;
    this.texts[number] = text?.slice(0, MAX_VALUE_BYTES);
  }

  /**
   * Does what the effect at word `at` says, as its rule has matched.
   * @returns 1 where there is no room for it, else 0.
   */
  keep(at: number, flow: Flow | null): number {
    const { code } = this.rules;
    const value = this.texts[code[at + CAPTURE.text]];
    if (value === undefined) return 0;
    const becomes = code[at + CAPTURE.becomes];
    if (becomes === OF_FLOW) return flow === null || setFlowVariable(flow, code[at + CAPTURE.name], value) ? 0 : 1;
    if (becomes === OF_ALERT) return 0;
    if (this.packetCount === MAX_PACKET_VARIABLES) return 1;
    const isNamed = becomes === OF_PACKET;
    const key = isNamed ? '' : this.texts[code[at + CAPTURE.name]];
    if (key === undefined) return 0;
    this.ids[this.packetCount] = isNamed ? code[at + CAPTURE.name] : NO_ID;
    this.keys[this.packetCount] = key;
    this.values[this.packetCount++] = value;
    return 0;
  }

  /** Whether `length` bytes of the pool stand in the first value that the packet's variable has got. */
  packetHolds(id: number, bytes: number, length: number): boolean {
    for (let i = 0; i < this.packetCount; i++) {
      if (this.ids[i] === id) return stands(this.values[i], this.rules.bytes, bytes, length);
    }
    return false;
  }

  /** Members of the `context` of the alert of a rule that has matched, or ''. Allocates. */
  contextMembers(row: number): string {
    if (!this.isAny) return '';
    const { rules, texts } = this;
    const { code, words } = rules;
    const rule = rules.rowAt(row);
    const members = new Map<string, string>();
    for (let at = words[rule + RULE.effects]; at < words[rule + RULE.effectsEnd]; at += code[at + 1]) {
      if (code[at] !== OP.capture || code[at + CAPTURE.becomes] !== OF_ALERT) continue;
      const value = texts[code[at + CAPTURE.text]];
      if (value !== undefined) members.set(rules.text(code[at + CAPTURE.name]), value);
    }
    return [...members].map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(asText(value))}`).join(',');
  }

  /** Key (of one whose name was captured, else '') and id of each variable of the packet, and its value as printed. */
  *packetVariables(): Generator<[id: number, key: string, value: string]> {
    for (let i = 0; i < this.packetCount; i++) yield [this.ids[i], asShown(this.keys[i]), asShown(this.values[i])];
  }
}

const asBytes = (value: string): Uint8Array => Buffer.from(value, 'latin1');
const asText = (value: string): string => printedText(asBytes(value), 0, value.length);
const asShown = (value: string): string => printedPayload(asBytes(value), 0, value.length);

/** Naive, as values and contents are short. */
function stands(value: string, bytes: Uint8Array, start: number, length: number): boolean {
  for (let from = 0; from + length <= value.length; from++) {
    let same = 0;
    while (same < length && value.charCodeAt(from + same) === bytes[start + same]) same++;
    if (same === length) return true;
  }
  return false;
}
