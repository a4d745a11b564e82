/**
 * What is said of networks, by address: of those that an address lies in the narrowest counts. Lists are short, and
 * walked; nothing is allocated after construction.
 */
import ipaddr from 'ipaddr.js';

interface Network<Value> {
  readonly version: number;
  readonly words: readonly number[];
  readonly masks: readonly number[];
  readonly length: number;
  readonly value: Value;
}

export class NetworkTable<Value> {
  private readonly networks: readonly Network<Value>[];

  /** By network, `10.0.0.0/8` or `fd00::/8`, or address. Throws where one is neither. */
  constructor(values: Readonly<Record<string, Value>>) {
    this.networks = Object.entries(values)
      .map(([text, value]) => networkOf(text, value))
      .toSorted((a, b) => b.length - a.length);
  }

  get isEmpty(): boolean {
    return this.networks.length === 0;
  }

  /** Of the address in `words` at `at`, big-endian words of 32 bits: one for version 4, four for version 6. */
  find(words: ArrayLike<number>, at: number, version: number): Value | undefined {
    const { networks } = this;
    for (let i = 0; i < networks.length; i++) {
      const network = networks[i];
      if (network.version === version && holds(network, words, at)) return network.value;
    }
    return undefined;
  }
}

function holds({ words, masks }: Network<unknown>, address: ArrayLike<number>, at: number): boolean {
  for (let i = 0; i < words.length; i++) if (((address[at + i] ^ words[i]) & masks[i]) !== 0) return false;
  return true;
}

function networkOf<Value>(text: string, value: Value): Network<Value> {
  const [address, prefix] = text.includes('/') ? ipaddr.parseCIDR(text) : [ipaddr.parse(text), 128];
  const bytes = address.toByteArray();
  const length = Math.min(prefix, 8 * bytes.length);
  const view = new DataView(Uint8Array.from(bytes).buffer);
  const places = Array.from({ length: bytes.length / 4 }, (_, i) => 4 * i);
  return {
    version: bytes.length === 4 ? 4 : 6,
    words: places.map((at) => view.getUint32(at)),
    masks: places.map((at) => maskOf(length - 8 * at)),
    length,
    value,
  };
}

/** The first `bits` of a word. */
function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? 0xffff_ffff : (0xffff_ffff << (32 - bits)) >>> 0;
}
