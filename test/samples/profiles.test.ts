/**
 * The seccomp profile: what it leaves out, that the samples name it, and a sensor under it that does all it can do. The
 * filter is made of the profile as a container runtime makes it (test/support/seccomp.mjs).
 */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { builtIt } from '../support/built.js';
import { ethernet, ipv4, udp, vxlan } from '../support/packet-builder.js';
import { inRoot } from '../support/root.js';
import { Folder, Sensor } from '../support/sensor.js';

const PROFILE = 'samples/deploy/profiles/seccomp.json';
const { defaultAction, syscalls } = JSON.parse(readFileSync(inRoot(PROFILE), 'utf8')) as {
  readonly defaultAction: string;
  readonly syscalls: readonly { readonly names: readonly string[]; readonly action: string }[];
};
const canFilter = process.platform === 'linux' && process.arch === 'x64';
if (!canFilter) console.warn('SKIPPED: no sensor runs under the seccomp profile here: that needs Linux on x86-64');

const folder = new Folder();
let sensor: Sensor | undefined;
afterEach(async () => {
  await sensor?.stop('SIGKILL');
  folder.remove();
});

describe(PROFILE, () => {
  it('refuses what it does not name, and names nothing that reaches beyond the process', () => {
    const allowed = syscalls.flatMap(({ names, action }) => (action === 'SCMP_ACT_ALLOW' ? names : []));
    expect([defaultAction, allowed.length]).toEqual(['SCMP_ACT_ERRNO', new Set(allowed).size]);
    const beyond =
      /^(ptrace|process_vm|mount|umount|pivot|chroot|bpf|keyctl|add_key|init_module|finit|delete_module|kexec|reboot|setns|unshare|userfaultfd|perf_|personality|swap|set(uid|gid|res|groups)|capset|mknod|io_uring|open_by_handle|quotactl|syslog|seccomp)/;
    expect(allowed.filter((name) => beyond.test(name))).toEqual([]);
  });

  it('is named by the sample for Docker Compose, whose sensor has no capability', () => {
    const { services } = parse(readFileSync(inRoot('samples/deploy/compose.yaml'), 'utf8')) as {
      readonly services: { readonly periscope: Readonly<Record<string, unknown>> };
    };
    expect(services.periscope).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true', `seccomp=${PROFILE.replace('samples/deploy/', '')}`],
    });
  });

  (canFilter ? builtIt : it.skip)('lets a sensor receive, alert, write, store, fetch, reload and stop', async () => {
    const rules = 'alert udp any any -> any any (msg:"needle"; content:"needle"; sid:1;)\n';
    const running = (sensor = await Sensor.start({
      rules,
      preload: inRoot('test/support/seccomp.mjs'),
      settings: {
        workers: 2,
        'evidence.directory': folder.at('evidence'),
        'fileStore.directory': folder.at('files'),
        'cache.directory': folder.at('cache'),
        'update.sources': folder.write('more.rules', rules.replace('sid:1', 'sid:2')),
        'update.directory': folder.at('fetched'),
        'eve.outputs': 'tcp://localhost:1',
      },
    }));
    expect(readFileSync(`/proc/${running.child.pid}/status`, 'utf8')).toMatch(/^Seccomp:\t2$/m);
    await running.log('rules are loaded again: 2 rules');
    await running.send([vxlan({ vni: 3 }, ethernet({}, ipv4({}, udp({ srcPort: 1000, dstPort: 53 }, 'needle'))))]);
    expect((await running.alerts(2)).map(({ alert }) => alert.signature_id).sort()).toEqual([1, 2]);
    expect(running.logs.find(({ msg }) => msg === 'receiving')).toMatchObject({ method: 'recvmmsg' });
    running.signal('SIGHUP');
    await running.log('rules are loaded again: 2 rules', 2);
    expect((await running.stop()).status).toBe(0);
    expect(running.logs.filter(({ level }) => level === 'error' || level === 'fatal').map(({ msg }) => msg)).toEqual([
      'events cannot be written; trying again, inspection goes on',
    ]);
  });
});
