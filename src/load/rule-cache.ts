/**
 * Compiled rule sets on disk, so that a second start need not read rules at all. Stage: load.
 *
 *   <directory>/<key>.ruleset
 *   | magic 8 | header length 4 | report length 4 | block length 8 | SHA-256 of the block 32 | SHA-256 of all else 32 |
 *   | header JSON | report, deflated | block |
 *
 * The key (cache-key.ts) names the content, so an entry is never out of date; the digest finds damage. Entries are
 * written to a temporary file and renamed, so that several sensors may share a directory. An entry that cannot be used
 * is reported and made anew; a directory that cannot be written costs no more than the time it would have saved.
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';
import type { DiagnosticCode } from '../rule/diagnostics/diagnostic.js';
import { isUnchanged, type FileRecord } from './data-files.js';
import type { Findings } from './findings.js';
import type { LoadReport } from './load-rules.js';
import { makeDirectory } from '../util/make-directory.js';
import { reasonOf } from '../util/reason.js';

/** As much of what a load has to tell as is kept. */
export interface KeptReport extends Omit<LoadReport, 'diagnostics' | 'warnings' | 'seconds' | 'waitingList'> {
  readonly findings: Findings;
}

export interface CacheEntry {
  readonly ruleCount: number;
  readonly report: KeptReport;
  readonly block: Uint8Array;
  /** Files that rules took data from; the entry is good for as long as they are what they were. */
  readonly data?: FileRecord | undefined;
}

const MAGIC = 'PSRULES3';
const BLOCK_DIGEST = 24;
const HEAD_DIGEST = 56;
const PREAMBLE = 88;
const SUFFIX = '.ruleset';
/** Entries kept, the latest used: a rule set, the one before it, and those of other settings. */
const MAXIMUM_ENTRIES = 4;
const MAXIMUM_REPORT = 16 * 1024 * 1024;
/** Temporary files older than this are left over from a crash. */
const STALE_MS = 3_600_000;

export class RuleCache {
  private readonly directory: string;
  private readonly warn: (path: string, code: DiagnosticCode, message: string) => void;

  /** `warn` is told what could not be used or written; nothing is thrown. */
  constructor(directory: string, warn: (path: string, code: DiagnosticCode, message: string) => void) {
    this.directory = directory;
    this.warn = warn;
  }

  /**
   * The entry of this key, undefined where there is none that can be used. `allocate` gives the memory that the block
   * is read into.
   */
  read(key: string, allocate: (blockBytes: number) => Uint8Array): CacheEntry | undefined {
    const path = this.path(key);
    let file: number;
    try {
      file = openSync(path, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        this.warn(path, 'cache-not-read', `the cached rule set cannot be read: ${reasonOf(error)}`);
      return undefined;
    }
    try {
      const entry = readEntry(file, key, allocate);
      touch(path);
      return entry;
    } catch (error) {
      this.warn(path, 'cache-damaged', `the cached rule set cannot be used and is made anew: ${reasonOf(error)}`);
      return undefined;
    } finally {
      closeSync(file);
    }
  }

  write(key: string, entry: CacheEntry): void {
    const path = this.path(key);
    const temporary = join(this.directory, `.${key.slice(0, 16)}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`);
    try {
      makeDirectory(this.directory);
      writeEntry(temporary, key, entry);
      renameSync(temporary, path);
      this.prune();
    } catch (error) {
      removeIfThere(temporary);
      this.warn(this.directory, 'cache-not-written', `the compiled rules cannot be kept: ${reasonOf(error)}`);
    }
  }

  private path(key: string): string {
    return join(this.directory, key + SUFFIX);
  }

  /** Takes out the entries that were not used for longest, and what a crash left behind. */
  private prune(): void {
    const now = Date.now();
    const files = readdirSync(this.directory).map((name) => ({ name, path: join(this.directory, name) }));
    for (const { path } of files.filter(({ name }) => /^\.[0-9a-f]+\.\d+\.[0-9a-f]+\.tmp$/.test(name))) {
      if (now - usedAt(path) > STALE_MS) rmSync(path, { force: true });
    }
    const entries = files.filter(({ name }) => name.endsWith(SUFFIX)).map(({ path }) => ({ path, at: usedAt(path) }));
    entries.sort((a, b) => b.at - a.at);
    for (const { path } of entries.slice(MAXIMUM_ENTRIES)) rmSync(path, { force: true });
  }
}

function writeEntry(path: string, key: string, { report, block, ruleCount, data = {} }: CacheEntry): void {
  const header = Buffer.from(JSON.stringify({ key, ruleCount, data }));
  const text = deflateSync(JSON.stringify(report, mapsAsLists), { level: 1 });
  const preamble = Buffer.alloc(PREAMBLE);
  preamble.write(MAGIC, 'latin1');
  preamble.writeUInt32LE(header.length, 8);
  preamble.writeUInt32LE(text.length, 12);
  preamble.writeBigUInt64LE(BigInt(block.length), 16);
  createHash('sha256').update(block).digest().copy(preamble, BLOCK_DIGEST);
  headDigest(preamble, header, text).copy(preamble, HEAD_DIGEST);
  const file = openSync(path, 'wx', 0o644);
  try {
    for (const part of [preamble, header, text, block]) {
      for (let done = 0; done < part.length;) done += writeSync(file, part, done, part.length - done);
    }
  } finally {
    closeSync(file);
  }
}

/** Throws with the reason where the file is no such entry, whole; undefined where its data files have changed since. */
function readEntry(file: number, key: string, allocate: (blockBytes: number) => Uint8Array): CacheEntry | undefined {
  const preamble = readExactly(file, Buffer.alloc(PREAMBLE));
  if (preamble.toString('latin1', 0, 8) !== MAGIC) throw new Error('it is of another format');
  const [headerBytes, reportBytes, blockBytes] = [
    preamble.readUInt32LE(8),
    preamble.readUInt32LE(12),
    Number(preamble.readBigUInt64LE(16)),
  ];
  // Nothing that the file says of itself is believed before its digest is right.
  if (fstatSync(file).size !== PREAMBLE + headerBytes + reportBytes + blockBytes)
    throw new Error('its length is not the one it says');
  const header = readExactly(file, Buffer.alloc(headerBytes));
  const text = readExactly(file, Buffer.alloc(reportBytes));
  if (!headDigest(preamble, header, text).equals(preamble.subarray(HEAD_DIGEST)))
    throw new Error('its content is not what was written');
  const {
    key: written,
    ruleCount,
    data,
  } = JSON.parse(header.toString()) as { readonly key: string; readonly ruleCount: number; readonly data: FileRecord };
  if (written !== key) throw new Error('it belongs to other rules');
  if (!isUnchanged(data)) return undefined;
  const block = readExactly(file, allocate(blockBytes));
  const digest = createHash('sha256').update(block).digest();
  if (!digest.equals(preamble.subarray(BLOCK_DIGEST, HEAD_DIGEST)))
    throw new Error('its content is not what was written');
  const report = JSON.parse(
    inflateSync(text, { maxOutputLength: MAXIMUM_REPORT }).toString(),
    listsAsMaps,
  ) as KeptReport;
  return { report, block, ruleCount };
}

/** Covers the lengths and, through the block's digest, the block. */
function headDigest(preamble: Buffer, header: Buffer, report: Buffer): Buffer {
  return createHash('sha256').update(preamble.subarray(0, HEAD_DIGEST)).update(header).update(report).digest();
}

const MAPS = ['waiting', 'codes'];
const mapsAsLists = (key: string, value: unknown): unknown =>
  MAPS.includes(key) ? [...(value as Map<string, number>)] : value;
const listsAsMaps = (key: string, value: unknown): unknown =>
  MAPS.includes(key) ? new Map(value as [string, number][]) : value;

function readExactly<T extends Uint8Array>(file: number, into: T): T {
  for (let done = 0; done < into.length;) {
    const count = readSync(file, into, done, into.length - done, null);
    if (count === 0) throw new Error('it ends too early');
    done += count;
  }
  return into;
}

/** Marks as used now; a read-only directory needs no order. */
function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // Only pruning asks for it, and that writes.
  }
}

function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Where it cannot be removed, it was not written either.
  }
}

function usedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
