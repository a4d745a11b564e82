/** Messages of RDP up to the conference, for tests. */
import { concat, u16, u32 } from '../../support/packet-builder.js';

const u16le = (value: number): number[] => u16(value).reverse();
const u32le = (value: number): number[] => u32(value >>> 0).reverse();
const packet = (body: Uint8Array): Uint8Array => concat([3, 0], u16(4 + body.length), body);
export const connection = (type: number, body: Uint8Array): Uint8Array =>
  packet(concat([6 + body.length, type, 0, 0, 0, 0, 0], body));
export const negotiation = (type: number, flags: number, value: number): Uint8Array =>
  concat([type, flags], u16le(8), u32le(value));
const ber = (tag: readonly number[], ...parts: Parameters<typeof concat>): Uint8Array => {
  const body = concat(...parts);
  return concat(tag, body.length < 0x80 ? [body.length] : concat([0x82], u16(body.length)), body);
};
const wide = (text: string, bytes: number): Uint8Array => {
  const out = new Uint8Array(bytes);
  out.set(Buffer.from(text, 'utf16le'));
  return out;
};
const block = (type: number, body: Uint8Array): Uint8Array => concat(u16le(type), u16le(4 + body.length), body);
export const core = (client = 'DESK-17'): Uint8Array =>
  block(
    0xc001,
    concat(
      concat(u32le(0x80004), u16le(1280), u16le(800), u16le(0xca01), u16le(0xaa03), u32le(0x409), u32le(17763)),
      concat(wide(client, 32), u32le(4), u32le(0), u32le(12), new Uint8Array(64)),
      concat(u16le(0xca01), u16le(1), u32le(0), u16le(24), u16le(7), u16le(0x7)),
      concat(wide('5f3c-id', 64), [6, 0], u32le(0)),
    ),
  );
export const channels = (...names: string[]): Uint8Array =>
  block(
    0xc003,
    concat(
      u32le(names.length),
      ...names.map((name) => concat(Buffer.from(name.padEnd(8, '\0'), 'latin1'), u32le(0xc0a00000))),
    ),
  );
const per = (length: number): number[] => u16(0x8000 | length);
const conference = (blocks: Uint8Array): Uint8Array => {
  const inner = concat([0, 8, 0, 0x10, 0, 1, 0xc0, 0], 'Duca', per(blocks.length), blocks);
  return concat([0, 5, 0, 0x14, 0x7c, 0, 1], per(inner.length), inner);
};
const numbers = ber([0x30], ...Array.from({ length: 8 }, () => [2, 1, 1]));
export const connect = (blocks: Uint8Array): Uint8Array =>
  packet(
    concat(
      [2, 0xf0, 0x80],
      ber([0x7f, 0x65], [4, 1, 1, 4, 1, 1, 1, 1, 0xff], numbers, numbers, numbers, ber([4], conference(blocks))),
    ),
  );
export const connected = packet(
  concat([2, 0xf0, 0x80], ber([0x7f, 0x66], [10, 1, 0, 2, 1, 0], numbers, ber([4], 'answer'))),
);
