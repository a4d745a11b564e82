/** Objects of events over talks, here and in Suricata: which members differ, by their path. */
import { clientAddress, framesOf } from '../../support/conversation.js';
import { eventsOfFrames } from '../../support/reading.js';
import { suricataEvents } from '../../support/suricata.js';
import { SETTINGS } from './beside.js';
import type { Talk } from './chance.js';

export interface ObjectDifference {
  /** `request.read.data`; of items of lists `[]`; `number of events`, with those that the other side has not. */
  readonly path: string;
  readonly talk: number;
  readonly theirs: string;
  readonly ours: string;
}

/** Types that Suricata prints without being asked. */
const ALWAYS: readonly string[] = ['http', 'dns', 'tls', 'fileinfo', 'smtp', 'smb', 'ssh', 'flow'];

type Event = Readonly<Record<string, unknown>> & { readonly src_ip: string; readonly dest_ip: string };

/** `settings`: of Suricata, for the event. */
export function objectDifferences(
  talks: readonly Talk[],
  type: string,
  settings: readonly string[] = [],
): ObjectDifference[] {
  const frames = talks.flatMap((talk, index) => framesOf({ ...talk, host: index + 1 }));
  const logged = [...(ALWAYS.includes(type) ? [] : [`outputs.0.eve-log.types.10=${type}`]), ...settings];
  const there = suricataEvents(frames, [], [...SETTINGS, ...logged]);
  const here = eventsOfFrames(
    frames,
    [],
    ['stream.midstream=false', `eve.types=${type},anomaly`, 'eve.anomaliesPerSecond=1000000'],
  );
  return [...differencesOf(talks, type, there, here), ...anomaliesApart(talks, there, here)];
}

function differencesOf(
  talks: readonly Talk[],
  type: string,
  there: readonly unknown[],
  here: readonly unknown[],
): ObjectDifference[] {
  const theirs = objectsOf(there, type);
  const ours = objectsOf(here, type);
  return talks.flatMap((_, talk) => {
    const client = clientAddress(talk + 1);
    const made = theirs.get(client) ?? [];
    const [there, here] = unlike(type === 'quic' ? ofConnections(made) : made, ours.get(client) ?? []);
    return [...compared(there, here)].map(([path, one, other]) => ({
      path,
      talk,
      theirs: JSON.stringify(one) ?? 'nothing',
      ours: JSON.stringify(other) ?? 'nothing',
    }));
  });
}

/** What messages have raised, on one of the two sides alone. */
function anomaliesApart(
  talks: readonly Talk[],
  there: readonly unknown[],
  here: readonly unknown[],
): ObjectDifference[] {
  const theirs = anomaliesOf(there);
  const ours = anomaliesOf(here);
  return talks.flatMap((_, talk) => {
    const [one, other] = [theirs, ours].map((all) => all.get(clientAddress(talk + 1)) ?? new Set<string>());
    return [...new Set([...one!, ...other!])]
      .filter((name) => one!.has(name) !== other!.has(name))
      .map((name) => ({
        path: `anomaly ${name}`,
        talk,
        theirs: String(one!.has(name)),
        ours: String(other!.has(name)),
      }));
  });
}

/** By the address of the client; names of some protocols are in capital letters there. */
function anomaliesOf(events: readonly unknown[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const event of events as readonly Event[]) {
    const { type, event: name } = (event['anomaly'] ?? {}) as { type?: string; event?: string };
    if (type !== 'applayer') continue;
    const client = event.src_ip.startsWith('10.8.') ? event.src_ip : event.dest_ip;
    found.set(client, (found.get(client) ?? new Set()).add(name!.toLowerCase()));
  }
  return found;
}

/** By the address of the client, in their order. */
function objectsOf(events: readonly unknown[], type: string): Map<string, unknown[]> {
  const found = new Map<string, unknown[]>();
  for (const event of events as readonly Event[]) {
    if (event['event_type'] !== type) continue;
    const client = event.src_ip.startsWith('10.8.') ? event.src_ip : event.dest_ip;
    found.set(client, [...(found.get(client) ?? []), inOrder(event[type])]);
  }
  return found;
}

/** What is left of two lists without what both have: they come in an order of their own. */
function unlike(theirs: readonly unknown[], ours: readonly unknown[]): [theirs: unknown[], ours: unknown[]] {
  const here = [...ours];
  const texts = here.map(textOf);
  const there = theirs.filter((one) => {
    const place = texts.indexOf(textOf(one));
    if (place < 0) return true;
    here.splice(place, 1);
    texts.splice(place, 1);
    return false;
  });
  return [there, here];
}

/** The same for the same members, in whatever order. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) =>
    isGroup(one) ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one,
  );

/** Suricata has payloads of IKE in no order. */
function inOrder(object: unknown): unknown {
  const { payload } = object as { payload?: unknown };
  return Array.isArray(payload) ? { ...(object as object), payload: [...(payload as string[])].sort() } : object;
}

type Found = readonly [path: string, theirs: unknown, ours: unknown];

/** Pairs those of one key; of several, by places, if there are as many. */
function* compared(theirs: readonly unknown[], ours: readonly unknown[]): Generator<Found> {
  const keys = new Set([...theirs, ...ours].map(keyOf));
  for (const key of keys) {
    const [there, here] = [theirs, ours].map((all) => all.filter((one) => keyOf(one) === key));
    if (there!.length !== here!.length) yield ['number of events', there, here];
    else for (const [index, one] of there!.entries()) yield* differing('', one, here![index]);
  }
}

interface Keyed {
  readonly http2?: { readonly stream_id: number };
  readonly call_id?: number;
  readonly seqnum?: number;
  readonly id?: number;
  readonly init_spi?: string;
  readonly resp_spi?: string;
  readonly exchange_type?: number;
}

/** Of the stream of HTTP/2, of the call, of the transaction, of the message of IKE. */
function keyOf(object: unknown): string {
  const { http2, call_id, seqnum, id, init_spi, resp_spi, exchange_type } = object as Keyed;
  const number = http2?.stream_id ?? call_id ?? seqnum ?? (typeof id === 'number' ? id : undefined);
  return [number, init_spi, resp_spi, exchange_type].join(' ');
}

/** Suricata has an object for each side's hello of QUIC: what a server says goes into that of its client. */
function ofConnections(objects: readonly unknown[]): unknown[] {
  const connections: Record<string, unknown>[] = [];
  for (const { extensions, ...one } of objects as readonly Record<string, unknown>[]) {
    const isOfServer = 'ja3s' in one;
    if (isOfServer && connections.length > 0) Object.assign(connections.at(-1)!, one);
    else connections.push(extensions === undefined ? one : { ...one, extensions });
  }
  return connections;
}

function* differing(path: string, theirs: unknown, ours: unknown): Generator<Found> {
  if (textOf(theirs) === textOf(ours)) return;
  if (Array.isArray(theirs) && Array.isArray(ours) && theirs.length === ours.length) {
    for (const [index, one] of theirs.entries()) yield* differing(`${path}[]`, one, ours[index]);
    return;
  }
  if (!isGroup(theirs) || !isGroup(ours)) {
    yield [path, theirs, ours];
    return;
  }
  for (const name of new Set([...Object.keys(theirs), ...Object.keys(ours)]))
    yield* differing(path === '' ? name : `${path}.${name}`, theirs[name], ours[name]);
}

const isGroup = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
