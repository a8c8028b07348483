import { invariant } from '../../shared/invariant';

/** H query heads share Hkv key-value heads, H/Hkv of them each; a head is D numbers wide. */
export interface Heads {
  readonly H: number;
  readonly Hkv: number;
  readonly D: number;
}

/** Numbers of a row of qkv: q heads | k heads | v heads. */
export const qkvWidth = ({ H, Hkv, D }: Heads): number => (H + 2 * Hkv) * D;

/** Throws a 'bug' for heads that no attention kernel can run. */
export function expectHeads({ H, Hkv, D }: Heads): void {
  invariant(D % 8 === 0 && D <= 128, `Head size ${D} is not a multiple of 8 up to 128.`);
  invariant(H % Hkv === 0, `${H} query heads cannot share ${Hkv} key-value heads.`);
}
