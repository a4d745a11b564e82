/** What an event shows of records that are larger than its object. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dnsObject } from '../../../src/app/dns/eve.js';
import { dnsMessage } from '../support/dns-messages.js';

const NULL_RECORD = 10;
const MOST_CHARACTERS = 8192;

interface Shown {
  readonly answers: readonly { readonly rdata: string; readonly rdata_truncated?: boolean }[];
  readonly grouped: Readonly<Record<string, readonly string[]>>;
}

function answersOf(...contents: readonly Uint8Array[]): { readonly object: string; readonly shown: Shown } {
  const answers = contents.map((data) => ({ name: 'tunnel.example', type: NULL_RECORD, data: [...data] }));
  const bytes = dnsMessage({ flags: 0x8180, queries: [{ name: 'tunnel.example', type: NULL_RECORD }], answers });
  const message = { id: 0, messageId: 7, flags: 0x8180, isResponse: true, text: { start: 0 } };
  const object = dnsObject({ ...message, application: 'dns', messageBytes: bytes.length }, bytes, false);
  return { object, shown: (JSON.parse(`{${object}}`) as { readonly dns: Shown }).dns };
}
const filled = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);

describe('the content of a record', () => {
  it('is shown whole where there is room for it', () => {
    const text = 'x'.repeat(3000);
    expect(answersOf(Buffer.from(text)).shown).toMatchObject({
      answers: [{ rdata: text }],
      grouped: { NULL: [text] },
    });
  });

  it.each<[string, number, RegExp]>([
    ['text', 0x78, /^x{3000,}$/],
    ['bytes that take six characters', 0x00, /^\0{500,}$/],
    ['bytes that are no text', 0xff, /^(\\xff){600,}$/],
  ])('is cut where it alone is larger: %s', (_, byte, start) => {
    const { shown } = answersOf(filled(20_000, byte));
    expect(shown.answers).toHaveLength(1);
    expect(shown.answers[0].rdata_truncated).toBe(true);
    expect(shown.answers[0].rdata).toMatch(start);
    expect(shown.grouped.NULL).toEqual([shown.answers[0].rdata]);
  });

  it('never takes an object beyond its bound', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(9000), fc.uint8Array({ minLength: 1, maxLength: 4 })), { minLength: 1, maxLength: 4 }),
        (records) => {
          const contents = records.map(([length, pattern]) =>
            Uint8Array.from({ length }, (_, index) => pattern[index % pattern.length]),
          );
          const { object, shown } = answersOf(...contents);
          expect(object.length).toBeLessThanOrEqual(MOST_CHARACTERS);
          expect(shown.answers.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 100 },
    );
  });
});
