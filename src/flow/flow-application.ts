/**
 * What a flow speaks, in two words of its record: numbers of applications (app/applications.ts), 0 while not known.
 * Stage: flow; written by the application layer, read by rules and events.
 *
 *   applications  bits 0-6 what clients speak, 7 settled | 8-14 what servers speak, 15 settled
 *                 | 16-22 what the flow speaks | 23-29 what it spoke before it changed
 *                 | 30 its beginning was looked at | 31 rules have taken note of what clients speak
 *   connection    bits 0-22 the number of what the application layer keeps of it | 23 one side alone has told, too
 *                 early or nothing (noteAlone) | 24-30 what it was to change to
 *                 | 31 rules have taken note of what servers speak
 *
 * A side is settled once it has said all that could tell. One that is, with 0, waits for what the other side tells.
 */
import { DIRECTION, type Direction, type Flow } from './flow.js';

const ID = 0x7f;
const SIDE_SHIFT = 8;
const SETTLED = 0x80;
const FLOW_SHIFT = 16;
const ORIGINAL_SHIFT = 23;
const BEGUN = 1 << 30;
const NUMBER = 0x7fffff;
const ALONE = 1 << 23;
const EXPECTED_SHIFT = 24;
const TAKEN = 1 << 31;
const TCP = 6;

/** What the flow speaks: what its first side to tell said. */
export const applicationOf = (flow: Flow): number => (flow.applications >>> FLOW_SHIFT) & ID;

export function setApplication(flow: Flow, id: number): void {
  flow.applications = (flow.applications & ~(ID << FLOW_SHIFT)) | (id << FLOW_SHIFT);
}

/** What one side speaks. */
export const sideApplication = (flow: Flow, direction: Direction): number =>
  (flow.applications >>> (direction * SIDE_SHIFT)) & ID;

export const isSideSettled = (flow: Flow, direction: Direction): boolean =>
  ((flow.applications >>> (direction * SIDE_SHIFT)) & SETTLED) !== 0;

export function settleSide(flow: Flow, direction: Direction, id: number): void {
  const shift = direction * SIDE_SHIFT;
  flow.applications = (flow.applications & ~(ID << shift)) | ((SETTLED | id) << shift);
}

/** What the flow spoke before it changed; 0 where it did not. */
export const originalApplication = (flow: Flow): number => (flow.applications >>> ORIGINAL_SHIFT) & ID;

/** What it was to change to; 0 where nobody said. */
export const expectedApplication = (flow: Flow): number => (flow.connection >>> EXPECTED_SHIFT) & ID;

/**
 * What rules and events are told that the flow speaks. Between its change and the first bytes of what it changes to
 * (TLS behind STARTTLS), that is still what it spoke.
 */
export const spokenApplication = (flow: Flow): number => applicationOf(flow) || originalApplication(flow);

/** The same of one side. */
export const spokenBySide = (flow: Flow, direction: Direction): number =>
  applicationOf(flow) === 0
    ? sideApplication(flow, direction) || originalApplication(flow)
    : sideApplication(flow, direction);

/** From here on the flow speaks something else: both sides are to tell what. */
export function changeApplication(flow: Flow, expected: number): void {
  const original = applicationOf(flow);
  flow.applications = BEGUN | (original << ORIGINAL_SHIFT);
  flow.connection = connectionNumber(flow) | (expected << EXPECTED_SHIFT);
}

/**
 * Whether this is the first to ask what the side speaks since it has told. Rules that ask for nothing but that are
 * tried once per direction.
 */
export function takeTold(flow: Flow, direction: Direction): boolean {
  if (sideApplication(flow, direction) === 0) return false;
  const word = direction === DIRECTION.toServer ? flow.applications : flow.connection;
  if ((word & TAKEN) !== 0) return false;
  if (direction === DIRECTION.toServer) flow.applications |= TAKEN;
  else flow.connection |= TAKEN;
  return true;
}

/** Whether rules have taken note of what both sides of a connection speak; of datagrams never. */
export const bothTaken = (flow: Flow): boolean =>
  flow.protocol === TCP && (flow.applications & flow.connection & TAKEN) !== 0;

/** Whether they have of one of the two of a connection. */
export const oneTaken = (flow: Flow): boolean =>
  flow.protocol === TCP && ((flow.applications ^ flow.connection) & TAKEN) !== 0;

/** The server told what is spoken before the client said a word; or a side told nothing, and the other was silent. */
export function noteAlone(flow: Flow): void {
  flow.connection |= ALONE;
}

export const wasAlone = (flow: Flow): boolean => (flow.connection & ALONE) !== 0;

/** Whether it was looked at what comes before the client's first byte (PROXY protocol). */
export const hasBegun = (flow: Flow): boolean => (flow.applications & BEGUN) !== 0;

export function noteBegun(flow: Flow): void {
  flow.applications |= BEGUN;
}

export const connectionNumber = (flow: Flow): number => flow.connection & NUMBER;

export function setConnectionNumber(flow: Flow, number: number): void {
  flow.connection = (flow.connection & ~NUMBER) | number;
}
