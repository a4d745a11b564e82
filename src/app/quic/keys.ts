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
export const VERSION_Q050 = 0x51303530;

interface VersionKeys {
  readonly salt: Buffer;
  readonly label: string;
}

const keysOf = (salt: string, label = 'quic'): VersionKeys => ({ salt: Buffer.from(salt, 'hex'), label });
const RFC_9001 = keysOf('38762cf7f55934b34d179ae6a4c80cadccbb7f0a');
const FROM_DRAFT_29 = keysOf('afbfec289993d24c9e9786f19c6111e04390a899');
const FROM_DRAFT_23 = keysOf('c3eef712c72ebb5a11a7d2432bb46365bef9f502');
const RFC_9369 = keysOf('0dede3def700a6db819381be6e269dcbf9bd2ed9', 'quicv2');
const GOOGLE = keysOf('504574efd066fe2f9d945cfcdbd3a7f0d3b56b45');

/** Drafts: 0xff000000 and their number. */
const DRAFT = 0xff000000;
const DRAFTS: readonly (readonly [from: number, to: number, keys: VersionKeys])[] = [
  [23, 28, FROM_DRAFT_23],
  [29, 32, FROM_DRAFT_29],
  [33, 34, RFC_9001],
];
const FACEBOOK = 0xfaceb002;

const VERSIONS: ReadonlyMap<number, VersionKeys> = new Map([
  [VERSION_1, RFC_9001],
  [VERSION_2, RFC_9369],
  [VERSION_Q050, GOOGLE],
  [FACEBOOK, FROM_DRAFT_23],
  ...DRAFTS.flatMap(([from, to, keys]) =>
    Array.from({ length: to - from + 1 }, (_, index) => [DRAFT + from + index, keys] as const),
  ),
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
