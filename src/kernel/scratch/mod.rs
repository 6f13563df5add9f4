//! Scratch: the one place that is not evidence. Drafts, login ceremonies, sessions and the upload
//! spool live here, each with an owner, a lifetime and a quota.
//!
//! One encrypted file an item, written aside and renamed, without a sync: losing the last seconds
//! is allowed, and everything here may be lost. What is in memory is rebuilt from the files at
//! start. A damaged file is an absent item. Nothing here is ever the record of anything.

#[cfg(test)]
mod crash_tests;
pub(in crate::kernel) mod file;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;

use crate::kernel::{
    clock::{Clock, from_ms, to_ms},
    crypto::{Hash, mac},
    durable::{Disk, RealDisk},
    identity::PersonId,
    limits::{
        FILE_BYTES_MAX, SCRATCH_BYTES_MAX, SCRATCH_BYTES_PER_OWNER, SCRATCH_ITEMS_MAX,
        SCRATCH_ITEMS_PER_OWNER,
    },
    store::{Fault, secrets},
};

/// Items up to this size are kept in memory too.
const CACHED_ITEM_BYTES_MAX: usize = 16 << 10;
/// All items kept in memory: beyond it they are read from their files.
const CACHED_BYTES_MAX: usize = 64 << 20;
/// An id is a name that a room gives, not a place for data.
const ID_BYTES_MAX: usize = 100;

crate::codes! {
    /// What an item is.
    pub enum Class {
        /// Of somebody who is logged in.
        Session = 1,
        /// Between the two halves of a passkey ceremony; taken once.
        Ceremony = 2,
        /// A form that is being filled in.
        Draft = 3,
        /// A file that no entry holds yet.
        Upload = 4,
        /// What was typed when a session ended.
        Form = 5,
        /// A report without an account, until it is confirmed.
        Report = 6,
    }
}

impl Class {
    /// The directory's name.
    fn name(self) -> &'static str {
        match self {
            Class::Session => "session",
            Class::Ceremony => "ceremony",
            Class::Draft => "draft",
            Class::Upload => "upload",
            Class::Form => "form",
            Class::Report => "report",
        }
    }

    /// Items of this class in all, so that a flood of ceremonies takes no room from drafts.
    fn items_max(self) -> usize {
        match self {
            Class::Session | Class::Draft => SCRATCH_ITEMS_MAX / 10 * 3,
            Class::Ceremony | Class::Upload | Class::Form | Class::Report => SCRATCH_ITEMS_MAX / 10,
        }
    }

    /// Bytes of one item.
    fn bytes_max(self) -> u64 {
        match self {
            Class::Session => 4 << 10,
            Class::Ceremony => 64 << 10,
            Class::Draft | Class::Form | Class::Report => 1 << 20,
            Class::Upload => FILE_BYTES_MAX,
        }
    }
}

/// Whose an item is. Nobody else reads, lists or removes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// Whoever holds the session token with this hash.
    Session(Hash),
    Person(PersonId),
}

/// There is no room: nothing was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScratchFull {
    #[error("the owner keeps as much as one may")]
    Owner,
    #[error("scratch is full")]
    Everyone,
    #[error("one item may not be as large as this")]
    Item,
    #[error("the device is full or failed")]
    Device,
}

/// One item in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub id: String,
    pub bytes: u64,
    pub written: Timestamp,
    pub expires: Timestamp,
    /// From before the program started: no request that wrote it goes on.
    pub is_inherited: bool,
}

/// Figures for the metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScratchSize {
    pub items: usize,
    pub bytes: u64,
    pub cached_bytes: usize,
}

/// What an item is called, in memory and inside its file.
type Name = (Class, Owner, String);

struct Item {
    bytes: u64,
    written_ms: u64,
    expires_ms: u64,
    /// The file's salt: another file under the same name has another one.
    salt: Hash,
    cached: Option<Arc<[u8]>>,
    is_inherited: bool,
}

#[derive(Default)]
struct Items {
    by_name: BTreeMap<Name, Item>,
    of_owner: BTreeMap<Owner, (usize, u64)>,
    of_class: BTreeMap<Class, usize>,
    size: ScratchSize,
    /// Makes names of temporary files different.
    serial: u64,
}

/// The items of one data directory.
pub struct Scratch {
    disk: Arc<dyn Disk>,
    directory: PathBuf,
    clock: Clock,
    key: Hash,
    items: Mutex<Items>,
}

impl Scratch {
    /// Opens the scratch of a data directory: reads what is there, and removes what is damaged,
    /// unfinished or out of time.
    ///
    /// # Errors
    /// There is no key, or the directory cannot be read.
    pub fn open(data: &Path, clock: Clock) -> Result<Scratch, Fault> {
        Scratch::open_on(Arc::new(RealDisk), data, clock)
    }

    /// As [`Scratch::open`], on any disk.
    pub(in crate::kernel) fn open_on(
        disk: Arc<dyn Disk>,
        data: &Path,
        clock: Clock,
    ) -> Result<Scratch, Fault> {
        let key: Hash = secrets::fixed(disk.as_ref(), data, "scratch.key")?;
        let scratch = Scratch {
            disk,
            directory: data.join("scratch"),
            clock,
            key: mac(&key, &[b"ostoja/scratch/1"]),
            items: Mutex::new(Items::default()),
        };
        for class in Class::ALL {
            scratch.load(*class)?;
        }
        Ok(scratch)
    }

    /// A key for something that lives no longer than scratch does, such as form tokens.
    pub fn derived_key(&self, label: &str) -> Hash {
        mac(&self.key, &[b"derived/", label.as_bytes()])
    }

    /// Keeps bytes under a name, instead of what was there.
    ///
    /// # Errors
    /// There is no room; what was there stays.
    pub fn put(
        &self,
        class: Class,
        id: &str,
        owner: &Owner,
        bytes: &[u8],
        lives: Duration,
    ) -> Result<(), ScratchFull> {
        let size = bytes.len() as u64;
        if size > class.bytes_max() || id.len() > ID_BYTES_MAX {
            return Err(ScratchFull::Item);
        }
        let name = (class, *owner, id.to_owned());
        let now = to_ms(self.clock.now());
        let lives_ms = u64::try_from(lives.as_millis()).unwrap_or(u64::MAX);
        let head = file::Head {
            class,
            owner: *owner,
            id: id.to_owned(),
            written_ms: now,
            expires_ms: now.saturating_add(lives_ms),
            bytes: size,
        };
        let temporary = {
            let mut items = self.lock();
            items.has_room(&name, size)?;
            items.serial += 1;
            self.class_directory(class).join(format!("{}.tmp", items.serial))
        };
        let (salt, sealed) =
            file::seal(&self.key, &head, bytes).map_err(|_fault| ScratchFull::Device)?;
        let written =
            self.disk.create(&temporary).and_then(|file| file.write_all_at(&sealed, 0)).is_ok();
        // The rename and what memory says of it happen together, so that they agree.
        let mut items = self.lock();
        let placed = items.has_room(&name, size).and_then(|()| {
            let path = self.path(&name);
            if written && self.disk.rename(&temporary, &path).is_ok() {
                Ok(())
            } else {
                Err(ScratchFull::Device)
            }
        });
        if let Err(full) = placed {
            self.forget_file(&temporary);
            return Err(full);
        }
        let item = Item {
            bytes: size,
            written_ms: head.written_ms,
            expires_ms: head.expires_ms,
            salt,
            cached: None,
            is_inherited: false,
        };
        items.insert(name, item, Some(bytes));
        Ok(())
    }

    /// The bytes under a name, if they are there, whole and in time.
    pub fn get(&self, class: Class, id: &str, owner: &Owner) -> Option<Vec<u8>> {
        let name = (class, *owner, id.to_owned());
        let (path, salt) = {
            let items = self.lock();
            let item = items.by_name.get(&name)?;
            if item.expires_ms <= to_ms(self.clock.now()) {
                return None;
            }
            if let Some(cached) = &item.cached {
                return Some(cached.to_vec());
            }
            (self.path(&name), item.salt)
        };
        let opened = self.disk.read(&path).ok().and_then(|bytes| file::open(&self.key, &bytes));
        match opened {
            Some((head, bytes)) if head.name() == name => Some(bytes),
            _ => {
                let mut items = self.lock();
                // Meanwhile somebody may have put another file there.
                if items.by_name.get(&name).is_some_and(|item| item.salt == salt) {
                    self.drop_item(&mut items, &name);
                }
                None
            }
        }
    }

    /// The bytes under a name, for the only time. Of two who take at once, one gets them.
    pub fn take(&self, class: Class, id: &str, owner: &Owner) -> Option<Vec<u8>> {
        let bytes = self.get(class, id, owner)?;
        self.remove(class, id, owner).then_some(bytes)
    }

    /// What an owner keeps of a class, by id.
    pub fn list(&self, class: Class, owner: &Owner) -> Vec<Listed> {
        let now = to_ms(self.clock.now());
        self.lock()
            .by_name
            .range((class, *owner, String::new())..)
            .take_while(|((other, whose, _), _)| *other == class && whose == owner)
            .filter(|(_, item)| item.expires_ms > now)
            .map(|((_, _, id), item)| Listed {
                id: id.clone(),
                bytes: item.bytes,
                written: at(item.written_ms),
                expires: at(item.expires_ms),
                is_inherited: item.is_inherited,
            })
            .collect()
    }

    /// Every item of a class with its bytes, for the program itself: sessions after a restart.
    pub(in crate::kernel) fn all(&self, class: Class) -> Vec<(Owner, String, Vec<u8>)> {
        let names: Vec<Name> =
            self.lock().by_name.keys().filter(|(of, ..)| *of == class).cloned().collect();
        names
            .into_iter()
            .filter_map(|(class, owner, id)| {
                let bytes = self.get(class, &id, &owner)?;
                Some((owner, id, bytes))
            })
            .collect()
    }

    /// Removes an item. Says whether it was there.
    pub fn remove(&self, class: Class, id: &str, owner: &Owner) -> bool {
        self.drop_item(&mut self.lock(), &(class, *owner, id.to_owned()))
    }

    /// Removes what an owner keeps of a class; of every class if none is named.
    pub fn remove_all(&self, owner: &Owner, class: Option<Class>) -> usize {
        self.remove_where(|(of, whose, _), _| whose == owner && class.is_none_or(|c| c == *of))
    }

    /// Removes whatever an owner keeps, durably: behind an erasure a power cut may not bring it back.
    ///
    /// # Errors
    /// The device failed.
    pub fn forget(&self, owner: &Owner) -> Result<(), Fault> {
        self.remove_all(owner, None);
        for class in Class::ALL {
            let directory = self.class_directory(*class);
            // What one of these holds is no evidence, but that it is gone must stay so.
            self.disk.sync_directory(&directory).map_err(Fault::new)?;
        }
        Ok(())
    }

    /// Gives what one owner keeps of a class to another: a draft begun before logging in. What finds
    /// no room stays where it is.
    pub fn hand_over(&self, class: Class, from: &Owner, to: &Owner) {
        let now = self.clock.now();
        for listed in self.list(class, from) {
            let lives = listed.expires.duration_since(now).unsigned_abs();
            let moved = self
                .get(class, &listed.id, from)
                .is_some_and(|bytes| self.put(class, &listed.id, to, &bytes, lives).is_ok());
            if moved {
                self.remove(class, &listed.id, from);
            }
        }
    }

    /// Removes what is out of time. To be called every minute.
    pub fn sweep(&self) -> usize {
        let now = to_ms(self.clock.now());
        self.remove_where(|_, item| item.expires_ms <= now)
    }

    /// Whether a file can be written here at this moment: it writes one, and removes it.
    pub fn is_writable(&self) -> bool {
        let probe = {
            let mut items = self.lock();
            items.serial += 1;
            self.class_directory(Class::Session).join(format!("{}.tmp", items.serial))
        };
        let written = self.disk.create(&probe).and_then(|file| file.write_all_at(&[0; 512], 0));
        written.is_ok() && self.disk.remove(&probe).is_ok()
    }

    /// How much is kept.
    pub fn size(&self) -> ScratchSize {
        self.lock().size
    }

    fn remove_where(&self, which: impl Fn(&Name, &Item) -> bool) -> usize {
        let mut items = self.lock();
        let names: Vec<Name> = items
            .by_name
            .iter()
            .filter(|(name, item)| which(name, item))
            .map(|(name, _)| name.clone())
            .collect();
        for name in &names {
            self.drop_item(&mut items, name);
        }
        names.len()
    }

    fn drop_item(&self, items: &mut Items, name: &Name) -> bool {
        let was_there = items.forget(name);
        if was_there {
            self.forget_file(&self.path(name));
        }
        was_there
    }

    fn load(&self, class: Class) -> Result<(), Fault> {
        let directory = self.class_directory(class);
        self.disk.create_directory(&directory).map_err(Fault::new)?;
        let now = to_ms(self.clock.now());
        let mut items = self.lock();
        for file_name in self.disk.names(&directory).map_err(Fault::new)? {
            let path = directory.join(&file_name);
            let found =
                file::read_head(self.disk.as_ref(), &self.key, &path).filter(|(head, _)| {
                    head.class == class && head.expires_ms > now && self.path(&head.name()) == path
                });
            let Some((head, salt)) = found else {
                self.forget_file(&path);
                continue;
            };
            let item = Item {
                bytes: head.bytes,
                written_ms: head.written_ms,
                expires_ms: head.expires_ms,
                salt,
                cached: None,
                is_inherited: true,
            };
            items.insert(head.name(), item, None);
        }
        Ok(())
    }

    /// Removes a file. If that fails it is found again at the next start.
    fn forget_file(&self, path: &Path) {
        let _found_again_at_start = self.disk.remove(path);
    }

    fn lock(&self) -> MutexGuard<'_, Items> {
        // A panic under this lock left counters at worst one item off.
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn class_directory(&self, class: Class) -> PathBuf {
        self.directory.join(class.name())
    }

    /// File names are keyed hashes: a listing of the directory says nothing of persons.
    fn path(&self, name: &Name) -> PathBuf {
        let (class, owner, id) = name;
        self.class_directory(*class).join(file::name(&self.key, *class, owner, id))
    }
}

impl Items {
    fn has_room(&self, name: &Name, bytes: u64) -> Result<(), ScratchFull> {
        let (class, owner, _) = name;
        let before = self.by_name.get(name).map_or(0, |item| item.bytes);
        let one_more = usize::from(!self.by_name.contains_key(name));
        let (owned, owned_bytes) = self.of_owner.get(owner).copied().unwrap_or_default();
        if owned + one_more > SCRATCH_ITEMS_PER_OWNER
            || owned_bytes.saturating_sub(before) + bytes > SCRATCH_BYTES_PER_OWNER
        {
            return Err(ScratchFull::Owner);
        }
        let of_class = self.of_class.get(class).copied().unwrap_or_default();
        if self.size.items + one_more > SCRATCH_ITEMS_MAX
            || of_class + one_more > class.items_max()
            || self.size.bytes.saturating_sub(before) + bytes > SCRATCH_BYTES_MAX
        {
            return Err(ScratchFull::Everyone);
        }
        Ok(())
    }

    fn insert(&mut self, name: Name, mut item: Item, bytes: Option<&[u8]>) {
        self.forget(&name);
        item.cached = bytes
            .filter(|bytes| {
                bytes.len() <= CACHED_ITEM_BYTES_MAX
                    && self.size.cached_bytes + bytes.len() <= CACHED_BYTES_MAX
            })
            .map(Arc::from);
        self.size.items += 1;
        self.size.bytes += item.bytes;
        self.size.cached_bytes += item.cached.as_ref().map_or(0, |cached| cached.len());
        let owned = self.of_owner.entry(name.1).or_default();
        owned.0 += 1;
        owned.1 += item.bytes;
        *self.of_class.entry(name.0).or_default() += 1;
        self.by_name.insert(name, item);
    }

    fn forget(&mut self, name: &Name) -> bool {
        let Some(item) = self.by_name.remove(name) else { return false };
        self.size.items = self.size.items.saturating_sub(1);
        self.size.bytes = self.size.bytes.saturating_sub(item.bytes);
        let cached = item.cached.map_or(0, |cached| cached.len());
        self.size.cached_bytes = self.size.cached_bytes.saturating_sub(cached);
        if let Some(of_class) = self.of_class.get_mut(&name.0) {
            *of_class = of_class.saturating_sub(1);
        }
        if let Some(owned) = self.of_owner.get_mut(&name.1) {
            owned.0 = owned.0.saturating_sub(1);
            owned.1 = owned.1.saturating_sub(item.bytes);
            if owned.0 == 0 {
                self.of_owner.remove(&name.1);
            }
        }
        true
    }
}

fn at(ms: u64) -> Timestamp {
    from_ms(i64::try_from(ms).unwrap_or(i64::MAX))
}
