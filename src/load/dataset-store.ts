/**
 * The datasets that rules change, on the main thread's side: their shared memory, what a new rule set brings or leaves
 * behind, and the files that they are saved to. Stage: load.
 *
 * A set goes on over a reload as long as rules name it. One that the rules in use do not name any more is forgotten at
 * the reload after: until then a shard may still be at the rules before.
 */
import { randomInt } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { changingDatasets, installingDatasets, type ChangingDataset } from '../detect/state/data-sets.js';
import { allocateDataTable, DataTable } from '../detect/state/data-table.js';
import type { RuleSet } from '../block/rule-set.js';
import { makeDirectory } from '../util/make-directory.js';
import { reasonOf } from '../util/reason.js';
import { MAIN_OWNER } from '../util/word-lock.js';
import { formatValue } from './dataset-file.js';

/** Characters written at a time, so that other work gets its turn. */
const CHUNK = 65_536;

export class DatasetStore {
  readonly memory: SharedArrayBuffer;
  readonly table: DataTable;
  private sets: readonly ChangingDataset[] = [];
  /** Sets that did not have room for all of their file. */
  private readonly incomplete = new Set<number>();

  /** `live`: nobody outside is to know which values share a bucket. */
  constructor(bytes: number, live: boolean) {
    this.memory = allocateDataTable(bytes, live ? randomInt(2 ** 31) : 0);
    this.table = new DataTable(this.memory, MAIN_OWNER);
  }

  /**
   * Makes ready for new rules, before any shard has them; nothing changes for those in use. A large set takes a while,
   * in which others get their turn.
   */
  async install(rules: RuleSet): Promise<void> {
    const named = new Set(this.sets.map(({ id }) => id));
    for (const id of this.table.setIds().filter((each) => !named.has(each))) {
      await inTurns(this.table.forget(id));
      this.incomplete.delete(id);
    }
    for (const id of await inTurns(installingDatasets(rules, this.table))) this.incomplete.add(id);
  }

  /** The rules are in use now. */
  use(rules: RuleSet): void {
    this.sets = changingDatasets(rules);
  }

  /** Writes every set that has a file, but for one that would lose what its file has. @returns what was not written. */
  async save(): Promise<string[]> {
    const problems: string[] = [];
    for (const set of this.sets) {
      if (set.save === undefined) continue;
      if (this.incomplete.has(set.id)) {
        problems.push(
          `the dataset ${set.name} is not written to ${set.save}, as it had no room for all that is there: raise datasets.bytes, or its memcap`,
        );
        continue;
      }
      try {
        await this.write(set, set.save);
      } catch (error) {
        problems.push(`the dataset ${set.name} cannot be written to ${set.save}: ${reasonOf(error)}`);
      }
    }
    return problems;
  }

  /** Whole or not at all: to a file beside it, which then takes its place. */
  private async write(set: ChangingDataset, path: string): Promise<void> {
    const temporary = `${path}.${process.pid}.tmp`;
    makeDirectory(dirname(path));
    try {
      const file = await open(temporary, 'w', 0o644);
      try {
        await this.writeLines(set, file);
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  private async writeLines({ id, type }: ChangingDataset, file: FileHandle): Promise<void> {
    let text = '';
    for (const value of this.table.contents(id)) {
      if (value === undefined) await turn();
      else text += `${formatValue(type, value)}\n`;
      if (text.length < CHUNK) continue;
      await file.write(text);
      text = '';
    }
    await file.write(text);
  }
}

/** Goes through steps; others get their turn in between. */
async function inTurns<Result>(steps: Generator<undefined, Result>): Promise<Result> {
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) await turn();
  return step.value;
}
