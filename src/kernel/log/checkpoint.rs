//! Signed checkpoints, and the log that makes them (docs/format.md, section 8).
//!
//! Order: journal durable, tiles, root recomputed from bytes read back, the last signed checkpoint
//! compared, checkpoint durable, released. A mismatch refuses to sign.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

use crate::kernel::{
    crypto::Hash,
    durable::{Disk, write_whole},
    journal::{
        self, JournalError, Seq,
        epoch::Begun,
        frame::{candidates, read_frame},
        reader::Reader,
        segment::{SECTOR_BYTES, first_seq_of, segment_path},
    },
    log::{
        note::{self, NoteError, Signer, Verifier},
        tiles::{TilePlace, TileReader, TileWriter},
        tree::{self, Frontier},
    },
    seeded::{self, Wrong},
};

/// What a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Checkpoint {
    pub origin: String,
    pub size: u64,
    pub root: Hash,
}

impl Checkpoint {
    /// The signed text: origin, size, root, each on a line.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, BASE64.encode(self.root))
    }

    /// Reads a note, checks its signature and that nothing is spelt otherwise than we spell it.
    ///
    /// # Errors
    /// It is not a checkpoint of this verifier's log.
    pub fn open(note: &str, verifier: &Verifier) -> Result<Checkpoint, NoteError> {
        let checkpoint = Checkpoint::parse(verifier.open(note)?)?;
        if checkpoint.origin == verifier.name() {
            Ok(checkpoint)
        } else {
            Err(NoteError("the checkpoint is of another origin"))
        }
    }

    /// Reads the text of a checkpoint, in its one spelling.
    ///
    /// # Errors
    /// It is not one.
    pub fn parse(text: &str) -> Result<Checkpoint, NoteError> {
        let mut lines = text.lines();
        let (Some(origin), Some(size), Some(root), None) =
            (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(NoteError("a checkpoint has three lines"));
        };
        let size = size.parse().map_err(|_spelling| NoteError("the size is not a number"))?;
        let root = BASE64
            .decode(root)
            .ok()
            .and_then(|root| Hash::try_from(root).ok())
            .ok_or(NoteError("the root is not a hash"))?;
        let checkpoint = Checkpoint { origin: origin.to_owned(), size, root };
        if checkpoint.text() != text {
            return Err(NoteError("the checkpoint is not spelt canonically"));
        }
        Ok(checkpoint)
    }
}

/// A checkpoint as it was released.
#[derive(Clone, Debug)]
pub struct Released {
    pub checkpoint: Checkpoint,
    pub note: String,
}

/// The public log.
pub struct Log {
    disk: Arc<dyn Disk>,
    directory: PathBuf,
    signer: Signer,
    tiles: Mutex<TileWriter>,
    released: RwLock<Option<Released>>,
}

/// `log/` of a data directory.
pub fn directory(data: &Path) -> PathBuf {
    data.join("log")
}

/// Entries that the last signed checkpoint proves durable, before anything else is read: it is part of the
/// floor. A log at its beginning has none yet; one at the beginning of an epoch (`begun`) may have that of
/// the epoch before, which says nothing of what stands behind the epoch's first entry.
///
/// # Errors
/// There is a checkpoint, but it is damaged; or there is none, and there should be.
pub fn signed_size(
    disk: &dyn Disk,
    data: &Path,
    verifier: &Verifier,
    begun: Option<&Begun>,
) -> Result<u64, JournalError> {
    match read_checkpoint(disk, &directory(data), verifier, begun)? {
        Newest::Ours(released) => Ok(released.checkpoint.size),
        Newest::Earlier(size) if seeded::is_on(Wrong::OldCheckpointBindsTheNewEpoch) => Ok(size),
        Newest::Earlier(size) => Ok(begun.map_or(size, |begun| size.min(begun.seq))),
        Newest::None if is_at_its_beginning(disk, &journal::directory(data))? => Ok(0),
        Newest::None => Err(JournalError::damage(
            "log/checkpoint",
            "it is missing, though the journal holds entries that were signed; without it a torn end cannot be told from a lost one, so put back the newest copy of it",
        )),
    }
}

/// Whether a journal holds its first entry at most. The second is written only when a checkpoint covers
/// the first, so that a missing checkpoint is never mistaken for one that was not yet made.
fn is_at_its_beginning(disk: &dyn Disk, journal: &Path) -> Result<bool, JournalError> {
    let names = disk.names(journal).map_err(JournalError::io("listing the journal"))?;
    let firsts: Vec<Seq> = names.iter().filter_map(|name| first_seq_of(name)).collect();
    match firsts.as_slice() {
        [] => Ok(true),
        [0] => {
            let path = segment_path(journal, 0);
            let reading = JournalError::io(format!("reading {}", path.display()));
            let bytes = disk.read(&path).map_err(reading)?;
            let mut frames =
                candidates(&bytes, SECTOR_BYTES).filter_map(|at| read_frame(&bytes, at));
            Ok(frames.all(|frame| frame.header.seq == 0))
        }
        _ => Ok(false),
    }
}

/// What stands in `log/checkpoint`.
enum Newest {
    None,
    /// That of the epoch before, with its size: this epoch has none yet.
    Earlier(u64),
    Ours(Released),
}

fn read_checkpoint(
    disk: &dyn Disk,
    directory: &Path,
    verifier: &Verifier,
    begun: Option<&Begun>,
) -> Result<Newest, JournalError> {
    let path = directory.join("checkpoint");
    if !disk.exists(&path) {
        return Ok(Newest::None);
    }
    let bytes = disk.read(&path).map_err(JournalError::io("reading the checkpoint"))?;
    let damage = |what: String| JournalError::damage("log/checkpoint", what);
    let note = String::from_utf8(bytes).map_err(|error| damage(error.to_string()))?;
    if begun.is_some_and(|begun| begun.quotes(&note)) {
        let quoted = note::unverified_text(&note).and_then(Checkpoint::parse);
        return Ok(Newest::Earlier(quoted.map_err(|error| damage(error.to_string()))?.size));
    }
    let checkpoint =
        Checkpoint::open(&note, verifier).map_err(|error| damage(error.to_string()))?;
    Ok(Newest::Ours(Released { checkpoint, note }))
}

impl Log {
    /// Opens the log over a recovered journal and returns the tree's right edge beside it. Tiles that
    /// are missing or do not fit are made again from the journal; a checkpoint that does not fit the
    /// journal is damage. A log at its beginning, and one at the beginning of an epoch (`begun`), gets its
    /// first checkpoint here, before the next entry is written.
    ///
    /// # Errors
    /// Damage, or a device that does not answer.
    pub fn open(
        disk: Arc<dyn Disk>,
        data: &Path,
        signer: Signer,
        reader: &Reader,
        begun: Option<&Begun>,
    ) -> Result<(Log, Frontier), JournalError> {
        let directory = directory(data);
        disk.create_directory(&directory).map_err(JournalError::io("creating log/"))?;
        let verifier = signer.verifier();
        let released = match read_checkpoint(disk.as_ref(), &directory, &verifier, begun)? {
            Newest::Ours(released) => Some(released),
            Newest::None | Newest::Earlier(_) => None,
        };
        let (mut tiles, mut frontier) = existing_tiles(&disk, &directory, released.as_ref())
            .unwrap_or_else(|| {
                (TileWriter::empty(Arc::clone(&disk), &directory), Frontier::default())
            });
        let length = reader.length();
        let (mut written, from) = (Ok(()), tiles.size());
        for seq in from..length {
            let leaf = reader.frame(seq)?.frame.leaf;
            written = written.and_then(|()| tiles.push(leaf));
            frontier.push(leaf);
            if let Some(released) =
                released.as_ref().filter(|released| released.checkpoint.size == seq + 1)
                && frontier.root() != released.checkpoint.root
            {
                return Err(JournalError::damage(
                    "log/checkpoint",
                    "the journal does not have the signed root",
                ));
            }
        }
        if let Err(error) = written.and_then(|()| tiles.flush()) {
            // A full disk is no reason not to start: whoever signs tries again.
            tracing::error!(%error, "tiles not written");
            tiles = tiles_again(&disk, &directory, released.as_ref());
        }
        let vkey = format!("{}\n", verifier.vkey());
        if disk.read(&directory.join("vkey")).ok().as_deref() != Some(vkey.as_bytes()) {
            write_whole(disk.as_ref(), &directory.join("vkey"), vkey.as_bytes())
                .map_err(JournalError::io("writing log/vkey"))?;
        }
        let log = Log {
            disk,
            directory,
            signer,
            tiles: Mutex::new(tiles),
            released: RwLock::new(released),
        };
        if log.current().is_none() {
            log.advance(reader, length)?;
        }
        Ok((log, frontier))
    }

    /// Signs the tree of the first `length` entries, all durable. Nothing happens if that was done.
    ///
    /// # Errors
    /// The device failed, or what was read back is not what was written: nothing is signed then.
    pub fn advance(&self, reader: &Reader, length: Seq) -> Result<(), JournalError> {
        let mut tiles = self.tiles.lock().unwrap_or_else(PoisonError::into_inner);
        let signed = self.sign(&mut tiles, reader, length);
        if signed.is_err() {
            // What a write that failed left in the writer is not on the disk: it begins anew.
            *tiles = tiles_again(&self.disk, &self.directory, self.current().as_ref());
        }
        signed
    }

    fn sign(
        &self,
        tiles: &mut TileWriter,
        reader: &Reader,
        length: Seq,
    ) -> Result<(), JournalError> {
        let before = self.current();
        if before.as_ref().is_some_and(|before| before.checkpoint.size >= length) || length == 0 {
            return Ok(());
        }
        while tiles.size() < length {
            let leaf = reader.frame(tiles.size())?.frame.leaf;
            tiles.push(leaf).map_err(JournalError::io("writing tiles"))?;
        }
        tiles.flush().map_err(JournalError::io("writing tiles"))?;
        let read_back = self.tiles_at(tiles.size());
        let root = read_back.frontier().map_err(JournalError::io("reading tiles back"))?.root();
        if let Some(before) = &before {
            let proof = read_back
                .hashes(tree::consistency_places(before.checkpoint.size, tiles.size()))
                .map_err(JournalError::io("reading tiles back"))?;
            if !tree::is_consistent(
                before.checkpoint.size,
                tiles.size(),
                &before.checkpoint.root,
                &root,
                &proof,
            ) {
                return Err(JournalError::damage(
                    "log",
                    "the tree does not continue the signed one: refusing to sign",
                ));
            }
        }
        let checkpoint = Checkpoint {
            origin: self.signer.verifier().name().to_owned(),
            size: tiles.size(),
            root,
        };
        let note = self.signer.sign(&checkpoint.text());
        write_whole(self.disk.as_ref(), &self.directory.join("checkpoint"), note.as_bytes())
            .map_err(JournalError::io("writing the checkpoint"))?;
        *self.released.write().unwrap_or_else(PoisonError::into_inner) =
            Some(Released { checkpoint, note });
        Ok(())
    }

    /// The newest checkpoint.
    pub fn current(&self) -> Option<Released> {
        self.released.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Who checks this log.
    pub fn verifier(&self) -> Verifier {
        self.signer.verifier()
    }

    /// The disk and the data directory, for what stands beside checkpoint and tiles.
    pub(super) fn place(&self) -> (&dyn Disk, &Path) {
        (self.disk.as_ref(), self.directory.parent().unwrap_or(&self.directory))
    }

    /// Tiles of a tree of `size`.
    pub fn tiles_at(&self, size: u64) -> TileReader<'_> {
        TileReader { disk: self.disk.as_ref(), directory: &self.directory, size }
    }

    /// A tile of the tree under the newest checkpoint, for whoever asks; `None` if the tree has none
    /// there, or not so wide.
    ///
    /// # Errors
    /// The tile is unreadable.
    pub fn tile(
        &self,
        (level, index, width): TilePlace,
    ) -> Result<Option<Vec<Hash>>, JournalError> {
        let size = self.current().map_or(0, |released| released.checkpoint.size);
        let tiles = self.tiles_at(size);
        if width == 0 || tiles.width(level, index) < width {
            return Ok(None);
        }
        let mut hashes = tiles.tile(level, index).map_err(JournalError::io("reading tiles"))?;
        hashes.truncate(usize::try_from(width).unwrap_or(usize::MAX));
        Ok(Some(hashes))
    }

    /// A C2SP tlog-proof of one entry under the newest checkpoint; `None` while none covers it.
    ///
    /// # Errors
    /// A tile is unreadable.
    pub fn prove(&self, seq: Seq) -> Result<Option<String>, JournalError> {
        let Some(released) = self.current().filter(|released| released.checkpoint.size > seq)
        else {
            return Ok(None);
        };
        let hashes = self
            .tiles_at(released.checkpoint.size)
            .hashes(tree::inclusion_places(seq, released.checkpoint.size))
            .map_err(JournalError::io("reading tiles"))?;
        Ok(Some(
            super::proof::TlogProof { index: seq, hashes, checkpoint: released.note }.to_text(),
        ))
    }
}

/// A writer that knows nothing of a write that failed.
fn tiles_again(disk: &Arc<dyn Disk>, directory: &Path, released: Option<&Released>) -> TileWriter {
    existing_tiles(disk, directory, released)
        .map_or_else(|| TileWriter::empty(Arc::clone(disk), directory), |(tiles, _frontier)| tiles)
}

/// The tiles under the signed checkpoint, if they are all there and have its root.
fn existing_tiles(
    disk: &Arc<dyn Disk>,
    directory: &Path,
    released: Option<&Released>,
) -> Option<(TileWriter, Frontier)> {
    let checkpoint = &released?.checkpoint;
    let frontier =
        TileReader { disk: disk.as_ref(), directory, size: checkpoint.size }.frontier().ok()?;
    if frontier.root() != checkpoint.root {
        tracing::warn!("tiles do not have the signed root: making them again from the journal");
        return None;
    }
    let writer = TileWriter::resume(Arc::clone(disk), directory, checkpoint.size).ok()?;
    Some((writer, frontier))
}
