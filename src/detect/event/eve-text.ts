/**
 * Texts in the form that EVE events have them. Stage: detect (alerts only, so these allocate).
 */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import { EventLine } from './event-line.js';

/** The text at hand. */
const line = new EventLine();

/** `2024-03-01T12:34:56.123456+0000` for microseconds since 1970. */
export function eveTime(timeUs: number): string {
  line.length = 0;
  return line.time(timeUs).text();
}

/** Dotted IPv4, or IPv6 as eight groups of four digits; '' for version 0. */
export function eveAddress(bytes: Uint8Array, at: number, version: number): string {
  line.length = 0;
  return line.address(bytes, at, version).text();
}

export const eveDirection = (direction: Direction): string =>
  direction === DIRECTION.toServer ? 'to_server' : 'to_client';
