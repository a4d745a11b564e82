/**
 * Layout of the index of rules without a pattern, for what writes it (unfiltered-index.ts, header-index.ts) and what
 * reads it.
 */

/** Words of a transport's row. */
export const CLASS = {
  /**
   * Roots of the indexes of headers: of rules that are their header alone, and of others; for IPv4 (or no IP) and IPv6.
   */
  headerAlone: 0,
  headerAlone6: 1,
  headers: 2,
  headers6: 3,
  /** First of 256 entries: list start, list end. */
  byByte: 4,
  /** List start and end of those that ask for a malformation or an event: packets that have any look at all of them. */
  remarkable: 5,
  remarkableEnd: 6,
  /** The same of those that ask for a flowbit: where the flow has any, or a rule that may set one is looked at. */
  marked: 7,
  markedEnd: 8,
} as const;
export const CLASS_WORDS = 9;
export const BYTE_ENTRY_WORDS = 2;

/** Words of a node: of each split the first entry and the number of entries, then start and end of the plain list. */
export const NODE = { sources: 0, destinations: 2, sourcePorts: 4, destinationPorts: 6, rest: 8 } as const;
export const NODE_WORDS = 10;
export const NODE_FOLLOWS = -1;
/** Words of an entry behind its first value. */
export const CHILD_WORDS = 2;
