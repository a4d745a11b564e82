/** `periscope mirror`: sends captures to a sensor as a mirror session would. */
import { CaptureSource } from '../ingest/capture-source.js';
import { nameOfLinkType } from '../ingest/link-type-names.js';
import { Mirror, type MirrorCounts, type MirrorOptions } from '../ingest/mirror.js';
import { openSender } from '../ingest/open-sender.js';
import type { MirrorRate } from '../ingest/pacer.js';
import { FIRST_SOURCE_PORT, SendError, SOURCE_PORTS, type DatagramSender } from '../ingest/sender.js';
import { CommandError, EXIT } from './exit.js';
import type { MirrorFlags } from './flags.js';

const MAX_VNI = 0xffffff;

/** Reads `50000pps`, `100mbps`, a bare number (packets per second) or `max`; undefined is the capture's own pace. */
function parseRate(text: string | undefined): MirrorRate {
  if (text === undefined) return { kind: 'capture' };
  if (text === 'max') return { kind: 'unlimited' };
  const match = /^(\d+(?:\.\d+)?)(pps|mbps)?$/i.exec(text);
  if (match === null || Number(match[1]) <= 0) {
    throw new CommandError(EXIT.usage, `--rate ${text} is not a rate: write 50000pps, 100mbps or max`);
  }
  return { kind: match[2]?.toLowerCase() === 'mbps' ? 'mbps' : 'pps', value: Number(match[1]) };
}

/** Reads `HOST:PORT` or `[IPV6]:PORT`. */
function parseTarget(text: string): { host: string; port: number } {
  const match = /^(\[[^\]]+\]|[^:]+):(\d+)$/.exec(text);
  if (match === null)
    throw new CommandError(EXIT.usage, `--to ${text} is not a target: write HOST:PORT, for example 127.0.0.1:4789`);
  return { host: match[1], port: Number(match[2]) };
}

function parseInteger(flag: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < low || value > high) {
    throw new CommandError(EXIT.usage, `${flag} ${text}: write a whole number from ${low} to ${high}`);
  }
  return value;
}

function optionsOf(flags: MirrorFlags): MirrorOptions {
  return {
    vni: parseInteger('--vni', flags.vni, 0, MAX_VNI),
    rate: parseRate(flags.rate),
    packetLength:
      flags.packetLength === undefined ? undefined : parseInteger('--packet-length', flags.packetLength, 1, 65_535),
    loop: parseInteger('--loop', flags.loop ?? '1', 1, 1_000_000_000),
    onProgress: process.stderr.isTTY ? showProgress : undefined,
  };
}

function showProgress(counts: Readonly<MirrorCounts>): void {
  process.stderr.write(`\r${counts.packets} packets sent`);
}

function report(counts: MirrorCounts, seconds: number, source: CaptureSource, sender: DatagramSender): void {
  for (const { path, error } of source.captures)
    if (error !== undefined) process.stderr.write(`periscope: ${path}: ${error}\n`);
  const rate = seconds > 0 ? Math.round(counts.packets / seconds) : 0;
  process.stderr.write(
    `${process.stderr.isTTY ? '\r' : ''}sent ${counts.packets} packets, ${counts.bytes} bytes in ${seconds.toFixed(2)} s (${rate} packets/s)`,
  );
  process.stderr.write(`; ${counts.failed} failed, ${counts.skipped} skipped\n`);
  if (counts.failed > 0)
    process.stderr.write(
      `periscope: datagrams could not be sent: ${sender.counts.lastError ?? 'the system refused'}\n`,
    );
  if (counts.skipped > 0)
    process.stderr.write(
      `periscope: frames were skipped: a mirror session carries Ethernet and IP, 65507 bytes at most${linkTypesOf(source)}\n`,
    );
  if (counts.refused > 0)
    process.stderr.write(
      `periscope: nobody listens at the target: it answered ${counts.refused} times that the port is closed; is the sensor running there?\n`,
    );
}

/** Those of captures that are not decoded, to be put behind what is carried. */
function linkTypesOf({ captures }: CaptureSource): string {
  const names = [...new Set(captures.flatMap(({ undecoded }) => [...undecoded.keys()]))].map(nameOfLinkType);
  return names.length === 0 ? '' : `; these are of link type ${names.join(', ')}`;
}

/** A sensor, or a balancer before it, may tell mirror sessions by these ports. */
function reportPorts(replaced: readonly number[]): void {
  if (replaced.length === 0) return;
  const range = `${FIRST_SOURCE_PORT} to ${FIRST_SOURCE_PORT + SOURCE_PORTS - 1}`;
  const some = replaced.slice(0, 5).join(', ') + (replaced.length > 5 ? ', …' : '');
  process.stderr.write(
    `periscope: AWS mirrors from the source ports ${range}; of these ${some} could not be had (${replaced.length} in all), and others were used\n`,
  );
}

export async function mirrorCaptures(captures: readonly string[], flags: MirrorFlags): Promise<number> {
  const options = optionsOf(flags);
  const { host, port } = parseTarget(flags.to);
  const { sender, reason } = await openSender(host, port).catch((error: Error) => {
    throw new CommandError(EXIT.usage, error.message);
  });
  if (reason !== undefined) process.stderr.write(`periscope: sending one datagram at a time: ${reason}\n`);
  const source = new CaptureSource(captures);
  let stopped = false;
  const stop = (): void => {
    stopped = true;
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const started = performance.now();
  try {
    const counts = await new Mirror(source, sender, options).run(() => stopped);
    report(counts, (performance.now() - started) / 1000, source, sender);
    reportPorts(sender.replacedPorts);
    const isNothing = counts.packets === 0 && counts.skipped > 0;
    return source.captures.some((capture) => capture.opened) && !isNothing ? EXIT.done : EXIT.failed;
  } catch (error) {
    if (error instanceof SendError) throw new CommandError(EXIT.failed, error.message);
    throw error;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    source.close();
    await sender.close();
  }
}
