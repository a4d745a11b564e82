/** What is said, cut into segments at places that look like chance. */
import type { Said } from '../../support/conversation.js';
import { toBytes } from '../../support/packet-builder.js';
import type { Chance } from './chance.js';

/** Each part in up to `most` segments; now and then one byte alone. */
export function inPieces(chance: Chance, said: readonly Said[], most = 4): Said[] {
  return said.flatMap(([side, text]) => {
    const bytes = toBytes(text);
    const places = chance.often(50) ? [] : Array.from({ length: chance.below(most) }, () => chance.below(bytes.length));
    const ends = [...new Set([0, ...places, bytes.length])].sort((a, b) => a - b);
    return ends.slice(1).map((end, index): Said => [side, bytes.slice(ends[index], end)]);
  });
}
