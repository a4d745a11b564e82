/**
 * Words of the steps over a buffer, and of what is done to it first, in packed code (rule-block.ts, OP). Written by
 * compile/pack-steps.ts, read by detect/verify.
 */

/**
 * Steps over a buffer. Word 2 is a set of STEP_FLAG. A "value" takes two words: the variable (or -1) and the number;
 * what byte_test and byte_math compare or calculate with takes three: the variable, the number's high and its low word.
 */
export const STEP_FLAG = {
  negated: 1,
  relative: 2,
  /** Another occurrence may make a later step pass: try them all. */
  retry: 4,
  /** What comes from here on depends on nothing before: no use in retrying earlier steps. */
  cut: 8,
  nocase: 16,
  hasDepth: 32,
  hasWithin: 64,
  endswith: 128,
  little: 256,
  align: 512,
  masked: 1024,
  /** Where this does not occur, it does not behind a later occurrence of the content before it either. */
  forward: 2048,
  /** Bytes in the order of the message that they are in (DCE/RPC). */
  dce: 4096,
} as const;
/** A regular expression: references to its pattern and its flags, and its place in PCRE_USES. */
export const REGEX_WORDS = 3;
/** Words of a step behind operation, length and flags. */
export const CONTENT = {
  bytes: 3,
  length: 4,
  anchor: 5,
  offset: 6,
  depth: 8,
  distance: 10,
  within: 12,
  end: 14,
} as const;
/** Behind `end`, two words for each text that it captures: the group, and the text's number within the rule. */
export const PCRE = { regex: 3, end: 4 } as const;
export const ISDATAAT = { position: 3, end: 5 } as const;
/** A comparison (compared.ts). */
export const BSIZE = { compared: 3 } as const;
/** Common to byte_test, byte_jump, byte_extract and byte_math. `base` is 0 for binary, or the base of digits. */
export const BYTE_READ = { bytes: 3, offset: 5, base: 7, maskHigh: 8, maskLow: 9, shift: 10, end: 11 } as const;
export const BYTE_TEST = { operator: 11, value: 12, end: 15 } as const;
export const BYTE_JUMP = { multiplier: 11, from: 12, postOffset: 13, end: 15 } as const;
export const BYTE_EXTRACT = { variable: 11, multiplier: 12, align: 13, end: 14 } as const;
export const BYTE_MATH = { operator: 11, variable: 12, value: 13, end: 16 } as const;

/** From which offset on; `relative` counts from the last match. */
export const BASE64_DECODE = { bytes: 3, offset: 4, end: 5 } as const;
/** Flags of 1 (bit strings) and 2 (reals), and the length that is too much (-1: none is). */
export const ASN1 = { offset: 3, faults: 4, oversize: 5, end: 6 } as const;
export const BER = { type: 3, move: 4, optional: 5, end: 6 } as const;
export const ENTROPY = { bytes: 3, offset: 4, operator: 5, value: 6, high: 7, end: 8 } as const;
export const ENTROPY_OPERATORS = ['<', '<=', '>', '>=', '=', '!=', '<>', '!<>'] as const;
/** `value`: what the number in the set is compared with. */
export const DATASET_STEP = { set: 3, operation: 4, value: 5, end: 6 } as const;
/** The first four are those of datasets, the others compare the number. */
export const DATASET_OPERATIONS = ['isset', 'isnotset', 'set', 'unset', '<', '>', '=='] as const;

/**
 * `which`: by number in NUMBER_WHICH. `to` is NUMBER_TO_END where all up to the last count. Two comparisons
 * (compared.ts) follow: of the numbers, in so many `words`, and of how many pass.
 */
export const NUMBER = { which: 3, index: 4, from: 5, to: 6, words: 7, end: 8 } as const;
export const NUMBER_WHICH = [
  'any',
  'all',
  'any_or_absent',
  'all_or_absent',
  'index',
  'index_or_absent',
  'matches',
  'count',
] as const;
export const NUMBER_TO_END = 0x7fffffff;
/** Numbers of a message that are looked at. */
export const MAX_NUMBERS = 1024;

export const TRANSFORM = { kind: 2, first: 3, second: 4, third: 5, fourth: 6, end: 7 } as const;
export const TRANSFORM_KINDS = [
  'dotprefix',
  'to_lowercase',
  'to_uppercase',
  'strip_whitespace',
  'compress_whitespace',
  'url_decode',
  'to_md5',
  'to_sha1',
  'to_sha256',
  'header_lowercase',
  'strip_pseudo_headers',
  'xor',
  'pcrexform',
  'group',
  'from_base64',
  'subslice',
  'gunzip',
  'zlib_deflate',
  'json_decode',
  'domain',
  'tld',
] as const;
export const ABSENT = { orElse: 1, only: 2 } as const;

export const TEST_OPERATORS = ['<', '>', '=', '<=', '>=', '&', '^'] as const;
export const MATH_OPERATORS = ['+', '-', '*', '/', '<<', '>>'] as const;
export const JUMP_FROM = ['read', 'beginning', 'end'] as const;

/** byte_extract and byte_math steps of one rule. */
export const MAX_VARIABLES = 64;

/** By number in packed code. */
export const BASE64_MODES = ['rfc4648', 'rfc2045', 'strict'] as const;
