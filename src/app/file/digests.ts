/**
 * Digests of a file, made while it passes: those alone that a loaded rule or an event asks for. Stage: app. The work is
 * node:crypto's; the results lie in the arena, so that rules can look at them.
 */
import { createHash, type Hash } from 'node:crypto';
import type { Arena } from '../../memory/arena.js';
import type { Span } from '../../memory/span.js';
import { TextBlock } from '../text-block.js';

/** Bits of a set of digests, and where each lies among the results. */
export const DIGEST = { md5: 1, sha1: 2, sha256: 4 } as const;
export type DigestName = keyof typeof DIGEST;
export const DIGEST_NAMES = Object.keys(DIGEST) as DigestName[];
const BYTES: Readonly<Record<DigestName, number>> = { md5: 16, sha1: 20, sha256: 32 };
const ALL_BYTES = 68;

export class Digests {
  private readonly results: TextBlock;
  /** In the order of DIGEST_NAMES; undefined where nobody asks. */
  private readonly running: (Hash | undefined)[] = [];
  /** A set of DIGEST: those that are made, and those that are ready. */
  private wanted = 0;
  private ready = 0;

  constructor(arena: Arena) {
    this.results = new TextBlock(arena, ALL_BYTES);
  }

  begin(wanted: number): void {
    this.wanted = wanted;
    if (wanted === 0) return;
    DIGEST_NAMES.forEach((name, index) => {
      this.running[index] = (wanted & DIGEST[name]) !== 0 ? createHash(name) : undefined;
    });
  }

  get isWanted(): boolean {
    return this.wanted !== 0;
  }

  update(bytes: Uint8Array): void {
    for (const hash of this.running) hash?.update(bytes);
  }

  /** The whole file has passed. */
  finish(): void {
    if (this.wanted === 0) return;
    DIGEST_NAMES.forEach((name, index) => {
      const digest = this.running[index]?.digest();
      if (digest === undefined) return;
      const before = this.results.length;
      this.results.appendBytes(digest, 0, digest.length);
      if (this.results.length > before) this.ready |= DIGEST[name];
    });
    this.running.length = 0;
  }

  has(name: DigestName): boolean {
    return (this.ready & DIGEST[name]) !== 0;
  }

  locate(name: DigestName, span: Span): boolean {
    if (!this.has(name)) return false;
    let at = 0;
    for (const before of DIGEST_NAMES) {
      if (before === name) break;
      if ((this.wanted & DIGEST[before]) !== 0) at += BYTES[before];
    }
    return span.set(this.results.start + at, BYTES[name]);
  }

  clear(): void {
    if (this.wanted === 0) return;
    this.results.clear();
    this.running.length = 0;
    this.wanted = 0;
    this.ready = 0;
  }
}
