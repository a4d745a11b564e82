/** Messages of IKE 1 and 2 for tests. */
import { concat, hex, u16, u32, type Payload } from '../../support/packet-builder.js';

/** A payload; `next`: the type of the one behind it. */
export const payload = (next: number, ...parts: Payload[]): Uint8Array => {
  const body = concat(...parts);
  return concat([next, 0], u16(body.length + 4), body);
};

/** `first`: the type of the first payload; `responder`: its SPI in hexadecimal digits. */
export const message = (
  first: number,
  version: number,
  exchange: number,
  flags: number,
  responder: string,
  ...payloads: Uint8Array[]
): Uint8Array => {
  const body = concat(...payloads);
  return concat(
    hex('0102030405060708'),
    hex(responder),
    [first, version, exchange, flags],
    u32(0),
    u32(28 + body.length),
    body,
  );
};

// ----------------------------------------------------------------------------------------------------- version 2

export type Transform = readonly [type: number, id: number, attributes?: Payload];

function transform([type, id, attributes = []]: Transform, isLast: boolean): Uint8Array {
  const body = concat([type, 0], u16(id), attributes);
  return concat([isLast ? 0 : 3, 0], u16(4 + body.length), body);
}

function proposal(transforms: readonly Transform[], number: number, isLast: boolean, protocol: number): Uint8Array {
  const body = concat(...transforms.map((one, index) => transform(one, index === transforms.length - 1)));
  return concat([isLast ? 0 : 2, 0], u16(8 + body.length), [number, protocol, 0, transforms.length], body);
}

/** The body of a security association; `protocol`: 1 for IKE itself, 3 for ESP. */
export const association2 = (proposals: readonly (readonly Transform[])[], protocol = 1): Uint8Array =>
  concat(...proposals.map((one, index) => proposal(one, index + 1, index === proposals.length - 1, protocol)));

// ----------------------------------------------------------------------------------------------------- version 1

/** An attribute of two bytes. */
export const attribute = (type: number, value: number): Uint8Array => concat(u16(0x8000 | type), u16(value));

/** The body of a security association with one proposal; of each transform its attributes. */
export function association1(...transforms: readonly (readonly Uint8Array[])[]): Uint8Array {
  const all = transforms.map((attributes, index) => {
    const body = concat([index + 1, 1], u16(0), ...attributes);
    return concat([index === transforms.length - 1 ? 0 : 3, 0], u16(4 + body.length), body);
  });
  const body = concat([1, 1, 0, transforms.length], ...all);
  return concat(u32(1), u32(1), [0, 0], u16(4 + body.length), body);
}
