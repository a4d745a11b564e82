/** What the threads are told, of the configuration: sources, shards and the loader. */
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { TRANSACTION_EVENTS } from '../app/applications.js';
import { DIGEST } from '../app/file/digests.js';
import { FILE_EVENT } from '../app/file/eve.js';
import type { Config } from '../config/schema.js';
import { silentProtocols } from '../config/silent-protocols.js';
import { tenantsOf } from '../config/tenants.js';
import { HTTP1_DEFAULTS, type Http1Settings } from '../app/http1/settings.js';
import type { DispatcherTask, SocketTask } from '../dispatch/task.js';
import { canSharePort } from '../ingest/open-source.js';
import type { LoadRequest } from '../load/loader.js';
import { ADMISSION_FLOWS } from '../memory/budget.js';
import type { WarmUpCall } from '../shard/pool.js';
import type { ShardOptions } from '../shard/task.js';
import { usableProcessors } from '../util/container-limits.js';
import { parseEndpoint } from '../util/endpoint.js';
import { WARM_UP, WARM_UP_BYTES, type WarmUpTask } from '../warm-up/task.js';
import { programFile } from '../util/program-folder.js';

/** How long threads of shards warm up while rules are loaded, which have a processor of their own then. */
const LOADING_MS = 1500;
/** And once they wait for frames: a load balancer sends none before it has found the sensor healthy a few times. */
const WAITING_MS = 2000;
/** And threads that receive, all of them together, while rules are loaded: there is less for them to compile. */
const DISPATCHERS_MS = 600;
const DISPATCHERS_MS_ALONE = 100;
/** Payload or packet bytes that go into one event at most. */
const MAX_EVENT_BYTES = 4096;

export function socketTasks(config: Config): SocketTask[] {
  const ipv4Ports = new Set(
    [...config.listen, ...config.geneve.listen]
      .map(parseEndpoint)
      .filter(({ address }) => !address.includes(':'))
      .map(({ port }) => port),
  );
  const task = (endpoint: string, tunnel: 'vxlan' | 'geneve', index: number, sockets: number): SocketTask => ({
    kind: 'socket',
    ...parseEndpoint(endpoint),
    // `::` takes IPv4 as well, unless another socket is there for it.
    ipv6Only: ipv4Ports.has(parseEndpoint(endpoint).port),
    tunnel,
    receiveBufferBytes: config.receiveBufferBytes,
    index,
    sockets,
    method: config.receiveMethod,
  });
  // One socket where several cannot share a port.
  const sockets = config.sockets > 1 && (config.receiveMethod === 'dgram' || !canSharePort()) ? 1 : config.sockets;
  const all = (endpoints: readonly string[], tunnel: 'vxlan' | 'geneve'): SocketTask[] =>
    endpoints.flatMap((endpoint) =>
      Array.from({ length: sockets }, (_, index) => task(endpoint, tunnel, index, sockets)),
    );
  return [...all(config.listen, 'vxlan'), ...all(config.geneve.listen, 'geneve')];
}

/** What all dispatchers are told alike. */
export function dispatchOptions(config: Config, offline: boolean, dispatchers: number): DispatchOptions {
  const { defrag, overload, hostPolicies } = config;
  return {
    verifyChecksums: config.checksums === 'verify',
    defrag: {
      maxDatagrams: defrag.datagrams,
      maxBytes: defrag.bytes,
      maxFragments: defrag.fragments,
      timeoutIpv4Us: defrag.ipv4TimeoutSeconds * 1e6,
      timeoutIpv6Us: defrag.ipv6TimeoutSeconds * 1e6,
      policy: defrag.policy,
      hostPolicies,
    },
    filter: config.filter,
    tunnelPorts: config.decode,
    // One seed: where a flow's two directions come by two sockets, both judge it alike.
    admission:
      offline || overload.ringPercent === 100
        ? undefined
        : { from: overload.ringPercent / 100, flows: ADMISSION_FLOWS, seed: randomInt(2 ** 32) },
    // Captures wait for a thread that is slow at first.
    warmUpMs: offline ? 0 : (isAlone() ? DISPATCHERS_MS_ALONE : DISPATCHERS_MS) / dispatchers,
    offline,
  };
}

type DispatchOptions = Pick<
  DispatcherTask,
  'verifyChecksums' | 'defrag' | 'filter' | 'tunnelPorts' | 'admission' | 'warmUpMs' | 'offline'
>;

export function shardOptions(
  config: Config,
  captures: readonly string[] | undefined,
  shared: Pick<ShardOptions, 'hostBits' | 'hostTags' | 'datasets' | 'fileStore'>,
): ShardOptions {
  const { flow, eve, evidence } = config;
  return {
    offline: captures !== undefined,
    midstream: config.stream.midstream,
    bypassBytes: flow.bypassBytes,
    http: httpSettings(config),
    stream: streamOptions(config),
    encryptionHandling: config.tls.encryptionHandling,
    protocols: config.protocols,
    ...shared,
    taggedPackets: eve.taggedPackets,
    flowEvents: eve.types.includes('flow'),
    fileDigests: eve.types.includes(FILE_EVENT) ? eve.fileDigests.reduce((set, name) => set | DIGEST[name], 0) : 0,
    transactionEvents: [FILE_EVENT, ...TRANSACTION_EVENTS].filter((type) => eve.types.includes(type)),
    anomaliesPerSecond: eve.types.includes('anomaly') ? eve.anomaliesPerSecond : undefined,
    evidence: evidence.directory === '' ? undefined : { bytes: evidence.bytes, fileBytes: evidence.fileBytes },
    flow: {
      cap: flow.cap,
      vniInKey: flow.vni,
      vlanInKey: flow.vlan,
      vniGroups: Object.values(config.vni.groups),
      midstream: config.stream.midstream,
      // Live, nobody outside can know which flows share a chain; offline everything is the same at every run.
      ...(captures === undefined ? { seed: randomInt(2 ** 32) } : {}),
      timeouts: { tcp: flow.tcp, udp: flow.udp, icmp: flow.icmp, other: flow.other },
    },
    alerts: {
      captures,
      communityIdSeed: eve.communityId ? 0 : undefined,
      payloadBytes: eve.payload ? MAX_EVENT_BYTES : 0,
      printableBytes: eve.payloadPrintable ? MAX_EVENT_BYTES : 0,
      matches: eve.matches,
      packetBytes: eve.packet ? MAX_EVENT_BYTES : 0,
      xff: forwardedOptions(config),
      namesFile: evidence.directory !== '',
      sensor: config.sensor === '' ? undefined : config.sensor,
      vniNames: config.vni.names,
      ethernet: eve.ethernet,
    },
  };
}

function httpSettings({ http, eve }: Config): Http1Settings {
  return {
    ...HTTP1_DEFAULTS,
    uri: http.uri,
    shown: {
      bodyBytes: eve.httpBody ? MAX_EVENT_BYTES : 0,
      printableBytes: eve.httpBodyPrintable ? MAX_EVENT_BYTES : 0,
    },
  };
}

function forwardedOptions({ eve }: Config): ShardOptions['alerts']['xff'] {
  const { mode, header, takes, proxies } = eve.xff;
  return mode === 'off' ? undefined : { overwrites: mode === 'overwrite', header, takes, proxies };
}

function streamOptions({ stream, hostPolicies }: Config): ShardOptions['stream'] {
  const { policy, urgent, depth, unacked } = stream;
  return { policy, urgent, hostPolicies, depthBytes: depth === 0 ? Infinity : depth, unackedBytes: unacked };
}

/** Whether all threads share one processor: what warms up takes from the load of rules. */
const isAlone = (): boolean => usableProcessors() <= 1;

/** What the threads of shards do while rules are loaded. */
export function warmUpCall(options: ShardOptions): WarmUpCall {
  const words = new SharedArrayBuffer(WARM_UP_BYTES);
  const task: WarmUpTask = {
    words,
    options,
    loadingMs: isAlone() ? 0 : LOADING_MS,
    waitingMs: options.offline ? 0 : WAITING_MS,
  };
  return {
    filename: fileURLToPath(programFile('warm-up/worker.js')),
    name: 'warmUp',
    task,
    stop: () => Atomics.store(new Int32Array(words), WARM_UP.stop, 1),
  };
}

export function loadRequest(config: Config, generation: number): LoadRequest {
  const { geoip, reputation, datasets } = config;
  return {
    data: { geoip, reputation, datasets },
    rules: config.rules,
    variables: config.vars,
    tenants: tenantsOf(config),
    silent: silentProtocols(config),
    classificationFile: config.classificationFile,
    referenceFile: config.referenceFile,
    thresholdFile: config.thresholdFile,
    includeDisabled: false,
    allowWorldWritable: config.allowWorldWritableRules,
    cacheDirectory: config.cache.directory,
    generation,
  };
}
