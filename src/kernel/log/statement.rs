//! Statements of a log's root key: which key signs the log, from which size and tree on.
//!
//! The root key is made and kept off the machine, on paper. It does not sign checkpoints: a machine
//! that is replaced gets a new key of its own, and the root key states it. So whoever has the root key's
//! verifier, from a printed bulletin, can check a log whose machine has changed.
//!
//! A statement is a C2SP signed note of four lines: `ostoja-log-key/2`, the verifier key of the log,
//! `from` with the size of the log from which it holds and the root of the tree of that size, and `after`
//! with the hash of the statement before it, or `after nothing`. It is no checkpoint, whose second line is
//! a number, so neither can be taken for the other. A later statement does not take back an earlier one:
//! it says where the earlier key's log ends for whoever has both. All of them in order, one behind the
//! other, are one text.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

use crate::kernel::{
    crypto::{Hash, hash, hex, random},
    log::{
        checkpoint::Checkpoint,
        note::{self, NoteError, Signer, Verifier},
    },
};

const FORMAT: &str = "ostoja-log-key/2";
const NOTHING: &str = "nothing";
const PRIVATE: &str = "PRIVATE+KEY+";

/// Says that a key signs its log from a size on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub key: Verifier,
    pub from: u64,
    /// Root of the first `from` entries.
    pub root: Hash,
    /// Hash of the statement before, as it was signed.
    pub after: Option<Hash>,
}

impl Statement {
    fn text(&self) -> String {
        let after = self.after.map_or_else(|| NOTHING.to_owned(), |hash| BASE64.encode(hash));
        let root = BASE64.encode(self.root);
        format!("{FORMAT}\n{}\nfrom {} {root}\nafter {after}\n", self.key.vkey(), self.from)
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
        Statement::parse(root.open(note)?)
    }

    fn parse(text: &str) -> Result<Statement, NoteError> {
        let mut lines = text.lines();
        let (Some(FORMAT), Some(key), Some(from), Some(after), None) =
            (lines.next(), lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(NoteError("it is not a statement about the key of a log"));
        };
        let key = Verifier::parse(key)?;
        let malformed = NoteError("the third line is not 'from', a size and a root");
        let (from, root) = from
            .strip_prefix("from ")
            .and_then(|from| from.split_once(' '))
            .ok_or(malformed.clone())?;
        let from = from.parse().map_err(|_spelling| malformed.clone())?;
        let root = read_hash(root).ok_or(malformed)?;
        let after = match after.strip_prefix("after ") {
            Some(NOTHING) => None,
            after => Some(
                after
                    .and_then(read_hash)
                    .ok_or(NoteError("the fourth line is not 'after' and a hash, or 'nothing'"))?,
            ),
        };
        let statement = Statement { key, from, root, after };
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
        if checkpoint.size < self.from {
            return Err(NoteError("the key does not hold yet for a log of so few entries"));
        }
        if checkpoint.size == self.from && checkpoint.root != self.root {
            return Err(NoteError("the statement names another tree of that size"));
        }
        Ok(checkpoint)
    }
}

/// The hash of a statement, as the next one and the entry of an epoch name it.
pub fn statement_hash(note: &str) -> Hash {
    hash(&[note.as_bytes()])
}

/// Reads a hash in base64.
pub fn read_hash(text: &str) -> Option<Hash> {
    BASE64.decode(text).ok().and_then(|raw| Hash::try_from(raw).ok())
}

/// All statements of a root key, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statements(Vec<(Statement, String)>);

impl Statements {
    /// Reads statements whose root key is not at hand: form and order are checked, signatures are not.
    ///
    /// # Errors
    /// One is malformed, or does not follow the one before.
    pub fn parse(text: &str) -> Result<Statements, NoteError> {
        Statements::read(text, note::unverified_text)
    }

    /// Reads statements that the root key has signed, each naming the one before.
    ///
    /// # Errors
    /// One is malformed or not signed by this key, or does not follow the one before.
    pub fn open(text: &str, root: &Verifier) -> Result<Statements, NoteError> {
        Statements::read(text, |note| root.open(note))
    }

    fn read(
        text: &str,
        open: impl Fn(&str) -> Result<&str, NoteError>,
    ) -> Result<Statements, NoteError> {
        let mut statements = Statements::default();
        for note in notes(text) {
            statements.push(Statement::parse(open(note)?)?, note)?;
        }
        Ok(statements)
    }

    fn push(&mut self, statement: Statement, note: &str) -> Result<(), NoteError> {
        if statement.after != self.head() {
            return Err(NoteError("a statement does not name the one before it"));
        }
        if let Some((before, _)) = self.0.last()
            && before.from > statement.from
        {
            return Err(NoteError("a statement holds from a smaller size than the one before it"));
        }
        if self.0.iter().any(|(before, _)| before.key.name() == statement.key.name()) {
            return Err(NoteError("an origin is stated twice"));
        }
        self.0.push((statement, note.to_owned()));
        Ok(())
    }

    /// These and one more, that the root key has signed.
    ///
    /// # Errors
    /// As [`Statements::open`]; also if one of those before is not of this root key.
    pub fn and(&self, note: &str, root: &Verifier) -> Result<Statements, NoteError> {
        let mut statements = Statements::open(&self.text(), root)?;
        statements.push(Statement::open(note, root)?, note)?;
        Ok(statements)
    }

    /// What the next statement names: the hash of the newest one.
    pub fn head(&self) -> Option<Hash> {
        self.0.last().map(|(_, note)| statement_hash(note))
    }

    /// The newest one, with its note.
    pub fn newest(&self) -> Option<(&Statement, &str)> {
        self.0.last().map(|(statement, note)| (statement, note.as_str()))
    }

    /// All of them, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Statement> {
        self.0.iter().map(|(statement, _)| statement)
    }

    /// The statement about a key, and the size from which the next key holds: what this one signed
    /// behind it is not part of the log any more.
    pub fn of_key(&self, key: &Verifier) -> Option<(&Statement, Option<u64>)> {
        let at = self.0.iter().position(|(statement, _)| statement.key == *key)?;
        let next = self.0.get(at + 1).map(|(next, _)| next.from);
        self.0.get(at).map(|(statement, _)| (statement, next))
    }

    /// One text, newest last.
    pub fn text(&self) -> String {
        self.0.iter().map(|(_, note)| note.as_str()).collect()
    }
}

/// The notes in a text, each from its first line on. A signature line never looks like one.
fn notes(text: &str) -> Vec<&str> {
    let first = format!("{FORMAT}\n");
    let mut starts: Vec<usize> = text
        .match_indices(&first)
        .map(|(at, _)| at)
        .filter(|at| *at == 0 || text.get(..*at).is_some_and(|before| before.ends_with('\n')))
        .collect();
    // What stands before the first one is no statement, and is found to be none.
    if starts.first() != Some(&0) && !text.is_empty() {
        starts.insert(0, 0);
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().zip(ends).filter_map(|(from, to)| text.get(*from..to)).collect()
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

    fn statement(key: &Signer, from: u64, after: Option<Hash>) -> Statement {
        Statement { key: key.verifier(), from, root: [9; 32], after }
    }

    #[test]
    fn a_statement_holds_for_its_key_and_from_its_size_on() {
        let (root, log, other) =
            (signer("gmina/root"), signer("gmina/log/1"), signer("gmina/log/1"));
        let statement = statement(&log, 7, None);
        let note = statement.sign(&root);
        assert_eq!(Statement::open(&note, &root.verifier()), Ok(statement.clone()));
        assert!(Statement::open(&note, &signer("gmina/root").verifier()).is_err());
        let checkpoint = |signer: &Signer, size, root| {
            let origin = "gmina/log/1".to_owned();
            signer.sign(&Checkpoint { origin, size, root }.text())
        };
        assert_eq!(statement.checkpoint(&checkpoint(&log, 8, [3; 32])).unwrap().size, 8);
        assert_eq!(statement.checkpoint(&checkpoint(&log, 7, [9; 32])).unwrap().size, 7);
        assert!(statement.checkpoint(&checkpoint(&log, 7, [3; 32])).is_err());
        assert!(statement.checkpoint(&checkpoint(&log, 6, [9; 32])).is_err());
        assert!(statement.checkpoint(&checkpoint(&other, 7, [9; 32])).is_err());
        // Neither is ever taken for the other, even under one key.
        assert!(statement.checkpoint(&statement.sign(&log)).is_err());
        assert!(Statement::open(&checkpoint(&root, 7, [9; 32]), &root.verifier()).is_err());
        let (vkey, tree) = (log.verifier().vkey(), BASE64.encode([9; 32]));
        for text in [
            format!("{FORMAT}\n{vkey}\nfrom 07 {tree}\nafter nothing\n"),
            format!("{FORMAT}\n{vkey}\nfrom 7\nafter nothing\n"),
            format!("{FORMAT}\n{vkey}\nfrom 7 {tree}\n"),
            format!("{FORMAT}\n{vkey}\nfrom 7 {tree}\nafter \n"),
            format!("{FORMAT}\n{vkey}\nfrom 7 {tree}\nafter nothing\nmore\n"),
            format!("{FORMAT}\n{vkey}\n"),
            format!("ostoja-log-key/1\n{vkey}\nfrom 7\n"),
            format!("{FORMAT}\nnobody\nfrom 7 {tree}\nafter nothing\n"),
        ] {
            assert!(Statement::open(&root.sign(&text), &root.verifier()).is_err(), "{text}");
        }
    }

    #[test]
    fn statements_follow_one_another() {
        let (root, stranger) = (signer("gmina/root"), signer("gmina/root"));
        let keys = ["gmina/log/1", "gmina/log/2", "gmina/log/3"].map(signer);
        let [one, two, three] = &keys;
        let first = statement(one, 0, None).sign(&root);
        let second = statement(two, 40, Some(statement_hash(&first))).sign(&root);
        let third = statement(three, 40, Some(statement_hash(&second))).sign(&root);
        let text = [first.as_str(), &second, &third].concat();
        let open = |text: &str| Statements::open(text, &root.verifier());
        let all = open(&text).unwrap();
        assert_eq!(Statements::parse(&text), Ok(all.clone()));
        assert_eq!(all.text(), text);
        assert_eq!(all.newest().unwrap().1, third);
        let of = |key: &Signer| all.of_key(&key.verifier()).map(|(it, next)| (it.from, next));
        assert_eq!(of(one), Some((0, Some(40))));
        assert_eq!(of(three), Some((40, None)));
        assert_eq!(of(&signer("gmina/log/1")), None);
        let grown = open(&first).unwrap().and(&second, &root.verifier()).unwrap();
        assert_eq!(grown.text(), [first.as_str(), &second].concat());
        assert_eq!(open(""), Ok(Statements::default()));
        let forged = statement(two, 40, Some(statement_hash(&first))).sign(&stranger);
        let smaller = statement(two, 7, Some(statement_hash(&second))).sign(&root);
        let again = statement(one, 40, Some(statement_hash(&first))).sign(&root);
        for bad in [
            [second.as_str(), &third].concat(),
            [first.as_str(), &third].concat(),
            [first.as_str(), &first].concat(),
            [first.as_str(), &forged].concat(),
            [first.as_str(), &second, &smaller].concat(),
            [first.as_str(), &again].concat(),
            format!("\n{first}"),
            format!("{first}\n"),
            format!("{first}more\n"),
        ] {
            assert!(open(&bad).is_err(), "{bad}");
        }
        assert!(open(&first).unwrap().and(&forged, &root.verifier()).is_err());
        assert!(Statements::parse("rubbish").is_err());
    }

    #[test]
    fn no_flipped_bit_of_a_statement_or_of_a_printed_key_passes() {
        let line = generate_private("gmina.example/root").unwrap();
        let root = read_private(&line).unwrap();
        let note = statement(&signer("gmina/log"), 1200, Some([4; 32])).sign(&root);
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
