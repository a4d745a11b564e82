/**
 * How long a buffer must be, and may be, for a rule's steps over it to pass; and where each content can lie. Stage:
 * rule (lint).
 *
 *   content:"ab"; offset:4;         the buffer has 6 bytes or more, the match ends at 6 or behind
 *   content:"cd"; distance:2; within:4;   10 bytes or more, the match ends from 10 on
 *   isdataat:!8;                    8 bytes or less: no such buffer
 *
 * Bounds are kept of the end of the last match and of the length; what a step does that is not known here widens them,
 * so that a contradiction is always a true one.
 */
import type { OptionNode } from '../ast.js';
import type { OpenBuffer, OpenMatch } from '../compile/buffer-builder.js';
import type { BufferMatch, BufferSize, ByteTest, ContentMatch, IsDataAt, Value } from '../buffer-match.js';
import { isRelative } from '../compile/step-dependence.js';

/** A content that lies at one place only. */
export interface PlacedContent {
  readonly start: number;
  readonly content: ContentMatch;
  readonly node: OptionNode;
}

/** Who asks for a length. */
export interface LengthBound {
  value: number;
  /** Undefined for what holds of every such buffer. */
  node: OptionNode | undefined;
}

type ByteStep = Pick<ByteTest, 'bytes' | 'offset' | 'relative' | 'text'>;

export class BufferExtent {
  readonly shortest: LengthBound;
  readonly longest: LengthBound;
  readonly placed: PlacedContent[] = [];
  /** Contents that must be at the end, and those that must not be there at all. */
  atEnd = 0;
  excluded = 0;
  /** A relative content whose window lies before the start of the buffer. */
  impossible: OptionNode | undefined;
  /** Where the last match ends: at the earliest and at the latest. */
  private low = 0;
  private high: number;

  constructor(shortest: LengthBound, longest: LengthBound, open: OpenBuffer) {
    this.shortest = shortest;
    this.longest = longest;
    // Which match comes before the first step is not known of a buffer that is not parsed.
    this.high = open.buffer === undefined ? Infinity : 0;
    open.matches.forEach((match, index) => this.take(match, open.nodes[index]!));
  }

  private take(match: OpenMatch, node: OptionNode): void {
    switch (match.kind) {
      case 'content':
        if (match.negated) this.excluded++;
        else this.takeContent(match, node);
        return;
      case 'pcre':
        if (!match.negated) this.moveTo(match.relative ? this.low : 0, Infinity);
        return;
      case 'isdataat':
        this.takeIsDataAt(match, node);
        return;
      case 'bsize':
        this.takeSize(match, node);
        return;
      case 'byte_test':
        this.takeRead(match, node);
        return;
      case 'byte_extract':
      case 'byte_math':
        this.takeRead(match, node);
        this.moveTo(this.readEnd(match), Infinity);
        return;
      default:
        this.takeOther(match, node);
    }
  }

  private takeContent(content: ContentMatch, node: OptionNode): void {
    const { length } = content.bytes;
    const { offset, depth, distance, within } = content;
    let start = 0;
    let end = content.startswith ? length : Infinity;
    if (isRelative(content)) {
      const gap = plain(distance ?? 0);
      if (gap !== undefined) {
        start = Math.max(0, this.low + gap);
        if (typeof within === 'number') end = this.high + gap + within;
      }
    } else {
      start = plain(offset ?? 0) ?? 0;
      if (typeof depth === 'number' && typeof offset !== 'object') end = Math.min(end, start + depth);
    }
    if (start + length > end) this.impossible ??= node;
    if (start + length === end) this.placed.push({ start, content, node });
    this.needs(start + length, node);
    if (content.endswith) {
      this.atEnd++;
      this.allows(end, node);
    }
    this.moveTo(start + length, end);
  }

  private takeIsDataAt({ position, negated, relative }: IsDataAt, node: OptionNode): void {
    if (typeof position !== 'number') return;
    if (negated) this.allows(relative ? this.high + position - 1 : position, node);
    else this.needs(relative ? this.low + position : position + 1, node);
  }

  private takeSize({ ranges, mask, relative }: BufferSize, node: OptionNode): void {
    if (mask !== undefined) return;
    const first = ranges[0];
    const last = ranges[ranges.length - 1];
    if (first === undefined || last === undefined) return;
    this.needs(first[0] + (relative === true ? this.low : 0), node);
    this.allows(last[1] + (relative === true ? this.high : 0), node);
  }

  private takeRead(step: ByteStep, node: OptionNode): void {
    this.needs(Math.max(1, this.readEnd(step)), node);
  }

  /** The least that the end of what is read can be. */
  private readEnd({ bytes, offset, relative, text }: ByteStep): number {
    const from = plain(offset);
    const start = from === undefined ? 0 : Math.max(0, from + (relative ? this.low : 0));
    const count = plain(bytes);
    return start + (text === undefined ? (count ?? 0) : 1);
  }

  private takeOther(match: Exclude<BufferMatch, ContentMatch>, node: OptionNode): void {
    switch (match.kind) {
      case 'byte_jump':
        this.takeRead(match, node);
        this.moveTo(0, Infinity);
        return;
      case 'base64_decode':
        this.needs((match.relative ? this.low : 0) + match.offset + 2, node);
        return;
      case 'entropy':
        this.needs(match.offset + Math.max(match.bytes, 1), node);
        return;
      case 'asn1':
        return;
      default:
        this.moveTo(0, Infinity);
    }
  }

  private moveTo(low: number, high: number): void {
    this.low = low;
    this.high = high;
  }

  private needs(length: number, node: OptionNode): void {
    if (length <= this.shortest.value) return;
    this.shortest.value = length;
    this.shortest.node = node;
  }

  private allows(length: number, node: OptionNode): void {
    if (length >= this.longest.value) return;
    this.longest.value = length;
    this.longest.node = node;
  }
}

const plain = (value: Value): number | undefined => (typeof value === 'number' ? value : undefined);
