/**
 * What the steps of a rule work on: one buffer of one packet, the variables, and a register for the number just read.
 * Stage: detect (verify). One per shard, re-used; positions count from the buffer's start.
 */
import { BerHeader } from '../../util/ber.js';
import { DECODED_BYTES } from '../../memory/layout.js';
import { Uint64 } from './uint64.js';
import { ownWorkspace, type Workspace } from './workspace.js';
import { MAX_VARIABLES } from '../../block/step-layout.js';

export class StepState {
  /** Packed code and literals of the rule set. */
  readonly code: Int32Array;
  readonly pool: Uint8Array;
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  length = 0;
  /** Bytes before `start` that positions of the rule count in: the buffer is the later part of a stream. */
  origin = 0;
  /** The order of bytes that the message in the buffer says it has. */
  littleEndian = false;
  /** Where the last match ended: relative steps start here. */
  position = 0;
  readonly number = new Uint64();
  readonly workspace: Workspace;
  /** Where the pool lies in the workspace, 0 where it does not. */
  readonly literals: number;
  /** What base64_decode of the rule has made: the first `decodedLength` bytes; they lie in the workspace. */
  readonly decoded: Uint8Array;
  decodedLength = 0;
  /** Bytes that the search for a content has compared in vain, and how many it may. */
  compared = 0;
  mayCompare = Infinity;
  readonly element = new BerHeader();
  /** Bytes of each value, for the entropy of a buffer. */
  readonly counts = new Uint32Array(256);
  private readonly high = new Uint32Array(MAX_VARIABLES);
  private readonly low = new Uint32Array(MAX_VARIABLES);

  constructor(code: Int32Array, pool: Uint8Array, workspace: Workspace = ownWorkspace(), literals = 0) {
    this.code = code;
    this.pool = pool;
    this.workspace = workspace;
    this.literals = literals;
    this.decoded = new Uint8Array(
      workspace.bytes.buffer,
      workspace.bytes.byteOffset + workspace.decoded,
      DECODED_BYTES,
    );
  }

  /** The value at word `at`: a number of the rule, or a variable read as a signed number. */
  value(at: number): number {
    const variable = this.code[at];
    return variable < 0 ? this.code[at + 1] : (this.high[variable] | 0) * 0x100000000 + this.low[variable];
  }

  /** High and low word of the wide value at word `at`. */
  wideHigh(at: number): number {
    const variable = this.code[at];
    return variable < 0 ? this.code[at + 1] >>> 0 : this.high[variable];
  }

  wideLow(at: number): number {
    const variable = this.code[at];
    return variable < 0 ? this.code[at + 2] >>> 0 : this.low[variable];
  }

  /** Keeps the number just read. */
  store(variable: number): void {
    this.high[variable] = this.number.high;
    this.low[variable] = this.number.low;
  }
}
