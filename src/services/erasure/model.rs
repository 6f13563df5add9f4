//! What is typed in this room, read into values: which file somebody means, and why it is to go.

use uuid::Uuid;

use crate::kernel::{
    erasure::Ground,
    store::{Refusal, record::FileId},
};

/// More than any address; what is longer is not read on.
const TYPED_BYTES_MAX: usize = 4_000;

/// Every ground, as forms offer them.
pub const GROUNDS: [Ground; 3] = [Ground::TermOver, Ground::Request, Ground::Ruling];

/// The file that an address or an identifier names: the first identifier in the text. An address of a page within a
/// matter begins with the matter's.
///
/// # Errors
/// There is none.
pub fn file_in(typed: &str) -> Result<FileId, Refusal> {
    let typed = typed.get(..TYPED_BYTES_MAX).unwrap_or(typed);
    let mut words = typed.split(|c: char| !c.is_ascii_hexdigit() && c != '-');
    let found = words.find_map(|word| {
        // Other spellings of an identifier (without hyphens, in braces) are in no address of ours.
        (word.len() == 36).then(|| Uuid::try_parse(word).ok()).flatten()
    });
    found.map(FileId).ok_or_else(|| Refusal::rule("erasure-file-unclear").on("file"))
}

/// A ground as chosen in a form.
///
/// # Errors
/// None was chosen, or one that does not exist.
pub fn ground(chosen: &str) -> Result<Ground, Refusal> {
    let ground = chosen.parse().ok().and_then(Ground::from_code);
    ground.ok_or_else(|| Refusal::rule("erasure-ground-empty").on("ground"))
}
