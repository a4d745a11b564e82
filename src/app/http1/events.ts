/**
 * What is told of HTTP/1.x messages that break its rules: names as rules have them (`app-layer-event:http.…`). Stage:
 * app; data only. An event's number is its place. Those that a transaction has raised are bits in it.
 */
import { protocolEvent as event, type ProtocolEvent } from '../protocol-event.js';

export const HTTP1_EVENTS = [
  event('gzip_decompression_failed', 'A compressed body is damaged, or is not what its Content-Encoding says.'),
  event('compression_bomb', 'A body grows more than a hundredfold when it is decompressed.'),
  event('compression_bomb_limit_reached', 'A body is larger than 1 MiB when it is decompressed.'),
  event('too_many_encoding_layers', 'A body is compressed more than five times.'),
  event('abnormal_ce_header', 'A Content-Encoding that no server sends.'),
  event('request_line_leading_whitespace', 'White space before the method.'),
  event('method_delim_non_compliant', 'Something else than blanks between method and URI.'),
  event('uri_delim_non_compliant', 'White space other than blanks in or behind the URI.'),
  event('request_line_incomplete', 'A request line ends with the connection.'),
  event('request_line_invalid', 'Neither the method nor the protocol of a request line is known.'),
  event('request_line_missing_protocol', 'A request line without protocol.'),
  event('double_encoded_uri', 'A URI that holds escapes when it is decoded.'),
  event('request_field_missing_colon', 'A line among the headers of a request without a colon, or without a name.'),
  event('response_field_missing_colon', 'A line among the headers of a response without a colon, or without a name.'),
  event('request_header_invalid', 'A header name in a request with a character that is not allowed there.'),
  event('response_header_invalid', 'A header name in a response with a character that is not allowed there.'),
  event('invalid_request_field_folding', 'White space before the first header name of a request.'),
  event('invalid_response_field_folding', 'White space before a header name of a response.'),
  event('request_field_too_long', 'A request line or the headers of a request are longer than what is kept of them.'),
  event('response_field_too_long', 'A status line or the headers of a response are longer than what is kept of them.'),
  event('request_too_many_headers', 'More than 256 headers in a request; the rest is not inspected.'),
  event('response_too_many_headers', 'More than 256 headers in a response; the rest is not inspected.'),
  event('request_header_repetition', 'Headers of the same name in a request.'),
  event('response_header_repetition', 'Headers of the same name in a response.'),
  event('missing_host_header', 'A request of HTTP/1.1 names no host.'),
  event('host_header_ambiguous', 'The host in the URI is not the one in the header.'),
  event('request_header_host_invalid', 'The Host header is no host name.'),
  event('request_uri_host_invalid', 'The host in the URI is no host name.'),
  event('request_auth_unrecognized', 'An Authorization header of a scheme that is not known.'),
  event('invalid_content_length_field_in_request', 'The Content-Length of a request holds no number.'),
  event('invalid_content_length_field_in_response', 'The Content-Length of a response holds no number.'),
  event('duplicate_content_length_field_in_request', 'Two Content-Lengths of a request that differ.'),
  event('duplicate_content_length_field_in_response', 'Two Content-Lengths of a response that differ.'),
  event('invalid_transfer_encoding_value_in_request', 'A Transfer-Encoding of a request that is not chunked.'),
  event('invalid_transfer_encoding_value_in_response', 'A Transfer-Encoding of a response that is not chunked.'),
  event('response_abnormal_transfer_encoding', 'A Transfer-Encoding that holds more than chunked.'),
  event('response_chunked_old_proto', 'A chunked body of a protocol before HTTP/1.1.'),
  event('invalid_request_chunk_len', 'The size of a chunk of a request is no number.'),
  event('invalid_response_chunk_len', 'The size of a chunk of a response is no number.'),
  event('request_chunk_extension', 'A chunk of a request has an extension.'),
  event('response_chunk_extension', 'A chunk of a response has an extension.'),
  event('request_body_unexpected', 'Bytes behind a request that begin none.'),
  event('response_body_unexpected', 'A body where there must be none, or bytes behind a response that begin none.'),
  event('range_invalid', 'A response with a body and a Content-Range that is none.'),
  event('response_multipart_byteranges', 'A body of several ranges without a length.'),
  event('response_invalid_protocol', 'The protocol of a status line is not known.'),
  event('response_invalid_status', 'The status of a status line is no number of three digits.'),
  event('100_continue_already_seen', 'Two interim responses that ask to go on.'),
  event('unable_to_match_response_to_request', 'A response to no request that was seen.'),
  event('failed_protocol_change', 'A switch of protocols that was not asked for.'),
  event('too_many_open_transactions', 'More than 256 requests wait for their responses; the oldest are given up.'),
  event('gap', 'Bytes of a message are missing.'),
] as const satisfies readonly ProtocolEvent[];

export type Http1EventName = (typeof HTTP1_EVENTS)[number]['name'];

/** The number of an event. */
export function http1Event(name: Http1EventName): number {
  return HTTP1_EVENTS.findIndex((known) => known.name === name);
}
