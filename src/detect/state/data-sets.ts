/**
 * The datasets of a rule set, as a shard looks into them: those that no rule changes in the block, the others in the
 * table that all shards share. Stage: detect (verify). Allocates nothing after construction.
 */
import type { DatasetType } from '../../block/terms.js';
import { hashBytes, sameBytes } from '../../util/hash.js';
import { allocateDataTable, BUSY, DataTable, entryBytes } from './data-table.js';
import {
  DATASET,
  DATASET_ENTRY,
  DATASET_ENTRY_WORDS,
  DATASET_TYPES,
  DATASET_WORDS,
  MAX_DATASET_CHANGES,
} from '../../block/rule-block.js';
import { DATASET_OPERATIONS } from '../../block/step-layout.js';
import type { RuleSet } from '../../block/rule-set.js';

const operation = (name: (typeof DATASET_OPERATIONS)[number]): number => DATASET_OPERATIONS.indexOf(name);
const ISSET = operation('isset');
const ISNOTSET = operation('isnotset');
const SET = operation('set');
const UNSET = operation('unset');
const LESS = operation('<');
const GREATER = operation('>');

/** Length of a type's values; 0: any. Addresses of type ip have 4 or 16 bytes. */
const LENGTHS: Readonly<Record<DatasetType, number>> = {
  string: 0,
  md5: 16,
  sha1: 20,
  sha256: 32,
  ipv4: 4,
  ip: 4,
};
const LENGTH_BY_TYPE = Int32Array.from(DATASET_TYPES, (type) => LENGTHS[type]);
const IP = DATASET_TYPES.indexOf('ip');

/** Datasets of a rule whose objects an alert shows; a rule may have more, of which the first are shown. */
const MOST_OBJECTS = 8;

/** Of the table that a detector by itself makes. */
const OWN_TABLE_BYTES = 1_048_576;

/** What the main thread knows of a dataset that rules change. */
export interface ChangingDataset {
  readonly id: number;
  readonly name: string;
  readonly type: DatasetType;
  /** Undefined where it is not to be saved. */
  readonly save: string | undefined;
}

export class DataSets {
  private readonly rules: RuleSet;
  private readonly table: DataTable | undefined;
  /** By set: its row in the table, -1 where it has none. */
  private readonly rows: Int32Array;
  /** Steps of the rule at hand that have changed a set, and whether they passed. */
  private readonly changed = new Int32Array(MAX_DATASET_CHANGES);
  private readonly passed = new Uint8Array(MAX_DATASET_CHANGES);
  private changes = 0;
  /** Sets in which the rule at hand has found an entry with an object, and the objects, as strings of the rules. */
  private readonly objectSets = new Int32Array(MOST_OBJECTS);
  private readonly objects = new Int32Array(MOST_OBJECTS);
  private objectCount = 0;

  /**
   * `table` is where sets that rules change live, and knows them already (`installDatasets`); without one they have
   * their own.
   */
  constructor(rules: RuleSet, table: DataTable | undefined) {
    this.rules = rules;
    this.rows = new Int32Array(rules.datasets[0]).fill(-1);
    this.table = table ?? (rules.changesDatasets ? new DataTable(allocateDataTable(OWN_TABLE_BYTES)) : undefined);
    if (table === undefined) this.restart();
    else this.findRows();
  }

  /** Forgets what rules have added and taken out; only while no other shard looks at the table. */
  restart(): void {
    if (this.table === undefined || !this.rules.changesDatasets) return;
    this.table.clear();
    installDatasets(this.rules, this.table);
    this.findRows();
  }

  /** Before a rule is looked at: no object was found. */
  beginRule(): void {
    this.objectCount = 0;
  }

  /** Objects of the entries that the rule at hand has found, as members of `context`; '' for none. */
  contextMembers(): string {
    if (this.objectCount === 0) return '';
    const members = new Map<string, string>();
    for (let i = 0; i < this.objectCount; i++) {
      const text = this.rules.text(this.objects[i]);
      const key = this.rules.text(this.rules.datasets[rowAt(this.objectSets[i]) + DATASET.context]);
      if (text !== '') members.set(key, text);
    }
    return [...members].map(([key, text]) => `"${key}":${text}`).join(',');
  }

  /** Before the steps of a rule: nothing is remembered. */
  begin(): void {
    this.changes = 0;
  }

  /** Whether the step at word `step` with this set, operation and number passes on the bytes. */
  passes(
    step: number,
    set: number,
    asked: number,
    value: number,
    bytes: Uint8Array,
    start: number,
    length: number,
  ): boolean {
    if (length === 0) return false;
    const at = rowAt(set);
    const fits = this.fits(at, length);
    if (asked === SET || asked === UNSET) return fits && this.change(step, set, asked, bytes, start, length);
    const found = fits ? this.find(at, bytes, start, length) : -1;
    if (asked === ISSET) {
      if (found >= 0 && this.rules.datasets[at + DATASET.context] >= 0) this.note(set, found);
      return found >= 0;
    }
    if (asked === ISNOTSET) return found < 0;
    if (found < 0) return false;
    if (asked === LESS) return found < value;
    return asked === GREATER ? found > value : found === value;
  }

  /** What is found later takes the place of what was found before. */
  private note(set: number, object: number): void {
    let at = 0;
    while (at < this.objectCount && this.objectSets[at] !== set) at++;
    if (at === MOST_OBJECTS) return;
    if (at === this.objectCount) this.objectCount++;
    this.objectSets[at] = set;
    this.objects[at] = object;
  }

  private fits(at: number, length: number): boolean {
    const type = this.rules.datasets[at + DATASET.type];
    const wanted = LENGTH_BY_TYPE[type];
    return wanted === 0 || length === wanted || (type === IP && length === 16);
  }

  /** The number of the value, or -1. */
  private find(at: number, bytes: Uint8Array, start: number, length: number): number {
    const { datasets, datasetBytes } = this.rules;
    if (datasets[at + DATASET.changes] === 1) return this.table!.find(datasets[at + DATASET.id], bytes, start, length);
    if (length < datasets[at + DATASET.shortest] || length > datasets[at + DATASET.longest]) return -1;
    const hash = hashBytes(bytes, start, length, datasets[at + DATASET.seed]);
    const mask = datasets[at + DATASET.mask];
    const slots = datasets[at + DATASET.slots];
    const entries = datasets[at + DATASET.entries];
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = datasets[slots + slot];
      if (number === 0) return -1;
      const entry = entries + (number - 1) * DATASET_ENTRY_WORDS;
      if (datasets[entry + DATASET_ENTRY.hash] !== hash || datasets[entry + DATASET_ENTRY.length] !== length) continue;
      if (sameBytes(datasetBytes, datasets[entry + DATASET_ENTRY.at], bytes, start, length))
        return datasets[entry + DATASET_ENTRY.value];
    }
  }

  /** Changes the set, or says again what came of it where the step was reached before. */
  private change(step: number, set: number, asked: number, bytes: Uint8Array, start: number, length: number): boolean {
    for (let i = 0; i < this.changes; i++) if (this.changed[i] === step) return this.passed[i] === 1;
    const at = rowAt(set);
    const id = this.rules.datasets[at + DATASET.id];
    const passed =
      asked === UNSET
        ? this.table!.remove(id, this.rows[set], bytes, start, length)
        : this.table!.add(id, this.rows[set], this.rules.datasets[at + DATASET.memcap], bytes, start, length, 0) === 1;
    this.changed[this.changes] = step;
    this.passed[this.changes++] = Number(passed);
    return passed;
  }

  private findRows(): void {
    if (this.table === undefined) return;
    for (let set = 0; set < this.rows.length; set++) {
      const at = rowAt(set);
      if (this.rules.datasets[at + DATASET.changes] === 1)
        this.rows[set] = this.table.findSet(this.rules.datasets[at + DATASET.id]);
    }
  }
}

const rowAt = (set: number): number => 1 + set * DATASET_WORDS;

/** The datasets of the rules that change. */
export function changingDatasets(rules: RuleSet): ChangingDataset[] {
  return changingRows(rules).map((at) => {
    const save = rules.datasets[at + DATASET.save];
    return {
      id: rules.datasets[at + DATASET.id],
      name: rules.text(rules.datasets[at + DATASET.name]),
      type: DATASET_TYPES[rules.datasets[at + DATASET.type]],
      save: save < 0 ? undefined : rules.text(save),
    };
  });
}

/** Entries of one step. */
const INSTALL_STEP = 4096;

/**
 * Makes the table know the sets that the rules change: one that is new to it starts with its entries, the others go on.
 * @returns ids of sets whose entries had no room, not all of them.
 */
export function installDatasets(rules: RuleSet, table: DataTable): number[] {
  const steps = installingDatasets(rules, table);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** As `installDatasets`, in steps of a few milliseconds, of which each ends where a lock is somebody else's. */
export function* installingDatasets(rules: RuleSet, table: DataTable): Generator<undefined, number[]> {
  const { datasets, datasetBytes } = rules;
  const incomplete: number[] = [];
  for (const at of changingRows(rules)) {
    const id = datasets[at + DATASET.id];
    if (table.findSet(id) >= 0) continue;
    const row = table.addSet(id);
    let refused = 0;
    for (let entry = 0; entry < datasets[at + DATASET.count]; entry++) {
      const word = datasets[at + DATASET.entries] + entry * DATASET_ENTRY_WORDS;
      const add = (): number =>
        table.add(
          id,
          row,
          datasets[at + DATASET.memcap],
          datasetBytes,
          datasets[word + DATASET_ENTRY.at],
          datasets[word + DATASET_ENTRY.length],
          datasets[word + DATASET_ENTRY.value],
        );
      let added = add();
      for (; added === BUSY; added = add()) yield;
      if (added < 0) refused++;
      if (entry % INSTALL_STEP === INSTALL_STEP - 1) yield;
    }
    if (refused > 0) incomplete.push(id);
  }
  return incomplete;
}

/** What the sets that the rules change take of the table at the start. */
export function installedBytes(rules: RuleSet): number {
  const { datasets } = rules;
  let sum = 0;
  for (const at of changingRows(rules)) {
    for (let entry = 0; entry < datasets[at + DATASET.count]; entry++)
      sum += entryBytes(datasets[datasets[at + DATASET.entries] + entry * DATASET_ENTRY_WORDS + DATASET_ENTRY.length]);
  }
  return sum;
}

function changingRows({ datasets }: RuleSet): number[] {
  return Array.from({ length: datasets[0] }, (_, set) => rowAt(set)).filter(
    (at) => datasets[at + DATASET.changes] === 1,
  );
}
