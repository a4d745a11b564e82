/**
 * A datagram put together from fragments by the book: an array of bytes, and for each the fragment that it came with.
 * The oracle of the defragmenter: no maps, no bounds, and a policy that is asked byte by byte.
 */

export interface NaiveFragment {
  readonly offset: number;
  readonly data: Uint8Array;
  readonly more: boolean;
}
/** What a fragment did: it was kept, it was dropped alone, it ended its datagram, or it made it whole. */
export type NaiveOutcome = 'kept' | 'dropped' | 'discarded' | 'whole';

type Rule = (start: number, end: number, pieceStart: number, pieceEnd: number) => boolean;

/** Whether the new fragment [start, end) wins over what is left of an older one, by the published descriptions. */
export const NEW_WINS: Readonly<Record<string, Rule>> = {
  first: () => false,
  last: () => true,
  bsd: (start, _end, pieceStart) => pieceStart > start,
  'bsd-right': (start, _end, pieceStart) => pieceStart <= start,
  'old-linux': (start, _end, pieceStart) => pieceStart >= start,
  windows: (start, end, pieceStart, pieceEnd) => start < pieceStart && end > pieceEnd,
  solaris: (start, end, pieceStart, pieceEnd) => start < pieceStart && end >= pieceEnd,
};

export class NaiveDatagram {
  /** Of the datagram made whole last. */
  whole = Buffer.alloc(0);
  private bytes: number[] = [];
  private owners: (number | undefined)[] = [];
  private total = -1;
  private taken = 0;
  private readonly way: string;
  private readonly isIpv6: boolean;

  /** `way`: a key of NEW_WINS, `discard` or `linux`. */
  constructor(way: string, isIpv6: boolean) {
    this.way = way;
    this.isIpv6 = isIpv6;
  }

  take({ offset, data, more }: NaiveFragment): NaiveOutcome {
    const isLinux = this.way === 'linux';
    const even = isLinux && !this.isIpv6 && more ? data.subarray(0, data.length - (data.length % 8)) : data;
    if (more && even.length % 8 !== 0) return 'dropped';
    // Without data; a first one of IPv6 would lack its headers, and is dropped for that.
    if (even.length === 0) return isLinux && !(this.isIpv6 && offset === 0) ? this.forget() : 'dropped';
    const end = offset + even.length;
    const top = this.owners.length;
    const contradicts = this.total >= 0 ? end > this.total || (!more && end !== this.total) : !more && end < top;
    if (contradicts) return isLinux ? this.forget() : 'dropped';
    const places = Array.from(even, (_, i) => offset + i);
    if (places.some((at) => this.owners[at] !== undefined)) {
      if (isLinux && !more) this.total = end;
      const refused = this.refuse(places, even);
      if (refused !== undefined) return refused;
    }
    const before = [...this.owners];
    // A run of Linux goes on where the next fragment begins at its end, and nothing is behind it.
    const id = isLinux && offset > 0 && offset === top ? before[offset - 1]! : this.taken;
    places.forEach((at, i) => {
      if (before[at] !== undefined && !this.newWins(places, before, at)) return;
      this.bytes[at] = even[i]!;
      this.owners[at] = id;
    });
    this.taken++;
    if (!more) this.total = end;
    if (this.total < 0 || Array.from({ length: this.total }, (_, at) => this.owners[at]).includes(undefined))
      return 'kept';
    this.whole = Buffer.from(this.bytes.slice(0, this.total));
    this.forget();
    return 'whole';
  }

  /** What becomes of a fragment that overlaps others, where nothing of it is taken. */
  private refuse(places: readonly number[], data: Uint8Array): NaiveOutcome | undefined {
    const owner = this.owners[places[0]!];
    const liesInOne = owner !== undefined && places.every((at) => this.owners[at] === owner);
    const repeats = liesInOne && this.pieceOf(this.owners, places[0]!).length === places.length;
    const isSame = places.every((at, i) => this.bytes[at] === data[i]);
    if (this.way === 'linux') return liesInOne ? 'dropped' : this.forget();
    if (repeats && isSame) return 'dropped';
    if (this.way === 'discard') return this.forget();
    return places.some((at) => this.owners[at] === undefined || this.newWins(places, this.owners, at))
      ? undefined
      : 'dropped';
  }

  private newWins(places: readonly number[], owners: readonly (number | undefined)[], at: number): boolean {
    const piece = this.pieceOf(owners, at);
    return NEW_WINS[this.way]!(places[0]!, places.at(-1)! + 1, piece[0]!, piece.at(-1)! + 1);
  }

  /** Places of what is left, around `at`, of the fragment that it came with. */
  private pieceOf(owners: readonly (number | undefined)[], at: number): number[] {
    let start = at;
    while (start > 0 && owners[start - 1] === owners[at]) start--;
    let end = at;
    while (owners[end] === owners[at] && end < owners.length) end++;
    return Array.from({ length: end - start }, (_, i) => start + i);
  }

  private forget(): NaiveOutcome {
    this.bytes = [];
    this.owners = [];
    this.total = -1;
    return 'discarded';
  }
}
