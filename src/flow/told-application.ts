/**
 * What may be odd about how the application of a connection was told, by what its record says (flow-application.ts).
 * Stage: flow. Allocates nothing. A set of applications is two words, bits by number.
 */
import { DIRECTION, type Flow } from './flow.js';
import { applicationOf, bothTaken, expectedApplication, oneTaken, spokenBySide, wasAlone } from './flow-application.js';

/**
 * Of both sides, once rules have taken note of both: that they differ and none of them, or one alone, is of the set
 * ("failed"). Of the flow, once they have taken note of one side: that it speaks one of the set, which one side alone
 * has told (noteAlone); that it was to change to one of the set, and speaks another.
 */
export const ODDITIES = ['differ', 'one_known', 'alone', 'not_expected'] as const;
export type Oddity = (typeof ODDITIES)[number];
const [DIFFER, ONE_KNOWN, ALONE] = [0, 1, 2];
const NOT_KNOWN = 0;

export const hasApplication = (low: number, high: number, id: number): boolean =>
  (((id < 32 ? low : high) >>> (id & 31)) & 1) === 1;

/** Whether that is so: `oddity` is a place in ODDITIES. */
export function isOddlyTold(oddity: number, low: number, high: number, flow: Flow): boolean {
  if (oddity === DIFFER || oddity === ONE_KNOWN) return sidesDiffer(oddity === ONE_KNOWN, low, high, flow);
  const told = applicationOf(flow);
  if (told === NOT_KNOWN || !oneTaken(flow)) return false;
  if (oddity === ALONE) return wasAlone(flow) && hasApplication(low, high, told);
  const expected = expectedApplication(flow);
  return expected !== NOT_KNOWN && told !== expected && hasApplication(low, high, expected);
}

function sidesDiffer(isOne: boolean, low: number, high: number, flow: Flow): boolean {
  const toServer = spokenBySide(flow, DIRECTION.toServer);
  const toClient = spokenBySide(flow, DIRECTION.toClient);
  if (toServer === toClient || !bothTaken(flow)) return false;
  return (hasApplication(low, high, toServer) || hasApplication(low, high, toClient)) === isOne;
}
