/** The capture filter: which of a few frames each setting leaves out, and why. */
import { describe, expect, it } from 'vitest';
import { DISPATCHER_SLOTS } from '../../src/counters/names.js';
import { CaptureFilter, INSPECTED, NO_FILTER, type FilterOptions } from '../../src/dispatch/capture-filter.js';
import { decode } from '../support/decoded.js';
import { ethernet, fragmentIpv4, icmp, ipv4, ipv6, tcp, udp } from '../support/packet-builder.js';

const large = ipv4({ src: '10.3.0.1', dst: '10.3.0.2' }, udp({ srcPort: 2049, dstPort: 2049 }, 'x'.repeat(2500)));
const frames = {
  ask: ethernet({}, ipv4({ src: '10.0.0.1', dst: '10.9.0.2' }, tcp({ srcPort: 1000, dstPort: 80 }))),
  tell: ethernet({}, ipv4({ src: '10.9.0.2', dst: '10.0.0.1' }, tcp({ srcPort: 80, dstPort: 1000 }))),
  dns: ethernet({}, ipv4({ src: '10.0.0.1', dst: '10.9.1.2' }, udp({ srcPort: 1000, dstPort: 53 }, 'x'))),
  ping: ethernet({}, ipv4({ src: '10.0.0.1', dst: '10.9.0.2' }, icmp({ type: 8 }))),
  dns6: ethernet({}, ipv6({ src: 'fd00::1', dst: 'fd01::1' }, udp({ srcPort: 1000, dstPort: 53 }, 'x'))),
  fragment: ethernet({}, fragmentIpv4(large, 1000)[0]!),
};
type Name = keyof typeof frames;

/** The frames that the filter leaves out, and the reasons it has. */
function leftOut(options: Partial<FilterOptions>): { names: string[]; reasons: number[] } {
  const filter = new CaptureFilter({ ...NO_FILTER, ...options });
  const reasons = Object.entries(frames).map(([name, frame]) => {
    const { bytes, frame: decoded } = decode(frame, undefined, 7);
    return { name, reason: filter.reasonOf(bytes, decoded) };
  });
  const out = reasons.filter(({ reason }) => reason !== INSPECTED);
  return { names: out.map(({ name }) => name), reasons: [...new Set(out.map(({ reason }) => reason))] };
}

const { droppedFilterPort: port, droppedFilterProtocol: protocol, droppedFilterAddress: address } = DISPATCHER_SLOTS;

describe('the capture filter', () => {
  it('leaves nothing out unless it is told to', () => {
    expect(leftOut({}).names).toEqual([]);
  });

  it.each<[Partial<FilterOptions>, readonly Name[], number]>([
    [{ ports: [80] }, ['ask', 'tell'], port],
    [{ ports: [53, 80] }, ['ask', 'tell', 'dns', 'dns6'], port],
    [{ protocols: [1] }, ['ping'], protocol],
    [{ addresses: ['10.9.0.0/16'] }, ['ask', 'tell', 'dns', 'ping'], address],
    [{ addresses: ['10.9.0.0/23'] }, ['ask', 'tell', 'dns', 'ping'], address],
    [{ addresses: ['10.9.0.0/24'] }, ['ask', 'tell', 'ping'], address],
    [{ addresses: ['10.9.0.2'] }, ['ask', 'tell', 'ping'], address],
    [{ addresses: ['fd01::/16', '10.3.0.1'] }, ['dns6', 'fragment'], address],
  ])('leaves out what %j says, by either end', (options, names, reason) => {
    expect(leftOut(options)).toEqual({ names, reasons: [reason] });
  });

  it('sees no port in a fragment, and no address beside a network', () => {
    expect(leftOut({ ports: [2049] }).names).toEqual([]);
    expect(leftOut({ addresses: ['10.9.0.128/25'] }).names).toEqual([]);
  });
});
