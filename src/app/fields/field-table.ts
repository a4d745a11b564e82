/**
 * The fields that a protocol keeps of a message: those that rules look at, which are buffers, and those that events
 * alone tell. Stage: app. Numbers are places in the list.
 */
import type { BufferSpec } from '../buffer-spec.js';
import { BUFFERS } from '../buffers.js';

export class FieldTable<Name extends string = string> {
  private readonly names: readonly string[];
  /** By number of a buffer: its field, or -1. */
  private readonly ofBuffer: Int16Array;

  constructor(buffers: readonly BufferSpec[], more: readonly Name[] = []) {
    this.names = [...buffers.map(({ name }) => name), ...more];
    this.ofBuffer = Int16Array.from(BUFFERS, (name) => this.names.indexOf(name));
  }

  /** The number of a field whose name is right. */
  of(name: string): number {
    const field = this.names.indexOf(name);
    if (field < 0) throw new Error(`there is no field ${name}`);
    return field;
  }

  buffer(number: number): number {
    return this.ofBuffer[number];
  }
}
