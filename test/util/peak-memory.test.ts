import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { peakResidentBytes } from '../../src/util/peak-memory.js';

const BUILT = new URL('../../build/util/peak-memory.js', import.meta.url);

describe('the most memory that was resident', () => {
  it('rises with what is used, and does not fall again', () => {
    const before = process.memoryUsage.rss();
    let block: Buffer | undefined = Buffer.alloc(64 << 20, 1);
    const during = peakResidentBytes();
    expect(block[block.length - 1]).toBe(1);
    block = undefined;
    expect(during).toBeGreaterThan(before + (48 << 20));
    expect(peakResidentBytes()).toBeGreaterThanOrEqual(during);
  });

  if (!existsSync(BUILT)) console.warn('build/ is not there: what a parent had is not tested');
  it.runIf(existsSync(BUILT) && process.platform === 'linux')(
    'is not that of the process that started this one',
    () => {
      const block = Buffer.alloc(256 << 20, 1);
      const script = `import(${JSON.stringify(BUILT.href)}).then(({ peakResidentBytes }) => process.stdout.write(String(peakResidentBytes())))`;
      const { stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
      expect(Number(stdout)).toBeGreaterThan(8 << 20);
      expect(Number(stdout)).toBeLessThan(block.length);
    },
  );
});
