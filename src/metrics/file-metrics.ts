/** Metrics of files that are stored. Stage: metrics. */
import { SHARD_SLOTS, STORE_SLOTS, type ShardCounter, type StoreCounter } from '../counters/names.js';
import { counter, gauge, many, type MetricDefinition, type Read } from './definition.js';
import type { MetricsSnapshot } from './snapshot.js';

const store =
  (slot: StoreCounter): Read<MetricsSnapshot> =>
  ({ fileStore }) =>
    fileStore?.[STORE_SLOTS[slot]] ?? 0;

const LOSSES: readonly { readonly reason: string; readonly slot: ShardCounter }[] = [
  { reason: 'incomplete', slot: 'filesLostIncomplete' },
  { reason: 'size', slot: 'filesLostSize' },
  { reason: 'room', slot: 'filesLostRoom' },
];
const GIVEN_UP: readonly { readonly reason: string; readonly slot: StoreCounter }[] = [
  { reason: 'files', slot: 'overFiles' },
  { reason: 'bytes', slot: 'overBytes' },
  { reason: 'copies', slot: 'overCopies' },
];

export const FILE_METRICS: readonly MetricDefinition[] = [
  gauge('file_store_files', 'Files in fileStore.directory.', store('files')),
  gauge('file_store_bytes', 'Bytes of these files.', store('bytes')),
  counter('file_store_stored_total', 'Files stored.', store('stored')),
  counter('file_store_stored_bytes_total', 'Bytes of these.', store('storedBytes')),
  counter('file_store_known_total', 'Files not stored again, as their bytes were there.', store('known')),
  many(
    'counter',
    'file_store_lost_total',
    'Files that a rule wanted and that were not handed on: bytes missing, larger than fileStore.fileBytes, no room.',
    () => LOSSES,
    { reason: ({ reason }) => reason },
    ({ slot }, { totals }) => totals.shard[SHARD_SLOTS[slot]],
  ),
  many(
    'counter',
    'file_store_given_up_total',
    'Copies given up: as many files, or bytes, as the directory may have; too many under way at a time.',
    () => GIVEN_UP,
    { reason: ({ reason }) => reason },
    ({ slot }, { fileStore }) => fileStore?.[STORE_SLOTS[slot]] ?? 0,
  ),
  counter('file_store_errors_total', 'Failed calls while storing files; each costs a copy.', store('errors')),
];
