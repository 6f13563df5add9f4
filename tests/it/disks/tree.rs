//! A file system in memory with two planes: what programs see, and what would be there after a power
//! cut. A file's sectors reach the second plane when the file is synced, names when their directory is.
//!
//! The names of a directory change in order, and a rename is done or not done. Syncing a file does not keep
//! its name, as POSIX has it and most file systems do not. It is no model of the journal's own steps:
//! `kernel::journal` has that.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::SystemTime,
};

use ostoja::kernel::clock::Clock;

use super::dice::Dice;

/// The number of a file or directory.
pub type Number = u64;
pub const ROOT: Number = 1;
/// What a device writes whole or not at all.
const SECTOR: usize = 512;

type Names = BTreeMap<String, Number>;

#[derive(Clone)]
pub enum Kind {
    File(Contents),
    Directory(Names),
}

/// The bytes of a file in both planes.
#[derive(Clone, Default)]
pub struct Contents {
    pub seen: Vec<u8>,
    durable: Vec<u8>,
    /// Sectors that were written since the last sync.
    dirty: BTreeSet<usize>,
}

#[derive(Clone)]
pub struct Node {
    pub kind: Kind,
    pub mode: u32,
    pub modified: SystemTime,
    /// Where it was first, from the top: for messages and for choosing what fails.
    pub place: String,
}

/// One change of names, which a power cut leaves done or not done.
type Step = Vec<(Number, String, Option<Number>)>;

/// All files.
#[derive(Clone)]
pub struct Tree {
    nodes: BTreeMap<Number, Node>,
    durable_names: BTreeMap<Number, Names>,
    /// Changes of names that no sync has made durable.
    steps: Vec<Step>,
    next: Number,
}

/// An error as the kernel numbers it.
pub type Errno = nix::errno::Errno;

impl Tree {
    pub fn new() -> Tree {
        let mut tree = Tree {
            nodes: BTreeMap::new(),
            durable_names: BTreeMap::from([(ROOT, Names::new())]),
            steps: Vec::new(),
            next: ROOT,
        };
        tree.make(Kind::Directory(Names::new()), 0o700, String::new());
        tree
    }

    pub fn node(&self, number: Number) -> Result<&Node, Errno> {
        self.nodes.get(&number).ok_or(Errno::ENOENT)
    }

    pub fn node_mut(&mut self, number: Number) -> Result<&mut Node, Errno> {
        self.nodes.get_mut(&number).ok_or(Errno::ENOENT)
    }

    pub fn names(&self, directory: Number) -> Result<&Names, Errno> {
        match &self.node(directory)?.kind {
            Kind::Directory(names) => Ok(names),
            Kind::File(_) => Err(Errno::ENOTDIR),
        }
    }

    pub fn find(&self, directory: Number, name: &str) -> Result<Number, Errno> {
        self.names(directory)?.get(name).copied().ok_or(Errno::ENOENT)
    }

    /// The place that a name in a directory has.
    pub fn place(&self, directory: Number, name: &str) -> String {
        match self.node(directory) {
            Ok(node) if !node.place.is_empty() => format!("{}/{name}", node.place),
            _ => name.to_owned(),
        }
    }

    fn make(&mut self, kind: Kind, mode: u32, place: String) -> Number {
        let number = self.next;
        self.next += 1;
        self.nodes.insert(number, Node { kind, mode, modified: now(), place });
        number
    }

    /// Makes a file or a directory under a name that is free.
    pub fn create(
        &mut self,
        directory: Number,
        name: &str,
        mode: u32,
        is_directory: bool,
    ) -> Result<Number, Errno> {
        if self.names(directory)?.contains_key(name) {
            return Err(Errno::EEXIST);
        }
        let kind = match is_directory {
            true => Kind::Directory(Names::new()),
            false => Kind::File(Contents::default()),
        };
        let place = self.place(directory, name);
        let number = self.make(kind, mode, place);
        if is_directory {
            self.durable_names.insert(number, Names::new());
        }
        self.step(vec![(directory, name.to_owned(), Some(number))])?;
        Ok(number)
    }

    pub fn remove(&mut self, directory: Number, name: &str) -> Result<(), Errno> {
        let number = self.find(directory, name)?;
        if self.names(number).is_ok_and(|names| !names.is_empty()) {
            return Err(Errno::ENOTEMPTY);
        }
        self.step(vec![(directory, name.to_owned(), None)])
    }

    pub fn rename(&mut self, from: (Number, &str), to: (Number, &str)) -> Result<(), Errno> {
        let number = self.find(from.0, from.1)?;
        let place = self.place(to.0, to.1);
        self.step(vec![(from.0, from.1.to_owned(), None), (to.0, to.1.to_owned(), Some(number))])?;
        self.node_mut(number)?.place = place;
        Ok(())
    }

    fn step(&mut self, step: Step) -> Result<(), Errno> {
        for (directory, name, number) in &step {
            let Kind::Directory(names) = &mut self.node_mut(*directory)?.kind else {
                return Err(Errno::ENOTDIR);
            };
            change(names, name, *number);
        }
        self.steps.push(step);
        Ok(())
    }

    fn contents(&mut self, number: Number) -> Result<&mut Contents, Errno> {
        match &mut self.node_mut(number)?.kind {
            Kind::File(contents) => Ok(contents),
            Kind::Directory(_) => Err(Errno::EISDIR),
        }
    }

    pub fn read(&self, number: Number, offset: usize, length: usize) -> Result<&[u8], Errno> {
        match &self.node(number)?.kind {
            Kind::File(Contents { seen, .. }) => {
                let from = offset.min(seen.len());
                Ok(&seen[from..(from + length).min(seen.len())])
            }
            Kind::Directory(_) => Err(Errno::EISDIR),
        }
    }

    pub fn write(&mut self, number: Number, offset: usize, bytes: &[u8]) -> Result<(), Errno> {
        self.node_mut(number)?.modified = now();
        let contents = self.contents(number)?;
        let end = offset + bytes.len();
        if contents.seen.len() < end {
            contents.seen.resize(end, 0);
        }
        contents.seen[offset..end].copy_from_slice(bytes);
        contents.dirty.extend(offset / SECTOR..end.div_ceil(SECTOR));
        Ok(())
    }

    pub fn set_length(&mut self, number: Number, length: usize) -> Result<(), Errno> {
        self.node_mut(number)?.modified = now();
        let contents = self.contents(number)?;
        let (before, after) = (contents.seen.len().min(length), contents.seen.len().max(length));
        contents.seen.resize(length, 0);
        contents.dirty.extend(before / SECTOR..after.div_ceil(SECTOR));
        Ok(())
    }

    /// Makes the bytes of a file durable, or the names of a directory.
    pub fn sync(&mut self, number: Number) -> Result<(), Errno> {
        if let Kind::File(contents) = &mut self.node_mut(number)?.kind {
            contents.durable.resize(contents.seen.len(), 0);
            for sector in std::mem::take(&mut contents.dirty) {
                keep(contents, sector);
            }
            return Ok(());
        }
        let (mut directories, mut kept) = (BTreeSet::from([number]), Vec::new());
        let steps = std::mem::take(&mut self.steps);
        // From the end: what goes with a later change of the same directory goes too.
        for step in steps.into_iter().rev() {
            if step.iter().any(|(directory, ..)| directories.contains(directory)) {
                directories.extend(step.iter().map(|(directory, ..)| *directory));
                kept.push(step);
            } else {
                self.steps.push(step);
            }
        }
        self.steps.reverse();
        kept.reverse();
        self.keep(kept);
        Ok(())
    }

    fn keep(&mut self, steps: Vec<Step>) {
        for (directory, name, number) in steps.into_iter().flatten() {
            change(self.durable_names.entry(directory).or_default(), &name, number);
        }
    }

    /// The power fails: of what was not synced, some survives. Which, the dice say; half of the time
    /// it is nothing or everything of a file.
    pub fn cut_power(&mut self, dice: &mut Dice) {
        let survive = dice.below(self.steps.len() as u64 + 1);
        let mut steps = std::mem::take(&mut self.steps);
        steps.truncate(usize::try_from(survive).unwrap());
        self.keep(steps);
        let mut reached = BTreeMap::new();
        let mut left = vec![ROOT];
        while let Some(number) = left.pop() {
            let Some(mut node) = self.nodes.remove(&number) else { continue };
            match &mut node.kind {
                Kind::File(contents) => contents.cut_power(dice),
                Kind::Directory(names) => {
                    *names = self.durable_names.get(&number).cloned().unwrap_or_default();
                    left.extend(names.values());
                }
            }
            reached.insert(number, node);
        }
        self.nodes = reached;
        self.durable_names.retain(|number, _| self.nodes.contains_key(number));
    }

    /// Sectors and changes of names that a power cut may take.
    pub fn at_risk(&self) -> (usize, usize) {
        let dirty = |node: &Node| match &node.kind {
            Kind::File(contents) => contents.dirty.len(),
            Kind::Directory(_) => 0,
        };
        (self.nodes.values().map(dirty).sum(), self.steps.len())
    }
}

impl Contents {
    fn cut_power(&mut self, dice: &mut Dice) {
        // Of a hundred sectors, so many survive.
        let survive = [0, 0, 50, 100][usize::try_from(dice.below(4)).unwrap()];
        if dice.below(100) < survive {
            self.durable.resize(self.seen.len(), 0);
        }
        for sector in std::mem::take(&mut self.dirty) {
            if dice.below(100) < survive {
                keep(self, sector);
            }
        }
        self.seen.clone_from(&self.durable);
    }
}

/// Copies a sector to the durable plane, as far as the file reaches there.
fn keep(contents: &mut Contents, sector: usize) {
    let from = sector * SECTOR;
    let to = (from + SECTOR).min(contents.seen.len()).min(contents.durable.len());
    if from < to {
        contents.durable[from..to].copy_from_slice(&contents.seen[from..to]);
    }
}

fn change(names: &mut Names, name: &str, number: Option<Number>) {
    match number {
        Some(number) => names.insert(name.to_owned(), number),
        None => names.remove(name),
    };
}

fn now() -> SystemTime {
    Clock::System.now().into()
}
