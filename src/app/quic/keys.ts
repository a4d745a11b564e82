/**
 * Keys of Initial packets (RFC 9001, 5; RFC 9369, 3.3): made of what the client chose as the server's connection id,
 * so that whoever sees that can open them. Stage: app. Called a few times a connection; allocates.
 */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';

const SECRET_BYTES = 32;
const KEY_BYTES = 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const SAMPLE_BYTES = 16;
/** Of the longest packet number: where the sample begins, from the number's first byte on. */
const SAMPLE_OFFSET = 4;

export const VERSION_1 = 0x00000001;
export const VERSION_2 = 0x6b3343cf;
const DRAFT_29 = 0xff00001d;

interface VersionKeys {
  readonly salt: Buffer;
  readonly label: string;
}

const VERSIONS: ReadonlyMap<number, VersionKeys> = new Map([
  [VERSION_1, { salt: Buffer.from('38762cf7f55934b34d179ae6a4c80cadccbb7f0a', 'hex'), label: 'quic' }],
  [VERSION_2, { salt: Buffer.from('0dede3def700a6db819381be6e269dcbf9bd2ed9', 'hex'), label: 'quicv2' }],
  [DRAFT_29, { salt: Buffer.from('afbfec289993d24c9e9786f19c6111e04390a899', 'hex'), label: 'quic' }],
]);

export const isKnownVersion = (version: number): boolean => VERSIONS.has(version);

/** HKDF-Expand-Label (RFC 8446, 7.1) of up to 32 bytes. */
function expand(secret: Buffer, label: string, length: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`, 'latin1');
  const info = Buffer.concat([Buffer.from([0, length, name.length]), name, Buffer.from([0, 1])]);
  return createHmac('sha256', secret).update(info).digest().subarray(0, length);
}

/** Those with which one side protects its packets. */
export class InitialKeys {
  readonly key: Buffer;
  readonly iv: Buffer;
  readonly headerKey: Buffer;

  /** `connectionId`: of the client's first packet. The version must be known. */
  constructor(version: number, connectionId: Uint8Array, side: 'client in' | 'server in') {
    const { salt, label } = VERSIONS.get(version)!;
    const initial = createHmac('sha256', salt).update(connectionId).digest();
    const secret = expand(initial, side, SECRET_BYTES);
    this.key = expand(secret, `${label} key`, KEY_BYTES);
    this.iv = expand(secret, `${label} iv`, IV_BYTES);
    this.headerKey = expand(secret, `${label} hp`, KEY_BYTES);
  }

  /**
   * Opens a copy of a packet, whose number begins at `numberAt`.
   * @returns its frames, or undefined where these keys do not fit.
   */
  open(packet: Buffer, numberAt: number): Buffer | undefined {
    if (packet.length < numberAt + SAMPLE_OFFSET + SAMPLE_BYTES) return undefined;
    const head = Buffer.from(packet.subarray(0, numberAt + SAMPLE_OFFSET));
    const mask = this.mask(packet.subarray(numberAt + SAMPLE_OFFSET, numberAt + SAMPLE_OFFSET + SAMPLE_BYTES));
    head[0]! ^= mask[0]! & 0x0f;
    const numberBytes = (head[0]! & 3) + 1;
    const nonce = Buffer.from(this.iv);
    for (let index = 0; index < numberBytes; index++) {
      head[numberAt + index]! ^= mask[1 + index]!;
      nonce[IV_BYTES - numberBytes + index]! ^= head[numberAt + index]!;
    }
    const body = packet.subarray(numberAt + numberBytes);
    if (body.length < TAG_BYTES) return undefined;
    const decipher = createDecipheriv('aes-128-gcm', this.key, nonce);
    decipher.setAAD(head.subarray(0, numberAt + numberBytes));
    decipher.setAuthTag(body.subarray(body.length - TAG_BYTES));
    try {
      const frames = decipher.update(body.subarray(0, body.length - TAG_BYTES));
      decipher.final();
      return frames;
    } catch {
      return undefined;
    }
  }

  private mask(sample: Buffer): Buffer {
    const cipher = createCipheriv('aes-128-ecb', this.headerKey, null);
    cipher.setAutoPadding(false);
    return cipher.update(sample);
  }
}
