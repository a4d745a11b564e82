/**
 * Connections that others have agreed on: what the first bytes of a flow cannot tell is known by where it goes. Stage:
 * app. One table for a shard, which the flows of both meet in (dispatch/route.ts).
 *
 * A connection is expected between the two hosts of the one that agreed on it, within the same mirror session, to a
 * port of one of them; whichever side of it is seen first. It is taken once. Bounds: MOST_EXPECTED, beyond which the
 * oldest gives way (`expectationsDropped`), and LIFETIME_US; what a connection expects ends with it.
 */
import { DIRECTION, type Direction, type Flow } from '../flow/flow.js';
import { COUNTED, type ApplicationStats } from './application-stats.js';
import { applicationId, NOT_KNOWN, type ApplicationName } from './applications.js';
import { PerArena } from './per-arena.js';

export const MOST_EXPECTED = 1024;
const LIFETIME_US = 30_000_000;
const ADDRESS_BYTES = 16;
/** Listener, other end, port, session. */
const KEY_BYTES = 2 * ADDRESS_BYTES + 2 + 4;

/** A connection that is to come; protocols add what they know of it. */
export class Expected {
  readonly application: ApplicationName;
  /** The connection that has agreed on it, and when. */
  readonly owner: object;
  readonly timeUs: number;

  constructor(application: ApplicationName, owner: object, timeUs: number) {
    this.application = application;
    this.owner = owner;
    this.timeUs = timeUs;
  }
}

export interface Taken {
  readonly expected: Expected;
  /** Whether the flow's client is whom the port belongs to. */
  readonly listenerIsClient: boolean;
}

/** The hosts of a flow, so that they are known where the flow is not at hand. */
export class Hosts {
  /** Of both ends, client first, and the session. */
  readonly bytes = new Uint8Array(KEY_BYTES);

  take(flow: Flow): void {
    const { bytes } = this;
    bytes.fill(0);
    const client = flow.clientIsLower ? 0 : 1;
    flow.copyAddress(client, bytes, 0);
    flow.copyAddress(1 - client, bytes, ADDRESS_BYTES);
    writeSession(bytes, flow.vni);
  }

  /** Compares an IPv4 address with the client's. */
  isClient(address: number): boolean {
    const { bytes } = this;
    return ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) === (address | 0);
  }
}

export class Expectations {
  private readonly byKey = new Map<string, Expected>();
  /** How many are expected at each port: most flows are told by that. */
  private readonly atPort = new Uint16Array(65_536);
  private readonly key = new Uint8Array(KEY_BYTES);
  private stats: ApplicationStats | undefined;

  /** Where what was dropped is counted. */
  countIn(stats: ApplicationStats): void {
    this.stats = stats;
  }

  get count(): number {
    return this.byKey.size;
  }

  /** A connection to `port` of one of the hosts, the side that `listener` goes to. */
  add(hosts: Hosts, listener: Direction, port: number, expected: Expected): void {
    const { byKey, key } = this;
    const first = listener === DIRECTION.toServer ? ADDRESS_BYTES : 0;
    key.set(hosts.bytes.subarray(first, first + ADDRESS_BYTES), 0);
    key.set(hosts.bytes.subarray(ADDRESS_BYTES - first, 2 * ADDRESS_BYTES - first), ADDRESS_BYTES);
    key.set(hosts.bytes.subarray(2 * ADDRESS_BYTES + 2), 2 * ADDRESS_BYTES + 2);
    writePort(key, port);
    const text = textOf(key);
    if (byKey.delete(text)) this.atPort[port]!--;
    if (byKey.size === MOST_EXPECTED) this.dropOldest();
    byKey.set(text, expected);
    this.atPort[port]!++;
  }

  /** What the flow was agreed on to speak; NOT_KNOWN where nobody did. */
  applicationOf(flow: Flow): number {
    const expected = this.byKey.size === 0 ? undefined : (this.find(flow, 0) ?? this.find(flow, 1));
    return expected === undefined ? NOT_KNOWN : applicationId(expected.application);
  }

  /** Takes what was agreed on for a flow; undefined for nothing. */
  take(flow: Flow): Taken | undefined {
    for (let end = 0; end < 2; end++) {
      const expected = this.find(flow, end);
      if (expected === undefined) continue;
      this.drop(textOf(this.key));
      return { expected, listenerIsClient: (end === 0) === flow.clientIsLower };
    }
    return undefined;
  }

  /** Its owner is over. */
  dropOf(owner: object): void {
    for (const [key, expected] of this.byKey) if (expected.owner === owner) this.drop(key);
  }

  /** What is expected at an end of the flow. */
  private find(flow: Flow, end: number): Expected | undefined {
    if (this.atPort[flow.port(end)] === 0) return undefined;
    const { key } = this;
    key.fill(0);
    flow.copyAddress(end, key, 0);
    flow.copyAddress(1 - end, key, ADDRESS_BYTES);
    writePort(key, flow.port(end));
    writeSession(key, flow.vni);
    const expected = this.byKey.get(textOf(key));
    return expected !== undefined && Math.abs(flow.lastUs - expected.timeUs) <= LIFETIME_US ? expected : undefined;
  }

  private dropOldest(): void {
    for (const [key, { application }] of this.byKey) {
      this.drop(key);
      this.stats?.add(COUNTED.expectationsDropped, applicationId(application));
      return;
    }
  }

  private drop(key: string): void {
    this.byKey.delete(key);
    this.atPort[(key.charCodeAt(2 * ADDRESS_BYTES) << 8) | key.charCodeAt(2 * ADDRESS_BYTES + 1)]!--;
  }
}

function writePort(key: Uint8Array, port: number): void {
  key[2 * ADDRESS_BYTES] = port >>> 8;
  key[2 * ADDRESS_BYTES + 1] = port & 0xff;
}

function writeSession(key: Uint8Array, vni: number): void {
  for (let index = 0; index < 4; index++) key[2 * ADDRESS_BYTES + 2 + index] = vni >>> (24 - 8 * index);
}

const textOf = (key: Uint8Array): string => String.fromCharCode(...key);

/** What is expected in a shard. */
export const EXPECTED = new PerArena(() => new Expectations());
