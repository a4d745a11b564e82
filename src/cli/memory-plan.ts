/** Whether the configuration fits the memory that there is, before anything of it is allocated. */
import type { Config } from '../config/schema.js';
import { planMemory, type MemoryPlan, type MemorySettings } from '../memory/budget.js';
import { usableMemory, usableProcessors } from '../util/container-limits.js';
import type { Logger } from '../util/logger.js';
import { CommandError, EXIT } from './exit.js';

const MIB = 1024 * 1024;
const inMib = (bytes: number): number => Math.round(bytes / MIB);

export function memorySettings(config: Config): MemorySettings {
  const sockets = config.receiveMethod === 'dgram' ? 1 : config.sockets;
  return {
    workers: config.workers,
    sockets: sockets * (config.listen.length + config.geneve.listen.length),
    outputs: Number(config.eve.file !== 'off') + config.eve.outputs.length,
    'evidence.bytes': config.evidence.directory === '' ? 0 : config.evidence.bytes,
    'ring.bytes': config.ring.bytes,
    'candidates.bytes': config.candidates.bytes,
    'flow.cap': config.flow.cap,
    'patterns.bytes': config.patterns.bytes,
    'stream.memory': config.stream.memory,
    storesFiles: config.fileStore.directory !== '',
    'datasets.bytes': config.datasets.bytes,
    'thresholds.cap': config.thresholds.cap,
    'tags.hosts': config.tags.hosts,
    'eve.bufferBytes': config.eve.bufferBytes,
    'defrag.bytes': config.defrag.bytes,
    receiveBufferBytes: config.receiveBufferBytes,
  };
}

/** Says in one line what the memory is for. Throws a `CommandError` that says what to lower where it does not fit. */
export function checkMemory(config: Config, log: Logger, { bytes, whose } = usableMemory()): MemoryPlan {
  const plan = planMemory(memorySettings(config), bytes, whose, usableProcessors());
  if (plan.problem !== undefined) throw new CommandError(EXIT.usage, plan.problem);
  const mib = Object.fromEntries(Object.entries(plan.items).map(([what, each]) => [what, inMib(each)]));
  log.info(
    { mib, shardHeapMib: inMib(plan.shardHeapBytes) },
    `memory: up to ${inMib(plan.totalBytes)} MiB by the settings, of ${inMib(bytes)} MiB that the ${whose} has`,
  );
  return plan;
}
