//! Rows packed into blocks of some hundred bytes, each under the lowest key that may stand in it.
//!
//! sled keeps some forty bytes of memory and works some eight microseconds for each of its own rows, and an
//! entry has eight; a block costs as much as one of them. Pure: who stores blocks is `sled_index`.

use crate::kernel::store::{Fault, index::Pair};

/// A block that would be longer is parted. One row may be longer. With blocks twice as long, filling is faster
/// by a quarter, and what sled reads before it looks at its cache limit, some 16,000 nodes of nine to sixteen
/// blocks, takes twice the memory.
pub const BLOCK_BYTES_MAX: usize = 600;

/// Packs rows: what a key shares with the one before it is not repeated.
#[derive(Default)]
pub struct Packer {
    bytes: Vec<u8>,
    last: Vec<u8>,
}

impl Packer {
    /// Adds a row.
    pub fn push(&mut self, key: &[u8], value: &[u8]) {
        let shared = self.last.iter().zip(key).take_while(|(last, next)| last == next).count();
        let own = key.get(shared..).unwrap_or_default();
        for length in [shared, own.len(), value.len()] {
            push_number(&mut self.bytes, length);
        }
        self.bytes.extend_from_slice(own);
        self.bytes.extend_from_slice(value);
        self.last.truncate(shared);
        self.last.extend_from_slice(own);
    }

    /// Bytes packed so far.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The block; another begins.
    pub fn take(&mut self) -> Vec<u8> {
        self.last.clear();
        std::mem::take(&mut self.bytes)
    }
}

/// Seven bits a byte, the lowest first.
fn push_number(bytes: &mut Vec<u8>, mut number: usize) {
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or(0);
        number >>= 7;
        if number == 0 {
            return bytes.push(low);
        }
        bytes.push(low | 0x80);
    }
}

/// A key with its value, in a block.
type Row<'key, 'block> = (&'key [u8], &'block [u8]);

/// Walks over the rows of a block.
pub struct Rows<'a> {
    rest: &'a [u8],
    key: Vec<u8>,
}

impl<'a> Rows<'a> {
    pub fn of(block: &'a [u8]) -> Rows<'a> {
        Rows { rest: block, key: Vec::new() }
    }

    /// The next row.
    ///
    /// # Errors
    /// The block is malformed.
    pub fn next_row(&mut self) -> Result<Option<Row<'_, 'a>>, Fault> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let malformed = || Fault::new("a block of the index is malformed");
        let value = self.read().ok_or_else(malformed)?;
        Ok(Some((&self.key, value)))
    }

    fn read(&mut self) -> Option<&'a [u8]> {
        let (shared, own, value) = (self.number()?, self.number()?, self.number()?);
        let (own, rest) = self.rest.split_at_checked(own)?;
        let (value, rest) = rest.split_at_checked(value)?;
        if shared > self.key.len() {
            return None;
        }
        self.rest = rest;
        self.key.truncate(shared);
        self.key.extend_from_slice(own);
        Some(value)
    }

    fn number(&mut self) -> Option<usize> {
        let mut number = 0usize;
        for shift in (0..usize::BITS).step_by(7) {
            let (byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            number |= usize::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
}

/// The value of a key in a block.
///
/// # Errors
/// The block is malformed.
pub fn find(block: &[u8], key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
    let mut rows = Rows::of(block);
    while let Some((at, value)) = rows.next_row()? {
        if at >= key {
            return Ok((at == key).then(|| value.to_vec()));
        }
    }
    Ok(None)
}

/// All rows of a block.
///
/// # Errors
/// The block is malformed.
pub fn unpack(block: &[u8]) -> Result<Vec<Pair>, Fault> {
    let (mut rows, mut all) = (Rows::of(block), Vec::new());
    while let Some((key, value)) = rows.next_row()? {
        all.push((key.to_vec(), value.to_vec()));
    }
    Ok(all)
}

/// Packs ascending rows that take the place of the block under `lowest`: one block, or parts of about
/// the same length if they are too long for one. No rows, no block.
pub fn parted<'a>(
    lowest: &[u8],
    rows: impl Iterator<Item = (&'a [u8], &'a [u8])> + Clone,
) -> Vec<Pair> {
    let mut packer = Packer::default();
    rows.clone().for_each(|(key, value)| packer.push(key, value));
    if packer.len() <= BLOCK_BYTES_MAX {
        let block = packer.take();
        return if block.is_empty() { Vec::new() } else { vec![(lowest.to_vec(), block)] };
    }
    let most = packer.len() / (packer.len() / BLOCK_BYTES_MAX + 1);
    packer.take();
    let (mut parts, mut from) = (Vec::new(), lowest.to_vec());
    for (key, value) in rows {
        // Half a row more or less, so that the parts come out even.
        if packer.len() > 0 && packer.len() + (key.len() + value.len()) / 2 > most {
            parts.push((std::mem::replace(&mut from, key.to_vec()), packer.take()));
        }
        packer.push(key, value);
    }
    parts.push((from, packer.take()));
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rows_come_out_of_blocks_as_they_went_in(
            rows in proptest::collection::btree_map(
                proptest::collection::vec(0u8..4, 1..40),
                proptest::collection::vec(any::<u8>(), 0..400),
                0..60,
            ),
        ) {
            let lowest = [0];
            let pairs = rows.iter().map(|(key, value)| (key.as_slice(), value.as_slice()));
            let parts = parted(&lowest, pairs);
            let mut all = Vec::new();
            for (number, (from, block)) in parts.iter().enumerate() {
                let inside = unpack(block).unwrap();
                prop_assert!(!inside.is_empty());
                prop_assert!(block.len() <= BLOCK_BYTES_MAX * 3 / 2 + 450);
                prop_assert!(number == 0 || *from == inside[0].0);
                for (key, value) in &inside {
                    prop_assert_eq!(find(block, key).unwrap(), Some(value.clone()));
                    prop_assert_eq!(find(block, &[key.as_slice(), &[9]].concat()).unwrap(), None);
                }
                all.extend(inside);
            }
            prop_assert_eq!(all, rows.into_iter().collect::<Vec<_>>());
        }

        #[test]
        fn no_bytes_make_reading_a_block_panic(block in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _fine_or_not = unpack(&block);
        }
    }
}
