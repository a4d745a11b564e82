/**
 * Contents of one buffer that exclude each other: different bytes at one place, the same bytes asked for and excluded,
 * letters that a transform has taken away. Stage: rule (lint).
 */
import type { OpenBuffer } from '../compile/buffer-builder.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { ContentMatch } from '../buffer-match.js';
import { isRelative } from '../compile/step-dependence.js';
import type { BufferExtent, PlacedContent } from './buffer-extent.js';
import { never, optionText, valueSpan } from './lint-context.js';

/** Reports at most one contradiction; whether there was one. */
export function lintContents(open: OpenBuffer, extent: BufferExtent, diagnostics: Diagnostics): boolean {
  return (
    (extent.placed.length + extent.atEnd > 1 && hasPlaceConflict(open, extent, diagnostics)) ||
    (extent.excluded > 0 && hasExcludedContent(open, diagnostics)) ||
    ((open.lowercase || open.transforms.length > 0) && hasMissingLetters(open, diagnostics))
  );
}

/** Where the length is certain, the place of a content at the end is, too. */
function hasPlaceConflict(
  open: OpenBuffer,
  { placed, shortest, longest }: BufferExtent,
  diagnostics: Diagnostics,
): boolean {
  const ends = placedAtEnd(open, 0);
  if (conflict(ends, diagnostics)) return true;
  const exact = shortest.value === longest.value;
  return conflict(exact && ends.length > 0 ? [...placed, ...placedAtEnd(open, longest.value)] : placed, diagnostics);
}

/** Contents that end where the buffer of this length does. */
function placedAtEnd({ matches, nodes }: OpenBuffer, length: number): PlacedContent[] {
  const ends: PlacedContent[] = [];
  for (let i = 0; i < matches.length; i++) {
    const match = matches[i]!;
    if (match.kind === 'content' && match.endswith && !match.negated)
      ends.push({ start: length - match.bytes.length, content: match, node: nodes[i]! });
  }
  return ends;
}

function conflict(placed: readonly PlacedContent[], diagnostics: Diagnostics): boolean {
  for (let i = 1; i < placed.length; i++) {
    const here = placed[i]!;
    const other = placed.slice(0, i).find((each) => !agree(each, here));
    if (other === undefined) continue;
    never(
      diagnostics,
      `${optionText(other.node)} is at this place, with other bytes`,
      valueSpan(here.node),
      'two contents cannot be at one place with different bytes: correct a position, or write two rules',
    );
    return true;
  }
  return false;
}

/**
 * Whether both can be where they are: the bytes that they share are the same, but for case where one of them ignores
 * it.
 */
function agree(a: PlacedContent, b: PlacedContent): boolean {
  const from = Math.max(a.start, b.start);
  const to = Math.min(a.start + a.content.bytes.length, b.start + b.content.bytes.length);
  const nocase = a.content.nocase || b.content.nocase;
  for (let at = from; at < to; at++) {
    if (!sameByte(a.content.bytes[at - a.start]!, b.content.bytes[at - b.start]!, nocase)) return false;
  }
  return true;
}

function hasExcludedContent({ matches, nodes }: OpenBuffer, diagnostics: Diagnostics): boolean {
  for (let i = 0; i < matches.length; i++) {
    const excluded = matches[i]!;
    if (excluded.kind !== 'content' || !excluded.negated) continue;
    const at = matches.findIndex((match) => match.kind === 'content' && !match.negated && excludes(excluded, match));
    if (at < 0) continue;
    never(
      diagnostics,
      `${optionText(nodes[at]!)} holds what this excludes`,
      valueSpan(nodes[i]!),
      'give the negated content a position that leaves out the other one',
    );
    return true;
  }
  return false;
}

/** Whether every place where `content` can be holds the excluded bytes, where they are looked for. */
function excludes(excluded: ContentMatch, content: ContentMatch): boolean {
  const { length } = excluded.bytes;
  if (content.nocase && !excluded.nocase) return false;
  for (let at = 0; at + length <= content.bytes.length; at++) {
    if (holds(content.bytes, at, excluded) && isLookedFor(excluded, content, at)) return true;
  }
  return false;
}

/**
 * Whether the excluded bytes, `at` so many bytes within the content, are where they are looked for, wherever that is.
 */
function isLookedFor(excluded: ContentMatch, content: ContentMatch, at: number): boolean {
  const where = placesOf(excluded);
  const found = placesOf(content) ?? ANYWHERE;
  const behind = content.bytes.length - at - excluded.bytes.length;
  if (where === undefined || (excluded.endswith && !(content.endswith && behind === 0))) return false;
  return where.from <= found.from + at && where.to >= found.to - behind;
}

interface Places {
  readonly from: number;
  readonly to: number;
}

const ANYWHERE: Places = { from: 0, to: Infinity };

/** Bounds of where a content is looked for; undefined where they depend on other steps. */
function placesOf(content: ContentMatch): Places | undefined {
  const { bytes, offset = 0, depth = Infinity, startswith } = content;
  if (isRelative(content) || typeof offset !== 'number' || typeof depth !== 'number') return undefined;
  return startswith ? { from: 0, to: bytes.length } : { from: offset, to: offset + depth };
}

function holds(bytes: Uint8Array, at: number, { bytes: part, nocase }: ContentMatch): boolean {
  for (let i = 0; i < part.length; i++) if (!sameByte(bytes[at + i]!, part[i]!, nocase)) return false;
  return true;
}

const isUpper = (byte: number): boolean => byte >= 0x41 && byte <= 0x5a;
const isLower = (byte: number): boolean => byte >= 0x61 && byte <= 0x7a;
const lower = (byte: number): number => (isUpper(byte) ? byte + 0x20 : byte);
const sameByte = (a: number, b: number, nocase: boolean): boolean => a === b || (nocase && lower(a) === lower(b));

function hasMissingLetters({ lowercase, transforms, matches, nodes }: OpenBuffer, diagnostics: Diagnostics): boolean {
  const last = transforms.length === 0 ? undefined : transforms[transforms.length - 1]!.kind;
  const gone =
    last === 'to_uppercase'
      ? isLower
      : last === 'to_lowercase' || (lowercase && last === undefined)
        ? isUpper
        : undefined;
  if (gone === undefined) return false;
  const at = matches.findIndex(
    (match) => match.kind === 'content' && !match.negated && !match.nocase && match.bytes.some(gone),
  );
  if (at < 0) return false;
  const [missing, other] = gone === isUpper ? ['capital', 'small'] : ['small', 'capital'];
  never(
    diagnostics,
    `this buffer has no ${missing} letters`,
    valueSpan(nodes[at]!),
    `write the content in ${other} letters`,
  );
  return true;
}
