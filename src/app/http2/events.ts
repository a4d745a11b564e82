/**
 * What is told of HTTP/2 that breaks its rules: names as rules have them (`app-layer-event:http2.…`). Stage: app; data
 * only. An event's number is its place.
 */
import { protocolEvent as event, type ProtocolEvent } from '../protocol-event.js';

export const HTTP2_EVENTS = [
  event('invalid_frame_header', 'A frame that must not stand where it does, as between the parts of a header block.'),
  event('invalid_client_magic', 'The client does not begin with the preface.'),
  event('invalid_frame_data', 'A frame whose contents cannot be read.'),
  event('invalid_frame_length', 'A frame of a length that its type does not have.'),
  event('invalid_header', 'A header block that cannot be read, or a header that must not be.'),
  event('extra_header_data', 'Padding that is longer than its frame.'),
  event('long_frame_data', 'A frame other than DATA of more than 64 KiB; it is passed over.'),
  event('stream_id_reuse', 'A request on a stream that had one before.'),
  event('failed_decompression', 'A compressed body is damaged, or is not what its Content-Encoding says.'),
  event('compression_bomb', 'A body grows more than a hundredfold, or beyond 1 MiB, when it is decompressed.'),
  event('header_integer_overflow', 'A number in a header block of more than 28 bits.'),
  event('header_table_overflow', 'The table of headers is told to be larger than 64 KiB.'),
  event('too_many_streams', 'More than 256 streams are open; the oldest are given up.'),
  event('authority_host_mismatch', 'The Host header is not what :authority says.'),
  event('userinfo_in_uri', 'A user is named in :authority.'),
  event('reassembly_limit_reached', 'A header block of more than 64 KiB in its parts.'),
  event('data_stream_zero', 'DATA on stream 0.'),
  event('too_many_frames', 'More than 64 frames of a stream that rules could ask for.'),
  event('too_many_headers', 'More headers of a message than are kept: 256, or 64 KiB.'),
  event('rapid_reset', 'A client takes back more than 100 requests without an answer.'),
  event('gap', 'Bytes of a body are missing.'),
] as const satisfies readonly ProtocolEvent[];

export type Http2EventName = (typeof HTTP2_EVENTS)[number]['name'];

/** The number of an event. */
export function http2Event(name: Http2EventName): number {
  return HTTP2_EVENTS.findIndex((known) => known.name === name);
}
