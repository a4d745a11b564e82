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
  Action, BitEffect, BitTest, BufferMatch, BufferProgram, ContentMatch, FlowTest, PacketTest, Reference, RuleHeader, RuleProgram, Threshold, Transform, Value,
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
  /** Thresholds apply one after the other; `node` is where one beside a detection_filter is reported. */
  addThreshold(threshold: Threshold, node: OptionNode): void;
  addPacketTest(test: PacketTest): void;
  addBitTest(test: BitTest): void;
  addBitEffect(effect: BitEffect): void;

  /** Makes a sticky buffer the current one; what follows inspects it. */
  selectBuffer(buffer: BufferName, node: OptionNode): void;
  readonly currentBuffer: BufferName;
  /** Transforms what follows of the sticky buffer chosen; reports an error where none was, or one that is transformed was looked at. */
  addTransform(transform: Transform, node: OptionNode): void;
  /** Says that the sticky buffer just chosen is to be missing, or may be. */
  setAbsent(absent: 'only' | 'or_else', node: OptionNode): void;
  /** Appends a step to the current buffer. */
  addMatch(match: BufferMatch, node: OptionNode): void;
  /** Appends a content whose modifiers may follow. */
  addContent(content: OpenContent): void;
  /** Whether a content stands before, since the last sticky buffer. */
  readonly hasContent: boolean;
  /** The content that a modifier belongs to, the last one written; reports an error when there is none. */
  lastContent(node: OptionNode): OpenContent | undefined;

  /** Index of a byte_extract/byte_math variable that this step sets; the same name again is the same variable. */
  defineVariable(name: string, node: OptionNode): number;
  /** The value of a number or of a variable defined before; reports an unknown name. */
  resolveValue(text: number | string, node: OptionNode): Value;
  /** Reports a keyword that is not known; checked once the registry is at hand. */
  requireKeyword(name: string, node: OptionNode): void;
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
  readonly transforms: Transform[];
  absent: 'only' | 'or_else' | undefined;
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
  private readonly contents: (PatternCandidate & { readonly open: OpenBuffer })[] = [];
  private readonly variables = new Map<string, number>();
  private readonly waitingFor = new Set<string>();
  /** Keywords that the rule asks for with `requires`; who compiles it knows which there are. */
  readonly requiredKeywords: { readonly name: string; readonly node: OptionNode }[] = [];
  private current: BufferName = 'payload';
  /** Where the steps of the current buffer go; undefined until the first of them. */
  private open: OpenBuffer | undefined;
  private selected = false;
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
    if (this.thresholds.some(({ kind }) => (kind === 'detection_filter') !== (threshold.kind === 'detection_filter'))) {
      this.diagnostics.error('two-thresholds', 'threshold and detection_filter stand in one rule', node.name.span, 'a rule has threshold or detection_filter, not both');
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
    this.open = undefined;
    this.selected = true;
  }

  addTransform(transform: Transform, node: OptionNode): void {
    // As in Suricata, a transform behind steps over the plain buffer is for what follows.
    if (this.open !== undefined && this.open.matches.length > 0 && this.open.transforms.length === 0 && this.open.absent === undefined) this.open = undefined;
    const open = this.freshBuffer(node);
    open?.transforms.push(transform);
  }

  setAbsent(absent: 'only' | 'or_else', node: OptionNode): void {
    const open = this.freshBuffer(node);
    if (open !== undefined) open.absent = absent;
  }

  addMatch(match: BufferMatch, _node: OptionNode): void {
    this.openBuffer().matches.push(match);
  }

  addContent(content: OpenContent): void {
    this.openBuffer().matches.push(content);
    this.contents.push({ buffer: this.current, content, open: this.open! });
    this.last = content;
  }

  get hasContent(): boolean {
    return this.last !== undefined;
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

  requireKeyword(name: string, node: OptionNode): void {
    this.requiredKeywords.push({ name, node });
  }

  waitFor(protocol: string): void {
    this.waitingFor.add(protocol);
  }

  /** The finished rule, undefined where an error was reported, here or before, or where there is no sid. */
  build(frame: RuleFrame): RuleProgram | undefined {
    const { sid } = this;
    const fastPattern = chooseFastPattern(this.contents.filter(isScanned), this.diagnostics);
    this.checkAbsent();
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
      buffers: waiting ? [] : this.buffers.map(closeBuffer),
      fastPattern: waiting ? undefined : fastPattern,
      variableCount: this.variables.size, waitingFor: [...this.waitingFor], origin: frame.origin,
    };
  }

  private openBuffer(): OpenBuffer {
    this.open ??= this.buffers.find(({ buffer, transforms, absent }) => buffer === this.current && transforms.length === 0 && absent === undefined) ?? this.newBuffer();
    return this.open;
  }

  /** The buffer that a keyword right behind a sticky buffer speaks of. */
  private freshBuffer(node: OptionNode): OpenBuffer | undefined {
    if (this.selected && (this.open === undefined || this.open.matches.length === 0)) {
      this.open ??= this.newBuffer();
      return this.open;
    }
    this.diagnostics.error('no-sticky-buffer', `${node.name.text} does not stand behind a sticky buffer`, node.name.span, `name the buffer first: pkt_data; ${node.name.text}; content:"…";`);
    return undefined;
  }

  private newBuffer(): OpenBuffer {
    const open: OpenBuffer = { buffer: this.current, transforms: [], absent: undefined, matches: [] };
    this.buffers.push(open);
    return open;
  }

  /** What is said of a buffer that must be missing cannot hold. */
  private checkAbsent(): void {
    for (const { absent, matches } of this.buffers) {
      const [first] = matches;
      if (absent !== 'only' || first === undefined) continue;
      const span = isOpen(first) ? first.node.name.span : { start: 0, end: 1 };
      this.diagnostics.error('absent-with-steps', 'the buffer is to be absent, and something is looked for in it', span, 'write absent:or_else; where either will do');
    }
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

/** Contents of a buffer as it lies in the packet, which must be there: what a prefilter can look for. */
function isScanned({ buffer, open }: PatternCandidate & { readonly open: OpenBuffer }): boolean {
  return buffer !== 'base64_data' && open.transforms.length === 0 && open.absent === undefined;
}

function closeBuffer({ buffer, transforms, absent, matches }: OpenBuffer): BufferProgram {
  return {
    buffer, matches: inOrder(matches),
    ...(transforms.length > 0 ? { transforms } : {}),
    ...(absent === undefined ? {} : { absent }),
  };
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
