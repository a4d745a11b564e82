/**
 * When V8 compiles a function for speed: later than it would by itself. All threads of the process have this in common.
 *
 * A sensor runs the same code for months, and is often given one processor. V8 is made for programs that end soon: it
 * compiles early, with little known of the types, and again when it knows more, on threads that take turns with those
 * that inspect. Measured with ET Open on the first 200 MB of mixed traffic: a third less time in V8's threads, a tenth
 * less in all. Beyond the double of this what is won is lost again.
 */
import { setFlagsFromString } from 'node:v8';

/** Bytes of bytecode that a function runs before it is looked at; V8's own is 67 584. */
const INTERRUPT_BUDGET = 264_000;

/** To be called before threads are started. */
export function compileLater(): void {
  setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET}`);
}
