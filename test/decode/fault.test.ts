import { describe, expect, it } from 'vitest';
import { FAULT, FAULT_IS_MALFORMED, FAULTS } from '../../src/decode/fault.js';

describe('the table of faults', () => {
  it('has codes that are indexes, and none first', () => {
    expect(FAULTS[0].name).toBe('none');
    FAULTS.forEach(({ name, malformed }, code) => {
      expect(FAULT[name]).toBe(code);
      expect(FAULT_IS_MALFORMED[code]).toBe(malformed ? 1 : 0);
    });
  });

  it('has names that can be metric labels, once each, and a sentence for each', () => {
    expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
    for (const { name, doc } of FAULTS) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(doc).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('fits into a byte, as the fragment table stores it', () => {
    expect(FAULTS.length).toBeLessThanOrEqual(256);
  });
});
