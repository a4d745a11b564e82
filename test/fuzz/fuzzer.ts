/**
 * Plays damaged inputs to a target: from its seeds, the corpus on disk, and what this run has found new. What throws,
 * or takes longer than its length explains, is made small and saved; the run goes on with a target made anew.
 */
import { zlibCalls } from '../../src/util/zlib-calls.js';
import { Random } from '../property/mutator.js';
import { sizeOf, type FuzzInput } from './fuzz-input.js';
import type { FuzzStore } from './fuzz-store.js';
import type { FuzzTarget, Taker } from './fuzz-target.js';
import { minimise } from './minimise.js';
import { PieceMutator } from './piece-mutator.js';

export interface FuzzOptions {
  readonly target: FuzzTarget;
  readonly store: FuzzStore;
  readonly mutations: number;
  /** Ends earlier at this time of `Date.now`. */
  readonly until: number;
  readonly seed: number;
  /** Of the processor, for an input without bytes. */
  readonly mostMs?: number;
  /** Told of each input before it is played. */
  readonly onInput: (input: FuzzInput) => void;
  readonly onCrash: (path: string, message: string) => void;
}

export interface FuzzResult {
  readonly played: number;
  readonly kept: number;
  readonly crashes: number;
  readonly heapGrowth: number;
  readonly longestMs: number;
}

/** Of the processor, for an input without bytes, and for each byte: many times what the slowest should need. */
const MOST_MS = 250;
const MOST_MS_A_BYTE = 0.01;
const MOST_KEPT = 1500;
const MOST_CRASHES = 20;
const CLOCK_EVERY = 256;
const WORD_BITS = 20;
/** What a run may keep for good: code, caches at their caps. */
const HEAP_SLACK = 12 << 20;

export class Fuzzer {
  private readonly options: FuzzOptions;
  private readonly random: Random;
  private readonly mutator: PieceMutator;
  private readonly corpus: FuzzInput[];
  /** By the hash of a word, in memory that does not grow. */
  private readonly known = new Uint8Array(1 << WORD_BITS);
  private readonly reasons = new Set<string>();
  private take: Taker;
  private kept = 0;
  private keptBytes = 0;
  private longestMs = 0;

  constructor(options: FuzzOptions) {
    this.options = options;
    this.random = new Random(options.seed);
    this.mutator = new PieceMutator(this.random);
    this.take = options.target.open();
    this.corpus = [...options.target.seeds, ...options.store.load()];
  }

  async run(): Promise<FuzzResult> {
    const { target, mutations, until } = this.options;
    for (const input of [...this.corpus]) this.play(input, true);
    let heap = heapNow();
    let played = 0;
    for (; played < mutations && this.reasons.size < MOST_CRASHES; played++) {
      if (played % CLOCK_EVERY === 0 && Date.now() >= until) break;
      if (played === mutations >> 2) heap = heapNow() - this.keptBytes;
      this.play(this.mutator.next(target, this.corpus), false);
      if (zlibCalls.areMany) await zlibCalls.cleanUp();
    }
    const heapGrowth = heapNow() - this.keptBytes - heap;
    if (heapGrowth > HEAP_SLACK && played > 10_000)
      this.report([], `the heap has grown by ${(heapGrowth / 2 ** 20).toFixed(1)} MiB in ${played} inputs`);
    return { played, kept: this.kept, crashes: this.reasons.size, heapGrowth, longestMs: this.longestMs };
  }

  private play(input: FuzzInput, isSeed: boolean): void {
    this.options.onInput(input);
    const started = performance.now();
    try {
      let isNew = false;
      for (const word of this.take(input)) {
        const place = hashOf(word) >>> (32 - WORD_BITS);
        if (this.known[place] === 1) continue;
        this.known[place] = 1;
        isNew = true;
      }
      if (isNew && !isSeed) this.keep(input);
    } catch (error) {
      this.crashed(input, error as Error);
      return;
    }
    const ms = performance.now() - started;
    if (ms > this.longestMs) this.judge(input, ms);
  }

  private keep(input: FuzzInput): void {
    if (this.kept >= MOST_KEPT) return;
    this.kept++;
    this.keptBytes += 2 * sizeOf(input);
    this.corpus.push(input);
    this.options.store.keep(input);
  }

  private crashed(input: FuzzInput, error: Error): void {
    this.take = this.options.target.open();
    const reason = reasonOf(error);
    if (this.reasons.has(reason)) return;
    this.reasons.add(reason);
    const small = minimise(input, (candidate) => {
      this.options.onInput(candidate);
      try {
        const take = this.options.target.open();
        void [...take(candidate)];
        return false;
      } catch (again) {
        return reasonOf(again as Error) === reason;
      }
    });
    this.report(small, `${error.message}\n${error.stack ?? ''}`);
  }

  /** What took long is tried again, by the processor's time: the machine may have been busy. */
  private judge(input: FuzzInput, ms: number): void {
    const most = (this.options.mostMs ?? MOST_MS) + MOST_MS_A_BYTE * sizeOf(input);
    if (ms < most) {
      this.longestMs = ms;
      return;
    }
    const least = Math.min(...[0, 1, 2].map(() => this.processorMs(input)));
    this.longestMs = Math.max(this.longestMs, least);
    if (least < most || this.reasons.has('slow')) return;
    this.reasons.add('slow');
    this.report(input, `takes ${least.toFixed(0)} ms of the processor for ${sizeOf(input)} bytes`);
  }

  private processorMs(input: FuzzInput): number {
    const before = process.cpuUsage();
    void [...this.take(input)];
    return process.cpuUsage(before).user / 1000;
  }

  private report(input: FuzzInput, message: string): void {
    this.options.onCrash(this.options.store.crash(input, message), message);
  }
}

/** FNV-1a, mixed once more, as its upper bits are taken. */
function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
}

/** The place in the code; an assertion's text differs each time. */
function reasonOf(error: Error): string {
  const place = /[^/()]+:\d+:\d+/.exec(error.stack?.slice(error.message.length) ?? '')?.[0] ?? '';
  return `${error.name} ${error.message.slice(0, 60).split('\n')[0]} ${place}`;
}

function heapNow(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
