import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flowLane } from '../../src/ingest/flow-lane.js';

interface Flow {
  source: number[];
  destination: number[];
  sourcePort: number;
  destinationPort: number;
  protocol: number;
}

/** An IP packet with 20 bytes behind its header. */
function packet(
  { source, destination, sourcePort, destinationPort, protocol }: Flow,
  fragment = 0,
  options = 0,
): { type: number; bytes: Uint8Array } {
  const ports = [
    sourcePort >> 8,
    sourcePort & 255,
    destinationPort >> 8,
    destinationPort & 255,
    ...new Array<number>(16).fill(0),
  ];
  if (source.length === 16) {
    return {
      type: 0x86dd,
      bytes: Uint8Array.from([0x60, 0, 0, 0, 0, 20, protocol, 64, ...source, ...destination, ...ports]),
    };
  }
  const header = [
    0x45 + options,
    0,
    0,
    40,
    0,
    0,
    fragment >> 8,
    fragment & 255,
    64,
    protocol,
    0,
    0,
    ...source,
    ...destination,
  ];
  return { type: 0x0800, bytes: Uint8Array.from([...header, ...new Array<number>(options * 4).fill(1), ...ports]) };
}

const laneOf = ({ type, bytes }: ReturnType<typeof packet>): number => flowLane(bytes, type, 0, bytes.length);
const reverse = (flow: Flow): Flow => ({
  ...flow,
  source: flow.destination,
  destination: flow.source,
  sourcePort: flow.destinationPort,
  destinationPort: flow.sourcePort,
});
const port = fc.integer({ min: 0, max: 65535 });
const flows = fc.oneof(
  ...[4, 16].map((length) =>
    fc.record({
      source: fc.array(fc.nat(255), { minLength: length, maxLength: length }),
      destination: fc.array(fc.nat(255), { minLength: length, maxLength: length }),
      sourcePort: port,
      destinationPort: port,
      protocol: fc.constantFrom(1, 6, 17, 47, 58, 132),
    }),
  ),
);
const FLOW: Flow = {
  source: [10, 0, 0, 1],
  destination: [10, 0, 0, 2],
  sourcePort: 1234,
  destinationPort: 80,
  protocol: 6,
};

describe('flowLane', () => {
  it('is from 0 to 127 and the same in both directions', () => {
    fc.assert(
      fc.property(flows, (flow) => {
        const lane = laneOf(packet(flow));
        expect(lane).toBeGreaterThanOrEqual(0);
        expect(lane).toBeLessThan(128);
        expect(laneOf(packet(reverse(flow)))).toBe(lane);
      }),
      { seed: 3 },
    );
  });

  it('goes by addresses alone for fragments and protocols without ports', () => {
    const other = { ...FLOW, sourcePort: 4321, destinationPort: 8080 };
    expect(laneOf(packet(FLOW, 0x2000))).toBe(laneOf(packet(other, 0x2000)));
    expect(laneOf(packet({ ...FLOW, protocol: 47 }))).toBe(laneOf(packet({ ...other, protocol: 47 })));
    expect(laneOf(packet(FLOW))).not.toBe(laneOf(packet(other)));
  });

  it('uses every lane, about evenly', () => {
    const counts = new Array<number>(128).fill(0);
    for (let i = 0; i < 12_800; i++) counts[laneOf(packet({ ...FLOW, sourcePort: i }))]++;
    expect(Math.min(...counts)).toBeGreaterThan(50);
    expect(Math.max(...counts)).toBeLessThan(160);
  });

  it('looks behind IPv4 options and VLAN tags', () => {
    expect(laneOf(packet(FLOW, 0, 3))).toBe(laneOf(packet(FLOW)));
    const { bytes, type } = packet(FLOW);
    const tagged = Uint8Array.from([0, 5, 0x81, 0, 0, 6, type >> 8, type & 255, ...bytes]);
    expect(flowLane(tagged, 0x88a8, 0, tagged.length)).toBe(laneOf(packet(FLOW)));
  });

  it('is 0 for what is not IP or too short for it', () => {
    const { bytes, type } = packet(FLOW);
    expect(flowLane(bytes, 0x0806, 0, bytes.length)).toBe(0);
    for (let end = 0; end < 20; end++) expect(flowLane(bytes, type, 0, end)).toBe(0);
    expect(flowLane(Uint8Array.of(0, 1, 8), 0x8100, 0, 3)).toBe(0);
  });
});
