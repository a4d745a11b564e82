/** Which trees of a connection are those of pipes. Stage: app. At most MOST_TREES; beyond, the oldest is forgotten. */
const MOST_TREES = 64;

export class TreeTable {
  private readonly ids: number[] = [];
  private readonly pipes: number[] = [];
  private next = 0;

  add(id: number, isPipe: boolean): void {
    let place = this.ids.indexOf(id);
    if (place < 0) {
      place = this.next;
      this.next = (place + 1) % MOST_TREES;
    }
    this.ids[place] = id;
    this.pipes[place] = Number(isPipe);
  }

  isPipe(id: number): boolean {
    const place = this.ids.indexOf(id);
    return place >= 0 && this.pipes[place] === 1;
  }

  clear(): void {
    this.ids.length = 0;
    this.next = 0;
  }
}
