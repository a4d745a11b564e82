/**
 * What events say beside the packet: the link, the mirror session's and the sensor's name, what rules left at the flow.
 */
import { describe, expect, it } from 'vitest';
import type { AlertOptions } from '../../../src/detect/event/alert.js';
import { etherMember } from '../../../src/detect/event/link-members.js';
import { Packet } from '../../../src/decode/packet.js';
import { Sensor, type Alert } from '../../support/detecting.js';
import { ethernet, ipv4, udp, vlan } from '../../support/packet-builder.js';
import { programsOf } from '../../support/inspect.js';
import { program } from '../../support/rule-programs.js';

const packet = ipv4({}, udp({}, 'hello'));
const alertOn = (frame: Uint8Array, alerts: AlertOptions = {}, change?: (packet: Packet) => void): Alert =>
  new Sensor([program({})], { detector: { alerts } }).send(frame, change)[0]!;

describe('the link of a packet', () => {
  it('is its VLAN tags, the outermost first', () => {
    expect(alertOn(ethernet({}, packet)).event).not.toHaveProperty('vlan');
    expect(alertOn(ethernet({}, vlan({ id: 7 }, packet))).event.vlan).toEqual([7]);
    expect(alertOn(ethernet({}, vlan({ id: 4095 }, vlan({ id: 2 }, vlan({ id: 3 }, packet))))).event.vlan).toEqual([
      4095, 2, 3,
    ]);
  });

  it('is its MAC addresses where they are asked for', () => {
    const frame = ethernet({ src: '02:00:00:00:0a:01', dst: '02:00:00:00:0a:fe' }, packet);
    expect(alertOn(frame).event).not.toHaveProperty('ether');
    expect(alertOn(frame, { ethernet: true }).event.ether).toEqual({
      src_mac: '02:00:00:00:0a:01',
      dest_mac: '02:00:00:00:0a:fe',
    });
  });

  it('has no MAC addresses where the frame is cut within them, or is of another kind', () => {
    const cut = new Packet();
    cut.frameLength = 11;
    expect(etherMember(cut)).toBe('');
    expect(etherMember(Object.assign(new Packet(), { frameLength: 60, linkType: 101 }))).toBe('');
  });
});

describe('names', () => {
  const named = (vni: number): Record<string, unknown> =>
    alertOn(ethernet({}, packet), { sensor: 'zone "a"', vniNames: { 42: 'shop' } }, (each) => (each.vni = vni)).event;

  it('are those of the sensor and of the mirror session', () => {
    expect(named(42)).toMatchObject({ host: 'zone "a"', tunnel: { vni: 42, name: 'shop' } });
    expect(named(43).tunnel).toEqual({ vni: 43 });
    expect(alertOn(ethernet({}, packet)).event).not.toHaveProperty('host');
  });
});

describe('what rules left at the flow', () => {
  const rules = [
    'alert udp any any -> any any (content:"hello"; flowbits:set,seen; flowbits:set,x.y; noalert; sid:1;)',
    'alert udp any any -> any any (content:"hello"; flowint:count,=,7; noalert; sid:2;)',
    'alert udp any any -> any any (content:"hello"; sid:3;)',
  ];

  it('is in alerts by name', () => {
    const sensor = new Sensor(programsOf(rules.join('\n')));
    const [{ event }] = sensor.send(ethernet({}, packet)) as [Alert];
    expect(event.metadata).toMatchObject({ flowints: { count: 7 } });
    expect((event.metadata as { flowbits: string[] }).flowbits.toSorted()).toEqual(['seen', 'x.y'].toSorted());
  });

  it('is not there where there is nothing, or what no rule names any more', () => {
    expect(alertOn(ethernet({}, packet)).event).not.toHaveProperty('metadata');
    const sensor = new Sensor(programsOf(rules[2]!));
    sensor.send(ethernet({}, packet));
    sensor.flows.lookup(sensor.packet)!.setBit(12_345);
    expect(sensor.send(ethernet({}, packet))[0]!.event).not.toHaveProperty('metadata');
  });
});
