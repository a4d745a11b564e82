/** What is told of messages that break the rules of TLS. Stage: app; data only. Names as Suricata's rules have them. */
import { protocolEvent as event } from '../protocol-event.js';

export const TLS_EVENTS = [
  event('invalid_sslv2_header', 'A record of SSLv2 that is too short for its message.'),
  event('invalid_tls_header', 'What should be a record is none: the protocol ends on the flow.'),
  event('invalid_record_version', 'A record of a version that there is not.'),
  event('invalid_record_type', 'A record of a type that there is not.'),
  event('invalid_handshake_message', 'A hello of the server comes from the client, or the other way round.'),
  event('handshake_invalid_length', 'A hello is shorter than what it holds.'),
  event('invalid_ssl_record', 'A record is longer than any may be, or holds a message of a kind that there is not.'),
  event('invalid_alert_message', 'An alert of a level that there is not, or of another length than two bytes.'),
  event('overflow_heartbeat_message', 'A heartbeat that claims more bytes than it has (CVE-2014-0160).'),
  event(
    'invalid_heartbeat_message',
    'A heartbeat with less than 16 bytes of padding, of a type that there is not, or ahead of the answer to the one before.',
  ),
  event('dataleak_heartbeat_mismatch', 'The answer to an encrypted heartbeat is longer than what was asked.'),
  event('multiple_sni_extensions', 'A hello names its server twice.'),
  event('invalid_sni_type', 'A hello names its server by something else than a host name.'),
  event('invalid_sni_length', 'A server name whose length is not that of its extension.'),
  event('certificate_invalid_length', 'The lengths of certificates do not fit in their message.'),
  event('invalid_certificate', 'A certificate of which nothing can be read.'),
  event('certificate_invalid_version', 'A certificate whose version is malformed.'),
  event('certificate_invalid_serial', 'A certificate whose serial number is malformed.'),
  event('certificate_invalid_algorithmidentifier', 'A certificate whose algorithm is malformed.'),
  event('certificate_invalid_issuer', 'A certificate whose issuer is malformed.'),
  event('certificate_invalid_validity', 'A certificate whose dates of validity are not there.'),
  event('certificate_invalid_date', 'A certificate with a date that is none.'),
  event('certificate_invalid_subject', 'A certificate whose subject is malformed.'),
  event('certificate_invalid_extensions', 'A certificate whose extensions are malformed.'),
  event(
    'too_many_subject_alternative_names',
    'A certificate of over 256 alternative names: the rest is not inspected.',
  ),
  event('too_many_certificates', 'A chain of over 64 certificates: the rest is not inspected.'),
  event(
    'handshake_message_too_long',
    'A message of the handshake of over 256 KiB, or chains of as much together, or of more than there is memory for: the rest is not inspected.',
  ),
  event('gap', 'Bytes of the handshake are missing: the rest of that side is not parsed.'),
] as const;

export type TlsEventName = (typeof TLS_EVENTS)[number]['name'];

/** Number of an event. */
export const tlsEvent = (name: TlsEventName): number => TLS_EVENTS.findIndex((event) => event.name === name);
