//! Proofs beside the definition: for every pair of sizes up to 70, what we make is word for word what
//! RFC 6962 says, it is accepted, and none of its neighbours is.

use super::tree::{
    Place, consistency_places, empty_root, fold, inclusion_places, is_consistent, node,
    root_from_inclusion,
};
use crate::kernel::crypto::{Hash, hash};

const SIZES: usize = 70;

fn leaves() -> Vec<Hash> {
    (0..SIZES as u64).map(|n| hash(&[&[0], &n.to_le_bytes()])).collect()
}

/// "Let k be the largest power of two smaller than n."
fn split(n: usize) -> usize {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}

/// MTH(D[n]), 2.1.
fn mth(d: &[Hash]) -> Hash {
    match d {
        [] => empty_root(),
        [one] => *one,
        _ => {
            let (left, right) = d.split_at(split(d.len()));
            node(&mth(left), &mth(right))
        }
    }
}

/// PATH(m, D[n]), 2.1.1.
fn path(m: usize, d: &[Hash]) -> Vec<Hash> {
    if d.len() == 1 {
        return Vec::new();
    }
    let k = split(d.len());
    let (left, right) = d.split_at(k);
    let (mut below, above) =
        if m < k { (path(m, left), mth(right)) } else { (path(m - k, right), mth(left)) };
    below.push(above);
    below
}

/// SUBPROOF(m, D[n], b), 2.1.2; PROOF(m, D[n]) is SUBPROOF(m, D[n], true).
fn subproof(m: usize, d: &[Hash], whole: bool) -> Vec<Hash> {
    if m == d.len() {
        return if whole { Vec::new() } else { vec![mth(d)] };
    }
    let k = split(d.len());
    let (left, right) = d.split_at(k);
    let (mut below, above) = if m <= k {
        (subproof(m, left, whole), mth(right))
    } else {
        (subproof(m - k, right, false), mth(left))
    };
    below.push(above);
    below
}

/// What our places fold to, with subtrees taken by the definition.
fn folded(groups: Vec<Vec<Place>>, all: &[Hash]) -> Vec<Hash> {
    let at = |place: Place| {
        let width = 1usize << place.level;
        let start = place.index as usize * width;
        mth(&all[start..start + width])
    };
    groups.into_iter().map(|group| fold(&group.into_iter().map(at).collect::<Vec<_>>())).collect()
}

/// A proof with one thing wrong, in every way there is.
fn spoiled(proof: &[Hash]) -> Vec<Vec<Hash>> {
    let mut all = Vec::new();
    for at in 0..proof.len() {
        let mut flipped = proof.to_vec();
        flipped[at][at % 32] ^= 1 << (at % 8);
        all.push(flipped);
        let mut without = proof.to_vec();
        without.remove(at);
        all.push(without);
        if at > 0 && proof[at] != proof[at - 1] {
            let mut swapped = proof.to_vec();
            swapped.swap(at, at - 1);
            all.push(swapped);
        }
        let mut twice = proof.to_vec();
        twice.insert(at, proof[at]);
        all.push(twice);
    }
    let mut longer = proof.to_vec();
    longer.push([0; 32]);
    all.push(longer);
    all
}

#[test]
fn every_inclusion_proof_is_the_one_of_the_definition_and_no_other_passes() {
    let (all, mut spoilt) = (leaves(), 0);
    for size in 1..=SIZES {
        let root = mth(&all[..size]);
        for index in 0..size {
            let (m, n) = (index as u64, size as u64);
            let proof = folded(inclusion_places(m, n), &all);
            assert_eq!(proof, path(index, &all[..size]), "{index} of {size}");
            let root_of =
                |leaf: usize, m, n, proof: &[Hash]| root_from_inclusion(all[leaf], m, n, proof);
            assert_eq!(root_of(index, m, n, &proof), Some(root), "{index} of {size}");
            for bad in spoiled(&proof) {
                assert_ne!(root_of(index, m, n, &bad), Some(root), "{index} of {size}: {bad:?}");
                spoilt += 1;
            }
            for other in (0..size).filter(|other| *other != index) {
                assert_ne!(root_of(other, m, n, &proof), Some(root), "{other} at {index}");
                assert_ne!(
                    root_of(index, other as u64, n, &proof),
                    Some(root),
                    "{index} at {other}"
                );
            }
            assert_eq!(root_of(index, n, n, &proof), None, "behind the end");
        }
    }
    println!("{spoilt} spoiled inclusion proofs refused");
    assert!(spoilt > 30_000);
}

#[test]
fn every_consistency_proof_is_the_one_of_the_definition_and_no_other_passes() {
    let (all, mut spoilt) = (leaves(), 0);
    let roots: Vec<Hash> = (0..=SIZES).map(|size| mth(&all[..size])).collect();
    for new in 1..=SIZES {
        for old in 1..=new {
            let (m, n) = (old as u64, new as u64);
            let proof = folded(consistency_places(m, n), &all);
            assert_eq!(proof, subproof(old, &all[..new], true), "{old} -> {new}");
            let holds = |from: usize, to: usize, proof: &[Hash]| {
                is_consistent(m, n, &roots[from], &roots[to], proof)
            };
            assert!(holds(old, new, &proof), "{old} -> {new}");
            for bad in spoiled(&proof) {
                assert!(!holds(old, new, &bad), "{old} -> {new}: {bad:?}");
                spoilt += 1;
            }
            for other in (0..=SIZES).filter(|other| *other != old) {
                assert!(!holds(other, new, &proof), "root of {other} for {old}");
            }
            for other in (0..=SIZES).filter(|other| *other != new) {
                assert!(!holds(old, other, &proof), "root of {other} for {new}");
            }
            if old < new {
                // A forged history with the very same newest root, and the other way about.
                assert!(!is_consistent(n, m, &roots[new], &roots[old], &proof), "backwards");
                assert!(!is_consistent(0, n, &roots[0], &roots[new], &[[0; 32]]), "from nothing");
            }
        }
    }
    println!("{spoilt} spoiled consistency proofs refused");
    assert!(spoilt > 30_000);
}
