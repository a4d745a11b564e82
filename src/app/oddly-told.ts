/** Which events of identification a flow has raised. Stage: app. */
import type { Flow } from '../flow/flow.js';
import { isOddlyTold, ODDITIES } from '../flow/told-application.js';
import { applicationBits } from './applications.js';
import { IDENTIFICATION_EVENTS } from './identification-events.js';

const EVENTS = IDENTIFICATION_EVENTS.map(({ name, side, applications }) => ({
  name,
  oddity: ODDITIES.indexOf(side),
  bits: applicationBits(applications),
}));

/** Their names, at the first packet behind what told the application of a side. For events alone: it allocates. */
export const oddlyTold = (flow: Flow): string[] =>
  EVENTS.filter(({ oddity, bits: [low, high] }) => isOddlyTold(oddity, low, high, flow)).map(({ name }) => name);
