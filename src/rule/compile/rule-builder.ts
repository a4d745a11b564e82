/**
 * A rule under construction: what the keywords' compile steps write to. Stage: rule (compile), loader thread only.
 *
 * Collects tests, buffers and metadata in the order written; `build` sees to what only the whole rule shows (a sid, the
 * class, the choice of the fast pattern) and yields the `RuleProgram`. A relative step with nothing before it counts
 * from the start of its buffer, as in Suricata.
 */
import { ALL_BUFFERS, bufferNumber, OF_FILES, type BufferName } from '../../app/buffers.js';
import type { OptionNode } from '../ast.js';
import { BufferBuilder, type OpenBuffer, type OpenContent } from './buffer-builder.js';
import type { Diagnostics, Span } from '../diagnostics/diagnostic.js';
import type { OpenPcre } from './pcre-step.js';
import type { Action, Threshold } from '../../block/terms.js';
import type {
  FileStoring,
  BitEffect,
  BitTest,
  FlowState,
  FlowTest,
  PacketTest,
  Reference,
  RuleHeader,
  RuleProgram,
  Tag,
} from '../program.js';
import type { BufferMatch, NumberMatch, Transform, Value } from '../buffer-match.js';
import { ruleKind } from './rule-kind.js';
import { PORTED, PORTLESS } from './protocols.js';
import { nearest } from '../../util/nearest.js';
import type { RuleData } from './rule-data.js';

export type { OpenContent } from './buffer-builder.js';

/** Lookups that come from configuration files. */
export interface RuleEnvironment {
  classification(name: string): { readonly description: string; readonly priority: number } | undefined;
  /** All classes, for what is misspelt. */
  readonly classes?: Iterable<string> | undefined;
  /** URL prefix of a reference system, undefined when it is not known. */
  reference(system: string): string | undefined;
  /** What keywords take from files; undefined where there are none to be had. */
  readonly data?: RuleData | undefined;
}

export interface RuleBuilder {
  readonly diagnostics: Diagnostics;
  readonly environment: RuleEnvironment;
  /** The file that the rule is in. */
  readonly file: string;
  /** What the header names, in small letters and without a hook. */
  readonly protocol: string;

  /** Single-valued parts; each set at most once. */
  msg: string | undefined;
  sid: number | undefined;
  gid: number | undefined;
  rev: number | undefined;
  classtype: { readonly name: string; readonly span: Span } | undefined;
  priority: number | undefined;
  noalert: boolean;
  /** The rule alerts also where its action would not. */
  alert: boolean;
  flow: FlowState | undefined;
  target: RuleProgram['target'];
  /** Texts that expressions capture. */
  texts: number;

  storeFiles(storing: FileStoring, node: OptionNode): void;
  /** No event is written of the transactions that the rule matches. */
  silenceTransactions(node: OptionNode): void;
  addReference(reference: Reference): void;
  /** Adds to what was said before; `entries` may be those of several rules. */
  addMetadata(entries: RuleProgram['metadata']): void;
  /** Thresholds apply one after the other; `node` is where one beside a detection_filter is reported. */
  addThreshold(threshold: Threshold, node: OptionNode): void;
  addTag(tag: Tag): void;
  addPacketTest(test: PacketTest): void;
  addFlowTest(test: FlowTest): void;
  addBitTest(test: BitTest): void;
  addBitEffect(effect: BitEffect): void;

  /** Makes a sticky buffer the current one; what follows inspects it. */
  selectBuffer(buffer: BufferName, node: OptionNode): void;
  /** As selectBuffer for one whose protocol is not parsed yet; `lowercase`: it holds no capital letters. */
  selectUnparsed(lowercase: boolean): void;
  /** The last content is looked for in this buffer, and what follows of it relative to it. */
  moveContent(buffer: BufferName, node: OptionNode): void;
  /** As moveContent, to a buffer whose protocol is not parsed yet. */
  moveUnparsed(lowercase: boolean): void;
  /** Compares the numbers of a buffer; the current one stays what it is. */
  addNumber(buffer: BufferName, match: NumberMatch, node: OptionNode): void;
  /** The rule waits until the transaction is at the state whose buffer that is, or passes it (app/state-buffers.ts). */
  waitForState(buffer: BufferName, node: OptionNode): void;
  /** As addNumber, of steps that one instance of the buffer must pass. */
  addSteps(buffer: BufferName, steps: readonly (BufferMatch | OpenContent)[], node: OptionNode): void;
  /** Whether a sticky buffer was named, or one that is not known may be current. */
  readonly hasStickyBuffer: boolean;
  /**
   * Transforms what follows of the sticky buffer chosen; reports an error where none was, or one that is transformed
   * was looked at.
   */
  addTransform(transform: Transform, node: OptionNode): void;
  /** Says that the sticky buffer just chosen is to be missing, or may be. */
  setAbsent(absent: 'only' | 'or_else', node: OptionNode): void;
  /** Appends a step to the current buffer, or to the one that the step names itself. */
  addMatch(match: BufferMatch | OpenPcre, node: OptionNode, buffer?: BufferName): void;
  /** Appends a content whose modifiers may follow. */
  addContent(content: OpenContent): void;
  /** A content of another buffer than the current one, which stays what it is; no modifiers follow. */
  addContentIn(buffer: BufferName, content: OpenContent): void;
  /** Has a content that is the last step end with its buffer, negated or not; false where there is none. */
  endContent(): boolean;
  /** Whether a content stands before, since the last sticky buffer. */
  readonly hasContent: boolean;
  /** The content that a modifier belongs to, the last one written; reports an error when there is none. */
  lastContent(node: OptionNode): OpenContent | undefined;

  /** Index of a byte_extract/byte_math variable that this step sets; the same name again is the same variable. */
  defineVariable(name: string): number;
  /** The value of a number or of a variable defined before; reports an unknown name. */
  resolveValue(text: number | string, node: OptionNode): Value;
  /** Records that the rule needs an application protocol that is not parsed yet, and the keyword that does. */
  waitFor(protocol: string, keyword?: string): void;
}

/** What a rule has beside its options. */
export interface RuleFrame {
  readonly action: Action;
  readonly header: RuleHeader;
  readonly origin: RuleProgram['origin'];
}

export type Side = NonNullable<FlowState['direction']>;

/** Where the parts of a finished rule were written: what the linter points at. */
export interface RuleTrace {
  readonly buffers: readonly OpenBuffer[];
  /** Keywords of what only one side sends. */
  readonly sides: readonly { readonly side: Side; readonly node: OptionNode }[];
  /** One for each test or effect of the program, in its order. */
  readonly testNodes: readonly OptionNode[];
  /** Those of packets and of flows, as they were written. */
  readonly tests: readonly (PacketTest | FlowTest)[];
  readonly bitTests: readonly OptionNode[];
  readonly effects: readonly OptionNode[];
}

const NO_METADATA: RuleProgram['metadata'] = new Map();
const NO_OPTION: OptionNode = { name: { text: '', span: { start: 0, end: 1 } }, value: undefined };
const DEFAULT_PRIORITY = 3;
const DEFAULT_GID = 1;
const ANY_LENGTH = [[0, 0xffff_ffff]] as const;
const ANY_PROGRESS = [[0, 0xffff]] as const;

export class ProgramBuilder implements RuleBuilder {
  readonly diagnostics: Diagnostics;
  readonly environment: RuleEnvironment;
  readonly file: string;
  protocol = '';
  msg: string | undefined;
  sid: number | undefined;
  gid: number | undefined;
  rev: number | undefined;
  classtype: { readonly name: string; readonly span: Span } | undefined;
  priority: number | undefined;
  noalert = false;
  alert = false;
  flow: FlowState | undefined;
  target: RuleProgram['target'];
  texts = 0;
  private fileStoring: FileStoring | undefined;
  private storingNode: OptionNode | undefined;
  private silencingNode: OptionNode | undefined;

  private readonly references: Reference[] = [];
  private metadata = NO_METADATA;
  private readonly thresholds: Threshold[] = [];
  /** Counts different ports, so that the rule needs a protocol that has some. */
  private portCounter: OptionNode | undefined;
  private readonly tags: Tag[] = [];
  private readonly packetTests: PacketTest[] = [];
  private readonly flowTests: FlowTest[] = [];
  private readonly tests: (PacketTest | FlowTest)[] = [];
  private readonly bitTests: BitTest[] = [];
  private readonly effects: BitEffect[] = [];
  private readonly buffers: BufferBuilder;
  /** Made for the first, as few rules have any. */
  private variables: Map<string, number> | undefined;
  private readonly waitingFor: string[] = [];
  private readonly waitingKeywords: string[] = [];
  private node: OptionNode = NO_OPTION;
  private readonly sides: { readonly side: Side; readonly node: OptionNode }[] = [];
  private readonly testNodes: OptionNode[] = [];
  private readonly bitTestNodes: OptionNode[] = [];
  private readonly effectNodes: OptionNode[] = [];

  constructor(environment: RuleEnvironment, diagnostics: Diagnostics, file = '') {
    this.environment = environment;
    this.diagnostics = diagnostics;
    this.file = file;
    this.buffers = new BufferBuilder(diagnostics);
  }

  get hasStickyBuffer(): boolean {
    return this.buffers.isSticky;
  }

  /** Whether the rule waits for an application protocol. */
  get isWaiting(): boolean {
    return this.waitingFor.length > 0;
  }

  /** Whether something is looked for in a buffer of transactions. */
  get looksAtTransactions(): boolean {
    return this.buffers.buffers.some(({ buffer }) => buffer !== undefined && ALL_BUFFERS.spec(buffer).scope === 'tx');
  }

  addReference(reference: Reference): void {
    this.references.push(reference);
  }

  addMetadata(entries: RuleProgram['metadata']): void {
    if (this.metadata.size === 0) {
      this.metadata = entries;
      return;
    }
    const all = new Map(this.metadata);
    for (const [key, values] of entries) all.set(key, [...(all.get(key) ?? []), ...values]);
    this.metadata = all;
  }

  addThreshold(threshold: Threshold, node: OptionNode): void {
    if (this.thresholds.some(({ kind }) => (kind === 'detection_filter') !== (threshold.kind === 'detection_filter'))) {
      this.diagnostics.error(
        'two-thresholds',
        'threshold and detection_filter stand in one rule',
        node.name.span,
        'a rule has threshold or detection_filter, not both',
      );
    }
    if (threshold.uniqueOn !== undefined) this.portCounter = node;
    this.thresholds.push(threshold);
  }

  addTag(tag: Tag): void {
    this.tags.push(tag);
  }

  addPacketTest(test: PacketTest): void {
    this.packetTests.push(test);
    this.trackTest(test);
  }

  addFlowTest(test: FlowTest): void {
    this.flowTests.push(test);
    this.trackTest(test);
  }

  addBitTest(test: BitTest): void {
    this.bitTests.push(test);
    this.bitTestNodes.push(this.node);
  }

  addBitEffect(effect: BitEffect): void {
    this.effects.push(effect);
    this.effectNodes.push(this.node);
  }

  selectBuffer(buffer: BufferName, node: OptionNode): void {
    this.buffers.select(buffer, node);
  }

  selectUnparsed(lowercase: boolean): void {
    this.buffers.selectUnparsed(lowercase);
  }

  moveContent(buffer: BufferName, node: OptionNode): void {
    this.buffers.moveLast(buffer, node);
  }

  moveUnparsed(lowercase: boolean): void {
    this.buffers.moveLastUnparsed(lowercase);
  }

  addNumber(buffer: BufferName, match: NumberMatch, node: OptionNode): void {
    this.buffers.addNumber(buffer, match, node);
  }

  waitForState(buffer: BufferName, node: OptionNode): void {
    const { toClient } = ALL_BUFFERS.spec(buffer);
    this.addSide(toClient === undefined ? 'to_server' : 'to_client', node);
    this.addNumber(buffer, { kind: 'number', ranges: ANY_PROGRESS, which: 'any' }, node);
  }

  addSteps(buffer: BufferName, steps: readonly (BufferMatch | OpenContent)[], node: OptionNode): void {
    this.buffers.addSteps(buffer, steps, node);
  }

  leaveBuffer(): void {
    this.buffers.leave();
  }

  addTransform(transform: Transform, node: OptionNode): void {
    this.buffers.addTransform(transform, node);
  }

  setAbsent(absent: 'only' | 'or_else', node: OptionNode): void {
    this.buffers.setAbsent(absent, node);
  }

  addMatch(match: BufferMatch | OpenPcre, node: OptionNode, buffer?: BufferName): void {
    this.buffers.addMatch(match, node, buffer);
  }

  addContent(content: OpenContent): void {
    this.buffers.addContent(content);
  }

  addContentIn(buffer: BufferName, content: OpenContent): void {
    this.buffers.addContentIn(buffer, content);
  }

  endContent(): boolean {
    return this.buffers.endContent();
  }

  get hasContent(): boolean {
    return this.buffers.hasContent;
  }

  lastContent(node: OptionNode): OpenContent | undefined {
    return this.buffers.lastContent(node);
  }

  defineVariable(name: string): number {
    const variables = (this.variables ??= new Map());
    const known = variables.get(name);
    if (known !== undefined) return known;
    const index = variables.size;
    variables.set(name, index);
    return index;
  }

  resolveValue(text: number | string, node: OptionNode): Value {
    if (typeof text === 'number') return text;
    const variable = this.variables?.get(text);
    if (variable !== undefined) return { variable };
    this.diagnostics.error(
      'unknown-byte-variable',
      `${text} is neither a number nor a variable set before`,
      (node.value ?? node.name).span,
      'write a number, or a name that byte_extract or byte_math gives a value to before',
    );
    return 0;
  }

  waitFor(protocol: string, keyword = this.node.name.text.toLowerCase()): void {
    if (!this.waitingFor.includes(protocol)) this.waitingFor.push(protocol);
    if (keyword !== '' && !this.waitingKeywords.includes(keyword)) this.waitingKeywords.push(keyword);
  }

  storeFiles(storing: FileStoring, node: OptionNode): void {
    this.fileStoring = storing;
    this.storingNode = node;
  }

  silenceTransactions(node: OptionNode): void {
    this.silencingNode = node;
  }

  /** The option that what comes now was written as. */
  at(node: OptionNode): void {
    this.node = node;
  }

  /** The keyword speaks of what only one side sends. */
  addSide(side: Side, node: OptionNode): void {
    this.sides.push({ side, node });
  }

  /** Where the parts of the program stand in the rule. */
  trace(): RuleTrace {
    const { sides, tests, testNodes } = this;
    return {
      buffers: this.buffers.buffers,
      sides,
      tests,
      testNodes,
      bitTests: this.bitTestNodes,
      effects: this.effectNodes,
    };
  }

  /** The finished rule, undefined where an error was reported, here or before, or where there is no sid. */
  build(frame: RuleFrame): RuleProgram | undefined {
    const { sid } = this;
    this.needFileToStore();
    const fastPattern = this.buffers.chooseFastPattern();
    this.buffers.checkAbsent();
    this.checkPorts(frame.header);
    this.checkSilencing(frame.header);
    const classification = this.classify();
    if (sid === undefined || this.diagnostics.hasErrors) return undefined;
    const waiting = this.isWaiting;
    // Of a rule that waits, closing them is for what is to be said about its expressions.
    const buffers = waiting && !this.diagnostics.advise ? [] : this.buffers.close();
    const program: Omit<RuleProgram, 'kind'> & { kind: RuleProgram['kind'] } = {
      action: frame.action,
      gid: this.gid ?? DEFAULT_GID,
      sid,
      rev: this.rev ?? 0,
      msg: this.msg ?? '',
      classtype: this.classtype?.name,
      category: classification?.description ?? '',
      priority: this.priority ?? classification?.priority ?? DEFAULT_PRIORITY,
      references: this.references,
      metadata: this.metadata,
      header: frame.header,
      flow: this.flow,
      packetTests: this.packetTests,
      flowTests: this.flowTests,
      bitTests: this.bitTests,
      effects: this.effects,
      noalert: this.noalert,
      alertsOnPass: this.alert && frame.action === 'pass' ? true : undefined,
      thresholds: this.thresholds,
      tags: this.tags.length > 0 ? this.tags : undefined,
      target: this.target,
      fileStoring: this.fileStoring,
      silencesTransactions: this.silencingNode === undefined ? undefined : true,
      // What a waiting rule asks of buffers that do not exist yet cannot be said.
      buffers: waiting ? [] : buffers,
      fastPattern: waiting ? undefined : fastPattern,
      variableCount: this.variables?.size ?? 0,
      waitingFor: this.waitingFor,
      waitingKeywords: this.waitingKeywords.length > 0 ? this.waitingKeywords : undefined,
      origin: frame.origin,
      kind: 'packet',
    };
    program.kind = ruleKind(program);
    return program;
  }

  /**
   * A rule that stores files and says nothing of them waits for one, of the side that it matches on: `filestore` alone
   * is about every file. One that names the side may match on the other one, before the file comes.
   */
  private needFileToStore(): void {
    const { fileStoring, storingNode } = this;
    if (fileStoring === undefined || storingNode === undefined) return;
    const numbers = this.buffers.buffers.flatMap(({ buffer }) => (buffer === undefined ? [] : [bufferNumber(buffer)]));
    if (numbers.some((number) => OF_FILES[number] === 1)) return;
    if (fileStoring.side !== undefined && numbers.length > 0) return;
    this.addMatch({ kind: 'bsize', ranges: ANY_LENGTH }, storingNode, 'file.data');
  }

  private trackTest(test: PacketTest | FlowTest): void {
    this.tests.push(test);
    this.testNodes.push(this.node);
  }

  private checkPorts({ protocol }: RuleHeader): void {
    if (this.portCounter === undefined || this.isWaiting || PORTED.has(protocol)) return;
    this.diagnostics.error(
      'bad-threshold',
      `unique_on counts ports, which packets of ${protocol} need not have`,
      (this.portCounter.value ?? this.portCounter.name).span,
      'write a rule for tcp, udp or sctp',
    );
  }

  private checkSilencing({ protocol }: RuleHeader): void {
    if (this.silencingNode === undefined || !PORTLESS.has(protocol)) return;
    const message = `config changes nothing here: ${protocol} has no transactions`;
    this.diagnostics.warning('without-effect', message, this.silencingNode.name.span, 'leave it out');
  }

  private nearestClass(): string {
    const close = nearest(this.classtype!.name, this.environment.classes ?? []);
    return close === undefined ? '' : `did you mean ${close}? As it is, `;
  }

  private classify(): { readonly description: string; readonly priority: number } | undefined {
    if (this.classtype === undefined) return undefined;
    const classification = this.environment.classification(this.classtype.name);
    if (classification === undefined) {
      this.diagnostics.warning(
        'unknown-classtype',
        `the classtype ${this.classtype.name} is not in classification.config`,
        this.classtype.span,
        `${this.nearestClass()}the rule gets priority ${this.priority ?? DEFAULT_PRIORITY} and no category`,
      );
    }
    return classification;
  }
}
