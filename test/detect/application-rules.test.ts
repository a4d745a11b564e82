/** Rules about the application of a flow, on packets: which are tried on which. Told here by hand. */
import { describe, expect, it } from 'vitest';
import { applicationId, type ApplicationName } from '../../src/app/applications.js';
import { DIRECTION, type Direction } from '../../src/flow/flow.js';
import { setApplication, settleSide } from '../../src/flow/flow-application.js';
import type { FlowTest } from '../../src/rule/program.js';
import { Sensor } from '../support/detecting.js';
import { ethernet, ipv4, tcp, udp } from '../support/packet-builder.js';
import { content, program, type ProgramFields } from '../support/rule-programs.js';

const CLIENT = { src: '192.0.2.1', dst: '198.51.100.7' };
const SERVER = { src: CLIENT.dst, dst: CLIENT.src };
const asks = (fields: Partial<FlowTest & { readonly kind: 'application' }> = {}): FlowTest => ({
  kind: 'application',
  applications: ['ssh'],
  side: 'own',
  negated: false,
  ...fields,
});

class Talk {
  private readonly sensor: Sensor;
  private readonly over: 'tcp' | 'udp';
  private seq = 1;

  constructor(rules: readonly ProgramFields[], over: 'tcp' | 'udp' = 'tcp') {
    this.sensor = new Sensor(rules.map((fields, index) => program({ sid: index + 1, ...fields })));
    this.over = over;
  }

  /** A packet with payload. @returns the sids that alert. */
  send(direction: Direction, text = 'x'): readonly number[] {
    const ports =
      direction === DIRECTION.toServer ? { srcPort: 40_000, dstPort: 22 } : { srcPort: 22, dstPort: 40_000 };
    this.seq += text.length;
    const segment = this.over === 'tcp' ? tcp({ ...ports, seq: this.seq }, text) : udp(ports, text);
    return this.sensor
      .send(ethernet({}, ipv4(direction === DIRECTION.toServer ? CLIENT : SERVER, segment)))
      .map(({ sid }) => sid)
      .sort();
  }

  tell(direction: Direction, name: ApplicationName): void {
    const flow = this.sensor.flows.lookup(this.sensor.packet)!;
    settleSide(flow, direction, applicationId(name));
    setApplication(flow, applicationId(name));
  }
}

const { toServer, toClient } = DIRECTION;

describe('a rule with an application in its header', () => {
  it('is tried on every packet from when it is told on, in both directions', () => {
    const talk = new Talk([{ header: { applications: ['ssh'] } }, { header: { applications: ['http', 'http2'] } }]);
    expect([talk.send(toServer), talk.send(toClient)]).toEqual([[], []]);
    talk.tell(toClient, 'ssh');
    expect([talk.send(toServer), talk.send(toClient), talk.send(toServer)]).toEqual([[1], [1], [1]]);
  });

  it('with contents is tried where they are', () => {
    const talk = new Talk([{ header: { applications: ['ssh'] }, payload: [content('bad')] }]);
    expect(talk.send(toServer, 'bad')).toEqual([]);
    talk.tell(toServer, 'ssh');
    expect([talk.send(toServer, 'good'), talk.send(toServer, 'bad')]).toEqual([[], [1]]);
  });
});

describe('a rule about what a side speaks', () => {
  it('and nothing else is tried once per direction', () => {
    const talk = new Talk([{ flowTests: [asks()] }, { flowTests: [asks({ applications: ['http'], negated: true })] }]);
    expect(talk.send(toServer)).toEqual([]);
    talk.tell(toServer, 'ssh');
    expect([talk.send(toServer), talk.send(toServer), talk.send(toClient)]).toEqual([[1, 2], [], []]);
    talk.tell(toClient, 'ssh');
    expect([talk.send(toServer), talk.send(toClient), talk.send(toClient)]).toEqual([[], [1, 2], []]);
  });

  it('over datagrams is tried once per direction, too', () => {
    const talk = new Talk([{ flowTests: [asks()] }], 'udp');
    talk.send(toServer);
    talk.tell(toServer, 'ssh');
    expect([talk.send(toServer), talk.send(toServer), talk.send(toClient)]).toEqual([[1], [], []]);
    talk.tell(toClient, 'ssh');
    expect([talk.send(toServer), talk.send(toClient), talk.send(toClient)]).toEqual([[], [1], []]);
  });

  it('and about the state of the flow is tried on every packet', () => {
    const talk = new Talk([{ flowTests: [asks()], flow: { established: true } }]);
    talk.send(toServer);
    talk.tell(toServer, 'ssh');
    expect([talk.send(toServer), talk.send(toServer), talk.send(toClient)]).toEqual([[1], [1], []]);
  });

  it('with contents is tried where they are', () => {
    const talk = new Talk([{ flowTests: [asks({ negated: true })], payload: [content('bad')] }]);
    expect(talk.send(toServer, 'bad')).toEqual([]);
    talk.tell(toServer, 'http');
    expect([talk.send(toServer, 'bad'), talk.send(toServer, 'bad')]).toEqual([[1], [1]]);
    talk.tell(toServer, 'ssh');
    expect(talk.send(toServer, 'bad')).toEqual([]);
  });
});

describe('a rule about how what the sides speak differs', () => {
  const rules: readonly ProgramFields[] = (['differ', 'one_known'] as const).map((side) => ({
    flowTests: [asks({ applications: ['failed'], side })],
  }));

  it.each<[client: ApplicationName, server: ApplicationName, sids: number[]]>([
    ['http', 'ssh', [1]],
    ['http', 'failed', [2]],
    ['failed', 'ssh', [2]],
    ['ssh', 'ssh', []],
    ['failed', 'failed', []],
  ])('is tried once note is taken of both: %s, %s', (client, server, sids) => {
    const talk = new Talk(rules);
    talk.send(toServer);
    talk.tell(toServer, client);
    expect([talk.send(toServer), talk.send(toClient)]).toEqual([[], []]);
    talk.tell(toClient, server);
    expect([talk.send(toServer), talk.send(toClient), talk.send(toClient), talk.send(toServer)]).toEqual([
      [],
      sids,
      [],
      [],
    ]);
  });

  it('is tried once where both have told before the next packet', () => {
    const talk = new Talk(rules);
    talk.send(toServer);
    talk.tell(toServer, 'http');
    talk.tell(toClient, 'failed');
    expect([talk.send(toClient), talk.send(toServer), talk.send(toClient)]).toEqual([[], [2], []]);
  });

  it('is not about datagrams', () => {
    const talk = new Talk(rules, 'udp');
    talk.send(toServer);
    talk.tell(toServer, 'dns');
    talk.tell(toServer, 'ntp');
    talk.tell(toClient, 'dns');
    expect(talk.send(toClient)).toEqual([]);
  });
});
