//! The client tried on a tiny site of its own: if these fail, no journey's failure means anything.
//!
//! The site is a few pages over a plain socket; it is not a model of Ostoja.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::{Browser, Page};

struct Site {
    port: u16,
    /// Bodies of the forms sent, oldest first.
    sent: Arc<Mutex<Vec<String>>>,
}

const FORM: &str = r#"<!doctype html><html lang="pl"><title>Zgłoszenie</title>
<main><h1>Zgłoszenie</h1><p id="skrypt">bez skryptu</p>
<script>document.getElementById('skrypt').textContent = 'ze skryptem'</script>
<form method="post" action="/wyslij" enctype="multipart/form-data" accept-charset="utf-8">
<p><label for="imie">Imię i nazwisko</label> <input id="imie" name="imie" value="stare"></p>
<p><label>Uwagi <textarea name="uwagi"></textarea></label></p>
<p><label>Dzień <input type="date" name="dzien"></label></p>
<p><label>Gatunek <select name="gatunek"><option value="1">buk</option>
<option value="2">dąb szypułkowy</option></select></label></p>
<p><label><input type="checkbox" name="zgoda" value="tak"> Potwierdzam</label></p>
<p><label>Zdjęcie <input type="file" name="zdjecie"></label></p>
<div style="height: 2000px"></div>
<p><button>Wyślij</button></p></form></main></html>"#;

const BAD: &str = r#"<!doctype html><html><title>Źle</title><h1>Źle</h1>
<input name="x"><img src="/nie-ma.png"><p style="color:#999;background:#aaa">szare na szarym</p>
<script>console.error('coś', 3, 'poszło źle'); nieMaTakiejFunkcji();</script>
<div style="position:relative"><button id="pod">pod spodem</button>
<div style="position:absolute;inset:0;background:#fff">wierzch</div></div></html>"#;

const PASSKEY: &str = r#"<!doctype html><html lang="pl"><title>Klucz</title><main><h1>Klucz</h1>
<button onclick="go()">Załóż klucz</button></main><script>
async function go() {
  const octets = new Uint8Array(16);
  const made = await navigator.credentials.create({publicKey: {
    challenge: octets, rp: {name: 'x'}, user: {id: octets, name: 'a', displayName: 'a'},
    pubKeyCredParams: [{type: 'public-key', alg: -7}],
    authenticatorSelection: {residentKey: 'required', userVerification: 'required'}}})
    .catch(error => error.name);
  location.href = '/gotowe?' + (made.id || made);
}</script></html>"#;

impl Site {
    fn open() -> Site {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let sent = Arc::new(Mutex::new(Vec::new()));
        let site = Site { port, sent: Arc::clone(&sent) };
        std::thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let sent = Arc::clone(&sent);
                // A browser opens connections ahead and may never use them.
                std::thread::spawn(move || answer(connection, &sent));
            }
        });
        site
    }

    fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }
}

fn answer(mut connection: TcpStream, sent: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(connection.try_clone().ok()?);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut parts = first.split(' ');
    let (method, path) = (parts.next()?.to_owned(), parts.next()?.to_owned());
    let (mut length, mut cookie, mut language) = (0, String::from("nobody"), String::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "cookie" => value.clone_into(&mut cookie),
            "accept-language" => value.clone_into(&mut language),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let page = |status: &str, text: &str| {
        format!(
            "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\n\
             content-length: {}\r\nconnection: close\r\n",
            text.len()
        )
    };
    let (head, text) = match (method.as_str(), path.split('?').next()?) {
        ("POST", _) => {
            sent.lock().unwrap().push(String::from_utf8_lossy(&body).into_owned());
            (page("303 See Other", "") + "location: /gotowe\r\n", String::new())
        }
        (_, "/") => (page("200 OK", FORM), FORM.to_owned()),
        (_, "/zle") => (page("422 Unprocessable Content", BAD), BAD.to_owned()),
        (_, "/klucz") => (page("200 OK", PASSKEY), PASSKEY.to_owned()),
        (_, "/gotowe") => {
            let text = format!(
                "<!doctype html><html lang=pl><title>Gotowe</title><main><h1>Gotowe</h1>\
                 <p id=kto>{cookie}</p><p id=jezyk>{language}</p><a href=/>Od nowa</a> <a href=/dowod>Dowód</a></main></html>"
            );
            (page("200 OK", &text), text)
        }
        (_, "/jestem") => {
            let name = path.split_once('?')?.1;
            let cookie = format!("set-cookie: kto={name}; HttpOnly\r\nlocation: /gotowe\r\n");
            (page("303 See Other", "") + &cookie, String::new())
        }
        (_, "/dowod") => {
            let text = "dowód".to_owned();
            let name = "content-disposition: attachment; filename=\"dowod.txt\"\r\n";
            (page("200 OK", &text) + name, text)
        }
        (_, "/favicon.ico") => (page("200 OK", ""), String::new()),
        _ => (page("404 Not Found", ""), String::new()),
    };
    connection.write_all(format!("{head}\r\n{text}").as_bytes()).ok()
}

fn sample() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/uploads/transparent.png")
}

/// The same journey with and without the page's own scripts.
fn fill_and_send(site: &Site, page: &Page) {
    page.fill("label=Imię i nazwisko", "Żaneta Łąka");
    page.fill("label=Uwagi", "dwie\nlinie");
    page.fill("[name=dzien]", "2026-05-04");
    page.fill("label=Gatunek", "dąb szypułkowy");
    page.check("label=Potwierdzam");
    page.upload("label=Zdjęcie", &[&sample()]);
    // The button lies far below the window's edge.
    page.follow("text=Wyślij");
    assert_eq!(page.text("h1"), "Gotowe");
    assert_eq!((page.status(), page.title()), (200, "Gotowe".to_owned()));
    let sent = site.sent.lock().unwrap().pop().unwrap();
    for part in [
        "Żaneta Łąka\r\n",
        "dwie\r\nlinie\r\n",
        "2026-05-04",
        "name=\"gatunek\"\r\n\r\n2\r\n",
        "name=\"zgoda\"\r\n\r\ntak\r\n",
        "filename=\"transparent.png\"\r\nContent-Type: image/png\r\n\r\n\u{FFFD}PNG",
    ] {
        assert!(sent.contains(part), "{part:?} was not sent:\n{sent:.900}");
    }
    page.follow("text=Od nowa");
    assert_eq!(page.text("h1"), "Zgłoszenie");
}

#[test]
fn a_form_is_filled_and_sent_with_scripts_and_without() {
    let (site, browser) = (Site::open(), Browser::start());
    let page = browser.person().page(&site.url("/"));
    assert_eq!(page.text("#skrypt"), "ze skryptem");
    fill_and_send(&site, &page);
    page.set_script_enabled(false);
    page.reload();
    assert_eq!(page.text("#skrypt"), "bez skryptu");
    fill_and_send(&site, &page);
    page.assert_accessible();
    assert_eq!(page.text("#skrypt"), "bez skryptu", "axe has let the page's scripts run");
    page.set_script_enabled(true);
    page.goto(&site.url("/"));
    assert_eq!(page.text("#skrypt"), "ze skryptem");
    assert_eq!(page.console_errors(), [] as [&str; 0]);
}

#[test]
fn two_people_have_two_sets_of_cookies_and_a_download_arrives() {
    let (site, browser) = (Site::open(), Browser::start());
    let (resident, clerk) = (browser.person(), browser.person());
    let one = resident.page(&site.url("/jestem?mieszkanka"));
    let two = clerk.page(&site.url("/jestem?urzednik"));
    one.reload();
    two.language("uk");
    two.reload();
    assert_eq!((one.text("#jezyk"), two.text("#jezyk")), ("pl".into(), "uk".into()));
    assert_eq!(
        (one.text("#kto"), two.text("#kto")),
        ("kto=mieszkanka".into(), "kto=urzednik".into())
    );
    assert_eq!(resident.cookies()[0]["httpOnly"], true);
    let folder = tempfile::tempdir().unwrap();
    let file = resident.download(folder.path(), || one.click("text=Dowód"));
    assert_eq!(std::fs::read_to_string(file).unwrap(), "dowód");
}

#[test]
fn what_is_wrong_with_a_page_is_told() {
    let (site, browser) = (Site::open(), Browser::start());
    let page = browser.person().page(&site.url("/zle"));
    assert_eq!(page.status(), 422);
    let complaints = page.console_errors().join("\n");
    for part in ["coś 3 poszło źle", "nieMaTakiejFunkcji is not defined", "404"] {
        assert!(complaints.contains(part), "{part} is not in\n{complaints}");
    }
    assert!(!complaints.contains("422"), "{complaints}");
    let image = site.url("/nie-ma.png");
    assert!(page.requested().contains(&image), "{:?}", page.requested());
    assert_eq!(page.origin() + "/zle", page.url());
    let violations = page.axe().join("\n");
    for rule in ["image-alt", "label", "html-has-lang", "color-contrast"] {
        assert!(violations.contains(&format!("{rule} (")), "{rule} is not in\n{violations}");
    }
    for (what, failing) in [
        ("covered by", Box::new(|| page.click("#pod")) as Box<dyn Fn()>),
        ("there is no #nigdzie", Box::new(|| page.click("#nigdzie"))),
        ("not accessible", Box::new(|| page.assert_accessible())),
    ] {
        let panic = catch_unwind(AssertUnwindSafe(failing)).unwrap_err();
        let message = panic.downcast_ref::<String>().unwrap();
        assert!(message.contains(what), "{message}");
        assert!(message.contains("/zle") && message.contains("title: Źle"), "{message}");
        let picture = message.lines().find_map(|line| line.trim().strip_prefix("screenshot: "));
        let picture = std::fs::read(picture.unwrap()).unwrap();
        assert!(picture.starts_with(b"\x89PNG"));
    }
}

#[test]
fn a_page_is_seen_at_two_sizes_and_heard_by_a_screen_reader() {
    let (site, browser) = (Site::open(), Browser::start());
    let page = browser.person().page(&site.url("/"));
    let folder = tempfile::tempdir().unwrap();
    let mut widths = Vec::new();
    for (width, mobile) in [(1280, false), (360, true)] {
        page.viewport(width, 800, mobile);
        page.reload();
        let path = folder.path().join(format!("{width}.png"));
        page.screenshot(&path);
        let seen = image::open(&path).unwrap();
        widths.push(seen.width());
        assert!(seen.height() > 2000, "only the window was taken: {}", seen.height());
    }
    // Without a viewport tag a phone lays out 980 pixels and shows them small.
    assert_eq!(widths, [1280, 980]);
    page.viewport(1280, 800, false);
    let heard = page.accessibility_tree();
    for line in [
        r#"heading "Zgłoszenie" [level=1]"#,
        r#"textbox "Imię i nazwisko" "stare""#,
        r#"button "Wyślij""#,
    ] {
        assert!(heard.contains(line), "{line} is not in\n{heard}");
    }
    assert_eq!(page.eval("navigator.language"), "pl");
    page.language("uk");
    page.reload();
    assert_eq!(page.eval("navigator.language"), "uk");
    page.media("screen", &[("prefers-color-scheme", "dark")]);
    assert_eq!(page.eval("matchMedia('(prefers-color-scheme: dark)').matches"), true);
    page.eval("document.activeElement.blur(), scrollTo(0, 0)");
    page.press("Tab");
    assert_eq!(page.focused(), "input#imie Imię i nazwisko");
}

#[test]
fn a_passkey_is_made_by_the_virtual_key_and_refused_without_its_owner() {
    let (site, browser) = (Site::open(), Browser::start());
    let page = browser.person().page(&site.url("/klucz"));
    let key = page.virtual_authenticator();
    page.follow("text=Załóż klucz");
    let made = key.credentials();
    assert_eq!(made.len(), 1);
    assert_eq!(made[0]["isResidentCredential"], true);
    key.remove(&made[0]);
    assert!(key.credentials().is_empty());
    key.add(&made[0]);
    key.set_user_verified(false);
    page.goto(&site.url("/klucz"));
    page.follow("text=Załóż klucz");
    page.wait_for("location.search === '?NotAllowedError'", "the key refuses a stranger");
    assert_eq!(key.credentials().len(), 1);
}
