/**
 * Collects the tables of a rule set and lays them out as one block (rule-block.ts). Stage: load; allocates freely.
 *
 * Equal literals, strings, address sets and port sets are stored once. Nothing here depends on anything but the order
 * of the calls, so equal input gives equal bytes.
 */
import { ALL_BUFFERS, type BufferRegistry } from '../app/buffers.js';
import { PCRE_USES, type PcreUse } from '../match/pcre/simplify.js';
import type { Dataset } from '../rule/buffer-match.js';
import type { AddressSet, Ranges } from '../block/terms.js';
import type { HeaderEnds, RuleHeader } from '../rule/program.js';
import { packAddressSet } from '../block/address-set.js';
import { type AnchoredPattern, packAnchored } from './anchored-table.js';
import { fullName, packDatasets, type PackableDataset } from './pack-datasets.js';
import { packPortSet } from '../block/port-set.js';
import { WordList } from '../block/word-list.js';
import { BytePool } from './byte-pool.js';
import { CodeList } from './code-list.js';
import { TextPool } from './text-pool.js';
import {
  BLOCK_ALIGNMENT,
  BLOCK_MAGIC,
  BLOCK_VERSION,
  HEADER,
  HEADER_WORDS,
  SECTION,
  SECTION_COUNT,
} from '../block/rule-block.js';
import { REGEX_WORDS } from '../block/step-layout.js';

export const alignUp = (value: number, alignment: number): number => Math.ceil(value / alignment) * alignment;

/** Ends that no packet has. */
const NOWHERE: HeaderEnds = {
  source: { ipv4: [], ipv6: [] },
  sourcePorts: undefined,
  destination: undefined,
  destinationPorts: undefined,
};

export class BlockWriter {
  readonly buffers: BufferRegistry;
  readonly rules = new WordList();
  readonly code = new CodeList();
  readonly bitNames: number[] = [];
  readonly groups: number[] = [];
  readonly groupIndex: number[] = [];
  readonly txRules: number[] = [];
  readonly streamRules: number[] = [];
  private readonly anchored: number[] = [0];
  private readonly anchoredRefs = new Map<string, number>();
  private readonly transformRefs = new Map<string, number>();
  readonly patternRules = new WordList();
  /** Pairs of VNI and tenant. */
  readonly tenants: number[] = [];
  private readonly tenantEnds: number[] = [0];
  private readonly tenantEndRefs = new Map<string, number>();
  readonly unfiltered: number[] = [];
  readonly thresholds: number[] = [];
  readonly thresholdRules: number[] = [];
  /** Set where a rule keeps state of hosts or pairs. */
  hostState = false;
  /** Set where a rule asks for events of TCP connections. */
  tcpEvents = false;

  private readonly bytes = new BytePool();
  private readonly texts = new TextPool();
  private readonly addressSets: number[] = [];
  private readonly addressWords: number[] = [];
  private readonly addressRefs = new Map<string, number>();
  /** By identity: most rules share the sets of a few variables. */
  private readonly addressSetRefs = new Map<AddressSet, number>();
  private readonly portSets: number[] = [];
  private readonly portWords: number[] = [];
  private readonly portRefs = new Map<string, number>();
  /** By identity, too. */
  private readonly portSetRefs = new Map<Ranges, number>();
  private readonly regexes: number[] = [];
  private readonly regexRefs = new Map<string, number>();
  private readonly datasets: { -readonly [Key in keyof PackableDataset]: PackableDataset[Key] }[] = [];
  private readonly datasetRefs = new Map<string, number>();
  private readonly tables: Uint8Array[] = [];
  private readonly tableRefs = new Map<string, number>();
  private tableBytes = 0;

  constructor(buffers: BufferRegistry = ALL_BUFFERS) {
    this.buffers = buffers;
  }

  /** Offset of the literal in the byte pool. */
  addBytes(bytes: Uint8Array): number {
    return this.bytes.add(bytes);
  }

  addString(text: string): number {
    return this.texts.add(text);
  }

  /** As addString, for a text that many rules have. */
  addCommonString(text: string): number {
    return this.texts.addCommon(text);
  }

  /** As addString, for a text that is there once: it is not looked for. */
  appendString(text: string): number {
    return this.texts.append(text);
  }

  /** -1 for any address. */
  addAddresses(set: AddressSet | undefined): number {
    if (set === undefined) return -1;
    return remember(this.addressSetRefs, set, () => this.addAddressSet(set));
  }

  private addAddressSet(set: AddressSet): number {
    const packed = packAddressSet(set);
    return remember(this.addressRefs, `${packed.ipv4.join()}|${packed.ipv6.join()}`, () => {
      const v4 = this.addressWords.length;
      for (const word of packed.ipv4) this.addressWords.push(word);
      const v6 = this.addressWords.length;
      for (const word of packed.ipv6) this.addressWords.push(word);
      this.addressSets.push(v4, packed.ipv4.length / 2, v6, packed.ipv6.length / 8);
      return this.addressSets.length / 4 - 1;
    });
  }

  /** -1 for any port. */
  addPorts(ranges: Ranges | undefined): number {
    if (ranges === undefined) return -1;
    return remember(this.portSetRefs, ranges, () => this.addPortSet(ranges));
  }

  private addPortSet(ranges: Ranges): number {
    return remember(this.portRefs, ranges.join(';'), () => {
      const packed = packPortSet(ranges);
      this.portSets.push(packed.kind, this.portWords.length, packed.words.length);
      for (const word of packed.words) this.portWords.push(word);
      return this.portSets.length / 3 - 1;
    });
  }

  /** The words of a header's ends, as rows of rules have them. */
  endsOf({ source, destination, sourcePorts, destinationPorts }: HeaderEnds): number[] {
    return [
      this.addAddresses(source),
      this.addAddresses(destination),
      this.addPorts(sourcePorts),
      this.addPorts(destinationPorts),
    ];
  }

  /** Where the ends as tenants have them stand in their section; 0 where they are those of everybody. */
  addTenantEnds(tenants: RuleHeader['tenants'], common: readonly number[]): number {
    if (tenants === undefined) return 0;
    const all = tenants.map((ends) => this.endsOf(ends ?? NOWHERE));
    if (all.every((ends) => ends.every((word, i) => word === common[i]))) return 0;
    const words = all.flat();
    return remember(this.tenantEndRefs, words.join(), () => this.tenantEnds.push(...words) - words.length);
  }

  addRegex(pattern: string, flags: string, use: PcreUse): number {
    return remember(this.regexRefs, `${use}/${flags}/${pattern}`, () => {
      this.regexes.push(this.addString(pattern), this.addString(flags), PCRE_USES.indexOf(use));
      return this.regexes.length / REGEX_WORDS - 1;
    });
  }

  /** Number of the dataset; those of one name and type are one. */
  addDataset(set: Dataset): number {
    return remember(
      this.datasetRefs,
      fullName(set),
      () => this.datasets.push({ set, changes: set.save !== undefined }) - 1,
    );
  }

  /** Notes that a rule changes the dataset: it is then state that rules keep across flows. */
  changeDataset(number: number): void {
    this.datasets[number].changes = true;
    this.hostState = true;
  }

  /**
   * Offset of the tables in their section; `key` names the pattern set they were made from, `make` is called once for
   * it.
   */
  addTables(key: string, make: () => Uint8Array): number {
    return remember(this.tableRefs, key, () => {
      const tables = make();
      const at = this.tableBytes;
      this.tables.push(tables);
      this.tableBytes += alignUp(tables.length, BLOCK_ALIGNMENT);
      return at;
    });
  }

  /** Where the table of patterns at fixed places lies in its section, 0 where there are none; `key` as in addTables. */
  addAnchored(key: string, patterns: readonly AnchoredPattern[]): number {
    if (patterns.length === 0) return 0;
    return remember(this.anchoredRefs, key, () => {
      const at = this.anchored.length;
      for (const word of packAnchored(patterns, at, (bytes) => this.addBytes(bytes))) this.anchored.push(word);
      return at;
    });
  }

  /** Where packed code of a chain of transforms starts. */
  addTransforms(code: readonly number[]): number {
    return remember(this.transformRefs, code.join(), () => {
      const at = this.code.length;
      for (const word of code) this.code.push(word);
      return at;
    });
  }

  /** The finished block, in what `allocate` gives (zeros, aligned to 64 bytes). */
  finish(ruleCount: number, allocate: (bytes: number) => Uint8Array): Uint8Array {
    const sections = this.sections();
    const starts: number[] = [];
    let size = HEADER_WORDS * 4;
    for (const section of sections) {
      starts.push(size);
      size += alignUp(section.length, BLOCK_ALIGNMENT);
    }
    const block = allocate(size);
    const words = new Int32Array(block.buffer, block.byteOffset, HEADER_WORDS);
    words[HEADER.magic] = BLOCK_MAGIC;
    words[HEADER.version] = BLOCK_VERSION;
    words[HEADER.size] = size;
    words[HEADER.rules] = ruleCount;
    words[HEADER.bits] = this.bitNames.length / 2;
    words[HEADER.hostState] = Number(this.hostState);
    words[HEADER.tcpEvents] = Number(this.tcpEvents);
    sections.forEach((section, index) => {
      words[HEADER.directory + 2 * index] = starts[index];
      words[HEADER.directory + 2 * index + 1] = section.length;
      block.set(section, starts[index]);
    });
    return block;
  }

  private sections(): Uint8Array[] {
    const sections = new Array<Uint8Array>(SECTION_COUNT);
    const datasets = packDatasets(this.datasets, (text) => this.addString(text));
    sections[SECTION.rules] = this.rules.bytes();
    sections[SECTION.code] = this.code.bytes();
    sections[SECTION.bytes] = this.bytes.bytes();
    sections[SECTION.strings] = this.texts.bytes();
    sections[SECTION.stringIndex] = this.texts.index();
    sections[SECTION.addressSets] = wordBytes(this.addressSets);
    sections[SECTION.addressWords] = wordBytes(this.addressWords);
    sections[SECTION.portSets] = wordBytes(this.portSets);
    sections[SECTION.portWords] = wordBytes(this.portWords);
    sections[SECTION.bitNames] = wordBytes(this.bitNames);
    sections[SECTION.groups] = wordBytes(this.groups);
    sections[SECTION.groupIndex] = wordBytes(this.groupIndex);
    sections[SECTION.txRules] = wordBytes(this.txRules);
    sections[SECTION.streamRules] = wordBytes(this.streamRules);
    sections[SECTION.anchored] = wordBytes(this.anchored);
    sections[SECTION.tenants] = wordBytes(this.tenants);
    sections[SECTION.tenantEnds] = wordBytes(this.tenantEnds);
    sections[SECTION.patternTables] = this.tableSection();
    sections[SECTION.patternRules] = this.patternRules.bytes();
    sections[SECTION.unfiltered] = wordBytes(this.unfiltered);
    sections[SECTION.thresholds] = wordBytes(this.thresholds);
    sections[SECTION.thresholdRules] = wordBytes(this.thresholdRules);
    sections[SECTION.regexes] = wordBytes(this.regexes);
    sections[SECTION.datasets] = datasets.words;
    sections[SECTION.datasetBytes] = datasets.bytes;
    return sections;
  }

  private tableSection(): Uint8Array {
    const section = new Uint8Array(this.tableBytes);
    let at = 0;
    for (const tables of this.tables) {
      section.set(tables, at);
      at += alignUp(tables.length, BLOCK_ALIGNMENT);
    }
    return section;
  }
}

function remember<K>(refs: Map<K, number>, key: K, add: () => number): number {
  const known = refs.get(key);
  if (known !== undefined) return known;
  const ref = add();
  refs.set(key, ref);
  return ref;
}

/** Numbers as 32-bit words; those above 2^31 wrap. */
function wordBytes(words: readonly number[]): Uint8Array {
  const packed = new Int32Array(words.length);
  for (let i = 0; i < words.length; i++) packed[i] = words[i] | 0;
  return new Uint8Array(packed.buffer);
}
