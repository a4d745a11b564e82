/** The client that a PROXY header names is in the events of its flow. */
import { afterAll, expect, it } from 'vitest';
import { framesOf } from '../support/conversation.js';
import { pcapFile } from '../support/pcap-writer.js';
import { Folder, parseEvents, periscope } from '../support/sensor.js';

const folder = new Folder();
afterAll(() => folder.remove());

it('names it', async () => {
  const request = 'GET /needle HTTP/1.1\r\nHost: example.org\r\n\r\n';
  const said = [['>', `PROXY TCP4 192.0.2.7 10.9.0.1 4711 80\r\n${request}`]] as const;
  const capture = folder.write('proxy.pcap', pcapFile(framesOf({ said, serverPort: 80, host: 1 })));
  const rules = folder.write('proxy.rules', 'alert http any any -> any any (http.uri; content:"needle"; sid:1;)');
  const set = ['--set', 'eve.types=alert,flow'];
  const { stdout, stderr } = await periscope(['read', capture, '--rules', rules, ...set]);
  expect(stderr).toBe('');
  const proxy = { src_ip: '192.0.2.7', src_port: 4711, dest_ip: '10.9.0.1', dest_port: 80 };
  expect(parseEvents(stdout)).toMatchObject([
    { event_type: 'alert', src_ip: '10.8.0.1', proxy },
    { event_type: 'flow', proxy },
  ]);
});
