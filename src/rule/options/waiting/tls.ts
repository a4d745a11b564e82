/**
 * Keywords of TLS, with fingerprints of its handshake, and of QUIC. Stage: rule; data only. Reference: Suricata, TLS
 * keywords; Snort, ssl.
 */
import { pattern, UINT32, words } from './value-syntax.js';
import type { WaitingProtocol } from './waiting-keyword.js';

const STATES = 'client_hello server_hello client_keyx server_keyx unknown';
const SURICATA_STATES =
  'client_in_progress client_hello_done client_cert_done client_handshake_done client_finished server_in_progress server_hello server_cert_done server_hello_done server_handshake_done server_finished';

export const TLS: WaitingProtocol = {
  protocol: 'tls',
  toServer: 'tls.sni ja3.hash ja3.string ja4.hash',
  toClient: 'ja3s.hash ja3s.string',
  buffers: [
    ['tls.cert_subject tls_cert_subject', 'the subject of the certificate'],
    ['tls.cert_issuer tls_cert_issuer', 'the issuer of the certificate'],
    ['tls.cert_serial tls_cert_serial', 'the serial number of the certificate'],
    ['tls.cert_fingerprint tls_cert_fingerprint', 'the SHA-1 fingerprint of the certificate'],
    ['tls.sni tls_sni', 'the server name that the client asks for'],
    ['tls.subjectaltname', 'each alternative name of the certificate'],
    ['tls.certs', 'each certificate of the chain'],
    ['tls.alpn', 'each application protocol that is offered or chosen'],
    ['tls.random', 'the 32 random bytes of a hello'],
    ['tls.random_time', 'the first 4 random bytes'],
    ['tls.random_bytes', 'the last 28 random bytes'],
    ['ja3.hash ja3_hash', 'the JA3 hash of the client'],
    ['ja3.string ja3_string', 'the JA3 text of the client'],
    ['ja3s.hash ja3s_hash', 'the JA3S hash of the server'],
    ['ja3s.string ja3s_string', 'the JA3S text of the server'],
    ['ja4.hash ja4_hash', 'the JA4 fingerprint of the client'],
  ],
  conditions: [
    [
      'tls.version',
      'names the version',
      pattern(/^!?\s*"?(?:1\.[0-3]|0x[0-9a-f]{4})"?$/i, '[!]<1.0|1.1|1.2|1.3|0x<number>>', '1.2'),
    ],
    ['tls.cert_chain_len', 'compares the number of certificates', UINT32],
    ['ssl_version', 'names versions', words('sslv2 sslv3 tls1.0 tls1.1 tls1.2 tls1.3', ',|')],
    ['ssl_state', 'names states of the handshake', words(`${STATES} ${SURICATA_STATES}`, ',|')],
  ],
};

export const QUIC: WaitingProtocol = {
  protocol: 'quic',
  toServer: 'quic.sni',
  buffers: [
    ['quic.sni', 'the server name that the client asks for'],
    ['quic.version', 'the version'],
  ],
};
