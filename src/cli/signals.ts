/**
 * Signals from the first statement of the process on, before anything that takes long is loaded: until somebody takes
 * them over, those that come are kept. Imports nothing, so that it is there at once.
 *
 * SIGUSR1 is Node's own: without a listener it opens a debugger's port. It has one from here on, in every command.
 */

/** SIGHUP is the last, as it shows from outside that the others are there. */
const SIGNALS = ['SIGUSR1', 'SIGUSR2', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const;
export type HeededSignal = (typeof SIGNALS)[number];

const early = new Set<HeededSignal>();
const keep = (signal: NodeJS.Signals): void => void early.add(signal as HeededSignal);

export function keepSignals(): void {
  for (const signal of SIGNALS) process.on(signal, keep);
}

/** From now on `handle` gets every signal, those first that were kept. */
export function takeSignals(handle: (signal: HeededSignal) => void): void {
  for (const signal of SIGNALS) process.on(signal, () => handle(signal));
  for (const signal of stopKeeping()) handle(signal);
}

/** Signals have the effect again that they have by default, those that were kept too; SIGUSR1 has none. */
export function releaseSignals(): void {
  process.on('SIGUSR1', () => undefined);
  for (const signal of stopKeeping()) if (signal !== 'SIGUSR1') process.kill(process.pid, signal);
}

/** Signals that end a process do so again. */
export function releaseEndingSignals(): void {
  process.removeAllListeners('SIGTERM').removeAllListeners('SIGINT');
}

function stopKeeping(): readonly HeededSignal[] {
  for (const signal of SIGNALS) process.off(signal, keep);
  const kept = [...early];
  early.clear();
  return kept;
}
