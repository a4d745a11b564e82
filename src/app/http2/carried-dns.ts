/**
 * DNS over HTTPS (RFC 8484): a message of DNS is the body of a POST and of a response, by their Content-Type, or in the
 * query of a GET that accepts such a response. Stage: app. Called once for each side of a transaction.
 */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import { Span } from '../../memory/span.js';
import { bufferNumber } from '../buffers.js';
import type { CarriedMessages } from '../dns/carried-messages.js';
import { isText } from '../http1/characters.js';
import { kindOf } from '../http1/header-names.js';
import type { Http2Transaction } from './transaction.js';

const CONTENT_TYPE = kindOf('content-type');
const ACCEPT = kindOf('accept');
const DNS_MESSAGE = 'application/dns-message';
const PARAMETER = 'dns=';
const QUESTION_MARK = 63;
const AMPERSAND = 38;
const BODY = [bufferNumber('http.request_body'), bufferNumber('http.response_body')] as const;
const URI = bufferNumber('http.uri.raw');

const span = new Span();

/** A side of a transaction is complete: if it carries a message of DNS, that is one to inspect. */
export function takeCarriedDns(transaction: Http2Transaction, direction: Direction, carried: CarriedMessages): void {
  if (saysDns(transaction, direction, CONTENT_TYPE) && transaction.locate(BODY[direction], 0, direction, span))
    carried.add(transaction.id, direction, span.start, span.length);
  else if (direction === DIRECTION.toServer && saysDns(transaction, direction, ACCEPT)) takeQuery(transaction, carried);
}

function saysDns(transaction: Http2Transaction, direction: Direction, header: number): boolean {
  const message = direction === DIRECTION.toServer ? transaction.request : transaction.response;
  if (!message.locateHeader(header, span) || span.length < DNS_MESSAGE.length) return false;
  return isText(transaction.memory, span.start, span.start + DNS_MESSAGE.length, DNS_MESSAGE);
}

/** The value of the parameter `dns`, at the start of the query or behind others. */
function takeQuery(transaction: Http2Transaction, carried: CarriedMessages): void {
  if (!transaction.locate(URI, 0, DIRECTION.toServer, span)) return;
  const { memory } = transaction;
  const end = span.start + span.length;
  for (let at = span.start; at < end - PARAMETER.length; at++) {
    if (memory[at] !== QUESTION_MARK && memory[at] !== AMPERSAND) continue;
    const from = at + 1 + PARAMETER.length;
    if (!isText(memory, at + 1, from, PARAMETER)) continue;
    carried.addEncoded(transaction.id, DIRECTION.toServer, from, end - from);
    return;
  }
}
