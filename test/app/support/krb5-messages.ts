/** Messages of Kerberos for tests. */
import { concat, u16, u32 } from '../../support/packet-builder.js';

const der = (tag: number, ...parts: Parameters<typeof concat>): Uint8Array => {
  const body = concat(...parts);
  const { length } = body;
  return concat([tag], length < 0x80 ? [length] : length < 256 ? [0x81, length] : concat([0x82], u16(length)), body);
};

const text = (value: string): Uint8Array => der(0x1b, value);
const name = (...parts: string[]): Uint8Array =>
  der(0x30, der(0xa0, [2, 1, 1]), der(0xa1, der(0x30, ...parts.map(text))));
const encrypted = (type: number): Uint8Array => der(0x30, der(0xa0, [2, 1, type]), der(0xa2, der(4, 'cipher')));
/** AS-REQ (10) or TGS-REQ (12). */
export const request = (type: number, client = 'alice', server = ['krbtgt', 'EXAMPLE.COM']): Uint8Array =>
  der(
    0x60 | type,
    der(
      0x30,
      der(0xa1, [2, 1, 5]),
      der(0xa2, [2, 1, type]),
      der(
        0xa4,
        der(
          0x30,
          der(0xa0, [3, 5, 0, 0x50, 0x80, 0, 0]),
          der(0xa1, name(client)),
          der(0xa2, text('EXAMPLE.COM')),
          der(0xa3, name(...server)),
        ),
      ),
    ),
  );
/** AS-REP (11) or TGS-REP (13); the encryption of the ticket and of the client's part. */
export const reply = (
  type: number,
  ticket: number,
  part: number,
  client = 'alice',
  server = ['cifs', 'server'],
): Uint8Array =>
  der(
    0x60 | type,
    der(
      0x30,
      der(0xa0, [2, 1, 5]),
      der(0xa1, [2, 1, type]),
      der(0xa3, text('EXAMPLE.COM')),
      der(0xa4, name(client)),
      der(
        0xa5,
        der(
          0x61,
          der(
            0x30,
            der(0xa0, [2, 1, 5]),
            der(0xa1, text('EXAMPLE.COM')),
            der(0xa2, name(...server)),
            der(0xa3, encrypted(ticket)),
          ),
        ),
      ),
      der(0xa6, encrypted(part)),
    ),
  );
export const error = (code: number, server = ['krbtgt', 'EXAMPLE.COM']): Uint8Array =>
  der(
    0x7e,
    der(
      0x30,
      der(0xa0, [2, 1, 5]),
      der(0xa1, [2, 1, 30]),
      der(0xa4, der(0x18, '20240101000000Z')),
      der(0xa5, [2, 1, 1]),
      der(0xa6, [2, 1, code]),
      der(0xa9, text('EXAMPLE.COM')),
      der(0xaa, name(...server)),
    ),
  );
/** As it goes over TCP. */
export const stream = (message: Uint8Array): Uint8Array => concat(u32(message.length), message);
