/** The part of an event that is the same for every alert of a rule. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { eventJson } from '../../src/compile/event-json.js';
import { program } from '../support/rule-programs.js';

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string());

describe('JSON of a rule', () => {
  it('says what JSON.stringify says of its members', () => {
    const metadata = fc.uniqueArray(fc.tuple(text, fc.array(text, { minLength: 1, maxLength: 3 })), {
      maxLength: 4,
      selector: ([key]) => key,
    });
    const references = fc.array(fc.record({ system: fc.constantFrom('url', 'other'), id: text }), { maxLength: 3 });
    fc.assert(
      fc.property(text, text, metadata, references, (msg, category, pairs, written) => {
        const rule = program({ msg, category, metadata: new Map(pairs), references: written });
        const json = eventJson(rule, (system) => (system === 'url' ? 'https://' : undefined));
        const addresses = written.flatMap(({ system, id }) => (system === 'url' ? [`https://${id}`] : []));
        const alert = {
          action: 'allowed',
          gid: 1,
          signature_id: 1,
          rev: 1,
          signature: msg,
          category,
          severity: 3,
          metadata: pairs.length > 0 ? Object.fromEntries(pairs) : undefined,
          references: addresses.length > 0 ? addresses : undefined,
        };
        expect(JSON.parse(`{${json}}}`)).toEqual(JSON.parse(JSON.stringify({ alert })));
      }),
    );
  });
});
