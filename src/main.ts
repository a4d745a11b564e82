#!/usr/bin/env node
/** The command `periscope`. Signals are heeded before anything else is loaded. */
import { keepSignals } from './cli/signals.js';

keepSignals();
const { setCompilerFlags } = await import('./cli/compiler-flags.js');
setCompilerFlags();
const { closeUnaskedInspector } = await import('./cli/inspector.js');
closeUnaskedInspector();
// Who closes a pipe, as head does, has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
const { runCommandLine } = await import('./cli/program.js');
closeUnaskedInspector();
process.exitCode = await runCommandLine(process.argv);
