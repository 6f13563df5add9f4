//! The program on a mounted disk with a clerk and a resident at it, and the script that they follow:
//! about thirty requests, of which some write, file files, and read.

use std::{
    collections::BTreeMap,
    io,
    os::unix::process::ExitStatusExt as _,
    process::ExitStatus,
    thread::sleep,
    time::{Duration, Instant},
};

use super::client::{Client, refused};
use crate::support::{Answered, Program, html_words};

/// Whoever tries again succeeds: after one failed call at once, after a broken index within this.
const PATIENCE: Duration = Duration::from_secs(10);
const MOMENT: Duration = Duration::from_millis(50);

/// What a page may say that could not do what was asked. Everything else is a fault of ours.
const APOLOGIES: [&str; 6] = [
    "Nie udało się zapisać, bo na serwerze zabrakło miejsca albo dysk nie odpowiedział. Nic nie przepadło.",
    "Nie udało się tego zrobić z naszej winy. Nic z tego, co wcześniej zapisano, nie przepadło.",
    "Na serwerze zabrakło miejsca na wersje robocze. To, co było zapisane wcześniej, nie przepadło.",
    "Na serwerze zabrakło miejsca na plik",
    "Serwer ma teraz za dużo rozpoczętych spraw i nie przyjął tej.",
    LOST_FILE,
];

/// Scratch could not read a file that was attached: it is not kept, and the notice begins anew.
const LOST_FILE: &str = "Jednego z plików nie da się już odczytać. Zgłoszenia nie wysłaliśmy.";

/// The program went.
#[derive(Debug)]
pub struct Gone;

/// A running program and who uses it.
pub struct Stage<'c> {
    pub program: Program,
    pub clients: &'c mut [Client],
    /// How often people read each apology.
    pub apologies: BTreeMap<&'static str, usize>,
}

impl<'c> Stage<'c> {
    /// Everybody turns to a program that was just started, and finds what was acknowledged.
    pub fn enter((program, port): (Program, u16), clients: &'c mut [Client]) -> Stage<'c> {
        for client in &mut *clients {
            client.turn_to(port);
            client.arrive().unwrap();
        }
        Stage { program, clients, apologies: BTreeMap::new() }
    }

    /// Notes the apology of a page that refuses.
    fn read_apology(&mut self, error: &io::Error) -> Result<(), Gone> {
        let page = error.to_string();
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
                panic!("no answer in time: {error}\n{}", self.program.said())
            }
            io::ErrorKind::Other => {}
            _ => return Err(Gone),
        }
        let words = html_words(&page, "main");
        let apology = APOLOGIES.iter().find(|apology| words.contains(*apology));
        let apology = apology
            .unwrap_or_else(|| panic!("no apology: {}\n{words}", page.split(": ").next().unwrap()));
        *self.apologies.entry(apology).or_default() += 1;
        sleep(MOMENT);
        Ok(())
    }

    /// One entry more, perhaps after refusals.
    pub fn write(&mut self, who: usize) -> Result<(), Gone> {
        let before = self.clients[who].acknowledged.len();
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            match self.clients[who].offer() {
                Ok(None) if self.clients[who].acknowledged.len() > before => return Ok(()),
                Ok(None) => {}
                Ok(Some(answered)) => {
                    self.read_apology(&refused(&answered))?;
                    if answered.text().contains(LOST_FILE) {
                        self.clients[who].abandon();
                    }
                }
                Err(error) => self.read_apology(&error)?,
            }
        }
        panic!("refused again and again: {:?}\n{}", self.apologies, self.program.said());
    }

    /// Reads a page, perhaps after failures.
    pub fn read(&mut self, who: usize, path: &str) -> Result<Answered, Gone> {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            match self.clients[who].visitor.try_get(path) {
                Ok(answered) if answered.status == 200 => return Ok(answered),
                Ok(answered) => self.read_apology(&refused(&answered))?,
                Err(error) => self.read_apology(&error)?,
            }
        }
        panic!("{path} is not there: {:?}\n{}", self.apologies, self.program.said());
    }

    /// The script of the clerk and the resident.
    pub fn play(&mut self) -> Result<(), Gone> {
        for _notice in 0..3 {
            self.write(0)?;
            let notice = self.clients[0].last_place();
            self.read(0, &notice)?;
        }
        self.write(1)?;
        let confirmation = self.clients[1].last_place();
        self.read(1, &confirmation)?;
        let case = confirmation.rsplit_once('/').unwrap().0;
        self.read(1, case)?;
        self.read(1, &format!("{case}/pliki/1"))?;
        self.read(0, "/komunikaty")?;
        self.read(1, "/konto")?;
        self.write(0)
    }

    /// After a start: what was under way is sent to its end, or begun anew if its draft was lost, and
    /// what was acknowledged is there.
    pub fn settle(&mut self) {
        for client in &mut *self.clients {
            client.finish().unwrap();
            client.check(0).unwrap();
        }
    }
}

/// Whether a program left by abort, as it does when it cannot know what is on the disk.
pub fn aborted(status: ExitStatus) -> bool {
    status.signal() == Some(nix::libc::SIGABRT)
}
