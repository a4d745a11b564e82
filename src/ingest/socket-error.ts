/** What went wrong when a UDP socket was opened, and what to do about it. Stage: ingest, set-up only. */
import { formatEndpoint } from './sockaddr.js';

const ADVICE: Readonly<Record<string, (port: number) => string>> = {
  EADDRINUSE: (port) =>
    `another program has the port; stop it ("ss -lunp 'sport = :${port}'" shows it) or listen on another port`,
  EACCES: (port) =>
    port > 0 && port < 1024
      ? 'ports below 1024 need the capability CAP_NET_BIND_SERVICE; choose a port from 1024 on'
      : 'the system does not permit it; check the security policy (seccomp, SELinux, AppArmor)',
  EPERM: () => 'the system does not permit it; check the security policy (seccomp, SELinux, AppArmor)',
  EADDRNOTAVAIL: () => 'this machine does not have the address; use 0.0.0.0 or [::] to listen on all of its addresses',
  EAFNOSUPPORT: () => 'this machine does not support the address family (is IPv6 switched off?); use 0.0.0.0',
  EMFILE: () => 'too many files are open; raise the limit (ulimit -n)',
};

/** The error for `code` (such as `EADDRINUSE`) met when opening `address:port`. */
export function listenError(code: string, address: string, port: number): Error {
  const advice = ADVICE[code]?.(port) ?? 'the system refused';
  return new Error(`cannot listen on UDP ${formatEndpoint(address, port)} (${code}): ${advice}`);
}

/** The error for an address that is not one. */
export function addressError(address: string): Error {
  return new Error(
    `cannot listen on "${address}": not an IPv4 or IPv6 address; write 0.0.0.0:4789 or [::]:4789, for example`,
  );
}

/** The error for a port outside 0 to 65535. */
export function portError(port: number): Error {
  return new Error(`cannot listen on port ${port}: a UDP port is a whole number from 0 to 65535`);
}
