/**
 * The corpus and the crashes of a target on disk: a file for each input, named by its hash. Those of the corpus have
 * led to what no other had led to; a crash says in its first lines what went wrong and how to get it again.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeInput, encodeInput, type FuzzInput } from './fuzz-input.js';

export class FuzzStore {
  private readonly corpus: string;
  private readonly crashes: string;

  constructor(directory: string, target: string) {
    this.corpus = join(directory, 'corpus', target);
    this.crashes = join(directory, 'crashes', target);
  }

  /** What earlier runs have kept. */
  load(): readonly FuzzInput[] {
    if (!existsSync(this.corpus)) return [];
    return readdirSync(this.corpus)
      .sort()
      .map((name) => decodeInput(readFileSync(join(this.corpus, name), 'utf8')));
  }

  keep(input: FuzzInput): void {
    write(this.corpus, encodeInput(input), '');
  }

  /** @returns the path of the file. */
  crash(input: FuzzInput, message: string): string {
    const remark = message.slice(0, 2000).replace(/^/gm, '# ');
    return write(this.crashes, encodeInput(input), `${remark}\n`);
  }
}

function write(directory: string, text: string, remark: string): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, createHash('sha256').update(text).digest('hex').slice(0, 16));
  writeFileSync(path, remark + text);
  return path;
}
