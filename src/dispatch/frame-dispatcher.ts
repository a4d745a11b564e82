/**
 * What a dispatch thread does with a batch of frames: decode, defragment, route, write to the rings. Stage: dispatch.
 *
 * Every frame of a batch ends in one of: a ring record that carries its weight, the fragment table, a drop counter. A
 * frame has a record in each shard that has the flow of one of its layers; the last one written carries the weight. The
 * counters of a batch are published before its records, so that whoever reads the shards' counters first and the
 * dispatchers' afterwards finds received = inspected + dropped + pending at every moment. Allocates nothing per frame.
 */
import { verifyChecksums } from '../decode/checksum.js';
import { decodeFrame, decodeIp } from '../decode/decode.js';
import { FAULT, FAULTS } from '../decode/fault.js';
import { DecodeCounts, noteLayerFault, openUnusable } from '../decode/layer.js';
import { DecodedFrame, LAYER, LAYER_WORDS, MAX_LAYERS } from '../decode/packet.js';
import { TunnelPorts, type TunnelPortOptions } from '../decode/tunnel-ports.js';
import type { FrameBatch } from '../ingest/source.js';
import type { CounterRow } from '../counters/counters.js';
import { DISPATCHER_SLOTS, DROP_SLOT_BY_FAULT, FAULT_SLOTS } from '../counters/names.js';
import type { VniTable } from '../counters/vni-table.js';
import type { Doorbell } from '../util/doorbell.js';
import { CaptureClock } from './capture-clock.js';
import { CaptureFilter, INSPECTED, type FilterOptions } from './capture-filter.js';
import { FlowAdmission, VERDICT, type AdmissionOptions } from './flow-admission.js';
import { DEFRAG, Defragmenter, fragmentContext, type DefragOptions } from './defrag.js';
import { FrameStamp, RECORD_KIND, type FrameRingWriter } from '../ring/frame-ring.js';
import { RoomWait } from './room-wait.js';
import { allLayers, layersOfShard, outermost, routeLayer } from './route.js';
import type { SequenceWords } from './task.js';

const SLOT = DISPATCHER_SLOTS;
/**
 * Sequence numbers of a frame: one for each layer, as many again for the datagram that it completes, and the first of
 * all for a tick before it.
 */
const DATAGRAM_NUMBERS = MAX_LAYERS;
const TICK_NUMBERS = 1;
const FRAME_NUMBERS = TICK_NUMBERS + 2 * MAX_LAYERS;
/** And of a batch, before its frames: the start of a capture, and a tick. */
const MARK_NUMBERS = 2;
/** Frames between two looks at how full the rings are. */
const FRAMES_PER_LOOK = 32;
/** Ticks go into every ring this often by the clock; in captures by the time of their packets (capture-clock.ts). */
const TICK_US = 1_000_000;
/** What is wrong within mirrored traffic, not with its mirror. */
const IS_DECODE_FAULT = Uint8Array.from(FAULTS, ({ stage }) => Number(stage === 'decode'));
/** Whole datagrams are lost by these, and the defragmenter counts their frames. */
const IS_DEFRAGMENT_FAULT = Uint8Array.from(FAULTS, ({ stage }) => Number(stage === 'defragment'));
/** By verdict. */
const REFUSED_SLOTS = [-1, SLOT.droppedOverloadNew, SLOT.droppedOverloadKnown] as const;

export interface FrameDispatcherParts {
  readonly dispatcher: number;
  readonly rings: readonly FrameRingWriter[];
  readonly doorbells: readonly Doorbell[];
  /** Of whoever merges the alerts. */
  readonly alertBell?: Doorbell | undefined;
  readonly counters: CounterRow;
  readonly vnis: VniTable;
  readonly sequence: SequenceWords;
  readonly defrag: DefragOptions;
  /** The defaults where it is left out. */
  readonly tunnelPorts?: TunnelPortOptions | undefined;
  /** What is left out; nothing where it is not given. */
  readonly filter?: FilterOptions | undefined;
  /** Which flows go first where shards cannot keep up; packets do, without it. Not for captures. */
  readonly admission?: AdmissionOptions | undefined;
  readonly verifyChecksums: boolean;
  /** Wait for room in a ring instead of dropping. */
  readonly offline: boolean;
  /** Where datagrams from a socket are addressed to, unless each tells; bytes that are missing are 0. */
  readonly local?: { readonly bytes: Uint8Array; readonly port: number } | undefined;
  /** Milliseconds since 1970, for the time from receipt to alert. */
  readonly clockMs: () => number;
  /** Lets milliseconds pass while a ring is full; a nap of the thread when left out. */
  readonly nap?: ((ms: number) => void) | undefined;
}

export class FrameDispatcher {
  private readonly parts: FrameDispatcherParts;
  private readonly frame: DecodedFrame;
  private readonly filter: CaptureFilter;
  private readonly admission: FlowAdmission | undefined;
  /** A datagram put together, and one that was in its fragments in turn: both are looked at together. */
  private readonly datagram: DecodedFrame;
  private readonly innerDatagram: DecodedFrame;
  private readonly decodeCounts = new DecodeCounts();
  private readonly defragmenter: Defragmenter;
  /** Of the frame at hand. PERF: what is handed on as a number of 64 bits is a box each time (bench: waste). */
  private readonly stamp = new FrameStamp();
  private readonly counts: Float64Array;
  private readonly room: RoomWait;
  /** Latest frame time of this capture; packet time never runs backward. */
  private nowUs = 0;
  private readonly captureClock = new CaptureClock();
  private lastTickUs = 0;

  constructor(parts: FrameDispatcherParts) {
    this.parts = parts;
    this.counts = parts.counters.pending;
    this.room = new RoomWait(parts.nap);
    this.filter = new CaptureFilter(parts.filter);
    if (parts.admission !== undefined) this.admission = new FlowAdmission(parts.rings, parts.admission);
    const tunnelPorts = new TunnelPorts(parts.tunnelPorts);
    this.frame = new DecodedFrame(tunnelPorts);
    this.datagram = new DecodedFrame(tunnelPorts);
    this.innerDatagram = new DecodedFrame(tunnelPorts);
    this.defragmenter = new Defragmenter(parts.defrag, this.decodeCounts);
  }

  /** Takes a batch; `count` 0 means that nothing came: time goes on all the same. */
  deliver(batch: FrameBatch, count: number): void {
    const numbers = MARK_NUMBERS + count * FRAME_NUMBERS;
    const first = this.parts.sequence.take(this.parts.dispatcher, numbers);
    const { stamp } = this;
    if (batch.capture !== stamp.capture) this.startCapture(batch.capture, first);
    stamp.receivedMs = this.parts.offline ? 0 : this.parts.clockMs();
    for (let i = 0; i < count; i++) {
      if (i % FRAMES_PER_LOOK === 0) this.admission?.look(stamp.receivedMs);
      stamp.captureNumber = batch.firstNumber === 0 ? 0 : batch.firstNumber + i;
      const seq = first + MARK_NUMBERS + i * FRAME_NUMBERS;
      if (this.parts.offline) this.tickBefore(batch.timeUs[i], seq);
      stamp.seq = seq + TICK_NUMBERS;
      stamp.timeUs = batch.timeUs[i];
      this.takeFrame(batch, i);
    }
    if (count === 0) this.admission?.look(stamp.receivedMs);
    this.passTime(count === 0 ? stamp.receivedMs * 1000 : this.nowUs, first);
    this.publish(first + numbers);
    this.rest();
  }

  /** The source has ended: what still waits for fragments is lost, and the shards come to their end. */
  end(): void {
    this.loseFragments();
    const seq = this.parts.sequence.take(this.parts.dispatcher, 1);
    this.mark(RECORD_KIND.end, seq);
    this.publish(seq + 1);
    this.rest();
  }

  /** Datagrams that the kernel dropped before they could be received, as a running total. */
  setKernelDrops(total: number): void {
    this.counts[SLOT.droppedSocketKernel] = total;
  }

  /** The frame that the stamp is of. */
  private takeFrame(batch: FrameBatch, i: number): void {
    const { frame, counts, parts, stamp } = this;
    const { bytes } = batch;
    if (stamp.timeUs > this.nowUs) this.nowUs = stamp.timeUs;
    decodeFrame(bytes, batch.offset[i], batch.length[i], batch.linkType[i], frame, this.decodeCounts);
    if (frame.truncated || batch.length[i] < batch.wireLength[i]) counts[SLOT.truncatedPackets]++;
    if (frame.vni >= 0) parts.vnis.count(frame.vni, batch.length[i], stamp.timeUs);
    if (frame.unusable) {
      this.countReceived(batch.length[i]);
      counts[DROP_SLOT_BY_FAULT[frame.fault]]++;
      this.showUnusable(batch, i);
      return;
    }
    const leftOut = this.filter.reasonOf(bytes, frame);
    if (leftOut !== INSPECTED) {
      this.countReceived(batch.length[i]);
      counts[leftOut]++;
      return;
    }
    if (parts.verifyChecksums) verifyChecksums(bytes, frame, this.decodeCounts);
    this.takeSocketMirror(batch, i);
    this.takeMirror(bytes, frame);
    const wireLength = batch.wireLength[i];
    if (frame.fragmentLayer < 0) {
      this.countReceived(batch.length[i]);
      this.write(bytes, frame, wireLength, 1);
      return;
    }
    this.noteOverlap(bytes);
    // A fragment is a packet of its own too, looked at by rules on fragments; its frame is counted with its datagram.
    const shown = this.write(bytes, frame, wireLength, 0);
    this.countReceived(batch.length[i]);
    if (shown) this.takeFragment(bytes);
  }

  /** Counts a frame, when nothing is shown any more before its outcome is counted too. */
  private countReceived(bytes: number): void {
    this.counts[SLOT.receivedPackets]++;
    this.counts[SLOT.receivedBytes] += bytes;
  }

  /**
   * Shows a frame that is a drop already to rules on malformations, as a packet without addresses that is not counted:
   * the first of what is left out where a ring is too full. What spoils a mirror's own header is none of the mirrored
   * traffic.
   */
  private showUnusable(batch: FrameBatch, i: number): void {
    const { frame } = this;
    const { admission } = this;
    if (IS_DECODE_FAULT[frame.fault] === 0 || (admission !== undefined && admission.activeRings > 0)) return;
    openUnusable(frame);
    this.takeSocketMirror(batch, i);
    this.takeMirror(batch.bytes, frame);
    this.offer(0, allLayers(frame), batch.bytes, frame, batch.wireLength[i], 0);
  }

  /**
   * Puts a record into the ring of each shard that has the flow of a layer. @returns false when one was full: a counted
   * drop.
   */
  private write(bytes: Uint8Array, frame: DecodedFrame, wireLength: number, weight: number): boolean {
    const { counts, admission } = this;
    const shards = this.parts.rings.length;
    const shard = routeLayer(frame, 0, shards);
    const pressed = this.pressedShard(frame, shard);
    if (admission !== undefined) {
      const verdict = admission.judge(pressed, hashOfFlow(frame));
      if (verdict !== VERDICT.admitted) {
        counts[REFUSED_SLOTS[verdict]] += Math.max(weight, 1);
        return false;
      }
    }
    // Before it is written: it is pending while it waits for room.
    counts[SLOT.routedPackets] += weight;
    // PERF: nearly all frames have one record (bench: read).
    const isWhole = frame.layerCount === 1 || shards === 1;
    const written = isWhole
      ? this.offer(shard, allLayers(frame), bytes, frame, wireLength, weight)
      : this.offerByLayer(bytes, frame, wireLength, weight);
    if (written) return true;
    counts[SLOT.routedPackets] -= weight;
    counts[SLOT.droppedRingFull] += Math.max(weight, 1);
    admission?.giveUp(pressed, hashOfFlow(frame));
    return false;
  }

  /** The shard of a layer whose ring is the fullest, as far as any is too full; else `shard`, the outermost layer's. */
  private pressedShard(frame: DecodedFrame, shard: number): number {
    const { admission } = this;
    if (admission === undefined || admission.activeRings === 0) return shard;
    const shards = this.parts.rings.length;
    let pressed = shard;
    for (let layer = 1; layer < frame.layerCount; layer++)
      pressed = admission.morePressed(pressed, routeLayer(frame, layer, shards));
    return pressed;
  }

  /**
   * The last record carries the weight, and only when the others were written: a frame that is not looked at in full is
   * a drop, and its records that were written are not counted.
   */
  private offerByLayer(bytes: Uint8Array, frame: DecodedFrame, wireLength: number, weight: number): boolean {
    const shards = this.parts.rings.length;
    let written: boolean = true;
    for (let left = allLayers(frame); left !== 0;) {
      const shard = routeLayer(frame, outermost(left), shards);
      const layers = layersOfShard(frame, left, shard, shards);
      left ^= layers;
      const carried: number = left === 0 && written ? weight : 0;
      written = this.offer(shard, layers, bytes, frame, wireLength, carried) && written;
    }
    return written;
  }

  /** Puts a record for these layers into the ring of `shard`, without counting; captures wait for room. */
  private offer(
    shard: number,
    layers: number,
    bytes: Uint8Array,
    frame: DecodedFrame,
    wireLength: number,
    weight: number,
  ): boolean {
    const { rings, offline } = this.parts;
    for (;;) {
      const written = rings[shard].writePacket(bytes, frame, wireLength, weight, this.stamp, layers);
      if (written || !offline) return written;
      this.waitForRoom(rings[shard], this.stamp.seq);
    }
  }

  /** Tells rules of the overlap of a fragment, where no datagram will. */
  private noteOverlap(bytes: Uint8Array): void {
    const { frame, defragmenter, stamp } = this;
    const layer = frame.fragmentLayer;
    const context = fragmentContext(frame, layer);
    if (defragmenter.foreseesOverlap(bytes, frame, layer, frame.vni, context, stamp.timeUs))
      noteLayerFault(frame, layer * LAYER_WORDS, FAULT.fragment_overlap);
  }

  /** Puts the fragment in `frame` to its datagram; a datagram that is complete goes on as its frames' one outcome. */
  private takeFragment(bytes: Uint8Array): void {
    const { defragmenter, counts, decodeCounts, stamp } = this;
    let fragment = this.frame;
    let source = bytes;
    let frames = 1;
    // A datagram may itself be a fragment, of a packet that another tunnel carries.
    for (let depth = 0; depth < MAX_LAYERS; depth++) {
      const layer = fragment.fragmentLayer;
      const outcome = defragmenter.add(
        source,
        fragment,
        layer,
        fragment.vni,
        fragmentContext(fragment, layer),
        stamp.timeUs,
        frames,
      );
      if (outcome !== DEFRAG.complete) return;
      counts[SLOT.reassembledDatagrams]++;
      frames = defragmenter.datagramFrames;
      source = defragmenter.datagram;
      const datagram = fragment === this.datagram ? this.innerDatagram : this.datagram;
      decodeIp(source, 0, defragmenter.datagramLength, datagram, decodeCounts, fragment);
      if (defragmenter.datagramFault !== 0 && datagram.layerCount > 0)
        noteLayerFault(datagram, 0, defragmenter.datagramFault);
      if (datagram.unusable) {
        counts[DROP_SLOT_BY_FAULT[datagram.fault]] += frames;
        return;
      }
      // What is within the outermost layer is not asked.
      const leftOut = depth === 0 && layer === 0 ? this.filter.reasonOf(source, datagram) : INSPECTED;
      if (leftOut !== INSPECTED) {
        counts[leftOut] += frames;
        return;
      }
      if (datagram.fragmentLayer < 0) {
        if (this.parts.verifyChecksums) verifyChecksums(source, datagram, decodeCounts);
        this.takeMirror(source, datagram);
        stamp.seq += DATAGRAM_NUMBERS;
        this.write(source, datagram, datagram.length, frames);
        return;
      }
      fragment = datagram;
    }
    counts[DROP_SLOT_BY_FAULT[FAULT.nesting_limit]] += frames;
  }

  /** Notes the outer addresses of a frame from a socket. */
  private takeSocketMirror(batch: FrameBatch, i: number): void {
    const { mirror } = this.stamp;
    mirror.ipVersion = batch.srcIpVersion[i];
    const { local } = this.parts;
    if (mirror.ipVersion === 0) return;
    mirror.srcPort = batch.srcPort[i];
    mirror.dstPort = local?.port ?? 0;
    for (let k = 0; k < 16; k++) {
      mirror.src[k] = batch.srcIp[i * 16 + k];
      mirror.dst[k] = batch.tellsDestination ? batch.dstIp[i * 16 + k] : (local?.bytes[k] ?? 0);
    }
  }

  /** Notes the outer addresses of a mirror header that was found within a capture. */
  private takeMirror(bytes: Uint8Array, frame: DecodedFrame): void {
    if (frame.mirrorIpOffset < 0) return;
    const { mirror } = this.stamp;
    const isIpv4 = frame.mirrorIpVersion === 4;
    const size = isIpv4 ? 4 : 16;
    const src = frame.mirrorIpOffset + (isIpv4 ? 12 : 8);
    for (let k = 0; k < size; k++) {
      mirror.src[k] = bytes[src + k];
      mirror.dst[k] = bytes[src + size + k];
    }
    mirror.ipVersion = frame.mirrorIpVersion;
    mirror.srcPort = frame.mirrorSrcPort;
    mirror.dstPort = frame.mirrorDstPort;
  }

  private startCapture(capture: number, seq: number): void {
    this.loseFragments();
    this.stamp.capture = capture;
    this.nowUs = 0;
    this.captureClock.reset();
    this.mark(RECORD_KIND.capture, seq);
  }

  private loseFragments(): void {
    this.defragmenter.flush();
  }

  /** A tick lies between the same two frames whatever is read at once and however many shards there are. */
  private tickBefore(timeUs: number, seq: number): void {
    if (this.captureClock.ticksBefore(timeUs)) this.mark(RECORD_KIND.tick, seq, timeUs);
  }

  /** Lets fragments time out and, live, tells the shards the time. */
  private passTime(timeUs: number, seq: number): void {
    if (timeUs > this.nowUs) this.nowUs = timeUs;
    const { offline } = this.parts;
    this.defragmenter.expire(offline ? this.captureClock.nowUs : this.nowUs);
    if (offline || this.nowUs - this.lastTickUs < TICK_US) return;
    this.lastTickUs = this.nowUs;
    this.mark(RECORD_KIND.tick, seq + 1);
  }

  /**
   * Puts a mark into every ring. Live, a tick that finds a ring full is left out: its shard has packets to tell the
   * time by.
   */
  private mark(kind: number, seq: number, timeUs = this.nowUs): void {
    const waits = this.parts.offline || kind !== RECORD_KIND.tick;
    for (const ring of this.parts.rings) {
      while (!ring.writeMark(kind, seq, timeUs, this.stamp.capture) && waits) this.waitForRoom(ring, seq);
    }
  }

  /**
   * Shows what was done since the last time: the counters, then the records that they count, then that all frames below
   * `seq` are among them.
   */
  private publish(seq: number): void {
    const { rings, doorbells, counters, sequence, dispatcher } = this.parts;
    this.collectCounts();
    counters.publish();
    for (let shard = 0; shard < rings.length; shard++) {
      if (rings[shard].publish()) doorbells[shard].ring();
    }
    sequence.publish(dispatcher, seq);
  }

  /** Between batches, and after the last one, this dispatcher holds up no one's alerts. */
  private rest(): void {
    this.parts.sequence.rest(this.parts.dispatcher);
    this.parts.alertBell?.ringForProgress();
  }

  /**
   * Frame `seq` waits for room in its ring. All that came before it is shown first, and that it is: the merge would
   * wait for a frame below `seq` otherwise, the shard with the full ring for the merge, and this thread for the shard.
   */
  private waitForRoom(ring: FrameRingWriter, seq: number): void {
    this.publish(seq);
    this.room.wait(ring);
  }

  private collectCounts(): void {
    const { counts, decodeCounts, defragmenter, admission } = this;
    counts[SLOT.vxlanReservedBits] = decodeCounts.vxlanReservedBits;
    counts[SLOT.latestFrameUs] = this.nowUs;
    counts[SLOT.pendingFragments] = defragmenter.pendingFrames;
    if (admission !== undefined) {
      counts[SLOT.overloads] = admission.begun;
      counts[SLOT.overloadedRings] = admission.activeRings;
      counts[SLOT.overloadRefusedFlows] = admission.refusedFlows;
      counts[SLOT.overloadShedFlows] = admission.shedFlows;
    }
    for (let fault = 1; fault < FAULTS.length; fault++) {
      counts[FAULT_SLOTS[fault]] = decodeCounts.faults[fault];
      if (IS_DEFRAGMENT_FAULT[fault] === 1) counts[DROP_SLOT_BY_FAULT[fault]] = defragmenter.droppedFrames[fault];
    }
  }
}

/** Of the innermost layer: a tunnel is no flow to be dropped as a whole. */
function hashOfFlow({ layers, layerCount }: DecodedFrame): number {
  return layers[(layerCount - 1) * LAYER_WORDS + LAYER.flowHash];
}
