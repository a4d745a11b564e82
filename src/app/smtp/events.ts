/**
 * What is told of SMTP that breaks its rules: names as rules have them (`app-layer-event:smtp.…`). Stage: app; data
 * only. An event's number is its place.
 */
import { protocolEvent as event, type ProtocolEvent } from '../protocol-event.js';

export const SMTP_EVENTS = [
  event('invalid_reply', 'A reply that begins with no code of three digits.'),
  event('unable_to_match_reply_with_request', 'A reply to no command that was seen.'),
  event('max_command_line_len_exceeded', 'A command line of more than 512 bytes before its end.'),
  event('max_reply_line_len_exceeded', 'A reply line of more than 512 bytes before its end.'),
  event('truncated_line', 'A line of more than 4096 bytes; the rest of it is passed over.'),
  event('invalid_pipelined_sequence', 'Bytes behind STARTTLS that did not wait for its reply.'),
  event('invalid_bdat', 'The size in BDAT is no number.'),
  event('no_server_welcome_message', 'The first reply of a server does not welcome.'),
  event('tls_rejected', 'STARTTLS was refused.'),
  event('data_command_rejected', 'DATA was refused.'),
  event('duplicate_fields', 'A second sender in one transaction, or a client that gives its name twice.'),
  event('mime_invalid_base64', 'A line of a part in base64 holds none.'),
  event('mime_long_boundary', 'A delimiter of parts is longer than 254 bytes.'),
  event('mime_long_header_value', 'A header is longer than 16 KiB; the rest of it is not inspected.'),
  event('mime_long_filename', 'The name of an attachment is longer than 2048 bytes.'),
  event('unparsable_content', 'Parts are in parts more than 16 times; the innermost are not read.'),
  event('gap', 'Bytes are missing.'),
] as const satisfies readonly ProtocolEvent[];

export type SmtpEventName = (typeof SMTP_EVENTS)[number]['name'];

/** The number of an event. */
export function smtpEvent(name: SmtpEventName): number {
  return SMTP_EVENTS.findIndex((known) => known.name === name);
}
