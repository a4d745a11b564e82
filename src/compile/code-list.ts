/**
 * Packed code (rule-block.ts, OP): operations one behind the other, some within others. Stage: load.
 */
import { WordList } from '../block/word-list.js';

export class CodeList extends WordList {
  /** Begins an operation; what this answers ends it. */
  begin(operation: number): number {
    const at = this.length;
    this.push(operation);
    this.push(0);
    return at;
  }

  /** All that was written since belongs to the operation that began at `at`. */
  end(at: number): void {
    this.set(at + 1, this.length - at);
  }
}
