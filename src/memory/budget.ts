/**
 * What the sensor may come to use of the memory it has, by its settings: known before anything is allocated. Stage:
 * memory.
 *
 * Pure: numbers in, a plan out. Every table counts as full, every buffer too, since a flood fills them; what threads
 * and rules take is an estimate. A plan that does not fit says which setting to lower, and to what.
 */
import { keptBytesFor, PAGE_BYTES } from './arena.js';
import { LEAST_OBJECT_BYTES, objectBytesOf } from './object-bytes.js';
import { layOut, MOST_SHARD_BYTES, type ShardLayout, type ShardSizes } from './layout.js';

const KIB = 1024;
const MIB = 1024 * KIB;

/** What a shard's memory follows from, by the key of the setting. */
export interface ShardSettings {
  readonly workers: number;
  readonly 'ring.bytes': number;
  readonly 'patterns.bytes': number;
  readonly 'stream.memory': number;
  readonly 'flow.cap': number;
}

/** By the key of the setting; `sockets` counts all that are opened. */
export interface MemorySettings extends ShardSettings {
  readonly sockets: number;
  /** A thread stores files, with a ring of each shard. */
  readonly storesFiles: boolean;
  /** Places that events go to, each with a buffer. */
  readonly outputs: number;
  /** 0 where no evidence is asked for. */
  readonly 'evidence.bytes': number;
  readonly 'candidates.bytes': number;
  readonly 'datasets.bytes': number;
  readonly 'thresholds.cap': number;
  readonly 'tags.hosts': number;
  readonly 'eve.bufferBytes': number;
  readonly 'defrag.bytes': number;
  readonly receiveBufferBytes: number;
}

export interface MemoryPlan {
  /** Bytes by what they are for. */
  readonly items: Readonly<Record<string, number>>;
  readonly totalBytes: number;
  /** What a shard's own heap may grow to. */
  readonly shardHeapBytes: number;
  /** Why it does not fit, and what to do. */
  readonly problem: string | undefined;
}

/**
 * Node itself, with the main thread's heap; a thread with its heap; rules of middling size, and loading them. Pattern
 * tables are in what rules take, as they are used: nobody but the rules fills them.
 */
const BASE_BYTES = 80 * MIB;
const THREAD_BYTES = 16 * MIB;
const RULES_BYTES = 64 * MIB;
/** Threads besides shards and sockets: loader, admin port. */
const OTHER_THREADS = 2;
/** Packets that are remembered to tell copies (shard/duplicates.ts), where mirror sessions are grouped. */
export const DUPLICATE_ENTRIES = 32_768;
const DUPLICATE_BYTES = 24;
/** Of a flow: its record (flow/record.ts), and columns besides (table, origins, duplicates), without chains' heads. */
export const RECORD_BYTES = 256;
const COLUMN_BYTES = 9 + 38 + 4;
/** Measured on Node 20: key, entry and place in the map. */
const THRESHOLD_BYTES = 400;
/** A tag of a host, and marks of hosts with counts of mirror sessions. */
const TAG_BYTES = 144;
const HOST_TABLE_BYTES = 6 * MIB;
/** Of a shard's ring to who stores files. */
export const FILE_RING_BYTES = 4 * MIB;
/** 256 datagrams of a jumbo frame. */
const RECEIVE_SLAB_BYTES = 256 * 9216;
/** Evidence that waits for its disk. */
export const EVIDENCE_BUFFER_BYTES = 16 * MIB;
/** Files of evidence at most, each of which is known by its name. */
export const EVIDENCE_FILES = 65_536;
const EVIDENCE_NAME_BYTES = 192;
/** Flows that a socket's thread keeps in mind for an overload (dispatch/flow-admission.ts). */
export const ADMISSION_FLOWS = 131_072;
const ADMISSION_BYTES = 4 * ADMISSION_FLOWS;
const LEAST_HEAP_BYTES = 128 * MIB;
/** More is a sign of something that is not counted, which then makes flows give way (shard/heap-watch.ts). */
const MOST_HEAP_BYTES = 1024 * MIB;

type Lowered = Exclude<keyof MemorySettings, 'sockets' | 'storesFiles' | 'outputs'>;

/** Sizes of a shard's memory; how many rings it has is known to whoever opens the sources. */
export function shardSizes(settings: ShardSettings): Omit<ShardSizes, 'rings'> {
  return {
    ringBytes: settings['ring.bytes'],
    tableBytes: settings['patterns.bytes'],
    keptBytes: keptBytesFor(settings['flow.cap']),
    streamBytes: Math.ceil(settings['stream.memory'] / settings.workers / PAGE_BYTES) * PAGE_BYTES,
    recordBytes: settings['flow.cap'] * RECORD_BYTES,
  };
}

/** What may be lowered, with the least value that makes sense to name and what a value is rounded down to. */
const LOWERABLE: Readonly<Record<Lowered, { readonly least: number; readonly step: number }>> = {
  'flow.cap': { least: 4096, step: 1024 },
  'thresholds.cap': { least: 4096, step: 1024 },
  'stream.memory': { least: 8 * MIB, step: MIB },
  'ring.bytes': { least: MIB, step: MIB },
  'patterns.bytes': { least: MIB, step: MIB },
  'datasets.bytes': { least: MIB, step: MIB },
  'eve.bufferBytes': { least: MIB, step: MIB },
  'defrag.bytes': { least: MIB, step: MIB },
  receiveBufferBytes: { least: MIB, step: MIB },
  'evidence.bytes': { least: MIB, step: MIB },
  'candidates.bytes': { least: MIB, step: MIB },
  'tags.hosts': { least: 1024, step: 1024 },
  workers: { least: 1, step: 1 },
};

/**
 * @param whose whose memory `limitBytes` is, for the message.
 * @param processors with more workers than these, their number is what to lower.
 */
export function planMemory(
  settings: MemorySettings,
  limitBytes: number,
  whose = 'container',
  processors = Infinity,
): MemoryPlan {
  const least = itemsOf(settings);
  const leastBytes = sum(least);
  const spare = Math.max(0, limitBytes - leastBytes) / settings.workers;
  const shardHeapBytes = Math.min(
    MOST_HEAP_BYTES,
    Math.max(LEAST_HEAP_BYTES, THREAD_BYTES + LEAST_OBJECT_BYTES + spare),
  );
  const items = { ...least, applications: settings.workers * objectBytesOf(shardHeapBytes) };
  const problem = problemOf(settings, leastBytes, limitBytes, whose, processors);
  return { items, totalBytes: sum(items), shardHeapBytes, problem };
}

function problemOf(
  settings: MemorySettings,
  totalBytes: number,
  limitBytes: number,
  whose: string,
  processors: number,
): string | undefined {
  const shardBytes = layoutOf(settings).totalBytes;
  if (totalBytes > limitBytes) {
    const has = inMib(limitBytes, Math.floor);
    return `the settings may come to use ${inMib(totalBytes)} of memory, and the ${whose} has ${has}: ${remedy(settings, limitBytes, processors)}`;
  }
  if (shardBytes <= MOST_SHARD_BYTES) return undefined;
  return `a shard may come to use ${inMib(shardBytes)} of memory, and can have ${inMib(MOST_SHARD_BYTES)}: ${remedy(settings, limitBytes, processors)}`;
}

const layoutOf = (settings: MemorySettings): ShardLayout =>
  layOut({ ...shardSizes(settings), rings: settings.sockets });

function itemsOf(settings: MemorySettings): Record<string, number> {
  const { workers, sockets } = settings;
  const cap = settings['flow.cap'];
  const { parts } = layoutOf(settings);
  return {
    process: BASE_BYTES + (workers + sockets + OTHER_THREADS) * THREAD_BYTES,
    rules: RULES_BYTES,
    rings: workers * parts.rings,
    candidates: workers * powerOfTwo(settings['candidates.bytes']),
    flows: workers * (parts.flows + cap * COLUMN_BYTES + 4 * powerOfTwo(cap) + DUPLICATE_ENTRIES * DUPLICATE_BYTES),
    streams: workers * parts.arena,
    applications: workers * LEAST_OBJECT_BYTES,
    // Cells, and at most a bucket of eight bytes for each.
    datasets: (settings['datasets.bytes'] * 9) / 8,
    thresholds: settings['thresholds.cap'] * THRESHOLD_BYTES,
    hosts: HOST_TABLE_BYTES + settings['tags.hosts'] * TAG_BYTES,
    fragments: sockets * settings['defrag.bytes'],
    receiving: sockets * (settings.receiveBufferBytes + RECEIVE_SLAB_BYTES + ADMISSION_BYTES),
    events: settings.outputs * settings['eve.bufferBytes'],
    evidence: evidenceOf(settings),
    files: settings.storesFiles ? THREAD_BYTES + workers * FILE_RING_BYTES : 0,
  };
}

/** Packets of each shard and three columns of its flows; what waits to be written, and files that are there. */
function evidenceOf(settings: MemorySettings): number {
  const bytes = settings['evidence.bytes'];
  if (bytes === 0) return 0;
  const ofShards = settings.workers * (bytes + settings['flow.cap'] * 24);
  return ofShards + EVIDENCE_BUFFER_BYTES + EVIDENCE_FILES * EVIDENCE_NAME_BYTES;
}

const totalOf = (settings: MemorySettings): number => sum(itemsOf(settings));
const fitsIn = (settings: MemorySettings, limitBytes: number): boolean =>
  totalOf(settings) <= limitBytes && layoutOf(settings).totalBytes <= MOST_SHARD_BYTES;

/** One setting that suffices, the one that takes most first; else several, each to its least but the last. */
function remedy(settings: MemorySettings, limitBytes: number, processors: number): string {
  const { workers } = settings;
  if (workers > processors) {
    // More of them than processors only take turns.
    const fewer = { ...settings, workers: Math.max(1, Math.floor(processors)) };
    const first = `lower workers to ${fewer.workers} (processors: ${processors})`;
    return fitsIn(fewer, limitBytes) ? first : `${first}; then ${remedy(fewer, limitBytes, processors)}`;
  }
  const keys = (Object.keys(LOWERABLE) as Lowered[]).filter((key) => settings[key] > LOWERABLE[key].least);
  const saved = (key: Lowered): number => totalOf(settings) - totalOf({ ...settings, [key]: LOWERABLE[key].least });
  const byWeight = keys
    .map((key) => ({ key, saves: saved(key) }))
    .sort((a, b) => Number(a.key === 'workers') - Number(b.key === 'workers') || b.saves - a.saves);
  for (const { key } of byWeight) {
    const value = largestFitting(settings, key, limitBytes);
    if (value !== undefined) return `lower ${shown(key, value)}`;
  }
  const steps: string[] = [];
  let lowered = settings;
  for (const { key } of byWeight) {
    const value = largestFitting(lowered, key, limitBytes);
    steps.push(shown(key, value ?? LOWERABLE[key].least));
    lowered = { ...lowered, [key]: value ?? LOWERABLE[key].least };
    if (value !== undefined) return `lower ${steps.join(', ')}`;
  }
  return `give it at least ${inMib(totalOf(lowered))}${steps.length === 0 ? '' : `, and lower ${steps.join(', ')}`}`;
}

/** The largest value of the setting with which all fits, in its steps; undefined where not even the least one does. */
function largestFitting(settings: MemorySettings, key: Lowered, limitBytes: number): number | undefined {
  const { least, step } = LOWERABLE[key];
  const fits = (value: number): boolean => fitsIn({ ...settings, [key]: value }, limitBytes);
  if (!fits(least)) return undefined;
  let low = Math.floor(least / step);
  let high = Math.floor(settings[key] / step);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle * step)) low = middle;
    else high = middle - 1;
  }
  return low * step;
}

const shown = (key: Lowered, value: number): string =>
  `${key} to ${/(bytes|memory)$/i.test(key) ? `${value / MIB}MiB` : value}`;
const inMib = (bytes: number, round = Math.ceil): string => `${round(bytes / MIB)} MiB`;
const powerOfTwo = (value: number): number => 2 ** Math.ceil(Math.log2(value));
const sum = (items: Readonly<Record<string, number>>): number =>
  Object.values(items).reduce((total, bytes) => total + bytes, 0);
