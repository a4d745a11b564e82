/** Rules for protocols that the configuration has turned off say so. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { ApplicationSettings } from '../../src/app/application-settings.js';
import { silentProtocols } from '../../src/config/silent-protocols.js';
import { loadRules } from '../../src/load/load-rules.js';

const folder = mkdtempSync(join(tmpdir(), 'periscope-protocols-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'a.rules');
writeFileSync(
  file,
  [
    'alert tls any any -> any any (msg:"header"; flow:established; content:"a"; sid:1;)',
    'alert tls any any -> any any (msg:"buffer"; tls.sni; content:"a"; sid:2;)',
    'alert tcp any any -> any any (msg:"buffer alone"; tls.sni; content:"a"; sid:3;)',
    'alert http any any -> any any (msg:"other"; http.uri; content:"a"; sid:4;)',
  ].join('\n'),
);

const warned = (protocols: ApplicationSettings): (number | undefined)[] =>
  loadRules({ rules: [file], silent: silentProtocols({ protocols }), lint: false })
    .diagnostics.filter(({ message }) => message.includes('turned off in the settings'))
    .map(({ sid }) => sid);

it('warns of rules that have nothing to look at', () => {
  expect(warned({})).toEqual([]);
  expect(warned({ tls: { enabled: false } })).toEqual([1, 2, 3]);
  expect(warned({ tls: { enabled: 'detection-only' } })).toEqual([2, 3]);
  // HTTP/2 is HTTP, too.
  expect(warned({ http: { enabled: false } })).toEqual([]);
  expect(warned({ http: { enabled: false }, http2: { enabled: false } })).toEqual([4]);
});
