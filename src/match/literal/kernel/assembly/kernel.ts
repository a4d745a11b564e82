/**
 * The multi-pattern kernel: which patterns of a compiled set occur in a text. Stage: detect (prefilter).
 * Layout of the tables: ../../table-format.ts. Tables, text and scratch lie in one memory, and one thread uses them: a
 * scan takes out of the short lane's filter what was found, and puts it back at its end. This module has no data
 * segments and allocates nothing.
 *
 * Two steps. The filter asks at every position, without a branch, whether the hash of the 4 (short lane: 2) bytes there
 * and 3 bits of the byte after them belong to some pattern; what passes is looked up in the lane's buckets and compared
 * in full. A relative of Hyperscan's FDR: one wide super-character a position instead of a shift-or over narrow ones,
 * because with tens of thousands of patterns each of 8 buckets holds every common pair of letters.
 *
 * BOUNDS: up to TEXT_PADDING bytes after the text are read; verify() alone decides on positions, by start, end and
 * `fresh`.
 */
import {
  AT_DUPLICATES, AT_LONG_LANE, AT_NIBBLES, AT_SHORT_LANE, AT_SINGLES, AT_SINGLE_COUNT,
  ENTRY_BYTES, ENTRY_GRAM_OFFSET, ENTRY_ID, ENTRY_LENGTH, HASH_FACTOR, ID_MASK, LANE_BITS, LANE_ENTRIES, LANE_FILTER,
  LANE_HEADS, NO_ID, SINGLE_BYTES,
} from '../../table-format';
import {
  AT_LONG_CANDIDATES, AT_RETIRED, AT_SHORT_CANDIDATES, BLOCK, FIRST_BLOCK, MAX_RETIRED, MEMO_ENTRIES,
} from '../../kernel-scratch';

export { copy, find } from './search';

const FACTOR = <u32>HASH_FACTOR;
const NONE = <u32>NO_ID;
const SHORT_ENTRY: usize = ENTRY_BYTES + 4;
/** From this length on it pays to take what was found out of the short lane's filter. */
const MIN_RETIRING: usize = 256;

// What a scan works on; an instance belongs to one thread, and scans do not nest.
let textStart: usize = 0;
let textEnd: usize = 0;
/** What ends here or before is not reported. */
let freshAt: usize = 0;
/** From the folded text to the raw one. */
let rawDelta: usize = 0;
let hitList: usize = 0;
let hitCount: u32 = 0;
let seenBits: usize = 0;
let duplicates: usize = 0;
let heads: usize = 0;
let entries: usize = 0;
let headShift: u32 = 0;
/** Candidates of a block: the lists' starts. */
let longList: usize = 0;
let shortList: usize = 0;
/** Grams whose patterns were all found in this scan: entries of gram and epoch, by hash. */
let spent: usize = 0;
let epoch: u32 = 0;
let shortShift: u32 = 0;
let filterOfShort: usize = 0;
/** Changed slots of the short lane's filter: address and what was there, in order. */
let retiredList: usize = 0;
let retiredNext: usize = 0;
let retiredStop: usize = 0;

/**
 * Scans raw[0, length) and appends the ids found to the u32 list `hits`, which holds `count` already: those of patterns
 * that end behind raw + fresh. `folded` is room for length + TEXT_PADDING bytes. `seen` is a bitmap of ids: patterns
 * marked there are passed over, patterns found are marked; the caller clears it after the last chunk. Returns the new
 * count.
 */
export function scan(
  set: usize, raw: usize, folded: usize, length: u32, fresh: u32, hits: usize, count: u32, seen: usize, work: usize,
): u32 {
  textStart = folded;
  textEnd = folded + length;
  freshAt = folded + fresh;
  rawDelta = raw - folded;
  hitList = hits;
  hitCount = count;
  seenBits = seen;
  const next = load<u32>(set, AT_DUPLICATES);
  duplicates = next ? set + next : 0;
  spent = work;
  if (++epoch == 0) {
    memory.fill(work, 0, MEMO_ENTRIES * 8);
    epoch = 1;
  }
  longList = work + AT_LONG_CANDIDATES;
  shortList = work + AT_SHORT_CANDIDATES;
  retiredList = work + AT_RETIRED;
  retiredNext = retiredList;
  retiredStop = length < MIN_RETIRING ? retiredList : retiredList + MAX_RETIRED * 8;
  fold(raw, folded, length);
  store<u8>(folded - 1, ~load<u8>(folded)); // no run begins before the text
  if (load<u32>(set, AT_SINGLE_COUNT)) scanSingles(set);
  const hasLong = load<u32>(set, AT_LONG_LANE + LANE_FILTER) != 0;
  const hasShort = load<u32>(set, AT_SHORT_LANE + LANE_FILTER) != 0;
  const nibbles = load<u32>(set, AT_NIBBLES);
  if (hasLong && hasShort && nibbles) scanWithNibbles(set, set + nibbles);
  else if (hasLong && hasShort) scanBoth(set);
  else if (hasLong) scanLong(set);
  else if (hasShort) scanShort(set);
  restoreFilter();
  return hitCount;
}

/** Copies with A-Z in lower case. BOUNDS: reads and writes up to the next multiple of 16 bytes. */
export function fold(raw: usize, folded: usize, length: u32): void {
  const a = i8x16.splat(0x41), letters = i8x16.splat(26), bit = i8x16.splat(0x20);
  for (let i: u32 = 0; i < length; i += 16) {
    const v = v128.load(raw + i);
    v128.store(folded + i, v128.or(v, v128.and(i8x16.lt_u(i8x16.sub(v, a), letters), bit)));
  }
}

// @ts-ignore: decorator
@inline
function useLane(set: usize, at: usize): void {
  heads = set + load<u32>(set + at, LANE_HEADS);
  entries = set + load<u32>(set + at, LANE_ENTRIES);
  headShift = 32 - load<u8>(set + at, LANE_BITS + 1);
}

// @ts-ignore: decorator
@inline
function testLong(filter: usize, shift: u32, word: u64): u32 {
  const slot = (<u32>word * FACTOR) >>> shift;
  return (<u32>load<u8>(filter + slot) >>> (<u32>(word >>> 32) & 7) & 1) << 2;
}

// @ts-ignore: decorator
@inline
function testShort(filter: usize, shift: u32, word: u32): u32 {
  const slot = ((word & 0xffff) * FACTOR) >>> shift;
  return (<u32>load<u8>(filter + slot) >>> ((word >>> 16) & 7) & 1) << 2;
}

// PERF: test/bench, matcher. No branch depends on the text: each position is written to the list of candidates, whose
// end moves on only if the filter passed it. A branch a candidate, taken once in 30 bytes, would cost as much as all
// the rest.
function scanLong(set: usize): void {
  const filter = set + load<u32>(set, AT_LONG_LANE + LANE_FILTER);
  const shift: u32 = 32 - load<u8>(set, AT_LONG_LANE + LANE_BITS);
  let size: usize = FIRST_BLOCK;
  for (let block = textStart; block < textEnd; block += size, size = BLOCK) {
    const stop = min(block + size, textEnd);
    let next = longList;
    for (let at = block; at < stop; at += 8) if (!insideRun(at)) next = testEight(next, filter, shift, at);
    lookUpLong(set, next);
  }
}

function scanShort(set: usize): void {
  const filter = useShortFilter(set);
  const shift: u32 = shortShift;
  let size: usize = FIRST_BLOCK;
  for (let block = textStart; block < textEnd; block += size, size = BLOCK) {
    const stop = min(block + size, textEnd);
    let next = shortList;
    for (let at = block; at < stop; at += 8) {
      if (insideRun(at)) continue;
      store<u32>(next, <u32>at); next += testShort(filter, shift, load<u32>(at, 0));
      store<u32>(next, <u32>at + 1); next += testShort(filter, shift, load<u32>(at, 1));
      store<u32>(next, <u32>at + 2); next += testShort(filter, shift, load<u32>(at, 2));
      store<u32>(next, <u32>at + 3); next += testShort(filter, shift, load<u32>(at, 3));
      store<u32>(next, <u32>at + 4); next += testShort(filter, shift, load<u32>(at, 4));
      store<u32>(next, <u32>at + 5); next += testShort(filter, shift, load<u32>(at, 5));
      store<u32>(next, <u32>at + 6); next += testShort(filter, shift, load<u32>(at, 6));
      store<u32>(next, <u32>at + 7); next += testShort(filter, shift, load<u32>(at, 7));
    }
    lookUpShort(set, next);
  }
}

function scanBoth(set: usize): void {
  const filter = set + load<u32>(set, AT_LONG_LANE + LANE_FILTER);
  const shift: u32 = 32 - load<u8>(set, AT_LONG_LANE + LANE_BITS);
  const filter2 = useShortFilter(set);
  const shift2: u32 = shortShift;
  let size: usize = FIRST_BLOCK;
  for (let block = textStart; block < textEnd; block += size, size = BLOCK) {
    const stop = min(block + size, textEnd);
    let next = longList, next2 = shortList;
    for (let at = block; at < stop; at += 8) {
      if (insideRun(at)) continue;
      const a = load<u64>(at, 0), b = load<u64>(at, 1), c = load<u64>(at, 2), d = load<u64>(at, 3);
      store<u32>(next, <u32>at); next += testLong(filter, shift, a);
      store<u32>(next2, <u32>at); next2 += testShort(filter2, shift2, <u32>a);
      store<u32>(next, <u32>at + 1); next += testLong(filter, shift, b);
      store<u32>(next2, <u32>at + 1); next2 += testShort(filter2, shift2, <u32>b);
      store<u32>(next, <u32>at + 2); next += testLong(filter, shift, c);
      store<u32>(next2, <u32>at + 2); next2 += testShort(filter2, shift2, <u32>c);
      store<u32>(next, <u32>at + 3); next += testLong(filter, shift, d);
      store<u32>(next2, <u32>at + 3); next2 += testShort(filter2, shift2, <u32>d);
      const e = load<u64>(at, 4), f = load<u64>(at, 5), g = load<u64>(at, 6), h = load<u64>(at, 7);
      store<u32>(next, <u32>at + 4); next += testLong(filter, shift, e);
      store<u32>(next2, <u32>at + 4); next2 += testShort(filter2, shift2, <u32>e);
      store<u32>(next, <u32>at + 5); next += testLong(filter, shift, f);
      store<u32>(next2, <u32>at + 5); next2 += testShort(filter2, shift2, <u32>f);
      store<u32>(next, <u32>at + 6); next += testLong(filter, shift, g);
      store<u32>(next2, <u32>at + 6); next2 += testShort(filter2, shift2, <u32>g);
      store<u32>(next, <u32>at + 7); next += testLong(filter, shift, h);
      store<u32>(next2, <u32>at + 7); next2 += testShort(filter2, shift2, <u32>h);
    }
    lookUpLong(set, next);
    lookUpShort(set, next2);
  }
}

/** As scanBoth, where a look at nibbles tells of 16 positions at a time whether a short pattern may begin there. */
function scanWithNibbles(set: usize, nibbles: usize): void {
  const filter = set + load<u32>(set, AT_LONG_LANE + LANE_FILTER);
  const shift: u32 = 32 - load<u8>(set, AT_LONG_LANE + LANE_BITS);
  const filter2 = useShortFilter(set);
  const shift2: u32 = shortShift;
  const low1 = v128.load(nibbles), high1 = v128.load(nibbles, 16);
  const low2 = v128.load(nibbles, 32), high2 = v128.load(nibbles, 48);
  const nibble = i8x16.splat(0xf), zero = i8x16.splat(0);
  let size: usize = FIRST_BLOCK;
  for (let block = textStart; block < textEnd; block += size, size = BLOCK) {
    const stop = min(block + size, textEnd);
    let next = longList, next2 = shortList;
    for (let at = block; at < stop; at += 16) {
      const skipsFirst = insideRun(at), skipsSecond = insideRun(at + 8);
      if (!skipsFirst) next = testEight(next, filter, shift, at);
      if (!skipsSecond) next = testEight(next, filter, shift, at + 8);
      if (skipsFirst && skipsSecond) continue;
      const a = v128.load(at), b = v128.load(at, 1);
      const first = v128.and(i8x16.swizzle(low1, v128.and(a, nibble)), i8x16.swizzle(high1, highNibbles(a, nibble)));
      const second = v128.and(i8x16.swizzle(low2, v128.and(b, nibble)), i8x16.swizzle(high2, highNibbles(b, nibble)));
      let mask = <u32>i8x16.bitmask(i8x16.ne(v128.and(first, second), zero));
      for (; mask; mask &= mask - 1) {
        const position = at + <usize>ctz(mask);
        store<u32>(next2, <u32>position); next2 += testShort(filter2, shift2, load<u32>(position));
      }
    }
    lookUpLong(set, next);
    lookUpShort(set, next2);
  }
}

// @ts-ignore: decorator
@inline
function highNibbles(bytes: v128, nibble: v128): v128 {
  return v128.and(i16x8.shr_u(bytes, 4), nibble);
}

// @ts-ignore: decorator
@inline
function testEight(next: usize, filter: usize, shift: u32, at: usize): usize {
  store<u32>(next, <u32>at); next += testLong(filter, shift, load<u64>(at, 0));
  store<u32>(next, <u32>at + 1); next += testLong(filter, shift, load<u64>(at, 1));
  store<u32>(next, <u32>at + 2); next += testLong(filter, shift, load<u64>(at, 2));
  store<u32>(next, <u32>at + 3); next += testLong(filter, shift, load<u64>(at, 3));
  store<u32>(next, <u32>at + 4); next += testLong(filter, shift, load<u64>(at, 4));
  store<u32>(next, <u32>at + 5); next += testLong(filter, shift, load<u64>(at, 5));
  store<u32>(next, <u32>at + 6); next += testLong(filter, shift, load<u64>(at, 6));
  store<u32>(next, <u32>at + 7); next += testLong(filter, shift, load<u64>(at, 7));
  return next;
}

// @ts-ignore: decorator
@inline
function isLetter(folded: u32): bool {
  return folded - 0x61 < 26;
}

/**
 * Inside a run of one byte (not a letter, whose case may differ) nothing is found that was not found where the run
 * begins, or at `freshAt`: a gram of one byte belongs only to a pattern of that byte alone, and is at its start
 * (gram.ts). Whether the eight positions from `at` and the bytes after them lie in the same run as the byte before.
 */
// @ts-ignore: decorator
@inline
function insideRun(at: usize): bool {
  if (at <= freshAt) return false;
  return load<u64>(at) == load<u64>(at - 1) && load<u64>(at, 8) == load<u64>(at, 7) && !isLetter(load<u8>(at));
}

function useShortFilter(set: usize): usize {
  filterOfShort = set + load<u32>(set, AT_SHORT_LANE + LANE_FILTER);
  shortShift = 32 - load<u8>(set, AT_SHORT_LANE + LANE_BITS);
  return filterOfShort;
}

function lookUpLong(set: usize, stop: usize): void {
  useLane(set, AT_LONG_LANE);
  for (let candidate = longList; candidate < stop; candidate += 4) {
    const position = <usize>load<u32>(candidate);
    const gram = load<u32>(position);
    if (gram == load<u32>(position - 1) && position > freshAt && !isLetter(gram & 0xff)) continue;
    lookUp(position, gram);
  }
}

function lookUpShort(set: usize, stop: usize): void {
  useLane(set, AT_SHORT_LANE);
  for (let candidate = shortList; candidate < stop; candidate += 4) {
    const position = <usize>load<u32>(candidate);
    const before = load<u32>(position - 1);
    if (before == rotl(before, 8) && position > freshAt && !isLetter(before & 0xff)) continue;
    const word = load<u32>(position);
    const hash = (word & 0xffff) * FACTOR;
    const head = heads + ((hash >>> headShift) << 2);
    const end = entries + load<u32>(head, 4);
    for (let entry = entries + load<u32>(head); entry < end; entry += SHORT_ENTRY) {
      const length = <u32>load<u16>(entry, ENTRY_LENGTH);
      if ((word ^ load<u32>(entry)) << (32 - length * 8)) continue;
      if (isSeen(load<u32>(entry, ENTRY_ID) & ID_MASK)) continue;
      if (verify(entry, length, position) && retiredNext < retiredStop) retire(hash, entries + load<u32>(head), end);
    }
  }
}

/** Leaves in the slot what the patterns of its bucket that are still to be found need. */
function retire(hash: u32, entry: usize, end: usize): void {
  let bits: u32 = 0;
  for (; entry < end; entry += SHORT_ENTRY) {
    if (isSeen(load<u32>(entry, ENTRY_ID) & ID_MASK)) continue;
    bits |= load<u16>(entry, ENTRY_LENGTH) == 2 ? 0xff : <u32>1 << (load<u8>(entry, 2) & 7);
  }
  const slot = filterOfShort + (hash >>> shortShift);
  store<u32>(retiredNext, <u32>slot);
  store<u32>(retiredNext, <u32>load<u8>(slot), 4);
  retiredNext += 8;
  store<u8>(slot, <u8>bits);
}

/** The latest change first, as a slot may have changed several times. */
function restoreFilter(): void {
  while (retiredNext > retiredList) {
    retiredNext -= 8;
    store<u8>(<usize>load<u32>(retiredNext), <u8>load<u32>(retiredNext, 4));
  }
}

/** A single byte is searched for by itself, up to its first occurrence: what is common is found soon. */
function scanSingles(set: usize): void {
  const singles = set + load<u32>(set, AT_SINGLES);
  const stop = singles + load<u32>(set, AT_SINGLE_COUNT) * SINGLE_BYTES;
  for (let single = singles; single < stop; single += SINGLE_BYTES) {
    const id = load<u32>(single, ENTRY_ID);
    if (isSeen(id & ID_MASK)) continue;
    const text = <i32>id < 0 ? freshAt : freshAt + rawDelta;
    if (occurs(load<u8>(single), text, text + (textEnd - freshAt))) report(id & ID_MASK);
  }
}

function occurs(byte: u8, from: usize, to: usize): bool {
  const wanted = i8x16.splat(byte);
  for (; from + 64 <= to; from += 64) {
    const a = v128.or(i8x16.eq(v128.load(from), wanted), i8x16.eq(v128.load(from, 16), wanted));
    const b = v128.or(i8x16.eq(v128.load(from, 32), wanted), i8x16.eq(v128.load(from, 48), wanted));
    if (v128.any_true(v128.or(a, b))) return true;
  }
  for (; from + 16 <= to; from += 16) if (v128.any_true(i8x16.eq(v128.load(from), wanted))) return true;
  return (<u32>i8x16.bitmask(i8x16.eq(v128.load(from), wanted)) & ((<u32>1 << <u32>(to - from)) - 1)) != 0;
}

function lookUp(position: usize, gram: u32): void {
  const hash = gram * FACTOR;
  const memo = spent + ((hash >>> 24) << 3);
  const tag = <u64>gram << 32 | epoch;
  if (load<u64>(memo) == tag) return;
  const head = heads + ((hash >>> headShift) << 2);
  let entry = entries + load<u32>(head);
  const stop = entries + load<u32>(head, 4);
  let left = false;
  while (entry < stop) {
    const length = <u32>load<u16>(entry, ENTRY_LENGTH);
    if (load<u32>(entry) == gram && !verify(entry, length, position)) left = true;
    entry += ENTRY_BYTES + ((length + 3) & ~3);
  }
  if (!left) store<u64>(memo, tag);
}

/** Whether the pattern is done with: found here or before. */
function verify(entry: usize, length: u32, position: usize): bool {
  const id = load<u32>(entry, ENTRY_ID);
  if (isSeen(id & ID_MASK)) return true;
  const start = position - load<u16>(entry, ENTRY_GRAM_OFFSET);
  if (start < textStart || start + length > textEnd || start + length <= freshAt) return false;
  if (!equal(entry + ENTRY_BYTES, <i32>id < 0 ? start : start + rawDelta, length)) return false;
  report(id & ID_MASK);
  return true;
}

function equal(a: usize, b: usize, length: u32): bool {
  const stop = a + length;
  for (; a + 8 <= stop; a += 8, b += 8) if (load<u64>(a) != load<u64>(b)) return false;
  for (; a < stop; a++, b++) if (load<u8>(a) != load<u8>(b)) return false;
  return true;
}

// @ts-ignore: decorator
@inline
function isSeen(id: u32): bool {
  return ((load<u8>(seenBits + (id >>> 3)) >>> (id & 7)) & 1) != 0;
}

/** Patterns equal to this one are not in the buckets; they are found with it. */
function report(id: u32): void {
  do {
    const bits = seenBits + (id >>> 3);
    store<u8>(bits, load<u8>(bits) | <u8>(<u32>1 << (id & 7)));
    store<u32>(hitList + (hitCount << 2), id);
    hitCount++;
    id = duplicates ? load<u32>(duplicates + (id << 2)) : NONE;
  } while (id != NONE);
}
