import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, loadConfig, type ConfigSources } from '../../src/config/load-config.js';
import type { Config } from '../../src/config/schema.js';
import { environmentName, renderSettings, SETTINGS } from '../../src/config/settings.js';

const folder = mkdtempSync(join(tmpdir(), 'periscope-config-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
function yaml(text: string): string {
  const path = join(folder, `config-${files++}.yaml`);
  writeFileSync(path, text);
  return path;
}

const config = (sources: ConfigSources): Config => loadConfig(sources).config;
function problems(sources: ConfigSources): readonly string[] {
  try {
    loadConfig(sources);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('defaults', () => {
  it('are those of the design', () => {
    expect(config({})).toMatchObject({
      listen: ['0.0.0.0:4789'],
      geneve: { listen: [] },
      admin: '0.0.0.0:9789',
      sockets: 1,
      rules: [],
      checksums: 'ignore',
      eve: { file: '-', payload: false },
      stream: { midstream: true },
      flow: { vni: true, tcp: { newSeconds: 60, establishedSeconds: 600, closedSeconds: 60 } },
      ring: { bytes: 8 * 1024 * 1024 },
      metrics: { vniCap: 500, vniForgetSeconds: 21_600, topRules: 0, dearRules: 0 },
    });
    expect(config({}).workers).toBeGreaterThanOrEqual(1);
  });

  it('cannot be changed by anybody', () => {
    const loaded = config({}) as unknown as { listen: string[]; eve: { file: string } };
    expect(() => (loaded.eve.file = 'x')).toThrow(TypeError);
    expect(() => loaded.listen.push('x')).toThrow(TypeError);
  });
});

describe('ports of tunnels', () => {
  it('are lists, from wherever they come', () => {
    expect(config({}).decode).toEqual({ vxlanPorts: [4789, 8472], genevePorts: [6081] });
    expect(config({ file: yaml('decode:\n  vxlanPorts: [4789, 12345]\n  genevePorts: 7000\n') }).decode).toEqual({
      vxlanPorts: [4789, 12345],
      genevePorts: [7000],
    });
    expect(config({ file: yaml('decode: { genevePorts: [] }\n') }).decode.genevePorts).toEqual([]);
    expect(
      config({ env: { PERISCOPE_DECODE_VXLAN_PORTS: '1, 2' }, flags: { 'decode.genevePorts': '3' } }).decode,
    ).toEqual({ vxlanPorts: [1, 2], genevePorts: [3] });
  });

  it.each(['0', '65536', 'vxlan', '1-2', Array.from({ length: 17 }, (_, i) => i + 1).join(',')])(
    'are no %s',
    (value) => {
      expect(problems({ flags: { 'decode.vxlanPorts': value } })).toEqual([
        `decode.vxlanPorts (command line): ${value} is not allowed, expected a list of at most 16 ports from 1 to 65535`,
      ]);
    },
  );

  it('carry one tunnel each', () => {
    expect(problems({ flags: { 'decode.genevePorts': '6081,8472' } })).toEqual([
      'decode.genevePorts: 8472 is among decode.vxlanPorts, too; a port carries one of them',
    ]);
  });
});

describe('tenants', () => {
  const shop = 'shop: {vnis: [42, 43], vars: {HOME_NET: 10.1.0.0/16, WEB: 80}}';

  it('are mirror sessions with variables', () => {
    const { tenants } = config({ flags: { 'vni.tenants': `{${shop}, billing: {vnis: 44}}` } }).vni;
    expect(tenants).toEqual({
      shop: { vnis: [42, 43], vars: { HOME_NET: '10.1.0.0/16', WEB: '80' } },
      billing: { vnis: [44], vars: {} },
    });
  });

  it.each([
    ['{shop: {vnis: [42, 42]}}', '42 is there twice'],
    [`{${shop}, billing: {vnis: [43]}}`, '43 is there twice'],
    ['{shop: {vnis: []}}', 'shop.vnis:  is not allowed'],
    [`{${shop}, billing: {vnis: [1, 16777216]}}`, 'billing.vnis: 16777216 is not allowed'],
    ['{shop: {vars: {}}}', 'shop.vnis is missing'],
    ['{shop: {vnis: [1], variables: {}}}', 'there is no shop.variables'],
    [`{${Array.from({ length: 65 }, (_, i) => `t${i}: {vnis: [${i}]}`).join()}}`, '{.*} is not allowed'],
  ])('are refused as %s', (value, said) =>
    expect(problems({ flags: { 'vni.tenants': value } })).toEqual([
      expect.stringMatching(
        new RegExp(`^vni\\.tenants \\(command line\\): ${said}, expected at most 64 NAME: .* none of them twice$`),
      ),
    ]),
  );

  it('keep flows apart', () => {
    const flags = { 'vni.tenants': `{${shop}}` };
    expect(problems({ flags: { ...flags, 'flow.vni': 'false' } })).toEqual([
      'vni.tenants: needs flow.vni, as flows of several tenants would be one otherwise',
    ]);
    expect(problems({ flags: { ...flags, 'vni.groups': '{pair: [43, 44]}' } })).toEqual([
      'vni.groups: the sessions of pair share flows, and are not of one tenant',
    ]);
    expect(problems({ flags: { ...flags, 'vni.groups': '{pair: [42, 43], other: [1, 2]}' } })).toEqual([]);
  });
});

describe('protocols', () => {
  it('are a table of what is known of each', () => {
    const flags = {
      protocols: '{smb: {enabled: detection-only}, telnet: {enabled: no}, http: {ports: [80], requestBody: 1KiB}}',
    };
    expect(config({ flags }).protocols).toEqual({
      smb: { enabled: 'detection-only' },
      telnet: { enabled: false },
      http: { enabled: true, ports: [80], requestBody: 1024 },
    });
  });

  it.each([
    ['{smb: {}, htpp: {enabled: false}}', 'there is no htpp; did you mean http?'],
    ['{failed: {enabled: false}}', 'there is no failed'],
    ['{http: {enabled: maybe}}', 'http.enabled: maybe is not allowed'],
    ['{http: {port: 80}}', 'there is no http.port'],
    ['{http: {ports: [80, 0]}}', 'http.ports: 0 is not allowed'],
    ['{websocket: {ports: [80]}}', 'websocket.ports: 80 is not allowed'],
    ['{http: {transactions: 0}}', 'http.transactions: 0 is not allowed'],
    ['{http: {responseBody: 101KiB}}', 'http.responseBody: 101KiB is not allowed'],
    ['{dns: {requestBody: 1KiB}}', 'dns.requestBody: 1KiB is not allowed'],
    ['{http}', 'http is missing'],
    ['http', 'http is not allowed'],
  ])('are refused as %s', (value, said) =>
    expect(problems({ flags: { protocols: value } })).toEqual([
      expect.stringContaining(`protocols (command line): ${said}, expected NAME: {enabled: `),
    ]),
  );
});

describe('precedence', () => {
  const file = yaml('eve:\n  file: from-file\nworkers: 2\nflow:\n  cap: 10\n  tcp: { newSeconds: 1.5 }\n');

  it('is defaults, file, environment, flags', () => {
    expect(config({ file })).toMatchObject({
      workers: 2,
      eve: { file: 'from-file', payload: false },
      flow: { cap: 10, tcp: { newSeconds: 1.5, closedSeconds: 60 } },
    });
    expect(config({ file, env: { PERISCOPE_EVE_FILE: 'from-env', PERISCOPE_WORKERS: '3' } })).toMatchObject({
      workers: 3,
      eve: { file: 'from-env' },
    });
    expect(
      config({ file, env: { PERISCOPE_EVE_FILE: 'from-env', PERISCOPE_WORKERS: '3' }, flags: { 'eve.file': '-' } }),
    ).toMatchObject({ workers: 3, eve: { file: '-' } });
  });

  it('takes an empty variable as not set, and a key without value as not written', () => {
    expect(config({ file: yaml('workers:\neve:\n'), env: { PERISCOPE_CHECKSUMS: '' } })).toMatchObject({
      checksums: 'ignore',
    });
  });

  it('takes an empty file', () => {
    expect(config({ file: yaml('# nothing yet\n') }).checksums).toBe('ignore');
  });
});

describe('text values', () => {
  it.each<[string, unknown, unknown]>([
    ['stream.midstream', 'false', { stream: { midstream: false } }],
    ['stream.midstream', 'ON', { stream: { midstream: true } }],
    ['stream.policy', 'linux', { stream: { policy: 'linux' } }],
    ['defrag.policy', 'bsd-right', { defrag: { policy: 'bsd-right' } }],
    [
      'hostPolicies',
      '{10.0.0.0/8: windows, "fd00::1": last}',
      { hostPolicies: { '10.0.0.0/8': 'windows', 'fd00::1': 'last' } },
    ],
    ['workers', ' 4 ', { workers: 4 }],
    ['ring.bytes', '32 MiB', { ring: { bytes: 33_554_432 } }],
    ['ring.bytes', '2MB', { ring: { bytes: 2_000_000 } }],
    ['ring.bytes', 4_194_304, { ring: { bytes: 4_194_304 } }],
    ['rules', 'a.rules, b/', { rules: ['a.rules', 'b/'] }],
    ['rules', ['a,b.rules'], { rules: ['a,b.rules'] }],
    ['listen', '10.0.0.1:4789,[::]:4789', { listen: ['10.0.0.1:4789', '[::]:4789'] }],
    ['admin', 'off', { admin: 'off' }],
    ['vars', '{HOME_NET: "10.0.0.0/8", PORTS: 80}', { vars: { HOME_NET: '10.0.0.0/8', PORTS: '80' } }],
    ['vars.HOME_NET', '[10.0.0.0/8,192.168.0.0/16]', { vars: { HOME_NET: '[10.0.0.0/8,192.168.0.0/16]' } }],
    ['shutdown.drainSeconds', '0.5', { shutdown: { drainSeconds: 0.5 } }],
  ])('%s = %j', (key, value, expected) => {
    expect(config({ flags: { [key]: value } })).toMatchObject(expected as object);
    if (typeof value === 'string' && key !== 'vars.HOME_NET')
      expect(config({ env: { [environmentName(key)]: value } })).toMatchObject(expected as object);
  });

  it('adds single variables to those of the file', () => {
    const file = yaml('vars:\n  HOME_NET: 10.0.0.0/8\n  DNS: any\n');
    expect(config({ file, flags: { 'vars.HOME_NET': 'any', 'vars.X': '1' } }).vars).toEqual({
      HOME_NET: 'any',
      DNS: 'any',
      X: '1',
    });
  });
});

describe('problems', () => {
  it.each<[string, unknown, RegExp]>([
    ['workers', '0', /^workers \(command line\): 0 is not allowed, expected a whole number from 1 to 256$/],
    ['workers', '2.5', /2\.5 is not allowed/],
    ['workers', 'many', /^workers .*many is not allowed/],
    ['checksums', 'yes', /^checksums .*expected one of verify, ignore$/],
    ['listen', '0.0.0.0', /^listen .*expected a list of ADDRESS:PORT/],
    ['listen', '0.0.0.0:70000', /^listen .*70000 is not allowed/],
    ['admin', '::1:80', /^admin .*expected ADDRESS:PORT/],
    ['ring.bytes', '8 parsecs', /^ring\.bytes .*8 parsecs is not allowed, expected a size from 1MiB to 1 GiB/],
    ['stream.midstream', 'perhaps', /expected true or false$/],
    ['stream.policy', 'beos', /expected one of first, last, bsd/],
    ['hostPolicies', '{10.0.0.0/8: beos}', /NETWORK: POLICY pairs/],
    ['hostPolicies', '{example: linux}', /NETWORK: POLICY pairs/],
    [
      'eve.types',
      'alert flow',
      /: alert flow is not allowed \(did you mean alert,flow\? commas part them\), expected a list of/,
    ],
    ['eve.types', 'alert;HTTP', /\(did you mean alert,http\? commas part them\)/],
    ['eve.types', 'alert, flows', /: alert, flows is not allowed \(there is no flows; did you mean flow\?\), expected/],
    ['eve.types', ['Alert'], /\(there is no Alert; did you mean alert\?\)/],
    ['eve.types', 'everything', /\(there is no everything\)/],
    ['eve.types', 5, /: 5 is not allowed, expected a list of/],
    ['eve', 'file.json', /^eve .*group of settings/],
    ['eve.fiel', 'x', /^eve\.fiel .*no such setting; did you mean eve\.file\?$/],
    ['zzz', 'x', /^zzz .*no such setting$/],
    ['vars', 'nonsense', /^vars .*NAME: VALUE pairs/],
    ['vni.groups', [[100, 101]], /: \[\[100,101\]\] is not allowed/],
    ['vni.tenants', [{ vnis: [200] }], /: \[\{"vnis":\[200\]\}\] is not allowed/],
    ['rules', 5, /^rules .*5 is not allowed, expected a list of paths/],
  ])('%s = %j', (key, value, message) => {
    expect(problems({ flags: { [key]: value } })).toEqual([expect.stringMatching(message)]);
  });

  it('are all shown at once, with where each comes from', () => {
    const file = yaml('worker: 2\nring:\n  bytes: 1\n  sise: 3\n');
    expect(problems({ file, env: { PERISCOPE_SOCKETS: 'x' } })).toEqual([
      `worker (${file}:1): there is no such setting; did you mean workers?`,
      expect.stringContaining(`ring.sise (${file}:4): there is no such setting`),
      expect.stringMatching(/^sockets \(PERISCOPE_SOCKETS\): x is not allowed/),
      expect.stringContaining(`ring.bytes (${file}:3): 1 is not allowed`),
    ]);
  });

  it('name the flag, where it is known', () => {
    expect(problems({ flags: { workers: '0' }, flagNames: { workers: '--workers' } })).toEqual([
      expect.stringMatching(/^workers \(--workers\): 0 is not allowed/),
    ]);
  });

  it('name line and column of what is not YAML', () => {
    expect(problems({ file: yaml('eve:\n  file: [a\n') })[0]).toMatch(/\.yaml:\d+:\d+: /);
    expect(problems({ file: yaml('- a\n- b\n') })).toEqual([
      expect.stringContaining('expected a mapping of settings, found a,b'),
    ]);
  });

  it('know text in UTF-16', () => {
    const file = join(folder, 'utf16.yaml');
    writeFileSync(file, Buffer.from('\ufeffworkers: 1\n', 'utf16le'));
    expect(problems({ file })).toEqual([
      `cannot read the configuration file ${file}: it is text in UTF-16: save it as UTF-8`,
    ]);
  });

  it('name a file that is not there', () => {
    expect(problems({ file: join(folder, 'none.yaml') })).toEqual([
      expect.stringMatching(/cannot read the configuration file .*none\.yaml: no such file or directory$/),
    ]);
  });
});

describe('environment', () => {
  it('warns of variables of our prefix that are no setting, but not of those that Kubernetes makes', () => {
    const env = {
      PERISCOPE_EVE_FIEL: 'x',
      PERISCOPE_SERVICE_HOST: '10.0.0.1',
      PERISCOPE_PORT: 'tcp://10.0.0.1:9789',
      PERISCOPE_PORT_4789_UDP: 'udp://…',
      PATH: '/bin',
    };
    expect(loadConfig({ env }).warnings).toEqual([
      'PERISCOPE_EVE_FIEL is no setting; did you mean PERISCOPE_EVE_FILE?',
    ]);
  });

  it('has one variable for every setting', () => {
    expect(environmentName('receiveBufferBytes')).toBe('PERISCOPE_RECEIVE_BUFFER_BYTES');
    expect(environmentName('eve.communityId')).toBe('PERISCOPE_EVE_COMMUNITY_ID');
    expect(new Set(SETTINGS.map(({ env }) => env)).size).toBe(SETTINGS.length);
  });
});

describe('documentation', () => {
  it('has a row with meaning for every setting, and defaults that are read back as they are', () => {
    const table = renderSettings();
    for (const { key, env, doc } of SETTINGS) {
      expect(doc).toMatch(/\.$/);
      expect(table).toContain(`| \`${key}\` | \`${env}\` |`);
    }
    expect(table).toContain('`processors - 1, at least 1`');
    const readable = SETTINGS.filter((setting) => setting.key !== 'workers' && setting.default !== '');
    expect(config({ flags: Object.fromEntries(readable.map((setting) => [setting.key, setting.default])) })).toEqual(
      config({}),
    );
  });
});

describe('origins', () => {
  it('say where each setting was given, and each variable', () => {
    const file = yaml('workers: 2\neve:\n  file: a.json\nvars:\n  HOME_NET: 10.0.0.0/8\n  DNS: any\n');
    const { origins } = loadConfig({
      file,
      env: { PERISCOPE_CHECKSUMS: 'verify' },
      flags: { workers: '3', 'vars.HOME_NET': 'any' },
      flagNames: { workers: '--workers', 'vars.HOME_NET': '--var' },
    });
    expect(Object.fromEntries(origins)).toEqual({
      workers: '--workers',
      'eve.file': `${file}:3`,
      checksums: 'PERISCOPE_CHECKSUMS',
      vars: expect.any(String),
      'vars.HOME_NET': '--var',
      'vars.DNS': `${file}:6`,
    });
  });

  it('are those of the environment for variables that it sets together', () => {
    expect(loadConfig({ env: { PERISCOPE_VARS: '{A: "1", B: "2"}' } }).origins.get('vars.B')).toBe('PERISCOPE_VARS');
  });
});
