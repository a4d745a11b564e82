/** Which settings of V8 are made: one that V8 does not know is told on stderr, whoever asks. */
import { expect, it, vi } from 'vitest';
import { compileLater } from '../../src/cli/compile-later.js';

const set = vi.hoisted(() => vi.fn<(flag: string) => void>());
vi.mock('node:v8', () => ({ setFlagsFromString: set }));

it.each([
  ['11.3.244.8-node.38', ['interrupt-budget', 'max-inlined-bytecode-size', 'max-inlined-bytecode-size-cumulative']],
  ['12.4.254.21-node.57', ['max-inlined-bytecode-size', 'max-inlined-bytecode-size-cumulative']],
  ['14.6.202.34-node.40', ['max-inlined-bytecode-size', 'max-inlined-bytecode-size-cumulative']],
])('of V8 %s those that it knows', (version, flags) => {
  set.mockClear();
  compileLater(version);
  expect(set.mock.calls.map(([flag]) => /^--(.*)=\d+$/.exec(flag)![1])).toEqual(flags);
});
