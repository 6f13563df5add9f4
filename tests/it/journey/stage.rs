//! A demonstration that runs and a browser that looks at it; and what must hold on every page.

use std::{path::PathBuf, sync::Arc};

use jiff::{SignedDuration, Timestamp, civil::Date};
use ostoja::{
    daemon::{self, HouseSettings, demo, first_start},
    edge::{App, EdgeLimits, ListenerKind, Listeners},
    kernel::{
        clock::{Clock, date_in_poland},
        store::{Store, start::StoreSettings},
    },
    services,
};
use tokio::{runtime::Runtime, sync::watch};

use crate::{
    browser::{Browser, Page, Person},
    support::{Program, Visitor, Wire, root},
};

/// A demonstration that runs, and a browser that looks at it.
pub struct Stage {
    pub browser: Browser,
    house: House,
    pub port: u16,
    directory: tempfile::TempDir,
}

/// What answers the browser.
enum House {
    /// The program itself, in the time of the world.
    Program(Program),
    /// The same house in this process, in a time of the test.
    Here(Here),
}

/// A demonstration in this process: behind a real door, at an hour that the test sets.
struct Here {
    store: Arc<Store>,
    clock: Clock,
    /// The code of the staff's invitation.
    invitation: String,
    runtime: Runtime,
    stop: watch::Sender<bool>,
}

impl Here {
    fn open(data: &std::path::Path, at: &str) -> (Here, u16) {
        let clock = Clock::standing(at.parse::<Timestamp>().unwrap());
        let store = StoreSettings { clock: clock.clone(), ..StoreSettings::default() };
        first_start::found(data, &demo::commune(), &services::kinds(), &store).unwrap();
        let runtime = Runtime::new().unwrap();
        let limits = EdgeLimits::default;
        let bound = runtime.block_on(async { demo::listeners(0).bind(&limits()).unwrap() });
        let port = bound.addresses(ListenerKind::Demo)[0].port();
        let opened = daemon::open(HouseSettings {
            program: env!("CARGO_BIN_EXE_ostoja").into(),
            data: data.to_owned(),
            origin: format!("http://localhost:{port}"),
            store,
            workers: 1,
            scrub: daemon::scrub::ScrubSettings::default(),
            worker_args: vec!["worker", "--best-effort"],
            listeners: Listeners::default(),
            limits: limits(),
        })
        .unwrap();
        let codes = demo::populate(&opened.store, &opened.house.scratch).unwrap();
        let (stop, stopped) = watch::channel(false);
        let app: Arc<dyn App> = opened.house;
        runtime.spawn(bound.serve(app, limits(), stopped));
        let here = Here { store: opened.store, clock, invitation: codes.staff, runtime, stop };
        (here, port)
    }

    fn close(self) {
        let _all_gone = self.stop.send(true);
        self.runtime.shutdown_timeout(std::time::Duration::from_secs(5));
        self.store.close();
    }
}

/// Somebody in the browser with a key of their own.
pub struct Actor {
    pub person: Person,
    pub page: Page,
}

impl Stage {
    pub fn open() -> Stage {
        let directory = tempfile::tempdir().unwrap();
        let (program, port) = Program::demo(&directory.path().join("data"));
        Stage { browser: Browser::start(), house: House::Program(program), port, directory }
    }

    /// A demonstration at an hour of the test's choosing, from which [`Stage::pass`] leads on.
    pub fn standing(at: &str) -> Stage {
        let directory = tempfile::tempdir().unwrap();
        let (here, port) = Here::open(&directory.path().join("data"), at);
        Stage { browser: Browser::start(), house: House::Here(here), port, directory }
    }

    fn clock(&self) -> Clock {
        match &self.house {
            House::Program(_) => Clock::System,
            House::Here(here) => here.clock.clone(),
        }
    }

    /// The day of the stage.
    pub fn today(&self) -> Date {
        date_in_poland(self.clock().now())
    }

    /// Days go by; whoever was logged in is not any more.
    pub fn pass(&self, days: i64) {
        let clock = self.clock();
        clock.set(clock.now() + SignedDuration::from_hours(24 * days));
    }

    /// Somebody comes back with their key.
    pub fn log_in(&self, actor: &Actor) {
        let page = &actor.page;
        page.goto(&self.url("/logowanie"));
        page.follow("text=Zaloguj się kluczem");
        page.goto(&self.url("/konto"));
        assert_eq!(page.text("h1"), "Konto");
    }

    pub fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    /// Somebody who has never been here, with a device that can hold passkeys.
    pub fn actor(&self) -> Actor {
        let person = self.browser.person();
        let page = person.tab();
        page.virtual_authenticator();
        page.goto(&self.url("/"));
        Actor { person, page }
    }

    /// Staff accept the invitation that the demonstration prints: administrator, editor and clerk.
    pub fn staff(&self) -> Actor {
        let code = match &self.house {
            House::Program(program) => program.code_after("staff: "),
            House::Here(here) => here.invitation.clone(),
        };
        let staff = self.actor();
        let page = &staff.page;
        page.goto(&self.url("/zaproszenie"));
        sound(page);
        page.fill("label=Kod", &code);
        page.fill("label=Imię", "Ewa");
        page.fill("label=Nazwisko", "Buk");
        page.follow("text=Dalej");
        sound(page);
        page.follow("text=Zrób klucz");
        assert_eq!(page.text("h1"), "Konto");
        assert!(page.text(".who").contains("Ewa Buk"));
        sound(page);
        staff
    }

    /// The same person without a browser: what their session may read, byte by byte.
    pub fn reader(&self, person: &Person) -> Visitor<Wire> {
        let reader = Visitor::new(Wire(self.port));
        for cookie in person.cookies() {
            reader.keep_cookie(cookie["name"].as_str().unwrap(), cookie["value"].as_str().unwrap());
        }
        reader
    }

    /// Stops the program and looks at what it leaves: a journal that holds, and an index that agrees.
    pub fn close(self) {
        let Stage { browser, house, directory, .. } = self;
        drop(browser);
        match house {
            House::Program(program) => assert_eq!(program.stop(), Some(0)),
            House::Here(here) => here.close(),
        }
        let data = directory.path().join("data");
        for verb in [["log", "verify"], ["index", "check"]] {
            let arguments =
                [verb[0].as_ref(), verb[1].as_ref(), "--dir".as_ref(), data.as_os_str()];
            let (out, err, code) = Program::run(&arguments);
            assert_eq!(code, 0, "{verb:?}: {out}{err}");
        }
    }
}

/// What must hold on every page that anybody sees: axe is content, nothing scrolls sideways, the
/// page complains about nothing, lacks no text, and asked nobody but us for anything.
pub fn sound(page: &Page) {
    page.assert_accessible();
    if page.overflows() {
        page.fail("the page is wider than the window");
    }
    let complaints = page.console_errors();
    if !complaints.is_empty() {
        page.fail(&format!("the console says: {complaints:?}"));
    }
    // A key without words is printed between these brackets.
    if page.text("body").contains('⟦') || page.title().contains('⟦') {
        page.fail("a text is missing");
    }
    let origin = page.origin();
    let foreign: Vec<_> =
        page.requested().into_iter().filter(|url| !is_ours(url, &origin)).collect();
    if !foreign.is_empty() {
        page.fail(&format!("the page asked others: {foreign:?}"));
    }
}

fn is_ours(url: &str, origin: &str) -> bool {
    url == "about:blank" || url.strip_prefix(origin).is_some_and(|path| path.starts_with('/'))
}

pub fn upload(name: &str) -> PathBuf {
    root().join("tests/data/uploads").join(name)
}

#[test]
fn only_our_own_addresses_are_ours() {
    let ours = "http://localhost:8080";
    for (url, is) in [
        ("about:blank", true),
        ("http://localhost:8080/a", true),
        ("http://localhost:80801/a", false),
        ("http://localhost:8080.example/a", false),
        ("https://fonts.example/a.woff2", false),
        ("http://localhost:9/a", false),
    ] {
        assert_eq!(is_ours(url, ours), is, "{url}");
    }
}
