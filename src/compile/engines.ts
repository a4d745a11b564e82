/**
 * The engines of a rule of transactions: its buffer programs, in the order in which they are tried. Stage: load.
 *
 * They are numbered by side (server first), and within a side by the progress from which on the buffer is there, so
 * that a rule waits for as little as it must. Which of them have passed is one word of bits. What a program has decoded
 * is looked at with it: its base64_data has the same number.
 *
 * What a rule looks for in the payload beside its buffers is numbered behind them, so that it is known to have been
 * there once the payload is another one. Where it only must not be there, it has no number: that is asked anew.
 */
import type { BufferRegistry } from '../app/buffers.js';
import { FLOW_BIT } from '../block/rule-block.js';
import type { BufferProgram, RuleProgram } from '../rule/program.js';

export interface Engine {
  /** -1 where that it has passed is not remembered. */
  readonly number: number;
  /** From which progress on a side has it; -1 where it never does, or the rule does not look there. */
  readonly toServer: number;
  readonly toClient: number;
}

export interface Engines {
  /** By the place of the buffer program in the rule. */
  readonly each: readonly Engine[];
  readonly count: number;
  /** 1 to server, 2 to client. */
  readonly sides: number;
}

/** Bits of a state, of which one is another's. */
const MOST_ENGINES = 31;
const NO_ENGINE: Engine = { number: -1, toServer: -1, toClient: -1 };

/** `flow`: a set of FLOW_BIT. */
export function enginesOf(buffers: readonly BufferProgram[], flow: number, registry: BufferRegistry): Engines {
  // PERF: by loops over places, as closures and lists of other lists take V8 longer to compile than they run.
  const found: Placed[] = [];
  const each: Engine[] = [];
  for (let index = 0; index < buffers.length; index++) {
    each.push(NO_ENGINE);
    const { scope, toServer = -1, toClient = -1 } = registry.spec(buffers[index].buffer);
    if (scope !== 'tx') continue;
    found.push({
      index,
      toServer: (flow & FLOW_BIT.toClient) === 0 ? toServer : -1,
      toClient: (flow & FLOW_BIT.toServer) === 0 ? toClient : -1,
    });
  }
  const sides = found.length > 0 ? placeEngines(found, each) : 0;
  const count = numberPayloads(buffers, each, found.length);
  shareDecoded(buffers, each);
  return { each, count, sides };
}

/** @returns the sides that have some: 1 to server, 2 to client. */
function placeEngines(found: Placed[], each: Engine[]): number {
  const only = exclusiveSide(found);
  for (let i = 0; i < found.length; i++) found[i] = onSide(found[i], only);
  if (found.length > 1) found.sort((a, b) => rank(a) - rank(b));
  let sides = 0;
  for (let number = 0; number < found.length; number++) {
    const { index, toServer, toClient } = found[number];
    each[index] = { number, toServer, toClient };
    sides |= (toServer >= 0 ? 1 : 0) | (toClient >= 0 ? 2 : 0);
  }
  return sides;
}

/**
 * Places of the buffer programs in the order in which they are tried. A buffer that fails ends the rule, while what is
 * not in the payload may come yet: that goes last, with what is decoded from it. A rule with variables is tried as it
 * is written.
 */
export function trialOrder({
  buffers,
  variableCount,
  kind,
}: Pick<RuleProgram, 'buffers' | 'variableCount' | 'kind'>): number[] {
  const places: number[] = [];
  for (let index = 0; index < buffers.length; index++) places.push(index);
  if (kind !== 'txPayload' || variableCount > 0) return places;
  let isLate = false;
  const late = buffers.map(({ buffer }) => (isLate = buffer === 'base64_data' ? isLate : buffer === 'payload'));
  return [...places.filter((index) => !late[index]), ...places.filter((index) => late[index])];
}

/** @returns how many engines have a number, beside `found` of transactions. */
function numberPayloads(buffers: readonly BufferProgram[], each: Engine[], found: number): number {
  let count = found;
  for (let index = 0; index < buffers.length; index++) {
    const { buffer, matches } = buffers[index];
    if (buffer !== 'payload' || count >= MOST_ENGINES || !matches.some(looksForSome)) continue;
    each[index] = { number: count++, toServer: -1, toClient: -1 };
  }
  return count;
}

const looksForSome = (match: BufferProgram['matches'][number]): boolean =>
  !('negated' in match && match.negated === true);

interface Sides {
  readonly toServer: number;
  readonly toClient: number;
}

interface Placed extends Sides {
  /** Of its buffer program in the rule. */
  readonly index: number;
}

/**
 * The side on which a buffer of both is meant: that of the buffers beside it that one side alone has, and the server's
 * where these are of either side; 0 where there are none.
 */
function exclusiveSide(found: readonly Sides[]): number {
  let isOfClient = false;
  for (let i = 0; i < found.length; i++) {
    const { toServer, toClient } = found[i];
    if (toServer >= 0 && toClient < 0) return 1;
    if (toClient >= 0 && toServer < 0) isOfClient = true;
  }
  return isOfClient ? 2 : 0;
}

function onSide(engine: Placed, only: number): Placed {
  const { index, toServer, toClient } = engine;
  if (only === 0 || toServer < 0 || toClient < 0) return engine;
  return { index, toServer: only === 2 ? -1 : toServer, toClient: only === 1 ? -1 : toClient };
}

function shareDecoded(buffers: readonly BufferProgram[], each: Engine[]): void {
  let decoder = NO_ENGINE;
  for (let index = 0; index < buffers.length; index++) {
    const { buffer, matches } = buffers[index];
    if (buffer === 'base64_data') each[index] = decoder;
    else if (matches.some(decodes)) decoder = each[index];
  }
}

const decodes = ({ kind }: BufferProgram['matches'][number]): boolean => kind === 'base64_decode';

/** Progress of a side is far below this. */
const SIDE = 0x10000;

const rank = ({ toServer, toClient }: Sides): number => (toServer >= 0 ? toServer : SIDE + toClient);
