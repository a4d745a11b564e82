/** What kind of function a number is (Modbus Application Protocol 1.1b3, chapter 5 and annex A). Stage: app. */
import { CATEGORY } from './buffers.js';

export const DIAGNOSTICS = 8;
export const ENCAPSULATED = 43;
/** Functions that the specification assigns; those that it leaves to users; those that old devices have. */
const ASSIGNED = new Set([1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 15, 16, 17, 20, 21, 22, 23, 24, 43]);
const RESERVED = new Set([9, 10, 13, 14, 41, 42, 90, 91, 125, 126, 127]);
const isUsers = (code: number): boolean => (code >= 65 && code <= 72) || (code >= 100 && code <= 110);

export function categoryOf(code: number, subfunction: number): number {
  if (RESERVED.has(code) || isReservedWithin(code, subfunction)) return CATEGORY.reserved;
  if (ASSIGNED.has(code)) return CATEGORY.assigned;
  return isUsers(code) ? CATEGORY.user : CATEGORY.unassigned;
}

function isReservedWithin(code: number, subfunction: number): boolean {
  if (code === DIAGNOSTICS) return (subfunction > 4 && subfunction < 10) || subfunction === 19 || subfunction > 20;
  return code === ENCAPSULATED && subfunction !== 13 && subfunction !== 14;
}
