//! Proof that one tree continues another, as text.
//!
//! The form is not ours: it is the body of `add-checkpoint` of C2SP tlog-witness, so what a keeper of
//! old checkpoints is given and what a witness is given are the same bytes. A log that serves its tiles
//! needs nothing more over HTTP: whoever has two checkpoints computes this from them.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

use crate::kernel::{
    crypto::Hash,
    log::{
        checkpoint::Checkpoint,
        proof::{BadProof, bad},
        tree::is_consistent,
    },
};

/// C2SP tlog-witness allows no more; a tree of 2^64 entries needs no more.
pub const HASHES_MAX: usize = 63;

/// A consistency proof (RFC 6962, 2.1.2) from an older size to a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsistencyProof {
    /// Size of the older tree.
    pub old: u64,
    pub hashes: Vec<Hash>,
    /// The newer checkpoint, a signed note; empty when whoever checks has it already.
    pub checkpoint: String,
}

impl ConsistencyProof {
    /// The text.
    pub fn to_text(&self) -> String {
        let mut text = format!("old {}\n", self.old);
        for hash in &self.hashes {
            text.push_str(&BASE64.encode(hash));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.checkpoint);
        text
    }

    /// Reads the text, in its one spelling.
    ///
    /// # Errors
    /// It is not one.
    pub fn parse(text: &str) -> Result<ConsistencyProof, BadProof> {
        // Without hashes the blank line follows the first one at once.
        let (head, checkpoint) = text.split_once("\n\n").ok_or_else(|| bad("no blank line"))?;
        let mut lines = head.lines();
        let old = lines
            .next()
            .and_then(|line| line.strip_prefix("old "))
            .and_then(|size| size.parse().ok())
            .ok_or_else(|| bad("the first line is not 'old' and a size"))?;
        let hashes = lines
            .map(|line| BASE64.decode(line).ok().and_then(|raw| Hash::try_from(raw).ok()))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| bad("a line is not a hash"))?;
        if hashes.len() > HASHES_MAX {
            return Err(bad(format!("more than {HASHES_MAX} hashes")));
        }
        let proof = ConsistencyProof { old, hashes, checkpoint: checkpoint.to_owned() };
        if proof.to_text() != text {
            return Err(bad("it is not spelt canonically"));
        }
        Ok(proof)
    }

    /// Checks that the newer tree continues the older one. Who signed the two is not asked here.
    ///
    /// # Errors
    /// It does not, or the proof is of other sizes.
    pub fn verify(&self, old: &Checkpoint, new: &Checkpoint) -> Result<(), BadProof> {
        if old.origin != new.origin {
            return Err(bad("the two checkpoints are of different logs"));
        }
        if old.size != self.old {
            return Err(bad(format!(
                "it starts from {} entries, and the older checkpoint has {}",
                self.old, old.size
            )));
        }
        if new.size < old.size {
            return Err(bad("the newer checkpoint has fewer entries than the older one"));
        }
        if is_consistent(old.size, new.size, &old.root, &new.root, &self.hashes) {
            Ok(())
        } else {
            Err(bad("the newer tree does not continue the older one"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_spelling() {
        let hashes = vec![[7; 32], [8; 32]];
        for hashes in [Vec::new(), hashes] {
            let proof = ConsistencyProof { old: 9, hashes, checkpoint: "a\n9\nb\n".to_owned() };
            assert_eq!(ConsistencyProof::parse(&proof.to_text()), Ok(proof));
        }
        for text in [
            "",
            "\n\n",
            "old 9\n",
            "old 09\n\n",
            "old +9\n\n",
            "old -1\n\n",
            "old\n\n",
            "old 9 \n\n",
            "Old 9\n\n",
            " old 9\n\n",
            "old 9\r\n\r\n",
            "old 18446744073709551616\n\n",
            "old 9\nabc\n\n",
            "old 9\nBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwd=\n\n",
        ] {
            assert!(ConsistencyProof::parse(text).is_err(), "{text:?}");
        }
        let long = ConsistencyProof {
            old: 9,
            hashes: vec![[0; 32]; HASHES_MAX + 1],
            checkpoint: String::new(),
        };
        assert!(ConsistencyProof::parse(&long.to_text()).is_err());
    }
}
