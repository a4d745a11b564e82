/** Decoding alone, one core. */
import { DecodeCounts, decodeFrame } from '../../build/decode/decode.js';
import { DecodedFrame, LINK_TYPE } from '../../build/decode/packet.js';
import { expect, rate } from './harness.mjs';
import { mirroredTcp } from './packets.mjs';

function decodeMirrored() {
  const datagrams = Array.from({ length: 64 }, (_, i) => mirroredTcp(60 + i * 20, 40000 + i));
  const slab = new Uint8Array(64 * 2048);
  datagrams.forEach((datagram, i) => slab.set(datagram, i * 2048));
  const frame = new DecodedFrame();
  const counts = new DecodeCounts();
  return rate(() => {
    for (let i = 0; i < 64; i++) {
      decodeFrame(slab, i * 2048, datagrams[i].length, LINK_TYPE.vxlan, frame, counts);
      expect(frame.vni, 7, 'VNI');
    }
    return 64;
  });
}

export const decodeBenches = [{ name: 'decode: VXLAN, Ethernet, IPv4, TCP', unit: 'packets/s', run: decodeMirrored }];
