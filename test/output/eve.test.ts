import { describe, expect, it } from 'vitest';
import { ACTIONS } from '../../src/block/terms.js';
import { EveWriter, withVerdict } from '../../src/output/eve.js';

const line = (event: object): Uint8Array => Buffer.from(JSON.stringify(event));
const read = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString());
const alertOf = (severity: number, action: (typeof ACTIONS)[number], event: object = { a: 1 }) => ({
  severity,
  action: ACTIONS.indexOf(action),
  line: line(event),
});

describe('EveWriter', () => {
  it('passes lines on as they are and counts by severity and action', () => {
    const written: unknown[] = [];
    const writer = new EveWriter({ write: (bytes) => written.push(read(bytes)) > 0 });
    expect(writer.alertCounts().every(({ alerts }) => alerts === 0)).toBe(true);
    writer.write(alertOf(1, 'alert', { n: 1 }));
    writer.write(alertOf(1, 'alert', { n: 2 }));
    writer.write(alertOf(3, 'drop', { n: 3 }));
    writer.write(alertOf(200, 'log', { n: 4 }));
    expect(written).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);
    expect(writer.alertCounts().filter(({ alerts }) => alerts > 0)).toEqual([
      { severity: '1', action: 'alert', alerts: 2 },
      { severity: '3', action: 'drop', alerts: 1 },
      { severity: 'other', action: 'log', alerts: 1 },
    ]);
    expect(writer.total).toBe(4);
  });

  it('writes the verdict of the action that a rate_filter sets', () => {
    const written: unknown[] = [];
    const writer = new EveWriter({ write: (bytes) => written.push(read(bytes)) > 0 });
    writer.write(alertOf(1, 'alert', { flow_id: 2 ** 53 - 1 }), 'drop');
    writer.write(alertOf(1, 'drop', { verdict: { action: 'drop' } }), 'alert');
    expect(written).toEqual([{ flow_id: 2 ** 53 - 1, verdict: { action: 'drop' } }, {}]);
    expect(
      writer
        .alertCounts()
        .filter(({ alerts }) => alerts > 0)
        .map(({ action }) => action),
    ).toEqual(['alert', 'drop']);
  });

  it('writes recorded packets, and does not count them', () => {
    const written: unknown[] = [];
    const writer = new EveWriter({ write: (bytes) => written.push(read(bytes)) > 0 });
    expect(writer.writeOther({ line: line({ event_type: 'packet' }) })).toBe(true);
    expect([written, writer.total]).toEqual([[{ event_type: 'packet' }], 0]);
  });

  it('keeps the bytes of other languages', () => {
    expect(read(withVerdict(line({ alert: { signature: 'Überraschung €' } }), 'reject'))).toEqual({
      alert: { signature: 'Überraschung €' },
      verdict: { action: 'drop' },
    });
  });
});
