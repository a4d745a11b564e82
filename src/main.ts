#!/usr/bin/env node
/** The command `periscope`. */
import { runCommandLine } from './cli/program.js';

process.exitCode = await runCommandLine(process.argv);
