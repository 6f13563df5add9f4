//! Signed notes, checkpoints and verifier keys: one spelling each, and nothing opens that was not signed.

use super::{Input, seeds};
use crate::kernel::log::{
    checkpoint::Checkpoint,
    note::{Verifier, unverified_text},
    statement::Statement,
};

pub(super) fn hold(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    spellings(text);
    // Signing is dear; it need not be done for each.
    if bytes.len().is_multiple_of(4) {
        signed_text(bytes, text);
    }
    let signer = seeds::signer();
    let verifier = signer.verifier();
    if let Ok(signed) = unverified_text(text) {
        assert!(text.starts_with(signed) && signed.ends_with('\n'), "its text is not its front");
    }
    if let Ok(opened) = verifier.open(text) {
        // Only what is in the seeds was ever signed by this key.
        assert!(seeds::was_signed(opened), "something that was never signed opens");
        assert_eq!(unverified_text(text), Ok(opened));
    }
    if let Ok(checkpoint) = Checkpoint::open(text, &verifier) {
        assert_eq!(checkpoint.origin, verifier.name());
    }
    if let Ok(checkpoint) = Checkpoint::parse(text) {
        assert_eq!(checkpoint.text(), text, "a checkpoint has a second spelling");
        let note = signer.sign(text);
        let opened = Checkpoint::open(&note, &verifier);
        assert_eq!(opened.is_ok(), checkpoint.origin == verifier.name(), "of another origin");
        assert!(
            Statement::open(&note, &verifier).is_err(),
            "a checkpoint is taken for a statement"
        );
    }
    if let Ok(key) = Verifier::parse(text) {
        assert_eq!(key.vkey(), text.trim_end_matches('\n'), "a key has a second spelling");
        assert!(key == verifier || key.open(&signer.sign("a\n")).is_err());
    }
}

/// A line in the place of a checkpoint's size, or of its root.
fn spellings(text: &str) {
    let line = text.lines().next().unwrap_or_default();
    let root = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    for text in [format!("a\n{line}\n{root}\n"), format!("a\n1\n{line}\n")] {
        if let Ok(checkpoint) = Checkpoint::parse(&text) {
            assert_eq!(checkpoint.text(), text, "a size or a root has a second spelling");
        }
    }
}

/// A text that is signed opens to itself, and with no byte changed.
fn signed_text(bytes: &[u8], text: &str) {
    let signer = seeds::signer();
    let line = format!("{}\n", text.replace('\n', " "));
    let note = signer.sign(&line);
    assert_eq!(signer.verifier().open(&note), Ok(line.as_str()));
    let mut input = Input(bytes);
    let at = usize::from(input.u16()) % note.len();
    let mut changed = note.clone().into_bytes();
    changed[at] ^= 1 << (input.byte() % 7);
    if let Ok(changed) = String::from_utf8(changed) {
        assert!(changed == note || signer.verifier().open(&changed).is_err(), "byte {at} is free");
    }
}
