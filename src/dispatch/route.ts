/**
 * Which shard a frame goes to. Stage: dispatch, after defragmentation. No allocation.
 *
 * By the symmetric hash of the 5-tuple of the first IP layer, so that both directions of a flow meet; by addresses alone
 * where that layer is a fragment, carries a further tunnel, or is not TCP, UDP or SCTP. The VNI is left out: when both
 * ends of a connection are mirrored, the copies meet in one shard. Non-IP frames go to shard 0, as do unusable ones.
 */
import { IP_PROTOCOL, LAYER, LAYER_FLAG, type DecodedFrame } from '../decode/packet.js';
import { bucketOf } from '../util/hash.js';

/** The shard, 0 … `shards` - 1, of a decoded frame. */
export function routeFrame(frame: DecodedFrame, shards: number): number {
  const layers = frame.layers;
  if (shards === 1 || frame.layerCount === 0 || layers[LAYER.ipVersion] === 0) return 0;
  const byAddresses = (layers[LAYER.flags] & (LAYER_FLAG.fragment | LAYER_FLAG.tunnel)) !== 0 || !hasPorts(layers[LAYER.protocol]);
  return bucketOf(layers[byAddresses ? LAYER.addressHash : LAYER.flowHash], shards);
}

/**
 * The shard of a reassembled datagram: its own where its fragments were the first IP layer. Where they lay in a tunnel,
 * the tunnel's: unfragmented packets of the same flow go there, too.
 */
export function routeDatagram(fragment: DecodedFrame, datagram: DecodedFrame, shards: number): number {
  return routeFrame(fragment.fragmentLayer > 0 ? fragment : datagram, shards);
}

function hasPorts(protocol: number): boolean {
  return protocol === IP_PROTOCOL.tcp || protocol === IP_PROTOCOL.udp || protocol === IP_PROTOCOL.sctp;
}
