/** Transforms of version 2 as attributes that rules name, which are those of version 1. Stage: app; data only. */
import { OWN_TYPE } from './fields.js';

/** By type of transform: encryption, function to make keys, integrity, group. */
const ATTRIBUTE: readonly number[] = [OWN_TYPE, 1, 13, 3, 4];

export const attributeOf = (transform: number): number => ATTRIBUTE[transform] ?? OWN_TYPE + transform;

/** The type of transform of an attribute; -1 where it is of none. */
export const transformOf = (attribute: number): number =>
  attribute >= OWN_TYPE ? attribute - OWN_TYPE : ATTRIBUTE.indexOf(attribute);
