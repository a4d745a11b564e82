/**
 * An array of `struct mmsghdr` with its `iovec`s and socket addresses, as recvmmsg and sendmmsg take it.
 * Stage: ingest, below the socket source and the sender. Laid out by hand for LP64 little-endian Linux; allocates only
 * when made. `release` must follow the last system call.
 *
 *   mmsghdr (64 bytes)                          iovec (16 bytes)
 *    0 msg_name*   8 msg_namelen (4) pad (4)     0 iov_base*   8 iov_len
 *   16 msg_iov*   24 msg_iovlen (8)
 *   32 msg_control* 40 msg_controllen (8)
 *   48 msg_flags (4) pad (4)
 *   56 msg_len (4) pad (4)
 */
import type { NativeMemory, System } from './system.js';

const HEADER_BYTES = 64;
const HEADER_WORDS = HEADER_BYTES / 4;
const IOVEC_BYTES = 16;
const IOVEC_WORDS = IOVEC_BYTES / 4;
/** Room for a sockaddr_in6 (28 bytes), aligned. */
export const SOCKADDR_STRIDE = 32;
/** Room for the one control message that is asked for. */
export const CONTROL_STRIDE = 64;
const CONTROL_LENGTH_WORD = 10;
const FLAGS_WORD = 12;
const LENGTH_WORD = 14;

export class MessageTable {
  readonly capacity: number;
  /** `SOCKADDR_STRIDE` bytes for each message; empty when made without names. */
  readonly names: Uint8Array;
  /** `CONTROL_STRIDE` bytes for each message; empty when made without control messages. */
  readonly controls: Uint8Array;
  private readonly system: System;
  private readonly headers: NativeMemory;
  private readonly vectors: NativeMemory;
  private readonly nameMemory: NativeMemory;
  private readonly controlMemory: NativeMemory;
  private readonly headerWords: Uint32Array;
  private readonly vectorWords: Uint32Array;
  private readonly vectorsEach: number;

  /**
   * `nameLength`: bytes of each socket address, 0 for connected sockets. `hasControls`: whether control messages are
   * taken.
   */
  constructor(system: System, capacity: number, vectorsEach: number, nameLength: number, hasControls = false) {
    this.system = system;
    this.capacity = capacity;
    this.vectorsEach = vectorsEach;
    this.headers = system.allocate(capacity * HEADER_BYTES);
    this.vectors = system.allocate(capacity * vectorsEach * IOVEC_BYTES);
    this.nameMemory = system.allocate(Math.max(8, nameLength === 0 ? 0 : capacity * SOCKADDR_STRIDE));
    this.names = this.nameMemory.bytes;
    this.controlMemory = system.allocate(hasControls ? capacity * CONTROL_STRIDE : 8);
    this.controls = this.controlMemory.bytes;
    this.headerWords = new Uint32Array(this.headers.bytes.buffer);
    this.vectorWords = new Uint32Array(this.vectors.bytes.buffer);
    const view = new DataView(this.headers.bytes.buffer);
    for (let i = 0; i < capacity; i++) {
      const at = i * HEADER_BYTES;
      if (nameLength > 0) view.setBigUint64(at, this.nameMemory.address + BigInt(i * SOCKADDR_STRIDE), true);
      view.setUint32(at + 8, nameLength, true);
      view.setBigUint64(at + 16, this.vectors.address + BigInt(i * vectorsEach * IOVEC_BYTES), true);
      view.setBigUint64(at + 24, BigInt(vectorsEach), true);
      if (hasControls) view.setBigUint64(at + 32, this.controlMemory.address + BigInt(i * CONTROL_STRIDE), true);
    }
    if (hasControls) this.resetControls(capacity);
  }

  /** Address of message `index`, to hand to the kernel. Allocates a BigInt unless `index` is 0. */
  address(index: number): bigint {
    return index === 0 ? this.headers.address : this.headers.address + BigInt(index * HEADER_BYTES);
  }

  /** Points a vector at memory. Addresses in user space are below 2^53, so a number holds them. */
  setVector(message: number, vector: number, address: number, length: number): void {
    const word = (message * this.vectorsEach + vector) * IOVEC_WORDS;
    this.vectorWords[word] = address;
    this.vectorWords[word + 1] = Math.floor(address / 0x1_0000_0000);
    this.vectorWords[word + 2] = length;
  }

  /** Bytes of message `index` as the kernel put them down. */
  length(index: number): number {
    return this.headerWords[index * HEADER_WORDS + LENGTH_WORD];
  }

  /** Bytes of control messages that the kernel put down for message `index`. */
  controlLength(index: number): number {
    return this.headerWords[index * HEADER_WORDS + CONTROL_LENGTH_WORD];
  }

  /**
   * Gives the first `count` messages their room for control messages back: the kernel has put down what it used of it.
   */
  resetControls(count: number): void {
    for (let i = 0; i < count; i++) this.headerWords[i * HEADER_WORDS + CONTROL_LENGTH_WORD] = CONTROL_STRIDE;
  }

  flags(index: number): number {
    return this.headerWords[index * HEADER_WORDS + FLAGS_WORD];
  }

  release(): void {
    for (const memory of [this.headers, this.vectors, this.nameMemory, this.controlMemory]) this.system.release(memory);
  }
}
