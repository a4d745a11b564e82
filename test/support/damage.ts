/** Damages files as disks, networks and adversaries do. Seeded, so that a failure can be repeated. */
import type { Random } from '../property/mutator.js';

/**
 * One to three changes: a bit, a byte, a cut, a piece doubled, two pieces swapped. `hot` bytes at the start are hit
 * more often.
 */
export function damaged(whole: Uint8Array, random: Random, hot = 0): Buffer {
  let bytes = Buffer.from(whole);
  for (let changes = 1 + random.below(3); changes > 0 && bytes.length > 32; changes--) {
    const [from, to] = [random.below(bytes.length), random.below(bytes.length)].sort((a, b) => a - b) as [
      number,
      number,
    ];
    const place = hot > 0 && random.oneIn(2) ? random.below(Math.min(hot, bytes.length)) : from;
    switch (random.below(6)) {
      case 0:
      case 1:
        bytes[place]! ^= 1 << random.below(8);
        break;
      case 2:
        bytes[place] = random.pick([0, 1, 0x2f, 0x30, 0x37, 0x7f, 0x80, 0xff, random.below(256)]);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
        break;
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
        break;
      default:
        bytes = Buffer.concat([bytes.subarray(to), bytes.subarray(from, to), bytes.subarray(0, from)]);
    }
  }
  return bytes;
}
