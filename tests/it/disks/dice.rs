//! Numbers that depend on a seed alone (xorshift64*), so that a failure can be had again.

/// A source of such numbers.
pub struct Dice(pub u64);

/// What `OSTOJA_SEED` says, or the seed of every day.
pub fn seed() -> u64 {
    let given = std::env::var("OSTOJA_SEED").ok().and_then(|text| text.parse().ok());
    given.unwrap_or(0x00c0_ffee_dead_beef)
}

impl Dice {
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % end
    }
}
