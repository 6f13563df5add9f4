//! The format for ever: a data directory and single pieces that were written once and must decode
//! like this as long as there is an Ostoja (docs/format.md).
//!
//! The same bytes are also written anew and compared, so that no release writes level 1 otherwise.
//! `OSTOJA_WRITE_GOLDEN=1` writes them into tests/data/format; that is right only before a level is
//! released.

pub mod make;
mod pieces;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use clap::Parser as _;
use ostoja::{
    cli::{Exit, Failure, log::LogVerb},
    kernel::{
        durable::RealDisk,
        journal::verify::{Options, verify},
        log::note::Verifier,
    },
};

/// Where the pieces lie.
pub fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/format")
}

#[derive(clap::Parser)]
struct Cli {
    #[command(subcommand)]
    verb: LogVerb,
}

/// Runs `ostoja log …` and gives what it printed.
pub fn log(args: &[&str]) -> (Result<Exit, Failure>, String) {
    let cli = Cli::try_parse_from([&["log"], args].concat()).unwrap();
    let mut out = Vec::new();
    let outcome = cli.verb.run(&[], &mut out);
    (outcome, String::from_utf8(out).unwrap())
}

/// Every file below a directory, by its path in it.
pub fn files(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn text_of(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn listing(data: &Path) -> String {
    let dir = text_of(data);
    let (outcome, listing) = log(&["show", "--dir", &dir, "--json", "--bodies", "--disclose"]);
    assert_eq!(outcome.unwrap(), Exit::Ok);
    listing
}

fn write_golden(made: &Path) {
    let golden = golden();
    let _nothing_there = fs::remove_dir_all(golden.join("directory"));
    for (name, bytes) in files(made) {
        let path = golden.join("directory").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    fs::write(golden.join("listing.jsonl"), listing(made)).unwrap();
    fs::write(golden.join("attachment.txt"), make::ATTACHMENT).unwrap();
    let proof = text_of(&golden.join("entry-1.ostoja-proof"));
    let (outcome, said) =
        log(&["prove", "--dir", &text_of(made), "1", "--disclose", "--out", &proof]);
    assert_eq!(outcome.unwrap(), Exit::Ok, "{said}");
    fs::write(golden.join("pieces.txt"), pieces::write(made)).unwrap();
}

#[test]
fn what_is_written_today_is_what_was_written_then() {
    let directory = tempfile::tempdir().unwrap();
    let made = directory.path().join("data");
    make::make(&made, 16_384);
    if std::env::var_os("OSTOJA_WRITE_GOLDEN").is_some() {
        write_golden(&made);
    }
    let (then, now) = (files(&golden().join("directory")), files(&made));
    assert_eq!(then.keys().collect::<Vec<_>>(), now.keys().collect::<Vec<_>>());
    for (name, bytes) in &then {
        assert!(now[name] == *bytes, "{} is written otherwise", name.display());
    }
    let size: usize = files(&golden()).values().map(Vec::len).sum();
    assert!(size < 200 * 1024, "the golden files take {size} bytes");
}

#[test]
fn the_golden_directory_decodes_for_ever() {
    let data = golden().join("directory");
    let vkey = fs::read_to_string(data.join("log/vkey")).unwrap();
    let options = Options { verifier: Some(Verifier::parse(&vkey).unwrap()), ..Options::default() };
    let report = verify(&RealDisk, &data, &options).unwrap();
    assert_eq!(report.findings, Vec::new());
    assert_eq!((report.entries, report.readable, report.erased), (10, 10, 3));
    assert_eq!(report.signed, Some(9));
    assert_eq!(report.erasures, 1);
    let then = fs::read_to_string(golden().join("listing.jsonl")).unwrap();
    assert_eq!(listing(&data), then);
}

#[test]
fn the_golden_proof_holds_for_ever() {
    let golden = golden();
    let (proof, vkey) = (
        text_of(&golden.join("entry-1.ostoja-proof")),
        text_of(&golden.join("directory/log/vkey")),
    );
    let attachment = text_of(&golden.join("attachment.txt"));
    let (outcome, said) = log(&["verify-proof", &proof, "--vkey", &vkey, "--file", &attachment]);
    assert_eq!(outcome.unwrap(), Exit::Ok);
    let last = said.lines().last().unwrap();
    assert_eq!(
        last,
        "ok: entry 1 of modrzewie.example/log/1, tree-notice.submit at 2026-11-21T12:00:01Z, is one of the 9 entries signed"
    );
    assert!(said.contains("attachment.txt is the file that was filed"), "{said}");

    let (outcome, said) = log(&["verify-proof", &proof]);
    assert_eq!(outcome.unwrap(), Exit::Ok);
    assert!(said.contains("compare it with the key that the commune publishes"), "{said}");

    let stranger = text_of(&golden.join("listing.jsonl"));
    let (outcome, _) = log(&["verify-proof", &proof, "--file", &stranger]);
    assert_eq!(outcome.unwrap_err().exit, Exit::Finding);
}

/// Every single bit of a proof file is covered: by the signature, by a commitment, or by being spelt
/// in only one way.
#[test]
fn no_flipped_bit_of_a_proof_passes() {
    let golden = golden();
    let good = fs::read(golden.join("entry-1.ostoja-proof")).unwrap();
    let vkey = fs::read_to_string(golden.join("directory/log/vkey")).unwrap();
    let verifier = Verifier::parse(&vkey).unwrap();
    let attachment = fs::read(golden.join("attachment.txt")).unwrap();
    let holds = |bytes: &[u8]| {
        let Ok(file) = serde_json::from_slice::<ostoja::kernel::log::proof::ProofFile>(bytes)
        else {
            return false;
        };
        let Ok(proven) = file.verify(&verifier) else { return false };
        file.blobs.iter().all(|blob| blob.is_file(&proven.header, &attachment).unwrap_or(false))
            && file.blobs.len() == 1
    };
    assert!(holds(&good));
    let mut passed = Vec::new();
    // The newline at the end is no part of the JSON.
    for bit in 0..(good.len() - 1) * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        if holds(&bad) {
            passed.push(bit);
        }
    }
    println!("{} bits of a proof flipped, {} passed", (good.len() - 1) * 8, passed.len());
    assert_eq!(passed, Vec::<usize>::new());
}
