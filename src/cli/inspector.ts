/**
 * Node opens a debugger's port for a SIGUSR1 that comes while it boots, before our listener is there. Whoever reaches
 * that port runs the process, so it is closed again, unless it was asked for. `bin/periscope` and the image do not let
 * it be opened at all.
 */
import { close, url } from 'node:inspector';

export function closeUnaskedInspector(): void {
  const asked = /--inspect(-brk|-wait)?(=|\s|$)/.test(
    [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' '),
  );
  if (!asked && url() !== undefined) close();
}
