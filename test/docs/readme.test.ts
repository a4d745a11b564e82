/** What README.md shows comes out: its rule, its mistake, and what the commands under the rule find. */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { inRoot } from '../support/root.js';
import { Folder, periscope } from '../support/sensor.js';

const blocks = [...readFileSync(inRoot('README.md'), 'utf8').matchAll(/^```\n(.*?)^```$/gms)].map(
  ([, block]) => block!,
);
const block = (part: string): string => blocks.find((text) => text.includes(part))!;
const folder = new Folder();
afterAll(() => folder.remove());

describe('README.md', () => {
  it('shows a rule that loads, and finds something in the capture it names', async () => {
    const rules = folder.write('my.rules', block('Password file asked for'));
    const commands = block('main.js check')
      .split('\n')
      .filter((line) => / (check|read) /.test(line))
      .map((line) => line.replace(/#.*/, '').trim().split(/\s+/).slice(2));
    expect(commands.map(([name]) => name)).toEqual(['check', 'read']);
    const runs = await Promise.all(
      commands.map((args) =>
        periscope(
          args.map((word) => (word === 'my.rules' ? rules : word.startsWith('samples/') ? inRoot(word) : word)),
        ),
      ),
    );
    expect(runs.map(({ status }) => status)).toEqual([0, 0]);
    expect(runs[1]!.stdout).toContain('"signature_id":2000001');
  });

  it('shows a mistake as check shows it', async () => {
    const shown = block("unknown keyword 'contnet'");
    const rules = folder.write('mistake.rules', `${/\| (alert .*)/.exec(shown)![1]!}\n`);
    const { stdout, stderr, status } = await periscope(['check', '--rules', rules]);
    expect(status).toBe(1);
    expect((stdout + stderr).replaceAll(rules, 'my.rules')).toContain(shown);
  });
});
