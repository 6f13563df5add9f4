//! Putting a sound file in the place of a damaged one.
//!
//! A segment, a keys file or a blob comes from a second copy of the data directory, a tile from the leaves.
//! Nothing is believed because of where it lies: a segment must have exactly the leaves that are under the
//! signed root, a secret must open its body, a blob must have the hash that is its name. What was erased
//! stays so, whatever the copy holds.

mod keys;
mod place;
mod segment;
mod tile;

use std::path::{Path, PathBuf};

use super::{Covered, names};
use crate::kernel::{
    blobs::blob_path,
    crypto::hash,
    durable::Disk,
    journal::{Seq, segment::first_seq_of},
    log::{checkpoint::Checkpoint, tiles::parse_tile_path},
};

/// Bodies that orders to erase cover, over a whole journal.
pub use super::Covered as Erased;

/// Where damaged files are kept, below the data directory.
pub const QUARANTINE: &str = "quarantine/files";

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mended {
    /// Below the data directory.
    pub file: String,
    /// Where the sound bytes came from.
    pub from: Origin,
    /// Where the damaged file is now; nothing where none may be kept, or there was none.
    pub kept: Option<PathBuf>,
}

/// Where sound bytes came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Copy(PathBuf),
    /// The tile's leaves.
    Leaves,
    /// What was left of the keys file: every secret was still there.
    Itself,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Origin::Copy(copy) => write!(f, "from the copy {}", copy.display()),
            Origin::Leaves => f.write_str("made again from the leaves"),
            Origin::Itself => f.write_str("made again from what was left of it"),
        }
    }
}

/// Mends one data directory.
pub struct Mender<'a> {
    pub disk: &'a dyn Disk,
    pub data: &'a Path,
    /// Copies of the data directory, the best first.
    pub copies: &'a [PathBuf],
    /// The newest checkpoint of this log, checked with its key.
    pub signed: &'a Checkpoint,
    /// Names what is kept aside.
    pub now_ms: u64,
}

impl Mender<'_> {
    /// Mends a segment: no order to erase matters to it.
    ///
    /// # Errors
    /// Why it could not be done; nothing was changed.
    pub fn segment(&self, first: Seq) -> Result<Mended, String> {
        self.first_good(|copy| {
            let bytes = segment::sound(self, copy, first)?;
            let file = format!("journal/{first:020}.seg");
            let kept = place::put(self, &file, &bytes)?;
            Ok(Mended { file, from: Origin::Copy(copy.to_owned()), kept })
        })
    }

    /// Mends the file of this name below the data directory, whichever it is.
    ///
    /// `erased` must be over the whole journal: an order that was overlooked would bring a secret back.
    ///
    /// # Errors
    /// Why it could not be done; nothing was changed.
    pub fn mend(&self, file: &str, erased: &Covered) -> Result<Mended, String> {
        if let Some(name) = file.strip_prefix("journal/") {
            if let Some(first) = first_seq_of(name) {
                return self.segment(first);
            }
            let stem = name.strip_suffix(".keys");
            if let Some(first) = stem.and_then(|stem| first_seq_of(&format!("{stem}.seg"))) {
                return self.keys(first, erased);
            }
        }
        if let Some(path) = file.strip_prefix("log/tile/")
            && let Some(place) = parse_tile_path(path)
        {
            tile::make(self, place)?;
            return Ok(Mended { file: file.to_owned(), from: Origin::Leaves, kept: None });
        }
        if let Some(name) = file.strip_prefix("blobs/").and_then(|path| path.get(3..)) {
            return self.blob(name);
        }
        Err("there is no second copy of such a file".to_owned())
    }

    fn keys(&self, first: Seq, erased: &Covered) -> Result<Mended, String> {
        let file = format!("journal/{first:020}.keys");
        let alone = keys::sound(self, None, first, erased);
        let (made, from) = match alone {
            Ok(made) => (made, Origin::Itself),
            Err(_incomplete) => self.first_good(|copy| {
                let made = keys::sound(self, Some(copy), first, erased)?;
                Ok((made, Origin::Copy(copy.to_owned())))
            })?,
        };
        // A damaged keys file is not kept: the next erasure would not reach the secrets in it.
        keys::put(self, &made)?;
        Ok(Mended { file, from, kept: None })
    }

    fn blob(&self, name: &str) -> Result<Mended, String> {
        let hash_of = names::hash_of(name).ok_or("its name is not one of a blob")?;
        self.first_good(|copy| {
            let bytes = read(self.disk, &blob_path(copy, &hash_of))?;
            if hash(&[&bytes]) != hash_of {
                return Err("the copy's file is not what its name says either".to_owned());
            }
            let file = format!("blobs/{}/{name}", name.get(..2).unwrap_or_default());
            let kept = place::put(self, &file, &bytes)?;
            Ok(Mended { file, from: Origin::Copy(copy.to_owned()), kept })
        })
    }

    /// What the first copy gives that is sound; else why none was.
    fn first_good<T>(&self, take: impl Fn(&Path) -> Result<T, String>) -> Result<T, String> {
        let mut why = Vec::new();
        for copy in self.copies {
            match take(copy) {
                Ok(taken) => return Ok(taken),
                Err(refused) => why.push(format!("{}: {refused}", copy.display())),
            }
        }
        Err(if why.is_empty() { "there is no second copy".to_owned() } else { why.join("; ") })
    }
}

fn read(disk: &dyn Disk, path: &Path) -> Result<Vec<u8>, String> {
    disk.read(path).map_err(|error| format!("{}: {error}", path.display()))
}
