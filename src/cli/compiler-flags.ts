/**
 * How V8 compiles for speed: in which thread, and how much of other functions it takes into one. All threads of the
 * process have this in common.
 *
 * A sensor runs the same code for months, and is often given one processor. V8 is made for programs that end soon, on
 * machines with processors to spare: its threads that compile take turns with those that inspect. Measured with ET
 * Open, mixed traffic and one processor:
 * - Compiling in the thread that asks for it, where there is one processor: 5 to 7 % on 200 MB. Threads that compile
 *   take that processor all the same, and what was in its caches with it. A setting of Node 20, as is the next: later
 *   ones have a compiler between the quick one and the good one. Node 26 takes 2 to 5 % more by it.
 * - Leaving the first round of a loop where it is (V8 makes a copy of it): 1.3 to 1.7 % on 200 MB, 0.4 % on 1 GB, with
 *   Node 20. Nothing with Node 26.
 * - Taking in less: 3 to 5 % of all processor time on 200 MB, 2 % on 500 MB, nothing on 1 GB, as the code is as fast.
 *
 * When it compiles is left to V8. Twice as late was better while constants were looked up; without them (decision 47)
 * it costs 2 to 3 % on 200 MB, nothing on 1 GB, and half as late costs as much.
 */
import { setFlagsFromString } from 'node:v8';
import { usableProcessors } from '../util/container-limits.js';

/** The first V8 that has a compiler between the two (Node 22). */
const WITH_THIRD_COMPILER = 12;
/** Bytes of bytecode of a function that is taken into another, and of all of them; V8's own are 460 and 920. */
const INLINED_BYTES = 200;
const ALL_INLINED_BYTES = 400;

/** To be called before threads are started. */
export function setCompilerFlags(v8 = process.versions.v8, processors = usableProcessors()): void {
  if (parseInt(v8) < WITH_THIRD_COMPILER) {
    setFlagsFromString('--no-turbo-loop-peeling');
    if (processors <= 1) setFlagsFromString('--no-concurrent-recompilation');
  }
  setFlagsFromString(`--max-inlined-bytecode-size=${INLINED_BYTES}`);
  setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${ALL_INLINED_BYTES}`);
}
