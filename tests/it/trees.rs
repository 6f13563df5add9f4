//! The resident's side of the tree notice against a whole house: router, real store, real workers; no network and no
//! browser.

use std::{path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, header};
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use ostoja::{
    edge::{App as _, ListenerKind, Peer, RequestBody},
    kernel::{
        clock::Clock,
        crypto::{hash, hex},
        identity::{
            Action, Actor, Level, Person, PersonId, Who,
            passkeys::Passkeys,
            people::{Commune, CredentialId},
            sessions::{Login, Method, Sessions, Token},
        },
        log::proof::ProofFile,
        scratch::{Class, Owner, Scratch},
        store::{
            Change, Op, Refusal, Store,
            keys::Key,
            start::{self, IndexChoice, StoreSettings},
        },
    },
    services::{
        self, catalogue,
        trees::model::{ALL, CaseId, OF_OWNER, TreeCase},
    },
    web::{House, house::Parts},
    worker::Pool,
};

use crate::support as pagecheck;

const PROGRAM: &str = env!("CARGO_BIN_EXE_ostoja");
const ORIGIN: &str = "https://urzad.example.pl";
const DEFINITION: &str = include_str!("../../demo/procedures/srod-drzewa-zgl.toml");
static PEOPLE: Action = Action { name: "test.people", who: Who::Console, sentence: "audit-demo" };

struct Town {
    house: Arc<House>,
    store: Arc<Store>,
    scratch: Arc<Scratch>,
    clock: Clock,
    runtime: tokio::runtime::Runtime,
    _directory: tempfile::TempDir,
}

/// One browser with its session.
struct Visitor<'a> {
    town: &'a Town,
    id: PersonId,
    token: Token,
}

struct Heard {
    status: u16,
    to: String,
    kind: String,
    disposition: String,
    body: Vec<u8>,
}

impl Heard {
    fn html(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
    /// The value of a hidden field.
    fn hidden(&self, name: &str) -> String {
        let html = self.html();
        let (_, rest) = html.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    }
}

fn settings(clock: &Clock) -> StoreSettings {
    StoreSettings {
        segment_bytes: 4 << 20,
        index: IndexChoice::Memory,
        clock: clock.clone(),
        checkpoint_every: Duration::from_millis(20),
        on_unknown: |why| panic!("{why}"),
        ..StoreSettings::default()
    }
}

fn person(n: u128, level: Level, staff: bool) -> Person {
    Person {
        id: PersonId(uuid::Uuid::from_u128(n)),
        given_name: "Anna".to_owned(),
        family_name: format!("Wierzba{n}").trim_end_matches(char::is_numeric).to_owned(),
        level,
        staff,
        closed: false,
        phone: None,
        email: None,
        since: Timestamp::UNIX_EPOCH,
        verified_by: None,
        verified_at: None,
    }
}

impl Town {
    fn new() -> Town {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        let clock = Clock::standing("2026-11-23T10:00:00Z".parse().unwrap());
        let settings = settings(&clock);
        start::create(&data, "urzad.example.pl/log/1", &services::kinds(), &settings).unwrap();
        let (store, _) = start::open(&data, &services::kinds(), &settings).unwrap();
        let commune = Commune {
            name: "Gmina Modrzewie".to_owned(),
            host: "urzad.example.pl".to_owned(),
            teryt: None,
            address: None,
            phone: None,
            email: None,
            demo: false,
            config_hash: None,
        };
        let people = [
            person(1, Level::Verified, true),
            person(2, Level::Verified, false),
            person(3, Level::Verified, false),
            person(4, Level::Declared, false),
        ];
        let put = |op: Op| {
            let ticket = store.desk(Actor::Console("test".to_owned())).commit(|_, authority| {
                Ok::<_, Refusal>(Change::new(authority.permit(&PEOPLE, &[])?, op))
            });
            ticket.unwrap().wait().unwrap();
        };
        put(Op::put(&commune));
        people.iter().for_each(|person| put(Op::put(person)));
        catalogue::import::import(&store, DEFINITION).unwrap();
        let scratch = Arc::new(Scratch::open(&data, clock.clone()).unwrap());
        let workers = Pool::start(Path::new(PROGRAM), &["worker"], 1).unwrap();
        let house = House::new(Parts {
            store: Arc::clone(&store),
            scratch: Arc::clone(&scratch),
            sessions: Arc::new(Sessions::open(Arc::clone(&scratch), clock.clone())),
            passkeys: Passkeys::new("urzad.example.pl", ORIGIN, "Gmina Modrzewie").unwrap(),
            workers: workers.with_deadline(Duration::from_secs(60)),
            services: services::ALL,
            origin: ORIGIN.to_owned(),
            edge: Arc::default(),
        })
        .unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Town { house, store, scratch, clock, runtime, _directory: directory }
    }

    fn visitor(&self, n: u128, level: Level) -> Visitor<'_> {
        let id = PersonId(uuid::Uuid::from_u128(n));
        let login = Login {
            person: id,
            staff: false,
            level,
            method: Method::Passkey,
            credential: CredentialId(uuid::Uuid::from_u128(n)),
        };
        let (token, _) = self.house.sessions.begin(None, login).unwrap();
        Visitor { town: self, id, token }
    }

    fn cases(&self) -> Vec<TreeCase> {
        let view = self.store.view();
        let list = view.list::<TreeCase>(ALL, &Key::new(), None, 50).unwrap();
        list.rows.iter().map(|row| view.get::<TreeCase>(&row.id).unwrap().unwrap()).collect()
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            pagecheck::assert_index(&self.store);
        }
        self.store.close();
    }
}

impl Visitor<'_> {
    fn send(&self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Heard {
        let path = path.split('#').next().unwrap();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, format!("__Host-sesja={}", self.token.reveal()))
            .header(header::CONTENT_TYPE, kind)
            .header(header::ACCEPT_LANGUAGE, "pl")
            .body(RequestBody::from(Bytes::from(body)))
            .unwrap();
        let peer = Peer {
            address: "127.0.0.1:9".parse().unwrap(),
            tls: None,
            client_certificate: None,
            listener: ListenerKind::Demo,
        };
        self.town.runtime.block_on(async {
            let answer = Arc::clone(&self.town.house).call(request, peer).await;
            let text = |name: header::HeaderName| {
                let value = answer.headers().get(name);
                value.map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
            };
            Heard {
                status: answer.status().as_u16(),
                to: text(header::LOCATION),
                kind: text(header::CONTENT_TYPE),
                disposition: text(header::CONTENT_DISPOSITION),
                body: answer.into_body().collect().await.unwrap().to_bytes().to_vec(),
            }
        })
    }

    fn get(&self, path: &str) -> Heard {
        self.send("GET", path, "", Vec::new())
    }

    fn post(&self, path: &str, fields: &[(&str, &str)]) -> Heard {
        let form_token = self.town.house.sessions.form_token(&self.token);
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("form_token", &form_token);
        body.extend_pairs(fields);
        self.send("POST", path, "application/x-www-form-urlencoded", body.finish().into_bytes())
    }

    fn post_files(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Heard {
        let mut body = Vec::new();
        let form_token = self.town.house.sessions.form_token(&self.token);
        for (name, value) in [("form_token", form_token.as_str())].iter().chain(fields) {
            body.extend(
                format!(
                    "--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                )
                .into_bytes(),
            );
        }
        for (field, name, bytes) in files {
            body.extend(format!("--x\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n").into_bytes());
            body.extend(*bytes);
            body.extend(b"\r\n");
        }
        body.extend(b"--x--\r\n");
        self.send("POST", path, "multipart/form-data; boundary=x", body)
    }

    /// Begins a draft; its address without the step.
    fn begin(&self) -> String {
        let heard = self.post("/sprawy/srod-drzewa-zgl/nowa", &[]);
        assert_eq!(heard.status, 303, "{}", heard.html());
        heard.to.strip_suffix("/kto").unwrap().to_owned()
    }

    /// Fills a draft in, with a photo and a PDF; its address without the step.
    fn filled(&self) -> String {
        let draft = self.begin();
        let step = |step: &str, fields: &[(&str, &str)], next: &str| {
            let heard = self.post(&format!("{draft}/{step}"), fields);
            assert_eq!(
                (heard.status, heard.to.as_str()),
                (303, format!("{draft}/{next}").as_str()),
                "{step}: {}",
                heard.html()
            );
        };
        step("kto", &[("owner.kind", "sole")], "wlasciciel");
        step("wlasciciel", &OWNER, "nieruchomosc");
        step(
            "nieruchomosc",
            &[("prop.parcel.precinct", "Modrzewie"), ("prop.parcel.number", "112/4")],
            "sytuacja",
        );
        step(
            "sytuacja",
            &[("prop.owner_types", "yes"), ("purpose.business", "no"), ("prop.monument", "no")],
            "drzewa",
        );
        step(
            "drzewa",
            &[
                ("trees[0].species", "nie-wiem"),
                ("trees[0].stems_cm", "91,5"),
                ("trees[0].stems_cm", ""),
            ],
            "rysunek",
        );
        let files: [(&str, &str, &[u8]); 2] =
            [("sketch", "mapka.pdf", PDF), ("photos", "dąb.jpg", &gps())];
        let heard = self.post_files(&format!("{draft}/rysunek"), &[("reason", "")], &files);
        assert_eq!((heard.status, heard.to), (303, format!("{draft}/ogledziny")));
        step("ogledziny", &[], "doreczenia");
        step("doreczenia", &[("delivery.pref", "post")], "sprawdz");
        draft
    }

    /// Sends a draft off as the check page shows it now.
    fn send_off(&self, draft: &str, more: &[(&str, &str)]) -> Heard {
        let check = self.get(&format!("{draft}/sprawdz"));
        let (key, seen) = (check.hidden("submission_key"), check.hidden("seen"));
        let fields = [&[("submission_key", key.as_str()), ("seen", seen.as_str())], more].concat();
        self.post(&format!("{draft}/wyslij"), &fields)
    }

    /// Files a draft by session; the address of the case.
    fn filed(&self) -> String {
        let draft = self.filled();
        let heard = self.send_off(&draft, &[]);
        assert_eq!(heard.status, 303, "{}", heard.html());
        heard.to.strip_suffix("/potwierdzenie").unwrap().to_owned()
    }
}

const OWNER: [(&str, &str); 5] = [
    ("owner.first", "Anna"),
    ("owner.last", "Wierzba"),
    ("owner.address.house", "7"),
    ("owner.address.postcode", "08-400"),
    ("owner.address.locality", "Modrzewie"),
];
const PDF: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

fn gps() -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/uploads/gps.jpg", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn has_place(jpeg: &[u8]) -> bool {
    exif::Reader::new()
        .read_from_container(&mut std::io::Cursor::new(jpeg))
        .is_ok_and(|read| read.get_field(exif::Tag::GPSLatitude, exif::In::PRIMARY).is_some())
}

#[test]
fn what_was_typed_stays_also_when_it_is_wrong() {
    let town = Town::new();
    let anna = town.visitor(2, Level::Verified);
    let draft = anna.begin();
    assert!(
        anna.get(&format!("{draft}/wlasciciel")).html().contains("value=\"Anna\""),
        "from the login"
    );
    let mut wrong = OWNER;
    wrong[3] = ("owner.address.postcode", "O8-4OO");
    let heard = anna.post(&format!("{draft}/wlasciciel"), &wrong);
    assert_eq!(heard.status, 422);
    for page in [heard.html(), anna.get(&format!("{draft}/wlasciciel")).html()] {
        assert!(
            page.contains("value=\"O8-4OO\"")
                && page.contains("href=\"#f-owner-address-postcode\""),
            "{page}"
        );
        assert!(
            page.contains("id=\"f-owner-address-postcode\"")
                && page.contains("<title>Błąd: Krok 2 z "),
            "{page}"
        );
        assert_eq!(pagecheck::faults(&page), Vec::<String>::new());
    }
    // A gap that the law minds is said once and may be left.
    let heard = anna.post(&format!("{draft}/nieruchomosc"), &[("prop.kw", "")]);
    assert_eq!(heard.status, 422);
    assert!(heard.html().contains("name=\"skip\""));
    assert_eq!(anna.post(&format!("{draft}/nieruchomosc"), &[("skip", "yes")]).status, 303);
}

#[test]
fn trees_are_added_and_taken_away_without_losing_the_others() {
    let town = Town::new();
    let anna = town.visitor(2, Level::Verified);
    let step = format!("{}/drzewa", anna.begin());
    let heard = anna.post(&step, &[("trees[0].stems_cm", "61"), ("add", "trees")]);
    assert_eq!((heard.status, heard.to), (303, format!("{step}#i-trees-1")));
    let page = anna.get(&step).html();
    assert!(page.contains("value=\"61\"") && page.contains("name=\"trees[1].species\""), "{page}");
    assert_eq!(pagecheck::faults(&page), Vec::<String>::new());
    let fields = [("trees[0].stems_cm", "61"), ("trees[1].stems_cm", "abc"), ("remove", "trees.0")];
    assert_eq!(anna.post(&step, &fields).status, 303);
    let page = anna.get(&step).html();
    assert!(page.contains("value=\"abc\"") && !page.contains("value=\"61\""), "{page}");
}

#[test]
fn refused_files_are_said_and_good_ones_stay() {
    let town = Town::new();
    let anna = town.visitor(2, Level::Verified);
    let step = format!("{}/rysunek", anna.begin());
    let files: [(&str, &str, &[u8]); 4] = [
        ("sketch", "mapka.pdf", PDF),
        ("photos", "a.gif", b"GIF89a"),
        ("photos", "zepsute.jpg", b"\xFF\xD8\xFF\xE0rubbish"),
        ("reason", "text.pdf", PDF),
    ];
    let heard = anna.post_files(&step, &[("reason", "Uschło")], &files);
    assert_eq!(heard.status, 422);
    let page = heard.html();
    assert!(
        page.contains("a.gif") && page.contains("zepsute.jpg") && page.contains("mapka.pdf"),
        "{page}"
    );
    assert!(page.contains("Uschło") && !page.contains("text.pdf"));
    assert_eq!(pagecheck::faults(&page), Vec::<String>::new());
    assert_eq!(town.scratch.list(Class::Upload, &Owner::Person(anna.id)).len(), 1);
    // Text that looks like a file is none.
    anna.post(&step, &[("sketch", "x;application/pdf;1;x.pdf"), ("reason", "")]);
    assert!(anna.get(&step).html().contains("mapka.pdf"));
    let kept = anna.get(&step).html();
    let (_, rest) = kept.split_once("name=\"remove-file\" value=\"").unwrap();
    let id = rest.split_once('"').unwrap().0.to_owned();
    assert_eq!(anna.post(&step, &[("remove-file", &id)]).status, 303);
    assert_eq!(town.scratch.list(Class::Upload, &Owner::Person(anna.id)).len(), 0);
}

#[test]
fn filing_twice_is_one_case_with_its_files() {
    let town = Town::new();
    let anna = town.visitor(2, Level::Verified);
    let draft = anna.filled();
    let check = anna.get(&format!("{draft}/sprawdz"));
    let page = check.html();
    assert_eq!(pagecheck::faults(&page), Vec::<String>::new());
    assert!(page.contains("Modrzewie 112/4") && page.contains("data-passkey=\"sign\""), "{page}");
    let (key, seen) = (check.hidden("submission_key"), check.hidden("seen"));
    let send = |key: &str| {
        anna.post(&format!("{draft}/wyslij"), &[("submission_key", key), ("seen", &seen)])
    };
    let first = send(&key);
    assert_eq!(first.status, 303, "{}", first.html());
    let (again, other) = (send(&key), send("another-key-of-a-form"));
    assert_eq!((&again.to, &other.to), (&first.to, &first.to));
    let cases = town.cases();
    assert_eq!(cases.len(), 1);
    let case = &cases[0];
    assert_eq!(first.to, format!("/moje-sprawy/{}/potwierdzenie", case.id));
    assert_eq!(
        (case.label().as_str(), case.files.len(), case.filed_incomplete),
        ("1/2026", 2, false)
    );
    assert_eq!(case.due.unwrap().to_string(), "2026-12-14");
    // The draft is not shown any more, and goes with the next thing that the resident does.
    assert!(!anna.get("/moje-sprawy").html().contains("/szkice/"));
    anna.begin();
    assert_eq!(town.scratch.list(Class::Upload, &Owner::Person(anna.id)).len(), 0);
    assert_eq!(town.scratch.list(Class::Draft, &Owner::Person(anna.id)).len(), 1);
}

#[test]
fn pages_show_no_place_and_the_original_is_inert() {
    let town = Town::new();
    let anna = town.visitor(2, Level::Verified);
    let case = anna.filed();
    let jpeg = gps();
    assert!(has_place(&jpeg));
    let files = &town.cases()[0].files;
    let n = files.iter().position(|file| file.media_type == "image/jpeg").unwrap() + 1;
    let original = anna.get(&format!("{case}/pliki/{n}"));
    assert_eq!(original.body, jpeg);
    assert!(original.disposition.starts_with("attachment"), "{}", original.disposition);
    assert_eq!(files[n - 1].sha256, hex(&hash(&[&jpeg])));
    for page in ["podglad", "miniatura"] {
        let shown = anna.get(&format!("{case}/pliki/{n}/{page}"));
        assert_eq!(
            (shown.status, shown.kind.as_str(), shown.disposition.as_str()),
            (200, "image/jpeg", "")
        );
        assert!(!has_place(&shown.body) && shown.body.starts_with(b"\xFF\xD8"));
    }
    let pdf = 3 - n;
    assert_eq!(anna.get(&format!("{case}/pliki/{pdf}")).body, PDF);
    for page in [format!("pliki/{pdf}/podglad"), "pliki/0".to_owned(), "pliki/3".to_owned()] {
        assert_eq!(anna.get(&format!("{case}/{page}")).status, 404, "{page}");
    }
}

#[test]
fn a_stranger_hears_the_same_as_for_nothing() {
    let town = Town::new();
    let anna = town.visitor(2, Level::Verified);
    let jan = town.visitor(3, Level::Verified);
    let draft = anna.filled();
    let case = anna.filed();
    let nothing = uuid::Uuid::from_u128(77).to_string();
    let pages = [
        "",
        "/potwierdzenie",
        "/dowod",
        "/pliki/1",
        "/pliki/1/podglad",
        "/wiadomosc",
        "/uzupelnienie",
        "/wycofaj",
        "/usuniete",
    ];
    let other = format!("/moje-sprawy/{nothing}");
    for page in pages {
        let (theirs, none) =
            (jan.get(&format!("{case}{page}")), jan.get(&format!("{other}{page}")));
        assert_eq!((theirs.status, none.status), (404, 404), "{page}");
        let told = |html: String, path: &str| html.replace(path, "");
        assert_eq!(told(theirs.html(), &case), told(none.html(), &other), "{page}");
    }
    for page in ["kto", "sprawdz", "usun", "wyslij"] {
        assert_eq!(jan.get(&format!("{draft}/{page}")).status, 404, "{page}");
        let key = ("submission_key", "0123456789abcdef");
        assert_eq!(
            jan.post(&format!("{draft}/{page}"), &[key]).status,
            if page == "sprawdz" { 405 } else { 404 },
            "{page}"
        );
    }
    for page in ["wiadomosc", "uzupelnienie", "wycofaj", "usuniete"] {
        let fields = [("submission_key", "0123456789abcdef"), ("text", "x"), ("trees", "1")];
        assert_eq!(jan.post(&format!("{case}/{page}"), &fields).status, 404, "{page}");
    }
    assert_eq!(
        town.store
            .view()
            .list::<TreeCase>(OF_OWNER, &Key::new().id(&jan.id), None, 5)
            .unwrap()
            .rows
            .len(),
        0
    );
}

#[test]
fn a_gap_in_what_the_law_demands_is_filed_only_knowingly() {
    let town = Town::new();
    let anna = town.visitor(2, Level::Verified);
    let draft = anna.begin();
    let heard = anna.send_off(&draft, &[]);
    assert_eq!((heard.status, town.cases().len()), (422, 0));
    assert_eq!(pagecheck::faults(&heard.html()), Vec::<String>::new());
    let heard = anna.send_off(&draft, &[("anyway", "yes")]);
    assert_eq!(heard.status, 303, "{}", heard.html());
    assert!(town.cases()[0].filed_incomplete);
    // Wrong answers are no gaps.
    let draft = anna.begin();
    anna.post(&format!("{draft}/drzewa"), &[("trees[0].stems_cm", "gruby")]);
    let fields = [("submission_key", "0123456789abcdef"), ("anyway", "yes")];
    let heard = anna.post(&format!("{draft}/wyslij"), &fields);
    assert_eq!((heard.status, town.cases().len()), (422, 1));
}

/// A file that scratch lost in a crash, or an answer changed in another window, is never filed unread.
#[test]
fn what_is_filed_is_what_the_check_page_showed() {
    let town = Town::new();
    let anna = town.visitor(2, Level::Verified);
    let draft = anna.filled();
    let check = anna.get(&format!("{draft}/sprawdz"));
    let (key, seen) = (check.hidden("submission_key"), check.hidden("seen"));
    let fields = [("submission_key", key.as_str()), ("seen", seen.as_str())];
    let kept = anna.get(&format!("{draft}/rysunek")).html();
    let (_, rest) = kept.split_once("name=\"remove-file\" value=\"").unwrap();
    let id = rest.split_once('"').unwrap().0.to_owned();
    anna.post(&format!("{draft}/rysunek"), &[("remove-file", &id)]);
    let heard =
        anna.post(&format!("{draft}/wyslij"), &[&fields[..], &[("anyway", "yes")]].concat());
    assert_eq!((heard.status, town.cases().len()), (422, 0));
    assert!(heard.html().contains("zmieniło się, odkąd"), "{}", heard.html());
    assert_eq!(pagecheck::faults(&heard.html()), Vec::<String>::new());
    // The page that says so shows the notice as it is now.
    let seen = heard.hidden("seen");
    let fields = [("submission_key", key.as_str()), ("seen", &seen), ("anyway", "yes")];
    let heard = anna.post(&format!("{draft}/wyslij"), &fields);
    assert_eq!((heard.status, town.cases().len()), (303, 1), "{}", heard.html());
}

#[test]
fn whoever_the_office_has_not_seen_prepares_but_does_not_file() {
    let town = Town::new();
    let piotr = town.visitor(4, Level::Declared);
    let draft = piotr.filled();
    let page = piotr.get(&format!("{draft}/sprawdz")).html();
    assert!(page.contains("Przyjdź raz do urzędu") && !page.contains("/wyslij\""), "{page}");
    let heard = piotr.post(&format!("{draft}/wyslij"), &[("submission_key", "0123456789abcdef")]);
    assert_eq!((heard.status, town.cases().len()), (422, 0));
    assert!(heard.html().contains("Przyjdź raz do urzędu"));
}

#[test]
fn a_filed_case_is_confirmed_proven_written_to_and_withdrawn() {
    let town = Town::new();
    let anna = town.visitor(2, Level::Verified);
    let case = anna.filed();
    let id = CaseId::parse(case.rsplit('/').next().unwrap()).unwrap();
    for page in ["", "/potwierdzenie", "/wiadomosc", "/wycofaj"] {
        let heard = anna.get(&format!("{case}{page}"));
        assert_eq!(heard.status, 200, "{page}");
        assert_eq!(pagecheck::faults(&heard.html()), Vec::<String>::new(), "{page}");
    }
    assert!(
        anna.get(&format!("{case}/potwierdzenie")).html().contains("23\u{a0}listopada 2026, 11:00")
    );
    let proof: ProofFile =
        serde_json::from_slice(&anna.get(&format!("{case}/dowod")).body).unwrap();
    let verifier = ostoja::kernel::log::note::Verifier::parse(&proof.vkey).unwrap();
    let proven = proof.verify(&verifier).unwrap();
    assert_eq!(proven.header.action, "trees.file");
    // Answers and evidence as text; original, shown and thumbnail of the photo and the PDF by their secrets.
    assert_eq!((proven.bodies.len(), proof.blobs.len()), (2, 4));
    let blob =
        |bytes: &[u8]| proof.blobs.iter().any(|body| body.is_file(&proven.header, bytes).unwrap());
    assert!(blob(PDF) && blob(&gps()) && !blob(b"something else"));

    let key = anna.get(&format!("{case}/wiadomosc")).hidden("submission_key");
    let heard = anna.post_files(
        &format!("{case}/wiadomosc"),
        &[("submission_key", &key), ("text", " ")],
        &[],
    );
    assert_eq!(heard.status, 422);
    let fields = [("submission_key", key.as_str()), ("text", "Kiedy będą\r\noględziny? <b>")];
    let heard =
        anna.post_files(&format!("{case}/wiadomosc"), &fields, &[("files", "skan.pdf", PDF)]);
    assert_eq!(heard.status, 303, "{}", heard.html());
    let page = anna.get(&case).html();
    assert!(page.contains("oględziny? &#60;b&#62;") && page.contains("/pliki/3\""), "{page}");
    assert_eq!(anna.get(&format!("{case}/pliki/3")).body, PDF);

    // Nothing was asked for, so nothing can be supplied.
    let fields = [("submission_key", "a-key-of-another-form"), ("text", "x")];
    let heard = anna.post_files(&format!("{case}/uzupelnienie"), &fields, &[]);
    assert_eq!(heard.status, 422);
    let key = anna.get(&format!("{case}/wycofaj")).hidden("submission_key");
    for _ in 0..2 {
        let heard = anna.post(&format!("{case}/wycofaj"), &[("submission_key", &key)]);
        assert_eq!((heard.status, heard.to.as_str()), (303, case.as_str()), "{}", heard.html());
    }
    let stored = town.store.view().get::<TreeCase>(&id).unwrap().unwrap();
    assert!(stored.state.0.has_ended() && stored.due.is_none());
    let heard =
        anna.post(&format!("{case}/wycofaj"), &[("submission_key", "another-key-of-a-form")]);
    assert_eq!(heard.status, 422);
    assert_eq!(pagecheck::faults(&anna.get(&case).html()), Vec::<String>::new());
    town.clock.set("2026-11-24T10:00:00Z".parse().unwrap());
}

/// A change of the law is a new version: what was filed before stays on its own.
#[test]
fn a_case_keeps_the_version_it_was_filed_on() {
    let town = Town::new();
    let visitor = town.visitor(2, Level::Verified);
    let old = visitor.filed();
    let changed = DEFINITION.replacen("\nversion = 1\n", "\nversion = 2\n", 1).replacen(
        "term = { days = 21 }",
        "term = { days = 30 }",
        1,
    );
    let source = catalogue::import::compare(&town.store.view(), &changed).unwrap();
    let paths: Vec<&str> = source.differences.iter().map(|it| it.path.as_str()).collect();
    let term = "ruleset[uop-2024-1478].terms.inspection.term.days";
    assert_eq!(paths, [term, "version"]);
    catalogue::import::import(&town.store, &changed).unwrap().unwrap();
    let new = visitor.filed();

    // Filed on 23 November: 21 days are the 14th of December, 30 are the 23rd.
    for (case, version, day, other) in
        [(&old, 1, "14 grudnia", "23 grudnia"), (&new, 2, "23 grudnia", "14 grudnia")]
    {
        let id = CaseId::parse(case.rsplit('/').next().unwrap()).unwrap();
        let stored = town.store.view().get::<TreeCase>(&id).unwrap().unwrap();
        assert_eq!(stored.definition_version, version);
        let page = pagecheck::html_words(&visitor.get(case).html(), "main");
        assert!(page.contains(day) && !page.contains(other), "version {version}: {page}");
        let view = town.store.view();
        let definition =
            catalogue::import::of_version(&view, "srod-drzewa-zgl", version).unwrap().unwrap();
        assert_eq!(definition.version, version);
    }
    let view = town.store.view();
    assert!(catalogue::import::of_version(&view, "srod-drzewa-zgl", 3).unwrap().is_none());
}
