/**
 * Numbers for the names of bits, flows' numbers and datasets: a hash of the name, so that state survives a reload.
 * Stage: load.
 */

/** Ids are 31 bits, from 1. */
const LIMIT = 0x7fffffff;

/**
 * An id for each name. Names in `known` keep theirs; of two that hash alike, the alphabetically later takes the next
 * free number, so that the order of the rules does not matter.
 */
export function assignBitIds(
  names: readonly string[],
  known: ReadonlyMap<string, number> = new Map(),
): Map<string, number> {
  const taken = new Set(known.values());
  const ids = new Map<string, number>();
  for (const name of [...new Set(names)].sort()) {
    const id = known.get(name) ?? firstFree(hashName(name), taken);
    taken.add(id);
    ids.set(name, id);
  }
  return ids;
}

function firstFree(start: number, taken: ReadonlySet<number>): number {
  let id = start;
  while (taken.has(id)) id = id === LIMIT ? 1 : id + 1;
  return id;
}

/** FNV-1a over the UTF-8 bytes, folded to 31 bits. */
export function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(name, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash ^ (hash >>> 31)) & LIMIT || 1;
}
