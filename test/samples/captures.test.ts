/** The captures in samples/: made by the script, small, and raising the alerts that samples/README.md promises. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { Inspector, loadPrograms } from '../support/inspect.js';
import { SAMPLES, sampleFile } from '../support/samples/samples.js';

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** The rows of the table in samples/README.md: name of the capture to the sids that fire. */
function promised(): ReadonlyMap<string, readonly number[]> {
  const rows = readFileSync(path('samples/README.md'), 'utf8').matchAll(
    /^\| `([\w-]+\.pcap)` \|[^|]*\|[^|]*\| ([^|]*) \|$/gm,
  );
  return new Map([...rows].map(([, name, sids]) => [name!, (sids!.match(/\d{7}/g) ?? []).map(Number)]));
}

let inspector: Inspector;
beforeAll(() => {
  inspector = new Inspector(loadPrograms(path('rules')));
});

describe.each(Object.entries(SAMPLES))('%s', (name, make) => {
  const recording = make();

  it('is what the script makes, byte for byte', () => {
    expect(Buffer.compare(readFileSync(path(`samples/${name}`)), sampleFile(recording))).toBe(0);
  });

  it('is small, and in the order of time', () => {
    expect(sampleFile(recording).length).toBeLessThan(200_000);
    const times = recording.frames.map(({ timeUs }) => timeUs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('raises the alerts that the table promises', () => {
    const sids = new Set(inspector.alerts(recording.frames).map(({ sid }) => sid));
    expect([...sids].toSorted()).toEqual(promised().get(name));
  });
});

describe('the samples together', () => {
  it('raise alerts of every theme', () => {
    const themes = new Set([...promised().values()].flat().map((sid) => Math.floor(sid / 1000)));
    expect([...themes].toSorted()).toEqual([1000, 1001, 1002, 1003, 1004]);
  });

  it('keep two mirror sessions with the same addresses apart', () => {
    const alerts = inspector.alerts(SAMPLES['mirrored.pcap']!().frames);
    expect(alerts.map(({ candidate }) => candidate.vni)).toEqual([4712]);
  });
});
