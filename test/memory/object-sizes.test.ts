/**
 * What connections and transactions are said to take of the heap (app/object-budget.ts) is what they take: measured in
 * a process of its own, of as many as come to no less than a megabyte. Objects of a shard's own, as scratch, come once.
 */
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { inRoot } from '../support/root.js';

const module = (path: string): string => JSON.stringify(pathToFileURL(inRoot(`build/${path}`)).href);

interface Size {
  readonly protocol: string;
  readonly what: string;
  readonly said: number;
  readonly taken: number;
}

const SCRIPT = `
  import { PROTOCOLS } from ${module('app/protocols.js')};
  import { USUAL_CONNECTION_BYTES } from ${module('app/protocol.js')};
  import { objectBudget, ObjectBudget } from ${module('app/object-budget.js')};
  import { Arena, PAGE_BYTES } from ${module('memory/arena.js')};
  const arena = new Arena(new ArrayBuffer(1000 * PAGE_BYTES), 4096, 900 * PAGE_BYTES, { keptBytes: 0 });
  const pools = [];
  ObjectBudget.prototype.register = (pool) => pools.push(pool);
  const used = () => {
    gc();
    gc();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const COUNT = 2000;
  function measure(make) {
    const all = new Array(COUNT);
    const before = used();
    for (let i = 0; i < COUNT; i++) all[i] = make();
    const bytes = (used() - before) / COUNT;
    return all.length === COUNT ? bytes : NaN;
  }
  // What V8 compiles meanwhile is on the heap, too.
  const taken = (make) => Math.min(measure(make), measure(make), measure(make));
  const sizes = [];
  for (const protocol of PROTOCOLS) {
    const { name, connectionBytes = USUAL_CONNECTION_BYTES } = protocol;
    pools.length = 0;
    protocol.open(arena);
    const own = [...pools];
    sizes.push({ protocol: name, what: 'connection', said: connectionBytes, taken: taken(() => protocol.open(arena)) });
    for (const pool of own) {
      const { name: what } = pool.make().constructor;
      sizes.push({ protocol: name, what, said: pool.bytes, taken: taken(pool.make) });
    }
  }
  console.log(JSON.stringify(sizes));
`;

describe('objects of applications', () => {
  const options = ['--expose-gc', '--input-type=module', '-e', SCRIPT];
  const sizes = JSON.parse(execFileSync(process.execPath, options, { encoding: 'utf8' })) as Size[];

  it.each(sizes)('take no more than is said: $protocol, $what', ({ said, taken }) => {
    expect(taken).toBeLessThanOrEqual(said);
  });

  it('are of all protocols that are parsed', () => {
    expect(new Set(sizes.map(({ protocol }) => protocol)).size).toBeGreaterThan(30);
    expect(sizes.filter(({ what }) => what !== 'connection').length).toBeGreaterThan(20);
  });
});
