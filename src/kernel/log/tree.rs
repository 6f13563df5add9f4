//! RFC 6962 Merkle tree hashing (section 2.1).

use crate::kernel::crypto::{Hash, hash};

/// Hash of two children.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    hash(&[&[1], left, right])
}

/// Root of the empty tree.
pub fn empty_root() -> Hash {
    hash(&[])
}

/// The right edge of a growing tree: one root for each perfect subtree, largest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Frontier {
    size: u64,
    roots: Vec<Hash>,
}

impl Frontier {
    /// A frontier from the roots of its perfect subtrees, largest first. `None` if their number
    /// is not the number of ones in `size`.
    pub fn from_parts(size: u64, roots: Vec<Hash>) -> Option<Frontier> {
        (roots.len() == size.count_ones() as usize).then_some(Frontier { size, roots })
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut new = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.roots.pop() {
                new = node(&left, &new);
            }
        }
        self.roots.push(new);
        self.size += 1;
    }

    /// The root over all leaves.
    pub fn root(&self) -> Hash {
        let mut roots = self.roots.iter().rev();
        let Some(last) = roots.next() else { return empty_root() };
        roots.fold(*last, |right, left| node(left, &right))
    }
}

/// Where a complete subtree stands: `level` 0 is leaves, `index` counts at that level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub level: u32,
    pub index: u64,
}

/// The perfect subtrees that cover `[start, end)` of a tree, left to right.
fn cover(mut start: u64, end: u64) -> Vec<Place> {
    let mut out = Vec::new();
    while start < end {
        let fit = (end - start).ilog2();
        let level = if start == 0 { fit } else { start.trailing_zeros().min(fit) };
        out.push(Place { level, index: start >> level });
        start += 1 << level;
    }
    out
}

/// The places of a frontier of `size` leaves, largest first.
pub fn frontier_places(size: u64) -> Vec<Place> {
    cover(0, size)
}

/// Which subtree roots an inclusion proof of leaf `index` in a tree of `size` needs: groups, each to
/// be folded into one hash, from the leaf upwards.
pub fn inclusion_places(index: u64, size: u64) -> Vec<Vec<Place>> {
    let mut out = Vec::new();
    path(index, 0, size, &mut out);
    out
}

fn path(index: u64, start: u64, end: u64, out: &mut Vec<Vec<Place>>) {
    if end - start <= 1 {
        return;
    }
    let split = start + largest_power_below(end - start);
    if index < split {
        path(index, start, split, out);
        out.push(cover(split, end));
    } else {
        path(index, split, end, out);
        out.push(cover(start, split));
    }
}

/// Which subtree roots a consistency proof from `old` to `new` leaves needs (RFC 6962, 2.1.2).
pub fn consistency_places(old: u64, new: u64) -> Vec<Vec<Place>> {
    let mut out = Vec::new();
    if old > 0 && old < new {
        subproof(old, 0, new, true, &mut out);
    }
    out
}

fn subproof(old: u64, start: u64, end: u64, whole: bool, out: &mut Vec<Vec<Place>>) {
    if old == end {
        if !whole {
            out.push(cover(start, end));
        }
        return;
    }
    let split = start + largest_power_below(end - start);
    if old <= split {
        subproof(old, start, split, whole, out);
        out.push(cover(split, end));
    } else {
        subproof(old, split, end, false, out);
        out.push(cover(start, split));
    }
}

fn largest_power_below(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// Folds the roots of adjacent subtrees, left to right, into the root over all of them.
pub fn fold(roots: &[Hash]) -> Hash {
    let mut roots = roots.iter().rev();
    let Some(last) = roots.next() else { return empty_root() };
    roots.fold(*last, |right, left| node(left, &right))
}

/// The root that an inclusion proof leads to; `None` if the proof has the wrong length.
pub fn root_from_inclusion(leaf: Hash, index: u64, size: u64, proof: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    // RFC 9162, 2.1.3.2.
    let (mut fnode, mut snode, mut root) = (index, size - 1, leaf);
    for sibling in proof {
        if snode == 0 {
            return None;
        }
        if fnode & 1 == 1 || fnode == snode {
            root = node(sibling, &root);
            while fnode & 1 == 0 && fnode != 0 {
                fnode >>= 1;
                snode >>= 1;
            }
        } else {
            root = node(&root, sibling);
        }
        fnode >>= 1;
        snode >>= 1;
    }
    (snode == 0).then_some(root)
}

/// Whether a consistency proof leads from one root to another (RFC 9162, 2.1.4.2).
pub fn is_consistent(old: u64, new: u64, old_root: &Hash, new_root: &Hash, proof: &[Hash]) -> bool {
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    if old == 0 || old > new {
        return old == 0 && proof.is_empty() && *old_root == empty_root();
    }
    let mut steps: Vec<Hash> = Vec::with_capacity(proof.len() + 1);
    if old.is_power_of_two() {
        steps.push(*old_root);
    }
    steps.extend_from_slice(proof);
    let mut steps = steps.into_iter();
    let Some(first) = steps.next() else { return false };
    let (mut fnode, mut snode) = (old - 1, new - 1);
    while fnode & 1 == 1 {
        fnode >>= 1;
        snode >>= 1;
    }
    let (mut from, mut to) = (first, first);
    for step in steps {
        if snode == 0 {
            return false;
        }
        if fnode & 1 == 1 || fnode == snode {
            from = node(&step, &from);
            to = node(&step, &to);
            while fnode & 1 == 0 && fnode != 0 {
                fnode >>= 1;
                snode >>= 1;
            }
        } else {
            to = node(&to, &step);
        }
        fnode >>= 1;
        snode >>= 1;
    }
    snode == 0 && from == *old_root && to == *new_root
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, word for word (RFC 6962, 2.1).
    fn root_by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => empty_root(),
            [one] => *one,
            _ => {
                let (left, right) =
                    leaves.split_at(largest_power_below(leaves.len() as u64) as usize);
                node(&root_by_definition(left), &root_by_definition(right))
            }
        }
    }

    fn leaves(n: u64) -> Vec<Hash> {
        (0..n).map(|i| hash(&[&[0], &i.to_le_bytes()])).collect()
    }

    fn at(leaves: &[Hash], place: Place) -> Hash {
        let width = 1usize << place.level;
        let start = place.index as usize * width;
        root_by_definition(&leaves[start..start + width])
    }

    #[test]
    fn every_small_tree_has_the_root_of_the_definition() {
        let all = leaves(70);
        let mut frontier = Frontier::default();
        for n in 0..70 {
            assert_eq!(frontier.root(), root_by_definition(&all[..n]), "{n} leaves");
            let parts =
                frontier_places(n as u64).into_iter().map(|place| at(&all, place)).collect();
            assert_eq!(Frontier::from_parts(n as u64, parts), Some(frontier.clone()));
            frontier.push(all[n]);
        }
    }

    #[test]
    fn every_inclusion_proof_of_small_trees_holds_and_no_other_leaf_does() {
        let all = leaves(40);
        for size in 1..40u64 {
            let root = root_by_definition(&all[..size as usize]);
            for index in 0..size {
                let proof: Vec<Hash> = inclusion_places(index, size)
                    .into_iter()
                    .map(|group| {
                        fold(&group.into_iter().map(|place| at(&all, place)).collect::<Vec<_>>())
                    })
                    .collect();
                assert_eq!(
                    root_from_inclusion(all[index as usize], index, size, &proof),
                    Some(root)
                );
                assert_ne!(
                    root_from_inclusion(all[(index as usize + 1) % 40], index, size, &proof),
                    Some(root)
                );
            }
        }
    }

    #[test]
    fn every_consistency_proof_of_small_trees_holds() {
        let all = leaves(40);
        for new in 1..40u64 {
            for old in 1..=new {
                let roots = (
                    root_by_definition(&all[..old as usize]),
                    root_by_definition(&all[..new as usize]),
                );
                let proof: Vec<Hash> = consistency_places(old, new)
                    .into_iter()
                    .map(|group| {
                        fold(&group.into_iter().map(|place| at(&all, place)).collect::<Vec<_>>())
                    })
                    .collect();
                assert!(is_consistent(old, new, &roots.0, &roots.1, &proof), "{old} -> {new}");
                if old < new {
                    assert!(
                        !is_consistent(old, new, &roots.1, &roots.1, &proof),
                        "{old} -> {new} with a wrong root"
                    );
                }
            }
        }
    }
}
