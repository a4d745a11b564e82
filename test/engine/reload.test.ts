/** Reloads that no signal asks for: files that change, and a request with a token; and those that are refused. */
import { existsSync, renameSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { ethernet, ipv4, udp, vxlan } from '../support/packet-builder.js';
import { periscope, Sensor, until } from '../support/sensor.js';

const TOKEN = 'a token of its own';
const rule = (sid: number, text: string): string =>
  `alert udp any any -> any any (msg:"${text}"; content:"${text}"; sid:${sid};)\n`;
const broken = (count: number): string =>
  Array.from({ length: count }, (_, i) => `alert udp any any -> any any (nothing:1; sid:${900 + i};)\n`).join('');
const datagram = (text: string): Uint8Array =>
  vxlan({ vni: 1 }, ethernet({}, ipv4({}, udp({ srcPort: 1000, dstPort: 53 }, text))));

let sensor: Sensor | undefined;
afterEach(async () => {
  await sensor?.stop();
  sensor = undefined;
});

const post = (authorization?: string, path = '/-/reload'): Promise<Response> =>
  fetch(`http://127.0.0.1:${sensor!.adminPort}${path}`, {
    method: 'POST',
    headers: authorization === undefined ? {} : { authorization },
  });

describe('rule files that change', () => {
  it('are loaded without a signal, once they are at rest', async () => {
    sensor = await Sensor.start({ rules: rule(1, 'first'), settings: { 'reload.pollSeconds': 0.05 } });
    sensor.folder.write('test.rules', rule(1, 'first') + rule(2, 'second'));
    await sensor.log('rule files have changed');
    await sensor.log('rules are loaded again: 2 rules');
    await sensor.send([datagram('second')]);
    expect((await sensor.alerts(1)).map(({ alert }) => alert.signature_id)).toEqual([2]);
  });

  it('that cannot be loaded leave the rules in use, and are not tried again until they change', async () => {
    sensor = await Sensor.start({ rules: rule(1, 'first'), settings: { 'reload.pollSeconds': 0.05 } });
    sensor.folder.write('test.rules', broken(1));
    await sensor.log('the rules in use stay as they are');
    sensor.folder.write('test.rules', rule(1, 'first') + rule(3, 'third'));
    await sensor.log('rules are loaded again: 2 rules');
    expect(sensor.logs.filter(({ msg }) => msg.startsWith('the rules in use stay'))).toHaveLength(1);
    expect((await sensor.metrics()).get('reloads_total', 'result="failure"')).toBe(1);
  });
});

describe('POST /-/reload', () => {
  it('loads the rules for who has the token, and nobody else', async () => {
    sensor = await Sensor.start({
      rules: rule(1, 'first'),
      settings: { 'reload.pollSeconds': 0 },
      environment: { PERISCOPE_ADMIN_TOKEN: TOKEN },
    });
    sensor.folder.write('test.rules', rule(1, 'first') + rule(2, 'second'));
    const refused = await Promise.all([post(), post('Bearer another token'), post(TOKEN), post('Bearer ')]);
    expect(refused.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
    expect((await post(`Bearer ${TOKEN}`)).status).toBe(202);
    await sensor.log('a reload is asked for at the admin port');
    await sensor.log('rules are loaded again: 2 rules');
    const metrics = await sensor.metrics();
    expect(metrics.get('admin_refused_total', 'reason="unauthorized"')).toBe(4);
    expect(metrics.get('reloads_total', 'result="success"')).toBe(2);
    expect(sensor.errors).not.toContain(TOKEN);
    // A file that was moved away is left for a new one, likewise.
    renameSync(sensor.folder.at('eve.json'), sensor.folder.at('old.json'));
    expect((await post(undefined, '/-/reopen')).status).toBe(401);
    expect((await post(`Bearer ${TOKEN}`, '/-/reopen')).status).toBe(202);
    await until('a new file', () => existsSync(sensor!.folder.at('eve.json')));
  });

  it('is not there without a token', async () => {
    sensor = await Sensor.start({ rules: rule(1, 'first') });
    expect([(await post()).status, (await post('Bearer ')).status]).toEqual([405, 405]);
    expect((await sensor.get('/-/reload')).status).toBe(404);
  });

  it('takes its token from a file or the environment, never from the command line', async () => {
    const { status, stderr } = await periscope(['run', '--set', `adminToken=${TOKEN}`]);
    expect(status).toBe(2);
    expect(stderr).toContain(
      'adminToken (--set): is a secret: put it into the configuration file or PERISCOPE_ADMIN_TOKEN',
    );
    const short = await periscope(['run'], { PERISCOPE_ADMIN_TOKEN: 'too short' });
    expect([short.status, short.stderr.includes('too short')]).toEqual([2, false]);
  });
});

describe('a reload of which too many rules fail', () => {
  it('is refused, unless as many failed before', async () => {
    const settings = { 'reload.pollSeconds': 0, 'reload.maxFailedPercent': 20 };
    sensor = await Sensor.start({ rules: rule(1, 'first') + rule(2, 'second'), settings });
    sensor.folder.write('test.rules', rule(1, 'first') + rule(2, 'second') + broken(1));
    sensor.signal('SIGHUP');
    const { msg } = await sensor.log('the rules in use stay as they are');
    expect(msg).toContain('33.3 per cent of the rules fail, more than reload.maxFailedPercent');
    await sensor.stop();
    sensor = await Sensor.start({ rules: rule(1, 'first') + broken(1), settings });
    sensor.folder.write('test.rules', rule(2, 'second') + broken(1));
    sensor.signal('SIGHUP');
    await sensor.log('rules are loaded again: 1 rule');
    await until(
      'the new rule is in use',
      async () => (await sensor!.metrics()).get('reloads_total', 'result="success"') === 2,
    );
  });
});
