/**
 * What the mode of a test of bits means: flags of TCP, of fragments. Known to what indexes such tests and to what runs
 * them.
 */
import { TEST_MODE } from './rule-block.js';

/** Whether `present` bits stand in the relation `mode` to `wanted`; `not`: none of the wanted is there. */
export function modeHolds(present: number, wanted: number, mode: number): boolean {
  switch (mode) {
    case TEST_MODE.exact:
      return present === wanted;
    case TEST_MODE.all:
      return (present & wanted) === wanted;
    case TEST_MODE.any:
      return (present & wanted) !== 0;
    default:
      return (present & wanted) === 0;
  }
}
