/** Copies of files on their way to the store: what is copied, when, and what is lost. */
import { describe, expect, it } from 'vitest';
import { FILE_DATA_LIMIT } from '../../../src/app/file/file.js';
import { FileList } from '../../../src/app/file/file-list.js';
import type { FileStore } from '../../../src/app/file/file-store.js';
import { fileNeeds } from '../../../src/app/file/needs.js';
import type { Arena } from '../../../src/memory/arena.js';
import { FakeStream } from '../../support/fake-stream.js';

/** Writes down what it is told. */
class Ledger implements FileStore {
  readonly mostBytes = 200_000;
  room = Infinity;
  readonly kept: string[] = [];
  readonly losses: string[] = [];
  /** Under way, by number. */
  readonly open = new Map<number, string>();
  private readonly arena: Arena;
  private begun = 0;

  constructor(arena: Arena) {
    this.arena = arena;
  }

  begin(): number {
    if (this.open.size >= this.room) return 0;
    this.open.set(++this.begun, '');
    return this.begun;
  }

  append(copy: number, from: number, count: number): boolean {
    const text = Buffer.from(this.arena.bytes.slice(from, from + count)).toString('latin1');
    this.open.set(copy, this.open.get(copy)! + text);
    return true;
  }

  keep(copy: number): boolean {
    this.kept.push(this.open.get(copy)!);
    return this.open.delete(copy);
  }

  drop(copy: number): void {
    this.open.delete(copy);
  }

  lost(why: string): void {
    this.losses.push(why);
  }
}

function newFile(copiesAll = false) {
  const { arena, sides } = new FakeStream();
  const needs = fileNeeds(arena);
  const store = new Ledger(arena);
  needs.store = store;
  needs.copiesAll = copiesAll;
  const list = new FileList(arena);
  const file = list.open(null)!;
  const { start } = sides[0];
  const place = (text: string): number => {
    arena.bytes.set(Buffer.from(text), start);
    return start;
  };
  return {
    store,
    list,
    file,
    add: (text: string) => file.append(place(text), text.length),
    pass: (text: string) => file.pass(place(text), text.length),
  };
}

const LONG = 'x'.repeat(50_000);

describe('a copy', () => {
  it('has what came before and behind the match', () => {
    const { file, store, add } = newFile();
    add('before ');
    file.store(1);
    add('behind');
    expect(store.kept).toEqual([]);
    file.close();
    expect([store.kept, file.copy.isKept, file.copy.sids]).toEqual([['before behind'], true, [1]]);
  });

  it('is made of a file that is over', () => {
    const { file, store, add } = newFile();
    add('whole');
    file.close();
    file.store(1);
    file.store(2);
    expect([store.kept, file.copy.sids]).toEqual([['whole'], [1, 2]]);
  });

  it('goes on behind what is inspected', () => {
    const { file, store, add, pass } = newFile();
    file.store(1);
    for (let at = 0; at < FILE_DATA_LIMIT; at += LONG.length) add(LONG);
    expect(file.wantsAll).toBe(true);
    pass('rest');
    file.close();
    expect(store.kept[0]).toHaveLength(file.size);
    expect(store.kept[0]!.endsWith('rest')).toBe(true);
  });

  it('is none where bytes were gone by then, unless all files are copied from the start', () => {
    for (const copiesAll of [false, true]) {
      const { file, store, add, pass } = newFile(copiesAll);
      for (let at = 0; at < FILE_DATA_LIMIT; at += LONG.length) add(LONG);
      pass('rest');
      file.close();
      file.store(1);
      expect([store.kept.length, store.losses]).toEqual(copiesAll ? [1, []] : [0, ['incomplete']]);
    }
  });

  it('ends as the file does that was cut', () => {
    const { file, store, add } = newFile();
    file.store(1);
    add('cut');
    file.truncate();
    expect(store.kept).toEqual(['cut']);
  });

  it('is given up at a gap, before the match or behind it', () => {
    for (const isBefore of [true, false]) {
      const { file, store, add } = newFile();
      add('a');
      if (isBefore) file.gap(3);
      file.store(1);
      if (!isBefore) file.gap(3);
      add('b');
      file.close();
      expect([store.kept, store.losses, store.open.size, file.copy.isKept]).toEqual([[], ['incomplete'], 0, false]);
    }
  });

  it('is given up where it is too large, or there is no room', () => {
    const large = newFile();
    large.file.store(1);
    for (let count = 0; count < 5; count++) large.add(LONG);
    expect([large.store.losses, large.store.open.size, large.file.wantsAll]).toEqual([['size'], 0, false]);
    const crowded = newFile();
    crowded.store.room = 0;
    crowded.add('a');
    crowded.file.store(1);
    expect(crowded.store.losses).toEqual(['room']);
  });

  it('is dropped with its file where no rule wants it', () => {
    const { file, list, store, add } = newFile(true);
    add('a');
    file.close();
    expect(store.open.size).toBe(1);
    list.clear();
    expect([store.open.size, store.kept, store.losses]).toEqual([0, [], []]);
  });

  it('is none where nothing is stored', () => {
    const { arena } = new FakeStream();
    const file = new FileList(arena).open(null)!;
    file.store(1);
    expect([file.wantsAll, file.copy.sids]).toEqual([false, []]);
  });
});
