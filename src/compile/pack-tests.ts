/**
 * Packs conditions on packet fields and flowbits into code words (rule-block.ts, OP). Stage: load.
 */
import type { BitEffect, BitTest, Capture, FlowTest, PacketTest, Tag } from '../rule/program.js';
import { applicationBits } from '../app/applications.js';
import type { BlockWriter } from './block-writer.js';
import { packCompared } from '../block/compared.js';
import { APPLICATION_SIDES, SESSION_PHASES, type AddressSet, type SessionPhase } from '../block/terms.js';
import {
  ADDRESS_SIDE,
  BIT_OPERATION,
  CAPTURE_KINDS,
  FIELD,
  HOST_SCOPE,
  INTEGER_CHANGES,
  INTEGER_TESTS,
  OP,
  STREAM_SIDES,
  TAG_SCOPE,
  TEST_MODE,
  VLAN_PLACE,
} from '../block/rule-block.js';

type FieldTest = PacketTest | FlowTest;

/** `addressSet` gives the number of a set in the block. */
export function packFieldTests(tests: readonly FieldTest[], addressSet: (set: AddressSet) => number): number[] {
  return tests.flatMap((test) => packFieldTest(test, addressSet));
}

function packFieldTest(test: FieldTest, addressSet: (set: AddressSet) => number): number[] {
  switch (test.kind) {
    case 'field':
      return operation(OP.field, [FIELD[test.field], Number(test.negated), ...packCompared(test)]);
    case 'tcp_flags':
      return operation(OP.tcpFlags, [test.flags, test.ignore, TEST_MODE[test.mode]]);
    case 'fragbits':
      return operation(OP.fragbits, [test.bits, TEST_MODE[test.mode]]);
    case 'ipopts':
      return operation(OP.ipopts, [test.option, Number(test.negated)]);
    case 'sameip':
      return operation(OP.sameip, [Number(test.negated)]);
    case 'tcp_session':
      return operation(OP.tcpSession, [sessionPhases(test.phases)]);
    case 'stream_size':
      return operation(OP.streamSize, [STREAM_SIDES.indexOf(test.side), ...packCompared(test)]);
    case 'tcp_event':
      return operation(OP.tcpEvent, eventWords(test.events));
    case 'vlan_id':
      return operation(OP.vlanId, [
        typeof test.layer === 'number' ? test.layer : VLAN_PLACE[test.layer],
        ...packCompared(test),
      ]);
    case 'application':
      return operation(OP.application, [
        APPLICATION_SIDES.indexOf(test.side),
        Number(test.negated),
        ...applicationBits(test.applications),
      ]);
    case 'either':
      return operation(OP.either, packFieldTests(test.tests, addressSet));
    case 'address':
      return operation(OP.address, [ADDRESS_SIDE[test.side], addressSet(test.addresses)]);
  }
}

const sessionPhases = (phases: readonly SessionPhase[]): number =>
  phases.reduce((bits, phase) => bits | (1 << SESSION_PHASES.indexOf(phase)), 0);

/** Bits by number; a place of 32 or more is in the second word. */
function eventWords(events: readonly number[]): number[] {
  const words = [0, 0];
  for (const event of events) words[event >>> 5]! |= 1 << (event & 31);
  return words;
}

/** Where the bytes and texts of a rule's state go; both give their place in the block. */
export type StatePools = Pick<BlockWriter, 'addBytes' | 'addString'>;

export function packBitTests(tests: readonly BitTest[], bitId: (name: string) => number, pools: StatePools): number[] {
  return tests.flatMap(({ scope, operation: asked, names, integer, variable }) => {
    if (variable !== undefined) {
      const { of, content } = variable;
      const words = [Number(of === 'packet'), bitId(names[0]!), pools.addBytes(content), content.length];
      return operation(OP.variableTest, words);
    }
    if (integer !== undefined)
      return operation(OP.integerTest, [
        INTEGER_TESTS.indexOf(integer.operator),
        ...integerOperands(names, integer.value, bitId),
      ]);
    const host = hostScope(scope);
    return host < 0
      ? operation(scope === 'tx' ? OP.markTest : OP.bitTest, [BIT_OPERATION[asked], ...names.map(bitId)])
      : operation(OP.hostTest, [BIT_OPERATION[asked], host, ...names.map(bitId)]);
  });
}

export function packBitEffects(
  effects: readonly BitEffect[],
  bitId: (name: string) => number,
  pools: StatePools,
): number[] {
  return effects.flatMap(({ scope, operation: done, names, expireSeconds, change, capture }) => {
    if (capture !== undefined)
      return operation(OP.capture, [
        CAPTURE_KINDS.indexOf(capture.of),
        captureName(capture, names, bitId, pools),
        capture.text,
      ]);
    if (change !== undefined)
      return operation(OP.integerChange, [
        INTEGER_CHANGES.indexOf(change.operator),
        ...integerOperands(names, change.value, bitId),
      ]);
    const host = hostScope(scope);
    if (host < 0)
      return operation(scope === 'tx' ? OP.markEffect : OP.bitEffect, [BIT_OPERATION[done], ...names.map(bitId)]);
    return operation(OP.hostEffect, [BIT_OPERATION[done], host, (expireSeconds ?? 0) | 0, ...names.map(bitId)]);
  });
}

function captureName(
  capture: Capture,
  names: readonly string[],
  bitId: (name: string) => number,
  pools: StatePools,
): number {
  if (capture.of === 'pair') return capture.key;
  return capture.of === 'alert' ? pools.addString(capture.key) : bitId(names[0]!);
}

const integerOperands = (
  [name, other]: readonly string[],
  value: number,
  bitId: (name: string) => number,
): number[] => [bitId(name), other === undefined ? 0 : bitId(other), value | 0];

const TAG_SCOPES: Readonly<Record<Tag['scope'], number>> = {
  session: TAG_SCOPE.session,
  host_src: TAG_SCOPE.source,
  host_dst: TAG_SCOPE.destination,
};

export function packTags(tags: readonly Tag[]): number[] {
  return tags.flatMap(({ scope, packets, bytes, seconds }) =>
    operation(OP.tag, [TAG_SCOPES[scope], (packets ?? 0) | 0, (bytes ?? 0) | 0, (seconds ?? 0) | 0]),
  );
}

/** A HOST_SCOPE, or -1 for state of the flow. */
export function hostScope(scope: BitTest['scope']): number {
  switch (scope) {
    case 'host_src':
      return HOST_SCOPE.source;
    case 'host_dst':
      return HOST_SCOPE.destination;
    case 'host_both':
      return HOST_SCOPE.both;
    case 'ip_pair':
      return HOST_SCOPE.pair;
    default:
      return -1;
  }
}

/** Operation and length in front of its operands. */
export function operation(code: number, operands: readonly number[]): number[] {
  return [code, operands.length + 2, ...operands];
}
