/**
 * What events say of applications and of proxied clients; the forms are those that Suricata prints
 * (test/app/peer.test.ts).
 */
import { describe, expect, it } from 'vitest';
import { applicationId } from '../../../src/app/applications.js';
import { appendApplications } from '../../../src/detect/event/application-members.js';
import { EventLine } from '../../../src/detect/event/event-line.js';
import { DIRECTION, Flow } from '../../../src/flow/flow.js';
import { changeApplication, setApplication, settleSide } from '../../../src/flow/flow-application.js';
import { Sensor } from '../../support/detecting.js';
import { ethernet, ipv4, udp } from '../../support/packet-builder.js';
import { content, program } from '../../support/rule-programs.js';

const { toServer, toClient } = DIRECTION;
const [http, tls, failed] = [applicationId('http'), applicationId('tls'), applicationId('failed')];
function textOf(flow: Flow): string {
  const line = new EventLine();
  appendApplications(line, flow);
  return line.text();
}
const membersOf = (flow: Flow): unknown => JSON.parse(`{${textOf(flow)}"end":0}`);

describe('an event', () => {
  it('says nothing of an application that is not known', () => {
    expect(textOf(new Flow())).toBe('');
  });

  it("names the flow's, and that of a side where it is another", () => {
    const flow = new Flow();
    setApplication(flow, http);
    settleSide(flow, toServer, http);
    expect(membersOf(flow)).toEqual({ app_proto: 'http', end: 0 });
    settleSide(flow, toClient, failed);
    expect(membersOf(flow)).toEqual({ app_proto: 'http', app_proto_tc: 'failed', end: 0 });
  });

  it('names what it was before a change, and what it was to become', () => {
    const flow = new Flow();
    setApplication(flow, http);
    changeApplication(flow, tls);
    expect(membersOf(flow)).toEqual({ app_proto: 'http', app_proto_expected: 'tls', end: 0 });
    setApplication(flow, tls);
    settleSide(flow, toServer, tls);
    expect(membersOf(flow)).toEqual({ app_proto: 'tls', app_proto_orig: 'http', end: 0 });
  });

  it('has it among its members, with the client that a PROXY header named', () => {
    const named = { srcIp: '198.51.100.7', srcPort: 1, destIp: '192.0.2.1', destPort: 443 };
    const sensor = new Sensor([program({ payload: [content('hello')] })], {
      detector: { alerts: { proxyOf: () => named } },
    });
    const { event } = sensor.send(ethernet({}, ipv4({}, udp({}, 'hello'))), (packet) => {
      setApplication(sensor.flows.lookup(packet)!, http);
    })[0];
    expect(event).toMatchObject({
      app_proto: 'http',
      proxy: { src_ip: '198.51.100.7', src_port: 1, dest_ip: '192.0.2.1', dest_port: 443 },
    });
  });
});
