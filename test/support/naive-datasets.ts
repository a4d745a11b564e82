/** The oracle of datasets: maps of text, one per set, and what each step of the rule at hand has come to. */
import type { DatarepMatch, Dataset, DatasetMatch } from '../../src/rule/buffer-match.js';

const LENGTHS = { string: undefined, md5: [16], sha1: [20], sha256: [32], ipv4: [4], ip: [4, 16] } as const;

export class NaiveDatasets {
  private readonly sets = new Map<string, Map<string, number>>();
  private readonly changes = new Map<DatasetMatch, boolean>();

  /** Another rule, or another packet. */
  begin(): void {
    this.changes.clear();
  }

  /** What is in a set, as text. */
  contents(set: Dataset): string[] {
    return [...this.of(set).keys()].sort();
  }

  passes(match: DatasetMatch | DatarepMatch, bytes: Uint8Array): boolean {
    if (bytes.length === 0) return false;
    const set = this.of(match.set);
    const key = Buffer.from(bytes).toString('latin1');
    const lengths: readonly number[] | undefined = LENGTHS[match.set.type];
    const fits = lengths === undefined || lengths.includes(bytes.length);
    const number = fits ? set.get(key) : undefined;
    if (match.kind === 'datarep')
      return (
        number !== undefined &&
        { '<': number < match.value, '>': number > match.value, '==': number === match.value }[match.operator]
      );
    if (match.operation === 'isset') return number !== undefined;
    if (match.operation === 'isnotset') return number === undefined;
    return fits && this.change(match, set, key);
  }

  private change(match: DatasetMatch, set: Map<string, number>, key: string): boolean {
    const before = this.changes.get(match);
    if (before !== undefined) return before;
    const passes = match.operation === 'set' ? !set.has(key) : set.delete(key);
    if (match.operation === 'set' && passes) set.set(key, 0);
    this.changes.set(match, passes);
    return passes;
  }

  private of({ name, type, entries }: Dataset): Map<string, number> {
    const key = `${type}:${name}`;
    const known = this.sets.get(key) ?? new Map<string, number>();
    if (!this.sets.has(key)) {
      for (let i = 0; i < entries.count; i++)
        known.set(
          Buffer.from(entries.bytes.subarray(i === 0 ? 0 : entries.ends[i - 1], entries.ends[i])).toString('latin1'),
          entries.values[i]!,
        );
      this.sets.set(key, known);
    }
    return known;
  }
}
