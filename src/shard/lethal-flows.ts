/**
 * Flows at which a shard has died twice, by their hashes: the rest of them is not inspected any more, so that a talk
 * whose every packet breaks a shard breaks two. Stage: shard.
 *
 * They lie in the words that a shard shares with the main thread, which alone writes them: a flow while the shard is
 * down. At most 32, the oldest gives way; forgotten with the next rules, which may not break at them, and after ten
 * minutes without a death.
 */
import { CONTROL } from './task.js';

export const MOST_LETHAL_FLOWS = 32;
/** Flows that one death was at. */
const MOST_SUSPECTS = 64;
const FORGOTTEN_MS = 600_000;

/** Whether the flow with this hash is left out. */
export function isLethal(control: Int32Array, flowHash: number): boolean {
  const end = CONTROL.firstLethalFlow + control[CONTROL.lethalFlows];
  for (let at = CONTROL.firstLethalFlow; at < end; at++) if (control[at] === flowHash) return true;
  return false;
}

/** The main thread's side, for one shard. */
export class LethalFlows {
  private readonly control: Int32Array;
  private readonly suspects = new Set<number>();
  private next = 0;
  private blamedMs = 0;

  constructor(control: Int32Array) {
    this.control = control;
  }

  /** The shard has died at the flow that it says it was at. @returns whether that is left out from now on. */
  blame(nowMs: number): boolean {
    const { control, suspects } = this;
    const flowHash = control[CONTROL.flow];
    control[CONTROL.flow] = 0;
    if (flowHash === 0) return false;
    this.blamedMs = nowMs;
    if (!suspects.delete(flowHash)) {
      suspects.add(flowHash);
      if (suspects.size > MOST_SUSPECTS) suspects.delete(suspects.values().next().value!);
      return false;
    }
    control[CONTROL.firstLethalFlow + this.next] = flowHash;
    this.next = (this.next + 1) % MOST_LETHAL_FLOWS;
    Atomics.store(control, CONTROL.lethalFlows, Math.min(control[CONTROL.lethalFlows] + 1, MOST_LETHAL_FLOWS));
    return true;
  }

  /** Forgets what has not been seen to break anything for long. */
  age(nowMs: number): void {
    if (nowMs - this.blamedMs > FORGOTTEN_MS) this.forget();
  }

  forget(): void {
    this.suspects.clear();
    this.next = 0;
    Atomics.store(this.control, CONTROL.lethalFlows, 0);
  }
}
