/**
 * The engine of the build in the process of a test, on a socket of loopback or on captures, so that a test can look at
 * its sums at any time and end one of its shards from outside.
 */
import { expect } from 'vitest';
import { loadConfig } from '../../src/config/load-config.js';
import type { EngineEvents } from '../../src/engine/engine.js';
import { FileSink } from '../../src/output/file-sink.js';
import { builtUrl } from './built.js';
import { parseEvents, until, type EveEvent, type Folder } from './sensor.js';
import { sendAll } from './udp.js';

type EngineModule = typeof import('../../src/engine/engine.js');
const { Engine } = (await import(/* @vite-ignore */ builtUrl('engine/engine.js'))) as EngineModule;

type Loss = Parameters<NonNullable<EngineEvents['onShardLost']>>;
type Survived = Parameters<NonNullable<EngineEvents['onShardError']>>;

export class EngineBench {
  readonly losses: Loss[] = [];
  readonly errors: Survived[] = [];
  readonly sink: FileSink;
  readonly engine: InstanceType<EngineModule['Engine']>;
  ended: Promise<void> = Promise.resolve();
  private readonly folder: Folder;
  private readonly file: string;

  constructor(
    folder: Folder,
    rules: string,
    settings: Record<string, string | number> = {},
    captures?: readonly string[],
    shardHeapBytes?: number,
  ) {
    this.folder = folder;
    this.file = `eve-${Math.random()}.json`;
    const { config } = loadConfig({
      flags: {
        rules: [folder.write('test.rules', rules)],
        listen: '127.0.0.1:0',
        workers: 2,
        'ring.bytes': '4MiB',
        ...settings,
      },
    });
    this.sink = new FileSink({
      path: folder.at(this.file),
      mode: 'truncate',
      bufferBytes: 1 << 24,
      flushMilliseconds: 1,
    });
    this.engine = new Engine({
      config,
      captures,
      shardHeapBytes,
      sink: this.sink,
      events: {
        onShardLost: (...loss) => this.losses.push(loss),
        onShardError: (...error) => this.errors.push(error),
      },
    });
  }

  async start(rules?: Awaited<ReturnType<InstanceType<EngineModule['Engine']>['load']>>): Promise<this> {
    await this.engine.start(rules ?? (await this.engine.load()));
    this.ended = this.engine.run();
    // A test that fails closes the engine under it.
    this.ended.catch(() => undefined);
    return this;
  }

  send(datagrams: readonly Uint8Array[]): Promise<number> {
    return sendAll(this.engine.bound[0]!.port, datagrams);
  }

  /** Waits until so many packets have come and everything received is done. */
  settled(packets: number): Promise<boolean> {
    return until(`${packets} packets received and done`, () => {
      const { received, pending } = this.engine.balance();
      return received >= packets && pending === 0;
    });
  }

  expectBalance(): void {
    const { received, inspected, dropped, pending } = this.engine.balance();
    expect(inspected + dropped + pending).toBe(received);
  }

  async stop(): Promise<EveEvent[]> {
    this.engine.stop();
    await this.ended;
    await this.sink.close();
    await this.engine.close();
    return parseEvents(this.folder.read(this.file));
  }
}
