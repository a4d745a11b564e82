/**
 * When V8 compiles a function for speed, and how much of others it takes in: later and less than it would by itself.
 * All threads of the process have this in common.
 *
 * A sensor runs the same code for months, and is often given one processor. V8 is made for programs that end soon: it
 * compiles early, with little known of the types, and again when it knows more, on threads that take turns with those
 * that inspect. Measured with ET Open, mixed traffic and one processor:
 * - Compiling later: 17.5 s instead of 19.5 for 500 MB. With twice as much, 18.0: what V8's threads win, the others
 *   lose. The setting is one of Node 20, and so is the next. Later ones have a compiler between the quick one and the
 *   good one, and need none: they take 11.5 to 14 s of processor time for 200 MB where Node 20 takes 15 to 18.
 * - Compiling in the thread that asks for it, where there is one processor: 5 to 7 % on 200 MB. Threads that compile
 *   take that processor all the same, and what was in its caches with it. Node 26 takes 2 to 5 % more by it.
 * - Leaving the first round of a loop where it is (V8 makes a copy of it): 1.3 to 1.7 % on 200 MB, 0.4 % on 1 GB, with
 *   Node 20. Nothing with Node 26.
 * - Taking in less: 3 to 5 % of all processor time on 200 MB, 2 % on 500 MB, nothing on 1 GB, as the code is as fast.
 */
import { setFlagsFromString } from 'node:v8';
import { usableProcessors } from '../util/container-limits.js';

/** The first V8 that has a compiler between the two, and does not know the budget (Node 22). */
const WITH_THIRD_COMPILER = 12;
/** Bytes of bytecode that a function runs before it is looked at; V8's own is 67 584. */
const INTERRUPT_BUDGET = 132_000;
/** Bytes of bytecode of a function that is taken into another, and of all of them; V8's own are 460 and 920. */
const INLINED_BYTES = 200;
const ALL_INLINED_BYTES = 400;

/** To be called before threads are started. */
export function compileLater(v8 = process.versions.v8, processors = usableProcessors()): void {
  if (parseInt(v8) < WITH_THIRD_COMPILER) {
    setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET}`);
    setFlagsFromString('--no-turbo-loop-peeling');
    if (processors <= 1) setFlagsFromString('--no-concurrent-recompilation');
  }
  setFlagsFromString(`--max-inlined-bytecode-size=${INLINED_BYTES}`);
  setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${ALL_INLINED_BYTES}`);
}
