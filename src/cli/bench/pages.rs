//! Rendered pages and handshakes, over real TLS on loopback.

use std::time::{Duration, Instant};

use super::{
    load::{self, Asked},
    peer::{Peer, Resident},
};
use crate::kernel::store::Fault;

/// Runs it.
///
/// # Errors
/// A page did not come.
pub fn run(peer: &Peer, resident: &Resident, seconds: Duration) -> Result<(), Fault> {
    for (what, path, cookie) in [
        ("public page", "/sprawy/srod-drzewa-zgl", ""),
        ("personal page", "/moje-sprawy", resident.cookie.as_str()),
    ] {
        for clients in [1usize, 16, 64] {
            let connect = |_number| {
                let mut connection = peer.connect()?;
                Ok(move || {
                    let asked = Instant::now();
                    let answer = connection.get(path, cookie)?;
                    if answer.status == 200 {
                        Ok(Asked::Answered(asked.elapsed()))
                    } else {
                        Err(Fault::new(format!("{path} answered {}", answer.status)))
                    }
                })
            };
            let what = format!("{what} {path}, {clients} clients");
            load::run(&what, clients, seconds, connect, |_second| {})?;
        }
    }
    let shake = |_number| {
        Ok(|| {
            let asked = Instant::now();
            peer.connect()?.get("/favicon.ico", "")?;
            Ok(Asked::Answered(asked.elapsed()))
        })
    };
    load::run(
        "full TLS 1.3 handshake and one asset, 16 clients",
        16,
        seconds,
        shake,
        |_second| {},
    )?;
    Ok(())
}
