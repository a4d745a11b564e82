#!/usr/bin/env node
/** The command `periscope`. */
import { runCommandLine } from './cli/program.js';

// Who closes a pipe, as head does, has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
process.exitCode = await runCommandLine(process.argv);
