/**
 * Steps over a buffer: what a rule looks for in it, and what is done to the buffer first. Stage: rule (compile). Plain
 * data, as the rule program (program.ts) that they are a part of.
 */
import type { Compared, DatasetType } from '../block/terms.js';
import type { PcreUse } from '../match/pcre/simplify.js';

/**
 * A number written in the rule, or a variable (index into the rule's variables) that byte_extract or byte_math sets.
 */
export type Value = number | { readonly variable: number };

export interface ContentMatch {
  readonly kind: 'content';
  readonly bytes: Uint8Array;
  readonly negated: boolean;
  readonly nocase: boolean;
  /** From the buffer's start. `depth` counts from `offset`: the content lies in [offset, offset + depth). */
  readonly offset?: Value | undefined;
  readonly depth?: Value | undefined;
  /**
   * From the end of the last match; either makes the content relative. `within` counts from `distance`: the content
   * lies in [last + distance, last + distance + within), clipped to the buffer.
   */
  readonly distance?: Value | undefined;
  readonly within?: Value | undefined;
  readonly startswith: boolean;
  readonly endswith: boolean;
}

export interface PcreMatch {
  readonly kind: 'pcre';
  /** As written between the slashes. */
  readonly pattern: string;
  /** PCRE flags among i s m x A E G. */
  readonly flags: string;
  readonly negated: boolean;
  readonly relative: boolean;
  /** It asks what stands before a match: in a text that begins later, it may match where it did not. */
  readonly looksBack: boolean;
  /** Where no other step asks where it matches, it need only tell whether it does. */
  readonly use: PcreUse;
  /** What groups hold is kept, under a number within the rule each, for what becomes of it (`BitEffect.capture`). */
  readonly captures?: readonly CapturedGroup[] | undefined;
}

export interface CapturedGroup {
  readonly group: number;
  readonly text: number;
}

/**
 * Absolute: passes when position < length of the buffer. Relative: when position <= bytes behind the last match, so
 * that `isdataat:!1,relative` is the end of the buffer (Suricata's difference of one).
 */
export interface IsDataAt {
  readonly kind: 'isdataat';
  readonly position: Value;
  readonly negated: boolean;
  readonly relative: boolean;
}

/** Compares the length of the buffer or, when relative, of what is left of it behind the last match. */
export interface BufferSize extends Compared {
  readonly kind: 'bsize';
  readonly relative?: boolean | undefined;
}

/** How base64 is read: up to the first other character, passing over other characters, or refusing them. */
export type Base64Mode = 'rfc4648' | 'rfc2045' | 'strict';

/**
 * Decodes at most `bytes` characters (0: all) from `offset` on, counted from the buffer's start or the last match, into
 * the buffer base64_data of this rule. Passes when at least one byte comes of it.
 */
export interface Base64Decode {
  readonly kind: 'base64_decode';
  readonly bytes: number;
  readonly offset: number;
  readonly relative: boolean;
}

/** Passes when an ASN.1 element from `offset` on has one of the faults asked for. */
export interface Asn1 {
  readonly kind: 'asn1';
  /** A primitive BIT STRING with more unused bits than it has bits. */
  readonly bitstringOverflow: boolean;
  /** A primitive REAL in decimal encoding of more than 256 bytes. */
  readonly doubleOverflow: boolean;
  /** An element that claims more bytes than this. */
  readonly oversizeLength: number | undefined;
  readonly offset: number;
  readonly relative: boolean;
}

/** A BER element of this identifier byte at the last match's end: `data` goes to its contents, `skip` behind it. */
export interface BerElement {
  readonly kind: 'ber';
  readonly move: 'data' | 'skip';
  readonly type: number;
  /** Passes, without moving, where another type stands. */
  readonly optional: boolean;
}

/** Compares the Shannon entropy, in bits per byte, of `bytes` bytes (0: all) of the buffer from `offset` on. */
export interface Entropy {
  readonly kind: 'entropy';
  readonly bytes: number;
  readonly offset: number;
  readonly operator: '<' | '<=' | '>' | '>=' | '=' | '!=' | '<>' | '!<>';
  /** In millionths of a bit; what is measured is rounded to that. */
  readonly value: number;
  /** Upper end of the operators between two values, both of which are left out. */
  readonly high?: number | undefined;
}

/** Byte strings, each once, with a number from 0 to 65535. */
export interface DataEntries {
  readonly count: number;
  /** One behind the other, in the order in which they were written; `ends` says where each ends. */
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
  readonly values: Uint16Array;
  /** Of a file in JSON: by entry, the object that it is of, as JSON in ASCII; '' where alerts do not show it. */
  readonly objects?: readonly string[] | undefined;
}

/** A named set of values. Rules that name it share one object. */
export interface Dataset {
  /** In lower case. */
  readonly name: string;
  readonly type: DatasetType;
  /** What it starts with. */
  readonly entries: DataEntries;
  /** File that its content is written to when a sensor stops or reloads. */
  readonly save: string | undefined;
  /** Bytes that it may take at most; undefined for no limit of its own. */
  readonly memcap: number | undefined;
  /** The name that alerts show an entry's object under; undefined where they show none. */
  readonly contextKey?: string | undefined;
}

/**
 * The whole buffer, as it stands, and a dataset. isset: it is in there; isnotset: it is not; set: it was not, and is
 * from now on; unset: it was, and is not any more. A buffer that is empty never passes; one that cannot be a member by
 * its length passes isnotset alone. Changes happen as the step is reached and once per rule and packet, whatever is
 * tried again.
 */
export interface DatasetMatch {
  readonly kind: 'dataset';
  readonly operation: 'isset' | 'isnotset' | 'set' | 'unset';
  readonly set: Dataset;
}

/** The whole buffer is in the dataset, and its number compares so with `value`. */
export interface DatarepMatch {
  readonly kind: 'datarep';
  readonly operator: '<' | '>' | '==';
  readonly value: number;
  readonly set: Dataset;
}

export type Endian = 'big' | 'little' | 'dce';
export type NumberText = 'hex' | 'dec' | 'oct';

interface ByteRead {
  /**
   * Bytes to read (1–8), or digits at most with `text` (1–23; 0: as many as there are). 0 bytes without `text`, which
   * only byte_jump has, read nothing and yield 0. A read that is not whole within the buffer does not match; with
   * `text` blanks, a sign and 0x (hex) may come first, reading ends at the first character that is no digit, and no
   * digit at all does not match.
   */
  readonly bytes: Value;
  readonly offset: Value;
  readonly relative: boolean;
  readonly endian: Endian;
  /** Digits rather than binary. */
  readonly text?: NumberText | undefined;
  /** Applied to the value read, then shifted right by the mask's trailing zeros. */
  readonly bitmask?: number | undefined;
}

/**
 * `&` and `^` pass when value read & (xor) value is not zero. `negated` inverts the comparison, never a failed read.
 */
export interface ByteTest extends ByteRead {
  readonly kind: 'byte_test';
  readonly operator: '<' | '>' | '=' | '<=' | '>=' | '&' | '^';
  readonly negated: boolean;
  /** A bigint from 2^53 to 2^64 - 1. */
  readonly value: Value | bigint;
}

export interface ByteJump extends ByteRead {
  readonly kind: 'byte_jump';
  readonly multiplier: number;
  /** Round the jump up to a multiple of four. */
  readonly align: boolean;
  /**
   * Jump from the buffer's start or end instead of from behind the bytes read. The new end of the last match is
   * there + (value read × multiplier, aligned) + postOffset; before the buffer counts as its start, behind its end does
   * not match.
   */
  readonly from: 'read' | 'beginning' | 'end';
  readonly postOffset: Value;
}

/** The variable becomes value read × multiplier, rounded up to a multiple of `align` (0: as it is). */
export interface ByteExtract extends ByteRead {
  readonly kind: 'byte_extract';
  readonly variable: number;
  readonly multiplier: number;
  readonly align: 0 | 2 | 4;
}

/** The variable becomes value read <operator> value; a division by zero does not match. */
export interface ByteMath extends ByteRead {
  readonly kind: 'byte_math';
  readonly operator: '+' | '-' | '*' | '/' | '<<' | '>>';
  readonly value: Value;
  readonly variable: number;
}

/**
 * Compares the numbers that a message has (app/buffer-spec.ts, kind `number`), or how many of them there are. Those
 * that count are the ones from `from` up to `to`, which is left out; negative places count from the end. Where one of
 * the two is outside, there are none.
 */
export interface NumberMatch extends Compared {
  readonly kind: 'number';
  /**
   * `any`: one passes; `all`: there are some, and all pass; the same `or_absent`; `index`: the one at that place
   * passes;
   * `index_or_absent`: or there is none there; `matches`: so many pass as `counts` says; `count`: there are so many.
   */
  readonly which: 'any' | 'all' | 'any_or_absent' | 'all_or_absent' | 'index' | 'index_or_absent' | 'matches' | 'count';
  readonly index?: number | undefined;
  readonly counts?: Compared | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** One step over a buffer, in the order written; relative steps start where the step before ended. */
export type BufferMatch =
  | ContentMatch
  | PcreMatch
  | IsDataAt
  | BufferSize
  | ByteTest
  | ByteJump
  | ByteExtract
  | ByteMath
  | Base64Decode
  | Asn1
  | BerElement
  | Entropy
  | DatasetMatch
  | DatarepMatch
  | NumberMatch;

/** Transforms that take no value. */
export type PlainTransform =
  | 'dotprefix'
  | 'to_lowercase'
  | 'to_uppercase'
  | 'strip_whitespace'
  | 'compress_whitespace'
  | 'url_decode'
  | 'to_md5'
  | 'to_sha1'
  | 'to_sha256'
  | 'header_lowercase'
  | 'strip_pseudo_headers'
  | 'json_decode'
  | 'domain'
  | 'tld';

/** What is done to a buffer before its steps look at it (Suricata, transformations). */
export type Transform =
  | { readonly kind: PlainTransform }
  /**
   * From `offset` on; the key is given, or lies in the buffer. A buffer that does not reach that far stays as it is.
   */
  | {
      readonly kind: 'xor';
      readonly key: Uint8Array | { readonly offset: number; readonly bytes: number };
      readonly offset: number;
    }
  /**
   * From `offset` on, `length` bytes; negative numbers count from the end. What is not all there is nothing, or with
   * `clip` what is there.
   */
  | { readonly kind: 'subslice'; readonly offset: number; readonly length: number | undefined; readonly clip: boolean }
  /** The first `maximum` bytes of what comes of it; nothing where it is damaged or not of that format. */
  | { readonly kind: 'gunzip' | 'zlib_deflate'; readonly maximum: number }
  /** The first group of the expression's first match; as it was, or with `group` nothing, where it does not match. */
  | { readonly kind: 'pcrexform' | 'group'; readonly pattern: string }
  /** As it was where nothing can be decoded. */
  | { readonly kind: 'from_base64'; readonly bytes: number; readonly offset: number; readonly mode: Base64Mode };
