/**
 * The `smtp` and `email` objects of events, with the members and in the order that Suricata prints. Stage: app; called
 * for events alone.
 */
import { Span } from '../../memory/span.js';
import type { FileList } from '../file/file-list.js';
import type { Mail } from '../mime/mail.js';
import { printedText, takeFitting } from '../printed-text.js';

/** Bytes that are printed of a value, and of all that there are of a kind. */
const VALUE_LIMIT = 1024;
const LIST_LIMIT = 16_384;
const QUOTE = '"';

const span = new Span();

/** What is printed of a transaction. */
export interface Envelope {
  locateHelo(span: Span): boolean;
  locateSender(span: Span): boolean;
  locateReceiver(instance: number, span: Span): boolean;
}

const shown = (bytes: Uint8Array): string =>
  JSON.stringify(printedText(bytes, span.start, Math.min(span.length, VALUE_LIMIT)));

/** `"smtp":{…}`. */
export function smtpObject(envelope: Envelope, bytes: Uint8Array): string {
  const members: string[] = [];
  if (envelope.locateHelo(span)) members.push(`"helo":${shown(bytes)}`);
  if (envelope.locateSender(span)) members.push(`"mail_from":${shown(bytes)}`);
  const receivers = takeFitting(
    located((index) => envelope.locateReceiver(index, span), bytes),
    LIST_LIMIT,
  );
  if (receivers.length > 0) members.push(`"rcpt_to":[${receivers.join(',')}]`);
  return `"smtp":{${members.join(',')}}`;
}

/** `"email":{…}`. */
export function mailObject(mail: Mail, files: FileList, bytes: Uint8Array): string {
  const members: string[] = [];
  if (mail.locate('email.from', 0, span)) members.push(`"from":${shown(bytes)}`);
  for (const name of ['to', 'cc'] as const) {
    if (mail.locate(`email.${name}`, 0, span)) members.push(`"${name}":${JSON.stringify(addresses(bytes))}`);
  }
  members.push('"status":"PARSE_DONE"');
  const names = takeFitting(namesOf(files, bytes), LIST_LIMIT);
  if (names.length > 0) members.push(`"attachment":[${names.join(',')}]`);
  const found = takeFitting(
    located((index) => mail.locate('email.url', index, span), bytes),
    LIST_LIMIT,
  );
  if (found.length > 0) members.push(`"url":[${found.join(',')}]`);
  return `"email":{${members.join(',')}}`;
}

/** The addresses of a header: commas part them, but for those between quotes. */
function addresses(bytes: Uint8Array): string[] {
  const text = printedText(bytes, span.start, Math.min(span.length, LIST_LIMIT));
  const found: string[] = [];
  let quotesBehind = text.split(QUOTE).length - 1;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === QUOTE) quotesBehind--;
    if (text[at] !== ',' || quotesBehind % 2 !== 0) continue;
    found.push(text.slice(start, at).trim());
    start = at + 1;
  }
  return [...found, text.slice(start).trim()];
}

function* namesOf(files: FileList, bytes: Uint8Array): Generator<string> {
  for (let index = 0; index < files.count; index++) if (files.at(index).locateName(span)) yield shown(bytes);
}

/** The values that `locate` sets the span to, until there is none. */
function* located(locate: (index: number) => boolean, bytes: Uint8Array): Generator<string> {
  for (let index = 0; locate(index); index++) yield shown(bytes);
}
