/**
 * Preloaded, puts its process under samples/deploy/profiles/seccomp.json, all threads of it, as a container runtime
 * would: what is not allowed there answers EPERM. On x86-64 alone.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const koffi = createRequire(import.meta.url)('koffi');

/** Numbers of the calls on x86-64. */
const NUMBERS = {
  accept: 43,
  accept4: 288,
  access: 21,
  arch_prctl: 158,
  bind: 49,
  brk: 12,
  capget: 125,
  chdir: 80,
  chmod: 90,
  clock_getres: 229,
  clock_gettime: 228,
  clock_nanosleep: 230,
  clone: 56,
  clone3: 435,
  close: 3,
  close_range: 436,
  connect: 42,
  copy_file_range: 326,
  dup: 32,
  dup2: 33,
  dup3: 292,
  epoll_create: 213,
  epoll_create1: 291,
  epoll_ctl: 233,
  epoll_pwait: 281,
  epoll_pwait2: 441,
  epoll_wait: 232,
  eventfd2: 290,
  execve: 59,
  exit: 60,
  exit_group: 231,
  faccessat: 269,
  faccessat2: 439,
  fadvise64: 221,
  fallocate: 285,
  fchmod: 91,
  fchmodat: 268,
  fcntl: 72,
  fdatasync: 75,
  flock: 73,
  fstat: 5,
  fstatfs: 138,
  fsync: 74,
  ftruncate: 77,
  futex: 202,
  get_robust_list: 274,
  getcwd: 79,
  getdents64: 217,
  getegid: 108,
  geteuid: 107,
  getgid: 104,
  getpeername: 52,
  getpgrp: 111,
  getpid: 39,
  getppid: 110,
  getpriority: 140,
  getrandom: 318,
  getresgid: 120,
  getresuid: 118,
  getrusage: 98,
  getsockname: 51,
  getsockopt: 55,
  gettid: 186,
  gettimeofday: 96,
  getuid: 102,
  ioctl: 16,
  kill: 62,
  listen: 50,
  lseek: 8,
  lstat: 6,
  madvise: 28,
  membarrier: 324,
  mkdir: 83,
  mkdirat: 258,
  mmap: 9,
  mprotect: 10,
  mremap: 25,
  munmap: 11,
  nanosleep: 35,
  newfstatat: 262,
  open: 2,
  openat: 257,
  pipe: 22,
  pipe2: 293,
  pkey_alloc: 330,
  pkey_free: 331,
  pkey_mprotect: 329,
  poll: 7,
  ppoll: 271,
  prctl: 157,
  pread64: 17,
  preadv: 295,
  prlimit64: 302,
  pwrite64: 18,
  pwritev: 296,
  read: 0,
  readlink: 89,
  readlinkat: 267,
  readv: 19,
  recvfrom: 45,
  recvmmsg: 299,
  recvmsg: 47,
  rename: 82,
  renameat: 264,
  renameat2: 316,
  restart_syscall: 219,
  rmdir: 84,
  rseq: 334,
  rt_sigaction: 13,
  rt_sigpending: 127,
  rt_sigprocmask: 14,
  rt_sigreturn: 15,
  rt_sigtimedwait: 128,
  sched_getaffinity: 204,
  sched_getparam: 143,
  sched_getscheduler: 145,
  sched_yield: 24,
  sendfile: 40,
  sendmmsg: 307,
  sendmsg: 46,
  sendto: 44,
  set_robust_list: 273,
  set_tid_address: 218,
  setsockopt: 54,
  shutdown: 48,
  sigaltstack: 131,
  socket: 41,
  stat: 4,
  statfs: 137,
  statx: 332,
  sysinfo: 99,
  tgkill: 234,
  umask: 95,
  uname: 63,
  unlink: 87,
  unlinkat: 263,
  utimensat: 280,
  wait4: 61,
  write: 1,
  writev: 20,
};
const PR_SET_NO_NEW_PRIVS = 38;
const SYS_SECCOMP = 317;
const SET_MODE_FILTER = 1;
const TSYNC = 1;
const ARCH_X86_64 = 0xc000003e;
const [LOAD, JUMP_IF_EQUAL, RETURN] = [0x20, 0x15, 0x06];
const [ALLOW, ERRNO, KILL] = [0x7fff0000, 0x00050001, 0x80000000];
/** Where the kernel shows a filter the number and the architecture of a call. */
const [NUMBER_AT, ARCH_AT] = [0, 4];

/** Instructions of BPF, 8 bytes each. */
function filterOf(names) {
  const code = [];
  const add = (operation, value, ifTrue = 0, ifFalse = 0) => code.push([operation, ifTrue, ifFalse, value]);
  add(LOAD, ARCH_AT);
  add(JUMP_IF_EQUAL, ARCH_X86_64, 1, 0);
  add(RETURN, KILL);
  add(LOAD, NUMBER_AT);
  for (const name of names) {
    const number = NUMBERS[name];
    if (number === undefined) throw new Error(`the test does not know the number of ${name}`);
    add(JUMP_IF_EQUAL, number, 0, 1);
    add(RETURN, ALLOW);
  }
  add(RETURN, ERRNO);
  const bytes = Buffer.alloc(8 * code.length);
  code.forEach(([operation, ifTrue, ifFalse, value], index) => {
    bytes.writeUInt16LE(operation, 8 * index);
    bytes.writeUInt8(ifTrue, 8 * index + 2);
    bytes.writeUInt8(ifFalse, 8 * index + 3);
    bytes.writeUInt32LE(value >>> 0, 8 * index + 4);
  });
  return bytes;
}

function confine() {
  const profile = JSON.parse(readFileSync(new URL('../../samples/deploy/profiles/seccomp.json', import.meta.url)));
  const filter = filterOf(profile.syscalls.flatMap(({ names }) => names));
  const libc = koffi.load('libc.so.6');
  const Program = koffi.struct({ length: 'uint16', filter: 'uint8 *' });
  const prctl = libc.func('int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)');
  const syscall = libc.func('syscall', 'long', ['long', 'ulong', 'ulong', koffi.pointer(Program)]);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) !== 0) throw new Error('prctl has failed');
  const failed = syscall(SYS_SECCOMP, SET_MODE_FILTER, TSYNC, { length: filter.length / 8, filter });
  if (failed !== 0) throw new Error(`seccomp has failed: ${failed}`);
}

// A thread has the filters of the one that started it.
if (isMainThread) {
  confine();
  // In a container the filter is there before Node is. Where Node can, it begins anew under it: later ones have a ring
  // of io_uring by now, whose calls would be refused.
  process.execve?.(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], {
    ...process.env,
    NODE_OPTIONS: '',
  });
}
