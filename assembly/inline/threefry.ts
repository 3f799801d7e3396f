// One round of Threefry-2x32 on four counters at once; its user writes out the 20 rounds (Salmon, Moraes, Dror & Shaw 2011, doi:10.1145/2063384.2063405).

/** The second word after a round: rotated left, then mixed with the first (which has already been added to). */
// @ts-ignore: decorator
@inline
export function mixed(x1: v128, x0: v128, rotation: i32): v128 {
  return v128.xor(v128.or(i32x4.shl(x1, rotation), i32x4.shr_u(x1, 32 - rotation)), x0);
}

/** Third word of the key schedule. */
// @ts-ignore: decorator
@inline
export function parityWord(key0: i32, key1: i32): i32 {
  return 0x1bd11bda ^ key0 ^ key1;
}
