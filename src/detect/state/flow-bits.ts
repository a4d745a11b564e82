/**
 * Flowbits, flowint, flowvar, pktvar, hostbits and xbits: what a rule asks of its flow, packet and hosts, and what it
 * leaves there when it has matched. Stage: detect. Allocates nothing. A packet without a flow fails every test of its
 * flow and keeps nothing; so does one without addresses with those of hosts, and what is no transaction with those of
 * transactions.
 */
import type { Packet } from '../../decode/packet.js';
import type { Flow } from '../../flow/flow.js';
import { flowVariableHolds } from '../../flow/flow-variables.js';
import type { Captures } from './captures.js';
import { changeInteger, integerHolds } from './flow-integers.js';
import type { HostBits } from './host-bits.js';
import type { Inspection } from './inspection.js';
import { BIT_OPERATION, HOST_SCOPE, OP, RULE, VARIABLE_TEST } from '../../block/rule-block.js';
import type { RuleSet } from '../../block/rule-set.js';

/** Bits that a flow may hold; further ones are not set. */
const MAX_FLOW_BITS = 64;

export function bitsHold(
  rules: RuleSet,
  row: number,
  packet: Packet,
  flow: Flow | null,
  hosts: HostBits | undefined,
  captures: Captures,
  transaction: Inspection | undefined,
): boolean {
  const { words, code } = rules;
  const rule = rules.rowAt(row);
  const end = words[rule + RULE.bitsEnd];
  for (let at = words[rule + RULE.bits]; at < end; at += code[at + 1]) {
    const wanted = code[at + 2] === BIT_OPERATION.isset;
    if (code[at] === OP.variableTest) {
      if (!variableHolds(rules, at, flow, captures)) return false;
    } else if (code[at] === OP.markTest) {
      if (transaction === undefined || !anyMarkHolds(code, at, transaction, wanted)) return false;
    } else if (code[at] === OP.hostTest) {
      if (hosts === undefined || packet.ipVersion === 0 || !anyHostHolds(code, at, packet, hosts, wanted)) return false;
    } else if (
      flow === null ||
      !(code[at] === OP.integerTest ? integerHolds(code, at, flow) : anyHolds(code, at, flow, wanted))
    ) {
      return false;
    }
  }
  return true;
}

function variableHolds({ code, bytes }: RuleSet, at: number, flow: Flow | null, captures: Captures): boolean {
  const id = code[at + VARIABLE_TEST.id];
  const start = code[at + VARIABLE_TEST.bytes];
  const length = code[at + VARIABLE_TEST.length];
  return code[at + VARIABLE_TEST.ofPacket] === 1
    ? captures.packetHolds(id, start, length)
    : flow !== null && flowVariableHolds(flow, id, bytes, start, length);
}

/** Names written with `|` are alternatives: one of them is set, or is not. */
function anyHolds(code: Int32Array, at: number, flow: Flow, wanted: boolean): boolean {
  const end = at + code[at + 1];
  for (let id = at + 3; id < end; id++) if (flow.hasBit(code[id]) === wanted) return true;
  return false;
}

function anyMarkHolds(code: Int32Array, at: number, transaction: Inspection, wanted: boolean): boolean {
  const end = at + code[at + 1];
  for (let id = at + 3; id < end; id++) if (transaction.hasMark(code[id]) === wanted) return true;
  return false;
}

/** Of both hosts, one that has the mark is enough for isset, and too much for isnotset. */
function anyHostHolds(code: Int32Array, at: number, packet: Packet, hosts: HostBits, wanted: boolean): boolean {
  const scope = code[at + 3];
  for (let id = at + 4; id < at + code[at + 1]; id++) {
    const bit = code[id];
    const isSet =
      scope === HOST_SCOPE.both
        ? hosts.has(packet, HOST_SCOPE.source, bit) || hosts.has(packet, HOST_SCOPE.destination, bit)
        : hosts.has(packet, scope, bit);
    if (isSet === wanted) return true;
  }
  return false;
}

/** Returns how many bits, numbers and variables the flow, or the packet, had no room for. */
export function applyBitEffects(
  rules: RuleSet,
  row: number,
  packet: Packet,
  flow: Flow | null,
  hosts: HostBits | undefined,
  captures: Captures,
  transaction: Inspection | undefined,
): number {
  let refused = 0;
  const { words, code } = rules;
  const rule = rules.rowAt(row);
  const end = words[rule + RULE.effectsEnd];
  for (let at = words[rule + RULE.effects]; at < end; at += code[at + 1]) {
    if (code[at] === OP.tag) continue;
    if (code[at] === OP.capture) refused += captures.keep(at, flow);
    else if (code[at] === OP.markEffect) {
      if (transaction !== undefined) applyMarkEffect(code, at, transaction);
    } else if (code[at] === OP.hostEffect) {
      if (hosts !== undefined && packet.ipVersion !== 0) applyHostEffect(code, at, packet, hosts);
    } else if (flow !== null && code[at] === OP.integerChange) {
      refused += changeInteger(code, at, flow);
    } else if (flow !== null) {
      if (code[at + 2] === BIT_OPERATION.reset) flow.clearBits();
      for (let id = at + 3; id < at + code[at + 1]; id++) refused += applyEffect(flow, code[at + 2], code[id]);
    }
  }
  return refused;
}

function applyMarkEffect(code: Int32Array, at: number, transaction: Inspection): void {
  const operation = code[at + 2];
  for (let id = at + 3; id < at + code[at + 1]; id++) {
    const isToggled = operation === BIT_OPERATION.toggle && !transaction.hasMark(code[id]);
    transaction.setMark(code[id], operation === BIT_OPERATION.set || isToggled);
  }
}

function applyHostEffect(code: Int32Array, at: number, packet: Packet, hosts: HostBits): void {
  const scope = code[at + 3];
  const seconds = code[at + 4] >>> 0;
  for (let id = at + 5; id < at + code[at + 1]; id++) {
    if (scope === HOST_SCOPE.both) {
      changeHost(hosts, packet, HOST_SCOPE.source, code[at + 2], code[id], seconds);
      changeHost(hosts, packet, HOST_SCOPE.destination, code[at + 2], code[id], seconds);
    } else {
      changeHost(hosts, packet, scope, code[at + 2], code[id], seconds);
    }
  }
}

function changeHost(
  hosts: HostBits,
  packet: Packet,
  scope: number,
  operation: number,
  bit: number,
  seconds: number,
): void {
  if (operation === BIT_OPERATION.set) hosts.set(packet, scope, bit, seconds);
  else if (operation === BIT_OPERATION.unset) hosts.unset(packet, scope, bit);
  else hosts.toggle(packet, scope, bit, seconds);
}

function applyEffect(flow: Flow, operation: number, id: number): number {
  const isSet = flow.hasBit(id);
  if (isSet) {
    if (operation !== BIT_OPERATION.set) flow.unsetBit(id);
  } else if (operation !== BIT_OPERATION.unset) {
    if (flow.bitCount >= MAX_FLOW_BITS || !flow.setBit(id)) return 1;
  }
  return 0;
}
