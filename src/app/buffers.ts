/**
 * All buffers that rules inspect. Stage: app; rule, compile and detect take names and numbers from here. A buffer's number
 * is its place. Those of a protocol are in its folder: names and shapes, no parser.
 */
import type { BufferSpec } from './buffer-spec.js';
import { PACKET_BUFFERS } from './packet-buffers.js';

export const BUFFER_SPECS: readonly BufferSpec[] = [...PACKET_BUFFERS];

/** Their names, by number. */
export const BUFFERS: readonly string[] = BUFFER_SPECS.map(({ name }) => name);
export type BufferName = string;

const NUMBERS: ReadonlyMap<string, number> = new Map(BUFFERS.map((name, index) => [name, index]));

/** The number of a buffer; throws where there is none of that name. */
export function bufferNumber(name: BufferName): number {
  const number = NUMBERS.get(name);
  if (number === undefined) throw new Error(`there is no buffer ${name}`);
  return number;
}

/** Not a part of the packet. */
export const BASE64_DATA = bufferNumber('base64_data');
