/**
 * Where a rule's pattern is looked for, or the rule is listed without one. Stage: load.
 */
import { applicationId, type ApplicationName } from '../app/applications.js';
import {
  FLOW_BIT,
  packetGroups,
  streamGroups,
  TRANSPORT,
  TRANSPORT_COUNT,
  OF_FRAMES,
  txGroups,
  UNIT,
  type Unit,
} from '../block/rule-block.js';
import type { RuleProgram } from '../rule/program.js';
import type { Engine } from './engines.js';

/** A row of the index of groups, and what that row stands for. */
export interface Place {
  readonly indexRow: number;
  readonly unit: Unit;
  readonly key: number;
  readonly direction: number;
  readonly progress: number;
}

/** Those of packets by transport, and those of streams; each of both directions. */
const PACKETS: readonly (readonly Place[])[] = Array.from({ length: TRANSPORT_COUNT }, (_, key) =>
  [0, 1].map((direction) => ({
    indexRow: packetGroups(key, direction),
    unit: UNIT.packet,
    key,
    direction,
    progress: 0,
  })),
);
const STREAMS: readonly Place[] = [0, 1].map((direction) => ({
  indexRow: streamGroups(direction),
  unit: UNIT.stream,
  key: 0,
  direction,
  progress: 0,
}));

/** Every transport and direction of packets that the rule looks at. */
export function packetPlaces(transports: number, flow: number): readonly Place[] {
  const directions = directionsOf(flow);
  return PACKETS.flatMap((places, transport) =>
    ((transports >>> transport) & 1) === 0 ? [] : directions.map((direction) => places[direction]!),
  );
}

/** Streams in each direction that the rule looks at, where it looks at TCP at all. */
export function streamPlaces(transports: number, flow: number): Place[] {
  if (((transports >>> TRANSPORT.tcp) & 1) === 0) return [];
  return directionsOf(flow).map((direction) => STREAMS[direction]!);
}

/** Transactions of each application that the rule is about, on each side that has the buffer of the engine. */
export function txPlaces(applications: readonly ApplicationName[], engine: Engine): Place[] {
  return placesUnder(applications.map(applicationId), engine);
}

/** Frames on each side. */
export const framePlaces = (engine: Engine): Place[] => placesUnder([OF_FRAMES], engine);

function placesUnder(keys: readonly number[], { toServer, toClient }: Engine): Place[] {
  return [toServer, toClient].flatMap((progress, direction) =>
    progress < 0
      ? []
      : keys.map((key) => ({ indexRow: txGroups(key, direction), unit: UNIT.tx, key, direction, progress })),
  );
}

/** Transports of which the rule inspects packets: those that carry streams are left out where it inspects these. */
export function packetTransports({ kind }: RuleProgram, transports: number): number {
  return kind === 'stream' ? transports & ~(1 << TRANSPORT.tcp) : transports;
}

/** Directions in which a rule with these FLOW_BIT can match. */
export function directionsOf(flow: number): number[] {
  return [0, 1].filter((direction) => (flow & (direction === 0 ? FLOW_BIT.toClient : FLOW_BIT.toServer)) === 0);
}
