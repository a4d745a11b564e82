/**
 * What a ClientHello or a ServerHello says (RFC 8446, 4.1; RFC 5246, 7.4.1). Stage: app. For TLS and for QUIC.
 *
 *   client | version | random (32) | session | cipher suites | compression | extensions |
 *   server | version | random (32) | session | cipher suite  | compression | extensions |
 *          | version | random (32) | cipher suite | extensions |     of drafts of TLS 1.3 before 22
 *
 * Holds where things are, in bytes from the beginning of the message's body, so that the body may move. Reads within it
 * only; allocates nothing.
 */
export const RANDOM_BYTES = 32;

const TLS_1_3 = 0x0304;
/** First byte of the versions of drafts; the second is the draft's number. */
const DRAFT = 0x7f;
const FIRST_AS_TLS_1_2 = 22;
const EXTENSION = {
  serverName: 0,
  groups: 10,
  pointFormats: 11,
  signatures: 13,
  alpn: 16,
  earlyData: 42,
  versions: 43,
} as const;
const HOST_NAME = 0;

/** Faults of a hello; bits. */
export const HELLO_FAULT = { malformed: 1, twoNames: 2, nameType: 4, nameLength: 8 } as const;

/** A part of the body: where its contents are. */
export class Part {
  at = 0;
  length = 0;
  isThere = false;

  set(at: number, length: number): void {
    this.at = at;
    this.length = length;
    this.isThere = true;
  }

  clear(): void {
    this.length = 0;
    this.isThere = false;
  }
}

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at] << 8) | bytes[at + 1];

export class Hello {
  /** As the message has it; what is agreed on in its extensions is `version`. */
  legacyVersion = 0;
  /** Of a server: what it chose. Of a client: the newest that it offers. */
  version = 0;
  isServer = false;
  readonly random = new Part();
  readonly session = new Part();
  readonly ciphers = new Part();
  readonly extensions = new Part();
  readonly serverName = new Part();
  readonly groups = new Part();
  readonly pointFormats = new Part();
  readonly signatures = new Part();
  readonly versions = new Part();
  /** The list of names. */
  readonly alpn = new Part();
  /** The client may send data before the server has said hello. */
  offersEarlyData = false;
  /** A set of HELLO_FAULT. */
  faults = 0;
  private readonly parts: readonly Part[] = [
    this.random,
    this.session,
    this.ciphers,
    this.extensions,
    this.serverName,
    this.groups,
    this.pointFormats,
    this.signatures,
    this.versions,
    this.alpn,
  ];
  private bytes: Uint8Array = new Uint8Array(0);
  private start = 0;

  clear(): void {
    for (const part of this.parts) part.clear();
    this.offersEarlyData = false;
    this.faults = 0;
    this.version = 0;
    this.legacyVersion = 0;
  }

  /** Reads the body in [start, end). @returns false where not even version, random and ciphers are there. */
  read(bytes: Uint8Array, start: number, end: number, isServer: boolean): boolean {
    this.clear();
    this.bytes = bytes;
    this.start = start;
    this.isServer = isServer;
    let at = start + 2 + RANDOM_BYTES;
    if (at >= end) return this.fail();
    this.legacyVersion = u16(bytes, start);
    this.version = this.legacyVersion;
    this.random.set(2, RANDOM_BYTES);
    if (isServer && isOlderDraft(this.version)) return this.readOfDraft(at, end);
    at = this.list(this.session, at, end, 1);
    if (at < 0) return this.fail();
    at = isServer ? this.fixed(this.ciphers, at, end, 2) : this.list(this.ciphers, at, end, 2);
    if (at < 0) return this.fail();
    at = isServer ? at + 1 : this.skipList(at, end);
    if (at < 0 || at > end) return this.fail();
    if (at < end) this.readExtensions(at, end);
    return true;
  }

  private readOfDraft(at: number, end: number): boolean {
    at = this.fixed(this.ciphers, at, end, 2);
    if (at < 0) return this.fail();
    if (at < end) this.readExtensions(at, end);
    return true;
  }

  /** Extension number `index` of `extensions` has its type at: callers walk with `nextExtension`. */
  static nextExtension(bytes: Uint8Array, at: number): number {
    return at + 4 + u16(bytes, at + 2);
  }

  private readExtensions(at: number, end: number): void {
    if (this.list(this.extensions, at, end, 2) < 0) {
      this.faults |= HELLO_FAULT.malformed;
      return;
    }
    const { bytes, start, extensions } = this;
    at = start + extensions.at;
    const behind = at + extensions.length;
    while (at + 4 <= behind) {
      const next = Hello.nextExtension(bytes, at);
      if (next > behind) break;
      this.extension(u16(bytes, at), at + 4, next);
      at = next;
    }
    if (at === behind) return;
    this.faults |= HELLO_FAULT.malformed;
    extensions.length = at - start - extensions.at;
  }

  private extension(type: number, at: number, end: number): void {
    switch (type) {
      case EXTENSION.serverName:
        return this.readServerName(at, end);
      case EXTENSION.groups:
        this.list(this.groups, at, end, 2);
        return;
      case EXTENSION.pointFormats:
        this.list(this.pointFormats, at, end, 1);
        return;
      case EXTENSION.signatures:
        this.list(this.signatures, at, end, 2);
        return;
      case EXTENSION.alpn:
        this.list(this.alpn, at, end, 2);
        return;
      case EXTENSION.earlyData:
        this.offersEarlyData = true;
        return;
      case EXTENSION.versions:
        return this.readVersions(at, end);
    }
  }

  /** | list length | type | length | name |: the first name. */
  private readServerName(at: number, end: number): void {
    if (this.serverName.isThere) {
      this.faults |= HELLO_FAULT.twoNames;
      return;
    }
    if (this.isServer || at === end) return;
    const { bytes } = this;
    if (at + 5 > end || at + 2 + u16(bytes, at) > end) {
      this.faults |= HELLO_FAULT.nameLength;
      return;
    }
    if (bytes[at + 2] !== HOST_NAME) {
      this.faults |= HELLO_FAULT.nameType;
      return;
    }
    // RFC 6066 has no empty name.
    if (this.list(this.serverName, at + 3, end, 2) < 0 || this.serverName.length === 0)
      this.faults |= HELLO_FAULT.nameLength;
  }

  private readVersions(at: number, end: number): void {
    if (this.isServer) {
      if (at + 2 === end) this.version = u16(this.bytes, at);
      return;
    }
    if (this.list(this.versions, at, end, 1) < 0) return;
    let newest = 0;
    for (let index = 0; index + 2 <= this.versions.length; index += 2) {
      const version = u16(this.bytes, this.start + this.versions.at + index);
      if (!isGrease(version)) newest = Math.max(newest, version > 0x7f00 ? Math.min(version, TLS_1_3) : version);
    }
    if (newest > 0) this.version = newest;
  }

  /** Contents behind a length of `lengthBytes`. @returns what follows, or -1 where they do not fit. */
  private list(part: Part, at: number, end: number, lengthBytes: 1 | 2): number {
    if (at + lengthBytes > end) return -1;
    const length = lengthBytes === 1 ? this.bytes[at] : u16(this.bytes, at);
    return this.fixed(part, at + lengthBytes, end, length);
  }

  private fixed(part: Part, at: number, end: number, length: number): number {
    if (at + length > end) return -1;
    part.set(at - this.start, length);
    return at + length;
  }

  private skipList(at: number, end: number): number {
    return at < end ? at + 1 + this.bytes[at] : -1;
  }

  private fail(): false {
    this.faults |= HELLO_FAULT.malformed;
    return false;
  }
}

/** Whether a version is TLS 1.3, or a draft of it. */
export const isTls13 = (version: number): boolean => version === TLS_1_3 || version >>> 8 === DRAFT;

const isOlderDraft = (version: number): boolean => version >>> 8 === DRAFT && (version & 0xff) < FIRST_AS_TLS_1_2;

/** A value that says nothing, put in so that receivers get used to what they do not know (RFC 8701). */
export const isGrease = (value: number): boolean => (value & 0x0f0f) === 0x0a0a && value >>> 8 === (value & 0xff);
