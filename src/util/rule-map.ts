/**
 * Something of each rule, by gid and sid. PERF: numbers as keys, as a text for each of 40 000 rules takes longer to
 * make and to look for, and room as long as the map is there.
 */
export class RuleMap<V> {
  private readonly ofGids = new Map<number, Map<number, V>>();

  get(gid: number, sid: number): V | undefined {
    return this.ofGids.get(gid)?.get(sid);
  }

  set(gid: number, sid: number, value: V): void {
    let ofGid = this.ofGids.get(gid);
    if (ofGid === undefined) this.ofGids.set(gid, (ofGid = new Map()));
    ofGid.set(sid, value);
  }
}
