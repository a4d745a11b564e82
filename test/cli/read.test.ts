/** `read` as its user sees it: exit statuses, messages, figures, event files. Spawns the built command. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { ethernet, ipv4, udp } from '../support/packet-builder.js';
import { pcapFile } from '../support/pcap-writer.js';
import { Folder, MAIN, parseEvents, periscope } from '../support/sensor.js';

const folder = new Folder();
afterAll(() => folder.remove());

const RULE = 'alert udp any any -> any any (msg:"seen"; content:"needle"; sid:1;)\n';
const rules = folder.write('good.rules', RULE);
const broken = folder.write(
  'broken.rules',
  `${RULE}alert udp any any -> any any (contnt:"x"; sid:2;)\nalert http any any -> any any (sid:3;)\n`,
);
const frame = ethernet({}, ipv4({}, udp({}, 'a needle')));
const fiveFrames = Array.from({ length: 5 }, (_, i) => ({ bytes: frame, timeNs: BigInt(i) * 1_000_000_000n }));
const capture = folder.write('good.pcap', pcapFile(fiveFrames));
const cut = folder.write('cut.pcap', pcapFile(fiveFrames).slice(0, -10));
const text = folder.write('text.pcap', 'this is no capture, but text');
const empty = folder.write('empty.pcap', '');

const read = (...args: readonly string[]): ReturnType<typeof periscope> =>
  periscope(['read', ...args, '--workers', '1']);

describe.concurrent('the exit status of read', () => {
  it('is 0 when all went well, and nothing is said', async () => {
    const { status, stdout, stderr } = await read(capture, '--rules', rules);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(parseEvents(stdout)).toHaveLength(5);
  });

  it('is 1 for damaged captures among good ones: they are read up to the damage and named', async () => {
    const { status, stdout, stderr } = await read(
      text,
      cut,
      folder.at('absent.pcap'),
      empty,
      folder.path,
      capture,
      '--rules',
      rules,
    );
    expect(status).toBe(1);
    expect(parseEvents(stdout)).toHaveLength(9);
    expect(stderr.trim().split('\n')).toEqual([
      `periscope: ${text}: not a pcap or pcapng file`,
      expect.stringMatching(/cut\.pcap: cut within a frame \(at byte \d+\); the 4 packets before it were inspected$/),
      `periscope: ${folder.at('absent.pcap')}: there is no such file`,
      `periscope: ${empty}: the file is empty`,
      `periscope: ${folder.path}: it is a directory; name the captures in it, as in DIRECTORY/*.pcap`,
    ]);
  });

  it('is 3 when no capture could be read', async () => {
    const { status, stdout, stderr } = await read(text, empty, folder.at('absent.pcap'), '--rules', rules);
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr.match(/^periscope: /gm)).toHaveLength(3);
  });

  it('is 1 for a capture that ends in damage, and 0 for one without packets', async () => {
    expect((await read(cut, '--rules', rules)).status).toBe(1);
    const none = await read(folder.write('none.pcap', pcapFile([])), '--rules', rules);
    expect([none.status, none.stderr]).toEqual([0, '']);
  });

  it('is 3 when no packet could be inspected, and the link type is named; 1 when that is one capture of several', async () => {
    const radio = folder.write('radio.pcap', pcapFile(fiveFrames, { linkType: 195 }));
    const own = folder.write('own.pcap', pcapFile(fiveFrames.slice(0, 1), { linkType: 150 }));
    const alone = await read(radio, own, '--rules', rules);
    expect([alone.status, alone.stdout]).toEqual([3, '']);
    expect(alone.stderr.trim().split('\n')).toEqual([
      `periscope: ${radio}: 5 packets were passed over: link type 195 (IEEE 802.15.4) is not decoded`,
      `periscope: ${own}: 1 packet was passed over: link type 150 (for private use) is not decoded`,
    ]);
    const together = await read(radio, capture, '--rules', rules);
    expect([together.status, parseEvents(together.stdout).length]).toEqual([1, 5]);
  });

  it('is 3 when every packet is too short, and 0 when some are: they are counted by reason', async () => {
    const short = fiveFrames.map(({ timeNs }) => ({ bytes: frame.subarray(0, 13), timeNs }));
    const all = await read(folder.write('short.pcap', pcapFile(short)), '--rules', rules);
    const said = (count: number): string =>
      `periscope: ${count} packets were passed over, as nothing in them could be read: decode.ethernet_truncated_header ${count}\n`;
    expect([all.status, all.stderr]).toEqual([3, said(5)]);
    const some = await read(folder.write('some.pcap', pcapFile([...short, ...fiveFrames])), '--rules', rules);
    expect([some.status, some.stderr]).toEqual([0, said(5)]);
  });

  it.each([
    ['no capture', ['--rules', rules], "missing required argument 'capture'"],
    ['an unknown flag', [capture, '--frobnicate'], "unknown option '--frobnicate'"],
    ['an unknown setting', [capture, '--set', 'strem.midstream=true'], 'did you mean stream.midstream?'],
    ['a setting without value', [capture, '--set', 'checksums'], 'write --set KEY=VALUE'],
    [
      'a value that is not allowed',
      [capture, '--set', 'ring.bytes=tiny'],
      'tiny is not allowed, expected a size from 1MiB to 1 GiB',
    ],
    [
      'a configuration file that is not there',
      [capture, '--config', '/absent/periscope.yaml'],
      'cannot read the configuration file /absent/periscope.yaml: no such file or directory',
    ],
    ['a variable without value', [capture, '--var', 'HOME_NET'], 'for example --var HOME_NET=10.0.0.0/8'],
  ])('is 2 for %s', async (_, args, message) => {
    const { status, stdout, stderr } = await read(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  it('is 0 with a rule that fails, which is shown and left out, and 1 when --strict asks for it', async () => {
    const lenient = await read(capture, '--rules', broken);
    expect(lenient.status).toBe(0);
    expect(lenient.stderr).toContain(`${broken}:2:31: error: unknown keyword 'contnt' [unknown-keyword]`);
    expect(parseEvents(lenient.stdout)).toHaveLength(5);
    const strict = await read(capture, '--rules', broken, '--strict');
    expect(strict.status).toBe(1);
    expect(strict.stdout).toBe(lenient.stdout);
  });

  it('is 3 when the event file or the figures cannot be written', async () => {
    const events = await read(capture, '--rules', rules, '--eve', '/absent/eve.json');
    expect(events.status).toBe(3);
    expect(events.stderr).toBe(
      'periscope: cannot write events to /absent/eve.json: no such file or directory; the directory /absent must be there\n',
    );
    const stats = await read(capture, '--rules', rules, '--stats', '/absent/stats.json');
    expect(stats.status).toBe(3);
    expect(stats.stderr).toBe('periscope: cannot write /absent/stats.json: no such file or directory\n');
  });

  it('is 3 when no rule file could be read: nothing would be detected', async () => {
    const { status, stdout, stderr } = await read(capture, '--rules', '/absent/a.rules');
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).toContain('/absent/a.rules: error: cannot read the file: no such file or directory');
    expect(stderr).toContain('periscope: no rule file could be read, so nothing would be detected\n');
  });

  it.each(['--eve', '--stats', '--profile'])('is 2 when %s names a capture, which stays as it is', async (flag) => {
    const mine = folder.write('mine.pcap', readFileSync(capture));
    symlinkSync(mine, folder.at(`link${flag}`));
    const { status, stderr } = await read(capture, mine, '--rules', rules, flag, folder.at(`link${flag}`));
    expect([status, stderr]).toEqual([
      2,
      `periscope: ${folder.at(`link${flag}`)} would be written over the capture ${mine}: name another file\n`,
    ]);
    expect(readFileSync(mine)).toEqual(readFileSync(capture));
  });

  it.each([
    ['--stats', '', 'it is a directory'],
    ['--profile', 'absent/profile.json', 'no such file or directory'],
  ])('is 3 before events are written when %s cannot be written: %s', async (flag, name, reason) => {
    const eve = folder.write('before.json', 'what was there');
    const { status, stderr } = await read(capture, '--rules', rules, '--eve', eve, flag, folder.at(name));
    expect([status, stderr]).toEqual([3, `periscope: cannot write ${folder.at(name)}: ${reason}\n`]);
    expect(folder.read('before.json')).toBe('what was there');
  });

  it('is 3 when events are larger than their ring allows, and says which setting is too small', async () => {
    const metadata = Array.from({ length: 6 }, (_, n) => `metadata:key${n} ${'v'.repeat(8000)};`).join(' ');
    const large = folder.write(
      'large.rules',
      `alert udp any any -> any any (msg:"large"; content:"needle"; ${metadata} sid:1;)\n`,
    );
    const { status, stdout, stderr } = await read(capture, '--rules', large, '--set', 'candidates.bytes=65536');
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toBe(
      'periscope: 5 events are lost, as each is larger than half of candidates.bytes: raise that setting\n',
    );
    expect(parseEvents((await read(capture, '--rules', large)).stdout)).toHaveLength(5);
  });

  it.runIf(existsSync('/dev/full'))('is 3 when events are lost on a full disk, and says how many', async () => {
    const { status, stderr } = await read(capture, '--rules', rules, '--eve', '/dev/full');
    expect(status).toBe(3);
    expect(stderr).toMatch(/^periscope: 5 events could not be written to \/dev\/full: the disk is full\n$/);
  });

  it.runIf(existsSync('/dev/full'))('is 3 when several outputs lose events, and says of each why', async () => {
    const absent = `unix:${folder.at('absent.sock')}`;
    const { status, stderr } = await read(
      capture,
      '--rules',
      rules,
      '--eve',
      '/dev/full',
      '--set',
      `eve.outputs=${absent}`,
    );
    expect(status).toBe(3);
    expect(stderr.trim().split('\n')).toEqual([
      'periscope: 5 events could not be written to /dev/full: the disk is full',
      `periscope: 5 events could not be written to ${absent}: no such file or directory`,
    ]);
  });
});

describe.concurrent('rules that are not there', () => {
  it("are none of a capture's business: zero rules are allowed, and said", async () => {
    const { status, stdout, stderr } = await read(capture);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toBe(
      'periscope: no rules are given: packets are counted, nothing is detected; name rule files with --rules PATH\n',
    );
  });

  it('are reported when their file cannot be read; the other files go on', async () => {
    symlinkSync('/absent/target.rules', folder.at('dangling.rules'));
    const { status, stdout, stderr } = await read(capture, '--rules', folder.at('dangling.rules'), '--rules', rules);
    expect(status).toBe(0);
    expect(parseEvents(stdout)).toHaveLength(5);
    expect(stderr).toContain(`${folder.at('dangling.rules')}: error: cannot read the file: no such file or directory`);
  });
});

describe.concurrent('pipes with names', () => {
  const pipe = (name: string): string => {
    execFileSync('mkfifo', [folder.at(name)]);
    return folder.at(name);
  };

  it('are read once their writer comes, and what is waited for is said', async () => {
    const path = pipe('in.pipe');
    const child = spawn(process.execPath, [MAIN, 'read', path, '--rules', rules, '--workers', '1'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    const [said] = (await once(child.stderr, 'data')) as [Buffer];
    expect(said.toString()).toBe(`periscope: waiting for packets from the pipe ${path}\n`);
    writeFileSync(path, readFileSync(capture));
    const [status] = (await once(child, 'close')) as [number];
    expect([status, parseEvents(stdout).length]).toEqual([0, 5]);
  });

  it('are written once their reader comes', async () => {
    const path = pipe('out.pipe');
    const child = spawn(process.execPath, [MAIN, 'read', capture, '--rules', rules, '--workers', '1', '--eve', path], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [said] = (await once(child.stderr, 'data')) as [Buffer];
    expect(said.toString()).toBe(`periscope: waiting for a reader of the pipe ${path}\n`);
    const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'inherit'] });
    let events = '';
    reader.stdout.on('data', (chunk: Buffer) => (events += chunk.toString()));
    const [[status]] = (await Promise.all([once(child, 'close'), once(reader, 'close')])) as [[number], unknown];
    expect([status, parseEvents(events).length]).toEqual([0, 5]);
  });
});

describe.concurrent('what read writes', () => {
  it('is an event file that is begun anew', async () => {
    const path = folder.write('old.json', 'what an earlier run left behind\n'.repeat(1000));
    const { status, stdout } = await read(capture, '--rules', rules, '--eve', path);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(
      parseEvents(folder.read('old.json')).map(({ alert, pcap_filename }) => [alert.signature_id, pcap_filename]),
    ).toEqual(Array(5).fill([1, capture]));
  });

  it('are figures with these names, which add up', async () => {
    await read(capture, cut, text, '--rules', broken, '--stats', folder.at('stats.json'));
    const stats = JSON.parse(folder.read('stats.json')) as Record<string, number>;
    expect(Object.keys(stats)).toEqual([
      'captures',
      'packets',
      'bytes',
      'received',
      'inspected',
      'dropped',
      'alerts',
      'rules_loaded',
      'rules_waiting',
      'rules_failed',
      'load_seconds',
      'run_seconds',
      'cpu_seconds',
      'max_rss_bytes',
      'metrics',
    ]);
    expect(stats).toMatchObject({
      captures: 3,
      packets: 9,
      bytes: 9 * frame.length,
      received: 9,
      inspected: 9,
      dropped: {},
      alerts: 9,
      rules_loaded: 2,
      rules_waiting: 0,
      rules_failed: 1,
    });
    for (const name of ['load_seconds', 'run_seconds', 'cpu_seconds', 'max_rss_bytes'])
      expect(stats[name], name).toBeGreaterThan(0);
  });

  it('counts every frame that cannot be used under one reason', async () => {
    const lengths = Array.from({ length: frame.length + 1 }, (_, length) => ({ bytes: frame.slice(0, length) }));
    const path = folder.write('lengths.pcap', pcapFile(lengths));
    await read(path, '--rules', rules, '--stats', folder.at('lengths.json'));
    const { received, inspected, dropped } = JSON.parse(folder.read('lengths.json')) as {
      received: number;
      inspected: number;
      dropped: Record<string, number>;
    };
    expect(received).toBe(lengths.length);
    expect(Object.values(dropped).reduce((sum, n) => sum + n, inspected)).toBe(received);
    expect(dropped).toEqual({ 'decode.ethernet_truncated_header': 14, 'decode.ipv4_truncated_header': 20 });
  });

  it('may end before it is read: a closed pipe is no error, and no stack trace', async () => {
    const many = folder.write('many.pcap', pcapFile(Array.from({ length: 3000 }, () => ({ bytes: frame }))));
    const child = spawn(process.execPath, [MAIN, 'read', many, '--rules', rules], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdout.once('data', () => child.stdout.destroy());
    const [status] = (await once(child, 'close')) as [number];
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
