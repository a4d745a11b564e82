/**
 * A connection of SSH as rules look at it: what both sides say before it is encrypted. Stage: app. Bounds: a banner of
 * 255 bytes and the lists of a key exchange, 32 KiB, a side.
 */
import { hash } from 'node:crypto';
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import { bufferNumber } from '../buffers.js';
import { BufferTransaction } from '../fields/buffer-transaction.js';

const NUMBER = {
  proto: bufferNumber('ssh.proto'),
  software: bufferNumber('ssh.software'),
  version: bufferNumber('ssh.version'),
} as const;
/** By direction: the digest, and the text that it is of. */
const HASSH = [bufferNumber('ssh.hassh'), bufferNumber('ssh.hassh.server')] as const;
const HASSH_TEXT = [bufferNumber('ssh.hassh.string'), bufferNumber('ssh.hassh.server.string')] as const;
const SIDES = ['client', 'server'] as const;

const MOST_BYTES = 131_072;
const HYPHEN = 0x2d;
const BLANK = 0x20;
const DOT = 0x2e;
const SEMICOLON = 0x3b;
const VERSION_STEP = 1000;
/** 1.99: speaks version 2 as well (RFC 4253, section 5.1). */
const BOTH_VERSIONS = 99;
const encoder = new TextEncoder();

export class SshTransaction extends BufferTransaction {
  /** A side speaks version 1 alone, whose packets have another form. */
  speaksVersion1 = false;

  constructor(arena: Arena) {
    super(arena, MOST_BYTES);
  }

  override reset(): void {
    super.reset();
    this.speaksVersion1 = false;
  }

  /** Takes a banner, [start, end) behind `SSH-`: version, hyphen, software, and perhaps a comment behind a blank. */
  takeBanner(direction: Direction, start: number, end: number): boolean {
    const { bytes } = this.arena;
    let at = start;
    while (at < end && bytes[at] !== HYPHEN) at++;
    let behind = at + 1;
    while (behind < end && bytes[behind] !== BLANK) behind++;
    this.addText(NUMBER.proto, 1 << direction, start, at - start);
    this.takeVersion(direction, start, at);
    if (behind <= at + 1) return false;
    return this.addText(NUMBER.software, 1 << direction, at + 1, Math.min(behind, end) - at - 1);
  }

  /** Makes the HASSH of four lists: where each begins, and its length. */
  takeLists(direction: Direction, starts: readonly number[], lengths: readonly number[]): void {
    const { text, arena } = this;
    const at = text.length;
    for (let index = 0; index < starts.length; index++) {
      if (index > 0 && !text.push(SEMICOLON)) return;
      if (lengths[index]! > 0 && text.append(starts[index]!, lengths[index]!) < 0) return;
    }
    const { length } = text;
    const digest = hash('md5', new Uint8Array(arena.bytes.buffer, text.start + at, length - at), 'hex');
    text.appendBytes(encoder.encode(digest), 0, digest.length);
    if (text.length === length + digest.length) this.addPart(HASSH[direction], 1 << direction, length, digest.length);
    this.addPart(HASSH_TEXT[direction], 1 << direction, at, length - at);
  }

  override eve(): string {
    const sides = SIDES.flatMap((side, index) => {
      const members = this.membersOf(index as Direction);
      return members.length === 0 ? [] : [`"${side}":{${members.join(',')}}`];
    });
    return sides.length === 0 ? '' : `"ssh":{${sides.join(',')}}`;
  }

  private membersOf(direction: Direction): string[] {
    const members: string[] = [];
    const add = (name: string, text: string | undefined): void => {
      if (text !== undefined) members.push(`"${name}":${JSON.stringify(text)}`);
    };
    add('proto_version', this.textOf(NUMBER.proto, 1 << direction));
    add('software_version', this.textOf(NUMBER.software, 1 << direction));
    const digest = this.textOf(HASSH[direction]);
    const lists = this.textOf(HASSH_TEXT[direction]);
    if (digest !== undefined) members.push(`"hassh":{"hash":"${digest}","string":${JSON.stringify(lists)}}`);
    return members;
  }

  /** `2.0` is 2000, `1.99` is 1099. */
  private takeVersion(direction: Direction, start: number, end: number): void {
    const { bytes } = this.arena;
    let major = 0;
    let minor = 0;
    let isMinor = false;
    for (let at = start; at < end && at < start + 8; at++) {
      if (bytes[at] === DOT && !isMinor) isMinor = true;
      else if (bytes[at]! < 0x30 || bytes[at]! > 0x39) return;
      else if (isMinor) minor = minor * 10 + bytes[at]! - 0x30;
      else major = major * 10 + bytes[at]! - 0x30;
    }
    if (major === 1 && minor < BOTH_VERSIONS) this.speaksVersion1 = true;
    if (end > start && minor < VERSION_STEP)
      this.addNumber(NUMBER.version, 1 << direction, major * VERSION_STEP + minor);
  }
}
