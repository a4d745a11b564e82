/**
 * What is weak in a proposal of IKE 2 for its own messages (RFC 7296, 3.3; RFC 8247). Stage: app. Allocates nothing.
 *
 * A proposal is begun, its transforms are taken one by one, and what it lacks is told at its end.
 */
import type { Direction } from '../../flow/flow.js';
import type { PlainTransaction } from '../fields/plain-transaction.js';
import { ikeEvent } from './events.js';

const TYPE = { encryption: 1, prf: 2, integrity: 3, group: 4, sequence: 5 } as const;
const WEAK_ENCRYPTION: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 11]);
const WEAK_PRF: ReadonlySet<number> = new Set([1, 2]);
const WEAK_INTEGRITY: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7]);
const WEAK_GROUP: ReadonlySet<number> = new Set([1, 2, 5, 22]);
/** Encryption that needs no integrity beside it. */
const AUTHENTICATED: ReadonlySet<number> = new Set([14, 15, 16, 18, 19, 20, 25, 26, 27, 28]);
const NONE = 0;

const EVENT = {
  noEncryption: ikeEvent('no_encryption'),
  weakEncryption: ikeEvent('weak_crypto_enc'),
  weakPrf: ikeEvent('weak_crypto_prf'),
  weakIntegrity: ikeEvent('weak_crypto_auth'),
  noIntegrity: ikeEvent('weak_crypto_no_auth'),
  weakGroup: ikeEvent('weak_crypto_dh'),
  noGroup: ikeEvent('weak_crypto_no_dh'),
  invalid: ikeEvent('invalid_proposal'),
  unknown: ikeEvent('unknown_proposal'),
} as const;

export class ProposalJudge {
  private hasEncryption = false;
  private isProtected = false;
  private hasGroup = false;

  begin(): void {
    this.hasEncryption = false;
    this.isProtected = false;
    this.hasGroup = false;
  }

  take(tx: PlainTransaction, direction: Direction, type: number, id: number): void {
    switch (type) {
      case TYPE.encryption:
        this.hasEncryption = true;
        this.isProtected ||= AUTHENTICATED.has(id);
        if (WEAK_ENCRYPTION.has(id)) tx.raise(EVENT.weakEncryption, direction);
        return;
      case TYPE.prf:
        if (id === NONE) tx.raise(EVENT.invalid, direction);
        else if (WEAK_PRF.has(id)) tx.raise(EVENT.weakPrf, direction);
        return;
      case TYPE.integrity:
        this.isProtected ||= id !== NONE;
        if (WEAK_INTEGRITY.has(id)) tx.raise(EVENT.weakIntegrity, direction);
        return;
      case TYPE.group:
        this.hasGroup = true;
        if (id === NONE) tx.raise(EVENT.invalid, direction);
        else if (WEAK_GROUP.has(id)) tx.raise(EVENT.weakGroup, direction);
        return;
      case TYPE.sequence:
        return;
      default:
        tx.raise(EVENT.unknown, direction);
    }
  }

  end(tx: PlainTransaction, direction: Direction): void {
    if (!this.hasEncryption) tx.raise(EVENT.noEncryption, direction);
    if (!this.isProtected) tx.raise(EVENT.noIntegrity, direction);
    if (!this.hasGroup) tx.raise(EVENT.noGroup, direction);
  }
}
