/** Messages of SMB 1 and 2 for tests, in frames of NetBIOS sessions. */
import { concat, toBytes, u24, type Payload } from '../../support/packet-builder.js';
import { long, word } from './dcerpc-messages.js';

export const wide = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'utf16le'));
export const frame = (...messages: Payload[]): Uint8Array => {
  const body = concat(...messages);
  return concat([0], u24(body.length), body);
};
const pairs = (value: number): number[] => [...long(value), 0, 0, 0, 0];

export interface HeaderFields {
  readonly status?: number;
  readonly messageId?: number;
  readonly tree?: number;
  readonly session?: number;
  readonly response?: boolean;
  readonly flags?: number;
  /** Offset of the next message of a compound. */
  readonly next?: number;
}

export function smb2(command: number, body: Payload, fields: HeaderFields = {}): Uint8Array {
  const { status = 0, messageId = 0, tree = 0, session = 0, response = false, flags = 0, next = 0 } = fields;
  return concat(
    [0xfe],
    'SMB',
    word(64),
    word(0),
    long(status),
    word(command),
    word(1),
    long((response ? 1 : 0) | flags),
    long(next),
    pairs(messageId),
    long(0xfeff),
    long(tree),
    pairs(session),
    new Uint8Array(16),
    body,
  );
}

/** A compound: each message but the last is padded to 8 bytes. */
export function compound(...parts: readonly { command: number; body: Payload; fields?: HeaderFields }[]): Uint8Array {
  return concat(
    ...parts.map(({ command, body, fields }, index) => {
      if (index === parts.length - 1) return smb2(command, body, fields);
      const length = 64 + toBytes(body).length;
      const padded = Math.ceil(length / 8) * 8;
      return concat(smb2(command, body, { ...fields, next: padded }), new Uint8Array(padded - length));
    }),
  );
}

const GUID = Uint8Array.from({ length: 16 }, (_, index) => index + 1);
export const FILE_ID = Uint8Array.from({ length: 16 }, (_, index) => 0xa0 + index);
export const RELATED = new Uint8Array(16).fill(0xff);

export const negotiate2 = (...dialects: number[]): Uint8Array =>
  concat(
    word(36),
    word(dialects.length),
    word(1),
    word(0),
    long(0),
    GUID,
    pairs(0),
    ...dialects.map((one) => word(one)),
  );
export const negotiated2 = (dialect: number): Uint8Array =>
  concat(
    word(65),
    word(1),
    word(dialect),
    word(0),
    GUID,
    long(7),
    long(1_048_576),
    long(65_536),
    long(65_536),
    pairs(0),
    pairs(0),
    word(128),
    word(0),
    long(0),
  );

export function ntlmssp(user: string, domain: string, host: string, version = true): Uint8Array {
  const [d, u, h] = [wide(domain), wide(user), wide(host)];
  const head = 72;
  const describe = (bytes: Uint8Array, at: number): number[] => [
    ...word(bytes.length),
    ...word(bytes.length),
    ...long(at),
  ];
  return concat(
    'NTLMSSP\0',
    long(3),
    describe(new Uint8Array(0), head),
    describe(new Uint8Array(0), head),
    describe(d, head),
    describe(u, head + d.length),
    describe(h, head + d.length + u.length),
    describe(new Uint8Array(0), head),
    long(version ? 0x02000001 : 1),
    [10, 0],
    word(19041),
    [0, 0, 0, 15],
    d,
    u,
    h,
  );
}

/** As SPNEGO wraps it in an answer (negTokenResp). */
export const spnego = (token: Uint8Array): Uint8Array => {
  const der = (tag: number, body: Uint8Array): Uint8Array =>
    concat([tag, 0x82, body.length >>> 8, body.length & 255], body);
  return der(0xa1, der(0x30, der(0xa2, der(4, token))));
};

/** A ticket for a service, as SPNEGO wraps it in a question (negTokenInit). */
export function kerberos(realm: string, ...names: string[]): Uint8Array {
  const der = (tag: number, ...parts: Payload[]): Uint8Array => {
    const body = concat(...parts);
    return concat([tag, 0x82, body.length >>> 8, body.length & 255], body);
  };
  const text = (value: string): Uint8Array => der(0x1b, value);
  const encrypted = der(0x30, der(0xa0, [2, 1, 18]), der(0xa2, der(4, 'cipher')));
  const name = der(0x30, der(0xa0, [2, 1, 2]), der(0xa1, der(0x30, ...names.map(text))));
  const ticket = der(
    0x61,
    der(0x30, der(0xa0, [2, 1, 5]), der(0xa1, text(realm)), der(0xa2, name), der(0xa3, encrypted)),
  );
  const head = concat(der(0xa0, [2, 1, 5]), der(0xa1, [2, 1, 14]), der(0xa2, [3, 5, 0, 0x20, 0, 0, 0]));
  const request = der(0x6e, der(0x30, head, der(0xa3, ticket), der(0xa4, encrypted)));
  const mechanism = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2];
  const token = der(0x60, mechanism, [1, 0], request);
  const init = der(0xa0, der(0x30, der(0xa0, der(0x30, mechanism)), der(0xa2, der(4, token))));
  return der(0x60, [6, 6, 0x2b, 6, 1, 5, 5, 2], init);
}

export const session2 = (blob: Uint8Array): Uint8Array =>
  concat(word(25), [0, 1], long(1), long(0), word(64 + 24), word(blob.length), pairs(0), blob);
export const sessioned2 = concat(word(9), word(0), word(72), word(0));
export const tree2 = (path: string): Uint8Array =>
  concat(word(9), word(0), word(72), word(2 * path.length), wide(path));
export const treed2 = (type: number): Uint8Array => concat(word(16), [type, 0], long(0), long(0), long(0x1f01ff));

export interface CreateFields {
  readonly disposition?: number;
  readonly options?: number;
}
export const create2 = (name: string, { disposition = 1, options = 0x40 }: CreateFields = {}): Uint8Array =>
  concat(
    word(57),
    [0, 0],
    long(2),
    pairs(0),
    pairs(0),
    long(0x12019f),
    long(0),
    long(3),
    long(disposition),
    long(options),
    word(120),
    word(2 * name.length),
    long(0),
    long(0),
    name === '' ? [0, 0] : wide(name),
  );
const TIME = [...long(0x3ec41a00), ...long(0x01d4d0d5)];
export const created2 = (id: Uint8Array = FILE_ID, size = 4096): Uint8Array =>
  concat(
    word(89),
    [0, 0],
    long(1),
    TIME,
    TIME,
    TIME,
    TIME,
    pairs(size),
    pairs(size),
    long(0x20),
    long(0),
    id,
    long(0),
    long(0),
  );
export const write2 = (data: Payload, id: Uint8Array = FILE_ID, offset = 0): Uint8Array =>
  concat(
    word(49),
    word(112),
    long(toBytes(data).length),
    pairs(offset),
    id,
    long(0),
    long(0),
    word(0),
    word(0),
    long(0),
    data,
  );
export const written2 = (count: number): Uint8Array =>
  concat(word(17), word(0), long(count), long(0), word(0), word(0));
export const read2 = (length: number, id: Uint8Array = FILE_ID, offset = 0): Uint8Array =>
  concat(word(49), [80, 0], long(length), pairs(offset), id, long(0), long(0), long(0), word(0), word(0), [0]);
export const readAnswer2 = (data: Payload): Uint8Array =>
  concat(word(17), [80, 0], long(toBytes(data).length), long(0), long(0), data);
export const transceive2 = (data: Payload, id: Uint8Array = FILE_ID): Uint8Array =>
  concat(
    word(57),
    word(0),
    long(0x0011c017),
    id,
    long(120),
    long(toBytes(data).length),
    long(0),
    long(0),
    long(0),
    long(4280),
    long(1),
    long(0),
    data,
  );
export const transceived2 = (data: Payload, id: Uint8Array = FILE_ID): Uint8Array =>
  concat(
    word(49),
    word(0),
    long(0x0011c017),
    id,
    long(112),
    long(0),
    long(112),
    long(toBytes(data).length),
    long(0),
    long(0),
    data,
  );
export const close2 = (id: Uint8Array = FILE_ID): Uint8Array => concat(word(24), word(0), long(0), id);
export const closed2 = concat(word(60), new Uint8Array(58));

// ------------------------------------------------------------------------------------------------------- SMB 1

export function smb1(
  command: number,
  body: Payload,
  fields: HeaderFields & { readonly unicode?: boolean } = {},
): Uint8Array {
  const { status = 0, messageId = 1, tree = 0, session = 0, response = false, unicode = true } = fields;
  return concat(
    [0xff],
    'SMB',
    [command],
    long(status),
    [response ? 0x98 : 0x18],
    word(unicode ? 0xc801 : 0x4801),
    new Uint8Array(12),
    word(tree),
    word(0xfeff),
    word(session),
    word(messageId),
    body,
  );
}

const SMB1_HEADER = 32;

/** Words and bytes of a command. */
export const command1 = (words: Payload, bytes: Payload): Uint8Array =>
  concat([toBytes(words).length / 2], words, word(toBytes(bytes).length), bytes);

/** Commands in one message, each chained to the one before it (MS-CIFS, 2.2.3.4), behind its bytes at an even place. */
export function chain1(
  first: Uint8Array,
  ...more: readonly (readonly [command: number, body: Uint8Array])[]
): Uint8Array {
  let chain: Uint8Array = first.slice();
  let last = 0;
  for (const [command, body] of more) {
    if (chain.length % 2 === 1) chain = concat(chain, [0]);
    chain.set([command, 0, ...word(SMB1_HEADER + chain.length)], last + 1);
    last = chain.length;
    chain = concat(chain, body);
  }
  return chain;
}

export const negotiate1 = (...dialects: string[]): Uint8Array =>
  command1([], dialects.map((one) => `\x02${one}\0`).join(''));
export const negotiated1 = (index: number): Uint8Array =>
  command1(concat(word(index), new Uint8Array(32)), concat(new Uint8Array(16)));
/** With extended security: the server has a GUID, and may offer what it can. */
export const negotiatedExtended1 = (index: number, guid: Uint8Array, offer: Payload = []): Uint8Array =>
  command1(
    concat(
      word(index),
      [3],
      word(50),
      word(1),
      long(16_644),
      long(65_536),
      long(0),
      long(0x8000_e3fd),
      new Uint8Array(11),
    ),
    concat(guid, offer),
  );
const NO_MORE = [0xff, 0, 0, 0];
export function session1(blob: Uint8Array): Uint8Array {
  const head = concat(NO_MORE, word(4356), word(10), word(0), long(0), word(blob.length), long(0), long(0xa00000d4));
  const pad = (32 + 1 + 24 + 2 + blob.length) % 2 === 1 ? [0] : [];
  return command1(head, concat(blob, pad, wide('Windows\0'), wide('LanMan\0')));
}
export const tree1 = (path: string, service: string): Uint8Array => {
  return command1(concat(NO_MORE, word(0), word(1)), concat([0], wide(`${path}\0`), `${service}\0`));
};
export const treed1 = (service: string): Uint8Array =>
  command1(concat(NO_MORE, word(1)), concat(`${service}\0`, wide('NTFS\0')));
export const create1 = (name: string): Uint8Array =>
  command1(
    concat(
      NO_MORE,
      [0],
      word(2 * name.length),
      long(0x16),
      long(0),
      long(0x12019f),
      long(0),
      long(0),
      long(0),
      long(3),
      long(1),
      long(0x40),
      long(2),
      [0],
    ),
    concat([0], wide(`${name}\0`)),
  );
export const created1 = (fid: number): Uint8Array =>
  command1(
    concat(
      NO_MORE,
      [0],
      word(fid),
      long(1),
      TIME,
      TIME,
      TIME,
      TIME,
      long(0x80),
      pairs(0),
      pairs(0),
      word(2),
      word(5),
      [0],
    ),
    [],
  );
/** `at`: place of the command in its message. */
export const write1 = (fid: number, data: Payload, at = SMB1_HEADER): Uint8Array =>
  command1(
    concat(
      NO_MORE,
      word(fid),
      long(0),
      long(0),
      word(8),
      word(0),
      word(0),
      word(toBytes(data).length),
      word(at + 1 + 28 + 2),
      long(0),
    ),
    data,
  );
export const written1 = (count: number): Uint8Array => command1(concat(NO_MORE, word(count), word(0), long(0)), []);
export const read1 = (fid: number): Uint8Array =>
  command1(concat(NO_MORE, word(fid), long(0), word(1024), word(1024), long(0), word(0), long(0)), []);
export const readAnswer1 = (data: Payload, at = SMB1_HEADER): Uint8Array =>
  command1(
    concat(NO_MORE, word(0), word(0), word(0), word(toBytes(data).length), word(at + 1 + 24 + 2), new Uint8Array(10)),
    data,
  );
export const transact1 = (fid: number, data: Payload): Uint8Array => {
  const name = wide('\\PIPE\\\0');
  const at = 32 + 1 + 32 + 2 + 1 + name.length;
  return command1(
    concat(
      word(0),
      word(toBytes(data).length),
      word(0),
      word(1024),
      [0, 0],
      word(0),
      long(0),
      word(0),
      word(0),
      word(at),
      word(toBytes(data).length),
      word(at),
      [2, 0],
      word(0x26),
      word(fid),
    ),
    concat([0], name, data),
  );
};
export const transacted1 = (data: Payload): Uint8Array =>
  command1(
    concat(
      word(0),
      word(toBytes(data).length),
      word(0),
      word(0),
      word(56),
      word(0),
      word(toBytes(data).length),
      word(56),
      word(0),
      [0, 0],
    ),
    concat([0], data),
  );
export const close1 = (fid: number): Uint8Array => command1(concat(word(fid), long(0xffffffff)), []);
