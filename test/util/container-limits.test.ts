/** Limits of containers, from control groups that are made up. */
import { afterEach, describe, expect, it } from 'vitest';
import { containerLimits, defaultWorkers, usableMemory, usableProcessors } from '../../src/util/container-limits.js';
import { Folder } from '../support/sensor.js';

const MIB = 1024 * 1024;
let folder = new Folder();
afterEach(() => {
  folder.remove();
  folder = new Folder();
});

function system(files: Readonly<Record<string, string>>): string {
  for (const [name, content] of Object.entries(files)) folder.write(name, content);
  return folder.path;
}

describe('the limits of a container', () => {
  it.each([
    [
      'version 2, own group as root',
      {
        'proc/self/cgroup': '0::/\n',
        'sys/fs/cgroup/cpu.max': '150000 100000\n',
        'sys/fs/cgroup/memory.max': `${512 * MIB}\n`,
      },
      1.5,
      512 * MIB,
    ],
    [
      'version 2, without limits',
      { 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/cpu.max': 'max 100000\n', 'sys/fs/cgroup/memory.max': 'max\n' },
      undefined,
      undefined,
    ],
    [
      'version 2, a group above is tighter',
      {
        'proc/self/cgroup': '0::/pod/box\n',
        'sys/fs/cgroup/pod/cpu.max': '200000 100000\n',
        'sys/fs/cgroup/pod/box/cpu.max': '400000 100000\n',
        'sys/fs/cgroup/pod/memory.max': 'max\n',
        'sys/fs/cgroup/pod/box/memory.max': `${256 * MIB}\n`,
      },
      2,
      256 * MIB,
    ],
    [
      'version 1',
      {
        'proc/self/cgroup': '4:cpu,cpuacct:/docker/abc\n3:memory:/docker/abc\n1:name=systemd:/docker/abc\n',
        'sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us': '50000\n',
        'sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us': '100000\n',
        'sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes': `${MIB}\n`,
      },
      0.5,
      MIB,
    ],
    [
      'version 1, the path of the host is not in the mount',
      {
        'proc/self/cgroup': '4:cpu,cpuacct:/docker/abc\n3:memory:/docker/abc\n',
        'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '300000\n',
        'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
        'sys/fs/cgroup/memory/memory.limit_in_bytes': `${2 * MIB}\n`,
      },
      3,
      2 * MIB,
    ],
    [
      'version 1, no quota',
      {
        'proc/self/cgroup': '4:cpu:/\n',
        'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
        'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      },
      undefined,
      undefined,
    ],
    [
      'files that say nothing of use',
      { 'proc/self/cgroup': 'x\n::\n', 'sys/fs/cgroup/cpu.max': '\n', 'sys/fs/cgroup/memory.max': '-5\n' },
      undefined,
      undefined,
    ],
    ['no control groups at all', {}, undefined, undefined],
  ])('%s', (_, files, cpus, memoryBytes) => {
    expect(containerLimits(system(files))).toEqual({ cpus, memoryBytes });
  });

  it.each([
    [1, 'max'],
    [1, '50000'],
    [1, '100000'],
    [1, '250000'],
    [3, '400000'],
    [15, '9900000'],
  ])('make %i workers of 16 processors and a quota of %s', (workers, quota) => {
    const root = system({ 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/cpu.max': `${quota} 100000\n` });
    expect(defaultWorkers(root, quota === 'max' ? 2 : 16)).toBe(workers);
  });

  it('are those of the machine where it has less, or where none are set', () => {
    const root = system({
      'proc/self/cgroup': '0::/\n',
      'sys/fs/cgroup/cpu.max': '800000 100000\n',
      'sys/fs/cgroup/memory.max': '9223372036854771712\n',
    });
    expect(usableProcessors(root, 4)).toBe(4);
    expect(usableMemory(root, 1024 * MIB)).toEqual({ bytes: 1024 * MIB, whose: 'machine' });
    expect(usableMemory(root, 2 ** 63)).toEqual({ bytes: 9223372036854771712, whose: 'container' });
  });
});
