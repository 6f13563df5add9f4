//! The real program, killed without warning a hundred times: while it serves several clients who write,
//! and while it starts. Whatever was acknowledged is there afterwards, exactly once; what was not, can
//! be sent again with the same key.

use std::{
    io,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use ostoja::{
    kernel::store::start::{self, StoreSettings},
    services,
};

use crate::support::{
    Program, Visitor, Wire, pdf, photo,
    program::PATIENCE,
    root,
    soft_key::{Algorithm, SoftKey},
    tool,
};

const ROUNDS: usize = 100;
/// In so many of a hundred rounds it dies before it has opened its door.
const DURING_START_PERCENT: u64 = 20;
/// Longest load before a kill: most are short, and some are long enough to file photos.
const LOAD_MILLISECONDS: [u64; 4] = [200, 200, 200, 1_500];

/// Numbers that depend on the seed alone (xorshift64*).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % end
    }
}

/// Something that was sent: the same key and content again must find the first answer.
#[derive(Clone, Debug)]
struct Sent {
    action: String,
    fields: Vec<(String, String)>,
    /// Where it led; empty until it is acknowledged.
    to: String,
    with_files: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Work {
    /// A clerk writes public notices.
    Notices,
    /// A resident files notices of tree removal.
    Trees,
}

/// One person at a connection of their own.
struct Client {
    work: Work,
    visitor: Visitor<Wire>,
    key: SoftKey,
    token: String,
    draft: Option<String>,
    underway: Option<Sent>,
    acknowledged: Vec<Sent>,
    /// How many of them were found again.
    found: usize,
    logins: usize,
    serial: usize,
}

impl Client {
    fn new(work: Work) -> Client {
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
        }
    }

    /// The program is at another port now; browsers would say so in their signatures.
    fn turn_to(&mut self, port: u16) {
        self.visitor.door = Wire(port);
        self.key.origin = format!("http://localhost:{port}");
    }

    /// A session and its form token: the one from before, if it survived, or a new login.
    fn arrive(&mut self) -> io::Result<()> {
        let mut page = self.visitor.try_get("/konto")?;
        if page.status == 303 {
            self.visitor.try_log_in(&mut self.key)?;
            self.logins += 1;
            page = self.visitor.try_get("/konto")?;
        }
        assert_eq!(page.status, 200, "{page}");
        self.token = page.form("/wyloguj").value("form_token").to_owned();
        Ok(())
    }

    /// Sends again what is known, and fails unless the first answer comes.
    fn check(&mut self, from: usize) -> io::Result<()> {
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

    fn send(&self, sent: &Sent) -> io::Result<crate::support::Answered> {
        let mut fields = sent.fields.clone();
        fields.push(("form_token".to_owned(), self.token.clone()));
        self.visitor.try_post(&sent.action, &fields)
    }

    /// One entry more, or an error when the program died.
    fn write(&mut self) -> io::Result<()> {
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
            return Ok(());
        }
        assert_eq!(answered.status, 303, "{answered}\n{}", answered.text());
        answered.location().clone_into(&mut sent.to);
        self.acknowledged.push(sent);
        self.underway = None;
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
                let with_files = self.acknowledged.len() % 3 == 1;
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

fn title(sent: &Sent) -> &str {
    sent.fields.iter().find(|(name, _)| name == "title").map_or("", |(_, value)| value)
}

/// Writes until the program is gone. Says how it was gone, if not by the kill.
fn load(client: &mut Client, killed: &AtomicBool) {
    loop {
        if let Err(error) = client.write() {
            let broken =
                error.kind() != io::ErrorKind::Other || error.to_string().contains("-> 404");
            assert!(broken, "{error}");
            // The answer that is cut off may come before our own note that we killed it.
            let until = Instant::now() + Duration::from_secs(5);
            while !killed.load(Ordering::SeqCst) {
                assert!(Instant::now() < until, "the program went by itself: {error}");
                if error.to_string().contains("-> 404") {
                    break;
                }
                sleep(Duration::from_millis(1));
            }
            if killed.load(Ordering::SeqCst) {
                return;
            }
        }
    }
}

fn verify(data: &Path) {
    let (out, err, code) =
        Program::run(&["log".as_ref(), "verify".as_ref(), "--dir".as_ref(), data.as_os_str()]);
    assert_eq!(code, 0, "log verify: {out}{err}");
}

#[test]
fn a_hundred_kills_lose_nothing_that_was_acknowledged() {
    let rounds =
        std::env::var("OSTOJA_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(ROUNDS);
    let seed = std::env::var("OSTOJA_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0x00c0_ffee_dead_beef);
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let mut clients = [Work::Notices, Work::Notices, Work::Trees, Work::Trees].map(Client::new);
    enter(&data, &mut clients);

    let (mut during_start, started) = (0, Instant::now());
    for round in 1..=rounds {
        if dice.below(100) < DURING_START_PERCENT {
            let program = Program::start(&Program::demo_arguments(&data));
            sleep(Duration::from_millis(dice.below(400)));
            program.kill();
            during_start += 1;
        }
        let (program, port) = Program::demo(&data);
        for client in &mut clients {
            client.turn_to(port);
            client.arrive().unwrap();
            client.check(client.found).unwrap();
        }
        if round % 10 == 0 {
            verify(&data);
            let acknowledged: usize = clients.iter().map(|client| client.acknowledged.len()).sum();
            println!(
                "round {round}: {acknowledged} acknowledged, all there, {} s",
                started.elapsed().as_secs()
            );
        }
        let killed = AtomicBool::new(false);
        let longest = LOAD_MILLISECONDS[round % LOAD_MILLISECONDS.len()];
        std::thread::scope(|scope| {
            for client in &mut clients {
                scope.spawn(|| load(client, &killed));
            }
            sleep(Duration::from_millis(dice.below(longest)));
            killed.store(true, Ordering::SeqCst);
            program.kill();
        });
    }
    settle(&data, &mut clients);
    let acknowledged: usize = clients.iter().map(|client| client.acknowledged.len()).sum();
    let logins: usize = clients.iter().map(|client| client.logins).sum();
    println!(
        "{rounds} rounds and {during_start} kills during the start, {acknowledged} acknowledged, 0 lost, {logins} new logins, {} s",
        started.elapsed().as_secs()
    );
    let files = clients.iter().flat_map(|client| &client.acknowledged).filter(|one| one.with_files);
    let files = files.count();
    println!("{files} of them with files");
    assert!(
        acknowledged > rounds && files >= rounds.min(ROUNDS) / 25,
        "hardly anything was written: {acknowledged}, {files} with files"
    );
}

/// The clerk comes in by the invitation that the demonstration prints, the resident registers and is
/// confirmed by the code of the desk. Each has two windows open.
fn enter(data: &Path, clients: &mut [Client; 4]) {
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

/// What was under way is sent to its end; then everything is there, exactly once, and both verifiers
/// accept the journal.
fn settle(data: &Path, clients: &mut [Client; 4]) {
    let (program, port) = Program::demo(data);
    for client in clients.iter_mut() {
        client.turn_to(port);
        client.arrive().unwrap();
        if client.underway.is_some() {
            client.write().unwrap();
        }
        client.check(0).unwrap();
    }
    assert_eq!(program.stop(), Some(0));
    verify(data);
    let reader = root().join("tests/tools/journal_reader.py");
    let (said, code) =
        tool("python3", &[reader.as_os_str(), "verify".as_ref(), data.as_os_str()], b"");
    assert_eq!(code, 0, "{said}");

    let settings = StoreSettings { segment_bytes: 262_144, ..StoreSettings::default() };
    let (store, _) = start::open(data, &services::kinds(), &settings).unwrap();
    let actions: Vec<String> =
        (0..store.reader().length()).map(|seq| store.view().entry(seq).unwrap().0.action).collect();
    let mut expected = [0, 0];
    let mut made = [0, 0];
    for client in clients.iter() {
        expected[usize::from(client.work == Work::Trees)] += client.acknowledged.len();
    }
    // The demonstration wrote some of its own before the first of ours.
    let ours = actions.iter().position(|action| action == "people.accept").unwrap();
    for action in &actions[ours..] {
        match action.as_str() {
            "notices.write" => made[0] += 1,
            "trees.file" => made[1] += 1,
            _ => {}
        }
    }
    assert_eq!(made, expected, "notices and cases: each was to be entered exactly once");
    assert_eq!(store.check_index().unwrap().differences, Vec::<String>::new());
    store.close();
    println!(
        "{} entries, {made:?} of them under load; stop takes less than {} s",
        actions.len(),
        PATIENCE.as_secs()
    );
}
