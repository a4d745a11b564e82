/** The rules that Suricata ships, of its own events for the most part, load where it is installed. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { builtIt } from '../support/built.js';
import { periscope } from '../support/sensor.js';
import { hasSuricata, PEERS } from '../support/suricata.js';

const RULES = join(PEERS, 'root/etc/suricata/rules');

interface Checked {
  readonly diagnostics: readonly { readonly severity: string; readonly message: string }[];
}

(hasSuricata ? builtIt : it.skip)('the rules that Suricata ships load without an error', async () => {
  const { stdout } = await periscope(['check', '--rules', RULES, '--json']);
  const { diagnostics } = JSON.parse(stdout) as Checked;
  expect(diagnostics.length).toBeGreaterThan(0);
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
});
