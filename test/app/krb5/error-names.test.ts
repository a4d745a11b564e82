/** Names of errors in events, as RFC 4120, 7.5.9, and RFC 4556 list them. */
import { describe, expect, it } from 'vitest';
import { eventsOfTalks } from '../../support/reading.js';
import { error, request } from '../support/krb5-messages.js';

describe('an error', () => {
  it('has its name in the event, and its number where there is none', () => {
    const codes = [0, 1, 6, 13, 25, 29, 30, 34, 41, 43, 52, 60, 64, 67, 69, 76, 77, 127];
    const talks = codes.map((code) => ({
      serverPort: 88,
      udp: true,
      said: [
        ['>', request(10)],
        ['<', error(code)],
      ] as const,
    }));
    const names = eventsOfTalks(talks, [], ['eve.types=krb5']).map((events) =>
      events
        .map((event) => (event as unknown as { krb5: { error_code?: string } }).krb5.error_code)
        .filter((name) => name !== undefined),
    );
    expect(names.flat()).toEqual([
      'KDC_ERR_NONE',
      'KDC_ERR_NAME_EXP',
      'KDC_ERR_C_PRINCIPAL_UNKNOWN',
      'KDC_ERR_BADOPTION',
      'KDC_ERR_PREAUTH_REQUIRED',
      'KDC_ERR_SVC_UNAVAILABLE',
      '30',
      'KRB_AP_ERR_REPEAT',
      'KRB_AP_ERR_MODIFIED',
      '43',
      'KRB_ERR_RESPONSE_TOO_BIG',
      'KRB_ERR_GENERIC',
      'KDC_ERROR_INVALID_SIG',
      'KRB_AP_ERR_NO_TGT',
      'KRB_AP_ERR_USER_TO_USER_REQUIRED',
      'KDC_ERR_KDC_NAME_MISMATCH',
      '77',
      '127',
    ]);
  });
});
