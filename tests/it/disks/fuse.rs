//! The kernel's side of a mounted [`Tree`]: requests of FUSE 7.31 in, answers out, one at a time, and
//! the one call that is to fail. No library and no unsafe code: the requests are bytes.
//!
//! What programs write reaches the tree at once (no page cache is between), so that a power cut takes
//! exactly what was not synced.

use std::{
    collections::BTreeMap,
    time::{Duration, UNIX_EPOCH},
};

use super::tree::{Errno, Kind, Number, Tree};

/// Largest request: one write and its head.
pub const REQUEST_BYTES_MAX: usize = WRITE_BYTES_MAX as usize + 4096;
const WRITE_BYTES_MAX: u32 = 1 << 20;
const HEAD_BYTES: usize = 40;
const MAJOR: u32 = 7;
const MINOR: u32 = 31;
/// O_TRUNC comes with the open; large writes; more than 32 pages.
const WANTED: u32 = 1 << 3 | 1 << 5 | 1 << 22;
const DIRECT_IO: u32 = 1;
const SET_MODE: u32 = 1;
const SET_SIZE: u32 = 1 << 3;
const DATA_ONLY: u32 = 1;
const O_TRUNC: u32 = 0o1000;
const DIRECTORY: u32 = 0o040_000;
const REGULAR: u32 = 0o100_000;
const BLOCK: u64 = 512;

/// The system calls whose failing is tried, as the program makes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    Openat,
    Pread64,
    Pwrite64,
    Fdatasync,
    Fsync,
    Rename,
    Unlink,
    Ftruncate,
    Mkdir,
}

/// One call that fails.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    pub call: Call,
    /// Which occurrence, from 1, counted since [`Disk::watch`].
    pub nth: usize,
    pub errno: Errno,
}

/// A tree with who watches it.
pub struct Disk {
    pub tree: Tree,
    counts: BTreeMap<Call, usize>,
    fault: Option<Fault>,
    fired: Option<String>,
    /// Every call under this place fails: "" is everything.
    broken: Option<String>,
    listings: BTreeMap<u64, Vec<(String, Number)>>,
    next_listing: u64,
}

impl Disk {
    pub fn new(tree: Tree) -> Disk {
        Disk {
            tree,
            counts: BTreeMap::new(),
            fault: None,
            fired: None,
            broken: None,
            listings: BTreeMap::new(),
            next_listing: 0,
        }
    }

    /// Counts calls from now on, and lets one of them fail.
    pub fn watch(&mut self, fault: Option<Fault>) {
        self.counts.clear();
        self.fault = fault;
        self.fired = None;
    }

    /// Lets every call under a place fail, or none.
    pub fn break_below(&mut self, place: Option<&str>) {
        self.broken = place.map(str::to_owned);
    }

    /// How many there were of each, and on which file the one failed.
    pub fn seen(&self) -> (BTreeMap<Call, usize>, Option<String>) {
        (self.counts.clone(), self.fired.clone())
    }

    fn called(&mut self, call: Call, place: impl FnOnce(&Tree) -> String) -> Result<(), Errno> {
        let count = self.counts.entry(call).or_default();
        *count += 1;
        match self.fault {
            Some(fault) if fault.call == call && fault.nth == *count => {
                self.fault = None;
                self.fired = Some(place(&self.tree));
                Err(fault.errno)
            }
            _ => match &self.broken {
                Some(broken) if place(&self.tree).starts_with(broken) => Err(Errno::EIO),
                _ => Ok(()),
            },
        }
    }

    fn called_on(&mut self, call: Call, number: Number) -> Result<(), Errno> {
        self.called(call, |tree| tree.node(number).map_or(String::new(), |node| node.place.clone()))
    }

    /// The answer to a request, head and all; `None` where none is expected.
    pub fn answer(&mut self, request: &[u8]) -> Option<Vec<u8>> {
        let mut head = Bytes(request);
        let (_length, opcode, unique, number) = (head.u32(), head.u32(), head.u64(), head.u64());
        // FORGET, INTERRUPT, BATCH_FORGET
        if matches!(opcode, 2 | 36 | 42) {
            return None;
        }
        let (errno, body) = match self.body(opcode, number, Bytes(&request[HEAD_BYTES..])) {
            Ok(body) => (0, body),
            Err(errno) => (errno as i32, Vec::new()),
        };
        let mut answer = Vec::with_capacity(16 + body.len());
        answer.extend(u32::try_from(16 + body.len()).unwrap().to_le_bytes());
        answer.extend((-errno).to_le_bytes());
        answer.extend(unique.to_le_bytes());
        answer.extend(body);
        Some(answer)
    }

    fn body(&mut self, opcode: u32, number: Number, mut rest: Bytes<'_>) -> Result<Vec<u8>, Errno> {
        match opcode {
            // LOOKUP
            1 => {
                let found = self.tree.find(number, rest.name())?;
                self.entry(found)
            }
            // GETATTR, SETATTR
            3 => self.attributes_answer(number),
            4 => self.set_attributes(number, rest),
            // MKDIR
            9 => {
                let (mode, _umask, name) = (rest.u32(), rest.u32(), rest.name());
                self.called(Call::Mkdir, |tree| tree.place(number, name))?;
                let made = self.tree.create(number, name, mode & 0o777, true)?;
                self.entry(made)
            }
            // UNLINK, RMDIR
            10 | 11 => {
                let name = rest.name();
                self.called(Call::Unlink, |tree| tree.place(number, name))?;
                self.tree.remove(number, name).map(|()| Vec::new())
            }
            // RENAME, RENAME2
            12 | 45 => {
                let to = rest.u64();
                if opcode == 45 {
                    rest.skip(8);
                }
                let (old, new) = (rest.name(), rest.name());
                self.called(Call::Rename, |tree| tree.place(to, new))?;
                self.tree.rename((number, old), (to, new)).map(|()| Vec::new())
            }
            // OPEN, CREATE
            14 => self.open(number, rest.u32()),
            35 => self.create(number, rest),
            // READ, WRITE
            15 => {
                self.called_on(Call::Pread64, number)?;
                rest.skip(8);
                let (offset, size) = (rest.size(), rest.u32());
                self.tree.read(number, offset, size as usize).map(<[u8]>::to_vec)
            }
            16 => {
                self.called_on(Call::Pwrite64, number)?;
                rest.skip(8);
                let (offset, size) = (rest.size(), rest.u32());
                rest.skip(20);
                self.tree.write(number, offset, &rest.0[..size as usize])?;
                Ok([size.to_le_bytes(), [0; 4]].concat())
            }
            // STATFS
            17 => Ok(statfs()),
            // RELEASE, FLUSH, DESTROY
            18 | 25 | 38 => Ok(Vec::new()),
            // FSYNC, FSYNCDIR
            20 | 30 => {
                rest.skip(8);
                let is_data_only = rest.u32() & DATA_ONLY != 0;
                let call = if is_data_only { Call::Fdatasync } else { Call::Fsync };
                self.called_on(call, number)?;
                self.tree.sync(number).map(|()| Vec::new())
            }
            // INIT
            26 => Ok(init(rest)),
            // OPENDIR, READDIR, RELEASEDIR
            27 => self.open_directory(number),
            28 => Ok(self.list(rest)),
            29 => {
                self.listings.remove(&rest.u64());
                Ok(Vec::new())
            }
            _ => Err(Errno::ENOSYS),
        }
    }

    fn set_attributes(&mut self, number: Number, mut rest: Bytes<'_>) -> Result<Vec<u8>, Errno> {
        let valid = rest.u32();
        rest.skip(12);
        let size = rest.size();
        rest.skip(44);
        let mode = rest.u32();
        if valid & SET_SIZE != 0 {
            self.called_on(Call::Ftruncate, number)?;
            self.tree.set_length(number, size)?;
        }
        if valid & SET_MODE != 0 {
            self.tree.node_mut(number)?.mode = mode & 0o777;
        }
        self.attributes_answer(number)
    }

    fn open(&mut self, number: Number, flags: u32) -> Result<Vec<u8>, Errno> {
        self.called_on(Call::Openat, number)?;
        if flags & O_TRUNC != 0 {
            self.tree.set_length(number, 0)?;
        }
        Ok(opened(0, DIRECT_IO))
    }

    fn create(&mut self, directory: Number, mut rest: Bytes<'_>) -> Result<Vec<u8>, Errno> {
        let (_flags, mode) = (rest.u32(), rest.u32());
        rest.skip(8);
        let name = rest.name();
        self.called(Call::Openat, |tree| tree.place(directory, name))?;
        let made = self.tree.create(directory, name, mode & 0o777, false)?;
        Ok([self.entry(made)?, opened(0, DIRECT_IO)].concat())
    }

    fn open_directory(&mut self, number: Number) -> Result<Vec<u8>, Errno> {
        self.called_on(Call::Openat, number)?;
        // Listed once, so that removing while reading leaves nothing out.
        let own = [".", ".."].map(|name| (name.to_owned(), number));
        let names = self.tree.names(number)?.iter().map(|(name, at)| (name.clone(), *at));
        let listing = own.into_iter().chain(names).collect();
        self.next_listing += 1;
        self.listings.insert(self.next_listing, listing);
        Ok(opened(self.next_listing, 0))
    }

    fn list(&self, mut rest: Bytes<'_>) -> Vec<u8> {
        let (handle, from, size) = (rest.u64(), rest.size(), rest.u32() as usize);
        let mut out = Vec::new();
        let names = self.listings.get(&handle).map_or(&[][..], Vec::as_slice);
        for (index, (name, number)) in names.iter().enumerate().skip(from) {
            let length = (24 + name.len()).next_multiple_of(8);
            if out.len() + length > size {
                break;
            }
            let end = out.len() + length;
            out.extend(number.to_le_bytes());
            out.extend((index as u64 + 1).to_le_bytes());
            out.extend(u32::try_from(name.len()).unwrap().to_le_bytes());
            // Of no known sort: whoever must know asks for the attributes.
            out.extend([0; 4]);
            out.extend(name.as_bytes());
            out.resize(end, 0);
        }
        out
    }

    fn entry(&self, number: Number) -> Result<Vec<u8>, Errno> {
        let mut out = Vec::with_capacity(128);
        out.extend(number.to_le_bytes());
        // Generation, and nothing is to be remembered.
        out.extend([0; 32]);
        out.extend(self.attributes(number)?);
        Ok(out)
    }

    fn attributes_answer(&self, number: Number) -> Result<Vec<u8>, Errno> {
        Ok([vec![0; 16], self.attributes(number)?].concat())
    }

    fn attributes(&self, number: Number) -> Result<Vec<u8>, Errno> {
        let node = self.tree.node(number)?;
        let (sort, size) = match &node.kind {
            Kind::File(contents) => (REGULAR, contents.seen.len() as u64),
            Kind::Directory(_) => (DIRECTORY, 0),
        };
        let since = node.modified.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let mut out = Vec::with_capacity(88);
        for value in [number, size, size.div_ceil(BLOCK)] {
            out.extend(value.to_le_bytes());
        }
        for _of in ["read", "modified", "changed"] {
            out.extend(since.as_secs().to_le_bytes());
        }
        for _of in ["read", "modified", "changed"] {
            out.extend(since.subsec_nanos().to_le_bytes());
        }
        let (user, group) = (nix::unistd::getuid().as_raw(), nix::unistd::getgid().as_raw());
        for value in [sort | node.mode, 1, user, group, 0, 4096, 0] {
            out.extend(value.to_le_bytes());
        }
        Ok(out)
    }
}

fn opened(handle: u64, flags: u32) -> Vec<u8> {
    [handle.to_le_bytes().to_vec(), flags.to_le_bytes().to_vec(), vec![0; 4]].concat()
}

fn init(mut rest: Bytes<'_>) -> Vec<u8> {
    let (_major, _minor, ahead, flags) = (rest.u32(), rest.u32(), rest.u32(), rest.u32());
    let mut out = Vec::with_capacity(64);
    for value in [MAJOR, MINOR, ahead, flags & WANTED] {
        out.extend(value.to_le_bytes());
    }
    // Requests in the background, and when that is many.
    out.extend(16u16.to_le_bytes());
    out.extend(12u16.to_le_bytes());
    out.extend(WRITE_BYTES_MAX.to_le_bytes());
    out.extend(1u32.to_le_bytes());
    out.extend(256u16.to_le_bytes());
    out.resize(64, 0);
    out
}

fn statfs() -> Vec<u8> {
    let mut out = Vec::with_capacity(80);
    for blocks in [1u64 << 20, 1 << 19, 1 << 19, 1 << 20, 1 << 19] {
        out.extend(blocks.to_le_bytes());
    }
    for value in [4096u32, 255, 4096] {
        out.extend(value.to_le_bytes());
    }
    out.resize(80, 0);
    out
}

/// Fields of a request, front to back. A request is the kernel's: it is as long as it should be.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn skip(&mut self, bytes: usize) {
        self.0 = &self.0[bytes..];
    }

    fn u32(&mut self) -> u32 {
        let (value, rest) = self.0.split_first_chunk().unwrap();
        self.0 = rest;
        u32::from_le_bytes(*value)
    }

    fn u64(&mut self) -> u64 {
        let (value, rest) = self.0.split_first_chunk().unwrap();
        self.0 = rest;
        u64::from_le_bytes(*value)
    }

    fn size(&mut self) -> usize {
        usize::try_from(self.u64()).unwrap()
    }

    fn name(&mut self) -> &'a str {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap();
        let name = std::str::from_utf8(&self.0[..end]).unwrap();
        self.skip(end + 1);
        name
    }
}
