/** Messages of MQTT for tests, of less than 128 bytes. */
import { concat, u16, type Payload } from '../../support/packet-builder.js';

/** A text with its length in front. */
export const text = (value: string): Uint8Array => concat(u16(value.length), value);

export function message(head: number, ...parts: Payload[]): Uint8Array {
  const body = concat(...parts);
  return concat([head, body.length], body);
}
