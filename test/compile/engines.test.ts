/** In which order the buffers of a rule of transactions are tried. */
import { describe, expect, it } from 'vitest';
import { trialOrder } from '../../src/compile/engines.js';
import type { BufferProgram, RuleProgram } from '../../src/rule/program.js';

const orderOf = (kind: RuleProgram['kind'], buffers: string[], variableCount = 0): string[] => {
  const programs = buffers.map((buffer): BufferProgram => ({ buffer, matches: [] }));
  return trialOrder({ kind, buffers: programs, variableCount }).map((index) => buffers[index]!);
};

describe('the order of buffers', () => {
  it('has the payload last, with what is decoded from it', () => {
    expect(orderOf('txPayload', ['payload', 'http.uri'])).toEqual(['http.uri', 'payload']);
    expect(orderOf('txPayload', ['payload', 'base64_data', 'http.uri', 'base64_data', 'http.host'])).toEqual([
      'http.uri',
      'base64_data',
      'http.host',
      'payload',
      'base64_data',
    ]);
  });

  it('is as written where numbers of one are used in another, and where the payload is all there is', () => {
    expect(orderOf('txPayload', ['payload', 'http.uri'], 1)).toEqual(['payload', 'http.uri']);
    expect(orderOf('stream', ['payload', 'base64_data'])).toEqual(['payload', 'base64_data']);
  });
});
