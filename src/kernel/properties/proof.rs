//! Proofs: a proof that holds is of an entry that was signed, and says nothing else of it.

use super::seeds;
use crate::kernel::{
    crypto::Secret,
    journal::entry,
    log::{
        consistency::ConsistencyProof,
        note::Verifier,
        proof::{ProofFile, TlogProof},
    },
};

pub(super) fn hold(bytes: &[u8]) {
    let verifier = Verifier::parse(std::str::from_utf8(seeds::VKEY).unwrap()).unwrap();
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Ok(proof) = TlogProof::parse(text) {
            assert_eq!(proof.to_text(), text, "a proof has a second spelling");
            tlog(&proof, &verifier);
        }
        if let Ok(proof) = ConsistencyProof::parse(text) {
            assert_eq!(proof.to_text(), text, "a consistency proof has a second spelling");
        }
    }
    let Ok(file) = serde_json::from_slice::<ProofFile>(bytes) else { return };
    let written = serde_json::to_vec(&file).unwrap();
    assert_eq!(serde_json::from_slice::<ProofFile>(&written).unwrap(), file);
    let Ok(proven) = file.verify(&verifier) else { return };
    let leaf = entry::leaf(&proven.header.encode());
    let seq = usize::try_from(proven.header.seq).unwrap();
    assert_eq!(seeds::leaves().get(seq), Some(&leaf), "an entry that nobody signed is proven");
    for (body, kind, text) in &proven.bodies {
        let descriptor = &proven.header.bodies[*body as usize];
        assert_eq!((descriptor.kind, descriptor.length), (*kind, text.len() as u64));
        // Without the secret nobody makes a text that fits, so the file holds the one that was filed.
        let disclosed = file.bodies.iter().chain(&file.blobs).find(|it| it.body == *body).unwrap();
        let secret = seeds::base64(&disclosed.secret).and_then(|raw| raw.try_into().ok());
        let fits =
            secret.is_some_and(|secret| Secret(secret).commit(text) == descriptor.commitment);
        assert!(fits, "a text that was not filed is proven");
    }
}

fn tlog(proof: &TlogProof, verifier: &Verifier) {
    let leaves = seeds::leaves();
    for (seq, leaf) in leaves.iter().enumerate() {
        if let Ok(checkpoint) = proof.verify(*leaf, verifier) {
            assert_eq!(proof.index, seq as u64, "an entry is proven at another's place");
            assert_eq!(checkpoint.size, seeds::signed_size());
        }
    }
    assert!(proof.verify([7; 32], verifier).is_err(), "a leaf that is not there is proven");
}
