//! Checkpoints with the cosignatures of witnesses, as whoever offers them keeps them: `cosigned/` of a
//! data directory, one file for each witness (docs/format.md, section 8).
//!
//! A file is the witness's verifier key, a newline, and the newest of our checkpoints that it cosigned,
//! with its line under ours. Only the process that offers writes here, and the server only reads. Nothing
//! is believed because it lies here: every signature is checked whenever a file is read.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::kernel::{
    crypto::{hash, hex},
    durable::{Disk, make_directory, write_whole},
    journal::JournalError,
    log::{
        checkpoint::{Checkpoint, Log},
        cosignature::CosignatureVerifier,
        note::{self, NoteError, Verifier},
    },
};

/// No log needs more witnesses; C2SP asks a witness to take sixteen signatures.
pub const WITNESSES_MAX: usize = 15;
/// A checkpoint and two signatures are a few hundred bytes.
const FILE_BYTES_MAX: usize = 16 << 10;
const ENDING: &str = ".cosigned";

/// A checkpoint of ours that a witness has cosigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigned {
    pub witness: CosignatureVerifier,
    pub checkpoint: Checkpoint,
    /// The note with our line and the witness's.
    pub note: String,
    /// When, as the witness says, in seconds since 1970.
    pub at_seconds: u64,
}

impl Log {
    /// What witnesses have cosigned of this log, as whoever offers it keeps it.
    ///
    /// # Errors
    /// The device failed.
    pub fn cosigned(&self) -> Result<Vec<Cosigned>, JournalError> {
        let (disk, data) = self.place();
        all(disk, &directory(data), &self.verifier()).map_err(JournalError::io("reading cosigned/"))
    }
}

/// `cosigned/` of a data directory.
pub fn directory(data: &Path) -> PathBuf {
    data.join("cosigned")
}

/// Where the newest checkpoint cosigned by a witness is kept.
pub fn path(directory: &Path, witness: &CosignatureVerifier) -> PathBuf {
    let name = hash(&[witness.vkey().as_bytes()]);
    directory.join(format!("{}{ENDING}", hex(name.get(..16).unwrap_or_default())))
}

impl Cosigned {
    /// Puts a witness's lines under a checkpoint of ours, if they are what they should be. Lines of other
    /// keys are left out: a witness may have several.
    ///
    /// # Errors
    /// No line is of this witness, or one does not fit.
    pub fn new(
        note: &str,
        lines: &str,
        log: &Verifier,
        witness: &CosignatureVerifier,
    ) -> Result<Cosigned, NoteError> {
        let start = format!("\u{2014} {} ", witness.name());
        let mut cosigned = note.to_owned();
        for line in lines.split_inclusive('\n').filter(|line| line.starts_with(&start)) {
            let alone = format!("{note}{line}");
            match witness.check(&alone) {
                Ok(_) => cosigned.push_str(line),
                // Another key under the same name, as while one is replaced by the next.
                Err(NoteError("not cosigned by this witness")) => {}
                Err(error) => return Err(error),
            }
        }
        Cosigned::open(&cosigned, log, witness)
    }

    /// Reads a note with both signatures.
    ///
    /// # Errors
    /// One is missing or does not fit.
    fn open(
        note: &str,
        log: &Verifier,
        witness: &CosignatureVerifier,
    ) -> Result<Cosigned, NoteError> {
        let checkpoint = Checkpoint::open(note, log)?;
        let at_seconds = witness.check(note)?;
        Ok(Cosigned { witness: witness.clone(), checkpoint, note: note.to_owned(), at_seconds })
    }

    fn parse(text: &str, log: &Verifier) -> Result<Cosigned, NoteError> {
        let (vkey, note) = text.split_once('\n').ok_or(NoteError("no line with a key"))?;
        Cosigned::open(note, log, &CosignatureVerifier::parse(vkey)?)
    }

    /// Keeps it in place of what this witness cosigned before.
    ///
    /// # Errors
    /// The device failed.
    pub fn keep(&self, disk: &dyn Disk, directory: &Path) -> io::Result<()> {
        make_directory(disk, directory)?;
        let text = format!("{}\n{}", self.witness.vkey(), self.note);
        write_whole(disk, &path(directory, &self.witness), text.as_bytes())
    }

    /// What this witness has cosigned last; `None` if nothing of this log is kept, or nothing that holds.
    ///
    /// # Errors
    /// The device failed.
    pub fn of(
        disk: &dyn Disk,
        directory: &Path,
        log: &Verifier,
        witness: &CosignatureVerifier,
    ) -> io::Result<Option<Cosigned>> {
        let read = read(disk, &path(directory, witness))?;
        let kept = read.and_then(|text| Cosigned::parse(&text, log).ok());
        Ok(kept.filter(|kept| kept.witness == *witness))
    }
}

/// All that is kept and holds, by the name of the witness. What does not hold is no evidence and is left
/// out.
///
/// # Errors
/// The device failed.
pub fn all(disk: &dyn Disk, directory: &Path, log: &Verifier) -> io::Result<Vec<Cosigned>> {
    let mut all = Vec::new();
    let names = disk.names(directory)?;
    for name in names.iter().filter(|name| name.ends_with(ENDING)).take(WITNESSES_MAX) {
        let path = directory.join(name);
        let Some(text) = read(disk, &path)? else { continue };
        all.extend(
            Cosigned::parse(&text, log)
                .ok()
                .filter(|kept| self::path(directory, &kept.witness) == path),
        );
    }
    all.sort_by(|a, b| a.witness.name().cmp(b.witness.name()));
    Ok(all)
}

/// The newest of them as one note: our line, and those of all witnesses that cosigned this very
/// checkpoint.
pub fn merged(all: &[Cosigned]) -> Option<String> {
    let newest = all.iter().max_by_key(|one| (one.checkpoint.size, one.at_seconds))?;
    let text = note::unverified_text(&newest.note).ok()?;
    let mut merged = text.to_owned();
    merged.push('\n');
    let mut seen: Vec<&str> = Vec::new();
    let same = all.iter().filter(|one| note::unverified_text(&one.note).ok() == Some(text));
    for line in same.filter_map(|one| one.note.get(text.len() + 1..)).flat_map(str::lines) {
        if !seen.contains(&line) {
            seen.push(line);
            merged.push_str(line);
            merged.push('\n');
        }
    }
    Some(merged)
}

fn read(disk: &dyn Disk, path: &Path) -> io::Result<Option<String>> {
    match disk.read(path) {
        Ok(bytes) if bytes.len() <= FILE_BYTES_MAX => Ok(String::from_utf8(bytes).ok()),
        Ok(_too_long) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{
        durable::RealDisk,
        log::{cosignature::Cosigner, note::Signer},
    };

    fn signer(name: &str) -> Signer {
        Signer::from_pkcs8(name, &Signer::generate().unwrap()).unwrap()
    }

    fn cosigner(name: &str) -> Cosigner {
        Cosigner::from_pkcs8(name, &Signer::generate().unwrap()).unwrap()
    }

    fn note(log: &Signer, size: u64) -> String {
        let origin = log.verifier().name().to_owned();
        log.sign(&Checkpoint { origin, size, root: [7; 32] }.text())
    }

    #[test]
    fn what_holds_is_kept_and_merged_and_nothing_else_is_believed() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("cosigned");
        let (log, a, b, c) =
            (signer("gmina/log/1"), cosigner("a.example"), cosigner("b.example"), cosigner("c"));
        let key = log.verifier();
        let cosigned = |witness: &Cosigner, size, at| {
            let note = note(&log, size);
            let line = witness.cosign(note::unverified_text(&note).unwrap(), at);
            Cosigned::new(&note, &line, &key, &witness.verifier()).unwrap()
        };
        assert_eq!(all(&RealDisk, &directory, &key).unwrap(), []);
        assert_eq!(merged(&[]), None);
        for one in [cosigned(&a, 8, 100), cosigned(&a, 9, 200), cosigned(&b, 9, 201)] {
            one.keep(&RealDisk, &directory).unwrap();
        }
        cosigned(&c, 7, 999).keep(&RealDisk, &directory).unwrap();
        let found = all(&RealDisk, &directory, &key).unwrap();
        let sizes: Vec<_> = found.iter().map(|it| (it.checkpoint.size, it.at_seconds)).collect();
        assert_eq!(sizes, [(9, 200), (9, 201), (7, 999)]);
        let whole = merged(&found).unwrap();
        assert_eq!(key.open(&whole).unwrap(), note::unverified_text(&note(&log, 9)).unwrap());
        assert_eq!(a.verifier().check(&whole), Ok(200));
        assert_eq!(b.verifier().check(&whole), Ok(201));
        assert!(c.verifier().check(&whole).is_err());
        assert_eq!(whole.lines().count(), 3 + 1 + 3);

        // Under another key of the log nothing of it counts, and a flipped bit makes a file nothing.
        assert_eq!(all(&RealDisk, &directory, &signer("gmina/log/1").verifier()).unwrap(), []);
        let path = path(&directory, &a.verifier());
        let good = std::fs::read(&path).unwrap();
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&path, &bad).unwrap();
            let read = Cosigned::of(&RealDisk, &directory, &key, &a.verifier()).unwrap();
            assert_eq!(read, None, "bit {bit}");
        }
        std::fs::write(&path, &good).unwrap();
        std::fs::copy(&path, directory.join("copy.cosigned")).unwrap();
        assert_eq!(all(&RealDisk, &directory, &key).unwrap().len(), 3);
    }

    #[test]
    fn an_answer_counts_only_with_a_line_of_the_witness_that_fits() {
        let (log, witness, other) = (signer("l"), cosigner("w"), cosigner("w"));
        let (old, new) = (note(&log, 8), note(&log, 9));
        let line = |by: &Cosigner, of: &str| by.cosign(note::unverified_text(of).unwrap(), 5);
        let (good, stale) = (line(&witness, &new), line(&witness, &old));
        let (strange, unknown) = (line(&other, &new), line(&cosigner("x"), &new));
        let new = |lines: &str| {
            Cosigned::new(&new, lines, &log.verifier(), &witness.verifier())
                .map(|it| it.note.lines().count())
        };
        assert_eq!(new(&good), Ok(6));
        assert_eq!(new(&format!("{strange}{unknown}{good}")), Ok(6));
        for lines in ["", "\n", "ok", &stale, &strange, &unknown, good.trim_end()] {
            assert!(new(lines).is_err(), "{lines:?}");
        }
        assert!(new(&format!("{good}{stale}")).is_err());
    }
}
