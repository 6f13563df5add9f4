//! The clerks' side of the tree notice over real HTTP and a real store: who gets in, what is offered, what is
//! refused and kept, and what the journal says afterwards.

use std::{
    collections::BTreeMap, net::SocketAddr, path::Path, process::Command as Process, sync::Arc,
};

use jiff::{Timestamp, civil::Date};
use ostoja::{
    edge::{App, DemoListener, EdgeLimits, Hosts, ListenerKind, Listeners},
    kernel::{
        clock::Clock,
        identity::{
            Action, Actor, Level, Person, PersonId, Role, Who,
            passkeys::Passkeys,
            people::{Commune, CredentialId, Grant, GrantId},
            sessions::{Login, Method, Sessions, Token},
        },
        scratch::Scratch,
        store::{
            Change, Op, Refusal, Store,
            start::{self, StoreSettings},
        },
    },
    services::{
        self,
        catalogue::{Calendar, Definition, import},
        trees::{
            CaseState, Command, Finding, Inspection, PROCEDURE, Person as Present, Signature,
            TreeRules, decide,
            model::{CaseId, FileRole, Json, TreeCase},
        },
    },
    web::{House, house::Parts},
    worker::Pool,
};
use tokio::{runtime::Runtime, sync::watch};

use crate::support::html_words;

const PROGRAM: &str = env!("CARGO_BIN_EXE_ostoja");
const SOURCE: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/demo/procedures/srod-drzewa-zgl.toml"));
/// A Saturday, noon in Poland.
const NOW: &str = "2026-11-21T11:00:00Z";

static WRITE: Action = Action { name: "test.write", who: Who::Console, sentence: "audit-demo" };

/// A commune with its doors open.
struct Town {
    house: Arc<House>,
    address: SocketAddr,
    clerk: Token,
    resident: Token,
    /// Somebody else.
    neighbour: Token,
    owner: PersonId,
    rules: TreeRules,
    _runtime: Runtime,
    _stop: watch::Sender<bool>,
    _directory: tempfile::TempDir,
}

struct Answer {
    status: u16,
    location: String,
    body: String,
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn write(store: &Store, op: Op) {
    let committed = store
        .desk(Actor::Console("test".to_owned()))
        .commit(|_, authority| Ok::<_, Refusal>(Change::new(authority.permit(&WRITE, &[])?, op)));
    committed.unwrap().wait().unwrap();
}

fn person(n: u128, name: &str, staff: bool) -> Person {
    Person {
        id: PersonId(uuid::Uuid::from_u128(n)),
        given_name: name.to_owned(),
        family_name: "Wierzba".to_owned(),
        level: Level::Verified,
        staff,
        closed: false,
        phone: None,
        email: None,
        since: NOW.parse().unwrap(),
        verified_by: None,
        verified_at: None,
    }
}

impl Town {
    #[expect(clippy::too_many_lines, reason = "one town is built in one go")]
    fn new() -> Town {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        let clock = Clock::standing(NOW.parse::<Timestamp>().unwrap());
        let settings = StoreSettings {
            segment_bytes: 1 << 20,
            clock: clock.clone(),
            ..StoreSettings::default()
        };
        let kinds = services::kinds();
        start::create(&data, "test.example/log/1", &kinds, &settings).unwrap();
        let (store, _) = start::open(&data, &kinds, &settings).unwrap();
        import::import(&store, SOURCE).unwrap();
        let (clerk, resident) = (person(1, "Anna", true), person(2, "Jan", false));
        let neighbour = person(4, "Olga", false);
        write(&store, Op::put(&neighbour));
        write(
            &store,
            Op::put(&Commune {
                name: "Gmina Modrzewie".to_owned(),
                host: "localhost".to_owned(),
                teryt: None,
                address: None,
                phone: None,
                email: None,
                demo: true,
                config_hash: None,
            }),
        );
        write(&store, Op::put(&clerk));
        write(&store, Op::put(&resident));
        write(
            &store,
            Op::put(&Grant {
                id: GrantId(uuid::Uuid::from_u128(3)),
                person: clerk.id,
                role: Role::Clerk,
                unit: 0,
                from: "2026-01-01T00:00:00Z".parse().unwrap(),
                to: None,
                basis: "test".to_owned(),
                standing_in_for: None,
            }),
        );
        let scratch = Arc::new(Scratch::open(&data, clock.clone()).unwrap());
        let house = House::new(Parts {
            sessions: Arc::new(Sessions::open(Arc::clone(&scratch), clock)),
            store,
            scratch,
            passkeys: Passkeys::new("localhost", "http://localhost", "Gmina Modrzewie").unwrap(),
            workers: Pool::start(Path::new(PROGRAM), &["worker", "--best-effort"], 1).unwrap(),
            services: services::ALL,
            origin: "http://localhost".to_owned(),
            edge: Arc::default(),
        })
        .unwrap();
        let begin = |person: &Person| {
            let (staff, level) = (person.staff, person.level);
            let credential = CredentialId(uuid::Uuid::from_u128(9));
            let login =
                Login { person: person.id, staff, level, method: Method::Passkey, credential };
            house.sessions.begin(None, login).unwrap().0
        };
        let (clerk_token, resident_token) = (begin(&clerk), begin(&resident));
        let neighbour = begin(&neighbour);
        let runtime = Runtime::new().unwrap();
        let (stop, stopped) = watch::channel(false);
        let address = runtime.block_on(async {
            let place = SocketAddr::from(([127, 0, 0, 1], 0));
            let demo = DemoListener { places: vec![place.into()], hosts: Hosts::loopback() };
            let listeners = Listeners { demo: Some(demo), ..Listeners::default() };
            let bound = listeners.bind(&EdgeLimits::default()).unwrap();
            let address = bound.addresses(ListenerKind::Demo)[0];
            let app: Arc<dyn App> = house.clone();
            tokio::spawn(bound.serve(app, EdgeLimits::default(), stopped));
            address
        });
        let definition = Definition::parse(SOURCE).unwrap();
        let ruleset = definition.ruleset_on(day("2026-11-21")).unwrap();
        let rules = TreeRules::new(&definition, ruleset, Calendar::statutory()).unwrap();
        Town {
            house,
            address,
            clerk: clerk_token,
            resident: resident_token,
            neighbour,
            owner: resident.id,
            rules,
            _runtime: runtime,
            _stop: stop,
            _directory: directory,
        }
    }

    /// Puts a case whose commands were decided on their days.
    fn case(&self, number: u32, filed: &str, commands: &[(&str, Command)]) -> String {
        let submit = Command::Submit { received_on: day(filed), trees: vec![1, 2] };
        let mut state =
            decide(&CaseState::draft(), &submit, day(filed), &self.rules).unwrap().state;
        for (today, command) in commands {
            state = decide(&state, command, day(today), &self.rules).unwrap().state;
        }
        let answers = BTreeMap::from([
            ("owner.kind", "sole"),
            ("owner.first", "Jan"),
            ("owner.last", "Wierzba"),
            ("prop.parcel.precinct", "Modrzewie"),
            ("prop.parcel.number", "12/3"),
            ("trees[0].species", "dab"),
            ("trees[1].species", "lipa"),
            ("coowners[0].first", "Ewa"),
            ("coowners[0].last", "Lis"),
            ("coowners[0].address.locality", "Modrzewie"),
        ]);
        let answers =
            answers.into_iter().map(|(path, value)| (path.to_owned(), vec![value.to_owned()]));
        let id = CaseId(uuid::Uuid::from_u128(u128::from(number)));
        let case = TreeCase {
            id,
            owner: self.owner,
            number,
            year: 2026,
            filed: format!("{filed}T09:00:00Z").parse().unwrap(),
            procedure: PROCEDURE.to_owned(),
            definition_version: 1,
            answers: Json(answers.collect()),
            due: Some(day(filed)),
            state: Json(state),
            files: Vec::new(),
            assigned: None,
            office_number: None,
            filed_incomplete: false,
            register_closed: None,
            incoming_number: None,
        };
        write(&self.house.store, Op::put(&case));
        format!("/urzad/drzewa/{id}")
    }

    fn stored(&self, path: &str) -> TreeCase {
        let id = CaseId::parse(path.rsplit('/').next().unwrap()).unwrap();
        self.house.store.view().get::<TreeCase>(&id).unwrap().unwrap()
    }

    fn ask(&self, who: Option<&Token>, path: &str, form: Option<&[(&str, &str)]>) -> Answer {
        let mut curl = Process::new("curl");
        curl.args(["-s", "-w", "\n%{http_code} %{redirect_url}"]);
        if let Some(who) = who {
            curl.args(["-H", &format!("Cookie: __Host-sesja={}", who.reveal())]);
            let token = self.house.sessions.form_token(who);
            if form.is_some() {
                curl.args(["--data-urlencode", &format!("form_token={token}")]);
            }
        }
        for (name, value) in form.unwrap_or_default() {
            curl.args(["--data-urlencode", &format!("{name}={value}")]);
        }
        curl.arg(format!("http://{}{path}", self.address));
        // A picture is no text; what the tests ask of it is its status.
        let said = String::from_utf8_lossy(&curl.output().unwrap().stdout).into_owned();
        let (body, last) = said.rsplit_once('\n').unwrap();
        let (status, location) = last.split_once(' ').unwrap();
        let location =
            location.strip_prefix(&format!("http://{}", self.address)).unwrap_or(location);
        Answer {
            status: status.parse().unwrap(),
            location: location.to_owned(),
            body: body.to_owned(),
        }
    }

    fn see(&self, path: &str) -> String {
        let answer = self.ask(Some(&self.clerk), path, None);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        sound(path, &answer.body);
        keep(path, &answer.body);
        answer.body
    }

    fn act(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let key = uuid::Uuid::new_v4().to_string();
        let form = [form, &[("submission_key", key.as_str())]].concat();
        let answer = self.ask(Some(&self.clerk), path, Some(&form));
        if answer.status == 422 {
            sound(path, &answer.body);
            keep(&format!("{path}-422"), &answer.body);
        }
        answer
    }

    /// As [`Town::done`], with a file.
    fn act_with(&self, path: &str, form: &[(&str, &str)], file: (&str, &Path)) -> Answer {
        let mut curl = Process::new("curl");
        let address = self.address;
        curl.args([
            "-s",
            "-w",
            "\n%{http_code} ",
            "-F",
            &format!("{}=@{}", file.0, file.1.display()),
        ]);
        curl.args(["-H", &format!("Cookie: __Host-sesja={}", self.clerk.reveal())]);
        let token = self.house.sessions.form_token(&self.clerk);
        let key = uuid::Uuid::new_v4().to_string();
        let more = [("form_token", token.as_str()), ("submission_key", key.as_str())];
        for (name, value) in form.iter().chain(&more) {
            curl.args(["--form-string", &format!("{name}={value}")]);
        }
        curl.arg(format!("http://{address}{path}"));
        let said = String::from_utf8(curl.output().unwrap().stdout).unwrap();
        let (body, status) = said.rsplit_once('\n').unwrap();
        Answer {
            status: status.trim().parse().unwrap(),
            location: String::new(),
            body: body.to_owned(),
        }
    }

    fn done(&self, path: &str, form: &[(&str, &str)]) -> String {
        let answer = self.act(path, form);
        assert_eq!(answer.status, 303, "{path}: {}", answer.body);
        answer.location
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            crate::support::assert_index(&self.house.store);
        }
        self.house.store.close();
    }
}

/// A page without faults; the eye for them is compiled in on demand.
fn sound(path: &str, body: &str) {
    #[cfg(feature = "testing")]
    assert_eq!(crate::support::faults(body), Vec::<String>::new(), "{path}");
    assert!(!body.contains('⟦'), "{path}: a text is missing");
}

/// Leaves pages where somebody wants to look at them.
fn keep(path: &str, body: &str) {
    if let Ok(folder) = std::env::var("OSTOJA_PAGES") {
        let name: String = path
            .trim_matches('/')
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        std::fs::write(Path::new(&folder).join(format!("{name}.html")), body).unwrap();
    }
}

fn date_boxes<'a>(name: &str, day: &'a str) -> [(String, &'a str); 3] {
    let parts: Vec<&str> = day.split('-').collect();
    [
        (format!("{name}-year"), parts[0]),
        (format!("{name}-month"), parts[1]),
        (format!("{name}-day"), parts[2]),
    ]
}

/// A form from plain fields and dates.
fn form<'a>(plain: &[(&'a str, &'a str)], dates: &[(&str, &'a str)]) -> Vec<(String, &'a str)> {
    let mut all: Vec<(String, &str)> =
        plain.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
    dates.iter().for_each(|(name, day)| all.extend(date_boxes(name, day)));
    all
}

fn borrowed<'a>(form: &'a [(String, &'a str)]) -> Vec<(&'a str, &'a str)> {
    form.iter().map(|(name, value)| (name.as_str(), *value)).collect()
}

fn inspected(on: &str) -> Vec<(&str, Command)> {
    let finding = |tree| Finding {
        tree,
        gone: false,
        species: "dab".to_owned(),
        stems_5_mm: vec![900],
        stems_130_mm: Vec::new(),
        position: None,
        remarks: String::new(),
    };
    let inspection = Inspection {
        on: day(on),
        place: "działka 12/3".to_owned(),
        persons: vec![Present {
            name: "Anna Wierzba".to_owned(),
            capacity: "inspektor".to_owned(),
            signature: Signature::Signed,
            reason: String::new(),
        }],
        findings: vec![finding(1), finding(2)],
        protocol: "P/1".to_owned(),
    };
    vec![(on, Command::Accept), (on, Command::Inspect(inspection))]
}

#[test]
fn strangers_and_residents_do_not_get_in() {
    let town = Town::new();
    let case = town.case(1, "2026-11-16", &[]);
    for path in ["/urzad/skrzynka", case.as_str(), &format!("{case}/sprzeciw")] {
        let stranger = town.ask(None, path, None);
        assert_eq!(stranger.status, 303, "{path}");
        assert!(stranger.location.starts_with("/logowanie"), "{}", stranger.location);
        assert_eq!(town.ask(Some(&town.resident), path, None).status, 403, "{path}");
    }
    let take = [("submission_key", "0123456789abcdef")];
    assert_eq!(
        town.ask(Some(&town.resident), &format!("{case}/przyjmij"), Some(&take)).status,
        403
    );
    assert_eq!(town.stored(&case).assigned, None);
    let nothing = "/urzad/drzewa/00000000-0000-0000-0000-0000000000ff";
    assert_eq!(town.ask(Some(&town.clerk), nothing, None).status, 404);
}

#[test]
fn a_case_goes_from_the_inbox_to_an_objection() {
    let town = Town::new();
    let case = town.case(1, "2026-11-02", &[]);
    assert!(town.see("/urzad/skrzynka").contains(">1/2026<"));
    // The quick button has no key; a second press changes nothing.
    let quick = town.ask(Some(&town.clerk), &format!("{case}/przyjmij"), Some(&[]));
    assert_eq!(quick.status, 303);
    assert_eq!(town.act(&format!("{case}/przyjmij"), &[]).status, 422);
    assert_eq!(town.stored(&case).assigned, Some(PersonId(uuid::Uuid::from_u128(1))));
    assert!(town.see("/urzad/skrzynka?pokaz=moje").contains(">1/2026<"));
    assert!(!town.see("/urzad/skrzynka?pokaz=nieprzydzielone").contains(">1/2026<"));

    // Not yet: the rules name what comes before.
    assert!(!town.see(&case).contains("/sprzeciw\""));
    assert!(town.see(&format!("{case}/kompletne")).contains("<form"));
    let done = town.done(&format!("{case}/kompletne"), &[]);
    assert!(done.contains("pisma=initiation"), "{done}");
    assert!(town.see(&done).contains("KPA art. 61"));

    let findings = form(
        &[
            ("place", "działka 12/3"),
            ("protocol", "P/7"),
            ("person-1", "Anna"),
            ("capacity-1", "inspektor"),
            ("signature-1", "signed"),
            ("tree-1-species", "dab"),
            ("tree-1-stems5", "90; 41,5"),
            ("tree-2-skip", "yes"),
        ],
        &[("on", "2026-11-20")],
    );
    let mut wrong = findings.clone();
    wrong.retain(|(name, _)| name != "on-day");
    let refused = town.act(&format!("{case}/ogledziny"), &borrowed(&wrong));
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("value=\"90; 41,5\"") && refused.body.contains("value=\"P/7\""));
    town.done(&format!("{case}/ogledziny"), &borrowed(&findings));
    let tree = town.stored(&case).state.0.trees[0].clone();
    assert_eq!(tree.stems_5_mm, [900, 415]);
    assert_eq!(
        town.stored(&case).due,
        Some(day("2026-11-23")),
        "the other tree waits for its inspection"
    );

    let objection = form(
        &[
            ("trees", "1"),
            ("ground", "local-plan"),
            ("channel", "post"),
            ("evidence", "(00)1"),
            ("signatory", "Wójt"),
        ],
        &[("signed", "2026-11-20"), ("dispatched", "2026-11-21")],
    );
    town.done(&format!("{case}/sprzeciw"), &borrowed(&objection));
    let page = town.see(&case);
    assert!(
        page.contains("Anna Wierzba") && page.contains("/doreczono-sprzeciw"),
        "who did it, and what comes next"
    );
    assert!(page.contains("podpisanego pisma"), "no signed letter yet");
}

#[test]
fn a_late_dispatch_is_refused_and_silence_needs_a_closed_register() {
    let town = Town::new();
    let case = town.case(2, "2026-10-26", &inspected("2026-11-02"));
    let late = form(
        &[
            ("trees", "1"),
            ("trees", "2"),
            ("ground", "permit-needed"),
            ("channel", "ade"),
            ("evidence", "dowód 77"),
            ("signatory", "Wójt Jan"),
        ],
        &[("signed", "2026-11-16"), ("dispatched", "2026-11-20")],
    );
    let refused = town.act(&format!("{case}/sprzeciw"), &borrowed(&late));
    assert_eq!(refused.status, 422);
    assert!(
        refused.body.contains("16\u{a0}listopada") || refused.body.contains("16 listopada"),
        "names the last day"
    );
    assert!(
        refused.body.contains("value=\"dowód 77\"") && refused.body.contains("value=\"Wójt Jan\"")
    );
    assert!(town.stored(&case).state.0.trees.iter().all(|tree| tree.objection.is_none()));

    assert!(!town.see(&case).contains("/milczaca-zgoda\""));
    let early = form(&[], &[("through", "2026-11-22")]);
    assert_eq!(town.act(&format!("{case}/rejestr"), &borrowed(&early)).status, 422);
    town.done(&format!("{case}/rejestr"), &borrowed(&form(&[], &[("through", "2026-11-20")])));
    assert!(town.see(&case).contains("/milczaca-zgoda\""));
    town.done(&format!("{case}/milczaca-zgoda"), &[("trees", "1"), ("trees", "2")]);
    let state = town.stored(&case).state.0;
    assert!(state.trees.iter().all(|tree| tree.silent_from == Some(day("2026-11-17"))));
    assert!(!town.see("/urzad/skrzynka").contains(">2/2026<"), "nobody waits for anything");
}

#[test]
fn every_page_of_an_act_is_sound_and_letters_and_words_reach_the_case() {
    let town = Town::new();
    let cases = [
        town.case(1, "2026-11-16", &[]),
        town.case(2, "2026-11-02", &inspected("2026-11-16")),
        town.case(3, "2026-11-02", &[("2026-11-03", Command::Accept)]),
    ];
    let slugs = [
        "przyjmij",
        "znak",
        "rpw",
        "sprawdzenie",
        "strona",
        "strona-skreslona",
        "kompletne",
        "wezwij",
        "doreczono",
        "uzupelnienie",
        "uplyw",
        "przekaz",
        "odmow",
        "termin",
        "ogledziny",
        "zdjecie",
        "zaswiadczenie",
        "sprzeciw",
        "doreczono-sprzeciw",
        "odwolanie",
        "zwrot",
        "uchylenie",
        "ostateczna",
        "rejestr",
        "milczaca-zgoda",
        "umorzenie",
        "zawies",
        "podejmij",
        "wygasniecie",
        "pismo",
        "wiadomosc",
    ];
    for case in &cases {
        for slug in slugs {
            town.see(&format!("{case}/{slug}"));
        }
    }
    let case = &cases[0];
    town.done(&format!("{case}/znak"), &[("number", "OS.6131.12.2026")]);
    town.done(&format!("{case}/wiadomosc"), &[("text", "Proszę o <b>rysunek</b>.")]);
    assert_eq!(town.act(&format!("{case}/wiadomosc"), &[("text", " ")]).status, 422);
    let call = form(&[("track", "element"), ("missing", "drawing")], &[("issued", "2026-11-20")]);
    town.done(&format!("{case}/wezwij"), &borrowed(&call));
    let page = town.see(case);
    assert!(page.contains("OS.6131.12.2026") && page.contains("Proszę o &#60;b&#62;rysunek"));
    assert!(town.see("/urzad/skrzynka").contains("OS.6131.12.2026"));
    let found = town.ask(Some(&town.clerk), "/urzad/skrzynka?numer=3/2026", None);
    assert_eq!((found.status, found.location.as_str()), (303, cases[2].as_str()));
    assert_eq!(
        town.act(&format!("{case}/pismo"), &[("document", "objection")]).status,
        422,
        "without a file"
    );
}

#[test]
fn checks_parties_and_numbers_stand_in_the_case() {
    let town = Town::new();
    let case = town.case(1, "2026-11-02", &inspected("2026-11-16"));
    let page = town.see(&case);
    let words = html_words(&page, "main");
    assert!(words.contains("przez konto w portalu") && words.contains("potwierdzenie: wpis "));
    assert_eq!(words.matches("Nie ma wpisanego sprawdzenia").count(), 5, "{words}");
    town.done(&format!("{case}/rpw"), &[("incoming", "RPW/77/2026")]);
    assert_eq!(town.act(&format!("{case}/rpw"), &[("incoming", " ")]).status, 422);

    // A ground that nobody looked up is a caution, and no obstacle.
    let objection = form(
        &[
            ("trees", "1"),
            ("ground", "local-plan"),
            ("channel", "post"),
            ("evidence", "(00)1"),
            ("signatory", "Wójt"),
        ],
        &[("signed", "2026-11-20"), ("dispatched", "2026-11-20")],
    );
    let done = town.done(&format!("{case}/sprzeciw"), &borrowed(&objection));
    assert!(done.contains("trees-caution-unchecked"), "{done}");
    assert!(
        html_words(&town.see(&done), "main").contains("nie ma wpisanego sprawdzenia tej podstawy")
    );

    let look = |result: &'static str, found: &'static str| {
        form(
            &[
                ("of", "local-plan"),
                ("result", result),
                ("symbol", "3ZP"),
                ("paragraph", "§ 14"),
                ("found", found),
                ("source", "uchwała 12/2020"),
            ],
            &[("on", "2026-11-20")],
        )
    };
    let check = format!("{case}/sprawdzenie");
    assert!(town.see(&format!("{check}?co=local-plan")).contains("value=\"local-plan\" checked"));
    town.done(&check, &borrowed(&look("yes", "zieleń <urządzona>")));
    let words = html_words(&town.see(&case), "main");
    for part in ["RPW/77/2026", "3ZP, § 14: zieleń", "uchwała 12/2020", "Anna Wierzba"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    assert!(
        html_words(&town.see(&format!("{case}/sprzeciw")), "main").contains("3ZP, § 14: zieleń")
    );
    // A later look stands in its place; the earlier stays in the course of the case.
    town.done(&check, &borrowed(&look("no", "plan uchylono")));
    let page = town.see(&case);
    let facts = page.split("class=\"timeline\"").next().unwrap();
    assert!(facts.contains("plan uchylono") && !facts.contains("urządzona"), "{facts}");
    assert!(page.contains("urządzona"), "the course of the case keeps it");
    assert_eq!(town.stored(&case).state.0.checks.len(), 2);
    let late = form(&[("of", "ownership"), ("result", "yes")], &[("on", "2026-11-22")]);
    assert_eq!(town.act(&check, &borrowed(&late)).status, 422);

    let party = format!("{case}/strona");
    let ewa = [("name", "Ewa Lis"), ("address", "Leśna 4"), ("capacity", "coowner")];
    town.done(&party, &ewa);
    let refused = town.act(&party, &ewa);
    assert!(refused.status == 422 && refused.body.contains("już stroną"), "{}", refused.body);
    let strike = format!("{case}/strona-skreslona");
    assert!(town.see(&case).contains("strona-skreslona?co=1"));
    assert!(town.see(&format!("{strike}?co=1")).contains("value=\"1\" checked"));
    town.done(&strike, &[("party", "1"), ("reason", "sprzedała udział")]);
    let page = town.see(&case);
    assert!(page.contains("<s>Ewa Lis</s>") && !page.contains("strona-skreslona?"), "{page}");
    assert!(html_words(&page, "main").contains("sprzedała udział"));
    let again = town.act(&strike, &[("party", "1"), ("reason", "x")]);
    assert_eq!(again.status, 422, "there is nobody left to strike");
}

#[test]
fn whom_to_notify_is_listed_when_the_inspection_is_planned() {
    let town = Town::new();
    let case = town.case(1, "2026-11-16", &[("2026-11-16", Command::Accept)]);
    // Who is named in the notice is offered; the form begins with what it says of them.
    assert!(town.see(&case).contains(&format!("{case}/strona?co=0")));
    let begun = town.see(&format!("{case}/strona?co=0"));
    for part in ["value=\"Ewa Lis\"", "value=\"Modrzewie\"", "value=\"coowner\" checked"] {
        assert!(begun.contains(part), "{part}: {begun}");
    }
    town.done(&format!("{case}/strona"), &[("name", "Ewa Lis"), ("capacity", "coowner")]);
    let page = town.see(&case);
    assert!(!page.contains("strona?co=0"), "she is a party now");
    assert!(!page.contains("KPA art. 61 § 4 i art. 79"), "nothing is planned yet");
    let plan = form(&[], &[("on", "2026-12-01"), ("served", "2026-11-20")]);
    let done = town.done(&format!("{case}/termin"), &borrowed(&plan));
    assert!(done.contains("trees-caution-notify-parties"), "{done}");
    let words = html_words(&town.see(&case), "main").replace('\u{a0}', " ");
    for part in [
        "Jan Wierzba (zgłasza), adres nieznany",
        "Ewa Lis (współwłaściciel), adres nieznany",
        "Oględziny zaplanowane na1 grudnia 2026",
        "Zawiadomienie doręczono 20 listopada 2026",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
}

#[test]
fn a_photo_of_the_inspection_stands_beside_its_tree_for_staff_and_owner_alone() {
    let town = Town::new();
    let case = town.case(1, "2026-11-02", &inspected("2026-11-16"));
    let uploads = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/uploads");
    let photo = format!("{case}/zdjecie");
    let send = |tree: &str, file: &str| {
        town.act_with(&photo, &[("tree", tree)], ("file", &uploads.join(file)))
    };
    for (tree, file) in
        [("2", "szkic.pdf"), ("9", "gps.jpg"), ("", "gps.jpg"), ("2", "bad_width.bmp")]
    {
        assert_eq!(send(tree, file).status, 422, "{tree} {file}");
    }
    assert_eq!(town.act(&photo, &[("tree", "2")]).status, 422, "without a file");
    assert_eq!(town.stored(&case).files.len(), 0);
    assert_eq!(send("2", "gps.jpg").status, 303);
    let file = town.stored(&case).files[0].clone();
    assert_eq!((file.role, file.tree, file.from_office), (FileRole::Photo, Some(2), true));
    let page = town.see(&case);
    let (_, row) = page.split_once("zdjecie?co=1").unwrap();
    let thumbnail = format!("{case}/pliki/0/miniatura");
    let beside = row.find(&thumbnail).unwrap();
    assert!(beside < row.find("zdjecie?co=2").unwrap(), "in the row of tree 2");
    assert_eq!(page.matches(&thumbnail).count(), 1, "once, and not among the files again");
    assert!(html_words(&page, "main").contains("zdjęcie · Drzewo 2 · od urzędu"));

    let id = case.rsplit('/').next().unwrap();
    let own = format!("/moje-sprawy/{id}");
    let seen = town.ask(Some(&town.resident), &own, None);
    assert!(seen.body.contains(&format!("{own}/pliki/1/miniatura")), "{}", seen.body);
    assert!(html_words(&seen.body, "main").contains("Zdjęcia z oględzin"));
    sound(&own, &seen.body);
    for path in [thumbnail, format!("{own}/pliki/1/miniatura"), format!("{own}/pliki/1")] {
        assert_eq!(town.ask(None, &path, None).status, 303, "{path}: a stranger is sent to log in");
        assert_eq!(town.ask(Some(&town.neighbour), &path, None).status / 100, 4, "{path}");
    }
    assert_eq!(
        town.ask(Some(&town.resident), &format!("{own}/pliki/1/miniatura"), None).status,
        200
    );
}

#[test]
fn every_date_and_proof_of_a_case_is_on_its_page() {
    let town = Town::new();
    let plan = Command::PlanInspection { on: day("2026-11-10"), served_on: day("2026-11-03") };
    let mut commands = inspected("2026-11-10");
    commands.insert(1, ("2026-11-03", plan));
    commands[0].0 = "2026-11-03";
    commands.push((
        "2026-11-12",
        Command::Certify {
            trees: vec![1],
            on: day("2026-11-12"),
            requested: true,
            fee_proof: Some("KP 7".to_owned()),
        },
    ));
    commands.push(("2026-11-14", Command::ReportRemoval { trees: vec![1], on: day("2026-11-13") }));
    let silent =
        Command::NoteSilence { trees: vec![2], register_closed_through: day("2026-11-24") };
    commands.push(("2026-11-25", silent));
    let case = town.case(1, "2026-11-02", &commands);
    let words = html_words(&town.see(&case), "main").replace('\u{a0}', " ");
    for part in [
        "Oględziny zaplanowane na10 listopada 2026",
        "Zawiadomienie doręczono 3 listopada 2026",
        "10 listopada 2026, działka 12/3",
        "Protokół: P/1",
        "Anna Wierzba, inspektor: podpis jest",
        "Zaświadczenie 12 listopada 2026, na wniosek",
        "Dowód opłaty: KP 7",
        "Usunięto 13 listopada 2026",
        "Usunięcie zgłoszono 14 listopada 2026",
        "Opłata z ust. 17 możliwa do",
        "Milcząca zgoda od 25 listopada 2026",
        "Adnotacja w aktach (KPA art. 122e) 25 listopada 2026",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
}

/// Every `unverified` of a definition file, wherever it stands.
fn marks(value: &toml::Value, found: &mut Vec<String>) {
    match value {
        toml::Value::Table(table) => {
            for (name, value) in table {
                match value {
                    toml::Value::String(text) if name == "unverified" => found.push(text.clone()),
                    value => marks(value, found),
                }
            }
        }
        toml::Value::Array(values) => values.iter().for_each(|value| marks(value, found)),
        _ => {}
    }
}

#[test]
fn whatever_is_marked_unverified_stays_visible_to_staff() {
    let town = Town::new();
    let mut all = Vec::new();
    marks(&toml::Value::Table(SOURCE.parse().unwrap()), &mut all);
    assert!(all.len() > 30, "{}", all.len());
    let page = town.see("/urzad/sprawy/srod-drzewa-zgl/do-potwierdzenia");
    let words = html_words(&page, "main");
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for mark in &all {
        let times = all.iter().filter(|other| *other == mark).count();
        assert_eq!(words.matches(&one_line(mark)).count(), times, "{mark}");
    }
    for question in ["Q1", "Q7", "Q13"] {
        assert!(page.contains(&format!("<strong>{question}</strong>")), "{question}");
    }

    // Beside the term in the case, too, and no other version's.
    let case = town.case(1, "2026-11-02", &inspected("2026-11-16"));
    let page = town.see(&case);
    let words = html_words(&page, "main");
    let rules = &town.rules;
    let terms = [&rules.objection, &rules.hybrid_margin, &rules.validity];
    let marks = terms.map(|term| term.unverified.as_deref()).into_iter();
    for mark in marks.chain([rules.ruleset.unverified.as_deref()]) {
        let mark = mark.unwrap();
        assert!(words.contains(&one_line(mark)), "{mark}");
    }
    assert!(words.contains("UOP art. 83f ust. 8 [S]: Czy art. 57 § 4 KPA"), "{words}");
    let link = "/urzad/sprawy/srod-drzewa-zgl/do-potwierdzenia?wersja=1";
    assert!(page.contains(link));
    town.see(link);
    for none in ["2", "x", "-1"] {
        let path = format!("/urzad/sprawy/srod-drzewa-zgl/do-potwierdzenia?wersja={none}");
        assert_eq!(town.ask(Some(&town.clerk), &path, None).status, 404, "{path}");
    }
}
