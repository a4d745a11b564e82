/** app-layer-protocol: names, modes, and what its rule waits for. */
import { describe, expect, it } from 'vitest';
import { APPLICATIONS_ARE_TOLD } from '../../../src/app/applications.js';
import { compileOptions, programOf, reparse } from '../../support/rule-options.js';

const waiting = (...names: string[]): readonly string[] => (APPLICATIONS_ARE_TOLD ? [] : names);

describe('app-layer-protocol', () => {
  it.each([
    ['http', { applications: ['http', 'http2'], side: 'own', negated: false }, waiting('http')],
    ['http1', { applications: ['http'], side: 'own', negated: false }, waiting('http')],
    ['http,exact', { applications: ['http'], side: 'own', negated: false }, waiting('http')],
    ['!tls', { applications: ['tls'], side: 'own', negated: true }, waiting('tls')],
    ['!tls,final', { applications: ['tls'], side: 'final', negated: true }, waiting('tls')],
    ['smtp,original', { applications: ['smtp'], side: 'original', negated: false }, waiting('smtp')],
    ['ssh|tls,either', { applications: ['ssh', 'tls'], side: 'either', negated: false }, waiting('ssh')],
    ['dcerpc,to_server', { applications: ['dcerpc', 'smb'], side: 'to_server', negated: false }, waiting('dcerpc')],
    ['ssl,toclient', { applications: ['tls'], side: 'to_client', negated: false }, waiting('tls')],
    ['failed', { applications: ['failed'], side: 'own', negated: false }, waiting('app-layer')],
    ['!unknown', { applications: ['unknown'], side: 'own', negated: true }, waiting('app-layer')],
    ['ftp-data', { applications: ['ftp-data'], side: 'own', negated: false }, []],
  ] as const)('%s', (text, test, waitsFor) => {
    const { flowTests, waitingFor } = programOf(`app-layer-protocol:${text};`);
    expect(flowTests).toEqual([{ kind: 'application', ...test }]);
    expect(waitingFor).toEqual(waitsFor);
    const { first, second } = reparse(`app-layer-protocol:${text}`);
    expect(second).toEqual(first);
  });

  it('waits for what is not told apart', () => {
    const { flowTests, waitingFor } = programOf('app-layer-protocol:irc;');
    expect([flowTests, waitingFor]).toEqual([[], ['irc']]);
  });

  it.each(['', 'htpp', 'http,sometimes', 'http||tls', '!'])('refuses "%s"', (text) => {
    const { program, diagnostics } = compileOptions(`app-layer-protocol:${text};`);
    expect([program, diagnostics.some(({ severity }) => severity === 'error')]).toEqual([undefined, true]);
  });
});
