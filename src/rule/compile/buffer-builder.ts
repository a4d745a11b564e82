/**
 * The buffers of a rule under construction: which one is current, the steps over each, the contents that modifiers may
 * still follow. Stage: rule (compile); a part of rule-builder.ts.
 *
 * Steps over a buffer whose protocol is not parsed yet are kept apart, each stretch by itself: nothing comes of them
 * but what the linter says. With each step goes the option it was written as.
 */
import { ALL_BUFFERS, type BufferName } from '../../app/buffers.js';
import type { OptionNode } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { chooseFastPattern, type PatternCandidate } from './fast-pattern.js';
import { settlePcres, type OpenPcre } from './pcre-step.js';
import type { BufferProgram, FastPattern } from '../program.js';
import type { BufferMatch, ContentMatch, NumberMatch, Transform } from '../buffer-match.js';

/** A content whose modifiers may still follow. */
export type OpenContent = { -readonly [K in keyof ContentMatch]: ContentMatch[K] } & {
  node: OptionNode;
  fastPattern?: { only: boolean; offset?: number | undefined; length?: number | undefined } | undefined;
};

/** A content before its modifiers. All that can be said of it is there from the start, so that all are of one shape. */
export function openContent(bytes: Uint8Array, negated: boolean, node: OptionNode): OpenContent {
  return {
    kind: 'content',
    bytes,
    negated,
    nocase: false,
    offset: undefined,
    depth: undefined,
    distance: undefined,
    within: undefined,
    startswith: false,
    endswith: false,
    node,
    fastPattern: undefined,
  };
}

/** A step as it stands during construction. */
export type OpenMatch = BufferMatch | OpenContent | OpenPcre;

/** Steps over one buffer as they are written; a content stays open until the rule is complete. */
export interface OpenBuffer {
  /** Undefined for a buffer of a protocol that is not parsed yet. */
  readonly buffer: BufferName | undefined;
  /** The keyword that chose it. */
  readonly selector: OptionNode | undefined;
  /** Such a buffer holds no capital letters. */
  readonly lowercase: boolean;
  readonly transforms: Transform[];
  absent: 'only' | 'or_else' | undefined;
  readonly matches: OpenMatch[];
  /** Where each of the steps was written. */
  readonly nodes: OptionNode[];
}

export class BufferBuilder {
  readonly buffers: OpenBuffer[] = [];
  private readonly diagnostics: Diagnostics;
  private readonly contents: { readonly content: OpenContent; open: OpenBuffer }[] = [];
  private current: BufferName = 'payload';
  private selector: OptionNode | undefined;
  /** Whether what follows is over a buffer that is not parsed yet, and whether that holds no capital letters. */
  private unparsed = false;
  private lowercase = false;
  /** Where the steps of the current buffer go; undefined until the first of them. */
  private open: OpenBuffer | undefined;
  private selected = false;
  private last: OpenContent | undefined;
  /** The buffer that the last content was moved to. */
  private moved: OpenBuffer | undefined;

  constructor(diagnostics: Diagnostics) {
    this.diagnostics = diagnostics;
  }

  get hasContent(): boolean {
    return this.last !== undefined;
  }

  /** Whether a sticky buffer was named, or one that is not known may be current. */
  get isSticky(): boolean {
    return this.selected || this.unparsed;
  }

  select(buffer: BufferName, node?: OptionNode): void {
    this.current = buffer;
    this.selector = node;
    this.unparsed = false;
    this.last = undefined;
    this.open = undefined;
    this.moved = undefined;
    this.selected = true;
  }

  selectUnparsed(lowercase: boolean): void {
    this.select('payload');
    this.unparsed = true;
    this.lowercase = lowercase;
  }

  /** What follows is over some buffer that is not known; modifiers still belong to the content before. */
  leave(): void {
    this.unparsed = true;
    this.lowercase = false;
    this.open = undefined;
    this.selected = false;
  }

  /**
   * The last content is in another buffer. Relative steps behind it are over that one, too, until something else is
   * said; the current buffer stays what it was.
   */
  moveLast(buffer: BufferName, node: OptionNode): void {
    const { last } = this;
    if (last === undefined || !this.takeLast()) return;
    this.moved = this.append(this.named(buffer, node), last, last.node);
    for (const entry of this.contents) if (entry.content === last) entry.open = this.moved;
  }

  /** The last content is in a buffer that is not parsed yet; which one the steps behind it are over cannot be told. */
  moveLastUnparsed(lowercase: boolean): void {
    const { last } = this;
    if (last !== undefined && this.takeLast()) {
      this.leave();
      this.lowercase = lowercase;
      const moved = this.add(last, last.node);
      for (const entry of this.contents) if (entry.content === last) entry.open = moved;
    }
    this.leave();
  }

  /** A comparison of numbers is a buffer by itself. */
  addNumber(buffer: BufferName, match: NumberMatch, node: OptionNode): void {
    this.append(this.newBuffer(buffer, node), match, node);
  }

  /** Steps that one instance of a buffer must pass, by themselves; the current buffer stays what it is. */
  addSteps(buffer: BufferName, steps: readonly (BufferMatch | OpenContent)[], node: OptionNode): void {
    const open = this.newBuffer(buffer, node);
    for (const step of steps) {
      this.append(open, step, node);
      if (isOpen(step)) this.contents.push({ content: step, open });
    }
  }

  /** Takes the last content from where it is; false where it was moved already. */
  private takeLast(): boolean {
    const open = this.contents.find(({ content }) => content === this.last)?.open;
    const index = open?.matches.indexOf(this.last!) ?? -1;
    if (open === undefined || index < 0 || open !== this.open) return false;
    open.matches.splice(index, 1);
    open.nodes.splice(index, 1);
    return true;
  }

  addTransform(transform: Transform, node: OptionNode): void {
    // As in Suricata, a transform behind steps over the plain buffer is for what follows.
    if (
      this.open !== undefined &&
      this.open.matches.length > 0 &&
      this.open.transforms.length === 0 &&
      this.open.absent === undefined
    )
      this.open = undefined;
    const open = this.freshBuffer(node);
    open?.transforms.push(transform);
  }

  setAbsent(absent: 'only' | 'or_else', node: OptionNode): void {
    const open = this.freshBuffer(node);
    if (open !== undefined) open.absent = absent;
  }

  addMatch(match: BufferMatch | OpenPcre, node: OptionNode, buffer?: BufferName): void {
    if (buffer !== undefined) this.append(this.named(buffer, node), match, node);
    else if (this.moved !== undefined && followsContent(match)) this.append(this.moved, match, node);
    else this.add(match, node);
  }

  addContent(content: OpenContent): void {
    this.moved = undefined;
    const open = this.add(content, content.node);
    if (open.buffer !== undefined && ALL_BUFFERS.spec(open.buffer).eitherCase === true) content.nocase = true;
    this.contents.push({ content, open });
    this.last = content;
  }

  addContentIn(buffer: BufferName, content: OpenContent): void {
    const open = this.append(this.named(buffer, content.node), content, content.node);
    this.contents.push({ content, open });
  }

  lastContent(node: OptionNode): OpenContent | undefined {
    if (this.last === undefined) {
      this.diagnostics.error(
        'modifier-without-content',
        `${node.name.text} follows no content`,
        node.name.span,
        `write it behind the content it modifies: content:"…"; ${node.name.text}…;`,
      );
    }
    return this.last;
  }

  /** If the last step is a content: it is to be at the end of the buffer. */
  endContent(): boolean {
    const { last } = this;
    if (last === undefined || this.open?.matches.at(-1) !== last) return false;
    last.endswith = true;
    return true;
  }

  /** The content that the prefilter looks for; reports a second explicit one. */
  chooseFastPattern(): FastPattern | undefined {
    const candidates: PatternCandidate[] = [];
    for (const { content, open } of this.contents) {
      if (content.fastPattern !== undefined && open.buffer === 'base64_data')
        this.diagnostics.warning(
          'fast-pattern-decoded',
          'fast_pattern has no effect in base64_data, which is decoded behind the prefilter',
          content.node.name.span,
          'put it on a content of another buffer',
        );
      if (!isScanned(open)) continue;
      const { buffer, transforms } = open;
      candidates.push({ buffer: buffer ?? 'payload', transforms, content, isParsed: buffer !== undefined });
    }
    if (candidates.length === 0) return undefined;
    return chooseFastPattern(inTransactions(candidates, this.buffers), this.diagnostics);
  }

  /** Reports steps over a buffer that must be missing: they cannot hold. */
  checkAbsent(): void {
    for (const {
      absent,
      nodes: [first],
    } of this.buffers) {
      if (absent !== 'only' || first === undefined) continue;
      this.diagnostics.error(
        'absent-with-steps',
        'the buffer is to be absent, and something is looked for in it',
        first.name.span,
        'write absent:or_else; where either will do',
      );
    }
  }

  /** The steps as detection takes them; reports regular expressions that may cost much. */
  close(): BufferProgram[] {
    // PERF: by `push`, as `map` makes lists of another kind once V8 has compiled it, and then what looks at these lists
    // is compiled again; so it is in what else makes a part of a program.
    const closed: BufferProgram[] = [];
    for (const open of this.buffers) if (saysSomething(open)) closed.push(closeBuffer(open, this.diagnostics));
    return closed;
  }

  private add(match: OpenMatch, node: OptionNode): OpenBuffer {
    this.open ??= this.bufferSoFar() ?? this.newBuffer();
    return this.append(this.open, match, node);
  }

  private append(open: OpenBuffer, match: OpenMatch, node: OptionNode): OpenBuffer {
    open.matches.push(match);
    open.nodes.push(node);
    return open;
  }

  /** The steps over a buffer that an option names for itself alone. */
  private named(buffer: BufferName, node: OptionNode): OpenBuffer {
    return this.plain(buffer) ?? this.newBuffer(buffer, node);
  }

  /** The steps that those to come belong to: a buffer named again goes on, and of several each naming means one. */
  private bufferSoFar(): OpenBuffer | undefined {
    if (this.unparsed) return undefined;
    const { kind, ofFiles } = ALL_BUFFERS.spec(this.current);
    return kind === 'multi' || ofFiles === true ? undefined : this.plain(this.current);
  }

  private plain(name: BufferName): OpenBuffer | undefined {
    return this.buffers.find(
      ({ buffer, transforms, absent }) => buffer === name && transforms.length === 0 && absent === undefined,
    );
  }

  /** The buffer that a keyword right behind a sticky buffer speaks of. */
  private freshBuffer(node: OptionNode): OpenBuffer | undefined {
    if (this.selected && (this.open === undefined || this.open.matches.length === 0)) {
      this.open ??= this.newBuffer();
      return this.open;
    }
    this.diagnostics.error(
      'no-sticky-buffer',
      `${node.name.text} does not stand behind a sticky buffer`,
      node.name.span,
      `name the buffer first: pkt_data; ${node.name.text}; content:"…";`,
    );
    return undefined;
  }

  private newBuffer(named?: BufferName, node = this.selector): OpenBuffer {
    const buffer = named ?? (this.unparsed ? undefined : this.current);
    const open: OpenBuffer = {
      buffer,
      selector: node,
      lowercase: buffer === undefined ? this.lowercase : ALL_BUFFERS.spec(buffer).lowercase === true,
      transforms: [],
      absent: undefined,
      matches: [],
      nodes: [],
    };
    this.buffers.push(open);
    return open;
  }
}

/**
 * Whether a prefilter can look for contents of the buffer: it must be there before rules are looked at, and be there at
 * all.
 */
function isScanned({ buffer, absent }: OpenBuffer): boolean {
  return buffer !== 'base64_data' && absent === undefined;
}

const isOfTransactions = (buffer: BufferName | undefined): boolean =>
  buffer !== undefined && ALL_BUFFERS.spec(buffer).scope === 'tx';

/** Of a rule of transactions: what it looks for in the payload beside them finds no transaction. */
function inTransactions(
  candidates: readonly PatternCandidate[],
  buffers: readonly OpenBuffer[],
): readonly PatternCandidate[] {
  if (!buffers.some(({ buffer }) => isOfTransactions(buffer))) return candidates;
  const found: PatternCandidate[] = [];
  const telling: PatternCandidate[] = [];
  let isTold = false;
  for (const candidate of candidates) {
    const { buffer, content, isParsed } = candidate;
    if (!isParsed || !isOfTransactions(buffer)) continue;
    found.push(candidate);
    if (content.fastPattern === undefined && ALL_BUFFERS.spec(buffer).common === true) continue;
    telling.push(candidate);
    if (!content.negated) isTold = true;
  }
  return isTold ? telling : found;
}

/** Steps over the buffer of the content before them, where they count from there. */
const followsContent = (match: BufferMatch | OpenPcre): boolean =>
  FOLLOWING.has(match.kind) && 'relative' in match && match.relative === true;
const FOLLOWING: ReadonlySet<string> = new Set([
  'isdataat',
  'byte_test',
  'byte_jump',
  'byte_extract',
  'byte_math',
  'base64_decode',
]);

function closeBuffer(
  { buffer = 'payload', transforms, absent, matches }: OpenBuffer,
  diagnostics: Diagnostics,
): BufferProgram {
  const steps: (BufferMatch | OpenPcre)[] = [];
  for (const match of matches) steps.push(close(match));
  return {
    buffer,
    transforms: transforms.length > 0 ? transforms : undefined,
    absent,
    matches: settlePcres(steps, diagnostics),
  };
}

/** Steps that were moved elsewhere leave an empty buffer. */
const saysSomething = ({ matches, absent, transforms }: OpenBuffer): boolean =>
  matches.length > 0 || absent !== undefined || transforms.length > 0;

function isOpen(match: OpenMatch): match is OpenContent {
  return match.kind === 'content' && 'node' in match;
}

/** The content without what only construction needed. */
function close(match: OpenMatch): BufferMatch | OpenPcre {
  if (!isOpen(match)) return match;
  const { kind, bytes, negated, nocase, offset, depth, distance, within, startswith, endswith } = match;
  return { kind, bytes, negated, nocase, offset, depth, distance, within, startswith, endswith };
}
