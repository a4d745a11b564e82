/** What rules look at in SIP and SDP. Stage: app; names and shapes alone. Reference: Suricata, SIP and SDP keywords. */
import type { BufferSpec } from '../buffer-spec.js';

/** A message is a transaction of its own, and there at once; requests may go either way. */
export const SIP_STATE = { message: 1 } as const;

/** Those that Snort names, in the order of their numbers, from 1. */
export const SIP_METHODS =
  'invite cancel ack bye register options refer subscribe update join info message notify prack publish'.split(' ');
const METHOD_NUMBERS = Object.fromEntries(SIP_METHODS.map((name, index) => [name, index + 1]));
/** A class of them by its digit, or one by its number. */
const STATUS_NUMBERS = Object.fromEntries(
  Array.from({ length: 999 }, (_, index) => index + 1)
    .filter((status) => status < 10 || status >= 100)
    .map((status) => [String(status), status]),
);

const { message } = SIP_STATE;
const sip = (name: string, what: string, more: Partial<BufferSpec> = {}): BufferSpec => ({
  name,
  what,
  applications: ['sip'],
  scope: 'tx',
  kind: 'single',
  toServer: message,
  toClient: message,
  ...more,
});
const many = (name: string, what: string, more: Partial<BufferSpec> = {}): BufferSpec =>
  sip(name, what, { kind: 'multi', ...more });

export const SIP_BUFFERS: readonly BufferSpec[] = [
  sip('sip.method', 'the method of a request', { common: true }),
  sip('sip.uri', 'the address that is asked for'),
  sip('sip.request_line', 'the first line of a request'),
  sip('sip.stat_code', 'the status of a response', { common: true }),
  sip('sip.stat_msg', 'what follows the status', { common: true }),
  sip('sip.response_line', 'the first line of a response'),
  sip('sip.protocol', 'the version', { common: true }),
  many('sip.from', 'the value of From'),
  many('sip.to', 'the value of To'),
  many('sip.via', 'the value of Via'),
  many('sip.user_agent', 'the value of User-Agent'),
  many('sip.content_type', 'the value of Content-Type'),
  many('sip.content_length', 'the value of Content-Length'),
  sip('sip_header', 'the headers, as they were sent'),
  sip('sip_body', 'the body'),
  sip('sip_method', 'the method of a request', {
    kind: 'number',
    values: { maximum: SIP_METHODS.length, names: METHOD_NUMBERS, list: 'any' },
    example: 'sip_method:invite,options;',
  }),
  sip('sip_stat_code', 'the status of a response, whole or by its first digit', {
    kind: 'number',
    values: { maximum: 999, names: STATUS_NUMBERS, list: 'any' },
    example: 'sip_stat_code:4,180;',
  }),
  sip('sdp.origin', 'the o= line'),
  sip('sdp.session_name', 'the s= line'),
  sip('sdp.session_info', 'the i= line'),
  sip('sdp.uri', 'the u= line'),
  sip('sdp.email', 'the e= line'),
  sip('sdp.phone_number', 'the p= line'),
  sip('sdp.connection_data', 'the c= line'),
  many('sdp.bandwidth', 'each b= line of the session'),
  many('sdp.time', 'each t= line'),
  many('sdp.repeat_time', 'each r= line'),
  sip('sdp.timezone', 'the z= line'),
  sip('sdp.encryption_key', 'the k= line'),
  many('sdp.attribute', 'each a= line of the session'),
  many('sdp.media.media', 'each m= line'),
  many('sdp.media.media_info', 'the i= line of each medium', { aliases: ['sdp.media.session_info'] }),
  many('sdp.media.connection_data', 'the c= line of each medium'),
  many('sdp.media.encryption_key', 'the k= line of each medium'),
];
