/**
 * Transforms of a buffer before a rule looks at it. Stage: detect (verify). Reference: Suricata, transformations.
 *
 * Each reads one range of the workspace and writes the other; a rule's chain goes to and fro between the two. Hashes,
 * texts for regular expressions and host names, and inflating allocate, the rest does not. What has no room there is
 * cut.
 */
import { createHash } from 'node:crypto';
import { hexDigit, isSpace } from '../../util/ascii.js';
import { gunzip, unzlib } from '../../util/inflate.js';
import { OUTPUT_BYTES } from '../../memory/layout.js';
import { decodeBase64 } from './base64.js';
import { publicSuffix, registeredDomain } from './host-name.js';
import type { RegexCache } from './regex-cache.js';
import { decodeJson } from './json-text.js';
import { TRANSFORM, TRANSFORM_KINDS } from '../../block/step-layout.js';
import { ownWorkspace, type Workspace } from './workspace.js';

/** Bytes inflated in a unit of work, as a power of two. */
const WORK = 6;
const DIGESTS: Readonly<Record<string, string>> = { to_md5: 'md5', to_sha1: 'sha1', to_sha256: 'sha256' };
const LF = 0x0a;
const COLON = 0x3a;

export class Transformer {
  /** What the chain has yielded so far. */
  bytes: Buffer;
  length = 0;
  /** Where that lies in the workspace. */
  start: number;
  private other: Buffer;
  private otherStart: number;
  private readonly workspace: Workspace;
  private readonly code: Int32Array;
  private readonly pool: Uint8Array;
  private readonly regexes: RegexCache;
  private spent = 0;

  constructor(code: Int32Array, pool: Uint8Array, regexes: RegexCache, workspace: Workspace = ownWorkspace()) {
    const { buffer, byteOffset } = workspace.bytes;
    [this.start, this.otherStart] = workspace.outputs;
    this.bytes = Buffer.from(buffer, byteOffset + this.start, OUTPUT_BYTES);
    this.other = Buffer.from(buffer, byteOffset + this.otherStart, OUTPUT_BYTES);
    this.workspace = workspace;
    this.code = code;
    this.pool = pool;
    this.regexes = regexes;
  }

  /** What `start` counts in. */
  get memory(): Uint8Array {
    return this.workspace.bytes;
  }

  /** Starts a chain with a copy of these bytes. */
  begin(bytes: Uint8Array, start: number, length: number): void {
    const { operations } = this.workspace;
    this.length = Math.min(length, OUTPUT_BYTES);
    if (operations?.bytes === bytes) operations.copy(this.start, start, this.length);
    else for (let i = 0; i < this.length; i++) this.bytes[i] = bytes[start + i];
  }

  /**
   * Applies the packed transform at word `at`; returns units of work beyond what its input's length says, out of
   * `budget`, or
   * -1 where it was given up.
   */
  apply(at: number, budget: number): number {
    this.spent = 0;
    const length = this.write(TRANSFORM_KINDS[this.code[at + TRANSFORM.kind]], at, budget);
    if (length >= 0) {
      [this.bytes, this.other] = [this.other, this.bytes];
      [this.start, this.otherStart] = [this.otherStart, this.start];
      this.length = length;
    }
    return this.spent;
  }

  /** Writes the outcome to `other`; -1 leaves the bytes as they are. */
  private write(kind: (typeof TRANSFORM_KINDS)[number], at: number, budget: number): number {
    const { bytes, other, length } = this;
    switch (kind) {
      case 'dotprefix':
        other[0] = 0x2e;
        return 1 + bytes.copy(other, 1, 0, length);
      case 'to_lowercase':
        return this.toLowerCase();
      case 'to_uppercase':
        return changeCase(bytes, length, other, 0x61);
      case 'strip_whitespace':
      case 'compress_whitespace':
        return reduceSpace(bytes, length, other, kind === 'compress_whitespace');
      case 'url_decode':
        return urlDecode(bytes, length, other);
      case 'header_lowercase':
        return lowerNames(bytes, length, other);
      case 'strip_pseudo_headers':
        return stripPseudoHeaders(bytes, length, other);
      case 'xor':
        return this.xor(
          this.code[at + TRANSFORM.first],
          this.code[at + TRANSFORM.second],
          this.code[at + TRANSFORM.third],
          this.code[at + TRANSFORM.fourth] === 1,
        );
      case 'pcrexform':
        return this.capture(this.code[at + TRANSFORM.first], budget, -1);
      case 'group':
        return this.capture(this.code[at + TRANSFORM.first], budget, 0);
      case 'from_base64':
        return this.fromBase64(
          this.code[at + TRANSFORM.first],
          this.code[at + TRANSFORM.second],
          this.code[at + TRANSFORM.third],
        );
      case 'subslice':
        return this.subslice(
          this.code[at + TRANSFORM.first],
          this.code[at + TRANSFORM.second],
          this.code[at + TRANSFORM.third] === 1,
        );
      case 'gunzip':
        return this.inflate(gunzip, this.code[at + TRANSFORM.first]);
      case 'zlib_deflate':
        return this.inflate(unzlib, this.code[at + TRANSFORM.first]);
      case 'json_decode':
        return decodeJson(bytes, length, other);
      case 'domain':
        return other.write(registeredDomain(this.text()), 'latin1');
      case 'tld':
        return other.write(publicSuffix(this.text()), 'latin1');
      default:
        return createHash(DIGESTS[kind]).update(bytes.subarray(0, length)).digest().copy(other);
    }
  }

  private toLowerCase(): number {
    const { operations } = this.workspace;
    if (operations === undefined) return changeCase(this.bytes, this.length, this.other, 0x41);
    operations.fold(this.otherStart, this.start, this.length);
    return this.length;
  }

  /** The key lies at `key` in the pool or, with `inBuffer`, in the buffer. */
  private xor(key: number, keyLength: number, offset: number, inBuffer: boolean): number {
    const { bytes, other, length } = this;
    if (offset > length || (inBuffer && key + keyLength > length)) return -1;
    const keys = inBuffer ? bytes : this.pool;
    bytes.copy(other, 0, 0, offset);
    for (let i = offset; i < length; i++) other[i] = bytes[i] ^ keys[key + ((i - offset) % keyLength)];
    return length;
  }

  /**
   * A length of 0 reaches to the end, a negative one up to so many bytes before it; ends in the wrong order are
   * swapped.
   */
  private subslice(offset: number, count: number, clip: boolean): number {
    const { bytes, other, length } = this;
    const from = offset < 0 ? length + offset : offset;
    const to = count > 0 ? Math.min(Math.max(from, 0), length) + count : length + count;
    if (!clip && (from < 0 || from > length || to < 0 || to > length)) return 0;
    const start = Math.min(Math.max(from, 0), length);
    const end = Math.min(Math.max(to, 0), length);
    return bytes.copy(other, 0, Math.min(start, end), Math.max(start, end));
  }

  private text(): string {
    return this.bytes.toString('latin1', 0, this.length);
  }

  private inflate(format: typeof gunzip, maximum: number): number {
    const inflated = format(this.bytes, this.length, this.other, Math.min(maximum, OUTPUT_BYTES));
    this.spent = inflated.work >> WORK;
    return inflated.length;
  }

  /** `otherwise` where it does not match. */
  private capture(regex: number, budget: number, otherwise: number): number {
    const group = this.regexes.firstGroup(regex, this.text(), budget);
    this.spent = this.regexes.exceeded ? -1 : this.regexes.cost;
    return group === undefined ? otherwise : this.other.write(group, 'latin1');
  }

  private fromBase64(count: number, offset: number, mode: number): number {
    const end = count === 0 ? this.length : Math.min(this.length, offset + count);
    const written = offset >= end ? 0 : decodeBase64(this.bytes, offset, end, this.other, mode);
    return written > 0 ? written : -1;
  }
}

/** Letters from `first` (A or a) on change their case. */
function changeCase(bytes: Uint8Array, length: number, output: Uint8Array, first: number): number {
  for (let i = 0; i < length; i++) {
    const letter = bytes[i] - first;
    output[i] = letter >= 0 && letter < 26 ? bytes[i] ^ 0x20 : bytes[i];
  }
  return length;
}

/** Leaves white space out or, with `keepOne`, of each run the first character. */
function reduceSpace(bytes: Uint8Array, length: number, output: Uint8Array, keepOne: boolean): number {
  let written = 0;
  for (let i = 0; i < length; i++) {
    if (!isSpace(bytes[i]) || (keepOne && (i === 0 || !isSpace(bytes[i - 1])))) output[written++] = bytes[i];
  }
  return written;
}

/** `+` is a blank, `%41` a byte; a percent sign without two digits stays. */
function urlDecode(bytes: Uint8Array, length: number, output: Uint8Array): number {
  let written = 0;
  for (let i = 0; i < length; i++) {
    const high = bytes[i] === 0x25 && i + 2 < length ? hexDigit(bytes[i + 1]) : -1;
    const low = high < 0 ? -1 : hexDigit(bytes[i + 2]);
    if (low >= 0) {
      output[written++] = high * 16 + low;
      i += 2;
    } else {
      output[written++] = bytes[i] === 0x2b ? 0x20 : bytes[i];
    }
  }
  return written;
}

/** Lower case up to the first colon of each line behind its first character; the rest of the line as it was. */
function lowerNames(bytes: Uint8Array, length: number, output: Uint8Array): number {
  let inName = true;
  for (let i = 0; i < length; i++) {
    const byte = bytes[i];
    if (byte === LF) inName = true;
    else if (byte === COLON && i > 0 && bytes[i - 1] !== LF) inName = false;
    output[i] = inName && byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
  }
  return length;
}

/** Leaves out lines that start with a colon (HTTP/2's pseudo headers). */
function stripPseudoHeaders(bytes: Uint8Array, length: number, output: Uint8Array): number {
  let written = 0;
  let start = 0;
  while (start < length) {
    let end = start;
    while (end < length && bytes[end] !== LF) end++;
    if (end < length) end++;
    if (bytes[start] !== COLON) for (let i = start; i < end; i++) output[written++] = bytes[i];
    start = end;
  }
  return written;
}
