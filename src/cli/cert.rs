//! `ostoja cert …`: certificates for the machine listener and for the machines that may enter it. It
//! works on a directory of its own, beside no daemon; what is revoked is not made here yet.

use std::{error::Error as _, io::Write, path::PathBuf};

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::json;

use crate::{
    cli::{Exit, Failure, Outcome},
    edge::{
        certificates::{self, CLIENT_DAYS_DEFAULT, CertificateError},
        issued::{self, Listed, Purpose},
    },
    kernel::clock::Clock,
};

/// Verbs of `ostoja cert`.
#[derive(Debug, Subcommand)]
pub enum CertVerb {
    /// Make the authority that signs all the others, once
    ///
    /// Writes ca.pem, ca.key and ca.crl. Who has ca.key can let in any machine: keep the directory off
    /// the host that serves, or readable by root alone. There is no second authority for one commune.
    ///
    /// Example: ostoja cert authority --dir /etc/ostoja-ca --commune "Gmina Modrzewie"
    Authority(AuthorityArgs),
    /// Make the certificate of the machine listener, for 90 days
    ///
    /// Writes server.pem and server.key in place of the last ones. The names are those by which
    /// machines call the listener, and stand under `hosts` in the configuration too.
    ///
    /// Example: ostoja cert server --dir /etc/ostoja-ca --host localhost --host ostoja.lan
    Server(ServerArgs),
    /// Issue a certificate to one machine
    ///
    /// FILE gets certificate and key together, readable by its owner only: what 'curl --cert' takes.
    /// No copy of the key is kept. Give each machine its own, and issue the next one before it ends.
    ///
    /// Example: ostoja cert issue --dir /etc/ostoja-ca --name prometheus --out prometheus.pem
    Issue(IssueArgs),
    /// List what was signed, and until when it is good
    ///
    /// Example: ostoja cert list --dir /etc/ostoja-ca
    List(ListArgs),
}

#[derive(Debug, Args)]
pub struct AuthorityArgs {
    /// Directory of the authority; made if it is not there
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// Name of the commune, for people who read the certificate
    #[arg(long)]
    pub commune: String,
}

#[derive(Debug, Args)]
pub struct ServerArgs {
    /// Directory of the authority
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// A host name or address of the listener; may be given again
    #[arg(long, required = true)]
    pub host: Vec<String>,
}

#[derive(Debug, Args)]
pub struct IssueArgs {
    /// Directory of the authority
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// Name of the machine: letters a-z, digits, dots and hyphens
    #[arg(long)]
    pub name: String,
    /// New file for certificate and key
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Days until it ends, 1 to 397
    #[arg(long, default_value_t = CLIENT_DAYS_DEFAULT)]
    pub days: u32,
}

#[derive(Debug, Args)]
pub struct ListArgs {
    /// Directory of the authority
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// Print one JSON array
    #[arg(long)]
    pub json: bool,
}

impl CertVerb {
    /// Does it, and says so in one line.
    ///
    /// # Errors
    /// What is wrong, and what to do.
    pub fn run(&self, out: &mut dyn Write) -> Outcome {
        let now = Clock::System.now();
        match self {
            CertVerb::Authority(args) => {
                let made = certificates::create_ca(&args.dir, &args.commune, now)?;
                writeln!(
                    out,
                    "made an authority in {}, until {}; guard {}",
                    args.dir.display(),
                    day(made.expires),
                    made.key.display()
                )?;
            }
            CertVerb::Server(args) => {
                let made = certificates::issue_server(&args.dir, &args.host, now)?;
                writeln!(
                    out,
                    "made {} and {}, until {}, serial {}",
                    made.certificate.display(),
                    made.key.display(),
                    day(made.expires),
                    made.serial
                )?;
            }
            CertVerb::Issue(args) => {
                let IssueArgs { dir, name, out: file, days } = args;
                let made = certificates::issue_client_to(dir, name, *days, file, now)?;
                writeln!(
                    out,
                    "issued {name} until {}, serial {}; certificate and key are in {}",
                    day(made.expires),
                    made.serial,
                    file.display()
                )?;
            }
            CertVerb::List(args) => list(args, now, out)?,
        }
        Ok(Exit::Ok)
    }
}

fn list(args: &ListArgs, now: Timestamp, out: &mut dyn Write) -> Result<(), Failure> {
    let all = issued::list(&args.dir)?;
    if args.json {
        let rows = all.iter().map(|one| {
            json!({
                "name": one.name,
                "purpose": purpose(one),
                "state": state(one, now),
                "until": one.expires.to_string(),
                "serial": one.serial,
            })
        });
        return Ok(writeln!(out, "{}", serde_json::Value::Array(rows.collect()))?);
    }
    if all.is_empty() {
        writeln!(out, "nothing was issued yet")?;
    }
    for one in &all {
        let (state, until) = (state(one, now), day(one.expires));
        writeln!(
            out,
            "{}  {}  {state}  until {until}  serial {}",
            one.name,
            purpose(one),
            one.serial
        )?;
    }
    Ok(())
}

fn purpose(one: &Listed) -> &'static str {
    match one.purpose {
        Purpose::Server => "server",
        Purpose::Client => "client",
    }
}

fn state(one: &Listed, now: Timestamp) -> &'static str {
    if one.revoked {
        "revoked"
    } else if one.expires < now {
        "ended"
    } else {
        "good"
    }
}

/// The day on which it ends, in UTC as certificates say it.
fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

impl From<CertificateError> for Failure {
    fn from(error: CertificateError) -> Failure {
        let because = error.source().map_or_else(String::new, |source| format!(": {source}"));
        let (exit, advice) = match &error {
            CertificateError::NoAuthority { .. } => {
                (Exit::Usage, "; 'ostoja cert authority' makes one")
            }
            CertificateError::AuthorityExists(_) => {
                (Exit::Usage, "; use it, or give another directory with --dir")
            }
            CertificateError::OutExists(_) => (Exit::Usage, "; give a new file with --out"),
            CertificateError::BadName(_)
            | CertificateError::BadDays(_)
            | CertificateError::NoNames
            | CertificateError::BadSerial(_) => (Exit::Usage, ""),
            CertificateError::Damaged(_) => {
                (Exit::Damaged, "; put it back from a copy of the directory")
            }
            CertificateError::Read { .. } | CertificateError::Write { .. } => {
                (Exit::Io, "; check the path and the permissions")
            }
            // A host name that no certificate can hold is the only cause that a caller can have.
            CertificateError::Make(_) => (Exit::Usage, "; check the names"),
        };
        Failure::new(exit, format!("{error}{because}{advice}"))
    }
}
