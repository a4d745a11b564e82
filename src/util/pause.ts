/** Pauses of the event loop that may be cut short. */
import { setTimeout as pause } from 'node:timers/promises';

/** Resolves after `ms` milliseconds, or as soon as it is over. */
export async function pauseUntil(over: AbortSignal, ms: number): Promise<void> {
  try {
    await pause(ms, undefined, { signal: over });
  } catch {
    // It is over.
  }
}
