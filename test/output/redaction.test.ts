import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Redaction } from '../../src/output/redaction.js';

const redact = (event: object, options: Partial<ConstructorParameters<typeof Redaction>[0]>): unknown =>
  JSON.parse(
    Buffer.from(
      new Redaction({ patterns: [], fields: [], ...options }).line(Buffer.from(JSON.stringify(event))),
    ).toString(),
  );
const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64');

describe('Redaction', () => {
  it('covers what matches, wherever it is in the event, and nothing else', () => {
    const event = {
      flow_id: 1234567890123456,
      http: { url: '/pay?card=4111111111111111&x=1', headers: [{ name: 'cookie', value: 'id=4222222222222222' }] },
    };
    expect(redact(event, { patterns: ['\\d{13,19}'] })).toEqual({
      flow_id: 1234567890123456,
      http: { url: '/pay?card=XXXXXXXXXXXXXXXX&x=1', headers: [{ name: 'cookie', value: 'id=XXXXXXXXXXXXXXXX' }] },
    });
  });

  it('looks into bytes in base64', () => {
    const event = {
      payload: base64('\xff password=hunter2 \x00'),
      packet: base64('hunter2'),
      other: base64('hunter2'),
    };
    expect(redact(event, { patterns: ['hunter2'] })).toEqual({
      payload: base64('\xff password=XXXXXXX \x00'),
      packet: base64('XXXXXXX'),
      other: base64('hunter2'),
    });
  });

  it('looks into bodies of HTTP in base64', () => {
    const http = { http_request_body: base64('pass=hunter2&a=1'), http_response_body: base64('hunter2') };
    expect(redact({ http }, { patterns: ['hunter2'] })).toEqual({
      http: { http_request_body: base64('pass=XXXXXXX&a=1'), http_response_body: base64('XXXXXXX') },
    });
  });

  it('leaves out fields by their names', () => {
    const event = {
      src_ip: '10.0.0.1',
      dns: { queries: [{ rrname: 'a.example', id: 1 }, { rrname: 'b.example' }] },
      n: 1,
    };
    expect(redact(event, { fields: ['src_ip', 'dns.queries.rrname', 'n', 'absent.name', 'src_ip.x'] })).toEqual({
      src_ip: '[redacted]',
      dns: { queries: [{ rrname: '[redacted]', id: 1 }, { rrname: '[redacted]' }] },
    });
  });

  it('covers what matches in packets, and keeps their length', () => {
    const redaction = new Redaction({ patterns: ['secret', '\\d{4}'], fields: [] });
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom('secret', '2468'), fc.string({ unit: 'binary-ascii' }))),
        (parts) => {
          const frame = Buffer.from(parts.join('\xff'), 'latin1');
          const clean = redaction.frame(frame);
          expect(clean.length).toBe(frame.length);
          expect(Buffer.from(clean).toString('latin1')).not.toMatch(/secret|\d{4}/);
        },
      ),
      { numRuns: 100 },
    );
    const plain = Buffer.from('nothing here');
    expect(redaction.frame(plain)).toBe(plain);
  });
});
