/**
 * Lets so many things pass in each second of packet time, and counts the others.
 *
 * Seconds are told apart by the time of the thing alone, not by what came before, so that the first of a second pass in
 * whichever of several places the limit is applied: what a shard lets pass holds all that the same limit lets pass
 * behind the merge of all shards. Time may jump back and forth, within a minute; a second from further away takes the
 * place of another. Allocates nothing after construction.
 */
const SECONDS = 64;

export class SecondLimit {
  withheld = 0;
  private readonly limit: number;
  private readonly seconds = new Float64Array(SECONDS).fill(-1);
  private readonly counts = new Uint32Array(SECONDS);

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Whether one more passes at this time. */
  passes(timeUs: number): boolean {
    const second = Math.max(0, Math.floor(timeUs / 1e6));
    const place = second % SECONDS;
    if (this.seconds[place] !== second) {
      this.seconds[place] = second;
      this.counts[place] = 0;
    }
    if (this.counts[place] < this.limit) {
      this.counts[place]++;
      return true;
    }
    this.withheld++;
    return false;
  }
}
