/**
 * The `smtp` and `email` objects of events, with the members and in the order that Suricata prints. Stage: app; called
 * for events alone.
 */
import { Span } from '../../memory/span.js';
import type { FileList } from '../file/file-list.js';
import type { Mail, MailValue } from '../mime/mail.js';
import { printedText } from '../printed-text.js';

/** Bytes that are printed of a value, and values of a kind. */
const VALUE_LIMIT = 512;
const COUNT_LIMIT = 16;

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
  const receivers: string[] = [];
  while (receivers.length < COUNT_LIMIT && envelope.locateReceiver(receivers.length, span))
    receivers.push(shown(bytes));
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
  const names = namesOf(files, bytes);
  if (names.length > 0) members.push(`"attachment":[${names.join(',')}]`);
  const found = all(mail, 'email.url', bytes);
  if (found.length > 0) members.push(`"url":[${found.join(',')}]`);
  return `"email":{${members.join(',')}}`;
}

/** The addresses of a header, which commas part. */
function addresses(bytes: Uint8Array): string[] {
  const text = printedText(bytes, span.start, Math.min(span.length, VALUE_LIMIT));
  return text
    .split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map((address) => address.trim())
    .slice(0, COUNT_LIMIT);
}

function namesOf(files: FileList, bytes: Uint8Array): string[] {
  const names: string[] = [];
  for (let index = 0; index < files.count && names.length < COUNT_LIMIT; index++) {
    if (files.at(index).locateName(span)) names.push(shown(bytes));
  }
  return names;
}

function all(mail: Mail, kind: MailValue, bytes: Uint8Array): string[] {
  const values: string[] = [];
  while (values.length < COUNT_LIMIT && mail.locate(kind, values.length, span)) values.push(shown(bytes));
  return values;
}
