/**
 * A rule under construction: what the keywords' compile steps write to. Stage: rule (compile), loader thread only.
 *
 * Collects tests, buffers and metadata in the order written; `build` sees to what only the whole rule shows (a sid, the
 * class, the choice of the fast pattern) and yields the `RuleProgram`. A relative step with nothing before it counts from
 * the start of its buffer, as in Suricata.
 */
import type { BufferName } from '../app/buffers.js';
import type { OptionNode } from './ast.js';
import type { Diagnostics, Span } from './diagnostic.js';
import { chooseFastPattern, type PatternCandidate } from './fast-pattern.js';
import type {
  Action, BitEffect, BitTest, BufferMatch, ContentMatch, FlowTest, PacketTest, Reference, RuleHeader, RuleProgram, Threshold, Value,
} from './program.js';

/** A content whose modifiers may still follow. */
export type OpenContent = { -readonly [K in keyof ContentMatch]: ContentMatch[K] } & {
  node: OptionNode;
  fastPattern?: { only: boolean; offset?: number | undefined; length?: number | undefined } | undefined;
};

/** Lookups that come from configuration files. */
export interface RuleEnvironment {
  classification(name: string): { readonly description: string; readonly priority: number } | undefined;
  /** URL prefix of a reference system, undefined when it is not known. */
  reference(system: string): string | undefined;
}

export interface RuleBuilder {
  readonly diagnostics: Diagnostics;
  readonly environment: RuleEnvironment;

  /** Single-valued parts; each set at most once. */
  msg: string | undefined;
  sid: number | undefined;
  gid: number | undefined;
  rev: number | undefined;
  classtype: { readonly name: string; readonly span: Span } | undefined;
  priority: number | undefined;
  noalert: boolean;
  flow: FlowTest | undefined;
  target: RuleProgram['target'];

  addReference(reference: Reference): void;
  addMetadata(key: string, value: string): void;
  /** A rule has one threshold at most; `node` is where a second one is reported. */
  addThreshold(threshold: Threshold, node: OptionNode): void;
  addPacketTest(test: PacketTest): void;
  addBitTest(test: BitTest): void;
  addBitEffect(effect: BitEffect): void;

  /** Makes a sticky buffer the current one; what follows inspects it. */
  selectBuffer(buffer: BufferName, node: OptionNode): void;
  readonly currentBuffer: BufferName;
  /** Appends a step to the current buffer. */
  addMatch(match: BufferMatch, node: OptionNode): void;
  /** Appends a content whose modifiers may follow. */
  addContent(content: OpenContent): void;
  /** The content that a modifier belongs to, the last one written; reports an error when there is none. */
  lastContent(node: OptionNode): OpenContent | undefined;

  /** Index of a byte_extract/byte_math variable that this step sets; the same name again is the same variable. */
  defineVariable(name: string, node: OptionNode): number;
  /** The value of a number or of a variable defined before; reports an unknown name. */
  resolveValue(text: number | string, node: OptionNode): Value;
  /** Records that the rule needs an application protocol that is not parsed yet. */
  waitFor(protocol: string): void;
}

/** What a rule has beside its options. */
export interface RuleFrame {
  readonly action: Action;
  readonly header: RuleHeader;
  readonly origin: RuleProgram['origin'];
}

/** Steps over one buffer as they are written; a content stays open until the rule is complete. */
interface OpenBuffer {
  readonly buffer: BufferName;
  readonly matches: (BufferMatch | OpenContent)[];
}

const DEFAULT_PRIORITY = 3;
const DEFAULT_GID = 1;

export class ProgramBuilder implements RuleBuilder {
  readonly diagnostics: Diagnostics;
  readonly environment: RuleEnvironment;
  msg: string | undefined;
  sid: number | undefined;
  gid: number | undefined;
  rev: number | undefined;
  classtype: { readonly name: string; readonly span: Span } | undefined;
  priority: number | undefined;
  noalert = false;
  flow: FlowTest | undefined;
  target: RuleProgram['target'];

  private readonly references: Reference[] = [];
  private readonly metadata = new Map<string, string[]>();
  private readonly thresholds: Threshold[] = [];
  private readonly packetTests: PacketTest[] = [];
  private readonly bitTests: BitTest[] = [];
  private readonly effects: BitEffect[] = [];
  private readonly buffers: OpenBuffer[] = [];
  private readonly contents: PatternCandidate[] = [];
  private readonly variables = new Map<string, number>();
  private readonly waitingFor = new Set<string>();
  private current: BufferName = 'payload';
  private last: OpenContent | undefined;

  constructor(environment: RuleEnvironment, diagnostics: Diagnostics) {
    this.environment = environment;
    this.diagnostics = diagnostics;
  }

  get currentBuffer(): BufferName {
    return this.current;
  }

  /** Whether the rule waits for an application protocol. */
  get isWaiting(): boolean {
    return this.waitingFor.size > 0;
  }

  addReference(reference: Reference): void {
    this.references.push(reference);
  }

  addMetadata(key: string, value: string): void {
    const values = this.metadata.get(key);
    if (values === undefined) this.metadata.set(key, [value]);
    else values.push(value);
  }

  addThreshold(threshold: Threshold, node: OptionNode): void {
    if (this.thresholds.length > 0) {
      this.diagnostics.error('two-thresholds', `${node.name.text} stands beside another threshold`, node.name.span, 'a rule has threshold or detection_filter, not both');
    }
    this.thresholds.push(threshold);
  }

  addPacketTest(test: PacketTest): void {
    this.packetTests.push(test);
  }

  addBitTest(test: BitTest): void {
    this.bitTests.push(test);
  }

  addBitEffect(effect: BitEffect): void {
    this.effects.push(effect);
  }

  selectBuffer(buffer: BufferName, _node: OptionNode): void {
    this.current = buffer;
    this.last = undefined;
  }

  addMatch(match: BufferMatch, _node: OptionNode): void {
    this.openBuffer().matches.push(match);
  }

  addContent(content: OpenContent): void {
    this.openBuffer().matches.push(content);
    this.contents.push({ buffer: this.current, content });
    this.last = content;
  }

  lastContent(node: OptionNode): OpenContent | undefined {
    if (this.last === undefined) {
      this.diagnostics.error('modifier-without-content', `${node.name.text} follows no content`, node.name.span, `write it behind the content it modifies: content:"…"; ${node.name.text}…;`);
    }
    return this.last;
  }

  defineVariable(name: string, _node: OptionNode): number {
    const known = this.variables.get(name);
    if (known !== undefined) return known;
    const index = this.variables.size;
    this.variables.set(name, index);
    return index;
  }

  resolveValue(text: number | string, node: OptionNode): Value {
    if (typeof text === 'number') return text;
    const variable = this.variables.get(text);
    if (variable !== undefined) return { variable };
    this.diagnostics.error('unknown-variable', `${text} is neither a number nor a variable set before`, (node.value ?? node.name).span, 'byte_extract and byte_math set variables; they must stand before the use');
    return 0;
  }

  waitFor(protocol: string): void {
    this.waitingFor.add(protocol);
  }

  /** The finished rule, undefined where an error was reported, here or before, or where there is no sid. */
  build(frame: RuleFrame): RuleProgram | undefined {
    const { sid } = this;
    const fastPattern = chooseFastPattern(this.contents, this.diagnostics);
    const classification = this.classify();
    if (sid === undefined || this.diagnostics.hasErrors) return undefined;
    const waiting = this.isWaiting;
    return {
      action: frame.action, gid: this.gid ?? DEFAULT_GID, sid, rev: this.rev ?? 0, msg: this.msg ?? '',
      classtype: this.classtype?.name, category: classification?.description ?? '',
      priority: this.priority ?? classification?.priority ?? DEFAULT_PRIORITY,
      references: this.references, metadata: this.metadata, header: frame.header, flow: this.flow,
      packetTests: this.packetTests, bitTests: this.bitTests, effects: this.effects,
      noalert: this.noalert, thresholds: this.thresholds, target: this.target,
      // What a waiting rule asks of buffers that do not exist yet cannot be said.
      buffers: waiting ? [] : this.buffers.map(({ buffer, matches }) => ({ buffer, matches: inOrder(matches) })),
      fastPattern: waiting ? undefined : fastPattern,
      variableCount: this.variables.size, waitingFor: [...this.waitingFor], origin: frame.origin,
    };
  }

  private openBuffer(): OpenBuffer {
    let open = this.buffers.find(({ buffer }) => buffer === this.current);
    if (open === undefined) {
      open = { buffer: this.current, matches: [] };
      this.buffers.push(open);
    }
    return open;
  }

  private classify(): { readonly description: string; readonly priority: number } | undefined {
    if (this.classtype === undefined) return undefined;
    const classification = this.environment.classification(this.classtype.name);
    if (classification === undefined) {
      this.diagnostics.warning('unknown-classtype', `the classtype ${this.classtype.name} is not in classification.config`, this.classtype.span, `the rule gets priority ${this.priority ?? DEFAULT_PRIORITY} and no category`);
    }
    return classification;
  }
}

function isOpen(match: BufferMatch | OpenContent): match is OpenContent {
  return match.kind === 'content' && 'node' in match;
}

function isOnly(match: BufferMatch | OpenContent): boolean {
  return isOpen(match) && match.fastPattern?.only === true;
}

/** The steps in the order written; a content with fast_pattern:only has no place among them, so that none is relative to it. */
function inOrder(matches: readonly (BufferMatch | OpenContent)[]): BufferMatch[] {
  return [...matches.filter((match) => !isOnly(match)), ...matches.filter(isOnly)].map(close);
}

/** The content without what only construction needed. */
function close(match: BufferMatch | OpenContent): BufferMatch {
  if (!isOpen(match)) return match;
  const { kind, bytes, negated, nocase, offset, depth, distance, within, startswith, endswith } = match;
  return { kind, bytes, negated, nocase, offset, depth, distance, within, startswith, endswith };
}
