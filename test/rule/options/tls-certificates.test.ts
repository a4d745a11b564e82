/** Keywords of the certificate of a TLS connection, and of events of parsers: what they take and what is wrong. */
import { describe, expect, it } from 'vitest';
import { compileOptions, findings, programOf } from '../../support/rule-options.js';

const FINGERPRINT = '4B:a0:0f:33:3c:1e:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:EE';

describe('older keywords of certificates', () => {
  it('look for their text in the buffer that has it', () => {
    const of = (text: string) => {
      const [{ buffer, matches }] = programOf(text).buffers;
      const [match] = matches;
      return match.kind === 'content'
        ? [buffer, Buffer.from(match.bytes).toString('latin1'), match.negated, match.nocase, match.startswith]
        : [];
    };
    expect(of('tls.subject:"C=FR, O=a;b";'.replace(';b', '.b'))).toEqual([
      'tls.cert_subject',
      'C=FR, O=a.b',
      false,
      false,
      false,
    ]);
    expect(of('tls.issuerdn:!"CN=x";')).toEqual(['tls.cert_issuer', 'CN=x', true, false, false]);
    expect(of(`tls.fingerprint:"${FINGERPRINT}";`)).toEqual([
      'tls.cert_fingerprint',
      FINGERPRINT.toLowerCase(),
      false,
      false,
      true,
    ]);
  });

  it('and their dates are ranges of seconds, ends included', () => {
    const range = (text: string): unknown => {
      const [match] = programOf(text).buffers[0].matches;
      return match.kind === 'number' ? match.ranges[0] : undefined;
    };
    const last = 253_402_300_799;
    expect(range('tls_cert_notbefore:<2015-10-22;')).toEqual([0, Date.UTC(2015, 9, 22) / 1000]);
    expect(range('tls_cert_notafter:>2015-10;')).toEqual([Date.UTC(2015, 9, 1) / 1000, last]);
    expect(range('tls_cert_notafter:"2015-10-22 23:59";')).toEqual(
      new Array(2).fill(Date.UTC(2015, 9, 22, 23, 59) / 1000),
    );
    expect(range('tls.cert_notafter:1000<>2015-10-22T23:59:59;')).toEqual([
      1000,
      Date.UTC(2015, 9, 22, 23, 59, 59) / 1000,
    ]);
    expect(programOf('tls_cert_expired; tls_cert_valid;').buffers.map(({ buffer }) => buffer)).toEqual([
      'tls_cert_expired',
      'tls_cert_valid',
    ]);
  });

  it.each(['!2015-10-22', '2015-13-45', '2016<>2015', '2015-1', 'yesterday', '99999999999999'])(
    'refuse the date %s',
    (date) => expect(findings(`tls_cert_notafter:${date};`)).toEqual([`unknown-argument '${date}'`]),
  );

  it('refuse a fingerprint that is none', () => {
    expect(findings('tls.fingerprint:"4b:a0";')).toHaveLength(1);
  });
});

describe('buffers of hexadecimal digits', () => {
  it.each(['tls.cert_serial', 'tls.cert_fingerprint', 'ja3.hash', 'ja3s.hash', 'ssh.hassh', 'ssh.hassh.server'])(
    '%s has them found in either case, without a warning',
    (name) => {
      const [{ matches }] = programOf(`${name}; content:"0a:BC";`).buffers;
      expect(matches).toMatchObject([{ kind: 'content', nocase: true }]);
      expect(findings(`${name}; content:"0a:BC";`)).toEqual([]);
    },
  );

  it('are not those of names', () => {
    const [{ matches }] = programOf('tls.cert_subject; content:"0a:BC";').buffers;
    expect(matches).toMatchObject([{ kind: 'content', nocase: false }]);
  });
});

describe('app-layer-event', () => {
  it('compares the events of its protocol by number', () => {
    const [{ buffer, matches }] = programOf('app-layer-event:dns.not_request;').buffers;
    expect([buffer, matches]).toMatchObject(['dns:event', [{ kind: 'number', ranges: [[1, 1]] }]]);
  });

  it('says which event is never raised, and which there is not', () => {
    expect(findings('app-layer-event:tls.too_many_records_in_packet;')).toEqual([
      "event-never-raised 'tls.too_many_records_in_packet'",
    ]);
    expect(findings('app-layer-event:tls.invalid_record;')).toEqual(["unknown-argument 'tls.invalid_record'"]);
    expect(findings('app-layer-event:tls;')).toEqual(["unknown-argument 'tls'"]);
  });

  it('waits for what is not parsed', () => {
    expect(compileOptions('app-layer-event:gtp.malformed_packet;').program?.waitingFor).toEqual(['gtp']);
  });
});
