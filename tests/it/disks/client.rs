//! People who write over HTTP while the program is killed or its disk fails, and who remember what they
//! were told: what was acknowledged must be found again, what was not may be sent again.

use std::{
    io,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::support::{
    Answered, Program, Visitor, Wire, pdf, photo,
    soft_key::{Algorithm, SoftKey},
};

/// Something that was sent: the same key and content again must find the first answer.
#[derive(Clone, Debug)]
pub struct Sent {
    pub action: String,
    pub fields: Vec<(String, String)>,
    /// Where it led; empty until it is acknowledged.
    pub to: String,
    pub with_files: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// A clerk writes public notices.
    Notices,
    /// A resident files notices of tree removal.
    Trees,
}

/// One person at a connection of their own.
pub struct Client {
    pub work: Work,
    pub visitor: Visitor<Wire>,
    pub key: SoftKey,
    pub token: String,
    pub draft: Option<String>,
    pub underway: Option<Sent>,
    pub acknowledged: Vec<Sent>,
    /// How many of them were found again.
    pub found: usize,
    pub logins: usize,
    pub serial: usize,
    /// Of so many notices of tree removal one comes with files.
    pub files_every: usize,
}

impl Client {
    pub fn new(work: Work) -> Client {
        Client {
            work,
            visitor: Visitor::new(Wire(0)),
            key: SoftKey::new(Algorithm::Es256, "localhost", "").unwrap(),
            token: String::new(),
            draft: None,
            underway: None,
            acknowledged: Vec::new(),
            found: 0,
            logins: 0,
            serial: 0,
            files_every: 3,
        }
    }

    /// The program is at another port now; browsers would say so in their signatures.
    pub fn turn_to(&mut self, port: u16) {
        self.visitor.door = Wire(port);
        self.key.origin = format!("http://localhost:{port}");
    }

    /// A session and its form token: the one from before, if it survived, or a new login.
    pub fn arrive(&mut self) -> io::Result<()> {
        let mut page = self.visitor.try_get("/konto")?;
        if page.status == 303 {
            self.visitor.try_log_in(&mut self.key)?;
            self.logins += 1;
            page = self.visitor.try_get("/konto")?;
        }
        if page.status != 200 {
            return Err(refused(&page));
        }
        self.token = page.form("/wyloguj").value("form_token").to_owned();
        Ok(())
    }

    /// Sends again what is known, and fails unless the first answer comes.
    pub fn check(&mut self, from: usize) -> io::Result<()> {
        for sent in &self.acknowledged[from..] {
            // Looked at before it is sent again: that might put back what was lost.
            let page = self.visitor.try_get(&sent.to)?;
            assert_eq!(page.status, 200, "an acknowledged entry is lost: {page} {sent:?}");
            if self.work == Work::Notices {
                assert!(page.text().contains(title(sent)), "{page}");
            } else if sent.with_files {
                let case = sent.to.rsplit_once('/').unwrap().0;
                // A step that was sent twice may have left a file twice.
                let mut missing = vec![pdf(), photo()];
                for number in 1..=4 {
                    let file = self.visitor.try_get(&format!("{case}/pliki/{number}"))?;
                    missing.retain(|bytes| file.status != 200 || *bytes != file.body);
                }
                assert!(missing.is_empty(), "{} blobs of {case} are lost", missing.len());
            }
            let answered = self.send(sent)?;
            assert_eq!(
                (answered.status, answered.location()),
                (303, sent.to.as_str()),
                "the first answer is not found: {sent:?}\n{}",
                answered.text()
            );
        }
        self.found = self.acknowledged.len();
        Ok(())
    }

    pub fn send(&self, sent: &Sent) -> io::Result<Answered> {
        let mut fields = sent.fields.clone();
        fields.push(("form_token".to_owned(), self.token.clone()));
        self.visitor.try_post(&sent.action, &fields)
    }

    /// Sends what is under way, or something new. `None`: it was acknowledged, or has to be begun anew
    /// because scratch lost its last seconds. Otherwise the answer that refuses it, and it stays under
    /// way.
    pub fn offer(&mut self) -> io::Result<Option<Answered>> {
        let mut sent = match self.underway.take() {
            Some(sent) => sent,
            None => self.prepare()?,
        };
        // Kept until it is acknowledged: then it is sent again, with the same key.
        self.underway = Some(sent.clone());
        let answered = self.send(&sent)?;
        if answered.status == 422 && answered.text().contains("zmieniło się, odkąd") {
            // Scratch may lose its last seconds: the draft is not what was sent off. Nothing was filed.
            assert!(self.work == Work::Trees && self.draft.is_some(), "{answered}");
            self.underway = None;
            return Ok(None);
        }
        if answered.status != 303 {
            return Ok(Some(answered));
        }
        answered.location().clone_into(&mut sent.to);
        self.acknowledged.push(sent);
        self.underway = None;
        self.draft = None;
        Ok(None)
    }

    /// Where the newest entry led.
    pub fn last_place(&self) -> String {
        self.acknowledged.last().unwrap().to.clone()
    }

    /// Gives up what is under way: its draft did not survive, and nothing was filed.
    pub fn abandon(&mut self) {
        assert!(self.work == Work::Trees, "only drafts may be lost");
        (self.underway, self.draft) = (None, None);
    }

    /// Sends what is under way to its end.
    pub fn finish(&mut self) -> io::Result<()> {
        while self.underway.is_some() {
            if let Some(answered) = self.offer()? {
                // It was not filed, or the first answer would have come; its draft is gone or incomplete.
                assert!([404, 422].contains(&answered.status), "{answered}\n{}", answered.text());
                self.abandon();
            }
        }
        self.draft = None;
        Ok(())
    }

    fn prepare(&mut self) -> io::Result<Sent> {
        self.serial += 1;
        let key = uuid::Uuid::new_v4().to_string();
        let fields = |more: &[(&str, &str)]| {
            let own = [("submission_key", key.as_str())];
            own.iter()
                .chain(more)
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        match self.work {
            Work::Notices => {
                let title = format!("Komunikat {key}");
                let text = "Przerwa w dostawie wody. ".repeat(1 + self.serial % 40);
                let fields = fields(&[("title", &title), ("text", &text)]);
                Ok(Sent {
                    action: "/urzad/komunikaty/nowy".to_owned(),
                    fields,
                    to: String::new(),
                    with_files: false,
                })
            }
            Work::Trees => {
                let with_files = self.acknowledged.len() % self.files_every == 1 % self.files_every;
                let draft = match self.draft.take() {
                    Some(draft) => draft,
                    None => self.visitor.try_begin()?,
                };
                self.draft = Some(draft.clone());
                if let Err(error) = self.visitor.try_steps(&draft, with_files) {
                    // Scratch may lose its last seconds: then the draft is not there any more.
                    if error.kind() == io::ErrorKind::Other && error.to_string().contains("-> 404")
                    {
                        self.draft = None;
                    }
                    return Err(error);
                }
                let seen = self.visitor.try_filing_form(&draft)?.value("seen").to_owned();
                let fields = fields(&[("anyway", "yes"), ("seen", &seen)]);
                Ok(Sent {
                    action: format!("{draft}/wyslij"),
                    fields,
                    to: String::new(),
                    with_files,
                })
            }
        }
    }
}

/// An answer that is not what should have come, as the visitor's ways give it.
pub fn refused(answered: &Answered) -> io::Error {
    io::Error::other(format!("{answered}: {}", answered.text()))
}

pub fn title(sent: &Sent) -> &str {
    sent.fields.iter().find(|(name, _)| name == "title").map_or("", |(_, value)| value)
}

/// The clerk comes in by the invitation that the demonstration prints, the resident registers and is
/// confirmed by the code of the desk. Each has two windows open.
pub fn enter(data: &Path, clients: &mut [Client; 4]) {
    let (program, port) = Program::demo(data);
    let (staff_code, desk_code) = (program.code_after("staff: "), program.code_after("resident, "));
    clients.iter_mut().for_each(|client| client.turn_to(port));
    let [clerk, second_clerk, resident, second_resident] = clients;
    clerk
        .visitor
        .try_enter_with_code("/zaproszenie", &mut clerk.key, &staff_code, "Ewa", "Buk")
        .unwrap();
    resident.visitor.try_register(&mut resident.key, "Anna", "Wierzba").unwrap();
    let confirmed =
        resident.visitor.try_fill("/konto/kod", "/konto/kod", &[("code", &desk_code)]).unwrap();
    assert_eq!(confirmed.location(), "/konto", "{confirmed}");
    for (first, second) in [(clerk, second_clerk), (resident, second_resident)] {
        // The same person with a second key.
        let page = first.visitor.get("/konto/klucze/nowy");
        let form = page.form("/konto/klucze/nowy/start").with(&[("name", "drugi")]);
        first.visitor.ceremony(&form, &mut second.key);
        second.visitor.try_log_in(&mut second.key).unwrap();
    }
    assert_eq!(program.stop(), Some(0));
}

/// A clerk and a resident at a new demonstration, which has stopped again; the resident always sends files.
pub fn clerk_and_resident(data: &Path) -> [Client; 2] {
    let mut all = [Work::Notices, Work::Notices, Work::Trees, Work::Trees].map(Client::new);
    enter(data, &mut all);
    let [clerk, _, mut resident, _] = all;
    resident.files_every = 1;
    [clerk, resident]
}

/// Writes until the program is gone. Says how it was gone, if not by us. What a power cut took of a draft
/// is begun anew.
pub fn load(client: &mut Client, killed: &AtomicBool) {
    loop {
        let error = match client.offer() {
            Ok(None) => continue,
            Ok(Some(answered)) => refused(&answered),
            Err(error) => error,
        };
        let is_answer = error.kind() == io::ErrorKind::Other;
        // The answer that is cut off may come before our own note that we killed it.
        let until = Instant::now() + Duration::from_secs(5);
        while !killed.load(Ordering::SeqCst) && !is_answer && Instant::now() < until {
            sleep(Duration::from_millis(1));
        }
        if killed.load(Ordering::SeqCst) {
            return;
        }
        assert!(is_answer, "the program went by itself: {error}");
        assert!(error.to_string().contains("-> 404"), "{error}");
        client.abandon();
    }
}
