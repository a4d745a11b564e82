/** DNS against npm's dns-packet: messages that it has encoded are read as it decodes them. */
import * as dnsPacket from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DNS_BUFFERS } from '../../../src/app/dns/buffers.js';
import { labels } from '../support/dns-messages.js';
import { DNS, DNS_EVENTS } from '../../../src/app/dns/index.js';
import { Talk } from '../support/talk.js';

const label = fc.stringMatching(/^[a-zA-Z0-9_-]{1,20}$/);
const name = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.'));
const text = (values: unknown): Buffer => Buffer.from(JSON.stringify(values));
const record: fc.Arbitrary<dnsPacket.Answer> = fc.oneof(
  fc.record({ type: fc.constant('A' as const), name, ttl: fc.nat(), data: fc.ipV4() }),
  fc.record({ type: fc.constant('AAAA' as const), name, ttl: fc.nat(), data: fc.constantFrom('2001:db8::1', '::1') }),
  fc.record({
    type: fc.constantFrom('CNAME' as const, 'NS' as const, 'PTR' as const),
    name,
    ttl: fc.nat(),
    data: name,
  }),
  fc.record({
    type: fc.constant('MX' as const),
    name,
    ttl: fc.nat(),
    data: fc.record({ preference: fc.nat(65_535), exchange: name }),
  }),
  fc.record({
    type: fc.constant('TXT' as const),
    name,
    ttl: fc.nat(),
    data: fc.array(name, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    type: fc.constant('SRV' as const),
    name,
    ttl: fc.nat(),
    data: fc.record({ port: fc.nat(65_535), priority: fc.nat(9), weight: fc.nat(9), target: name }),
  }),
);
const records = fc.array(record, { maxLength: 6 });
const question = fc.record({
  name,
  type: fc.constantFrom('A' as const, 'AAAA' as const, 'MX' as const, 'TXT' as const),
});
const packet = fc.record({
  id: fc.nat(65_535),
  questions: fc.array(question, { minLength: 1, maxLength: 3 }),
  answers: records,
  authorities: records,
  additionals: records,
});

/** Compresses: each owner that was there before becomes a pointer to it, as servers do. */
function compress(message: Buffer, owners: readonly string[]): Buffer {
  const first = labels(owners[0]!);
  const at = message.indexOf(first, 12 + first.length + 4);
  if (at < 0 || first.length < 3) return message;
  return Buffer.concat([message.subarray(0, at), Buffer.from([0xc0, 12]), message.subarray(at + first.length)]);
}

const targets = ({ type, data }: { type: string; data: unknown }): string[] => {
  if (type === 'MX') return [(data as { exchange: string }).exchange];
  return type === 'CNAME' || type === 'NS' || type === 'PTR' ? [data as string] : [];
};

describe('messages', () => {
  it('are read as dns-packet decodes them', () => {
    const talk = new Talk(DNS, DNS_BUFFERS, DNS_EVENTS);
    fc.assert(
      fc.property(packet, fc.boolean(), (fields, repeats) => {
        const { questions, answers, authorities, additionals } = fields;
        // One answer is about what was asked for.
        if (repeats) answers.unshift({ type: 'A', name: questions[0]!.name, ttl: 1, data: '192.0.2.1' });
        const plain = dnsPacket.encode({ ...fields, type: 'response', flags: dnsPacket.RECURSION_DESIRED });
        const message = repeats ? compress(plain, [questions[0]!.name]) : plain;
        const decoded = dnsPacket.decode(message);
        talk.reset();
        talk.datagram('<', message);
        const { values, events, eve } = talk.seen[0]!;
        const names = (list: readonly { name: string }[] | undefined): string[] => (list ?? []).map((one) => one.name);
        expect(events).toEqual([]);
        expect(values['< dns.queries.rrname'] ?? []).toEqual(names(decoded.questions));
        expect(values['< dns.answers.rrname'] ?? []).toEqual(names(decoded.answers));
        expect(values['< dns.authorities.rrname'] ?? []).toEqual(names(decoded.authorities));
        expect(values['< dns.additionals.rrname'] ?? []).toEqual(names(decoded.additionals));
        const all = [...answers, ...authorities, ...additionals] as unknown as {
          name: string;
          type: string;
          data: unknown;
        }[];
        expect(values['< dns.response.rrname']).toEqual([
          ...names(questions),
          ...all.flatMap((one) => [one.name, ...targets(one)]),
        ]);
        const printed =
          (JSON.parse(`{${eve}}`) as { dns: { answers?: { rrtype: string; ttl: number }[] } }).dns.answers ?? [];
        expect(text(printed.filter(({ rrtype }) => rrtype !== 'TXT').map(({ ttl }) => ttl))).toEqual(
          text(answers.filter(({ type }) => type !== 'TXT').map((one) => (one as { ttl: number }).ttl)),
        );
      }),
      { numRuns: 300 },
    );
  });
});
