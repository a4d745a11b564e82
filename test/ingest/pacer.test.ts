import { describe, expect, it } from 'vitest';
import { Pacer } from '../../src/ingest/pacer.js';

describe('Pacer', () => {
  it('spaces datagrams evenly for a rate in packets', () => {
    const pacer = new Pacer({ kind: 'pps', value: 50_000 });
    expect([0, 1, 2, 3].map((i) => pacer.dueMs(1000 + i, i * 9e6, 100))).toEqual([1000, 1000.02, 1000.04, 1000.06]);
  });

  it('spaces them by their length for a rate in megabits', () => {
    const pacer = new Pacer({ kind: 'mbps', value: 8 });
    expect([1000, 500, 100].map((length) => pacer.dueMs(0, 0, length))).toEqual([0, 1, 1.5]);
  });

  it('keeps the pace of the capture, from the first frame on and anew for each capture', () => {
    const pacer = new Pacer({ kind: 'capture' });
    expect(pacer.dueMs(500, 7_000_000, 1)).toBe(500);
    expect(pacer.dueMs(501, 7_250_000, 1)).toBe(750);
    expect(pacer.dueMs(750, 6_000_000, 1)).toBeLessThan(750);
    pacer.restart();
    expect(pacer.dueMs(800, 1, 1)).toBe(800);
    expect(pacer.dueMs(801, 1001, 1)).toBe(801);
  });

  it('makes up for a short delay, and gives up what a long one cost', () => {
    const pacer = new Pacer({ kind: 'pps', value: 1000 });
    pacer.dueMs(0, 0, 1);
    expect(pacer.dueMs(60, 0, 1)).toBe(1);
    expect(pacer.dueMs(60, 0, 1)).toBe(2);
    expect(pacer.dueMs(5003, 0, 1)).toBe(3);
    expect(pacer.dueMs(5003, 0, 1)).toBe(4904);
  });

  it('never waits without a rate', () => {
    expect(new Pacer({ kind: 'unlimited' }).dueMs(5, 5, 5)).toBe(0);
  });

  it('goes on through captures for a rate by number', () => {
    const pacer = new Pacer({ kind: 'pps', value: 1000 });
    pacer.dueMs(0, 0, 1);
    pacer.restart();
    expect(pacer.dueMs(0, 0, 1)).toBe(1);
  });

  it.each([0, -1, NaN, Infinity])('refuses a rate of %d', (value) => {
    expect(() => new Pacer({ kind: 'mbps', value })).toThrow(RangeError);
  });
});
