//! `ostoja log prove` and `ostoja log verify-proof`

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use serde_json::json;

use crate::{
    cli::{
        Exit, Failure, Outcome,
        archive::{Archive, given_verifier},
        confirmed,
        log::{ProveArgs, VerifyProofArgs},
        log_consistency,
    },
    kernel::{
        clock,
        durable::RealDisk,
        journal::entry::KIND_WHY,
        log::{
            checkpoint,
            note::Verifier,
            proof::{DisclosedBody, ProofFile, Proven, TlogProof},
            statement::Statements,
            tiles::TileReader,
            tree,
        },
        store::change::Evidence,
    },
};

/// No proof is longer; with all texts of a form and its files.
const PROOF_BYTES_MAX: u64 = 256 << 20;

pub(super) fn prove(args: &ProveArgs, out: &mut dyn Write) -> Outcome {
    let archive = Archive::open(&args.dir)?;
    let signed = archive.signed(None)?;
    let size = signed.checkpoint.size;
    if args.seq >= size {
        return Err(Failure::new(
            Exit::NotNow,
            format!(
                "entry {} is not under the checkpoint yet, which covers {size} entries; a running daemon signs every second",
                args.seq
            ),
        ));
    }
    let (segment, frame) = archive.entry(args.seq)?;
    let directory = checkpoint::directory(archive.data());
    let tiles = TileReader { disk: &RealDisk, directory: &directory, size };
    let hashes = tiles.hashes(tree::inclusion_places(args.seq, size)).map_err(|error| {
        Failure::new(
            Exit::Damaged,
            format!("log/tile: {error}; start the daemon once, it makes tiles again"),
        )
    })?;
    let tlog = TlogProof { index: args.seq, hashes, checkpoint: signed.note };
    let mut file = ProofFile::new(&signed.verifier, &frame.header, tlog.to_text());
    if args.disclose {
        for (descriptor, body) in frame.header.bodies.iter().zip(0u32..) {
            let Some(secret) = segment.secret(&frame, body) else { continue };
            let text = segment.text(&frame, body);
            if text.is_some() || descriptor.detached.is_some() {
                file.disclose(descriptor, body, &secret, text.as_deref());
            }
        }
    }
    // What was made is checked before it is given away.
    file.verify(&signed.verifier).map_err(|error| {
        Failure::new(Exit::Damaged, format!("{error}; 'ostoja log verify' says what is wrong"))
    })?;
    let mut text =
        serde_json::to_vec(&file).map_err(|error| Failure::new(Exit::Fault, error.to_string()))?;
    text.push(b'\n');
    match &args.out {
        None => out.write_all(&text)?,
        Some(path) => {
            std::fs::write(path, &text).map_err(|error| Failure::io(path.display(), &error))?;
            writeln!(
                out,
                "ok: proof of entry {} under {size} entries written to {}",
                args.seq,
                path.display()
            )?;
        }
    }
    Ok(Exit::Ok)
}

pub(super) fn verify(args: &VerifyProofArgs, out: &mut dyn Write) -> Outcome {
    let bytes = read_limited(&args.proof)?;
    let file: ProofFile = serde_json::from_slice(&bytes).map_err(|error| {
        Failure::new(Exit::Finding, format!("{} is no proof file: {error}", args.proof.display()))
    })?;
    let own = Verifier::parse(&file.vkey).map_err(|error| {
        Failure::new(Exit::Finding, format!("the key in {}: {error}", args.proof.display()))
    })?;
    let stated = stated(args, &own)?;
    let given = match &stated {
        Some(_) => Some(own.clone()),
        None => given_verifier(args.vkey.as_deref())?,
    };
    let verifier = given.as_ref().unwrap_or(&own);
    let proven = file.verify(verifier).map_err(|error| {
        Failure::new(Exit::Finding, format!("{}: {error}", args.proof.display()))
    })?;
    if let Some(stated) = stated {
        stated.check(&args.proof, &proven)?;
    }
    let found = found(args, &file, &proven)?;
    if args.json {
        let files: Vec<_> = found
            .iter()
            .map(|(path, body)| json!({ "file": path.display().to_string(), "body": body }))
            .collect();
        writeln!(
            out,
            "{}",
            json!({
                "ok": found.iter().all(|(_, body)| body.is_some()),
                "seq": proven.header.seq,
                "action": proven.header.action,
                "at": clock::from_ms(i64::try_from(proven.header.at_ms).unwrap_or(i64::MAX)).to_string(),
                "origin": proven.checkpoint.origin,
                "size": proven.checkpoint.size,
                "vkey": verifier.vkey(),
                "key_given": given.is_some(),
                "bodies": proven.bodies.iter().map(|(body, ..)| body).collect::<Vec<_>>(),
                "files": files,
                "evidence": evidence(&proven).as_ref().map(confirmed::json),
            })
        )?;
    } else {
        print(&file, &proven, given.is_some(), &found, out)?;
    }
    let strangers: Vec<String> = found
        .iter()
        .filter(|(_, body)| body.is_none())
        .map(|(path, _)| path.display().to_string())
        .collect();
    if strangers.is_empty() {
        return Ok(Exit::Ok);
    }
    let names = strangers.join(", ");
    Err(Failure::new(
        Exit::Finding,
        format!("not among what was filed, or its body was not disclosed in the proof: {names}"),
    ))
}

/// Which body each attachment is, if it is one.
fn found<'a>(
    args: &'a VerifyProofArgs,
    file: &ProofFile,
    proven: &Proven,
) -> Result<Vec<(&'a PathBuf, Option<u32>)>, Failure> {
    let body_of = |path: &'a PathBuf| {
        let attachment = read_limited(path)?;
        let is_it =
            |blob: &&DisclosedBody| blob.is_file(&proven.header, &attachment).unwrap_or(false);
        Ok((path, file.blobs.iter().find(is_it).map(|blob| blob.body)))
    };
    args.files.iter().map(body_of).collect()
}

/// What the root key has stated about the key of a proof.
struct Stated {
    /// Size from which it holds.
    from: u64,
    /// Size from which another key holds.
    to: Option<u64>,
}

impl Stated {
    /// A key holds from its statement on; and what it signed behind the beginning of the next epoch was
    /// lost, whatever the proof says.
    fn check(&self, path: &Path, proven: &Proven) -> Result<(), Failure> {
        let (from, signed, seq) = (self.from, proven.checkpoint.size, proven.header.seq);
        let finding =
            |what: String| Err(Failure::new(Exit::Finding, format!("{}: {what}", path.display())));
        if signed < from {
            return finding(format!(
                "the stated key holds from {from} entries on, and this was signed at {signed}"
            ));
        }
        match self.to {
            Some(to) if seq >= to => finding(format!(
                "entry {seq} was signed, and it is lost: the commune's log goes on under another key behind its first {to} entries; bring this file to the commune, it is the evidence"
            )),
            Some(_) | None => Ok(()),
        }
    }
}

/// What the root key has stated about the key in the proof, if statements were given instead of the log's
/// key.
fn stated(args: &VerifyProofArgs, own: &Verifier) -> Result<Option<Stated>, Failure> {
    let (Some(path), Some(root)) = (&args.statement, given_verifier(args.root.as_deref())?) else {
        return Ok(None);
    };
    let finding = |what: String| Failure::new(Exit::Finding, format!("{}: {what}", path.display()));
    let statements = Statements::open(&log_consistency::read(path)?, &root)
        .map_err(|error| finding(error.to_string()))?;
    let (statement, to) = statements.of_key(own).ok_or_else(|| {
        finding(format!("no statement is about the key in the proof, {}", own.vkey()))
    })?;
    Ok(Some(Stated { from: statement.from, to }))
}

/// How it was confirmed, if who-and-why was disclosed.
fn evidence(proven: &Proven) -> Option<Evidence> {
    let why = proven.bodies.iter().find(|(_, kind, _)| *kind == KIND_WHY);
    why.and_then(|(_, _, text)| confirmed::of_why(text))
}

fn print(
    file: &ProofFile,
    proven: &Proven,
    key_given: bool,
    found: &[(&PathBuf, Option<u32>)],
    out: &mut dyn Write,
) -> std::io::Result<()> {
    for (body, kind, text) in &proven.bodies {
        writeln!(out, "body {body}: kind {kind}, {} bytes, as filed", text.len())?;
    }
    for blob in &file.blobs {
        let matched = found.iter().find(|(_, body)| *body == Some(blob.body));
        match matched {
            Some((path, _)) => {
                writeln!(out, "body {}: {} is the file that was filed", blob.body, path.display())?;
            }
            None => writeln!(out, "body {}: a file; bring it with --file to check it", blob.body)?,
        }
    }
    if let Some(evidence) = evidence(proven) {
        writeln!(out, "{}", confirmed::line(&evidence))?;
    }
    if !key_given {
        writeln!(out, "the key was taken from the proof itself: {}", file.vkey)?;
        writeln!(
            out,
            "compare it with the key that the commune publishes, or give that one with --vkey"
        )?;
    }
    let at = clock::from_ms(i64::try_from(proven.header.at_ms).unwrap_or(i64::MAX));
    writeln!(
        out,
        "ok: entry {} of {}, {} at {at}, is one of the {} entries signed",
        proven.header.seq, proven.checkpoint.origin, proven.header.action, proven.checkpoint.size
    )
}

fn read_limited(path: &Path) -> Result<Vec<u8>, Failure> {
    let length =
        std::fs::metadata(path).map_err(|error| Failure::io(path.display(), &error))?.len();
    if length > PROOF_BYTES_MAX {
        return Err(Failure::usage(format!("{} is too long to be one", path.display())));
    }
    std::fs::read(path).map_err(|error| Failure::io(path.display(), &error))
}
