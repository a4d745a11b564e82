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
import { Recent } from '../util/recent.js';
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

/** By transports and directions, by directions, and by application and progress: rules share these lists. */
const packetLists = new Map<number, readonly Place[]>();
const streamLists = new Map<number, readonly Place[]>();
const payloadLists = new Map<string, readonly Place[]>();
const txLists = new Recent<string, readonly Place[]>(4096);

const BOTH_SIDES = FLOW_BIT.toServer | FLOW_BIT.toClient;

/** Every transport and direction of packets that the rule looks at. */
export function packetPlaces(transports: number, flow: number): readonly Place[] {
  const key = (flow & BOTH_SIDES) * (1 << TRANSPORT_COUNT) + transports;
  let places = packetLists.get(key);
  if (places === undefined) {
    const directions = directionsOf(flow);
    places = PACKETS.flatMap((each, transport) =>
      ((transports >>> transport) & 1) === 0 ? [] : directions.map((direction) => each[direction]!),
    );
    packetLists.set(key, places);
  }
  return places;
}

/** Streams in each direction that the rule looks at, where it looks at TCP at all. */
export function streamPlaces(transports: number, flow: number): readonly Place[] {
  if (((transports >>> TRANSPORT.tcp) & 1) === 0) return NOWHERE;
  let places = streamLists.get(flow & BOTH_SIDES);
  if (places === undefined) {
    places = directionsOf(flow).map((direction) => STREAMS[direction]!);
    streamLists.set(flow & BOTH_SIDES, places);
  }
  return places;
}

const NOWHERE: readonly Place[] = [];

/** Packets of some transports, and streams where the rule looks at TCP. */
export function payloadPlaces(ofPackets: number, transports: number, flow: number): readonly Place[] {
  const key = `${ofPackets}:${transports}:${flow & BOTH_SIDES}`;
  let places = payloadLists.get(key);
  if (places === undefined) {
    places = [...packetPlaces(ofPackets, flow), ...streamPlaces(transports, flow)];
    payloadLists.set(key, places);
  }
  return places;
}

/** Transactions of each application that the rule is about, on each side that has the buffer of the engine. */
export function txPlaces(applications: readonly ApplicationName[], { toServer, toClient }: Engine): readonly Place[] {
  const key = `${toServer}:${toClient}:${applications.join()}`;
  let places = txLists.get(key);
  if (places === undefined) {
    places = placesUnder(applications.map(applicationId), toServer, toClient);
    txLists.set(key, places);
  }
  return places;
}

/** Frames on each side. */
export const framePlaces = ({ toServer, toClient }: Engine): readonly Place[] =>
  placesUnder([OF_FRAMES], toServer, toClient);

function placesUnder(keys: readonly number[], toServer: number, toClient: number): readonly Place[] {
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
function directionsOf(flow: number): number[] {
  return [0, 1].filter((direction) => (flow & (direction === 0 ? FLOW_BIT.toClient : FLOW_BIT.toServer)) === 0);
}
