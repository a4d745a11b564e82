/**
 * The DHT of BitTorrent (BEP 5, BEP 32). Stage: app. Each datagram is a transaction.
 *
 *   { a: { id, target, info_hash, token, port … }, q: "get_peers", t, v, y: "q" }           a query
 *   { r: { id, nodes, nodes6, values: [ … ], token … }, t, v, y: "r" }                      an answer
 *   { e: [ 201, "text" ], t, v, y: "e" }                                                    or an error
 *
 * What does not begin as such a message is passed over, as Suricata does. Bounds: those of the layout, and
 * MOST_PEERS of a list.
 */
import { isUtf8 } from 'node:buffer';
import type { Direction } from '../../flow/flow.js';
import { FieldTable } from '../fields/field-table.js';
import { MessageConnection, type MessageShare } from '../fields/message-connection.js';
import type { PlainLayout, PlainTransaction } from '../fields/plain-transaction.js';
import type { Input } from '../input.js';
import { PerArena } from '../per-arena.js';
import { ANSWER, ascii, asciiTexts, beginsWith } from '../probe/answer.js';
import { BencodeReader } from './bencode.js';
import { dhtObject } from './eve.js';
import { dhtEvent } from './events.js';

/** Texts of a message, and numbers; those of queries, answers and errors. */
const TEXTS = [
  'transaction_id',
  'client_version',
  'request_type',
  'request.id',
  'request.target',
  'request.info_hash',
  'request.token',
  'response.id',
  'response.nodes',
  'response.nodes6',
  'response.token',
  'error.msg',
] as const;
const NUMBERS = ['request.implied_port', 'request.port', 'error.num'] as const;
type TextName = (typeof TEXTS)[number];
type NumberName = (typeof NUMBERS)[number];

const FIELDS = new FieldTable([], [...TEXTS, ...NUMBERS, 'response.value']);
const TEXT_FIELDS = TEXTS.map((name) => FIELDS.of(name));
const NUMBER_FIELDS = NUMBERS.map((name) => FIELDS.of(name));
const VALUE = FIELDS.of('response.value');
export const DHT_LAYOUT: PlainLayout = {
  table: FIELDS,
  mostBytes: 8192,
  mostFields: 96,
  overflow: dhtEvent('too_many_fields'),
  print: (tx) => dhtObject(tx, FIELDS),
};

/** Of a list, peers that are kept. */
const MOST_PEERS = 64;
const PEER_BYTES = 6;
const PEER6_BYTES = 18;
const LAST_PORT = 0xffff;
const LAST_BYTE = 0xff;

const BEGINNINGS = asciiTexts('d1:ad', 'd1:rd', 'd1:el', 'd2:ip');
const [A, E, Q, R, T, V, Y] = [...'aeqrtvy'].map(ascii) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const VALUES = ascii('values');
const IMPLIED_PORT = ascii('implied_port');
const PORT = ascii('port');
const keysOf = (...names: readonly TextName[]): readonly (readonly [key: Uint8Array, text: number])[] =>
  names.map((name) => [ascii(name.slice(name.indexOf('.') + 1)), TEXTS.indexOf(name)]);
const REQUEST_KEYS = keysOf('request.id', 'request.target', 'request.info_hash', 'request.token');
const RESPONSE_KEYS = keysOf('response.id', 'response.nodes', 'response.nodes6', 'response.token');
const at = (name: TextName): number => TEXTS.indexOf(name);
const numberAt = (name: NumberName): number => NUMBERS.indexOf(name);
const NONE = -1;
/** Fields of a kind of message: from the first text and number up to those of the next. */
const REQUEST = { from: at('request.id'), to: at('response.id') } as const;
const RESPONSE = { from: at('response.id'), to: at('error.msg') } as const;

export class DhtConnection extends MessageConnection<PlainTransaction> {
  private readonly parts: DhtMessage;

  constructor(share: MessageShare<PlainTransaction>) {
    super(share);
    this.parts = messages.of(share.arena);
  }

  protected override message(direction: Direction, { bytes, position, available }: Input): boolean {
    if (!BEGINNINGS.some((text) => beginsWith(bytes, position, available, text) === ANSWER.yes)) return false;
    const tx = this.begin();
    if (tx === null) return false;
    if (!this.parts.take(tx, 1 << direction, bytes, position, available))
      tx.raise(dhtEvent('malformed_packet'), direction);
    this.completeAsSent(tx, direction);
    return true;
  }
}

/** The message at hand: where its parts are, until all of it was read. */
class DhtMessage {
  private readonly reader: BencodeReader;
  /** Start (or NONE) and length of each text; and numbers, NONE for none. */
  private readonly starts = new Float64Array(TEXTS.length);
  private readonly lengths = new Int32Array(TEXTS.length);
  private readonly numbers = new Int32Array(NUMBERS.length);
  /** The same of peers. */
  private readonly peerStarts = new Float64Array(MOST_PEERS);
  private readonly peerLengths = new Int32Array(MOST_PEERS);
  private peers = 0;
  /** Byte that says which kind of message it is; 0 for none. */
  private kind = 0;

  constructor(bytes: Uint8Array) {
    this.reader = new BencodeReader(bytes);
  }

  /** Reads a message and keeps its parts. @returns false where it is none, or something is missing. */
  take(tx: PlainTransaction, sides: number, bytes: Uint8Array, start: number, length: number): boolean {
    this.starts.fill(NONE);
    this.numbers.fill(NONE);
    this.peers = 0;
    this.kind = 0;
    this.reader.use(bytes, start, length);
    if (!this.parts(bytes) || this.reader.failed) return false;
    return this.keep(tx, sides);
  }

  private parts(bytes: Uint8Array): boolean {
    const { reader } = this;
    if (!reader.enterDictionary()) return false;
    while (reader.nextKey()) {
      if (reader.isKey(A)) this.request();
      else if (reader.isKey(R)) this.response();
      else if (reader.isKey(E)) this.error(bytes);
      else if (reader.isKey(Q)) this.printable(at('request_type'), bytes);
      else if (reader.isKey(T)) this.text(at('transaction_id'));
      else if (reader.isKey(V)) this.text(at('client_version'));
      else if (reader.isKey(Y)) this.kindOf(bytes);
      else reader.skip();
    }
    return !reader.failed;
  }

  /** Keeps what its kind has, in the order in which Suricata finds something missing. */
  private keep(tx: PlainTransaction, sides: number): boolean {
    const isKept =
      this.kind === Q[0]
        ? this.keepRequest(tx, sides)
        : this.kind === R[0]
          ? this.keepResponse(tx, sides)
          : this.keepError(tx, sides);
    if (!isKept || !this.has(at('transaction_id'))) return false;
    this.add(tx, sides, at('transaction_id'));
    this.add(tx, sides, at('client_version'));
    return true;
  }

  private keepRequest(tx: PlainTransaction, sides: number): boolean {
    if (!this.has(at('request_type'))) return false;
    this.add(tx, sides, at('request_type'));
    if (!this.has(at('request.id'))) return false;
    for (let text: number = REQUEST.from; text < REQUEST.to; text++) this.add(tx, sides, text);
    this.addNumber(tx, sides, numberAt('request.implied_port'));
    this.addNumber(tx, sides, numberAt('request.port'));
    return true;
  }

  private keepResponse(tx: PlainTransaction, sides: number): boolean {
    if (!this.has(at('response.id'))) return false;
    for (let text: number = RESPONSE.from; text < RESPONSE.to; text++) this.add(tx, sides, text);
    for (let i = 0; i < this.peers; i++) tx.addText(VALUE, sides, this.peerStarts[i] | 0, this.peerLengths[i]);
    return true;
  }

  private keepError(tx: PlainTransaction, sides: number): boolean {
    if (this.kind !== E[0] || !this.has(at('error.msg'))) return false;
    this.addNumber(tx, sides, numberAt('error.num'));
    this.add(tx, sides, at('error.msg'));
    return true;
  }

  private has(text: number): boolean {
    return this.starts[text] >= 0;
  }

  private add(tx: PlainTransaction, sides: number, text: number): void {
    if (this.has(text)) tx.addText(TEXT_FIELDS[text], sides, this.starts[text], this.lengths[text]);
  }

  private addNumber(tx: PlainTransaction, sides: number, number: number): void {
    if (this.numbers[number] >= 0) tx.addNumber(NUMBER_FIELDS[number], sides, this.numbers[number]);
  }

  /** { id … }: what a query asks with. */
  private request(): void {
    const { reader } = this;
    if (!reader.enterDictionary()) return void reader.fail();
    while (reader.nextKey()) {
      if (reader.isKey(IMPLIED_PORT)) this.number(numberAt('request.implied_port'), LAST_BYTE);
      else if (reader.isKey(PORT)) this.number(numberAt('request.port'), LAST_PORT);
      else this.textOf(REQUEST_KEYS);
    }
    if (!this.has(at('request.id'))) reader.fail();
  }

  private response(): void {
    const { reader } = this;
    if (!reader.enterDictionary()) return void reader.fail();
    while (reader.nextKey()) {
      if (reader.isKey(VALUES)) this.values();
      else this.textOf(RESPONSE_KEYS);
    }
    if (!this.has(at('response.id'))) reader.fail();
  }

  /** [ number, text ]: of several of a kind the last. */
  private error(bytes: Uint8Array): void {
    const { reader } = this;
    if (!reader.enterList()) return void reader.fail();
    while (reader.hasMore()) {
      if (reader.integer()) this.noteNumber(numberAt('error.num'), LAST_PORT);
      else if (reader.text()) this.notePrintable(at('error.msg'), bytes);
      else reader.skip();
    }
    if (this.numbers[numberAt('error.num')] < 0 || !this.has(at('error.msg'))) reader.fail();
  }

  /** A list of peers; anything else is passed over. */
  private values(): void {
    const { reader } = this;
    if (!reader.enterList()) return reader.skip();
    while (reader.hasMore()) {
      if (!reader.text() || reader.length < PEER_BYTES) return void reader.fail();
      if (this.peers === MOST_PEERS) continue;
      this.peerStarts[this.peers] = reader.start;
      this.peerLengths[this.peers++] = reader.length < PEER6_BYTES ? PEER_BYTES : PEER6_BYTES;
    }
  }

  /** The text of the key read last, where it is one of these; else it is passed over. */
  private textOf(keys: typeof REQUEST_KEYS): void {
    for (const [key, text] of keys) if (this.reader.isKey(key)) return this.text(text);
    this.reader.skip();
  }

  private text(text: number): void {
    if (this.reader.text()) this.note(text);
    else this.reader.fail();
  }

  private printable(text: number, bytes: Uint8Array): void {
    if (this.reader.text()) this.notePrintable(text, bytes);
    else this.reader.fail();
  }

  private notePrintable(text: number, bytes: Uint8Array): void {
    const { start, length } = this.reader;
    let isAscii = true;
    for (let i = start; i < start + length && isAscii; i++) isAscii = bytes[i] < 0x80;
    if (isAscii || isUtf8(bytes.slice(start, start + length))) this.note(text);
    else this.reader.fail();
  }

  private note(text: number): void {
    this.starts[text] = this.reader.start;
    this.lengths[text] = this.reader.length;
  }

  private number(number: number, most: number): void {
    if (this.reader.integer()) this.noteNumber(number, most);
    else this.reader.fail();
  }

  private noteNumber(number: number, most: number): void {
    const { value } = this.reader;
    if (value >= 0 && value <= most) this.numbers[number] = value;
    else this.reader.fail();
  }

  private kindOf(bytes: Uint8Array): void {
    const { reader } = this;
    if (reader.text() && reader.length === 1) this.kind = bytes[reader.start];
    else reader.fail();
  }
}

/** A message is read in one go, so that all connections of a shard share one. */
const messages = new PerArena(({ bytes }) => new DhtMessage(bytes));
