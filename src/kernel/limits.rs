//! Limits on everything, each with its reason. The edge has its own, in `edge::limits`.

/// Entries of one group: more would make the first wait for the last without saving a sync.
pub const GROUP_ENTRIES_MAX: usize = 1_000;
/// Entries decided but not yet durable; beyond it, deciding waits.
pub const PENDING_ENTRIES_MAX: usize = 4_000;
/// Keys of one batch to sled; larger ones cost gigabytes of memory (measured).
pub const INDEX_BATCH_KEYS: usize = 1_500;
/// Keys durable but not yet in the index; beyond it, deciding waits.
pub const OVERLAY_KEYS_MAX: usize = 200_000;
/// Columns of a list row: what a list shows, not the record.
pub const COLUMNS_BYTES_MAX: usize = 200;
/// Rows a page may ask for.
pub const PAGE_ROWS_MAX: usize = 200;
/// A file of a case.
pub const FILE_BYTES_MAX: u64 = 10 << 20;
/// Files of one draft.
pub const FILES_MAX: usize = 20;
/// All files of one draft.
pub const FILES_BYTES_MAX: u64 = 60 << 20;
/// Scratch items of one owner: drafts, uploads, ceremonies.
pub const SCRATCH_ITEMS_PER_OWNER: usize = 60;
/// Scratch bytes of one owner.
pub const SCRATCH_BYTES_PER_OWNER: u64 = 150 << 20;
/// Scratch items in all: sessions of a whole commune fit with room to spare.
pub const SCRATCH_ITEMS_MAX: usize = 50_000;
/// Scratch bytes in all.
pub const SCRATCH_BYTES_MAX: u64 = 4 << 30;
