//! The engine against the real definition of the tree notice.

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::super::definition::Level;
use super::super::message::Message;
use super::*;

const TREES: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/demo/procedures/srod-drzewa-zgl.toml"));
const TODAY: Date = Date::constant(2026, 11, 23);

struct Desk {
    definition: Definition,
    dictionaries: BTreeMap<String, Vec<String>>,
}

impl Desk {
    fn new() -> Desk {
        let precincts = vec!["Modrzewie".to_owned(), "Łąki Górne".to_owned()];
        Desk {
            definition: Definition::parse(TREES).unwrap(),
            dictionaries: BTreeMap::from([("precincts".to_owned(), precincts)]),
        }
    }

    fn context(&self) -> Context<'_> {
        Context { definition: &self.definition, today: TODAY, dictionaries: &self.dictionaries }
    }

    fn step(&self, id: &str) -> &Step {
        self.definition.step(id).unwrap()
    }

    /// Findings as `path: key/weight`, key being that of the sentence.
    fn findings(&self, step: &str, answers: &Answers) -> Vec<String> {
        check_step(self.context(), self.step(step), answers)
            .iter()
            .map(|error| format!("{}: {}/{:?}", error.path, error.message("pl").key, error.weight))
            .collect()
    }
}

fn answers(given: &[(&str, &str)]) -> Answers {
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, value) in given {
        values.entry((*path).to_owned()).or_default().push((*value).to_owned());
    }
    Answers::from(values)
}

/// A complete, careful notice.
fn complete() -> Vec<(&'static str, &'static str)> {
    vec![
        ("owner.kind", "sole"),
        ("owner.first", "Anna"),
        ("owner.last", "Kowalska-Nowak"),
        ("owner.address.street", "Leśna"),
        ("owner.address.house", "4"),
        ("owner.address.postcode", "08-400"),
        ("owner.address.locality", "Modrzewie"),
        ("phone", "601 234 567"),
        ("prop.parcel.precinct", "modrzewie"),
        ("prop.parcel.number", "12 / 4"),
        ("prop.monument", "unknown"),
        ("purpose.business", "no"),
        ("prop.owner_types", "yes"),
        ("trees[0].species", "dab"),
        ("trees[0].stems_cm", "81,5 cm"),
        ("trees[0].stems_cm", ""),
        ("trees[0].stems_cm", "40"),
        ("trees[0].point", "52.1234, 21.0123"),
        ("cert.request", "yes"),
    ]
}

fn complete_but(changes: &[(&'static str, &'static str)]) -> Answers {
    let mut given = complete();
    for (path, _) in changes {
        given.retain(|(known, _)| known != path);
    }
    given.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
    answers(&given)
}

#[test]
fn a_careful_notice_has_no_findings() {
    let desk = Desk::new();
    assert_eq!(check_all(desk.context(), &answers(&complete())), []);
    assert_eq!(missing_statutory(desk.context(), &answers(&complete())), []);
}

#[test]
fn an_empty_notice_is_missing_but_not_wrong() {
    let desk = Desk::new();
    let empty = Answers::default();
    let all = check_all(desk.context(), &empty);
    assert!(all.iter().all(|error| error.weight == Weight::Missing));
    let statutory: Vec<String> =
        missing_statutory(desk.context(), &empty).into_iter().map(|error| error.path).collect();
    assert_eq!(
        statutory,
        ["owner.first", "owner.last", "prop.parcel.precinct", "trees[0]", "sketch"]
    );
    let formal: Vec<&str> = all
        .iter()
        .filter(|error| error.level == Level::K)
        .map(|error| error.path.as_str())
        .collect();
    assert_eq!(formal, ["owner.address.street"]);
}

/// Each row: a step, what is typed instead, the finding.
#[test]
fn wrong_answers_get_their_own_sentence() {
    let desk = Desk::new();
    for (step, path, typed, finding) in [
        ("kto", "owner.kind", "king", "form-unknown-choice/Wrong"),
        ("wlasciciel", "owner.first", "Anna1", "form-name-letter/Wrong"),
        ("wlasciciel", "phone", "12345", "form-phone/Wrong"),
        ("wlasciciel", "email", "anna", "form-email-at/Wrong"),
        ("wlasciciel", "owner.address.postcode", "8-400", "form-postcode/Wrong"),
        ("wlasciciel", "owner.address.house", "", "form-missing-house/Wrong"),
        ("wlasciciel", "owner.address.locality", " ", "form-missing-locality/Wrong"),
        ("nieruchomosc", "prop.parcel.precinct", "Marsjanowo", "form-not-in-list/Wrong"),
        ("nieruchomosc", "prop.parcel.number", "12/", "form-parcel-number/Wrong"),
        ("nieruchomosc", "prop.parcel.number", "", "form-missing-parcel-number/Wrong"),
        ("nieruchomosc", "prop.kw", "LU1B/00012345/7", "form-kw-check/Wrong"),
        ("nieruchomosc", "prop.parcel_id", "141201.0001.12", "form-parcel-id/Wrong"),
        ("drzewa", "trees[0].species", "baobab", "form-unknown-choice/Wrong"),
        ("drzewa", "trees[0].stems_cm", "gruby", "form-not-a-number/Wrong"),
        ("drzewa", "trees[0].stems_cm", "81,55", "form-too-precise/Wrong"),
        ("drzewa", "trees[0].stems_cm", "0", "form-out-of-range/Wrong"),
        ("drzewa", "trees[0].stems_cm", "1500,1", "form-out-of-range/Wrong"),
        ("drzewa", "trees[0].point", "tam", "form-not-a-point/Wrong"),
        ("drzewa", "trees[0].point", "21.0123, 52.1234", "form-outside-poland/Warning"),
        ("rysunek", "sketch", "nonsense", "form-unreadable-upload/Wrong"),
        ("rysunek", "sketch", "b1;image/gif;5;a.gif", "form-file-kind/Wrong"),
        ("rysunek", "sketch", "b1;image/png;99999999;a.png", "form-file-too-big/Wrong"),
        ("ogledziny", "cert.request", "maybe", "form-unknown-choice/Wrong"),
    ] {
        let found = desk.findings(step, &complete_but(&[(path, typed)]));
        assert_eq!(found, [format!("{path}: {finding}")], "{typed}");
    }
}

#[test]
fn dates_are_judged_from_today() {
    let desk = Desk::new();
    let slot = |day: &'static str, month: &'static str, year: &'static str| {
        let given = [("insp.slot.day", day), ("insp.slot.month", month), ("insp.slot.year", year)];
        desk.findings("ogledziny", &answers(&given))
    };
    assert_eq!(slot("1", "12", "2026"), [] as [&str; 0]);
    assert_eq!(slot("14", "12", "2026"), [] as [&str; 0]);
    assert_eq!(slot("30", "11", "2026"), ["insp.slot.day: form-too-early/Wrong"]);
    assert_eq!(slot("15", "12", "2026"), ["insp.slot.day: form-too-late/Wrong"]);
    assert_eq!(slot("31", "11", "2026"), ["insp.slot.day: form-not-a-date/Wrong"]);
    assert_eq!(slot("", "12", ""), ["insp.slot.day: form-not-a-date/Wrong"]);
    assert_eq!(
        desk.findings("ogledziny", &answers(&[("insp.slot", "2026-12-01")])),
        [] as [&str; 0]
    );
}

#[test]
fn a_long_text_says_by_how_much() {
    let desk = Desk::new();
    let long = "ż".repeat(1003);
    let mut typed = Answers::default();
    typed.set("reason", vec![long.clone()]);
    let errors = check_step(desk.context(), desk.step("rysunek"), &typed);
    assert!(
        errors.iter().any(|error| error.fault == Fault::TooLong { max: 1000, over: 3 }),
        "{errors:?}"
    );
    assert_eq!(typed.first("reason"), long);
}

#[test]
fn half_an_optional_address_is_a_slip() {
    let desk = Desk::new();
    let found = desk.findings("doreczenia", &answers(&[("corr.address.house", "4")]));
    assert_eq!(
        found,
        [
            "corr.address.postcode: form-missing-postcode/Wrong",
            "corr.address.locality: form-missing-locality/Wrong"
        ]
    );
}

#[test]
fn a_foreign_address_has_its_own_postal_code() {
    let desk = Desk::new();
    let abroad =
        [("owner.address.postcode", "SW1A 1AA"), ("owner.address.country", "Wielka Brytania")];
    assert_eq!(desk.findings("wlasciciel", &complete_but(&abroad)), [] as [&str; 0]);
    let home = [("owner.address.postcode", "SW1A 1AA"), ("owner.address.country", " polska ")];
    assert_eq!(
        desk.findings("wlasciciel", &complete_but(&home)),
        ["owner.address.postcode: form-postcode/Wrong"]
    );
}

#[test]
fn one_designation_of_the_property_is_enough() {
    let desk = Desk::new();
    let none = [("prop.parcel.precinct", ""), ("prop.parcel.number", "")];
    let found = desk.findings("nieruchomosc", &complete_but(&none));
    assert_eq!(found, ["prop.parcel.precinct: form-none-of/Missing"]);
    for (path, value) in [("prop.address", "Leśna 4, Modrzewie"), ("prop.kw", "lu1b/00012345/8")] {
        let mut changes = none.to_vec();
        changes.push((path, value));
        assert_eq!(
            desk.findings("nieruchomosc", &complete_but(&changes)),
            [] as [&str; 0],
            "{path}"
        );
    }
}

#[test]
fn a_drawing_or_a_point_for_every_tree() {
    let desk = Desk::new();
    let second_without = [("trees[1].species", "lipa")];
    assert_eq!(
        desk.findings("rysunek", &complete_but(&second_without)),
        ["sketch: form-none-of/Missing"]
    );
    let with_sketch = [("trees[1].species", "lipa"), ("sketch", "b1;application/pdf;100;plan.pdf")];
    assert_eq!(desk.findings("rysunek", &complete_but(&with_sketch)), [] as [&str; 0]);
}

#[test]
fn questions_appear_with_their_condition() {
    let desk = Desk::new();
    let ids = |answers: &Answers| {
        steps(desk.context(), answers)
            .iter()
            .map(|step| step.id.clone())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let sole = "kto wlasciciel nieruchomosc sytuacja drzewa rysunek ogledziny doreczenia";
    assert_eq!(ids(&complete_but(&[])), sole);
    assert_eq!(
        ids(&complete_but(&[("owner.kind", "agent")])),
        sole.replace("wlasciciel", "wlasciciel pelnomocnik")
    );
    assert_eq!(
        ids(&complete_but(&[("owner.kind", "coowner")])),
        sole.replace("wlasciciel", "wlasciciel wspolwlasciciele")
    );
    // What was answered under a condition that no longer holds is neither checked nor filed, but stays in the draft.
    let changed_mind = complete_but(&[("agent.first", "123")]);
    assert_eq!(check_all(desk.context(), &changed_mind), []);
    assert_eq!(normalise(desk.context(), &changed_mind).first("agent.first"), "");
    assert_eq!(changed_mind.first("agent.first"), "123");
    let agent = complete_but(&[("owner.kind", "agent")]);
    let found = desk.findings("pelnomocnik", &agent);
    assert_eq!(
        found,
        [
            "agent.first: form-missing-text/Missing",
            "agent.last: form-missing-text/Missing",
            "agent.doc: form-missing-file/Missing",
            "agent.relation: form-missing-choice/Missing"
        ]
    );
}

/// Rows: kind, stems, whether the prompt "no notice needed" speaks.
#[test]
fn the_threshold_is_strictly_exceeded() {
    let desk = Desk::new();
    for (species, stems, under) in [
        ("dab", &["50"][..], true),
        ("dab", &["50,1"], false),
        ("dab", &["20", "49,9"], true),
        ("dab", &["20", "50,1"], false),
        ("", &["50"], true),
        ("", &["65"], false),
        ("nie-wiem", &["50"], true),
        ("robinia-akacjowa", &["65"], true),
        ("robinia-akacjowa", &["65.1"], false),
        ("topola-osika", &["80"], true),
        ("topola-osika", &["80,1"], false),
        ("topola-osika", &["grube"], false),
        ("topola-osika", &[], false),
    ] {
        let mut typed = Answers::default();
        typed.set("trees[0].species", vec![species.to_owned()]);
        typed.set("trees[0].stems_cm", stems.iter().map(|stem| (*stem).to_owned()).collect());
        let speaking = prompts(desk.context(), desk.step("drzewa"), &typed);
        let ids: Vec<(&str, Option<usize>)> =
            speaking.iter().map(|(prompt, item)| (prompt.id.as_str(), *item)).collect();
        let expected: &[(&str, Option<usize>)] =
            if under { &[("under-threshold", Some(0))] } else { &[] };
        assert_eq!(ids, expected, "{species} {stems:?}");
    }
}

#[test]
fn prompts_follow_the_answers() {
    let desk = Desk::new();
    for (step, path, value, id) in [
        ("kto", "owner.kind", "other", "not-owner"),
        ("kto", "owner.kind", "coowner", "coowners"),
        ("sytuacja", "prop.monument", "yes", "monument"),
        ("sytuacja", "purpose.business", "yes", "business"),
        ("sytuacja", "prop.owner_types", "no", "owner-types"),
        ("drzewa", "trees[0].flags", "fruit", "fruit"),
        ("drzewa", "trees[0].flags", "dead", "dead"),
        ("drzewa", "trees[0].flags", "fallen", "fallen"),
        ("drzewa", "trees[0].flags", "forest", "forest"),
        ("drzewa", "trees[0].flags", "fallow", "fallow"),
        ("ogledziny", "cert.request", "yes", "certificate-fee"),
        ("doreczenia", "delivery.pref", "account", "account-objection"),
    ] {
        let typed = complete_but(&[(path, value)]);
        let found = prompts(desk.context(), desk.step(step), &typed);
        assert!(found.iter().any(|(prompt, _)| prompt.id == id), "{id}");
        assert!(
            check_all(desk.context(), &typed).iter().all(|error| error.weight != Weight::Wrong),
            "{id} stops"
        );
    }
}

#[test]
fn posting_replaces_a_step_and_nothing_else() {
    let desk = Desk::new();
    let mut draft = complete_but(&[("sketch", "b1;image/png;5;a.png"), ("trees[0].flags", "dead")]);
    let before = draft.clone();
    let posted = BTreeMap::from([
        ("trees[0].species".to_owned(), vec!["lipa".to_owned()]),
        ("trees[0].stems_cm".to_owned(), vec!["siedem".to_owned(), String::new()]),
        ("trees[0].point".to_owned(), vec![String::new()]),
        ("owner.kind".to_owned(), vec!["other".to_owned()]),
        ("trees[77].species".to_owned(), vec!["lipa".to_owned()]),
    ]);
    let foreign = draft.merge(desk.step("drzewa"), &posted);
    assert_eq!(foreign, ["owner.kind", "trees[77].species"]);
    assert_eq!(draft.first("trees[0].species"), "lipa");
    assert_eq!(draft.values("trees[0].stems_cm"), ["siedem", ""], "kept as typed");
    assert!(!draft.is_filled("trees[0].flags"), "an unticked box is an answer");
    assert_eq!(draft.first("owner.kind"), "sole");
    draft.merge(desk.step("rysunek"), &BTreeMap::new());
    assert_eq!(draft.values("sketch"), before.values("sketch"), "files come another way");
}

#[test]
fn items_are_added_and_removed() {
    let desk = Desk::new();
    let Some(group) = desk.step("drzewa").groups.first() else { panic!("no group") };
    let mut draft = Answers::default();
    assert!(draft.add_item(group, 1), "the page already shows an empty first item");
    assert_eq!(draft.item_count("trees"), 2);
    draft.set("trees[0].species", vec!["dab".to_owned()]);
    draft.set("trees[1].species", vec!["lipa".to_owned()]);
    draft.set("trees[2].species", vec!["buk".to_owned()]);
    draft.remove_item(group, 1);
    assert_eq!((draft.first("trees[0].species"), draft.first("trees[1].species")), ("dab", "buk"));
    assert_eq!(draft.item_count("trees"), 2);
    while draft.add_item(group, 1) {}
    assert_eq!(draft.item_count("trees"), usize::from(group.max));
    let many: Vec<(String, &str)> =
        (0..31).map(|n| (format!("trees[{n}].species"), "dab")).collect();
    let many: Vec<(&str, &str)> =
        many.iter().map(|(path, value)| (path.as_str(), *value)).collect();
    assert_eq!(desk.findings("drzewa", &answers(&many)), ["trees[0]: form-too-many/Wrong"]);
}

#[test]
fn an_empty_item_is_no_tree() {
    let desk = Desk::new();
    let typed = complete_but(&[
        ("trees[0].species", ""),
        ("trees[0].stems_cm", ""),
        ("trees[0].point", ""),
    ]);
    assert_eq!(desk.findings("drzewa", &typed), ["trees[0]: form-too-few/Missing"]);
}

#[test]
fn the_filed_copy_is_clean_and_the_draft_is_not_touched() {
    let desk = Desk::new();
    let mut given = complete();
    given.extend([
        ("trees[2].species", " buk "),
        ("trees[2].point", "52.2, 21.1"),
        ("trees[1].species", "  "),
        ("reason", "  cień \r\n\r\n\r\n i liście  "),
        ("insp.slot.day", "1"),
        ("insp.slot.month", "12"),
        ("insp.slot.year", "2026"),
        ("email", ""),
        ("nonsense", "x"),
    ]);
    let draft = answers(&given);
    let clean = normalise(desk.context(), &draft);
    for (path, values) in [
        ("phone", &["+48601234567"][..]),
        ("prop.parcel.number", &["12/4"]),
        ("trees[0].stems_cm", &["81.5", "40"]),
        ("trees[1].species", &["buk"]),
        ("reason", &["cień\n\ni liście"]),
        ("insp.slot", &["2026-12-01"]),
        ("insp.slot.day", &[]),
        ("email", &[]),
        ("nonsense", &[]),
        ("trees[2].species", &[]),
    ] {
        assert_eq!(clean.values(path), values, "{path}");
    }
    assert_eq!(check_all(desk.context(), &clean), []);
    assert_eq!(normalise(desk.context(), &clean), clean);
    assert_eq!(draft.values("trees[0].stems_cm"), ["81,5 cm", "", "40"]);
}

#[test]
fn the_page_shows_values_errors_and_languages() {
    let desk = Desk::new();
    let typed = complete_but(&[("owner.address.postcode", "8-400"), ("owner.first", "Anna1")]);
    let step = desk.step("wlasciciel");
    let errors = check_step(desk.context(), step, &typed);
    let view = step_view(desk.context(), step, &typed, "uk", &errors);
    assert_eq!((view.number, view.of), (2, 8));
    assert_eq!((view.title.text.as_str(), view.title.lang), ("Власник", "uk"));
    assert_eq!(view.errors.len(), 2);
    let first = view.fields.first().unwrap();
    assert_eq!(
        (first.id.as_str(), first.values.as_slice()),
        ("owner-first", ["Anna1".to_owned()].as_slice())
    );
    assert_eq!(first.error.as_ref().unwrap().key, "form-name-letter");
    assert_eq!(view.errors.first().unwrap().0, first.id);
    let address = view.fields.iter().find(|field| field.path == "owner.address").unwrap();
    let postcode = address.parts.iter().find(|part| part.path == "owner.address.postcode").unwrap();
    assert_eq!((postcode.value.as_str(), postcode.autocomplete), ("8-400", Some("postal-code")));
    assert_eq!(postcode.error.as_ref().unwrap().key, "form-postcode");

    let quiet = step_view(desk.context(), step, &typed, "pl", &[]);
    assert!(quiet.errors.is_empty() && quiet.fields.iter().all(|field| field.error.is_none()));

    let trees = step_view(desk.context(), desk.step("drzewa"), &Answers::default(), "pl", &[]);
    let group = trees.groups.first().unwrap();
    assert_eq!((group.items.len(), group.can_add, group.can_remove), (1, true, false));
    assert_eq!(group.items.first().unwrap().heading.text, "Drzewo 1");
    let species = group.items.first().unwrap().fields.first().unwrap();
    assert_eq!(species.choices.len(), desk.definition.species.len());

    let parcel =
        step_view(desk.context(), desk.step("nieruchomosc"), &Answers::default(), "en", &[]);
    assert_eq!(
        parcel.fields.first().unwrap().parts.first().unwrap().offered,
        ["Modrzewie", "Łąki Górne"]
    );

    let whole = answers(&[("insp.slot", "2026-12-01")]);
    let slot = step_view(desk.context(), desk.step("ogledziny"), &whole, "pl", &[]);
    let boxes: Vec<&str> =
        slot.fields.first().unwrap().parts.iter().map(|part| part.value.as_str()).collect();
    assert_eq!(boxes, ["1", "12", "2026"]);
}

#[test]
fn the_check_page_is_in_words() {
    let desk = Desk::new();
    let typed = complete_but(&[
        ("insp.slot", "2026-12-01"),
        ("trees[0].flags", "dead"),
        ("sketch", "b1;image/png;5;plan domu.png"),
    ]);
    let sections = check_rows(desk.context(), &typed, "en");
    let row = |path: &str| {
        sections.iter().flat_map(|section| &section.rows).find(|row| row.path == path).unwrap()
    };
    let plain = |text: &str| Shown::Plain(text.to_owned());
    assert_eq!(row("owner.address").values, [plain("Leśna 4"), plain("08-400 Modrzewie")]);
    assert_eq!(row("prop.parcel").values, [plain("modrzewie 12 / 4")]);
    assert_eq!(row("trees[0].stems_cm").values, [plain("81.5 cm"), plain("40 cm")]);
    assert_eq!(row("trees[0].stems_cm").item.as_ref().unwrap().text, "Tree 1");
    assert_eq!(row("sketch").values, [plain("plan domu.png")]);
    let worded = |row: &Row| match row.values.as_slice() {
        [Shown::Worded(wording)] => wording.text.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(worded(row("owner.kind")), "I am the only owner");
    assert_eq!(worded(row("trees[0].species")), "oak");
    assert_eq!(worded(row("trees[0].flags")), "It is dead but standing");
    let said = |path: &str| match row(path).values.as_slice() {
        [Shown::Said(message)] => message.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(said("cert.request").key, "form-yes");
    assert_eq!(said("insp.slot"), Message::new("form-date").date("date", date(2026, 12, 1)));
    assert_eq!(row("reason").values, [], "a gap stays visible");
}

#[test]
fn prefilling_never_overwrites() {
    let desk = Desk::new();
    let mut draft = answers(&[("owner.first", "Ania")]);
    let known = [
        ("login.first", "Anna"),
        ("login.last", "Kowalska"),
        ("login.address.house", "4"),
        ("login.address.locality", "Modrzewie"),
        ("login.pesel", "44051401458"),
    ];
    let known = known.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    draft.prefill(&desk.definition, &known);
    assert_eq!(draft.first("owner.first"), "Ania");
    assert_eq!(draft.first("owner.last"), "Kowalska");
    assert_eq!(draft.first("owner.address.house"), "4");
    assert_eq!(draft.iter().count(), 4);
}

#[test]
fn answers_survive_storage() {
    let typed = answers(&complete());
    let stored = serde_json::to_string(&typed).unwrap();
    assert_eq!(serde_json::from_str::<Answers>(&stored).unwrap(), typed);
    assert_eq!(Answers::from(BTreeMap::from(typed.clone())), typed);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever is posted under whatever name: no crash, no loss of a known answer, the clean copy is stable.
    #[test]
    fn hostile_answers_do_no_harm(
        picks in proptest::collection::vec((0_usize..60, ".{0,30}", 0_usize..5), 0..40),
        strange in proptest::collection::vec("[a-z\\[\\].0-9]{0,20}", 0..5),
    ) {
        let desk = Desk::new();
        let names: Vec<String> = desk.definition.fields().map(|(name, _)| name).collect();
        let mut typed = Answers::default();
        for (pick, value, index) in &picks {
            let name = &names[pick % names.len()];
            let parts = ["", ".house", ".postcode", ".number", ".day"];
            typed.set(&format!("{}{}", name.replace("[]", &format!("[{index}]")), parts[index % 5]), vec![value.clone()]);
        }
        for path in &strange {
            typed.set(path, vec!["x".to_owned()]);
        }
        let errors = check_all(desk.context(), &typed);
        for step in &desk.definition.steps {
            let view = step_view(desk.context(), step, &typed, "pl", &errors);
            for field in &view.fields {
                prop_assert_eq!(field.values.as_slice(), typed.values(&field.path));
            }
        }
        prop_assert!(!check_rows(desk.context(), &typed, "uk").is_empty());
        let clean = normalise(desk.context(), &typed);
        prop_assert_eq!(&normalise(desk.context(), &clean), &clean);
    }
}
