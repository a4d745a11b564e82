/**
 * The commands and their flags (commander), and what each flag sets. The commands themselves are one file each and are
 * loaded only when called.
 */
import { Command, CommanderError, Help, InvalidArgumentError, type Option } from 'commander';
import { CommandError, EXIT } from './exit.js';
import type { CheckFlags, DoctorFlags, MirrorFlags, ReadFlags, RunFlags, UpdateFlags } from './flags.js';
import { releaseSignals } from './signals.js';
import { version } from './version.js';

const collect = (value: string, before: string[]): string[] => [...before, value];

function assignment(flag: string): (text: string, before: Record<string, string>) => Record<string, string> {
  return (text, before) => {
    const at = text.indexOf('=');
    if (at < 1)
      throw new InvalidArgumentError(
        `write ${flag}, for example ${flag === '--var NAME=VALUE' ? '--var HOME_NET=10.0.0.0/8' : '--set stream.midstream=false'}`,
      );
    return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  };
}

/** As commander has it; that nothing is given when nothing is given need not be said. */
function describeOption(this: void, option: Option): string {
  const { defaultValue, description } = option;
  const isEmpty = typeof defaultValue === 'object' && defaultValue !== null && Object.keys(defaultValue).length === 0;
  return isEmpty ? description : new Help().optionDescription(option);
}

function withSettings(command: Command): Command {
  return command
    .option('--config <file>', 'configuration file (YAML)')
    .option('--var <name=value>', 'rule variable such as HOME_NET; repeatable', assignment('--var NAME=VALUE'), {})
    .option('--set <key=value>', 'any configuration key; repeatable', assignment('--set KEY=VALUE'), {});
}

function withCommonFlags(command: Command): Command {
  return withSettings(command)
    .option('--rules <path>', 'rule file, directory or glob; repeatable', collect, [])
    .option('--threshold-file <file>', 'threshold.config: thresholds and suppressions');
}

/** The whole command line. A command's exit status goes to `finish`. */
export function buildProgram(finish: (status: number) => void): Command {
  const program = new Command('periscope')
    .description('Intrusion detection for mirrored cloud traffic: VXLAN in, EVE alerts and Prometheus metrics out.')
    .version(version())
    .configureHelp({ optionDescription: describeOption })
    .showHelpAfterError('(periscope --help shows what there is)')
    .exitOverride();

  withCommonFlags(program.command('run'))
    .description('receive mirrored packets on UDP and report alerts until told to stop')
    .option('--listen <address:port>', 'where VXLAN datagrams arrive; repeatable', collect, [])
    .option('--admin <address:port>', 'where /metrics, /healthz and /readyz are')
    .option('--workers <n>', 'shards, one thread each')
    .option('--eve <file>', 'event file, appended to; - for stdout')
    .option('--strict', 'do not start when a rule fails')
    .action(async (flags: RunFlags) => finish(await (await import('./run.js')).runSensor(flags)));

  withCommonFlags(program.command('read'))
    .description('inspect capture files and write their events')
    .argument('<capture...>', 'pcap or pcapng files')
    .option('--workers <n>', 'shards, one thread each')
    .option('--eve <file>', 'event file, overwritten; - for stdout')
    .option('--stats <file>', 'figures of this run, as JSON')
    .option('--profile <file>', 'what each rule, stage and protocol cost, as JSON; - for stdout; tables on stderr')
    .option('--strict', 'status 1 when a rule fails')
    .action(async (captures: string[], flags: ReadFlags) =>
      finish(await (await import('./read.js')).readCaptures(captures, flags)),
    );

  withCommonFlags(program.command('check'))
    .description('load rules and say what is wrong with them')
    .option('--json', 'one JSON document, for tools')
    .option('--format <name>', 'text, json, or github: annotations for a workflow on GitHub')
    .option('--hints', 'show every hint, not only how many there are')
    .option('--waiting', 'list the rules that wait, and for what; how many for what comes first')
    .option('--explain <code>', 'say what a diagnostic means, as in --explain missing-sid')
    .option('--cache <directory>', 'keep the compiled rules there for the next start, as when an image is built')
    .option('--strict', 'status 1 for warnings too')
    .option('--include-disabled', 'also load rules that are commented out')
    .action(async (flags: CheckFlags) => finish(await (await import('./check-command.js')).checkRules(flags)));

  program
    .command('mirror')
    .description('send captures as a mirror session would: wrapped in VXLAN, over UDP')
    .argument('<capture...>', 'pcap or pcapng files')
    .requiredOption('--to <host:port>', 'where to')
    .option('--vni <n>', "the session's VNI", '1')
    .option('--rate <n>', "packets or bits per second: 50000pps, 100mbps, or max; the capture's own pace when left out")
    .option('--packet-length <bytes>', 'cut packets to this length behind the VXLAN header')
    .option('--loop <n>', 'send everything n times, each time with other addresses, so that flows are new', '1')
    .action(async (captures: string[], flags: MirrorFlags) =>
      finish(await (await import('./mirror.js')).mirrorCaptures(captures, flags)),
    );

  program
    .command('doctor')
    .description('say what is wrong with a running sensor, or with figures of read --stats, the worst first')
    .argument('[target]', 'address of the admin port, or a --stats file', '127.0.0.1:9789')
    .option('--config <file>', "the sensor's configuration file, for its thresholds (mirror.*)")
    .option('--set <key=value>', 'any configuration key; repeatable', assignment('--set KEY=VALUE'), {})
    .option('--json', 'one JSON document, for tools')
    .action(async (target: string, flags: DoctorFlags) =>
      finish(await (await import('./doctor.js')).diagnose(target, flags)),
    );

  withSettings(program.command('update'))
    .description('fetch rules, check them, and put them in the place of those before if they load')
    .option(
      '--source <url|file>',
      'tar.gz, zip, .rules or .rules.gz; Emerging Threats Open when left out',
      'https://rules.emergingthreats.net/open/suricata-7.0.3/emerging.rules.tar.gz',
    )
    .option(
      '--output <directory>',
      'where the rules go; replaced whole, the ones before stay as DIRECTORY.previous',
      'downloaded-rules',
    )
    .option('--checksum <hex>', 'MD5 or SHA-256 of the archive; else the .sha256 or .md5 beside it, where there is one')
    .option('--max-failed <percent>', 'rules that may fail', '1')
    .option('--timeout <seconds>', 'for each request', '120')
    .option('--force', 'also when the source has not changed')
    .action(async (flags: UpdateFlags) => finish(await (await import('./update.js')).updateRules(flags)));

  // The sensor takes signals over by itself.
  program.hook('preAction', (_, command) => {
    if (command.name() !== 'run') releaseSignals();
  });
  for (const command of program.commands) {
    const takesPaths = command.registeredArguments.length > 0;
    const paths = takesPaths || command.name() === 'update' ? '' : 'rules are named with --rules PATH; ';
    command.exitOverride().showHelpAfterError(`(${paths}periscope ${command.name()} --help shows the flags)`);
  }
  return program;
}

/** Runs the command line. @returns the exit status; what went wrong has been printed. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  let status: number = EXIT.done;
  try {
    await buildProgram((result) => (status = result)).parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (error instanceof CommandError) {
      process.stderr.write(`periscope: ${error.message}\n`);
      return error.status;
    }
    process.stderr.write(`periscope: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return EXIT.failed;
  }
  return status;
}
