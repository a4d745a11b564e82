/**
 * Reads a mail, line by line: headers, parts in parts, attachments as files, addresses in both. Stage: app.
 * RFC 5322, RFC 2045 to 2047, RFC 2231.
 *
 *   line … line, end          who carries the mail takes off what carrying has added (dots, chunks)
 *
 * A part with a name is a file; the mail itself may be one. A mail within a mail is read as its parts are. Bounds:
 * DEPTH parts in parts, HEADER_LIMIT bytes of a header; a line of any length comes in pieces.
 */
import type { Arena } from '../../memory/arena.js';
import type { FileList } from '../file/file-list.js';
import { FILE_NAME_LIMIT, type TransferredFile } from '../file/file.js';
import { TextBlock } from '../text-block.js';
import { AddressFinder } from './address-finder.js';
import { ENCODING, TransferDecoder } from './decoder.js';
import type { Mail, MailValue } from './mail.js';
import { takeParameter } from './parameters.js';

/** What may be wrong with a mail: a set of bits. */
export const MAIL_FAULT = { invalidBase64: 1, longBoundary: 2, longHeader: 4, tooDeep: 8, longName: 16 } as const;

const DEPTH = 16;
const HEADER_LIMIT = 16_384;
/** RFC 2046, section 5.1.1, has 70. */
const BOUNDARY_LIMIT = 254;
const NAME_LIMIT = 256;
const DASH = 45;
const COLON = 58;

const READ = { headers: 0, text: 1, file: 2, nothing: 3 } as const;
const KEYWORDS: Readonly<Record<string, MailValue>> = {
  from: 'email.from',
  subject: 'email.subject',
  to: 'email.to',
  cc: 'email.cc',
  date: 'email.date',
  'message-id': 'email.message_id',
  'x-mailer': 'email.x_mailer',
  received: 'email.received',
};

const isBlank = (byte: number): boolean => byte === 32 || byte === 9;

export class MailReader {
  /** Since they were last taken. */
  faults = 0;
  /** The headers of the mail itself are complete. */
  hasHeaders = false;
  private readonly arena: Arena;
  private readonly header: TextBlock;
  private readonly name: TextBlock;
  private readonly boundary: TextBlock;
  private readonly decoder: TransferDecoder;
  private readonly addresses: AddressFinder;
  /** Delimiters of the parts that are open, the innermost last. */
  private readonly boundaries: Buffer[] = [];
  private mail!: Mail;
  private files!: FileList;
  private state: number = READ.nothing;
  private file: TransferredFile | null = null;
  /** What the headers at hand have said. */
  private encoding: number = ENCODING.none;
  private isText = true;
  private isMail = false;
  private isMidLine = false;

  constructor(arena: Arena) {
    this.arena = arena;
    this.header = new TextBlock(arena, HEADER_LIMIT);
    this.name = new TextBlock(arena, FILE_NAME_LIMIT);
    this.boundary = new TextBlock(arena, 2048);
    this.decoder = new TransferDecoder(arena);
    this.addresses = new AddressFinder(arena);
  }

  begin(mail: Mail, files: FileList): void {
    this.clear();
    this.mail = mail;
    this.files = files;
    mail.isThere = true;
    this.beginPart();
  }

  /** Takes [from, end) and the line end of `lineEnd` bytes behind it; 0 where more of the line follows. */
  line(from: number, end: number, lineEnd: number): void {
    const isStart = !this.isMidLine;
    this.isMidLine = lineEnd === 0;
    if (isStart && this.endsPart(from, end)) return;
    if (this.state === READ.headers) this.headerLine(from, end, isStart, lineEnd > 0);
    else if (this.state !== READ.nothing) this.bodyLine(from, end, lineEnd);
  }

  /** `count` bytes are missing. */
  gap(count: number): void {
    this.file?.gap(count);
    this.isMidLine = true;
  }

  /** The mail is complete, or as complete as it will be. */
  end(): void {
    if (this.state === READ.headers) this.finishHeaders();
    this.closePart();
    this.files.isOver = true;
    this.hasHeaders = true;
    this.clear();
  }

  clear(): void {
    this.header.clear();
    this.name.clear();
    this.boundary.clear();
    this.decoder.clear();
    this.addresses.clear();
    this.boundaries.length = 0;
    this.state = READ.nothing;
    this.file = null;
    this.isMidLine = false;
    this.hasHeaders = false;
  }

  private beginPart(): void {
    this.state = READ.headers;
    this.encoding = ENCODING.none;
    this.isText = true;
    this.isMail = false;
    this.header.length = 0;
    this.name.length = 0;
    this.boundary.length = 0;
  }

  private closePart(): void {
    this.file?.close();
    this.file = null;
    this.addresses.finish(this.mail);
  }

  // -------------------------------------------------------------------- delimiters

  /** Whether the line is a delimiter of one of the parts that are open: it then ends those within. */
  private endsPart(from: number, end: number): boolean {
    const { bytes } = this.arena;
    if (end - from < 3 || bytes[from] !== DASH || bytes[from + 1] !== DASH) return false;
    for (let depth = this.boundaries.length - 1; depth >= 0; depth--) {
      const boundary = this.boundaries[depth]!;
      if (!this.isDelimiter(from + 2, end, boundary)) continue;
      if (this.state === READ.headers) this.finishHeaders();
      this.closePart();
      const behind = from + 2 + boundary.length;
      const isLast = bytes[behind] === DASH && bytes[behind + 1] === DASH && behind + 1 < end;
      this.boundaries.length = isLast ? depth : depth + 1;
      if (isLast) this.state = READ.nothing;
      else this.beginPart();
      return true;
    }
    return false;
  }

  private isDelimiter(from: number, end: number, boundary: Buffer): boolean {
    if (end - from < boundary.length) return false;
    for (let index = 0; index < boundary.length; index++) {
      if (this.arena.bytes[from + index] !== boundary[index]) return false;
    }
    return true;
  }

  // ----------------------------------------------------------------------- headers

  private headerLine(from: number, end: number, isStart: boolean, isWhole: boolean): void {
    const { bytes } = this.arena;
    const isFolded = isStart && end > from && isBlank(bytes[from]!);
    if (isStart && !isFolded) this.takeHeader();
    if (isStart && end === from && isWhole) {
      this.finishHeaders();
      return;
    }
    if (this.header.append(from, end - from) < 0) this.faults |= MAIL_FAULT.longHeader;
  }

  /** The header that was put together is complete. */
  private takeHeader(): void {
    const { bytes } = this.arena;
    const { start, length } = this.header;
    const end = start + length;
    let colon = start;
    while (colon < end && bytes[colon] !== COLON) colon++;
    if (colon < end) {
      let from = colon + 1;
      while (from < end && isBlank(bytes[from]!)) from++;
      let last = end;
      while (last > from && isBlank(bytes[last - 1]!)) last--;
      this.takeField(this.textOf(start, Math.min(colon, start + NAME_LIMIT)).toLowerCase(), from, last);
    }
    this.header.length = 0;
  }

  private takeField(name: string, from: number, end: number): void {
    if (name === 'content-type') this.takeType(from, end);
    else if (name === 'content-disposition') this.takeName('filename', from, end);
    else if (name === 'content-transfer-encoding') this.takeEncoding(from, end);
    else if (!this.hasHeaders && Object.hasOwn(KEYWORDS, name)) this.mail.add(KEYWORDS[name]!, from, end - from);
  }

  private takeType(from: number, end: number): void {
    const type = this.textOf(from, Math.min(end, from + NAME_LIMIT)).toLowerCase();
    this.isText = type.startsWith('text/');
    this.isMail = type.startsWith('message/rfc822');
    this.takeName('name', from, end);
    if (!type.startsWith('multipart/') || this.boundary.length > 0) return;
    takeParameter(this.arena.bytes, from, end, 'boundary', this.boundary);
    if (this.boundary.length > BOUNDARY_LIMIT) this.faults |= MAIL_FAULT.longBoundary;
  }

  /** The first name that is said counts. */
  private takeName(parameter: string, from: number, end: number): void {
    if (this.name.length > 0) return;
    takeParameter(this.arena.bytes, from, end, parameter, this.name);
    if (this.name.length === FILE_NAME_LIMIT) this.faults |= MAIL_FAULT.longName;
  }

  private takeEncoding(from: number, end: number): void {
    const encoding = this.textOf(from, Math.min(end, from + NAME_LIMIT)).toLowerCase();
    if (encoding.startsWith('base64')) this.encoding = ENCODING.base64;
    else if (encoding.startsWith('quoted-printable')) this.encoding = ENCODING.quotedPrintable;
  }

  /** An empty line: what follows is as the headers have said. */
  private finishHeaders(): void {
    this.takeHeader();
    const isOwn = !this.hasHeaders;
    this.hasHeaders = true;
    if (this.boundary.length > 0) this.openParts();
    else if (this.name.length > 0) this.openFile();
    else if (this.isMail && this.boundaries.length > 0 && !isOwn) this.beginPart();
    else this.state = this.isText ? READ.text : READ.nothing;
    this.decoder.begin(this.encoding);
  }

  private openParts(): void {
    const { start, length } = this.boundary;
    this.state = READ.nothing;
    if (this.boundaries.length === DEPTH) this.faults |= MAIL_FAULT.tooDeep;
    else this.boundaries.push(Buffer.from(this.arena.bytes.slice(start, start + length)));
  }

  private openFile(): void {
    this.file = this.files.open(null);
    this.file?.name.append(this.name.start, this.name.length);
    this.state = this.file === null ? READ.nothing : READ.file;
  }

  // -------------------------------------------------------------------------- body

  private bodyLine(from: number, end: number, lineEnd: number): void {
    const { decoder } = this;
    decoder.line(from, end, lineEnd);
    if (decoder.isInvalid) this.faults |= MAIL_FAULT.invalidBase64;
    const { start, length } = decoder.output;
    if (this.state === READ.file) this.file!.append(start, length);
    if (this.isText || this.state === READ.file) this.addresses.add(start, start + length, this.mail);
  }

  private textOf(from: number, end: number): string {
    const { bytes } = this.arena;
    return Buffer.from(bytes.buffer, bytes.byteOffset + from, end - from).toString('latin1');
  }
}
