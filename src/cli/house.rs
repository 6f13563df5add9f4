//! `ostoja init`, `ostoja serve`, `ostoja demo`.

use std::{path::PathBuf, time::Duration};

use super::{
    Dir, complain,
    exit::{self, Exit},
    say,
};
use crate::{
    config::Config,
    daemon::{self, HouseSettings, demo, first_start, scrub::ScrubSettings},
    edge::EdgeLimits,
    kernel::{
        identity::people::{Commune, Person, STAFF_BY_NAME},
        store::{Fault, keys::Key, start::StoreSettings},
    },
    services,
};

/// Arguments of `init`.
#[derive(clap::Args)]
pub struct Init {
    #[command(flatten)]
    dir: Dir,
    /// Name of the commune, as on its seal: "Gmina Modrzewie".
    #[arg(long)]
    commune: String,
    /// Host name of the public pages. Passkeys are bound to it: it can never change.
    #[arg(long)]
    host: String,
}

/// Arguments of `serve`.
#[derive(clap::Args)]
pub struct Serve {
    /// Configuration file.
    #[arg(long, value_name = "FILE", default_value = "/etc/ostoja/ostoja.toml")]
    config: PathBuf,
}

/// Arguments of `demo`.
#[derive(clap::Args)]
pub struct Demo {
    #[command(flatten)]
    dir: Dir,
    /// Port on loopback; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Small segments, so that many are sealed: for tests.
    #[arg(long, hide = true)]
    segment_bytes: Option<u32>,
    /// Copies of the data directory, as repair_from of a configuration: for tests.
    #[arg(long, hide = true)]
    repair_from: Vec<PathBuf>,
    /// Milliseconds before the scrubber begins: for tests.
    #[arg(long, hide = true)]
    scrub_after: Option<u64>,
    /// Workers also where the kernel lacks a wall.
    #[arg(long, hide = true)]
    best_effort: bool,
}

/// Creates a data directory.
pub fn init(args: &Init) -> Exit {
    let commune = Commune {
        name: args.commune.clone(),
        host: args.host.clone(),
        teryt: None,
        address: None,
        phone: None,
        email: None,
        demo: false,
        config_hash: None,
    };
    match first_start::found(&args.dir.dir, &commune, &services::kinds(), &StoreSettings::default())
    {
        Ok(()) => {
            say(format!(
                "created {}; start it with 'ostoja serve', which prints a code for the first administrator",
                args.dir.dir.display()
            ));
            Exit::Ok
        }
        Err(fault) => complain(exit::of(&fault), fault),
    }
}

/// Serves by a configuration file.
pub fn serve(args: &Serve) -> Exit {
    log_to_stderr();
    let config = match Config::read(&args.config) {
        Ok(config) => config,
        Err(error) => return complain(Exit::Usage, error),
    };
    let run = || -> Result<(), Fault> {
        let opened = daemon::open(daemon::settings(&config)?)?;
        if first_start::enter_config(&opened.store, &config.text)? {
            tracing::info!("the configuration file is not the one of the last start: entered");
        }
        let staff = opened.store.view().list::<Person>(STAFF_BY_NAME, &Key::new(), None, 1)?;
        if staff.rows.is_empty() {
            let code = first_start::first_code(&opened.store, &opened.house.scratch)?;
            say(format!(
                "first start: open {}{} and enter the code {}",
                config.origin_text(),
                crate::web::router::FIRST_START,
                code.reveal()
            ));
        }
        let entries = opened.report.entries;
        opened.serve(|doors| say(format!("serving {entries} entries on {}", listed(doors))))
    };
    finish(run())
}

/// Serves a made-up commune.
pub fn demo(args: &Demo) -> Exit {
    log_to_stderr();
    let run = || -> Result<(), Fault> {
        let data = args.dir.dir.clone();
        let store = StoreSettings {
            segment_bytes: args.segment_bytes.unwrap_or(8 << 20),
            ..StoreSettings::default()
        };
        if !demo::exists(&data) {
            first_start::found(&data, &demo::commune(), &services::kinds(), &store)?;
        }
        // The port must be known before the passkeys are, because browsers check the origin.
        let port = if args.port == 0 { free_port()? } else { args.port };
        let opened = daemon::open(HouseSettings {
            program: daemon::program(),
            data,
            origin: format!("http://localhost:{port}"),
            store,
            workers: 2,
            scrub: ScrubSettings {
                repair_from: args.repair_from.clone(),
                first: args
                    .scrub_after
                    .map_or(ScrubSettings::default().first, Duration::from_millis),
                ..ScrubSettings::default()
            },
            worker_args: if args.best_effort {
                vec!["worker", "--best-effort"]
            } else {
                vec!["worker"]
            },
            listeners: demo::listeners(port),
            limits: EdgeLimits::default(),
        })?;
        let codes = demo::populate(&opened.store, &opened.house.scratch)?;
        opened.serve(|_| {
            say(format!("Gmina Modrzewie: http://localhost:{port}"));
            say(format!("staff: http://localhost:{port}/zaproszenie code {}", codes.staff));
            say(format!(
                "resident, to confirm an account at the desk (15 minutes): code {}",
                codes.resident
            ));
            say("Ctrl-C stops it; the data stays");
        })
    };
    finish(run())
}

fn finish(result: Result<(), Fault>) -> Exit {
    match result {
        Ok(()) => {
            say("stopped; everything that was acknowledged is on disk");
            Exit::Ok
        }
        Err(fault) => complain(exit::of(&fault), fault),
    }
}

fn listed(doors: &[(&'static str, std::net::SocketAddr)]) -> String {
    doors.iter().map(|(name, address)| format!("{name} {address}")).collect::<Vec<_>>().join(", ")
}

fn free_port() -> Result<u16, Fault> {
    let socket = std::net::TcpListener::bind(("127.0.0.1", 0)).map_err(Fault::new)?;
    Ok(socket.local_addr().map_err(Fault::new)?.port())
}

/// Log lines for the journal of the system; never personal data.
pub(super) fn log_to_stderr() {
    use tracing_subscriber::{EnvFilter, fmt};
    let filter = EnvFilter::try_from_env("OSTOJA_LOG")
        .unwrap_or_else(|_unset| EnvFilter::new("info,sled=error"));
    let made =
        fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).try_init();
    if made.is_err() {
        complain(Exit::Ok, "the log was set up already");
    }
}
