/**
 * Packets, bytes and last-seen time per mirror session (VNI), in shared memory: of what a dispatcher has received, and
 * of what a shard has missed in streams (holes in place of packets). Stage: metrics.
 *
 * Up to `cap` VNIs have a row each, all others share the row `other`, which bounds memory and label cardinality. When
 * all rows are taken, a new VNI gets the one of a session that was forgotten, or else of a stray: a VNI of few packets
 * that has brought none for a minute. So neither removed sessions nor strays keep others out for good, and strays do
 * not push out a session that has fallen silent. One writer, any reader: a row's
 * VNI is taken away first and published last, so a reader sees at worst a row that is one packet behind. `count` looks
 * at a bounded number of rows, and allocates nothing but for the first packet of a VNI.
 *
 *   words  0 cap | 1 seconds until a session is forgotten | 2 - … 16 vni + 1 per row (0: free)
 *   doubles  0 rows given to another VNI | packets, bytes, lastUs per row, `other` last
 */

export interface VniCount {
  /** -1 stands for all VNIs without a row. */
  readonly vni: number;
  readonly packets: number;
  readonly bytes: number;
  readonly lastSeenUs: number;
}

export const OTHER_VNI = -1;
const HEADER_WORDS = 16;
const COLUMNS = 3;
/** Rows that a new VNI looks at in a full table; the next one goes on behind them. */
const LOOKED_AT = 16;
/** Fewer packets are a stray's, whose row can be had after so long a silence. */
const STRAY_PACKETS = 1000;
const STRAY_SILENCE_US = 60e6;
const NONE = -1;

const doublesAt = (cap: number): number => Math.ceil((4 * (HEADER_WORDS + cap)) / 8) * 8;
const doublesFor = (cap: number): number => 1 + (cap + 1) * COLUMNS;

export class VniTable {
  readonly forgetUs: number;
  private readonly cap: number;
  private readonly keys: Int32Array;
  private readonly replacements: Float64Array;
  private readonly columns: Float64Array;
  /** The writer's way to a row. */
  private readonly rows = new Map<number, number>();
  private lastVni = NONE;
  private lastRow = 0;
  private hand = 0;

  /** Opens a table that `allocate` made. */
  constructor(memory: SharedArrayBuffer) {
    const [cap, forgetSeconds] = new Int32Array(memory, 0, HEADER_WORDS);
    this.cap = cap;
    this.forgetUs = forgetSeconds * 1e6;
    this.keys = new Int32Array(memory, 4 * HEADER_WORDS, cap);
    const doubles = new Float64Array(memory, doublesAt(cap), doublesFor(cap));
    this.replacements = doubles.subarray(0, 1);
    this.columns = doubles.subarray(1);
    // A writer may follow one that has died.
    for (let row = 0; row < cap; row++) if (this.keys[row] !== 0) this.rows.set(this.keys[row] - 1, row);
  }

  static allocate(cap: number, forgetSeconds: number): SharedArrayBuffer {
    const memory = new SharedArrayBuffer(doublesAt(cap) + 8 * doublesFor(cap));
    new Int32Array(memory).set([cap, forgetSeconds]);
    return memory;
  }

  /** Counts one frame of a mirror session. */
  count(vni: number, bytes: number, timeUs: number): void {
    const row = vni === this.lastVni ? this.lastRow : this.rowOf(vni, timeUs);
    const at = row * COLUMNS;
    this.columns[at]++;
    this.columns[at + 1] += bytes;
    if (timeUs > this.columns[at + 2]) this.columns[at + 2] = timeUs;
  }

  /** Rows that were taken from one VNI for another. */
  get replaced(): number {
    return this.replacements[0];
  }

  /** All rows in use, by rising VNI, the one of the others last. */
  read(): VniCount[] {
    const counts: VniCount[] = [];
    for (let row = 0; row <= this.cap; row++) {
      const key = this.keyOf(row);
      const [packets, bytes, lastSeenUs] = this.columns.subarray(row * COLUMNS);
      // One that changes hands meanwhile is left out.
      if (packets === 0 || key === 0 || key !== this.keyOf(row)) continue;
      counts.push({ vni: row === this.cap ? OTHER_VNI : key - 1, packets, bytes, lastSeenUs });
    }
    return counts.sort(byVni);
  }

  private keyOf(row: number): number {
    return row === this.cap ? NONE : Atomics.load(this.keys, row);
  }

  private rowOf(vni: number, timeUs: number): number {
    const row = this.rows.get(vni) ?? this.place(vni, timeUs);
    if (row === this.cap) return row;
    this.lastVni = vni;
    this.lastRow = row;
    return row;
  }

  /** A row for a VNI that has none: its own, or that of the others. */
  private place(vni: number, timeUs: number): number {
    const row = this.rows.size < this.cap ? this.emptyRow() : this.freeRow(timeUs);
    if (row === NONE) return this.cap;
    this.rows.set(vni, row);
    Atomics.store(this.keys, row, vni + 1);
    return row;
  }

  /** Rows fill from the first on; only a writer that died while it emptied one has left one behind. */
  private emptyRow(): number {
    const next = this.rows.size;
    return this.keys[next] === 0 ? next : this.keys.indexOf(0);
  }

  /** Empties the row of the fewest packets among those at hand that may be taken. */
  private freeRow(timeUs: number): number {
    const { columns, cap } = this;
    let least = NONE;
    for (let i = 0; i < Math.min(LOOKED_AT, cap); i++) {
      const row = this.hand;
      this.hand = (row + 1) % cap;
      const packets = columns[row * COLUMNS];
      const silence = timeUs - columns[row * COLUMNS + 2];
      const free = silence > this.forgetUs || (packets < STRAY_PACKETS && silence > STRAY_SILENCE_US);
      if (free && (least === NONE || packets < columns[least * COLUMNS])) least = row;
    }
    if (least === NONE) return NONE;
    this.rows.delete(this.keys[least] - 1);
    Atomics.store(this.keys, least, 0);
    columns.fill(0, least * COLUMNS, (least + 1) * COLUMNS);
    this.lastVni = NONE;
    this.replacements[0]++;
    return least;
  }
}

/** Several tables (one per dispatcher) as one, without sessions that were last seen before `sinceUs`. */
export function mergeVniCounts(tables: readonly (readonly VniCount[])[], sinceUs: number): VniCount[] {
  const byKey = new Map<number, VniCount>();
  for (const { vni, packets, bytes, lastSeenUs } of tables.flat()) {
    const sum = byKey.get(vni) ?? { packets: 0, bytes: 0, lastSeenUs: 0 };
    byKey.set(vni, {
      vni,
      packets: sum.packets + packets,
      bytes: sum.bytes + bytes,
      lastSeenUs: Math.max(sum.lastSeenUs, lastSeenUs),
    });
  }
  return [...byKey.values()].filter(({ vni, lastSeenUs }) => vni === OTHER_VNI || lastSeenUs >= sinceUs).sort(byVni);
}

/** The row of the others last. */
function byVni(a: VniCount, b: VniCount): number {
  if (a.vni === OTHER_VNI || b.vni === OTHER_VNI) return Number(a.vni === OTHER_VNI) - Number(b.vni === OTHER_VNI);
  return a.vni - b.vni;
}
