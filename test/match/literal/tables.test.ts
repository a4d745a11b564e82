import { describe, expect, it } from 'vitest';
import { KERNEL_WASM } from '../../../src/match/literal/generated/kernel-wasm.js';
import { chooseGramOffset, countGrams, gramAt } from '../../../src/match/literal/gram.js';
import { compileKernel } from '../../../src/match/literal/kernel-matcher.js';
import { compilePatternSet, patternSetInfo } from '../../../src/match/literal/tables.js';
import { pattern } from '../support.js';

describe('compilePatternSet', () => {
  const many = Array.from({ length: 5000 }, (_, n) =>
    pattern(`/path/${(n * 2654435761) % 99991}/index.php?id=${n}`, n % 2 === 0),
  );

  it('gives the same bytes for the same patterns', () => {
    const again = compilePatternSet(many.map((each) => ({ ...each, bytes: each.bytes.slice() })));
    expect(Buffer.compare(compilePatternSet(many), again)).toBe(0);
  });

  it('is small for few patterns and grows with them', () => {
    expect(compilePatternSet([]).length).toBeLessThanOrEqual(64);
    expect(compilePatternSet(many.slice(0, 10)).length).toBeLessThan(4096);
    expect(compilePatternSet(many).length).toBeLessThan(many.length * 80);
  });

  it('is a whole number of cache lines and tells its size', () => {
    for (const count of [0, 1, 3, 100]) {
      const tables = compilePatternSet(many.slice(0, count));
      expect(tables.length % 64).toBe(0);
      expect(patternSetInfo(tables)).toMatchObject({ patternCount: count, totalBytes: tables.length });
    }
    expect(patternSetInfo(compilePatternSet([pattern('abc'), pattern('abcdefgh')])).maxLength).toBe(8);
  });

  it('refuses empty and overlong patterns', () => {
    expect(() => compilePatternSet([pattern('')])).toThrow(RangeError);
    expect(() => compilePatternSet([pattern('a'), pattern('x'.repeat(65_536))])).toThrow(/pattern 1 is 65536 bytes/);
    expect(compilePatternSet([pattern('x'.repeat(65_535))]).length).toBeGreaterThan(65_535);
  });

  it('tells where no set is', () => {
    expect(() => patternSetInfo(new Uint8Array(128), 64)).toThrow(/no pattern set at offset 64/);
  });
});

describe('the choice of grams', () => {
  const choose = (text: string, others: string[] = []): string => {
    const { bytes } = pattern(text);
    const offset = chooseGramOffset(bytes, countGrams([text, ...others].map((each) => pattern(each))));
    return Buffer.from(bytes.subarray(offset, offset + 4)).toString('latin1');
  };

  it('passes over what other patterns contain', () => {
    expect(choose('User-Agent: Zq7', Array<string>(50).fill('User-Agent: '))).toMatch(/Z/);
  });

  it('takes equal bytes only where there is nothing else, and then the first', () => {
    expect(choose(`${'\0'.repeat(300)}ab`)).not.toBe('\0\0\0\0');
    expect(chooseGramOffset(pattern('\0'.repeat(9)).bytes, countGrams([]))).toBe(0);
  });

  it('folds case', () => {
    expect(gramAt(pattern('xABCd').bytes, 1)).toBe(gramAt(pattern('abcD').bytes, 0));
  });
});

describe('the kernel', () => {
  it('owns no memory: no data segments that an instance would write over the tables', () => {
    const sections: number[] = [];
    for (let at = 8; at < KERNEL_WASM.length;) {
      sections.push(KERNEL_WASM[at++]!);
      let size = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = KERNEL_WASM[at++]!;
        size |= (byte & 0x7f) << shift;
        if (byte < 0x80) break;
      }
      at += size;
    }
    const DATA = 11;
    const CODE = 10;
    expect(sections).toContain(CODE);
    expect(sections).not.toContain(DATA);
  });

  it('is left out on request', () => {
    expect(compileKernel('scalar')).toBeUndefined();
    expect(compileKernel('')).toBeDefined();
  });
});
