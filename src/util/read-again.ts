/**
 * The second look at a word that says whether what was read in between is whole (a sequence lock, a position).
 *
 * An atomic load will not do: it keeps later reads behind it, not earlier ones before it, and ARM64 may carry out the
 * plain reads of the data after it. Adding nothing is a write too. What was read before stays before that write, and
 * whoever changes the word comes before or behind it: so data that were changed meanwhile cannot have been read with
 * the old value.
 */
export function readAgain(words: Int32Array, at: number): number {
  return Atomics.add(words, at, 0);
}
