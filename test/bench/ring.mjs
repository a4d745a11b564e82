/** The frame ring: one thread writes and reads records, so both sides are in the figure. */
import { DecodeCounts, decodeFrame } from '../../dist/decode/decode.js';
import { DecodedFrame, LINK_TYPE, Packet } from '../../dist/decode/packet.js';
import { FrameRingReader, FrameRingWriter, MIN_RING_BYTES, MirrorAddresses } from '../../dist/ring/frame-ring.js';
import { allocateRing } from '../../dist/ring/record-ring.js';
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
  const mirror = new MirrorAddresses();
  const packet = new Packet();
  return rate(() => {
    for (let i = 0; i < 64; i++)
      expect(writer.writePacket(datagram, frame, frame.length, 1, i, 0, 0, 0, 0, mirror), true, 'room in the ring');
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

export const ringBenches = [
  { name: 'ring: 60-byte payloads', unit: 'packets/s', run: () => throughRing(60) },
  { name: 'ring: 1400-byte payloads', unit: 'packets/s', run: () => throughRing(1400) },
];
