/** Settings of streams as they reach the shards: which bytes are looked at, and which of two that overlap. */
import { afterAll, describe, expect, it } from 'vitest';
import { ethernet, ipv4, tcp, TCP_FLAG } from '../support/packet-builder.js';
import { pcapFile } from '../support/pcap-writer.js';
import { Folder, parseEvents, periscope } from '../support/sensor.js';

const folder = new Folder();
afterAll(() => folder.remove());

const rules = folder.write(
  'stream.rules',
  ['old', 'new', 'far']
    .map(
      (text, i) => `alert tcp any any -> any any (msg:"${text}"; flow:only_stream; content:"${text}"; sid:${i + 1};)`,
    )
    .join('\n'),
);
const SERVER = '10.0.0.2';
const client = (flags: number, seq: number, text = ''): Uint8Array =>
  ethernet({}, ipv4({ src: '10.0.0.1', dst: SERVER }, tcp({ srcPort: 40_000, dstPort: 80, flags, seq, ack: 1 }, text)));
const segments: readonly (readonly [number, string])[] = [
  [2, 'old'],
  [2, 'new'],
  [1, '-'],
  [5, 'x'.repeat(1400)],
  [1405, 'far'],
];
const capture = folder.write(
  'overlap.pcap',
  pcapFile([
    { bytes: client(TCP_FLAG.syn, 0) },
    ...segments.map(([seq, text]) => ({ bytes: client(TCP_FLAG.ack, seq, text) })),
  ]),
);

async function found(...settings: string[]): Promise<number[]> {
  return foundBy(rules, ...settings);
}

async function foundBy(ruleFile: string, ...settings: string[]): Promise<number[]> {
  const set = settings.flatMap((setting) => ['--set', setting]);
  const { stdout, stderr } = await periscope(['read', capture, '--rules', ruleFile, ...set]);
  expect(stderr).toBe('');
  return parseEvents(stdout).map(({ alert }) => alert.signature_id);
}

describe('stream settings', () => {
  it('say which of two bytes at one place counts, for all and for hosts', async () => {
    expect(await found()).toEqual([1, 3]);
    expect(await found('stream.policy=last')).toEqual([2, 3]);
    expect(await found(`hostPolicies={${SERVER}: last}`)).toEqual([2, 3]);
    expect(await found('hostPolicies={10.0.0.1: last}')).toEqual([1, 3]);
  });

  it('are not needed for rules over the segments of a stream', async () => {
    const lengths = [3, 1, 1400].map(
      (length) => `alert tcp any any -> any any (flow:only_stream; dsize:${length}; sid:${length};)`,
    );
    expect(await foundBy(folder.write('lengths.rules', lengths.join('\n')))).toEqual([3, 3, 1, 1400, 3]);
  });

  it('say how far contents are looked for in streams', async () => {
    expect(await found('stream.depth=1400')).toEqual([1]);
    expect(await found('stream.depth=0')).toEqual([1, 3]);
  });

  it('leave what is beyond to be looked at segment by segment', async () => {
    const beyond = folder.write(
      'beyond.rules',
      ['content:"far"', 'content:"far"; startswith', 'content:"far"; content:"x"', 'pcre:"/fa[r]/"', 'content:!"x"']
        .map((tests, i) => `alert tcp any any -> any any (flow:established; ${tests}; sid:${i + 1};)`)
        .concat('alert tcp-stream any any -> any any (content:"far"; sid:9;)')
        .join('\n'),
    );
    const depth = 'stream.depth=1400';
    expect((await foundBy(beyond, depth)).filter((sid) => sid !== 5)).toEqual([1, 2, 4]);
    expect((await foundBy(beyond, 'stream.depth=1KiB')).filter((sid) => sid !== 5)).toEqual([1, 2, 4]);
    expect((await foundBy(beyond, depth)).includes(5)).toBe(true);
    expect((await foundBy(beyond, 'stream.depth=0')).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 9]);
  });
});
