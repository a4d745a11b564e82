/** The frame ring: one thread writes and reads records, so both sides are in the figure. */
import { DecodeCounts, decodeFrame } from '../../build/decode/decode.js';
import { DecodedFrame, LINK_TYPE, Packet } from '../../build/decode/packet.js';
import { FlowAdmission } from '../../build/dispatch/flow-admission.js';
import { FrameRingReader, FrameRingWriter, MIN_RING_BYTES, FrameStamp } from '../../build/ring/frame-ring.js';
import { allocateRing } from '../../build/ring/record-ring.js';
import { mix32 } from '../../build/util/hash.js';
import { expect, rate } from './harness.mjs';
import { mirroredTcp } from './packets.mjs';

function throughRing(payloadBytes) {
  const datagram = mirroredTcp(payloadBytes);
  const frame = new DecodedFrame();
  decodeFrame(datagram, 0, datagram.length, LINK_TYPE.vxlan, frame, new DecodeCounts());
  expect(frame.layerCount, 1, 'layers of the frame');
  const memory = allocateRing(MIN_RING_BYTES);
  const writer = new FrameRingWriter(memory);
  const reader = new FrameRingReader(memory);
  const stamp = new FrameStamp();
  const packet = new Packet();
  return rate(() => {
    for (let i = 0; i < 64; i++)
      expect(writer.writePacket(datagram, frame, frame.length, 1, stamp), true, 'room in the ring');
    writer.publish();
    for (let i = 0; i < 64; i++) {
      expect(reader.next(), 1, 'kind of record');
      reader.loadFrame(packet);
      reader.loadLayer(packet, 0);
      expect(packet.payloadLength, payloadBytes, 'payload length');
      reader.release();
    }
    return 64;
  });
}

/** What a dispatcher asks for each packet while nothing is overloaded: is the flow known? */
function admission(flows) {
  const asked = new FlowAdmission([new FrameRingWriter(allocateRing(MIN_RING_BYTES))], {
    from: 0.5,
    flows: 131_072,
    seed: 1,
  });
  asked.look(1e12);
  const hashes = Int32Array.from({ length: flows }, (_, i) => mix32(i));
  let at = 0;
  return rate(() => {
    let refused = 0;
    for (let i = 0; i < 1024; i++) {
      refused += asked.judge(0, hashes[at]);
      at = at + 1 === flows ? 0 : at + 1;
    }
    expect(refused, 0, 'packets refused');
    return 1024;
  });
}

export const ringBenches = [
  { name: 'ring: admission of 1 000 flows', unit: 'packets/s', run: () => admission(1000) },
  { name: 'ring: admission of 100 000 flows', unit: 'packets/s', run: () => admission(100_000) },
  { name: 'ring: 60-byte payloads', unit: 'packets/s', run: () => throughRing(60) },
  { name: 'ring: 1400-byte payloads', unit: 'packets/s', run: () => throughRing(1400) },
];
