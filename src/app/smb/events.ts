/** What is told of messages that break the rules of SMB. Stage: app; data only. Names as Suricata's rules have them. */
import { protocolEvent as event } from '../protocol-event.js';

export const SMB_EVENTS = [
  event('malformed_data', 'A message breaks off, or what it says of its parts leads outside of it.'),
  event('malformed_ntlmssp_request', 'The login of a session setup is malformed.'),
  event('duplicate_negotiate', 'A second negotiation on one connection.'),
  event(
    'negotiate_malformed_dialects',
    'The dialects of a negotiation are malformed, or the server chose none of them.',
  ),
  event('negotiate_max_read_size_too_large', 'A server of SMB 2 gives more than 16 MiB at once.'),
  event('negotiate_max_write_size_too_large', 'A server of SMB 2 takes more than 16 MiB at once.'),
  event('read_response_too_large', 'More of a file is read at once than the server has said that it gives.'),
  event('write_request_too_large', 'More of a file is written at once than the server has said that it takes.'),
  event('file_overlap', 'Bytes of a file are written or read once more, which are not inspected again.'),
  event('read_queue_cnt_exceeded', 'More than 16 pieces of a file that is read wait for what is ahead of them.'),
  event('read_queue_size_exceeded', 'More than 128 KiB of a file that is read wait for what is ahead of them.'),
  event('write_queue_cnt_exceeded', 'More than 16 pieces of a file that is written wait for what is ahead of them.'),
  event('write_queue_size_exceeded', 'More than 128 KiB of a file that is written wait for what is ahead of them.'),
  event('stub_data_too_long', 'Arguments of a call of DCE/RPC over 256 KiB: the rest is not inspected.'),
  event('too_many_contexts', 'More than 64 interfaces of a pipe: the rest is not known.'),
  event('fragment_lost', 'A call of DCE/RPC without its first fragment.'),
  event('too_many_handles', 'More than 128 open files of a connection: the oldest is forgotten.'),
  event('too_many_fields', 'Names of over 4 KiB in one message.'),
  event('too_many_transactions', 'More transactions are open than a connection may have: the oldest is completed.'),
] as const;

export type SmbEventName = (typeof SMB_EVENTS)[number]['name'];

/** Number of an event. */
export const smbEvent = (name: SmbEventName): number => SMB_EVENTS.findIndex((event) => event.name === name);
