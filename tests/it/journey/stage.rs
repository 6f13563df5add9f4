//! A demonstration that runs and a browser that looks at it; and what must hold on every page.

use std::path::PathBuf;

use crate::{
    browser::{Browser, Page, Person},
    support::{Program, Visitor, Wire, root},
};

/// A demonstration that runs, and a browser that looks at it.
pub struct Stage {
    pub browser: Browser,
    program: Program,
    pub port: u16,
    directory: tempfile::TempDir,
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
        Stage { browser: Browser::start(), program, port, directory }
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
        let code = self.program.code_after("staff: ");
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
        let Stage { browser, program, directory, .. } = self;
        drop(browser);
        assert_eq!(program.stop(), Some(0));
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
