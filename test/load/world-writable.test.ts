/** Rule files that everybody may write to: refused, named, and never taken from the cache. */
import { chmodSync, symlinkSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { Folder, periscope } from '../support/sensor.js';

const folder = new Folder();
afterAll(() => folder.remove());
const rule = (sid: number): string => `alert udp any any -> any any (msg:"x"; content:"x"; sid:${sid};)\n`;

it('are refused, also through a link and although they were compiled before; the others load', async () => {
  const mine = folder.write('rules/mine.rules', rule(1));
  const anybodys = folder.write('anybodys.rules', rule(2));
  symlinkSync(anybodys, folder.at('rules/link.rules'));
  const check = async (...more: string[]): Promise<{ status: number | null; text: string }> => {
    const cache = ['--cache', folder.at('cache')];
    const { status, stdout, stderr } = await periscope(['check', '--rules', folder.at('rules'), ...cache, ...more]);
    return { status, text: stdout + stderr };
  };
  expect(await check()).toMatchObject({ status: 0, text: expect.stringContaining('2 rules loaded') as string });
  chmodSync(anybodys, 0o646);
  const refused = await check();
  expect(refused.status).toBe(1);
  expect(refused.text).toContain('[world-writable]');
  expect(refused.text).toContain(folder.at('rules/link.rules'));
  expect(refused.text).toContain('1 rule loaded');
  expect((await check('--set', 'allowWorldWritableRules=true')).status).toBe(0);
  // The group of the owner is not everybody.
  chmodSync(anybodys, 0o664);
  chmodSync(mine, 0o660);
  expect((await check()).status).toBe(0);
});
