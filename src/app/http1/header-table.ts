/**
 * The headers of a message: where their names and values lie, as five words each in a block of the arena. Stage: app.
 *
 *   name      offset in the text as it was sent
 *   lengths   of the name, and << 16 of the value
 *   value     offset, with MADE where it lies in the text that was made of it (a folded value)
 *   hash      of the name; later where its line begins in the text that was made of all headers
 *   links     kind, and << 16 the next header of the same name plus 1; bit 15: a header of the same name is before it
 *
 * Offsets count from the beginning of the texts, which may move as they grow.
 */
import { BLOCK_BYTES, type Arena } from '../../memory/arena.js';
import { KINDS, OTHER } from './header-names.js';
import { lower } from './characters.js';
import { HEADER_LIMIT } from './settings.js';

const WORDS = 5;
/** One of each kind may come behind the last one that counts. */
const ROOM_LIMIT = HEADER_LIMIT + KINDS;
const NONE = -1;
const MADE = 0x8000_0000;
const REPEATED = 1 << 15;

/** A header that is added: offsets in the message's text, or in what was made of it. */
export class Field {
  name = 0;
  nameLength = 0;
  value = 0;
  valueLength = 0;
  /** The value lies in what was made. */
  isMade = false;
  hash = 0;
  kind = OTHER;
}

export class HeaderTable {
  count = 0;
  private readonly arena: Arena;
  /** Word offset of the block, 0 while there is none, and how many headers fit into it. */
  private base = 0;
  private room = 0;
  private size = NONE;
  /** By kind: the first header of it, and the last one. */
  private readonly first = new Int16Array(KINDS).fill(NONE);
  private readonly last = new Int16Array(KINDS).fill(NONE);

  constructor(arena: Arena) {
    this.arena = arena;
  }

  /**
   * Adds a header. `text` is where the message's text begins in memory, for comparing names.
   * @returns its number; -1 where there are too many, or no memory.
   */
  add(field: Field, text: number): number {
    if (this.count === this.room && !this.grow()) return NONE;
    const { words } = this.arena;
    const index = this.count++;
    const at = this.base + index * WORDS;
    words[at] = field.name;
    words[at + 1] = field.nameLength | (field.valueLength << 16);
    words[at + 2] = field.isMade ? field.value | MADE : field.value;
    words[at + 3] = field.hash;
    words[at + 4] = field.kind;
    if (field.kind === OTHER) this.linkOther(index, text);
    else this.linkKnown(index, field.kind);
    return index;
  }

  /** Bytes of the longest header, with a colon and a blank between name and value. */
  get longestLine(): number {
    let longest = 0;
    for (let index = 0; index < this.count; index++) {
      longest = Math.max(longest, this.nameLength(index) + 2 + this.valueLength(index));
    }
    return longest;
  }

  /** The first header of a kind, or -1. */
  find(kind: number): number {
    return this.first[kind]!;
  }

  name(index: number): number {
    return this.word(index, 0);
  }

  nameLength(index: number): number {
    return this.word(index, 1) & 0xffff;
  }

  value(index: number): number {
    return this.word(index, 2) & ~MADE;
  }

  valueLength(index: number): number {
    return this.word(index, 1) >>> 16;
  }

  /** The value lies in the text that was made. */
  isMade(index: number): boolean {
    return (this.word(index, 2) & MADE) !== 0;
  }

  kind(index: number): number {
    return this.word(index, 4) & 0xff;
  }

  /** The next header of the same name, or -1. */
  next(index: number): number {
    return (this.word(index, 4) >>> 16) - 1;
  }

  /** It is not the first header of its name. */
  isRepeated(index: number): boolean {
    return (this.word(index, 4) & REPEATED) !== 0;
  }

  /** Where its line begins in the text that was made. Only once no header is added any more. */
  line(index: number): number {
    return this.word(index, 3);
  }

  setLine(index: number, offset: number): void {
    this.arena.words[this.base + index * WORDS + 3] = offset;
  }

  clear(): void {
    if (this.base !== 0) this.arena.free(this.base << 2);
    if (this.count > 0) {
      this.first.fill(NONE);
      this.last.fill(NONE);
    }
    this.base = 0;
    this.room = 0;
    this.size = NONE;
    this.count = 0;
  }

  private word(index: number, word: number): number {
    return this.arena.words[this.base + index * WORDS + word]!;
  }

  private linkKnown(index: number, kind: number): void {
    const before = this.last[kind]!;
    if (before === NONE) this.first[kind] = index;
    else this.link(before, index);
    this.last[kind] = index;
  }

  /** Looks for the last header of the same name: at most 256 hashes are compared. */
  private linkOther(index: number, text: number): void {
    const { words } = this.arena;
    const at = this.base + index * WORDS;
    for (let other = index - 1; other >= 0; other--) {
      const otherAt = this.base + other * WORDS;
      if (words[otherAt + 3] === words[at + 3] && this.sameName(otherAt, at, text)) {
        this.link(other, index);
        return;
      }
    }
  }

  private sameName(at: number, other: number, text: number): boolean {
    const { words, bytes } = this.arena;
    const length = words[at + 1]! & 0xffff;
    if ((words[other + 1]! & 0xffff) !== length || (words[other + 4]! & 0xff) !== (words[at + 4]! & 0xff)) return false;
    for (let index = 0; index < length; index++) {
      if (lower(bytes[text + words[at]! + index]!) !== lower(bytes[text + words[other]! + index]!)) return false;
    }
    return true;
  }

  private link(before: number, index: number): void {
    const { words } = this.arena;
    words[this.base + before * WORDS + 4]! |= (index + 1) << 16;
    words[this.base + index * WORDS + 4]! |= REPEATED;
  }

  private grow(): boolean {
    if (this.room === ROOM_LIMIT) return false;
    const size = this.size + 1;
    const block = this.arena.allocateSpare(size);
    if (block === 0) return false;
    const { words } = this.arena;
    words.copyWithin(block >>> 2, this.base, this.base + this.count * WORDS);
    if (this.base !== 0) this.arena.free(this.base << 2);
    this.base = block >>> 2;
    this.size = size;
    this.room = Math.min(Math.floor(BLOCK_BYTES[size]! / 4 / WORDS), ROOM_LIMIT);
    return true;
  }
}
