//! What the office is offered in which state, and that every act can be named and asked for in three languages.
//! The acts themselves are tried over HTTP in `tests/it/office.rs`.

use std::{collections::BTreeMap, sync::Arc};

use jiff::civil::Date;

use super::{
    aside,
    forms::{self, AskKind},
    offer::{self, Bench},
    reader::{Reader, date_of},
    verbs::{ACTIONS, Verb},
};
use crate::{
    kernel::{identity::PersonId, store::record::BlobRef},
    services::{
        catalogue::{self, Calendar, Definition},
        trees::{
            CaseState, Channel, Check, CheckOf, CheckResult, Command, Finality, Finding, Ground,
            Inspection, ObjectionAct, PROCEDURE, Person, PlanPlace, Refusal, Signature,
            SuspensionGround, Track, TreeRules, decide,
            model::{CaseFile, CaseId, FileRole, Json, TreeCase},
        },
    },
    web::{
        chrome::Chrome,
        house::WEB_TEXTS,
        i18n::{Catalogue, Lang, Texts, UI},
        input::Form,
    },
};

const SOURCE: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/demo/procedures/srod-drzewa-zgl.toml"));

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

struct Room {
    definition: Definition,
    rules: TreeRules,
    texts: Arc<Catalogue>,
}

impl Room {
    fn new() -> Room {
        let definition = Definition::parse(SOURCE).unwrap();
        let ruleset = definition.ruleset_on(day("2026-11-02")).unwrap();
        let rules = TreeRules::new(&definition, ruleset, Calendar::statutory()).unwrap();
        let all =
            [&UI, &WEB_TEXTS, &catalogue::SERVICE.texts, &crate::services::trees::SERVICE.texts];
        // Where the web joins its texts into one, the second of two is the first again.
        let texts = Catalogue::new(&all).or_else(|_| Catalogue::new(&[all[0], all[2], all[3]]));
        Room { texts: Arc::new(texts.unwrap()), definition, rules }
    }

    fn chrome(&self, lang: Lang) -> Chrome {
        Chrome::new(self.texts.clone(), lang, "Gmina Modrzewie", "/urzad/skrzynka")
    }

    /// A case filed on 2 November with two trees, after these commands on their days.
    fn case(&self, commands: &[(&str, Command)]) -> TreeCase {
        let submit = Command::Submit { received_on: day("2026-11-02"), trees: vec![1, 2] };
        let mut state: CaseState =
            decide(&CaseState::draft(), &submit, day("2026-11-02"), &self.rules).unwrap().state;
        for (on, command) in commands {
            state = decide(&state, command, day(on), &self.rules).unwrap().state;
        }
        TreeCase {
            id: CaseId(uuid::Uuid::nil()),
            owner: PersonId(uuid::Uuid::nil()),
            number: 1,
            year: 2026,
            filed: "2026-11-02T09:00:00Z".parse().unwrap(),
            procedure: PROCEDURE.to_owned(),
            definition_version: 1,
            answers: Json(BTreeMap::new()),
            state: Json(state),
            files: Vec::new(),
            assigned: None,
            office_number: None,
            due: None,
            filed_incomplete: false,
            register_closed: None,
            incoming_number: None,
        }
    }

    fn bench<'a>(&'a self, case: &'a TreeCase, today: &str) -> Bench<'a> {
        let me = PersonId(uuid::Uuid::from_u128(7));
        Bench { case, definition: &self.definition, rules: &self.rules, today: day(today), me }
    }
}

fn inspect(trees: &[u64]) -> Command {
    let finding = |tree: &u64| Finding {
        tree: *tree,
        gone: false,
        species: "dab".to_owned(),
        stems_5_mm: vec![900],
        stems_130_mm: Vec::new(),
        position: None,
        remarks: String::new(),
    };
    Command::Inspect(Inspection {
        on: day("2026-11-10"),
        place: "12/3".to_owned(),
        persons: vec![Person {
            name: "A".to_owned(),
            capacity: "inspektor".to_owned(),
            signature: Signature::Signed,
            reason: String::new(),
        }],
        findings: trees.iter().map(finding).collect(),
        protocol: "P/1".to_owned(),
    })
}

fn object(trees: &[u64]) -> Command {
    Command::Object(ObjectionAct {
        trees: trees.to_vec(),
        ground: Ground::LocalPlan,
        signed_on: day("2026-11-12"),
        dispatched_on: day("2026-11-12"),
        channel: Channel::Post,
        evidence: "1".to_owned(),
        signatory: "Wójt".to_owned(),
        doubt: None,
    })
}

fn served(trees: &[u64]) -> Command {
    Command::ObjectionServed { trees: trees.to_vec(), on: day("2026-11-13") }
}

/// The acts on offer, by the last part of their path.
fn offered(room: &Room, case: &TreeCase, today: &str) -> Vec<&'static str> {
    let offers = offer::offers(&room.bench(case, today));
    offers.iter().filter(|offer| offer.refused.is_none()).map(|offer| offer.verb.slug()).collect()
}

/// A state, the commands that lead to it, a day, and what is offered then.
type State = (&'static str, Vec<(&'static str, Command)>, &'static str, Vec<&'static str>);

fn check(rows: Vec<State>) {
    let room = Room::new();
    for (name, commands, today, expected) in rows {
        assert_eq!(offered(&room, &room.case(&commands), today), expected, "{name}");
    }
}

fn call(track: Track) -> (&'static str, Command) {
    let missing = vec!["x".to_owned()];
    ("2026-11-03", Command::Call { track, missing, issued_on: day("2026-11-03") })
}

fn called_on_the_4th(track: Track) -> Vec<(&'static str, Command)> {
    vec![call(track), ("2026-11-04", Command::CallServed { on: day("2026-11-04") })]
}

fn inspected() -> Vec<(&'static str, Command)> {
    vec![("2026-11-03", Command::Accept), ("2026-11-10", inspect(&[1, 2]))]
}

fn objected() -> Vec<(&'static str, Command)> {
    let after = [("2026-11-12", object(&[1, 2])), ("2026-11-13", served(&[1, 2]))];
    [inspected().as_slice(), &after].concat()
}

#[test]
fn before_the_inspection_each_state_offers_what_its_rules_allow() {
    let lapse = [called_on_the_4th(Track::Element), vec![("2026-11-20", Command::NoteLapse)]];
    let to =
        Command::Forward { to: "WKZ".to_owned(), reason: "x".to_owned(), on: day("2026-11-03") };
    check(vec![
        (
            "filed",
            vec![],
            "2026-11-03",
            vec!["przyjmij", "kompletne", "wezwij", "przekaz", "odmow"],
        ),
        (
            "called",
            vec![call(Track::Element)],
            "2026-11-04",
            vec!["przyjmij", "doreczono", "uzupelnienie", "przekaz", "odmow"],
        ),
        (
            "incomplete",
            called_on_the_4th(Track::Element),
            "2026-11-05",
            vec!["przyjmij", "uzupelnienie"],
        ),
        (
            "incomplete, over",
            called_on_the_4th(Track::Formal),
            "2026-11-20",
            vec!["przyjmij", "uzupelnienie", "uplyw"],
        ),
        ("objection due", lapse.concat(), "2026-11-20", vec!["przyjmij", "sprzeciw"]),
        (
            "accepted",
            vec![("2026-11-03", Command::Accept)],
            "2026-11-05",
            vec!["przyjmij", "wezwij", "przekaz", "termin", "ogledziny", "zawies"],
        ),
        ("forwarded", vec![("2026-11-03", to)], "2026-11-04", vec![]),
    ]);
}

#[test]
fn after_the_inspection_each_state_offers_what_its_rules_allow() {
    let and =
        |before: Vec<(&'static str, Command)>, on, command| [before, vec![(on, command)]].concat();
    let (trees, on) = (vec![1, 2], day("2026-11-16"));
    let suspend = Command::Suspend { ground: SuspensionGround::Mandatory, on: day("2026-11-11") };
    let appeal = Command::Appeal { trees: trees.clone(), sent_on: on, received_on: on };
    let waive = Command::MakeFinal { trees, how: Finality::Waiver, on };
    check(vec![
        (
            "inspected",
            inspected(),
            "2026-11-12",
            vec!["przyjmij", "zaswiadczenie", "sprzeciw", "umorzenie", "zawies"],
        ),
        (
            "suspended",
            and(inspected(), "2026-11-11", suspend),
            "2026-11-12",
            vec!["przyjmij", "podejmij"],
        ),
        (
            "objected",
            objected(),
            "2026-11-16",
            vec!["przyjmij", "doreczono-sprzeciw", "odwolanie", "ostateczna"],
        ),
        (
            "appealed",
            and(objected(), "2026-11-16", appeal),
            "2026-11-18",
            vec!["przyjmij", "doreczono-sprzeciw", "zwrot", "uchylenie", "ostateczna"],
        ),
        ("final", and(objected(), "2026-11-16", waive), "2026-11-18", vec!["przyjmij"]),
    ]);
}

#[test]
fn silence_waits_for_the_term_and_then_for_the_register() {
    let room = Room::new();
    let mut case = room.case(&[("2026-11-03", Command::Accept), ("2026-11-10", inspect(&[1, 2]))]);
    let why = |case: &TreeCase, today: &str| {
        offer::offer(Verb::Silence, &room.bench(case, today)).refused.map(|refused| refused.why)
    };
    assert_eq!(why(&case, "2026-11-24"), Some(Refusal::TermNotOver));
    assert_eq!(why(&case, "2026-11-25"), Some(Refusal::RegisterOpen));
    case.register_closed = Some(day("2026-11-24"));
    assert_eq!(why(&case, "2026-11-25"), None);
}

#[test]
fn only_the_trees_that_an_act_fits_are_named() {
    let room = Room::new();
    let case = room.case(&[("2026-11-03", Command::Accept), ("2026-11-10", inspect(&[2]))]);
    let bench = room.bench(&case, "2026-11-12");
    let trees = |verb| offer::offer(verb, &bench).trees;
    assert_eq!((trees(Verb::Object), trees(Verb::Inspect)), (vec![2], vec![1]));
    let begun = forms::beginning(Verb::Object, &bench, &[2]);
    assert!(begun.chosen("trees", "2"), "the only tree is ticked");
}

#[test]
fn acts_and_their_questions_are_said_in_three_languages() {
    let room = Room::new();
    let case = room.case(&[]);
    let bench = room.bench(&case, "2026-11-12");
    let ours = Texts {
        pl: include_str!("../texts/office.pl.ftl"),
        en: include_str!("../texts/office.en.ftl"),
        uk: include_str!("../texts/office.uk.ftl"),
    };
    let ours = Catalogue::new(&[&ours]).unwrap();
    for lang in [Lang::En, Lang::Uk] {
        assert_eq!(ours.untranslated(lang), Vec::<&str>::new());
    }
    for action in ACTIONS {
        assert!(room.texts.has(action.sentence), "{}", action.sentence);
        let event = action.name.replace("trees.", "trees-event-");
        assert!(room.texts.has(&event), "{event}");
    }
    let c = room.chrome(Lang::Pl);
    for verb in Verb::ALL {
        assert!(!c.plain(verb.key()).contains('⟦'), "{verb:?}");
        for ask in forms::asks(*verb, &bench, &[1, 2], &c) {
            assert!(
                !ask.label.contains('⟦') && !ask.hint.as_str().contains('⟦'),
                "{verb:?} {}",
                ask.name
            );
            if let AskKind::One(choices) | AskKind::Many(choices) | AskKind::Select(choices) =
                &ask.kind
            {
                assert!(
                    choices.iter().all(|choice| !choice.label.contains('⟦')),
                    "{verb:?} {}",
                    ask.name
                );
            }
        }
    }
}

#[test]
fn what_was_typed_is_read_or_comes_back() {
    let room = Room::new();
    let case = room.case(&[("2026-11-03", Command::Accept), ("2026-11-10", inspect(&[1, 2]))]);
    let (c, bench) = (room.chrome(Lang::Pl), room.bench(&case, "2026-11-12"));
    let read = |verb: Verb, body: &str| {
        let form = Form::parse(body.as_bytes()).unwrap();
        let asks = forms::asks(verb, &bench, &[1, 2], &c);
        let mut reader = Reader::new(&form, &c, &asks);
        let command = forms::command(verb, &mut reader, &bench);
        (command, reader.f, asks)
    };
    let whole = "trees=1&trees=2&ground=protected-area&signed-day=12&signed-month=11&signed-year=2026&signatory=W%C3%B3jt\
                 &dispatched-day=13&dispatched-month=11&dispatched-year=2026&channel=ade&evidence=77";
    let (command, f, asks) = read(Verb::Object, whole);
    let Some(Command::Object(act)) = command else { panic!("{:?}", f.wrongs()) };
    assert_eq!(
        (act.trees, act.ground, act.channel),
        (vec![1, 2], Ground::ProtectedArea, Channel::Ade)
    );
    assert_eq!(
        (act.signed_on, act.dispatched_on, act.doubt),
        (day("2026-11-12"), day("2026-11-13"), None)
    );
    let said = forms::summary(&forms::said(&asks, &f));
    assert!(
        said.contains("Drzewo 1, Drzewo 2") && said.contains("13.11.2026") && said.contains("77"),
        "{said}"
    );

    let (command, f, _) =
        read(Verb::Object, "trees=1&signed-day=31&signed-month=2&signed-year=2026&evidence=77");
    assert_eq!(command, None);
    let fields: Vec<&str> = f.wrongs().iter().map(|wrong| wrong.field.as_str()).collect();
    assert_eq!(fields, ["ground", "signed", "signatory", "dispatched", "channel"], "all at once");
    assert_eq!((f.part("signed", "day"), f.value("evidence")), ("31", "77"));
}

#[test]
fn dates_in_boxes_are_whole_days() {
    for (boxes, expected) in [
        (["21", "11", "2026"], Some("2026-11-21")),
        (["1", "2", "2026"], Some("2026-02-01")),
        (["29", "2", "2026"], None),
        (["1", "2", "26"], None),
        (["", "2", "2026"], None),
        (["-1", "2", "2026"], None),
        (["111", "2", "2026"], None),
    ] {
        let [d, m, y] = boxes;
        assert_eq!(date_of(d, m, y), expected.map(day), "{boxes:?}");
    }
}

/// What a form makes of its answers: the command, the boxes that are wrong.
fn read(room: &Room, case: &TreeCase, verb: Verb, body: &str) -> (Option<Command>, Vec<String>) {
    let (c, bench) = (room.chrome(Lang::Pl), room.bench(case, "2026-11-12"));
    let form = Form::parse(body.as_bytes()).unwrap();
    let asks = forms::asks(verb, &bench, &offer::offer(verb, &bench).trees, &c);
    let mut reader = Reader::new(&form, &c, &asks);
    let command = forms::command(verb, &mut reader, &bench);
    (command, reader.f.wrongs().iter().map(|wrong| wrong.field.clone()).collect())
}

#[test]
fn a_look_into_a_register_is_read_with_its_clerk() {
    let room = Room::new();
    let case = room.case(&[]);
    let rest =
        "result=yes&found=ziele%C5%84&source=uchwa%C5%82a&on-day=11&on-month=11&on-year=2026";
    let plan = format!("of=local-plan&symbol=3ZP&paragraph=%C2%A7+14&{rest}");
    let (command, wrong) = read(&room, &case, Verb::Check, &plan);
    let Some(Command::RecordCheck(check)) = command else { panic!("{wrong:?}") };
    assert_eq!((check.of, check.result), (CheckOf::LocalPlan, CheckResult::Yes));
    assert_eq!(check.plan.unwrap().symbol, "3ZP");
    assert_eq!((check.by, check.on), (PersonId(uuid::Uuid::from_u128(7)), day("2026-11-11")));
    for (body, expected) in [
        (format!("of=local-plan&{rest}"), vec!["symbol", "paragraph"]),
        (format!("of=natural-monument&{rest}"), vec!["trees"]),
        ("of=ownership".to_owned(), vec!["result", "found", "source", "on"]),
        (format!("of=else&{rest}"), vec!["of"]),
    ] {
        assert_eq!(read(&room, &case, Verb::Check, &body), (None, texts(&expected)), "{body}");
    }
    let (command, _) =
        read(&room, &case, Verb::Check, &format!("of=natural-monument&trees=2&{rest}"));
    let Some(Command::RecordCheck(check)) = command else { panic!("not read") };
    assert_eq!((check.trees, check.plan), (vec![2], None));
}

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn who_did_not_sign_is_explained_and_a_place_is_in_poland() {
    let room = Room::new();
    let case = room.case(&[("2026-11-03", Command::Accept)]);
    let body = |person: &str, place: &str| {
        format!(
            "on-day=10&on-month=11&on-year=2026&place=12/3&protocol=P/1&{person}&tree-2-skip=yes\
             &tree-1-species=dab&tree-1-stems5=90&tree-1-position={place}"
        )
    };
    let anna = "person-1=Anna&capacity-1=inspektor&signature-1=signed";
    let (command, wrong) = read(&room, &case, Verb::Inspect, &body(anna, "53,12345+17,65432"));
    let Some(Command::Inspect(act)) = command else { panic!("{wrong:?}") };
    assert_eq!(act.persons[0].signature, Signature::Signed);
    let place = act.findings[0].position.unwrap();
    assert_eq!((place.latitude, place.longitude), (53_123_450, 17_654_320));
    let jan = format!("{anna}&person-2=Jan&capacity-2=w%C5%82a%C5%9Bciciel");
    let refused = format!("{jan}&signature-2=refused");
    for (person, place, expected) in [
        (anna, "17,65432+53,12345", vec!["tree-1-position"]),
        (anna, "tam", vec!["tree-1-position"]),
        (&jan, "", vec!["signature-2"]),
        (&refused, "", vec!["unsigned-2"]),
        ("person-1=", "", vec!["person-1"]),
    ] {
        let found = read(&room, &case, Verb::Inspect, &body(person, place));
        assert_eq!(found, (None, texts(&expected)), "{person} {place}");
    }
    let explained = format!("{refused}&unsigned-2=inny+obw%C3%B3d");
    let (command, _) = read(&room, &case, Verb::Inspect, &body(&explained, ""));
    let Some(Command::Inspect(act)) = command else { panic!("not read") };
    assert_eq!(act.persons[1].reason, "inny obwód");
    assert_eq!(act.findings[0].position, None);
}

#[test]
fn the_notice_suggests_parties_and_a_link_fills_them_in() {
    let room = Room::new();
    let mut case = room.case(&[]);
    let answers = [
        ("coowners[0].first", "Ewa"),
        ("coowners[0].last", "Lis"),
        ("coowners[0].address.street", "Leśna"),
        ("coowners[0].address.house", "4"),
        ("coowners[0].address.postcode", "08-400"),
        ("coowners[0].address.locality", "Modrzewie"),
        ("coowners[1].last", "Buk"),
        ("agent.first", "Adam"),
    ];
    let answers = answers.map(|(path, value)| (path.to_owned(), vec![value.to_owned()]));
    case.answers = Json(answers.into());
    let bench = room.bench(&case, "2026-11-12");
    let suggested: Vec<String> =
        aside::suggestions(&bench).into_iter().map(|entry| entry.name).collect();
    assert_eq!(suggested, ["Ewa Lis", "Buk", "Adam"]);
    let begun = |query: &str| {
        let mut f = forms::beginning(Verb::AddParty, &bench, &[]);
        let query = Form::parse(query.as_bytes()).unwrap();
        aside::begin(&mut f, Verb::AddParty, &query, &bench);
        [f.value("name"), f.value("address"), f.value("capacity")].map(str::to_owned)
    };
    assert_eq!(begun("co=0"), ["Ewa Lis", "Leśna 4, 08-400 Modrzewie", "coowner"]);
    assert_eq!(begun("co=2"), ["Adam", "", "agent"]);
    for none in ["co=3", "co=-1", "co=x", ""] {
        assert_eq!(begun(none), ["", "", ""], "{none}");
    }
    for (body, expected) in [
        ("name=+&capacity=coowner", vec!["name"]),
        ("name=Ewa&capacity=other", vec!["words"]),
        ("name=Ewa", vec!["capacity"]),
    ] {
        assert_eq!(read(&room, &case, Verb::AddParty, body), (None, texts(&expected)), "{body}");
    }
    let unknown =
        |command: Option<Command>| matches!(command, Some(Command::StrikeParty { n: 0, .. }));
    assert!(unknown(read(&room, &case, Verb::StrikeParty, "reason=x").0), "the rules refuse it");
}

#[test]
fn a_ground_shows_the_check_that_belongs_to_it() {
    let room = Room::new();
    let mut case = room.case(&inspected());
    let c = room.chrome(Lang::Pl);
    let hint =
        |case: &TreeCase, ground| aside::ground_hint(&c, &room.bench(case, "2026-11-12"), ground);
    assert!(hint(&case, Ground::LocalPlan).contains("Nie ma wpisanego sprawdzenia"));
    assert_eq!(hint(&case, Ground::PermitNeeded), Ground::PermitNeeded.basis());
    let look = |of, trees: &[u64], found: &str| Check {
        of,
        trees: trees.to_vec(),
        result: CheckResult::Yes,
        plan: Some(PlanPlace { symbol: "3ZP".to_owned(), paragraph: "§ 14".to_owned() })
            .filter(|_| of == CheckOf::LocalPlan),
        found: found.to_owned(),
        source: "plan".to_owned(),
        on: day("2026-11-11"),
        by: PersonId(uuid::Uuid::nil()),
    };
    case.state.0.checks = vec![
        look(CheckOf::LocalPlan, &[], "zieleń"),
        look(CheckOf::NaturalMonument, &[2], "320 cm"),
    ];
    let plan = hint(&case, Ground::LocalPlan);
    assert!(
        plan.contains("11\u{a0}listopada 2026") && plan.contains("3ZP, § 14: zieleń"),
        "{plan}"
    );
    let monument = hint(&case, Ground::NaturalMonument);
    assert!(monument.contains("Drzewo 2: ") && !monument.contains("Drzewo 1"), "{monument}");
}

#[test]
fn what_stands_beside_the_course_is_not_among_its_steps() {
    let room = Room::new();
    let case = room.case(&[]);
    let bench = room.bench(&case, "2026-11-12");
    for verb in Verb::ALL.iter().filter(|verb| verb.is_aside()) {
        assert!(offer::offers(&bench).iter().all(|offer| offer.verb != *verb), "{verb:?}");
    }
    let why = |verb| offer::offer(verb, &bench).refused.map(|refused| refused.why);
    assert_eq!(why(Verb::Check), None);
    assert_eq!(why(Verb::StrikeParty), Some(Refusal::UnknownParty));
    assert_eq!(why(Verb::Photo), Some(Refusal::NotInspected));
    let mut seen = room.case(&inspected());
    assert_eq!(offer::offer(Verb::Photo, &room.bench(&seen, "2026-11-12")).trees, [1, 2]);
    let blob = BlobRef { seq: 1, body: 1 };
    let photo = CaseFile {
        role: FileRole::Photo,
        name: "dąb.jpg".to_owned(),
        media_type: "image/jpeg".to_owned(),
        bytes: 1,
        sha256: String::new(),
        original: blob,
        shown: None,
        thumbnail: None,
        field: String::new(),
        from_office: true,
        added: seen.filed,
        tree: Some(1),
    };
    seen.files = vec![photo; 20];
    assert_eq!(read(&room, &seen, Verb::Photo, "tree=1"), (None, texts(&["file"])), "enough");
    assert_eq!(read(&room, &seen, Verb::Photo, "tree=2").0, Some(Command::AddPhoto { tree: 2 }));
}
