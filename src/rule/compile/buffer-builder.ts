/**
 * The buffers of a rule under construction: which one is current, the steps over each, the contents that modifiers may
 * still follow. Stage: rule (compile); a part of rule-builder.ts.
 *
 * Steps over a buffer whose protocol is not parsed yet are kept apart, each stretch by itself: nothing comes of them but
 * what the linter says. With each step goes the option it was written as.
 */
import type { BufferName } from '../../app/buffers.js';
import type { OptionNode } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { chooseFastPattern } from './fast-pattern.js';
import { settlePcres, type OpenPcre } from './pcre-step.js';
import type { BufferMatch, BufferProgram, ContentMatch, FastPattern, Transform } from '../program.js';

/** A content whose modifiers may still follow. */
export type OpenContent = { -readonly [K in keyof ContentMatch]: ContentMatch[K] } & {
  node: OptionNode;
  fastPattern?: { only: boolean; offset?: number | undefined; length?: number | undefined } | undefined;
};

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
  private readonly contents: { readonly buffer: BufferName; readonly content: OpenContent; open: OpenBuffer }[] = [];
  private current: BufferName = 'payload';
  private selector: OptionNode | undefined;
  /** Whether what follows is over a buffer that is not parsed yet, and whether that holds no capital letters. */
  private unparsed = false;
  private lowercase = false;
  /** Where the steps of the current buffer go; undefined until the first of them. */
  private open: OpenBuffer | undefined;
  private selected = false;
  private last: OpenContent | undefined;

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

  /** The last content is in a buffer that is not parsed yet; which one the steps behind it are over cannot be told. */
  moveLast(lowercase: boolean): void {
    const { open, last } = this;
    const index = open === undefined || last === undefined ? -1 : open.matches.indexOf(last);
    if (index >= 0) {
      open!.matches.splice(index, 1);
      open!.nodes.splice(index, 1);
      this.leave();
      this.lowercase = lowercase;
      const moved = this.add(last!, last!.node);
      for (const entry of this.contents) if (entry.content === last) entry.open = moved;
    }
    this.leave();
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

  addMatch(match: BufferMatch | OpenPcre, node: OptionNode): void {
    this.add(match, node);
  }

  addContent(content: OpenContent): void {
    const open = this.add(content, content.node);
    this.contents.push({ buffer: this.current, content, open });
    this.last = content;
  }

  lastContent(node: OptionNode): OpenContent | undefined {
    if (this.last === undefined) {
      this.diagnostics.error('modifier-without-content', `${node.name.text} follows no content`, node.name.span, `write it behind the content it modifies: content:"…"; ${node.name.text}…;`);
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
    return chooseFastPattern(this.contents.filter(isScanned).map(({ buffer, content, open }) => ({ buffer, content, isParsed: open.buffer !== undefined })), this.diagnostics);
  }

  /** Reports steps over a buffer that must be missing: they cannot hold. */
  checkAbsent(): void {
    for (const { absent, nodes: [first] } of this.buffers) {
      if (absent !== 'only' || first === undefined) continue;
      this.diagnostics.error('absent-with-steps', 'the buffer is to be absent, and something is looked for in it', first.name.span, 'write absent:or_else; where either will do');
    }
  }

  /** The steps as detection takes them; reports regular expressions that may cost much. */
  close(): BufferProgram[] {
    return this.buffers.map((open) => closeBuffer(open, this.diagnostics));
  }

  private add(match: OpenMatch, node: OptionNode): OpenBuffer {
    this.open ??= this.bufferSoFar() ?? this.newBuffer();
    this.open.matches.push(match);
    this.open.nodes.push(node);
    return this.open;
  }

  /** The steps that those to come belong to: a buffer named again goes on. */
  private bufferSoFar(): OpenBuffer | undefined {
    if (this.unparsed) return undefined;
    return this.buffers.find(({ buffer, transforms, absent }) => buffer === this.current && transforms.length === 0 && absent === undefined);
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
    const open: OpenBuffer = {
      buffer: this.unparsed ? undefined : this.current, selector: this.selector, lowercase: this.unparsed && this.lowercase,
      transforms: [], absent: undefined, matches: [], nodes: [],
    };
    this.buffers.push(open);
    return open;
  }
}

/** Contents of a buffer as it lies in the packet, which must be there: what a prefilter can look for. */
function isScanned({ buffer, open }: { readonly buffer: BufferName; readonly open: OpenBuffer }): boolean {
  return buffer !== 'base64_data' && open.transforms.length === 0 && open.absent === undefined;
}

function closeBuffer({ buffer = 'payload', transforms, absent, matches }: OpenBuffer, diagnostics: Diagnostics): BufferProgram {
  return {
    buffer, matches: settlePcres(matches.map(close), diagnostics),
    ...(transforms.length > 0 ? { transforms } : {}),
    ...(absent === undefined ? {} : { absent }),
  };
}

function isOpen(match: OpenMatch): match is OpenContent {
  return match.kind === 'content' && 'node' in match;
}

/** The content without what only construction needed. */
function close(match: OpenMatch): BufferMatch | OpenPcre {
  if (!isOpen(match)) return match;
  const { kind, bytes, negated, nocase, offset, depth, distance, within, startswith, endswith } = match;
  return { kind, bytes, negated, nocase, offset, depth, distance, within, startswith, endswith };
}
