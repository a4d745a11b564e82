/**
 * A compiled rule set, opened where it lies: typed views on the sections of a block (rule-block.ts). Stage: detect.
 *
 * One per shard (and one on the main thread for names and thresholds) over the same shared memory. Immutable; the views
 * allocate once, `ruleInfo` and the other getters of text at each call.
 */
import { PCRE_USES, type PcreUse } from '../match/pcre/simplify.js';
import type { Action, Threshold } from './terms.js';
import { ACTIONS } from './terms.js';
import {
  BLOCK_ALIGNMENT,
  BLOCK_MAGIC,
  BLOCK_VERSION,
  DATASET,
  DATASET_WORDS,
  GROUP,
  GROUP_WORDS,
  HEADER,
  HEADER_WORDS,
  RULE,
  RULE_WORDS,
  SECTION,
  THRESHOLD,
  THRESHOLD_KINDS,
  THRESHOLD_WORDS,
  TRACKS,
  UNIQUE_ON,
} from './rule-block.js';
import { REGEX_WORDS } from './step-layout.js';

/** What logs and thresholds need to know of a rule. */
export interface RuleInfo {
  readonly action: Action;
  readonly gid: number;
  readonly sid: number;
  readonly rev: number;
  readonly priority: number;
  readonly msg: string;
  readonly classtype: string;
  readonly category: string;
  readonly thresholds: readonly Threshold[];
  readonly origin: { readonly file: string; readonly line: number };
}

export class RuleSet {
  /** The memory that holds the block, and where it starts in there. */
  readonly memory: ArrayBufferLike;
  readonly base: number;
  /** Bytes of the block. */
  readonly size: number;
  /** Offset of the pattern tables, to which a group's `tables` is added, in the memory that is scanned with them. */
  readonly tablesOffset: number;
  /** Offset of the literals in that memory, 0 where they are not in it. */
  readonly literalsOffset: number;
  readonly ruleCount: number;
  /** Whether a rule keeps state of hosts or pairs, which crosses flows and so shards. */
  readonly hostState: boolean;
  /** Whether a rule asks for events of TCP connections, which are then to be noted in packets. */
  readonly tcpEvents: boolean;
  /** All words of the block; rows of rules start at `rowAt`. */
  readonly words: Int32Array;
  readonly code: Int32Array;
  readonly bytes: Uint8Array;
  readonly addressSets: Int32Array;
  readonly addressWords: Int32Array;
  readonly portSets: Int32Array;
  readonly portWords: Int32Array;
  readonly groups: Int32Array;
  readonly groupIndex: Int32Array;
  readonly patternRules: Int32Array;
  readonly txRules: Int32Array;
  readonly streamRules: Int32Array;
  readonly anchored: Int32Array;
  readonly unfiltered: Int32Array;
  /** Their number, rows, and tables (pack-datasets.ts). */
  readonly datasets: Int32Array;
  readonly datasetBytes: Uint8Array;
  /** Index in `words` of the ends of headers as tenants have them. */
  readonly tenantEnds: number;
  private readonly rules: number;
  private readonly tenants: Int32Array;
  private readonly strings: Uint8Array;
  private readonly stringIndex: Int32Array;
  private readonly regexes: Int32Array;
  private readonly thresholds: Int32Array;
  private readonly thresholdRules: Int32Array;
  private readonly bitNames: Int32Array;

  /**
   * Throws when there is no block of this version at `base`. `copies` says where its tables and literals were copied to
   * in the memory that is scanned.
   */
  constructor(memory: ArrayBufferLike, base = 0, copies?: { readonly patterns: number; readonly literals: number }) {
    const header = new Int32Array(memory, base, HEADER_WORDS);
    if (header[HEADER.magic] !== BLOCK_MAGIC) throw new Error('not a rule set');
    if (header[HEADER.version] !== BLOCK_VERSION)
      throw new Error(`rule set of version ${header[HEADER.version]}, expected ${BLOCK_VERSION}`);
    if (base % BLOCK_ALIGNMENT !== 0) throw new Error(`rule set at unaligned offset ${base}`);
    this.memory = memory;
    this.base = base;
    this.size = header[HEADER.size];
    this.ruleCount = header[HEADER.rules];
    this.hostState = header[HEADER.hostState] === 1;
    this.tcpEvents = header[HEADER.tcpEvents] === 1;
    this.words = new Int32Array(memory, base, this.size / 4);
    this.rules = this.start(SECTION.rules) / 4;
    this.code = this.wordSection(SECTION.code);
    this.bytes = this.byteSection(SECTION.bytes);
    this.strings = this.byteSection(SECTION.strings);
    this.stringIndex = this.wordSection(SECTION.stringIndex);
    this.addressSets = this.wordSection(SECTION.addressSets);
    this.addressWords = this.wordSection(SECTION.addressWords);
    this.portSets = this.wordSection(SECTION.portSets);
    this.portWords = this.wordSection(SECTION.portWords);
    this.bitNames = this.wordSection(SECTION.bitNames);
    this.groups = this.wordSection(SECTION.groups);
    this.groupIndex = this.wordSection(SECTION.groupIndex);
    this.patternRules = this.wordSection(SECTION.patternRules);
    this.txRules = this.wordSection(SECTION.txRules);
    this.streamRules = this.wordSection(SECTION.streamRules);
    this.anchored = this.wordSection(SECTION.anchored);
    this.unfiltered = this.wordSection(SECTION.unfiltered);
    this.regexes = this.wordSection(SECTION.regexes);
    this.thresholds = this.wordSection(SECTION.thresholds);
    this.thresholdRules = this.wordSection(SECTION.thresholdRules);
    this.datasets = this.wordSection(SECTION.datasets);
    this.datasetBytes = this.byteSection(SECTION.datasetBytes);
    this.tenants = this.wordSection(SECTION.tenants);
    this.tenantEnds = this.start(SECTION.tenantEnds) / 4;
    this.tablesOffset = copies?.patterns ?? base + this.start(SECTION.patternTables);
    this.literalsOffset = copies?.literals ?? 0;
  }

  /** The pattern tables, to be copied to where they are scanned with. */
  get tables(): Uint8Array {
    return this.byteSection(SECTION.patternTables);
  }

  /** Patterns of the largest prefilter group: what a scan may report at most. */
  get maxPatterns(): number {
    let most = 0;
    for (let group = 0; group < this.groups.length; group += GROUP_WORDS)
      most = Math.max(most, this.groups[group + GROUP.patterns]);
    return most;
  }

  /** Index in `words` of a rule's row. */
  rowAt(row: number): number {
    return this.rules + row * RULE_WORDS;
  }

  /** The tenant that a mirror session belongs to, from 1 on; 0 for none. Allocates nothing. */
  tenantOf(vni: number): number {
    const { tenants } = this;
    let low = 0;
    let high = tenants.length / 2 - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const at = tenants[2 * middle];
      if (vni === at) return tenants[2 * middle + 1];
      if (vni < at) high = middle - 1;
      else low = middle + 1;
    }
    return 0;
  }

  ruleInfo(row: number): RuleInfo {
    const at = this.rowAt(row);
    const word = (name: keyof typeof RULE): number => this.words[at + RULE[name]];
    return {
      action: ACTIONS[word('action')],
      gid: word('gid') >>> 0,
      sid: word('sid') >>> 0,
      rev: word('rev') >>> 0,
      priority: word('priority'),
      msg: this.text(word('msg')),
      classtype: this.text(word('classtype')),
      category: this.text(word('category')),
      thresholds: this.thresholdsOf(word('thresholds'), word('thresholdCount')),
      origin: { file: this.text(word('file')), line: word('line') },
    };
  }

  /** The rules that have thresholds: looks at no others, and decodes no text, as it is asked where packets wait. */
  *rulesWithThresholds(): Generator<Pick<RuleInfo, 'gid' | 'sid' | 'thresholds'> & { readonly row: number }> {
    for (const row of this.thresholdRules) {
      const at = this.rowAt(row);
      yield {
        row,
        gid: this.words[at + RULE.gid] >>> 0,
        sid: this.words[at + RULE.sid] >>> 0,
        thresholds: this.thresholdsOf(this.words[at + RULE.thresholds], this.words[at + RULE.thresholdCount]),
      };
    }
  }

  /** UTF-8 of the rule's part of an event, as it lies in the block. */
  eventJson(row: number): Uint8Array {
    const string = this.words[this.rowAt(row) + RULE.json];
    const at = this.stringIndex[2 * string];
    return this.strings.subarray(at, at + this.stringIndex[2 * string + 1]);
  }

  /** Whether there is a dataset that rules change. */
  get changesDatasets(): boolean {
    for (let row = 0; row < this.datasets[0]; row++)
      if (this.datasets[1 + row * DATASET_WORDS + DATASET.changes] === 1) return true;
    return false;
  }

  regexSource(regex: number): string {
    return this.text(this.regexes[REGEX_WORDS * regex]);
  }

  regexFlags(regex: number): string {
    return this.text(this.regexes[REGEX_WORDS * regex + 1]);
  }

  regexUse(regex: number): PcreUse {
    return PCRE_USES[this.regexes[REGEX_WORDS * regex + 2]]!;
  }

  /** Names of flowbits by id: handed to the compilation of the next generation, so that ids stay the same. */
  bitIds(): Map<string, number> {
    const ids = new Map<string, number>();
    for (let at = 0; at < this.bitNames.length; at += 2) ids.set(this.text(this.bitNames[at + 1]), this.bitNames[at]);
    return ids;
  }

  private thresholdsOf(first: number, count: number): Threshold[] {
    return Array.from({ length: count }, (_, index) => {
      const at = (first + index) * THRESHOLD_WORDS;
      const multiplier = this.thresholds[at + THRESHOLD.multiplier] >>> 0;
      return {
        kind: THRESHOLD_KINDS[this.thresholds[at + THRESHOLD.kind]],
        track: TRACKS[this.thresholds[at + THRESHOLD.track]],
        count: this.thresholds[at + THRESHOLD.count] >>> 0,
        seconds: this.thresholds[at + THRESHOLD.seconds] >>> 0,
        multiplier: multiplier === 0 ? undefined : multiplier,
        uniqueOn: UNIQUE_ON[this.thresholds[at + THRESHOLD.uniqueOn]],
      };
    });
  }

  /** A string of the block. */
  text(string: number): string {
    const at = this.stringIndex[2 * string];
    // TextDecoder refuses shared memory, and so does Buffer.from's copy: slice into a private array first.
    return Buffer.from(this.strings.slice(at, at + this.stringIndex[2 * string + 1])).toString('utf8');
  }

  private start(section: number): number {
    return this.words[HEADER.directory + 2 * section];
  }

  private wordSection(section: number): Int32Array {
    return new Int32Array(
      this.memory,
      this.base + this.start(section),
      this.words[HEADER.directory + 2 * section + 1] / 4,
    );
  }

  private byteSection(section: number): Uint8Array {
    return new Uint8Array(this.memory, this.base + this.start(section), this.words[HEADER.directory + 2 * section + 1]);
  }
}
