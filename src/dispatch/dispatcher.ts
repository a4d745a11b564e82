/**
 * A dispatch thread: warms up, opens one source when it may, and moves its frames into the shards' rings until the
 * source ends. Stage: dispatch.
 *
 * The thread blocks in its source; it looks at the shared stop word between batches. What it has to say (bound,
 * refused, what became of captures) goes to the main thread as a few messages in its life.
 */
import { parentPort, workerData } from 'node:worker_threads';
import ipaddr from 'ipaddr.js';
import { LINK_TYPE } from '../decode/packet.js';
import { CaptureSource } from '../ingest/capture-source.js';
import { openSource } from '../ingest/open-source.js';
import { steeringFilter } from '../ingest/reuseport-filter.js';
import type { Source } from '../ingest/source.js';
import { CounterRow } from '../counters/counters.js';
import { DISPATCHER_LAYOUT } from '../counters/names.js';
import { VniTable } from '../counters/vni-table.js';
import { Doorbell } from '../util/doorbell.js';
import { FrameDispatcher } from './frame-dispatcher.js';
import { FrameRingWriter } from '../ring/frame-ring.js';
import { warmDispatcherUp } from './warm-up.js';
import { SWITCH, SequenceWords, type DispatcherMessage, type DispatcherTask, type SocketTask } from './task.js';

/** How often the kernel's drop count is read. */
const KERNEL_DROPS_EVERY_MS = 1000;

const say = (message: DispatcherMessage): void => parentPort?.postMessage(message);

async function openSocket(task: SocketTask): Promise<Source> {
  const { address, port, receiveBufferBytes, method: wanted, index, sockets, ipv6Only } = task;
  const linkType = task.tunnel === 'vxlan' ? LINK_TYPE.vxlan : LINK_TYPE.geneve;
  const shared = sockets > 1;
  const options = { address, port, ipv6Only, linkType, receiveBufferBytes, method: wanted };
  // Another sensor that shares the port would silently get part of the traffic: the port must be free before it is
  // shared.
  if (shared && index === 0) (await openSource(options)).source.close();
  const { source, method, reason } = await openSource({
    ...options,
    reusePort: shared,
    // The program counts sockets in the order of binding, so the last one brings it.
    reuseportFilter: shared && index === sockets - 1 ? steeringFilter(linkType, sockets) : undefined,
  });
  const { local, requestedBufferBytes, grantedBufferBytes } = source;
  say({
    kind: 'bound',
    address: local.address,
    port: local.port,
    method,
    reason,
    requestedBufferBytes,
    grantedBufferBytes,
  });
  return source;
}

function makeDispatcher(task: DispatcherTask, source: Source): FrameDispatcher {
  const { local } = source;
  return new FrameDispatcher({
    dispatcher: task.dispatcher,
    rings: task.rings.map((place) => new FrameRingWriter(place)),
    doorbells: task.doorbells.map((memory) => new Doorbell(memory)),
    alertBell: new Doorbell(task.alertBell),
    counters: new CounterRow(task.counters, task.counterRow, DISPATCHER_LAYOUT.size),
    vnis: new VniTable(task.vniTable),
    sequence: new SequenceWords(task.sequence),
    defrag: task.defrag,
    filter: task.filter,
    tunnelPorts: task.tunnelPorts,
    admission: task.admission,
    verifyChecksums: task.verifyChecksums,
    offline: task.offline,
    local:
      local === undefined
        ? undefined
        : { bytes: Uint8Array.from(ipaddr.parse(local.address).toByteArray()), port: local.port },
    clockMs: () => performance.timeOrigin + performance.now(),
  });
}

/** Before there are frames. It saves time alone: what it works with may be missing. */
function warmUp(milliseconds: number): void {
  if (milliseconds === 0) return;
  try {
    warmDispatcherUp(milliseconds);
  } catch {
    // The first frames take a little longer.
  }
}

/** Stands still until its source may be opened. @returns false where it is over before that. */
function waitForTurn(switches: Int32Array, dispatcher: number): boolean {
  for (;;) {
    const opened = Atomics.load(switches, SWITCH.opened);
    if (Atomics.load(switches, SWITCH.stop) !== 0) return false;
    if (opened > dispatcher) return true;
    Atomics.wait(switches, SWITCH.opened, opened);
  }
}

async function main(task: DispatcherTask): Promise<void> {
  say({ kind: 'loaded' });
  const switches = new Int32Array(task.switches);
  warmUp(task.warmUpMs);
  if (!waitForTurn(switches, task.dispatcher)) return;
  const source = task.source.kind === 'captures' ? new CaptureSource(task.source.paths) : await openSocket(task.source);
  const dispatcher = makeDispatcher(task, source);
  if (task.source.kind === 'captures') {
    say({ kind: 'ready' });
    Atomics.wait(switches, SWITCH.go, 0);
  }
  let dropsReadAtMs = 0;
  await source.run(
    (batch, count) => {
      const nowMs = performance.now();
      if (nowMs - dropsReadAtMs >= KERNEL_DROPS_EVERY_MS) {
        dropsReadAtMs = nowMs;
        dispatcher.setKernelDrops(source.kernelDrops());
      }
      dispatcher.deliver(batch, count);
    },
    () => Atomics.load(switches, SWITCH.stop) !== 0,
  );
  dispatcher.setKernelDrops(source.kernelDrops());
  source.close();
  dispatcher.end();
  if (source instanceof CaptureSource) say({ kind: 'captures', reports: source.captures });
}

try {
  await main(workerData as DispatcherTask);
} catch (error) {
  say({ kind: 'refused', message: error instanceof Error ? error.message : String(error) });
}
