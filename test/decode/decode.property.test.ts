/** Any bytes: nothing throws, every range stays in the frame, every frame is usable or says why not. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrame, decodeIp, DecodeCounts } from '../../src/decode/decode.js';
import { verifyChecksums } from '../../src/decode/checksum.js';
import { DecodedFrame, LAYER, LAYER_FLAG, LAYER_WORDS, LINK_TYPE } from '../../src/decode/packet.js';
import { FRAME_TEMPLATES } from '../support/frame-templates.js';
import { concat } from '../support/packet-builder.js';

const LINK_TYPES = [...Object.values(LINK_TYPE), 147];
const TEMPLATES = FRAME_TEMPLATES.map(({ bytes }) => bytes);

/** What must hold for any frame; returns a sentence about the first thing that does not. */
function complaint(frame: DecodedFrame, offset: number, length: number): string {
  const end = frame.start + frame.length;
  if (frame.start < offset || end > offset + length || frame.length < 0) return 'the frame leaves the buffer';
  if (frame.unusable !== (frame.layerCount === 0)) return 'unusable, but with layers';
  if (frame.unusable && frame.fault === 0) return 'unusable without a fault';
  for (let index = 0; index < frame.layerCount; index++) {
    const at = (name: keyof typeof LAYER): number => frame.layers[index * LAYER_WORDS + LAYER[name]];
    const has = (flag: keyof typeof LAYER_FLAG): boolean => (at('flags') & LAYER_FLAG[flag]) !== 0;
    const ranges = [
      ['ipOffset', 'ipHeaderLength'],
      ['l4Offset', 'l4HeaderLength'],
      ['payloadOffset', 'payloadLength'],
    ] as const;
    for (const [from, size] of ranges) {
      if (at(from) < frame.start || at(size) < 0 || at(from) + at(size) > end)
        return `${from} of layer ${index} leaves the frame`;
    }
    if (at('claimedPayloadLength') < at('payloadLength')) return 'claims less than is present';
    if (at('payloadLength') < at('claimedPayloadLength') && !has('truncated')) return 'cut, but not truncated';
    if (has('tunnel') !== index < frame.layerCount - 1) return 'the tunnel flag is not that of a layer before another';
    if (has('fragment') !== (frame.fragmentLayer === index))
      return 'the fragment flag is not that of the fragment layer';
  }
  return '';
}

const frame = new DecodedFrame();
const counts = new DecodeCounts();

function decodeAll(bytes: Uint8Array): void {
  const buffer = concat('abc', bytes, 'noise behind the frame that must not be read');
  for (const linkType of LINK_TYPES) {
    decodeFrame(buffer, 3, bytes.length, linkType, frame, counts);
    expect(complaint(frame, 3, bytes.length), `link type ${linkType}`).toBe('');
    verifyChecksums(buffer, frame, counts);
    decodeIp(buffer, 3, bytes.length, frame, counts, frame);
    expect(complaint(frame, 3, bytes.length), 'decodeIp').toBe('');
  }
}

describe('decoding survives', () => {
  it('frames of every length from 0 to 64, of zeros, ones and each template', () => {
    for (let length = 0; length <= 64; length++) {
      decodeAll(new Uint8Array(length));
      decodeAll(new Uint8Array(length).fill(0xff));
      for (const template of TEMPLATES) decodeAll(template.subarray(0, length));
    }
  });

  it('templates cut at every byte', () => {
    for (const template of TEMPLATES)
      for (let length = 0; length <= template.length; length++) decodeAll(template.subarray(0, length));
  });

  it('random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => decodeAll(bytes)),
      { seed: 1, numRuns: 3000 },
    );
  });

  it('templates with bytes changed', () => {
    const mutation = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 });
    const mutated = fc.tuple(fc.constantFrom(...TEMPLATES), mutation, fc.nat(40)).map(([template, changes, cut]) => {
      const bytes = template.slice(0, Math.max(0, template.length - cut));
      if (bytes.length > 0) for (const [at, value] of changes) bytes[at % bytes.length] = value;
      return bytes;
    });
    fc.assert(
      fc.property(mutated, (bytes) => decodeAll(bytes)),
      { seed: 2, numRuns: 6000 },
    );
  });
});

describe('decoding is a function of the bytes of the frame', () => {
  it('whatever the frame object held, and wherever the frame lies', () => {
    const cut = fc.tuple(
      fc.constantFrom(...TEMPLATES),
      fc.constantFrom(...TEMPLATES),
      fc.nat(60),
      fc.constantFrom(...LINK_TYPES),
    );
    fc.assert(
      fc.property(cut, ([template, previous, length, linkType]) => {
        const bytes = template.subarray(0, length + 20);
        const used = new DecodedFrame();
        decodeFrame(previous, 0, previous.length, linkType, used, counts);
        decodeFrame(bytes, 0, bytes.length, linkType, used, counts);
        const fresh = new DecodedFrame();
        decodeFrame(bytes, 0, bytes.length, linkType, fresh, counts);
        const rows = used.layerCount * LAYER_WORDS;
        expect([...used.layers.subarray(0, rows)]).toEqual([
          ...fresh.layers.subarray(0, fresh.layerCount * LAYER_WORDS),
        ]);
        expect({ ...used, layers: [] }).toEqual({ ...fresh, layers: [] });
      }),
      { seed: 3, numRuns: 1000 },
    );
  });
});
