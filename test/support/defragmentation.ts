/** Feeds fragments to a `Defragmenter` as the dispatcher does, and keeps the sums that must close. */
import { decodeFrame, decodeIp, DecodeCounts } from '../../src/decode/decode.js';
import { FAULTS } from '../../src/decode/fault.js';
import { DecodedFrame, LINK_TYPE } from '../../src/decode/packet.js';
import {
  DEFAULT_DEFRAG_OPTIONS,
  DEFRAG,
  Defragmenter,
  fragmentContext,
  type DefragOptions,
} from '../../src/dispatch/defrag.js';

export class DefragmentationHarness {
  readonly counts = new DecodeCounts();
  readonly defragmenter: Defragmenter;
  readonly frame = new DecodedFrame();
  readonly datagram = new DecodedFrame();
  /** The datagrams completed, in order, as copies. */
  readonly completed: Uint8Array[] = [];
  given = 0;
  completedFrames = 0;

  constructor(options: Partial<DefragOptions> = {}) {
    this.defragmenter = new Defragmenter(
      { ...DEFAULT_DEFRAG_OPTIONS, maxDatagrams: 64, maxBytes: 256 * 1024, ...options },
      this.counts,
    );
  }

  /** Adds one raw IP fragment; returns 'stored', 'complete' or the name of the fault. */
  add(bytes: Uint8Array, timeUs = 0, vni = -1): string {
    decodeFrame(bytes, 0, bytes.length, LINK_TYPE.raw, this.frame, this.counts);
    if (this.frame.fragmentLayer < 0) throw new Error('not a fragment');
    this.given++;
    const layer = this.frame.fragmentLayer;
    const outcome = this.defragmenter.add(bytes, this.frame, layer, vni, fragmentContext(this.frame, layer), timeUs);
    if (outcome < 0) return FAULTS[-outcome].name;
    if (outcome !== DEFRAG.complete) return 'stored';
    this.completed.push(this.defragmenter.datagram.slice(0, this.defragmenter.datagramLength));
    this.completedFrames += this.defragmenter.datagramFrames;
    decodeIp(this.defragmenter.datagram, 0, this.defragmenter.datagramLength, this.datagram, this.counts, this.frame);
    return 'complete';
  }

  addAll(fragments: readonly Uint8Array[], timeUs = 0): string[] {
    return fragments.map((fragment) => this.add(fragment, timeUs));
  }

  /** Frames lost so far, by the name of the reason. */
  dropped(): Record<string, number> {
    const entries = [...this.defragmenter.droppedFrames].map((frames, code) => [FAULTS[code].name, frames] as const);
    return Object.fromEntries(entries.filter(([, frames]) => frames > 0));
  }

  /** given - completed - dropped - pending: 0 at every moment. */
  balance(): number {
    const lost = this.defragmenter.droppedFrames.reduce((sum, frames) => sum + frames, 0);
    return this.given - this.completedFrames - lost - this.defragmenter.pendingFrames;
  }
}
