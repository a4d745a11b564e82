/** What detection keeps of a transaction between two looks at it: bounds, and what a reload of the rules does to it. */
import { describe, expect, it } from 'vitest';
import { Transaction } from '../../../src/app/transaction.js';
import { FINISHED, Inspection, MOST_STORED } from '../../../src/detect/state/inspection.js';
import { DIRECTION } from '../../../src/flow/flow.js';
import { Arena, BLOCK_BYTES, PAGE_BYTES } from '../../../src/memory/arena.js';

const START = 4096;
const GROWING = 2;
const { toServer, toClient } = DIRECTION;
const arenaOf = (pages: number): Arena =>
  new Arena(new ArrayBuffer(START + pages * PAGE_BYTES), START, pages * PAGE_BYTES);

class Bare extends Transaction {
  override locate(): boolean {
    return false;
  }
}

describe('what is remembered of a transaction', () => {
  it('is kept for each transaction by itself, while its block grows', () => {
    const arena = arenaOf(8);
    const inspection = new Inspection(arena, 1, 40, GROWING);
    const [first, second] = [new Bare(), new Bare()];
    for (let key = 99; key >= 0; key--) {
      inspection.use(first).store(3 * key, key + 1);
      inspection.use(second).store(3 * key + 1, FINISHED);
    }
    inspection.use(first).setScanned(toClient, 39);
    expect(inspection.count).toBe(100);
    for (let key = 0; key < 100; key++) {
      expect(inspection.state(inspection.find(3 * key))).toBe(key + 1);
      expect(inspection.find(3 * key + 1)).toBe(-1);
    }
    expect([inspection.isScanned(toClient, 39), inspection.isScanned(toServer, 39)]).toEqual([true, false]);
    expect(inspection.use(second).isScanned(toClient, 39)).toBe(false);
    expect(inspection.state(inspection.find(1))).toBe(FINISHED);
  });

  it('is bounded, and what finds no room is counted', () => {
    const inspection = new Inspection(arenaOf(8), 1, 0, GROWING).use(new Bare());
    for (let key = 0; key < MOST_STORED + 3; key++) inspection.store(key, FINISHED);
    expect([inspection.count, inspection.refused]).toEqual([MOST_STORED, 3]);
  });

  it('is forgotten with the rule set that it is of, and its block is given back', () => {
    const arena = arenaOf(8);
    const transaction = new Bare();
    const before = new Inspection(arena, 1, 32, GROWING).use(transaction);
    before.store(7, FINISHED);
    before.setScanned(toServer, 3);
    before.setListed(toServer, 5);
    before.setScannedTo(toServer, 0, 9000);
    before.setStage(toServer, 0, 2);
    const after = new Inspection(arena, 2, 32, GROWING).use(transaction);
    expect([after.count, after.find(7), after.isScanned(toServer, 3), after.listed(toServer)]).toEqual([
      0,
      -1,
      false,
      0,
    ]);
    expect([after.scannedTo(toServer, 0), after.stage(toServer, 0)]).toEqual([0, 0]);
    expect([arena.usedBytes, transaction.inspection]).toEqual([0, 0]);
  });

  it('of a rule set with fewer groups is not written over its end by one with more', () => {
    const arena = arenaOf(8);
    const transaction = new Bare();
    new Inspection(arena, 1, 1, GROWING).use(transaction).open();
    const neighbour = arena.allocate(0);
    expect(neighbour - transaction.inspection).toBe(BLOCK_BYTES[0]);
    arena.words.fill(0, neighbour >>> 2, (neighbour + BLOCK_BYTES[0]) >>> 2);
    const groups = 3000;
    const after = new Inspection(arena, 2, groups, GROWING).use(transaction);
    after.open();
    for (let group = 0; group < groups; group++) for (const side of [toServer, toClient]) after.setScanned(side, group);
    expect(arena.words.subarray(neighbour >>> 2, (neighbour + BLOCK_BYTES[0]) >>> 2).every((word) => word === 0)).toBe(
      true,
    );
    expect(after.isScanned(toClient, groups - 1)).toBe(true);
  });
});
