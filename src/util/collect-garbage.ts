/**
 * Has V8 collect now what is of no use any more. Stage: any; for rare moments alone, as the thread stands still for it
 * (20 to 60 ms with Emerging Threats Open).
 *
 * A shared buffer counts for nothing in the heaps of the threads that know it. Where little else is allocated, rules
 * that were replaced would stay for hours (40 MB for each reload of Emerging Threats Open).
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

export function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}
