/**
 * What rules look at in messages of DNS, mDNS and LLMNR. Stage: app; names and shapes alone. Reference: Suricata's
 * documentation of its DNS and mDNS keywords; those of LLMNR are made like them.
 */
import type { ApplicationName } from '../applications.js';
import type { BufferSpec } from '../buffer-spec.js';
import { RECORD_TYPES, RESPONSE_CODES } from './code-names.js';

/**
 * A message is a transaction of its own, and there at once. Any may go either way: multicast has neither clients nor
 * servers, and of a flow that is picked up in its middle the answer may come first.
 */
export const DNS_STATE = { message: 1 } as const;

const { message } = DNS_STATE;

type More = Partial<BufferSpec>;

const ofMessages = (application: ApplicationName, name: string, what: string, more: More = {}): BufferSpec => ({
  name: `${application}.${name}`,
  what,
  applications: [application],
  scope: 'tx',
  kind: 'multi',
  toServer: message,
  toClient: message,
  ...more,
});

const sections = (application: ApplicationName): BufferSpec[] => [
  ofMessages(application, 'queries.rrname', 'each name of the queries'),
  ofMessages(application, 'answers.rrname', 'each name of the answers'),
  ofMessages(application, 'authorities.rrname', 'each name of the authorities'),
  ofMessages(application, 'additionals.rrname', 'each name of the additional records'),
  ofMessages(application, 'response.rrname', 'each name of a response, and those that its records lead to'),
];

export const DNS_BUFFERS: readonly BufferSpec[] = [
  ofMessages('dns', 'query', 'each name that a request asks for', { aliases: ['dns_query'] }),
  ofMessages('dns', 'query.name', 'each name of the queries, in requests and responses'),
  ofMessages('dns', 'answer.name', 'each name of the answers, in requests and responses'),
  ...sections('dns'),
  ofMessages('dns', 'opcode', 'the kind of query', { kind: 'number', values: { maximum: 255 } }),
  ofMessages('dns', 'rcode', 'the response code in the header', {
    kind: 'number',
    values: { maximum: 0xffff, names: RESPONSE_CODES },
  }),
  ofMessages('dns', 'rrtype', 'the types that a request asks for, or those of the answers', {
    kind: 'number',
    values: { maximum: 0xffff, names: RECORD_TYPES, many: true },
  }),
  ...sections('mdns'),
  ...sections('llmnr'),
];
