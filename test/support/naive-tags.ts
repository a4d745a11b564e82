/**
 * The oracle of tags: what the documentation says of them, with plain objects and without caps. Told of every packet in
 * order and of the rules that match it, it says which rules have the packet recorded.
 */
import type { RuleProgram, Tag } from '../../src/rule/program.js';

/**
 * A packet as far as tags look at it. `flow` is undefined where it has none, and the hosts where it has no addresses.
 */
export interface TaggedScene {
  readonly seconds: number;
  readonly bytes: number;
  readonly flow?: string | undefined;
  readonly source?: string | undefined;
  readonly destination?: string | undefined;
}

interface Entry {
  readonly rule: RuleProgram;
  readonly tag: Tag;
  restarts: number;
  since: number;
  last: number;
  packets: number;
  bytes: number;
  isNew: boolean;
}

export class NaiveTags {
  private readonly entries = new Map<string, Entry[]>();

  /**
   * @returns gid:sid of the rules that have this packet recorded; session tags first, then those of source and
   * destination.
   */
  take(scene: TaggedScene, matching: readonly RuleProgram[]): string[] {
    for (const rule of matching) for (const tag of rule.tags ?? []) this.set(rule, tag, scene);
    const owners = new Set([ownerOf('session', scene), ownerOf('host_src', scene), ownerOf('host_dst', scene)]);
    return [...new Set([...owners].flatMap((owner) => (owner === undefined ? [] : this.recorded(owner, scene))))];
  }

  private set(rule: RuleProgram, tag: Tag, scene: TaggedScene): void {
    const owner = ownerOf(tag.scope, scene);
    if (owner === undefined) return;
    this.dropIdle(owner, scene);
    const list = this.entries.get(owner) ?? [];
    const fresh = { since: scene.seconds, last: scene.seconds, packets: 0, bytes: 0 };
    const known = list.find((entry) => entry.rule.gid === rule.gid && entry.rule.sid === rule.sid);
    if (known === undefined) list.push({ rule, tag, restarts: 0, isNew: true, ...fresh });
    else if (known.restarts < 9) Object.assign(known, fresh, { restarts: known.restarts + 1 });
    this.entries.set(owner, list);
  }

  private recorded(owner: string, scene: TaggedScene): string[] {
    this.dropIdle(owner, scene);
    const wanted: string[] = [];
    const kept = (this.entries.get(owner) ?? []).filter((entry) => {
      entry.packets += 1;
      entry.bytes += scene.bytes;
      entry.last = scene.seconds;
      if (entry.isNew) {
        entry.isNew = false;
        return true;
      }
      const { tag } = entry;
      if (tag.packets !== undefined && entry.packets > tag.packets) return false;
      if (tag.bytes !== undefined && entry.bytes > tag.bytes) return false;
      if (tag.seconds !== undefined && scene.seconds - entry.since > tag.seconds) return false;
      wanted.push(`${entry.rule.gid}:${entry.rule.sid}`);
      return true;
    });
    this.entries.set(owner, kept);
    return wanted;
  }

  /** A host that nobody hears of for ten minutes is forgotten, one with a limit of time when that is over. */
  private dropIdle(owner: string, { seconds }: TaggedScene): void {
    if (owner.startsWith('session')) return;
    const kept = (this.entries.get(owner) ?? []).filter(({ tag, since, last }) =>
      tag.seconds === undefined ? seconds - last <= 600 : seconds - since <= tag.seconds,
    );
    this.entries.set(owner, kept);
  }
}

function ownerOf(scope: Tag['scope'], { flow, source, destination }: TaggedScene): string | undefined {
  if (scope === 'session') return flow && `session ${flow}`;
  const host = scope === 'host_src' ? source : destination;
  return host && `host ${host}`;
}
