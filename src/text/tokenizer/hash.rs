//! A quick hash for small keys: words and pairs of ids. No defence against chosen collisions; the text is the visitor's own.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

pub(super) type FastMap<K, V> = HashMap<K, V, BuildHasherDefault<FastHasher>>;

/// Multiplies and folds eight bytes at a time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct FastHasher(u64);

/// 2^64 divided by the golden ratio, made odd: spreads consecutive numbers (Knuth, TAOCP 6.4).
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

impl Hasher for FastHasher {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0_u8; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(u64::from(value));
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }

    fn write_u64(&mut self, value: u64) {
        let product = u128::from(self.0 ^ value).wrapping_mul(u128::from(GOLDEN));
        // The low half alone would leave the low bits, which choose the bucket, to the low bits of the key.
        self.0 = (product as u64) ^ ((product >> 64) as u64).rotate_left(23) ^ GOLDEN;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
