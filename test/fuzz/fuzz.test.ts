/** Fuzzing itself: what does harm is found, made small, saved, and got again; what is new is kept for the next run. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { messageProtocol } from '../../src/app/fields/message-connection.js';
import { PlainTransaction } from '../../src/app/fields/plain-transaction.js';
import type { Input } from '../../src/app/input.js';
import { LDAP_BUFFERS } from '../../src/app/ldap/buffers.js';
import { LDAP, LDAP_EVENTS } from '../../src/app/ldap/index.js';
import { LdapConnection, LDAP_LAYOUT } from '../../src/app/ldap/parser.js';
import type { Protocol } from '../../src/app/protocol.js';
import type { Direction } from '../../src/flow/flow.js';
import { der } from '../app/support/certificates.js';
import { captureTarget } from './capture-target.js';
import { conversationTarget } from './conversation-target.js';
import { decodeInput, encodeInput, sizeOf, type FuzzInput } from './fuzz-input.js';
import { FuzzStore } from './fuzz-store.js';
import { describeFuzz, type FuzzTarget } from './fuzz-target.js';
import { Fuzzer } from './fuzzer.js';
import { minimise } from './minimise.js';
import { packetTarget } from './packet-target.js';
import { segmentTarget } from './segment-target.js';

const directory = mkdtempSync(join(tmpdir(), 'periscope-fuzz-'));
afterAll(() => rmSync(directory, { recursive: true }));

describeFuzz(captureTarget());
describeFuzz(segmentTarget());
describeFuzz(packetTarget(), 60);

/** Falls over a piece of the server that has a 7 behind a 4. */
const FRAGILE: FuzzTarget = {
  name: 'fragile',
  seeds: [
    [
      ['>', Uint8Array.of(1, 2, 3)],
      ['<', Uint8Array.of(9, 4, 8, 8)],
    ],
  ],
  pieces: 'of a stream',
  open: () => (input) => {
    for (const [side, bytes] of input) {
      if (side !== '<' || typeof bytes === 'number') continue;
      const at = bytes.indexOf(4);
      if (at >= 0 && bytes.includes(7, at)) throw new Error('a 7 behind a 4');
    }
    return [`${input.length} pieces`];
  },
};

/** Raises an event by the byte behind what it is given, once bytes were missing. */
class PeekingConnection extends LdapConnection {
  private hasGap = false;

  override gap(): boolean {
    this.hasGap = true;
    return true;
  }

  override parse(direction: Direction, input: Input): void {
    if (this.hasGap && input.bytes[input.end] === 7) this.begin()!.raise(0, direction);
    super.parse(direction, input);
  }
}
const PEEKING = messageProtocol(
  'ldap',
  (arena) => new PlainTransaction(arena, LDAP_LAYOUT),
  (share) => new PeekingConnection(share),
);

const fuzz = async (target: FuzzTarget, mutations: number, mostMs?: number) => {
  const crashes: string[] = [];
  const inputs: FuzzInput[] = [];
  const result = await new Fuzzer({
    target,
    store: new FuzzStore(directory, target.name),
    mutations,
    until: Infinity,
    seed: 5,
    ...(mostMs === undefined ? {} : { mostMs }),
    onInput: (input) => inputs.push(input),
    onCrash: (path) => crashes.push(path),
  }).run();
  return { result, crashes, inputs };
};

describe('fuzzing', () => {
  it('finds what does harm, once, and saves it as small as it gets', async () => {
    const { result, crashes } = await fuzz(FRAGILE, 20_000);
    expect(result).toMatchObject({ played: 20_000, crashes: 1 });
    const text = readFileSync(crashes[0]!, 'utf8');
    expect(text).toContain('# a 7 behind a 4');
    expect(decodeInput(text)).toEqual([['<', Uint8Array.of(4, 7)]]);
    expect(() => FRAGILE.open()(decodeInput(text))).toThrow('a 7 behind a 4');
  });

  it('finds a parser that looks behind its bytes, also where some are missing', () => {
    const message = (operation: readonly number[]): Uint8Array => der(0x30, [2, 1, 1], operation);
    const [long, short] = [message([0x42, 4, 7, 7, 7, 7]), message([0x42, 2, 7, 7])];
    const take = (protocol: Protocol, input: FuzzInput): unknown =>
      conversationTarget({ protocol, specs: LDAP_BUFFERS, events: LDAP_EVENTS, said: [] }).open()(input);
    const input: FuzzInput = [
      ['>', long],
      ['>', 3],
      ['>', short],
    ];
    expect(sizeOf(input) % 4).toBe(0);
    expect(() => take(PEEKING, input)).toThrow('behind which other bytes lie');
    expect(() => take(LDAP, input)).not.toThrow();
  });

  it('goes on with what earlier runs have kept', async () => {
    const kept = readdirSync(join(directory, 'corpus', FRAGILE.name));
    expect(kept.length).toBeGreaterThan(1);
    const { result, inputs } = await fuzz(FRAGILE, 0);
    expect(result.kept).toBe(0);
    expect(inputs).toHaveLength(FRAGILE.seeds.length + kept.length);
  });

  it('takes what needs the processor too long for its length', async () => {
    let turns = 0;
    const slow: FuzzTarget = {
      ...FRAGILE,
      name: 'slow',
      open: () => () => {
        const until = process.cpuUsage().user + 20_000;
        while (process.cpuUsage().user < until) turns++;
        return [];
      },
    };
    const { crashes } = await fuzz(slow, 0, 5);
    expect(turns).toBeGreaterThan(0);
    expect(readFileSync(crashes[0]!, 'utf8')).toMatch(/^# takes \d+ ms of the processor for 7 bytes/);
  });
});

describe('an input', () => {
  const INPUT: FuzzInput = [
    ['>', Uint8Array.of(0, 255)],
    ['<', 12],
    ['>', Uint8Array.of()],
  ];

  it('is text in a file', () => {
    expect(encodeInput(INPUT)).toBe('> 00ff\n< #12\n> \n');
    expect(decodeInput(`# a remark\n${encodeInput(INPUT)}`)).toEqual(INPUT);
  });

  it('is made small by pieces and bytes', () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, index) => index & 255);
    const small = minimise([...INPUT, ['>', bytes]], (input) =>
      input.some(([, piece]) => typeof piece !== 'number' && piece.includes(77)),
    );
    expect(small).toEqual([['>', Uint8Array.of(77)]]);
  });
});
