/**
 * What rules look at in TLS. Stage: app; names and shapes alone. Reference: Suricata's documentation of its TLS and JA
 * keywords.
 */
import type { BufferSpec, NumberValues } from '../buffer-spec.js';

/** How far the client is, and the server: each is reached when that message was read whole. */
export const TLS_CLIENT = { hello: 1, certificate: 2, handshake: 3, finished: 4 } as const;
export const TLS_SERVER = { hello: 1, certificate: 2, helloDone: 3, handshake: 4, finished: 5 } as const;

/** Bits of `ssl_state`. */
export const SSL_STATE = { client_hello: 1, server_hello: 2, client_keyx: 4, server_keyx: 8, unknown: 16 } as const;
/** Bits of `ssl_version`. */
export const SSL_VERSION = { sslv2: 1, sslv3: 2, 'tls1.0': 4, 'tls1.1': 8, 'tls1.2': 16, 'tls1.3': 32 } as const;

type More = Partial<BufferSpec>;

const tls = (name: string, what: string, more: More): BufferSpec => ({
  name,
  what,
  applications: ['tls'],
  scope: 'tx',
  kind: 'single',
  ...more,
});
/** Older names have underscores. */
const older = (name: string): readonly string[] => [name.replace('.', '_')];
const HELLO: More = { toServer: TLS_CLIENT.hello };
const ANSWER: More = { toClient: TLS_SERVER.hello };
const HELLOS: More = { ...HELLO, ...ANSWER };
const CERTIFICATE: More = { toServer: TLS_CLIENT.certificate, toClient: TLS_SERVER.certificate };
const NUMBER: More = { kind: 'number' };
/** Its keyword compares a date, or nothing. */
const NO_KEYWORD: More = { keyword: '' };
const VERSIONS: NumberValues = {
  maximum: 0xffff,
  names: { '1.0': 0x0301, '1.1': 0x0302, '1.2': 0x0303, '1.3': 0x0304 },
};
const bits = (names: Readonly<Record<string, number>>): NumberValues => ({
  maximum: 255,
  names,
  list: 'any',
  bits: true,
});

export const TLS_BUFFERS: readonly BufferSpec[] = [
  tls('tls.sni', 'the server name that the client asks for', { ...HELLO, aliases: older('tls.sni') }),
  tls('tls.cert_subject', 'the subject of the certificate', { ...CERTIFICATE, aliases: older('tls.cert_subject') }),
  tls('tls.cert_issuer', 'the issuer of the certificate', { ...CERTIFICATE, aliases: older('tls.cert_issuer') }),
  tls('tls.cert_serial', 'the serial number of the certificate', {
    ...CERTIFICATE,
    aliases: older('tls.cert_serial'),
    eitherCase: true,
  }),
  tls('tls.cert_fingerprint', 'the SHA-1 fingerprint of the certificate', {
    ...CERTIFICATE,
    aliases: older('tls.cert_fingerprint'),
    eitherCase: true,
  }),
  tls('tls.subjectaltname', 'each alternative name of the certificate', { ...CERTIFICATE, kind: 'multi' }),
  tls('tls.certs', 'each certificate of the chain', { ...CERTIFICATE, kind: 'multi' }),
  tls('tls.alpn', 'each application protocol that is offered or chosen', { ...HELLOS, kind: 'multi' }),
  tls('tls.random', 'the 32 random bytes of a hello', HELLOS),
  tls('tls.random_time', 'the first 4 random bytes', HELLOS),
  tls('tls.random_bytes', 'the last 28 random bytes', HELLOS),
  tls('ja3.hash', 'the JA3 hash of the client', {
    ...HELLO,
    aliases: older('ja3.hash'),
    applications: ['tls', 'quic'],
    eitherCase: true,
  }),
  tls('ja3.string', 'the JA3 text of the client', {
    ...HELLO,
    aliases: older('ja3.string'),
    applications: ['tls', 'quic'],
  }),
  tls('ja3s.hash', 'the JA3S hash of the server', {
    ...ANSWER,
    applications: ['tls', 'quic'],
    aliases: older('ja3s.hash'),
    eitherCase: true,
  }),
  tls('ja3s.string', 'the JA3S text of the server', {
    ...ANSWER,
    applications: ['tls', 'quic'],
    aliases: older('ja3s.string'),
  }),
  tls('ja4.hash', 'the JA4 fingerprint of the client', { ...HELLO, applications: ['tls', 'quic'] }),
  tls('tls.version', 'the version', { ...HELLOS, ...NUMBER, values: VERSIONS }),
  tls('ssl_version', 'the version', { ...HELLOS, ...NUMBER, values: bits(SSL_VERSION) }),
  tls('ssl_state', 'the messages of the handshake that were seen', {
    ...HELLOS,
    ...NUMBER,
    values: bits(SSL_STATE),
    accumulates: true,
  }),
  tls('tls.cert_chain_len', 'how many certificates there are', { ...CERTIFICATE, ...NUMBER }),
  tls('tls_cert_notbefore', 'the start of validity, seconds since 1970', { ...CERTIFICATE, ...NUMBER, ...NO_KEYWORD }),
  tls('tls_cert_notafter', 'the end of validity, seconds since 1970', { ...CERTIFICATE, ...NUMBER, ...NO_KEYWORD }),
  tls('tls_cert_expired', '1 where the validity had ended when the certificate came', {
    ...CERTIFICATE,
    ...NUMBER,
    ...NO_KEYWORD,
  }),
  tls('tls_cert_valid', '1 where the validity had not ended when the certificate came', {
    ...CERTIFICATE,
    ...NUMBER,
    ...NO_KEYWORD,
  }),
];
