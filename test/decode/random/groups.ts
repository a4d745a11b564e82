/** Random frames of Ethernet, headers within headers, some with a field that lies or is changed. */
import fc from 'fast-check';
import { decodeFrame, DecodeCounts } from '../../../src/decode/decode.js';
import { DecodedFrame, LINK_TYPE } from '../../../src/decode/packet.js';
import { Mutator, Random } from '../../property/mutator.js';
import { fragments, frames } from '../../property/structures.js';
import { FRAME_TEMPLATES } from '../../support/frame-templates.js';
import { ethernet, gre, ipv4 } from '../../support/packet-builder.js';
import { PLAIN_FRAMES } from './plain.js';

/** Frames that follow one another at once, as fragments do. */
export type Group = readonly Uint8Array[];

const TEMPLATES = FRAME_TEMPLATES.filter(({ linkType }) => linkType === LINK_TYPE.ethernet).map(({ bytes }) => bytes);
/** So that what has changed is told from the difference. */
const MOST_CHANGES = 2;
const CAPACITY = 9000;
const ETHERNET_LENGTH = 14;

const groups: fc.Arbitrary<Group> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...PLAIN_FRAMES).map((frame) => [frame]) },
  { weight: 6, arbitrary: frames.map((frame) => [frame]) },
  { weight: 1, arbitrary: fc.constantFrom(...TEMPLATES).map((frame) => [frame]) },
  { weight: 1, arbitrary: fragments },
);

/** So many groups; the same for the same seed. */
export function randomGroups(seed: number, count: number): Group[] {
  const made = fc.sample(groups, { seed, numRuns: count });
  const random = new Random(seed);
  const buffer = new Uint8Array(CAPACITY);
  const mutator = new Mutator(random, buffer, MOST_CHANGES);
  return made.map((group) =>
    group
      .filter(({ length }) => length <= CAPACITY)
      .map((frame) => buffer.slice(0, mutator.write(frame, random.pick(TEMPLATES), 0, CAPACITY)))
      .filter(({ length }) => length >= ETHERNET_LENGTH)
      .map(asInner),
  );
}

const decoded = new DecodedFrame();
const counts = new DecodeCounts();

/** The first VXLAN or GENEVE would be taken for the mirror's, which is no layer here: something goes around it. */
function asInner(frame: Uint8Array): Uint8Array {
  decodeFrame(frame, 0, frame.length, LINK_TYPE.ethernet, decoded, counts);
  if (decoded.tunnelDepth === 0) return frame;
  return ethernet({}, ipv4({ src: '192.0.2.1', dst: '192.0.2.2' }, gre({ type: 0x6558 }, frame)));
}
