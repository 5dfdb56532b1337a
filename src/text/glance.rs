//! PURE. Which words a text can have, at a glance: a set of bits, so that most patterns are turned away
//! without looking any word up.

/// Bits of a glance; with some hundred words, one in thirty is set by chance.
const BITS: usize = 4096;
/// Bytes by which a beginning is told.
const BEGINNING: usize = 3;

/// The bits of a text's words.
#[derive(Clone, Debug)]
pub(super) struct Glance([u64; BITS / 64]);

/// What tells a word, or words that begin alike: a hash, and by it a bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Probe(u32);

impl Default for Glance {
    fn default() -> Self {
        Self([0; BITS / 64])
    }
}

impl Glance {
    /// Adds a token by its stem and its word.
    pub(super) fn add(&mut self, stem: Probe, word: &str) {
        self.set(stem);
        if let Some(probe) = Probe::beginning(word) {
            self.set(probe);
        }
    }

    fn set(&mut self, probe: Probe) {
        self.0[probe.bit() / 64] |= 1 << (probe.bit() % 64);
    }

    /// False if certainly nothing was added that sets this bit.
    pub(super) fn may_have(&self, probe: Probe) -> bool {
        (self.0[probe.bit() / 64] >> (probe.bit() % 64)) & 1 == 1
    }
}

impl Probe {
    /// For a token with this stem.
    pub(super) fn stem(stem: &str) -> Self {
        Self::of(0, stem.as_bytes())
    }

    /// For a token whose word begins so; `None` if that is too short to tell.
    pub(super) fn beginning(word: &str) -> Option<Self> {
        word.as_bytes().get(..BEGINNING).map(|bytes| Self::of(1, bytes))
    }

    fn of(kind: u8, bytes: &[u8]) -> Self {
        // FNV-1a: short, and the same on every platform.
        let start = 0x811c_9dc5_u32 ^ u32::from(kind);
        let hash = bytes.iter().fold(start, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
        Self(hash)
    }

    fn bit(self) -> usize {
        (self.0 ^ (self.0 >> 16)) as usize % BITS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_never_denied_and_little_else_is_not() {
        let mut glance = Glance::default();
        let words: Vec<String> = (0..150).map(|n| format!("w{n}ord")).collect();
        words.iter().for_each(|word| glance.add(Probe::stem(word), word));
        for word in &words {
            assert!(glance.may_have(Probe::stem(word)));
            assert!(Probe::beginning(word).is_some_and(|probe| glance.may_have(probe)));
        }
        let by_chance = (0..1000).filter(|n| glance.may_have(Probe::stem(&format!("other{n}")))).count();
        assert!(by_chance < 150, "{by_chance}");
        assert_eq!(Probe::beginning("ab"), None);
    }
}
