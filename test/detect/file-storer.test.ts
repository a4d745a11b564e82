/** Which files rules want stored, and how often they are asked. */
import { expect, it } from 'vitest';
import type { Transaction } from '../../src/app/transaction.js';
import { FILE_DATA_LIMIT } from '../../src/app/file/file.js';
import { FileList, FILES_LIMIT } from '../../src/app/file/file-list.js';
import { fileNeeds } from '../../src/app/file/needs.js';
import { RuleSet } from '../../src/block/rule-set.js';
import { RuleStrikes } from '../../src/block/rule-strikes.js';
import { compileRules } from '../../src/compile/compile-rules.js';
import { FileStorer } from '../../src/detect/file-storer.js';
import { RuleErrors } from '../../src/detect/rule-errors.js';
import { RuleVerifier } from '../../src/detect/rule-verifier.js';
import { TransactionSource } from '../../src/detect/verify/transaction-source.js';
import { Verifier } from '../../src/detect/verify/verify.js';
import { DIRECTION } from '../../src/flow/flow.js';
import { Arena, PAGE_BYTES } from '../../src/memory/arena.js';
import { Span } from '../../src/memory/span.js';
import { placeBlock } from '../support/detecting.js';
import { naiveTables } from '../support/naive-scanner.js';
import { programOf } from '../support/rule-options.js';

const SIDE = DIRECTION.toServer;

/** A transaction whose files a rule of this text wants, as it has matched. */
function storing(options: string) {
  const start = 8;
  const arena = new Arena(new ArrayBuffer(65_536 + 8 * PAGE_BYTES), 65_536, 8 * PAGE_BYTES);
  fileNeeds(arena).store = {
    mostBytes: 1e9,
    begin: () => 1,
    append: () => true,
    keep: () => true,
    drop: () => undefined,
    lost: () => undefined,
  };
  const rules = new RuleSet(placeBlock(compileRules([programOf(options)], { compilePatterns: naiveTables }).block));
  const errors = new RuleErrors(new RuleStrikes(new Int32Array(1), new Int32Array(1)), undefined);
  const steps = new Verifier(rules);
  const verifier = new RuleVerifier(steps, new Int32Array(1), new Int32Array(1), errors);
  const storer = new FileStorer(rules, verifier, new TransactionSource(arena.bytes, new Span()), 1);
  const list = new FileList(arena);
  const transaction = { files: () => list } as unknown as Transaction;
  const text = (bytes: string): [number, number] => {
    arena.bytes.set(Buffer.from(bytes), start);
    return [start, bytes.length];
  };
  return {
    list,
    verifier,
    open(name: string): void {
      list.open(null)!.name.append(...text(name));
    },
    append: (bytes: string) => list.at(list.count - 1).append(...text(bytes)),
    match(): void {
      steps.begin();
      storer.matched(0, transaction, SIDE);
    },
    look(): void {
      steps.begin();
      storer.look(transaction, SIDE, null);
    },
    wanted: () => Array.from({ length: list.count }, (_, i) => i).filter((i) => list.at(i).copy.isWanted),
  };
}

it('a file that begins, grows or ends behind the match is wanted as soon as the rule holds for it', () => {
  const mail = storing('file.name; content:".exe"; endswith; file.data; content:"needle"; filestore;');
  mail.open('a.exe');
  mail.append('a needle');
  mail.look();
  mail.match();
  expect(mail.wanted()).toEqual([0]);
  mail.open('b.exe');
  mail.look();
  mail.append('another ');
  mail.look();
  expect(mail.wanted()).toEqual([0]);
  mail.append('needle');
  mail.look();
  mail.open('c.txt');
  mail.append('needle');
  mail.look();
  expect(mail.wanted()).toEqual([0, 1]);
});

it('what is known at the end of a file alone is asked for then', () => {
  const mail = storing('filesize:5; filestore;');
  mail.open('a');
  mail.append('12345');
  mail.match();
  mail.look();
  expect(mail.wanted()).toEqual([]);
  mail.list.at(0).close();
  mail.look();
  expect(mail.wanted()).toEqual([0]);
});

it('files that nothing comes of are not looked at again with each packet, be they hundreds or very long', () => {
  const mail = storing('file.name; content:".exe"; filestore;');
  for (let i = 0; i < FILES_LIMIT; i++) mail.open('other.txt');
  mail.match();
  mail.look();
  for (let at = 0; at < FILE_DATA_LIMIT; at += 10_240) mail.append('x'.repeat(10_240));
  mail.look();
  const before = mail.verifier.verified;
  for (let i = 0; i < 1000; i++) {
    mail.append('beyond what is kept');
    mail.look();
  }
  expect(mail.verifier.verified).toBe(before);
  expect(mail.wanted()).toEqual([]);
});
