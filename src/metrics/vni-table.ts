/**
 * Packets, bytes and last-seen time per mirror session (VNI), in shared memory. Stage: metrics.
 *
 * Open addressing with linear probing; the first `cap` VNIs get a row each, all later ones share the row `other`, which
 * bounds memory, label cardinality and probe length. One writer (the dispatcher that owns the table), any reader: a row's
 * VNI is published last, and its columns only ever grow, so a reader sees at worst a row that is one packet behind.
 * `count` allocates nothing.
 *
 *   words  0 cap | 1 rows used | 2 - … 16 vni + 1 per slot (0: free) | doubles: packets, bytes, lastUs per slot, other last
 */

export interface VniCount {
  /** -1 stands for all VNIs beyond the cap. */
  readonly vni: number;
  readonly packets: number;
  readonly bytes: number;
  readonly lastSeenUs: number;
}

const HEADER_WORDS = 16;
const COLUMNS = 3;
export const OTHER_VNI = -1;

/** Twice the cap at least, so that probing ends at a free slot. */
const slotsFor = (cap: number): number => 2 ** Math.ceil(Math.log2(Math.max(2, 2 * cap)));
const doublesAt = (slots: number): number => Math.ceil((4 * (HEADER_WORDS + slots)) / 8) * 8;

export class VniTable {
  private readonly header: Int32Array;
  private readonly keys: Int32Array;
  private readonly columns: Float64Array;
  private readonly slots: number;

  /** Opens a table that `allocate` made. */
  constructor(memory: SharedArrayBuffer) {
    this.header = new Int32Array(memory, 0, HEADER_WORDS);
    this.slots = slotsFor(this.header[0]);
    this.keys = new Int32Array(memory, 4 * HEADER_WORDS, this.slots);
    this.columns = new Float64Array(memory, doublesAt(this.slots), (this.slots + 1) * COLUMNS);
  }

  static allocate(cap: number): SharedArrayBuffer {
    const slots = slotsFor(cap);
    const memory = new SharedArrayBuffer(doublesAt(slots) + (slots + 1) * COLUMNS * 8);
    new Int32Array(memory)[0] = cap;
    return memory;
  }

  /** Counts one frame of a mirror session. */
  count(vni: number, bytes: number, timeUs: number): void {
    const at = this.slotOf(vni) * COLUMNS;
    this.columns[at]++;
    this.columns[at + 1] += bytes;
    if (timeUs > this.columns[at + 2]) this.columns[at + 2] = timeUs;
  }

  /** All rows in use, by rising VNI, the one of the others last. */
  read(): VniCount[] {
    const rows: VniCount[] = [];
    for (let slot = 0; slot <= this.slots; slot++) {
      const key = slot < this.slots ? Atomics.load(this.keys, slot) : OTHER_VNI + 1;
      if (slot < this.slots && key === 0) continue;
      const [packets, bytes, lastSeenUs] = this.columns.subarray(slot * COLUMNS);
      if (packets > 0) rows.push({ vni: key - 1, packets, bytes, lastSeenUs });
    }
    return rows.sort(byVni);
  }

  private slotOf(vni: number): number {
    const { keys, header } = this;
    const mask = this.slots - 1;
    let slot = (Math.imul(vni, 0x9e3779b1) >>> 7) & mask;
    for (; keys[slot] !== 0; slot = (slot + 1) & mask) if (keys[slot] === vni + 1) return slot;
    if (header[1] >= header[0]) return this.slots;
    header[1]++;
    Atomics.store(keys, slot, vni + 1);
    return slot;
  }
}

/** Several tables (one per dispatcher) as one, again with `cap` rows at most. */
export function mergeVniCounts(tables: readonly (readonly VniCount[])[], cap: number): VniCount[] {
  const byKey = new Map<number, VniCount>();
  for (const row of tables.flat().sort(byVni)) {
    const vni = byKey.has(row.vni) || (row.vni !== OTHER_VNI && byKey.size < cap) ? row.vni : OTHER_VNI;
    const sum = byKey.get(vni) ?? { vni, packets: 0, bytes: 0, lastSeenUs: 0 };
    byKey.set(vni, {
      vni,
      packets: sum.packets + row.packets,
      bytes: sum.bytes + row.bytes,
      lastSeenUs: Math.max(sum.lastSeenUs, row.lastSeenUs),
    });
  }
  return [...byKey.values()].sort(byVni);
}

function byVni(a: VniCount, b: VniCount): number {
  if (a.vni === OTHER_VNI || b.vni === OTHER_VNI) return a.vni === b.vni ? 0 : a.vni === OTHER_VNI ? 1 : -1;
  return a.vni - b.vni;
}
