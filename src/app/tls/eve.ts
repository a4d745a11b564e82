/**
 * The `tls` object of events, with the members and in the order that Suricata 8 prints (`extended`). Stage: app;
 * called for events alone, so it allocates. Bound: 8 KiB.
 */
import { Span } from '../../memory/span.js';
import { printedText, takeFitting } from '../printed-text.js';
import { TLS_SERVER } from './buffers.js';
import type { Certificate } from './certificate.js';
import { tlsEvent } from './events.js';

/** What is printed of a hello. */
interface PrintedHello {
  readonly isThere: boolean;
  locateName(span: Span): boolean;
  locateAlpn(instance: number, span: Span): boolean;
  locateJa3(span: Span): boolean;
  locateJa3Hash(span: Span): boolean;
  locateJa4(isQuic: boolean, span: Span): boolean;
}

interface PrintedChain {
  readonly certificate: Certificate | null;
}

export interface PrintedConnection {
  readonly client: PrintedHello;
  readonly server: PrintedHello;
  readonly chains: readonly [PrintedChain, PrintedChain];
  readonly version: number;
  readonly progressToClient: number;
  hasEvent(event: number): boolean;
}

const VERSIONS: Readonly<Record<number, string>> = {
  0x0002: 'SSLv2',
  0x0300: 'SSLv3',
  0x0301: 'TLSv1',
  0x0302: 'TLS 1.1',
  0x0303: 'TLS 1.2',
  0x0304: 'TLS 1.3',
};
/** Drafts of TLS 1.3: 0x7f00 and their number. */
const DRAFT = 0x7f00;
const FIRST_DRAFT = 16;
const LAST_DRAFT = 28;
/** The same of Facebook's Fizz. */
const FIZZ_DRAFT = 0xfb00;
/** TLS 1.3. */
const FIRST_WITHOUT_SESSIONS = 0x0304;
/** Events that say that messages were not read. */
const LOST = [tlsEvent('handshake_message_too_long'), tlsEvent('gap')];
/** JA3 of a hello with some hundred cipher suites, subjects with many parts. */
const MOST_VALUE = 4096;
/** Certificates of large sites name some hundred. */
const MOST_LIST = 8192;
const span = new Span();
const json = (text: string): string => JSON.stringify(text);

/** `"tls":{…}`. */
export function tlsObject(connection: PrintedConnection, bytes: Uint8Array): string {
  const { certificate } = connection.chains[1];
  const members = certificate === null ? [] : certificateMembers(certificate);
  const { client, server, version } = connection;
  if (client.locateName(span)) members.push(`"sni":${json(spanText(bytes))}`);
  if (isResumed(connection)) members.splice(0, 0, '"session_resumed":true');
  members.push(`"version":${json(versionText(version))}`);
  if (certificate !== null) members.push(...dateMembers(certificate));
  members.push(...helloMembers('ja3', client, bytes), ...helloMembers('ja3s', server, bytes));
  if (client.locateJa4(false, span)) members.push(`"ja4":${json(spanText(bytes))}`);
  members.push(...alpnMember('client_alpns', client, bytes), ...alpnMember('server_alpns', server, bytes));
  const own = connection.chains[0].certificate;
  if (own !== null) members.push(`"client":{${[...certificateMembers(own), ...dateMembers(own)].join(',')}}`);
  return `"tls":{${members.join(',')}}`;
}

function versionText(version: number): string {
  const draft = version - DRAFT;
  if (draft > 0 && draft <= LAST_DRAFT) return `TLS 1.3 draft-${draft < FIRST_DRAFT ? '<16' : draft}`;
  const fizz = version - FIZZ_DRAFT;
  if (fizz >= FIRST_DRAFT && fizz <= LAST_DRAFT) return `TLS 1.3 draft-${fizz}-fb`;
  return VERSIONS[version] ?? (version === 0 ? 'UNDETERMINED' : String(version));
}

/** The server goes on without a certificate: it knows the session. Not where messages of it were not read. */
function isResumed(connection: PrintedConnection): boolean {
  const { chains, server, version, progressToClient } = connection;
  const isDone = server.isThere && progressToClient >= TLS_SERVER.handshake;
  if (!isDone || version >= FIRST_WITHOUT_SESSIONS || chains[1].certificate !== null) return false;
  return !LOST.some((event) => connection.hasEvent(event));
}

const spanText = (bytes: Uint8Array): string => printedText(bytes, span.start, Math.min(span.length, MOST_VALUE));

/** Latin1, as certificates keep texts. */
function latin1(text: string): string {
  const bytes = Buffer.from(text.slice(0, MOST_VALUE), 'latin1');
  return json(printedText(bytes, 0, bytes.length));
}

function certificateMembers({ subject, issuer, alternatives, serial, fingerprint }: Certificate): string[] {
  const members: string[] = [];
  if (subject !== undefined) members.push(`"subject":${latin1(subject)}`);
  if (issuer !== undefined) members.push(`"issuerdn":${latin1(issuer)}`);
  const names = takeFitting(alternatives.map(latin1), MOST_LIST);
  if (names.length > 0) members.push(`"subjectaltname":[${names.join(',')}]`);
  if (serial !== undefined) members.push(`"serial":${latin1(serial)}`);
  if (fingerprint !== undefined) members.push(`"fingerprint":"${fingerprint}"`);
  return members;
}

function dateMembers({ notBefore, notAfter }: Certificate): string[] {
  const date = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 19);
  if (Number.isNaN(notBefore) || Number.isNaN(notAfter)) return [];
  return [`"notbefore":"${date(notBefore)}"`, `"notafter":"${date(notAfter)}"`];
}

function helloMembers(name: string, hello: PrintedHello, bytes: Uint8Array): string[] {
  if (!hello.locateJa3Hash(span)) return [];
  const digest = spanText(bytes);
  hello.locateJa3(span);
  return [`"${name}":{"hash":"${digest}","string":${json(spanText(bytes))}}`];
}

function alpnMember(name: string, hello: PrintedHello, bytes: Uint8Array): string[] {
  const names: string[] = [];
  while (names.length < MOST_LIST / 3 && hello.locateAlpn(names.length, span)) names.push(json(spanText(bytes)));
  return names.length === 0 ? [] : [`"${name}":[${takeFitting(names, MOST_LIST).join(',')}]`];
}
