//! What the office is offered in which state, and that every act can be named and asked for in three languages.
//! The acts themselves are tried over HTTP in `tests/it/office.rs`.

use std::{collections::BTreeMap, sync::Arc};

use jiff::civil::Date;

use super::{
    forms::{self, AskKind},
    offer::{self, Bench},
    reader::{Reader, date_of},
    verbs::{ACTIONS, Verb},
};
use crate::{
    kernel::identity::PersonId,
    services::{
        catalogue::{self, Calendar, Definition},
        trees::{
            CaseState, Channel, Command, Finality, Finding, Ground, Inspection, ObjectionAct,
            PROCEDURE, Person, Refusal, Signature, SuspensionGround, Track, TreeRules, decide,
            model::{CaseId, Json, TreeCase},
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
    let said = forms::summary(&asks, &f);
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
