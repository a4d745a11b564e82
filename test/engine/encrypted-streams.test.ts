/** Rules over streams see what connections say before they are encrypted. */
import { afterAll, expect, it } from 'vitest';
import { kexinit, packet } from '../app/ssh/conversations.js';
import { Recording } from '../support/recording.js';
import { Folder, parseEvents, periscope } from '../support/sensor.js';
import { pcapOf } from './traffic.js';

const folder = new Folder();
afterAll(() => folder.remove());

const NEW_KEYS = packet([21]);
const TEXTS = ['SSH-2.0-a', 'SSH-2.0-b', 'aes256-client', 'aes256-server', 'behind the keys'];

it('banners and key exchanges of SSH are inspected, and nothing behind them', async () => {
  const recording = new Recording();
  const ssh = recording.tcp('10.0.0.1:4000', '10.0.0.2:2222').open();
  ssh.client('SSH-2.0-a\r\n').server('SSH-2.0-b\r\n').client(kexinit('client')).server(kexinit('server'));
  ssh.client(NEW_KEYS).server(NEW_KEYS).client('behind the keys of both').server('behind the keys of both').close();
  const rules = TEXTS.map((text, i) => `alert tcp any any -> any any (content:"${text}"; sid:${i + 1};)`);
  const { stdout, stderr } = await periscope([
    'read',
    folder.write('ssh.pcap', pcapOf(recording)),
    '--rules',
    folder.write('ssh.rules', rules.join('\n')),
  ]);
  expect(stderr).toBe('');
  const found = parseEvents(stdout).map(({ alert, src_ip }) => `${src_ip} ${TEXTS[alert.signature_id - 1]}`);
  expect(found.toSorted()).toEqual([
    '10.0.0.1 SSH-2.0-a',
    '10.0.0.1 aes256-client',
    '10.0.0.2 SSH-2.0-b',
    '10.0.0.2 aes256-server',
  ]);
});
