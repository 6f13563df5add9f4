//! `ostoja log consistency` and `ostoja log verify-consistency`

use std::{io::Write, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde_json::json;

use crate::{
    cli::{
        Exit, Failure, Outcome,
        archive::{Archive, Signed, given_verifier},
        log::{ConsistencyArgs, VerifyConsistencyArgs},
    },
    kernel::{
        crypto::Hash,
        durable::RealDisk,
        log::{
            checkpoint::{self, Checkpoint},
            consistency::ConsistencyProof,
            note::Verifier,
            tiles::TileReader,
            tree,
        },
    },
};

/// A checkpoint or a proof is a few lines.
const TEXT_BYTES_MAX: u64 = 1 << 20;

pub(super) fn make(args: &ConsistencyArgs, out: &mut dyn Write) -> Outcome {
    let archive = Archive::open(&args.dir)?;
    let signed = archive.signed(None)?;
    let (from, size) = (args.from, signed.checkpoint.size);
    let to = args.to.unwrap_or(size);
    if from > to && args.to.is_some() {
        return Err(Failure::usage("--from is behind --to; give the older size, then the newer"));
    }
    if from > size || to > size {
        return Err(Failure::new(
            Exit::Finding,
            format!(
                "only {size} entries are signed here; if {} is from a checkpoint of this log, entries are missing",
                from.max(to)
            ),
        ));
    }
    let (old_root, new_root, proof) = prove(archive.data(), &signed, from, to)?;
    let text = if args.json {
        let hashes: Vec<_> = proof.hashes.iter().map(|hash| BASE64.encode(hash)).collect();
        let json = json!({
            "from": from,
            "to": to,
            "from_root": BASE64.encode(old_root),
            "to_root": BASE64.encode(new_root),
            "hashes": hashes,
            "checkpoint": proof.checkpoint,
        });
        format!("{json}\n")
    } else {
        proof.to_text()
    };
    match &args.out {
        None => out.write_all(text.as_bytes())?,
        Some(path) => {
            std::fs::write(path, &text).map_err(|error| Failure::io(path.display(), &error))?;
            writeln!(
                out,
                "ok: proof that {to} entries continue {from} written to {}",
                path.display()
            )?;
        }
    }
    Ok(Exit::Ok)
}

/// Both roots and the proof, read from the tiles and checked before it is given away.
pub(super) fn prove(
    data: &Path,
    signed: &Signed,
    from: u64,
    to: u64,
) -> Result<(Hash, Hash, ConsistencyProof), Failure> {
    let directory = checkpoint::directory(data);
    let damaged = |what: String| {
        let say = format!("log/tile: {what}; start the daemon once, it makes tiles again");
        Failure::new(Exit::Damaged, say)
    };
    let tiles = |size| TileReader { disk: &RealDisk, directory: &directory, size };
    let root = |size| match tiles(size).frontier() {
        Ok(frontier) => Ok(frontier.root()),
        Err(error) => Err(damaged(error.to_string())),
    };
    let (old_root, new_root) = (root(from)?, root(to)?);
    let whole = if to == signed.checkpoint.size { new_root } else { root(signed.checkpoint.size)? };
    let hashes = tiles(to)
        .hashes(tree::consistency_places(from, to))
        .map_err(|error| damaged(error.to_string()))?;
    if whole != signed.checkpoint.root
        || !tree::is_consistent(from, to, &old_root, &new_root, &hashes)
    {
        return Err(damaged("the tiles do not have the signed root".to_owned()));
    }
    let checkpoint = if to == signed.checkpoint.size { signed.note.clone() } else { String::new() };
    Ok((old_root, new_root, ConsistencyProof { old: from, hashes, checkpoint }))
}

pub(super) fn verify(args: &VerifyConsistencyArgs, out: &mut dyn Write) -> Outcome {
    let proof = ConsistencyProof::parse(&read(&args.proof)?).map_err(|error| {
        Failure::new(Exit::Finding, format!("{}: {error}", args.proof.display()))
    })?;
    let verifier = given_verifier(Some(&args.vkey))?
        .ok_or_else(|| Failure::usage("give the log's key with --vkey"))?;
    let old = open(&read(&args.old)?, &args.old, &verifier)?;
    let new = match (&args.new, proof.checkpoint.is_empty()) {
        (None, false) => open(&proof.checkpoint, &args.proof, &verifier)?,
        (Some(path), true) => open(&read(path)?, path, &verifier)?,
        (None, true) => {
            return Err(Failure::usage(
                "this proof does not hold the newer checkpoint; give it with --new",
            ));
        }
        (Some(_), false) => {
            return Err(Failure::usage(
                "this proof holds the newer checkpoint itself; leave --new away",
            ));
        }
    };
    proof.verify(&old, &new).map_err(|error| {
        Failure::new(Exit::Finding, format!("{}: {error}", args.proof.display()))
    })?;
    if args.json {
        let origin = &new.origin;
        writeln!(
            out,
            "{}",
            json!({ "ok": true, "origin": origin, "from": old.size, "to": new.size })
        )?;
    } else {
        writeln!(
            out,
            "ok: the {} entries of {} continue the {} of the older checkpoint",
            new.size, new.origin, old.size
        )?;
    }
    Ok(Exit::Ok)
}

fn open(note: &str, path: &Path, verifier: &Verifier) -> Result<Checkpoint, Failure> {
    Checkpoint::open(note, verifier).map_err(|error| {
        Failure::new(Exit::Finding, format!("the checkpoint in {}: {error}", path.display()))
    })
}

/// Reads a small text.
pub(super) fn read(path: &Path) -> Result<String, Failure> {
    let failed = |error| Failure::io(path.display(), &error);
    if std::fs::metadata(path).map_err(failed)?.len() > TEXT_BYTES_MAX {
        return Err(Failure::usage(format!("{} is too long to be one", path.display())));
    }
    let bytes = std::fs::read(path).map_err(failed)?;
    String::from_utf8(bytes)
        .map_err(|error| Failure::new(Exit::Finding, format!("{}: {error}", path.display())))
}
