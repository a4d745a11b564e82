import { describe, expect, it } from 'vitest';
import { renderMetricsPage, renderSettingsPage } from '../../src/cli/manual.js';
import { SETTINGS } from '../../src/config/settings.js';
import { DROP_REASONS } from '../../src/counters/names.js';

describe('the manual', () => {
  it('has every setting (vitest -u test/cli/manual.test.ts writes it)', async () => {
    const page = renderSettingsPage();
    for (const { key, env } of SETTINGS) expect(page).toContain(`| \`${key}\` | \`${env}\` |`);
    await expect(page).toMatchFileSnapshot('../../docs/settings.md');
  });

  it('has every metric and every reason for a drop', async () => {
    const page = renderMetricsPage();
    for (const { stage, reason } of DROP_REASONS) expect(page).toContain(`| \`${stage}\` | \`${reason}\` |`);
    await expect(page).toMatchFileSnapshot('../../docs/metrics.md');
  });
});
