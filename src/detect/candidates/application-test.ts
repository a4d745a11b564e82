/**
 * What rules ask of the application that a flow speaks: by their header, and by app-layer-protocol. Stage: detect. The
 * numbers are in the flow's record (flow/flow-application.ts); 0 is "not known". Allocates nothing.
 */
import { RULE } from '../../block/rule-block.js';
import { APPLICATION_SIDES } from '../../block/terms.js';
import { DIRECTION, type Direction, type Flow } from '../../flow/flow.js';
import { originalApplication, spokenApplication, spokenBySide } from '../../flow/flow-application.js';
import { hasApplication as has, isOddlyTold } from '../../flow/told-application.js';

const NOT_KNOWN = 0;
const SIDE = Object.fromEntries(APPLICATION_SIDES.map((side, number) => [side, number])) as Record<
  (typeof APPLICATION_SIDES)[number],
  number
>;

/**
 * Whether the flow is of an application that the rule's header asks for, if it asks for any; `at`: the rule's first
 * word. Whichever side has told, it is that of both directions.
 */
export function applicationHolds(words: Int32Array, at: number, flow: Flow | null): boolean {
  const low = words[at + RULE.applications];
  const high = words[at + RULE.moreApplications];
  if ((low | high) === 0) return true;
  return flow !== null && has(low, high, spokenApplication(flow));
}

/** Whether a packed test (OP.application) passes for what goes in `direction`. */
export function applicationTestPasses(code: Int32Array, at: number, flow: Flow | null, direction: Direction): boolean {
  if (flow === null) return false;
  const negated = code[at + 3] === 1;
  const low = code[at + 4];
  const high = code[at + 5];
  const side = code[at + 2];
  if (side >= SIDE.differ) return isOddlyTold(side - SIDE.differ, low, high, flow);
  if (side !== SIDE.either) {
    const asked = applicationAsked(side, flow, direction);
    // What did not change has no original.
    return (asked !== NOT_KNOWN || side !== SIDE.original) && holds(low, high, negated, asked);
  }
  const toServer = spokenBySide(flow, DIRECTION.toServer);
  const toClient = spokenBySide(flow, DIRECTION.toClient);
  if (negated) return (toServer | toClient) !== NOT_KNOWN && !has(low, high, toServer) && !has(low, high, toClient);
  return has(low, high, toServer) || has(low, high, toClient);
}

/** Nothing is another application while it is not known. */
function holds(low: number, high: number, negated: boolean, id: number): boolean {
  return negated ? id !== NOT_KNOWN && !has(low, high, id) : has(low, high, id);
}

function applicationAsked(side: number, flow: Flow, direction: Direction): number {
  switch (side) {
    case SIDE.own:
      return spokenBySide(flow, direction);
    case SIDE.to_server:
      return spokenBySide(flow, DIRECTION.toServer);
    case SIDE.to_client:
      return spokenBySide(flow, DIRECTION.toClient);
    case SIDE.original:
      return originalApplication(flow);
    default:
      return spokenApplication(flow);
  }
}
