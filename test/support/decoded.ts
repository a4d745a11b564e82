/** Decodes a frame for a test, and shows its layers as objects. */
import { decodeFrame, DecodeCounts } from '../../src/decode/decode.js';
import { FAULTS, type FaultName } from '../../src/decode/fault.js';
import { DecodedFrame, LAYER, LAYER_FLAG, LAYER_WORDS, LINK_TYPE } from '../../src/decode/packet.js';
import type { TunnelPorts } from '../../src/decode/tunnel-ports.js';

export type LayerFields = Record<keyof typeof LAYER, number>;

export interface Decoded {
  readonly bytes: Uint8Array;
  readonly frame: DecodedFrame;
  readonly counts: DecodeCounts;
  readonly fault: FaultName;
  readonly layers: LayerFields[];
}

/** The layers of a decoded frame as objects. */
export function layersOf(frame: DecodedFrame): LayerFields[] {
  return Array.from({ length: frame.layerCount }, (_, index) => {
    const entries = Object.entries(LAYER).map(([name, word]) => [name, frame.layers[index * LAYER_WORDS + word]]);
    return Object.fromEntries(entries) as LayerFields;
  });
}

/** Decodes `bytes`, placed at `offset` of a larger buffer of noise so that reads beyond the frame show. */
export function decode(
  bytes: Uint8Array,
  linkType: number = LINK_TYPE.ethernet,
  offset = 0,
  ports?: TunnelPorts,
): Decoded {
  const buffer = new Uint8Array(offset + bytes.length + 64).fill(0xa5);
  buffer.set(bytes, offset);
  const frame = new DecodedFrame(ports);
  const counts = new DecodeCounts();
  decodeFrame(buffer, offset, bytes.length, linkType, frame, counts);
  return { bytes: buffer, frame, counts, fault: FAULTS[frame.fault].name, layers: layersOf(frame) };
}

/** The payload of layer `index` (the last by default) as latin1 text. */
export function payloadText(decoded: Decoded, index = decoded.layers.length - 1): string {
  const { payloadOffset, payloadLength } = decoded.layers[index];
  return Buffer.from(decoded.bytes.subarray(payloadOffset, payloadOffset + payloadLength)).toString('latin1');
}

/** The names of a layer's faults, in the order in which they were met. */
export function faultNames(faults: number): FaultName[] {
  const names: FaultName[] = [];
  for (let rest = faults; rest !== 0; rest >>>= 8) names.push(FAULTS[rest & 0xff]!.name);
  return names;
}

/** The names of a layer's flags, in the order of their bits. */
export function flagNames(layer: LayerFields): string[] {
  return Object.entries(LAYER_FLAG)
    .filter(([, bit]) => (layer.flags & bit) !== 0)
    .map(([name]) => name);
}
