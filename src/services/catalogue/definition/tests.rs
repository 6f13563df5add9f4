//! The definition of the tree notice parses; damaged copies of it are refused with the place and the reason.

use jiff::civil::date;

use super::super::terms::Term;
use super::*;

pub(crate) const TREES: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/demo/procedures/srod-drzewa-zgl.toml"));

fn trees() -> Definition {
    Definition::parse(TREES).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

/// The faults of the definition after one replacement, which must change something.
fn damaged(from: &str, to: &str) -> Vec<DefinitionError> {
    let changed = TREES.replacen(from, to, 1);
    assert_ne!(changed, TREES, "nothing replaced: {from}");
    Definition::parse(&changed).expect_err("the damage was not noticed")
}

fn one_fault(from: &str, to: &str, place: &str, reason: &str) {
    let faults = damaged(from, to);
    let found =
        faults.iter().any(|fault| fault.place.contains(place) && fault.reason.contains(reason));
    assert!(found, "wanted {place}: {reason}; got {faults:#?}");
}

#[test]
fn the_tree_notice_says_what_the_sheet_says() {
    let definition = trees();
    let rules = definition.ruleset_on(date(2026, 11, 21)).unwrap();
    for (name, term) in [
        ("inspection", Term::Days(21)),
        ("objection", Term::Days(14)),
        ("validity", Term::Months(6)),
        ("fee_watch", Term::Years(5)),
        ("supplement", Term::Days(7)),
        ("appeal", Term::Days(14)),
    ] {
        assert_eq!(rules.terms.get(name).unwrap().term, term, "{name}");
    }
    assert_eq!(rules.terms.get("inspection").unwrap().alarms, [10, 7, 3]);
    assert_eq!(rules.terms.get("objection").unwrap().alarms, [7, 3, 1]);
    for (species, over_mm) in [
        ("topola-osika", 800),
        ("wierzba-iwa", 800),
        ("klon-jesionolistny", 800),
        ("klon-srebrzysty", 800),
        ("kasztanowiec-zwyczajny", 650),
        ("robinia-akacjowa", 650),
        ("platan-klonolistny", 650),
        ("dab", 500),
        ("nie-wiem", 500),
    ] {
        let group = definition.species(species).map(|species| species.group.as_str());
        assert_eq!(rules.over_mm(group), Some(over_mm), "{species}");
    }
    assert_eq!(rules.over_mm(None), Some(500));
    for (fee, amount) in [("notice", 0), ("certificate", 1700), ("power-of-attorney", 1700)] {
        assert_eq!(definition.fee_on(fee, date(2026, 11, 21)).unwrap().amount_grosze, amount);
    }
    assert_eq!(definition.fee_on("certificate", date(2024, 8, 27)), None);
    assert!(definition.ruleset_on(date(2024, 8, 27)).is_none());
}

#[test]
fn every_text_for_residents_is_in_three_languages() {
    let value = serde_json::to_value(trees()).unwrap();
    let mut stack = vec![("".to_owned(), &value)];
    let mut texts = 0;
    while let Some((path, value)) = stack.pop() {
        if let Some(map) = value.as_object() {
            if map.contains_key("pl") {
                texts += 1;
                for lang in LANGUAGES {
                    assert!(
                        map.get(lang).is_some_and(|text| text.is_string()),
                        "{path} lacks {lang}"
                    );
                }
            }
            stack.extend(map.iter().map(|(key, value)| (format!("{path}.{key}"), value)));
        } else if let Some(list) = value.as_array() {
            stack.extend(
                list.iter().enumerate().map(|(place, value)| (format!("{path}[{place}]"), value)),
            );
        }
    }
    assert!(texts > 200, "only {texts} texts were found");
}

#[test]
fn a_missing_translation_shows_polish_and_says_so() {
    let text = Text { pl: "dąb".to_owned(), en: Some("oak".to_owned()), uk: None };
    assert_eq!(text.wording("en"), Wording { text: "oak".to_owned(), lang: "en" });
    assert_eq!(text.wording("uk"), Wording { text: "dąb".to_owned(), lang: "pl" });
    assert_eq!(text.wording("de").lang, "pl");
}

#[test]
fn syntax_errors_name_line_and_word() {
    let faults = damaged("max_chars = 100", "max_char = 100");
    let [fault] = faults.as_slice() else { panic!("{faults:#?}") };
    assert!(fault.reason.contains("max_char"), "{fault}");
    let line = TREES.lines().position(|line| line == "max_chars = 100").unwrap() + 1;
    // The parser points at the table in which the unknown word stands, or at the word itself.
    assert!(fault.line.abs_diff(line) <= 12, "line {} of {line}", fault.line);

    let faults = damaged("valid_from = \"2024-08-28\"", "valid_from = \"2024-08-32\"");
    assert_eq!(faults.len(), 1);
    let faults = damaged("kind = \"address\"", "kind = \"adress\"");
    assert!(faults[0].reason.contains("adress"), "{}", faults[0]);
    assert!(Definition::parse("").is_err());
}

#[test]
fn meaning_is_checked_beyond_syntax() {
    one_fault("id = \"srod-drzewa-zgl\"", "id = \"Śród drzewa\"", "id", "only a-z");
    one_fault("version = 1", "version = 0", "version", "starts at 1");
    one_fault(
        "term = { days = 21 }",
        "term = { days = 0 }",
        "ruleset[uop-2024-1478].terms.inspection",
        "zero",
    );
    one_fault("alarms = [10, 7, 3]", "alarms = [3, 7, 10]", "terms.inspection", "must fall");
    one_fault("over_mm = 650", "over_mm = 0", "threshold[G65]", "zero");
    one_fault("unknown_group = \"G50\"", "unknown_group = \"G51\"", "threshold", "no group G51");
    one_fault(
        "group = \"G65\", monument_cm = 250",
        "group = \"G66\", monument_cm = 250",
        "threshold",
        "no group G66",
    );
    one_fault("id = \"owner.last\"", "id = \"owner.first\"", "field[owner.first]", "twice");
    one_fault("id = \"kto\"", "id = \"wlasciciel\"", "step[wlasciciel]", "twice");
    one_fault("is = [\"agent\"]", "is = [\"agentt\"]", "step[pelnomocnik]", "does not offer");
    one_fault(
        "{ field = \"owner.kind\", is = [\"agent\"] }",
        "{ field = \"owner.kin\", is = [\"agent\"] }",
        "step[pelnomocnik]",
        "unknown question",
    );
    one_fault(
        "choices_from = \"species\"",
        "max_chars = 3",
        "field[species]",
        "choices or choices_from: missing",
    );
    one_fault(
        "dictionary = \"precincts\"",
        "max_chars = 3",
        "field[prop.parcel]",
        "max_chars: not for this kind",
    );
    one_fault("min = 1\nmax = 1500", "min = 1500\nmax = 1", "field[stems_cm]", "min is greater");
    one_fault("min = 1\nmax = 30", "min = 1\nmax = 0", "group[trees]", "range");
    one_fault(
        "source = \"UOP art. 83f ust. 4; KPA art. 61a\"\n",
        "",
        "field[owner.kind]",
        "needs `source`",
    );
    one_fault(
        "missing = { pl = \"Napisz",
        "missing = { pl = \" \", en = \"Napisz\" } # ",
        "one_of[property]",
        "empty",
    );
    one_fault(
        "fields = [\"sketch\", \"trees[].point\"]",
        "fields = [\"sketch\", \"trees[].pint\"]",
        "one_of[drawing]",
        "unknown",
    );
    one_fault("step = \"rysunek\"", "step = \"rysunki\"", "one_of[drawing]", "no such step");
    one_fault("days_from = 8", "days_from = 80", "field[insp.slot]", "greater");
    let needs_reason = "binds = \"authority\"\nbasis = \"UOP art. 83f ust. 6\"\nmark = \"S\"";
    one_fault(
        needs_reason,
        &needs_reason.replace("\"S\"", "\"K\""),
        "terms.inspection",
        "needs `unverified`",
    );
}

#[test]
fn faults_name_the_line_of_the_thing() {
    let faults = damaged("over_mm = 650", "over_mm = 0");
    let line = TREES.lines().position(|line| line == "id = \"G65\"").unwrap() + 1;
    assert_eq!(faults[0].line, line);
    let faults = damaged("term = { days = 21 }", "term = { days = 0 }");
    let line = TREES.lines().position(|line| line == "[ruleset.terms.inspection]").unwrap() + 1;
    assert_eq!(faults[0].line, line);
    assert!(faults[0].to_string().starts_with(&format!("line {line}: ruleset[uop-2024-1478]")));
}

#[test]
fn rulesets_may_not_overlap() {
    let second = TREES[TREES.find("[[ruleset]]").unwrap()..TREES.find("[[fee]]").unwrap()]
        .replace("id = \"uop-2024-1478\"", "id = \"uop-2027\"")
        .replace("valid_from = \"2024-08-28\"", "valid_from = \"2027-01-01\"");
    let both = TREES.replacen("[[fee]]", &format!("{second}\n[[fee]]"), 1);
    let faults = Definition::parse(&both).unwrap_err();
    assert!(
        faults.iter().any(|fault| fault.reason.contains("overlaps with uop-2024-1478")),
        "{faults:#?}"
    );

    let ended =
        "valid_from = \"2024-08-28\"\nvalid_to = \"2026-12-31\"\nsource = \"UOP, t.j. Dz.U. 2024";
    let closed =
        both.replacen("valid_from = \"2024-08-28\"\nsource = \"UOP, t.j. Dz.U. 2024", ended, 1);
    // The last day is inclusive: the next ruleset begins on the day after, not on the same day.
    let touching = closed.replacen("valid_to = \"2026-12-31\"", "valid_to = \"2027-01-01\"", 1);
    assert!(
        Definition::parse(&touching)
            .unwrap_err()
            .iter()
            .any(|fault| fault.reason.contains("overlaps"))
    );
    let definition = Definition::parse(&closed).unwrap();
    assert_eq!(definition.ruleset_on(date(2026, 12, 31)).unwrap().id, "uop-2024-1478");
    assert_eq!(definition.ruleset_on(date(2027, 1, 1)).unwrap().id, "uop-2027");
}

#[test]
fn a_definition_is_plain_data() {
    let definition = trees();
    let json = serde_json::to_string(&definition).unwrap();
    assert_eq!(serde_json::from_str::<Definition>(&json).unwrap(), definition);
}

#[test]
fn differences_are_what_changed_and_nothing_else() {
    let old = trees();
    assert_eq!(differences(Some(&old), &old), []);

    let changed = TREES
        .replacen("term = { days = 21 }", "term = { days = 30 }", 1)
        .replacen("amount_grosze = 1700", "amount_grosze = 2000", 1)
        .replacen("pl = \"Telefon\"", "pl = \"Numer telefonu\"", 1)
        .replacen(
            "{ value = \"other\", label = { pl = \"Kimś innym\"",
            "{ value = \"someone\", label = { pl = \"Kimś innym\"",
            1,
        )
        .replacen(
            "when = [{ field = \"owner.kind\", is = [\"other\"] }]",
            "when = [{ field = \"owner.kind\", is = [\"someone\"] }]",
            1,
        );
    let new = Definition::parse(&changed).unwrap();
    let found = differences(Some(&old), &new);
    let said: Vec<String> = found
        .iter()
        .map(|difference| {
            let show = |side: &Option<String>| side.clone().unwrap_or_else(|| "-".to_owned());
            format!(
                "{}: {} > {}",
                difference.path,
                show(&difference.before),
                show(&difference.after)
            )
        })
        .collect();
    for expected in [
        "ruleset[uop-2024-1478].terms.inspection.term.days: 21 > 30",
        "fee[certificate 2024-08-28].amount_grosze: 1700 > 2000",
        "step[wlasciciel].field[phone].label.pl: Telefon > Numer telefonu",
        "step[kto].field[owner.kind].choices[someone].label.pl: - > Kimś innym",
        "step[kto].field[owner.kind].choices[other].label.pl: Kimś innym > -",
        "prompt[not-owner].when[1].is[1]: other > someone",
    ] {
        assert!(said.iter().any(|line| line == expected), "{expected} not in {said:#?}");
    }
    // Three single values, two choices of four values each, one condition.
    assert_eq!(said.len(), 3 + 2 * 4 + 1, "{said:#?}");
    assert!(differences(None, &old).len() > 500);
}
