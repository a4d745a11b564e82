/** Connections of which two mirror sessions show a direction each. */
import { describe, expect, it } from 'vitest';
import { VniTable } from '../../src/counters/vni-table.js';
import { FlowTable } from '../../src/flow/table.js';
import { HalfConnections } from '../../src/shard/half-connections.js';
import { segment } from '../flow/packet-of.js';

const [ONE, OTHER] = [7, 8];
type Half = readonly [way: '>' | '<', vni: number, more?: { port?: number }];

/** Sessions and their halves, once these have ended in this order. */
function halvesOf(
  halves: readonly Half[],
  vniInKey = true,
  vniGroups: readonly (readonly number[])[] = [],
): number[][] {
  const table = new VniTable(VniTable.allocate(10, 60));
  const connections = new HalfConnections(table);
  const flows = new FlowTable({ cap: 100, vniInKey, midstream: true, vniGroups });
  for (const [way, vni, { port = 80 } = {}] of halves) {
    const ports = way === '>' ? { dstPort: port } : { srcPort: port };
    connections.note(flows.lookup(segment(way, 'A', ports, 'data', { vni }))!);
  }
  return table.read().map(({ vni, packets }) => [vni, packets]);
}

describe('halves of connections', () => {
  it.each<[string, readonly Half[]]>([
    ['client first', [['>', ONE], ['<', OTHER]]], // prettier-ignore
    ['server first', [['<', OTHER], ['>', ONE]]], // prettier-ignore
    ['others between them', [['>', ONE], ['>', ONE, { port: 81 }], ['<', OTHER, { port: 82 }], ['<', OTHER]]], // prettier-ignore
  ])('are counted for both sessions, %s', (_, halves) => {
    expect(halvesOf(halves)).toEqual([
      [ONE, 1],
      [OTHER, 1],
    ]);
  });

  it.each<[string, readonly Half[]]>([
    ['of one direction', [['>', ONE], ['>', OTHER]]], // prettier-ignore
    ['of one session', [['>', ONE], ['<', ONE]]], // prettier-ignore
    ['of other ports', [['>', ONE], ['<', OTHER, { port: 81 }]]], // prettier-ignore
    ['without a mirror', [['>', -1], ['<', -1]]], // prettier-ignore
  ])('are none %s', (_, halves) => expect(halvesOf(halves)).toEqual([]));

  it('are none where sessions share flows', () => {
    expect(halvesOf([['>', ONE], ['<', OTHER]], true, [[ONE, OTHER]])).toEqual([]); // prettier-ignore
    expect(halvesOf([['>', ONE], ['<', OTHER]], false)).toEqual([]); // prettier-ignore
  });

  it('of a connection are counted once, and those of the next one on its ports again', () => {
    expect(halvesOf([['>', ONE], ['<', OTHER], ['<', OTHER]])).toEqual([[ONE, 1], [OTHER, 1]]); // prettier-ignore
    expect(halvesOf([['>', ONE], ['<', OTHER], ['<', OTHER], ['>', ONE]])).toEqual([[ONE, 2], [OTHER, 2]]); // prettier-ignore
  });
});
