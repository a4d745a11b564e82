/**
 * The most memory that this process has had resident. The kernel's figure for a process (ru_maxrss) starts, after a
 * fork, with what the parent had; that of its address space (VmHWM, proc(5)) does not, and is taken where there is one.
 */
import { readFileSync } from 'node:fs';

/** In bytes. */
export function peakResidentBytes(): number {
  return ownPeak() ?? process.resourceUsage().maxRSS * 1024;
}

function ownPeak(): number | undefined {
  try {
    const kib = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
    return kib === undefined ? undefined : Number(kib) * 1024;
  } catch {
    return undefined;
  }
}
