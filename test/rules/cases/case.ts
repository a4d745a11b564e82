/**
 * What the tables of rule tests are made of: for every sid traffic that must raise its alert, exactly once, and traffic
 * that comes close and must not. The helpers record the usual kinds of traffic with the usual actors.
 */
import { Recording, type Endpoint, type TimedFrame } from '../../support/recording.js';
import type { Payload } from '../../support/packet-builder.js';

export interface RuleCase {
  readonly sid: number;
  /** Traffic by name; each raises one alert of this sid. */
  readonly fires: Readonly<Record<string, readonly TimedFrame[]>>;
  /** Near misses by name; none raises an alert of this sid. */
  readonly silent: Readonly<Record<string, readonly TimedFrame[]>>;
}

export const ATTACKER = '203.0.113.66:51000';
export const WEB = '10.0.1.20:80';
export const HOST = '10.0.1.20';
export const CLIENT = '10.0.2.7:42100';
export const RESOLVER = '192.0.2.53:53';

/** What is said on a connection: `>` by the client, `<` by the server. */
export type Line = readonly ['>' | '<', Payload];

/** An opened TCP connection with these lines on it. */
export function connection(client: Endpoint, server: Endpoint, ...lines: Line[]): readonly TimedFrame[] {
  return record((recording) => {
    const conversation = recording.tcp(client, server).open();
    for (const [direction, data] of lines) {
      if (direction === '>') conversation.client(data);
      else conversation.server(data);
    }
  });
}

/** Requests from the Internet to a web server, on one connection. */
export function web(...requests: string[]): readonly TimedFrame[] {
  return connection(ATTACKER, WEB, ...requests.map((request): Line => ['>', request]));
}

export function record(what: (recording: Recording) => void): readonly TimedFrame[] {
  const recording = new Recording();
  what(recording);
  return recording.frames;
}

/** Does something `count` times, `gapMs` apart. */
export function repeat(
  count: number,
  gapMs: number,
  what: (recording: Recording, i: number) => void,
): readonly TimedFrame[] {
  return record((recording) => {
    for (let i = 0; i < count; i++) {
      what(recording, i);
      recording.wait(gapMs);
    }
  });
}

/** One datagram. */
export function datagram(from: Endpoint, to: Endpoint, payload: Payload): readonly TimedFrame[] {
  return record((recording) => recording.udp(from, to, payload));
}
