/**
 * The thread of one update of the rules: fetching waits on strangers, and compiling takes seconds. Stage: load.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { reasonOf } from '../util/reason.js';
import { updateRuleSet, type UpdateOutcome, type UpdateRequest } from './rule-update.js';

export type UpdateMessage = UpdateOutcome | { readonly kind: 'failed'; readonly reason: string };

const failed = (error: unknown): UpdateMessage => ({ kind: 'failed', reason: reasonOf(error) });

parentPort!.postMessage(await updateRuleSet(workerData as UpdateRequest).catch(failed));
