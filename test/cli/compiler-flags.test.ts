/** Which settings of V8 are made: one that V8 does not know is told on stderr, whoever asks. */
import { expect, it, vi } from 'vitest';
import { setCompilerFlags } from '../../src/cli/compiler-flags.js';

const set = vi.hoisted(() => vi.fn<(flag: string) => void>());
vi.mock('node:v8', () => ({ setFlagsFromString: set }));

const NODE_20 = '11.3.244.8-node.38';
const INLINING = ['max-inlined-bytecode-size', 'max-inlined-bytecode-size-cumulative'];

it.each([
  [NODE_20, 2, ['no-turbo-loop-peeling', ...INLINING]],
  [NODE_20, 1, ['no-turbo-loop-peeling', 'no-concurrent-recompilation', ...INLINING]],
  [NODE_20, 0.5, ['no-turbo-loop-peeling', 'no-concurrent-recompilation', ...INLINING]],
  ['12.4.254.21-node.57', 1, INLINING],
  ['14.6.202.34-node.40', 2, INLINING],
])('of V8 %s those that it knows, with %s processors', (version, processors, flags) => {
  set.mockClear();
  setCompilerFlags(version, processors);
  expect(set.mock.calls.map(([flag]) => /^--([^=]*)(=\d+)?$/.exec(flag)![1])).toEqual(flags);
});
