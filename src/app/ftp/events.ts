/** What is told of FTP that breaks its rules. Stage: app; data only. Names as Suricata's rules have them. */
import { protocolEvent as event } from '../protocol-event.js';

export const FTP_EVENTS = [
  event('request_command_too_long', 'A command of over 4096 bytes, of which the first are inspected.'),
  event('response_command_too_long', 'A line of a reply of over 4096 bytes, of which the first are inspected.'),
  event('file_before_port', 'A transfer is asked for that no port was agreed on for.'),
  event('file_without_name', 'RETR, STOR or APPE names no file.'),
  event('too_many_reply_lines', 'A reply of more than 100 lines, or of more than 32 KiB: the rest is not inspected.'),
  event('too_many_transactions', 'More transactions are open than a connection may have: the oldest is completed.'),
] as const;

export type FtpEventName = (typeof FTP_EVENTS)[number]['name'];

/** Number of an event. */
export const ftpEvent = (name: FtpEventName): number => FTP_EVENTS.findIndex((event) => event.name === name);
