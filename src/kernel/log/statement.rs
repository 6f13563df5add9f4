//! Which key signs a log: a statement by the commune's root key, which lives on paper and not on the
//! machine. Whoever has the root key's verifier, from a printed bulletin for instance, needs to compare
//! no other key by eye, and a machine that is replaced gets a key that they can check.
//!
//! A statement is a C2SP signed note of three lines: `ostoja-log-key/1`, the verifier key of the log,
//! `from` and the size of the log from which it holds. It is no checkpoint, whose second line is a
//! number, so neither can be taken for the other. A later statement does not take back an earlier one:
//! that is what epochs are for, and they do not exist yet.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

use crate::kernel::{
    crypto::{hex, random},
    log::{
        checkpoint::Checkpoint,
        note::{NoteError, Signer, Verifier},
    },
};

const FORMAT: &str = "ostoja-log-key/1";
const PRIVATE: &str = "PRIVATE+KEY+";

/// Says that a key signs its log from a size on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub key: Verifier,
    pub from: u64,
}

impl Statement {
    fn text(&self) -> String {
        format!("{FORMAT}\n{}\nfrom {}\n", self.key.vkey(), self.from)
    }

    /// The statement as the root key signs it.
    pub fn sign(&self, root: &Signer) -> String {
        root.sign(&self.text())
    }

    /// Reads a statement that the root key has signed, in its one spelling.
    ///
    /// # Errors
    /// It is none, or not signed by this key.
    pub fn open(note: &str, root: &Verifier) -> Result<Statement, NoteError> {
        let text = root.open(note)?;
        let mut lines = text.lines();
        let (Some(FORMAT), Some(key), Some(from), None) =
            (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(NoteError("it is not a statement about the key of a log"));
        };
        let key = Verifier::parse(key)?;
        let from = from
            .strip_prefix("from ")
            .and_then(|size| size.parse().ok())
            .ok_or(NoteError("the third line is not 'from' and a size"))?;
        let statement = Statement { key, from };
        if statement.text() == text {
            Ok(statement)
        } else {
            Err(NoteError("the statement is not spelt canonically"))
        }
    }

    /// Opens a checkpoint that the stated key has signed while it held.
    ///
    /// # Errors
    /// Another key has signed it, or it is of fewer entries than the statement holds from.
    pub fn checkpoint(&self, note: &str) -> Result<Checkpoint, NoteError> {
        let checkpoint = Checkpoint::open(note, &self.key)?;
        if checkpoint.size >= self.from {
            Ok(checkpoint)
        } else {
            Err(NoteError("the key does not hold yet for a log of so few entries"))
        }
    }
}

/// A private key as one line that can be printed: `PRIVATE+KEY+<name>+<key id>+<base64(0x01 || seed)>`, as
/// Go's tools write it.
///
/// # Errors
/// The system gave no random numbers, or the name cannot stand in a note.
pub fn generate_private(name: &str) -> Result<String, NoteError> {
    let seed: [u8; 32] = random().map_err(|_unspecified| NoteError("no random numbers"))?;
    Ok(private_text(&Signer::from_seed(name, &seed)?, &seed))
}

fn private_text(signer: &Signer, seed: &[u8; 32]) -> String {
    let id = hex(&signer.verifier().key_id());
    let raw = [&[1], seed.as_slice()].concat();
    format!("{PRIVATE}{}+{id}+{}", signer.verifier().name(), BASE64.encode(raw))
}

/// Reads such a line.
///
/// # Errors
/// It is not spelt like that, or the key id does not fit, as after a slip of the pen.
pub fn read_private(text: &str) -> Result<Signer, NoteError> {
    let malformed = NoteError("a private key is PRIVATE+KEY+name+id+key");
    let mut parts = text.strip_prefix(PRIVATE).ok_or(malformed.clone())?.splitn(3, '+');
    let (Some(name), Some(_id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(malformed);
    };
    let raw = BASE64.decode(key).map_err(|_spelling| malformed.clone())?;
    let [1, seed @ ..] = raw.as_slice() else {
        return Err(NoteError("the private key is not Ed25519"));
    };
    let seed: [u8; 32] = seed.try_into().map_err(|_length| malformed)?;
    let signer = Signer::from_seed(name, &seed)?;
    if private_text(&signer, &seed) == text {
        Ok(signer)
    } else {
        Err(NoteError("the key id does not fit the private key"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(name: &str) -> Signer {
        read_private(&generate_private(name).unwrap()).unwrap()
    }

    #[test]
    fn a_statement_holds_for_its_key_and_from_its_size_on() {
        let (root, log, other) =
            (signer("gmina/root"), signer("gmina/log/1"), signer("gmina/log/1"));
        let statement = Statement { key: log.verifier(), from: 7 };
        let note = statement.sign(&root);
        assert_eq!(Statement::open(&note, &root.verifier()), Ok(statement.clone()));
        assert!(Statement::open(&note, &signer("gmina/root").verifier()).is_err());
        let checkpoint = |signer: &Signer, size| {
            let origin = "gmina/log/1".to_owned();
            signer.sign(&Checkpoint { origin, size, root: [3; 32] }.text())
        };
        assert_eq!(statement.checkpoint(&checkpoint(&log, 7)).unwrap().size, 7);
        assert!(statement.checkpoint(&checkpoint(&log, 6)).is_err());
        assert!(statement.checkpoint(&checkpoint(&other, 7)).is_err());
        // Neither is ever taken for the other, even under one key.
        assert!(statement.checkpoint(&statement.sign(&log)).is_err());
        assert!(Statement::open(&checkpoint(&root, 7), &root.verifier()).is_err());
        for text in [
            format!("{FORMAT}\n{}\nfrom 07\n", log.verifier().vkey()),
            format!("{FORMAT}\n{}\nfrom 7\nmore\n", log.verifier().vkey()),
            format!("{FORMAT}\n{}\n", log.verifier().vkey()),
            format!("ostoja-log-key/2\n{}\nfrom 7\n", log.verifier().vkey()),
            format!("{FORMAT}\nnobody\nfrom 7\n"),
        ] {
            assert!(Statement::open(&root.sign(&text), &root.verifier()).is_err(), "{text}");
        }
    }

    #[test]
    fn no_flipped_bit_of_a_statement_or_of_a_printed_key_passes() {
        let line = generate_private("gmina.example/root").unwrap();
        let root = read_private(&line).unwrap();
        let note = Statement { key: signer("gmina/log").verifier(), from: 1200 }.sign(&root);
        let flipped = |text: &str, bit: usize| {
            let mut bytes = text.as_bytes().to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            String::from_utf8(bytes).ok()
        };
        for bit in 0..note.len() * 8 {
            let bad = flipped(&note, bit);
            let passed = bad.is_some_and(|bad| Statement::open(&bad, &root.verifier()).is_ok());
            assert!(!passed, "bit {bit} of the statement");
        }
        for bit in 0..line.len() * 8 {
            let passed = flipped(&line, bit).is_some_and(|bad| read_private(&bad).is_ok());
            assert!(!passed, "bit {bit} of the key");
        }
        assert!(read_private(&format!("{line}\n")).is_err() && read_private("").is_err());
    }
}
