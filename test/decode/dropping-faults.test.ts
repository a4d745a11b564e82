/**
 * Frames are dropped for the faults that are named as such, and each of those drops some: no counter stands at 0 for
 * good.
 */
import { describe, expect, it } from 'vitest';
import { DecodeCounts, decodeFrame } from '../../src/decode/decode.js';
import { FAULTS } from '../../src/decode/fault.js';
import { DecodedFrame, LINK_TYPE } from '../../src/decode/packet.js';
import { DROPPING_FAULTS } from '../../src/counters/dropping-faults.js';

/** Of no capture that is decoded. */
const NO_LINK_TYPE = 147;
const LINK_TYPES = [...Object.values(LINK_TYPE), NO_LINK_TYPE];
/** EtherTypes and PPP protocols: what a random word would hardly hit. */
const TYPES = [
  0x0800, 0x86dd, 0x8100, 0x88a8, 0x8847, 0x8848, 0x8864, 0x8863, 0x0806, 0x88e7, 0x8926, 0x893f, 0x8903, 0x0021,
  0x0057, 0x880b, 0x6558, 0x894f, 0x9999,
];
const FIRST_BYTES = [0x45, 0x60, 0x40, 0x46, 0x11, 0x08];
const ROUNDS = 300_000;

/** A generator of its own, as it gives the same frames in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
}

function frameOf(below: (limit: number) => number): Uint8Array {
  const bytes = new Uint8Array(below(70));
  const noisy = below(2) === 0;
  if (noisy) for (let at = 0; at < bytes.length; at++) bytes[at] = below(256);
  // Many tags in a row now and then, at the most one of a kind otherwise.
  const often = below(20) === 0 ? 1 : 3;
  const type = TYPES[below(TYPES.length)]!;
  for (let at = below(3); at + 1 < bytes.length; at += 2) {
    if (below(often) !== 0) continue;
    const each = below(4) === 0 ? type : TYPES[below(TYPES.length)]!;
    bytes[at] = each >> 8;
    bytes[at + 1] = each & 0xff;
  }
  if (bytes.length > 0 && below(3) === 0)
    bytes[below(2) * Math.min(14, bytes.length - 1)] = FIRST_BYTES[below(FIRST_BYTES.length)]!;
  return bytes;
}

describe('the faults that drop frames', () => {
  const frame = new DecodedFrame();
  const counts = new DecodeCounts();
  const dropped = new Set<string>();
  const drop = (bytes: Uint8Array, linkType: number): void => {
    decodeFrame(bytes, 0, bytes.length, linkType, frame, counts);
    if (frame.unusable) dropped.add(FAULTS[frame.fault]!.name);
  };

  it('are those of DROPPING_FAULTS (src/metrics)', () => {
    const below = generator(1);
    for (let round = 0; round < ROUNDS; round++) drop(frameOf(below), LINK_TYPES[below(LINK_TYPES.length)]!);
    // More tags than are followed.
    drop(new Uint8Array(12).fill(2), LINK_TYPE.ethernet);
    const tags = new Uint8Array(600);
    for (let at = 12; at < 600; at += 4) tags.set([0x81, 0], at);
    drop(tags, LINK_TYPE.ethernet);
    const decoding: readonly string[] = DROPPING_FAULTS.filter(
      (name) => FAULTS.find((fault) => fault.name === name)!.stage !== 'defragment',
    );
    expect([...dropped].sort()).toEqual([...decoding].sort());
  });
});
