/**
 * Which shard an IP layer goes to. Stage: dispatch, after defragmentation. No allocation.
 *
 * Each layer of a frame goes to the shard of its own flow, so a flow meets in one shard whatever it is wrapped in:
 * plain one way and in a tunnel the other, or in two tunnels (docs/decisions/0016). By the symmetric hash of the
 * 5-tuple, so that both directions meet; by addresses alone where the layer is a fragment or is not TCP, UDP or SCTP,
 * and of TCP where neither port is that of another service than FTP: so a transfer of FTP, whose ports are agreed on,
 * meets the connection that has agreed on it (docs/decisions/0023). An ICMP error goes where what it quotes has gone
 * (docs/decisions/0039). The VNI is left out: when both ends of a connection are mirrored, the copies meet in one
 * shard. A layer without IP goes to shard 0.
 */
import { IP_PROTOCOL, LAYER, LAYER_FLAG, LAYER_WORDS, type DecodedFrame } from '../decode/packet.js';
import { bucketOf } from '../util/hash.js';

/** Ports below it are those of services. */
const FIRST_FREE_PORT = 1024;
const FTP_PORT = 21;
const FTP_DATA_PORT = 20;

/** The shard, 0 … `shards` - 1, of layer `index` of a decoded frame. */
export function routeLayer(frame: DecodedFrame, index: number, shards: number): number {
  const { layers } = frame;
  const row = index * LAYER_WORDS;
  if (shards === 1 || layers[row + LAYER.ipVersion] === 0) return 0;
  const quoted = layers[row + LAYER.quotedProtocol];
  const ports = layers[row + LAYER.quotedPorts];
  const byAddresses =
    (layers[row + LAYER.flags] & LAYER_FLAG.fragment) !== 0 ||
    (quoted === 0
      ? isByAddresses(layers[row + LAYER.protocol], layers[row + LAYER.srcPort], layers[row + LAYER.dstPort])
      : isByAddresses(quoted, ports >>> 16, ports & 0xffff));
  return bucketOf(layers[row + (byAddresses ? LAYER.addressHash : LAYER.flowHash)], shards);
}

const isByAddresses = (protocol: number, port: number, other: number): boolean =>
  !hasPorts(protocol) || (protocol === IP_PROTOCOL.tcp && mayBeAgreedOn(port, other));

/** Whether a connection may be a transfer of FTP, or what has agreed on one. */
function mayBeAgreedOn(port: number, other: number): boolean {
  return isOpenPort(port) && isOpenPort(other);
}

const isOpenPort = (port: number): boolean => port >= FIRST_FREE_PORT || port === FTP_PORT || port === FTP_DATA_PORT;

/** The layers of a frame as a set, a bit each. */
export const allLayers = (frame: { readonly layerCount: number }): number => (1 << frame.layerCount) - 1;

/** The outermost layer of a set that is not empty. */
export const outermost = (layers: number): number => 31 - Math.clz32(layers & -layers);

/** Those of the set `layers` that go to `shard`; its outermost one does. */
export function layersOfShard(frame: DecodedFrame, layers: number, shard: number, shards: number): number {
  let found = layers & -layers;
  for (let left = layers ^ found; left !== 0; left &= left - 1) {
    if (routeLayer(frame, outermost(left), shards) === shard) found |= left & -left;
  }
  return found;
}

function hasPorts(protocol: number): boolean {
  return protocol === IP_PROTOCOL.tcp || protocol === IP_PROTOCOL.udp || protocol === IP_PROTOCOL.sctp;
}
