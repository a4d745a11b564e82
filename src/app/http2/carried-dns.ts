/**
 * DNS over HTTPS (RFC 8484): a message of DNS is the body of a POST and of a response, by their Content-Type, or in the
 * query of a GET that accepts such a response. Stage: app. Events find it again where it lies.
 */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import { Span } from '../../memory/span.js';
import { bufferNumber } from '../buffers.js';
import type { CarriedMessages } from '../dns/carried-messages.js';
import { dnsObject } from '../dns/eve.js';
import { isText } from '../http1/characters.js';
import { kindOf } from '../http1/header-names.js';
import type { Http1Transaction } from '../http1/transaction.js';

const CONTENT_TYPE = kindOf('content-type');
const ACCEPT = kindOf('accept');
const DNS_MESSAGE = 'application/dns-message';
const PARAMETER = 'dns=';
const QUESTION_MARK = 63;
const AMPERSAND = 38;
const BODY = [bufferNumber('http.request_body'), bufferNumber('http.response_body')] as const;
const URI = bufferNumber('http.uri.raw');

/** A transaction that may carry messages, and the memory that its buffers are in. */
type Carrier = Http1Transaction & { readonly memory: Uint8Array };

/** Where a message is: in a body as it is, in a query in base64url. */
const FOUND = { nothing: 0, body: 1, query: 2 } as const;
type Found = (typeof FOUND)[keyof typeof FOUND];

const HEADER_BYTES = 12;
const RESPONSE = 0x8000;

const span = new Span();

/** A side of a transaction is complete: if it carries a message of DNS, that is one to inspect. */
export function takeCarriedDns(transaction: Carrier, direction: Direction, carried: CarriedMessages): void {
  const found = find(transaction, direction);
  if (found === FOUND.body) carried.add(transaction, direction, span.start, span.length);
  if (found === FOUND.query) carried.addEncoded(transaction, direction, span.start, span.length);
}

/** Whether `carriedDnsObject` has something to tell. */
export const carriesDns = (transaction: Carrier): boolean => messageOf(transaction) !== undefined;

/** The `dns` object of events: of the response, and until there is one of the request; '' where neither is there. */
export function carriedDnsObject(transaction: Carrier, isAlert: boolean): string {
  const message = messageOf(transaction);
  if (message === undefined) return '';
  const [flags, messageBytes] = [message.readUInt16BE(2), message.length];
  const isResponse = (flags & RESPONSE) !== 0;
  const text = { start: 0 };
  const header = { application: 'dns', id: 0, messageId: message.readUInt16BE(0), flags, isResponse } as const;
  return dnsObject({ ...header, text, messageBytes }, message, isAlert);
}

/** The message that events tell of, with a whole header at least. */
function messageOf(transaction: Carrier): Buffer | undefined {
  for (const direction of [DIRECTION.toClient, DIRECTION.toServer]) {
    const found = find(transaction, direction);
    if (found === FOUND.nothing) continue;
    const bytes = Buffer.from(transaction.memory.subarray(span.start, span.start + span.length));
    const message = found === FOUND.query ? decoded(bytes.toString('latin1')) : bytes;
    if (message.length >= HEADER_BYTES) return message;
  }
  return undefined;
}

const decoded = (query: string): Buffer => Buffer.from(/^[\w-]*/.exec(query)![0], 'base64url');

/** Points `span` at the message of a side. */
function find(transaction: Carrier, direction: Direction): Found {
  if (saysDns(transaction, direction, CONTENT_TYPE) && transaction.locate(BODY[direction], 0, direction, span))
    return FOUND.body;
  const asks = direction === DIRECTION.toServer && saysDns(transaction, direction, ACCEPT);
  return asks && findQuery(transaction) ? FOUND.query : FOUND.nothing;
}

function saysDns(transaction: Carrier, direction: Direction, header: number): boolean {
  const message = direction === DIRECTION.toServer ? transaction.request : transaction.response;
  if (!message.locateHeader(header, span) || span.length < DNS_MESSAGE.length) return false;
  return isText(transaction.memory, span.start, span.start + DNS_MESSAGE.length, DNS_MESSAGE);
}

/** Points `span` at the value of the parameter `dns`, at the start of the query or behind others, and what follows. */
function findQuery(transaction: Carrier): boolean {
  if (!transaction.locate(URI, 0, DIRECTION.toServer, span)) return false;
  const { memory } = transaction;
  const end = span.start + span.length;
  for (let at = span.start; at < end - PARAMETER.length; at++) {
    if (memory[at] !== QUESTION_MARK && memory[at] !== AMPERSAND) continue;
    const from = at + 1 + PARAMETER.length;
    if (isText(memory, at + 1, from, PARAMETER)) return span.set(from, end - from);
  }
  return false;
}
