//! `ostoja log …`: reading and checking the journal and its public log.

use std::{io::Write, path::PathBuf};

use clap::{Args, Subcommand};

use crate::{
    cli::{Outcome, log_consistency, log_epoch, log_prove, log_repair, log_show, log_verify},
    kernel::store::record::KindInfo,
};

/// Verbs of `ostoja log`.
#[derive(Debug, Subcommand)]
pub enum LogVerb {
    /// Check every byte of a data directory
    ///
    /// Reads segments, keys, blobs, erasures, tiles, checkpoint and hints, and judges each as
    /// docs/format.md section 5 says. Opens files for reading only; may run beside the daemon, when
    /// entries newer than the checkpoint may still be under way. Run it after a restore, after a disk
    /// fault, or whenever you doubt.
    ///
    /// Example: ostoja log verify --dir /var/lib/ostoja --vkey vkey.txt
    Verify(VerifyArgs),
    /// Replace damaged files by sound ones of a copy
    ///
    /// Checks every byte as 'verify' does, and takes the place of each damaged file of a sealed segment,
    /// of its keys, and of each blob with the one of COPY, another data directory of this log: only if it is
    /// proven by the signed checkpoint here, and never so that what was erased comes back. Tiles are made
    /// again. The damaged file is kept in quarantine/files/. The daemon must be stopped; it does the same by
    /// itself, from the copies that repair_from of its configuration names.
    ///
    /// Example: ostoja log repair --dir /var/lib/ostoja --from /mnt/usb/ostoja
    Repair(RepairArgs),
    /// Show entries: who did what when, without personal data
    ///
    /// Prints one line an entry from its header, which holds no personal data. --bodies adds what each
    /// body is and its verdict; --disclose prints the texts themselves and is for those who may read
    /// them.
    ///
    /// Example: ostoja log show --dir /var/lib/ostoja --from 100 --to 120 --bodies
    Show(ShowArgs),
    /// Make a proof file for one entry
    ///
    /// The file holds the entry's header, its place in the log and the signed checkpoint, and is checked
    /// with 'ostoja log verify-proof' by anyone, without this machine. --disclose adds the texts and
    /// their secrets: give such a file only to whom the data belongs.
    ///
    /// Example: ostoja log prove --dir /var/lib/ostoja 117 --out case.ostoja-proof
    Prove(ProveArgs),
    /// Check a proof file, offline
    ///
    /// Needs nothing but the file and the log's key. Without --vkey the key inside the file is taken,
    /// which proves only that the file agrees with itself: compare that key with the one the commune
    /// publishes. With --statement and --root the key is the one that the commune's root key has stated.
    /// --file checks that an attachment is the one that was filed.
    ///
    /// Example: ostoja log verify-proof case.ostoja-proof --vkey vkey.txt --file photo.jpg
    VerifyProof(VerifyProofArgs),
    /// Prove that the log continues an older one of its own
    ///
    /// Prints a consistency proof (RFC 6962) from the first --from entries to the newest checkpoint,
    /// which stands behind it. The form is that of a request to a witness (C2SP tlog-witness). With --to
    /// the proof ends at an older size, and no checkpoint stands behind it. Over HTTP nothing of the
    /// kind is needed: whoever has the tiles computes it.
    ///
    /// Example: ostoja log consistency --dir /var/lib/ostoja --from 1200 --out proof
    Consistency(ConsistencyArgs),
    /// Check that one checkpoint continues another, offline
    ///
    /// Needs the proof, the checkpoint that was kept, the newer one if it does not stand behind the
    /// proof, and the log's key.
    ///
    /// Example: ostoja log verify-consistency proof --old kept --vkey vkey.txt
    VerifyConsistency(VerifyConsistencyArgs),
    /// Go on under a new origin and a new key, where the end of the journal or the old key is lost
    ///
    /// The daemon must be stopped, and the data directory copied elsewhere before. Without
    /// --i-know-entries-are-lost it says what would be lost and keeps the new key, so that the root key can
    /// state it. With it, the open segment is sealed, a segment of the new epoch begins with an entry that
    /// says what is lost, and the new key signs. Cut short anywhere, the same command carries on; until it
    /// has, no daemon starts.
    ///
    /// Example: ostoja log new-epoch --dir /var/lib/ostoja --origin gmina.example/ostoja/log/2
    NewEpoch(NewEpochArgs),
}

#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Data directory
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// The log's key, or a file that holds it, from a place you trust more than DIR
    #[arg(long, value_name = "KEY")]
    pub vkey: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct RepairArgs {
    /// Data directory
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// A copy of the data directory
    #[arg(long, value_name = "COPY")]
    pub from: PathBuf,
    /// The log's key, or a file that holds it, from a place you trust more than DIR
    #[arg(long, value_name = "KEY")]
    pub vkey: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Data directory
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// One entry
    #[arg(value_name = "SEQ", conflicts_with_all = ["from", "to"])]
    pub seq: Option<u64>,
    /// First entry
    #[arg(long, value_name = "SEQ")]
    pub from: Option<u64>,
    /// Last entry
    #[arg(long, value_name = "SEQ")]
    pub to: Option<u64>,
    /// Also each body: its kind, size and verdict
    #[arg(long)]
    pub bodies: bool,
    /// Also the texts, which are personal data
    #[arg(long)]
    pub disclose: bool,
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct ProveArgs {
    /// Data directory
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// The entry
    #[arg(value_name = "SEQ")]
    pub seq: u64,
    /// Where to write the proof; without it, to the standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Also the texts and secrets of its bodies, which are personal data
    #[arg(long)]
    pub disclose: bool,
}

#[derive(Debug, Args)]
pub struct VerifyProofArgs {
    /// The proof file
    #[arg(value_name = "FILE")]
    pub proof: PathBuf,
    /// The log's key, or a file that holds it, from a place you trust
    #[arg(long, value_name = "KEY", conflicts_with = "statement")]
    pub vkey: Option<String>,
    /// Instead of the log's key: what its root key has stated
    #[arg(long, value_name = "STATEMENT", requires = "root")]
    pub statement: Option<PathBuf>,
    /// Verifier of the root key, or a file that holds it, from a place you trust
    #[arg(long, value_name = "KEY", requires = "statement")]
    pub root: Option<String>,
    /// An attachment that must be one of those filed; may be repeated
    #[arg(long = "file", value_name = "ATTACHMENT")]
    pub files: Vec<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct ConsistencyArgs {
    /// Data directory
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// Size of the older tree: the second line of the checkpoint that was kept
    #[arg(long, value_name = "ENTRIES")]
    pub from: u64,
    /// Size of the newer tree; without it, all that is signed
    #[arg(long, value_name = "ENTRIES")]
    pub to: Option<u64>,
    /// Where to write the proof; without it, to the standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Print one JSON object, with both roots
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct VerifyConsistencyArgs {
    /// The proof
    #[arg(value_name = "FILE")]
    pub proof: PathBuf,
    /// The older checkpoint
    #[arg(long, value_name = "FILE")]
    pub old: PathBuf,
    /// The newer checkpoint, if it does not stand behind the proof
    #[arg(long, value_name = "FILE")]
    pub new: Option<PathBuf>,
    /// The log's key, or a file that holds it, from a place you trust
    #[arg(long, value_name = "KEY")]
    pub vkey: String,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct NewEpochArgs {
    /// Data directory
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// Name of the log from now on; one that was never used
    #[arg(long, value_name = "ORIGIN")]
    pub origin: String,
    /// What the log's root key states about the new key
    #[arg(long, value_name = "FILE", requires = "root")]
    pub statement: Option<PathBuf>,
    /// Verifier of the root key, or a file that holds it
    #[arg(long, value_name = "KEY", requires = "statement")]
    pub root: Option<String>,
    /// Carry it out
    #[arg(long)]
    pub i_know_entries_are_lost: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

impl LogVerb {
    /// Carries the verb out. `kinds` names the kinds of records.
    ///
    /// # Errors
    /// One sentence that says what to do.
    pub fn run(&self, kinds: &[&[KindInfo]], out: &mut dyn Write) -> Outcome {
        match self {
            LogVerb::Verify(args) => log_verify::run(args, out),
            LogVerb::Repair(args) => log_repair::run(args, out),
            LogVerb::Show(args) => log_show::run(args, kinds, out),
            LogVerb::Prove(args) => log_prove::prove(args, out),
            LogVerb::VerifyProof(args) => log_prove::verify(args, out),
            LogVerb::Consistency(args) => log_consistency::make(args, out),
            LogVerb::VerifyConsistency(args) => log_consistency::verify(args, out),
            LogVerb::NewEpoch(args) => log_epoch::run(args, out),
        }
    }
}
