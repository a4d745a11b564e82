/** Opens the places that events go to, by the settings. Stage: cli. */
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import type { Config } from '../config/schema.js';
import { EVIDENCE_BUFFER_BYTES, EVIDENCE_FILES } from '../memory/budget.js';
import { EvidenceFiles } from '../output/evidence-files.js';
import { EvidenceStore } from '../output/evidence-store.js';
import { FileSink } from '../output/file-sink.js';
import { Outputs } from '../output/outputs.js';
import { Redaction } from '../output/redaction.js';
import { Rotation } from '../output/rotation.js';
import type { Sink } from '../output/sink.js';
import { SocketSink } from '../output/socket-sink.js';
import { SyslogFraming } from '../output/syslog.js';
import { parseDestination } from '../util/destination.js';
import { makeDirectory } from '../util/make-directory.js';
import { reasonOf } from '../util/reason.js';
import { CommandError, EXIT } from './exit.js';
import { version } from './version.js';

const DIRECTORY_MODE = 0o700;

export interface OutputEvents {
  /** Told of the first error of a series at an output, and when it takes events again (undefined). */
  onError(output: string, error: NodeJS.ErrnoException | undefined): void;
  onPipeWithoutReader(path: string): void;
}

/** `append` is a sensor, which moves its file away as `eve.rotate` has it; `truncate` begins a file anew. */
export function openOutputs(config: Config, mode: 'append' | 'truncate', events: OutputEvents): Outputs {
  const sinks: Sink[] = config.eve.file === 'off' ? [] : [openFile(config, mode, events)];
  for (const text of config.eve.outputs) sinks.push(openConnection(config, text, events));
  return new Outputs(sinks);
}

/** Undefined where no evidence is asked for. */
export function openEvidence(
  config: Config,
  redaction: Redaction | undefined,
  onError: (error: Error | undefined) => void,
): EvidenceStore | undefined {
  const { directory, totalBytes } = config.evidence;
  if (directory === '') return undefined;
  try {
    makeDirectory(directory, DIRECTORY_MODE);
    const bounds = { totalBytes, mostFiles: EVIDENCE_FILES, bufferBytes: EVIDENCE_BUFFER_BYTES };
    const files = new EvidenceFiles({ directory, ...bounds, onError });
    const redact = redaction === undefined ? undefined : (frame: Uint8Array) => redaction.frame(frame);
    return new EvidenceStore({ files, application: `periscope ${version()}`, redact });
  } catch (error) {
    throw new CommandError(EXIT.failed, `cannot write evidence to ${directory}: ${reasonOf(error)}`);
  }
}

/** Undefined where nothing is to be taken out. */
export function openRedaction({ redact }: Config): Redaction | undefined {
  const redaction = new Redaction(redact);
  return redaction.isEmpty ? undefined : redaction;
}

function openFile({ eve }: Config, mode: 'append' | 'truncate', events: OutputEvents): FileSink {
  const { file, bufferBytes, rotate } = eve;
  try {
    return new FileSink({
      path: file,
      mode,
      bufferBytes,
      rotation: mode === 'append' && rotate.bytes + rotate.seconds > 0 ? new Rotation(rotate) : undefined,
      onError: (error) => events.onError(file, error),
      onPipeWithoutReader: () => events.onPipeWithoutReader(file),
    });
  } catch (error) {
    throw new CommandError(EXIT.failed, `cannot write events to ${file}: ${reasonOf(error)}${adviceFor(file, error)}`);
  }
}

/** What to do about it, where that can be told. */
function adviceFor(file: string, error: unknown): string {
  const directory = dirname(file);
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return `; the directory ${directory} must be there`;
    case 'EACCES':
      return `; the user who runs periscope (id ${process.getuid?.()}) must be able to write there`;
    case 'EISDIR':
      return '; name a file in it';
    default:
      return '';
  }
}

function openConnection({ eve, sensor }: Config, text: string, events: OutputEvents): SocketSink {
  const destination = parseDestination(text)!;
  const syslog = new SyslogFraming({
    facility: eve.syslogFacility,
    hostname: sensor === '' ? hostname() : sensor,
    processId: process.pid,
  });
  return new SocketSink({
    destination,
    tls: eve.tls,
    bufferBytes: eve.bufferBytes,
    frame: destination.syslog ? (lines) => syslog.frame(lines) : undefined,
    onError: (error) => events.onError(text, error),
  });
}
