//! Test support: the text files of a room say every key its code uses, in every language, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};
use unic_langid::LanguageIdentifier;

use super::{LANGUAGES, Message, Value, resolve};

/// The bundle of one room in one language.
pub(crate) struct Room {
    lang: &'static str,
    bundle: FluentBundle<FluentResource>,
}

impl Room {
    pub(crate) fn all(room: &str) -> Vec<Room> {
        LANGUAGES.iter().map(|lang| Room::new(room, lang)).collect()
    }

    fn new(room: &str, lang: &'static str) -> Room {
        let identifier: LanguageIdentifier = lang.parse().unwrap();
        let mut bundle = FluentBundle::new(vec![identifier]);
        bundle.set_use_isolating(false);
        // The sentences of the catalogue stand inside those of every other room.
        for room in BTreeSet::from(["catalogue", room]) {
            let resource = FluentResource::try_new(source(room, lang))
                .unwrap_or_else(|(_, errors)| panic!("{room}/{lang}: {errors:?}"));
            bundle
                .add_resource(resource)
                .unwrap_or_else(|errors| panic!("{room}/{lang}: {errors:?}"));
        }
        Room { lang, bundle }
    }

    /// Says a message and insists that nothing was missing.
    pub(crate) fn say(&self, message: &Message) -> String {
        resolve(message, self.lang, &|key, values| {
            let mut args = FluentArgs::new();
            for (name, value) in values {
                match value {
                    Value::Text(text) => args.set(*name, text.clone()),
                    Value::Number(number) => args.set(*name, *number),
                }
            }
            let pattern = self.bundle.get_message(key).and_then(|message| message.value());
            let pattern = pattern.unwrap_or_else(|| panic!("{}: no sentence {key}", self.lang));
            let mut errors = Vec::new();
            let said = self.bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned();
            assert!(errors.is_empty(), "{} {key}: {errors:?}", self.lang);
            said
        })
    }
}

fn folder(room: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/services").join(room)
}

fn source(room: &str, lang: &str) -> String {
    std::fs::read_to_string(folder(room).join("texts").join(format!("{lang}.ftl"))).unwrap()
}

/// Keys of all Polish text files of a room.
fn everything_said(room: &str) -> BTreeSet<String> {
    let files =
        std::fs::read_dir(folder(room).join("texts")).unwrap().map(|entry| entry.unwrap().path());
    let polish = files.filter(|path| path.to_string_lossy().ends_with("pl.ftl"));
    polish.flat_map(|path| arguments(&std::fs::read_to_string(path).unwrap()).into_keys()).collect()
}

/// Key by key, the arguments a text file uses.
fn arguments(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut key = String::new();
    for line in source.lines() {
        let starts = line.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        if let Some((name, _)) = line.split_once(" =").filter(|_| starts) {
            name.clone_into(&mut key);
            found.insert(key.clone(), BTreeSet::new());
        }
        for part in line.split('$').skip(1) {
            let name = part
                .split(|letter: char| !letter.is_ascii_alphanumeric())
                .next()
                .unwrap_or_default();
            found.get_mut(&key).unwrap().insert(name.to_owned());
        }
    }
    found
}

/// The keys that stand as literals in the code of a room.
fn keys_in_code(folder: &Path, prefixes: &[&str], found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" {
            keys_in_code(&path, prefixes, found);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            let code = std::fs::read_to_string(&path).unwrap();
            let literals = code.split('"').skip(1).step_by(2);
            let is_key = |text: &&str| {
                prefixes.iter().any(|prefix| text.starts_with(prefix) && text.len() > prefix.len())
            };
            let shaped =
                |text: &&str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            // A literal that ends in a hyphen is the beginning of keys made by a macro; those are passed in.
            found.extend(
                literals
                    .filter(is_key)
                    .filter(shaped)
                    .filter(|text| !text.ends_with('-'))
                    .map(str::to_owned),
            );
        }
    }
}

/// All languages have the same keys with the same arguments, and these are the keys of the code.
pub(crate) fn check_room(room: &str, prefixes: &[&str], made: &[&str]) {
    let polish = arguments(&source(room, "pl"));
    for lang in LANGUAGES {
        assert_eq!(arguments(&source(room, lang)), polish, "{room}: {lang} differs from pl");
    }
    let mut used: BTreeSet<String> = made.iter().map(|key| (*key).to_owned()).collect();
    keys_in_code(&folder(room), prefixes, &mut used);
    let known: BTreeSet<String> = polish.into_keys().collect();
    // Pages of the room bring texts in files of their own; the walk over the street checks those.
    let said = everything_said(room);
    // The kernel's refusals carry a code; their sentence stands under `refusal-<code>`.
    used.retain(|key| !said.contains(&format!("refusal-{key}")));
    assert_eq!(
        used.difference(&said).collect::<Vec<_>>(),
        [] as [&String; 0],
        "{room}: used but not said"
    );
    assert_eq!(
        known.difference(&used).collect::<Vec<_>>(),
        [] as [&String; 0],
        "{room}: said but not used"
    );
}

#[test]
fn the_catalogue_says_all_it_means() {
    check_room("catalogue", &["catalogue-", "form-"], &[]);
}

#[test]
fn a_deadline_reads_the_same_in_letters_and_on_pages() {
    use super::{Binds, Calendar, Term, end, end_after_pause};
    let calendar = Calendar::statutory();
    let event = |text: &str| text.parse().unwrap();
    let polish = Room::new("catalogue", "pl");
    let mut deadlines = Vec::new();
    for day in ["2026-12-10", "2026-11-24", "2026-08-31", "2027-04-17"] {
        for term in [
            Term::Days(1),
            Term::Days(14),
            Term::Weeks(2),
            Term::Months(6),
            Term::Months(3),
            Term::Years(5),
        ] {
            for binds in [Binds::Authority, Binds::Silence, Binds::Party, Binds::Nobody] {
                deadlines.push(end(event(day), term, binds, "art. 57 KPA", &calendar));
                deadlines.push(end_after_pause(
                    event(day),
                    term,
                    binds,
                    3,
                    "art. 57 KPA",
                    &calendar,
                ));
            }
        }
    }
    for deadline in deadlines {
        let page: Vec<String> =
            deadline.sentences().iter().map(|sentence| polish.say(sentence)).collect();
        // Letters add the day of the week in brackets; otherwise the words are the same.
        let mut letter = deadline.polish();
        for day in ["poniedziałek", "wtorek", "środa", "czwartek", "piątek", "sobota", "niedziela"]
        {
            letter = letter.replace(&format!(" ({day})"), "");
        }
        assert_eq!(page.join(" "), letter);
    }
}

#[test]
fn every_wrong_answer_is_explained_in_every_language() {
    use super::{Answers, Context, Definition, check_all};
    let source = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/procedures/srod-drzewa-zgl.toml"),
    );
    let definition = Definition::parse(&source.unwrap()).unwrap();
    let dictionaries = BTreeMap::from([("precincts".to_owned(), vec!["Modrzewie".to_owned()])]);
    let context = Context {
        definition: &definition,
        today: "2026-11-23".parse().unwrap(),
        dictionaries: &dictionaries,
    };
    let mut found = BTreeSet::new();
    // The same nonsense everywhere, in several flavours.
    for typed in [
        "",
        "?",
        "12345",
        "1",
        "1,55",
        "99999",
        "AE:PL-12345-67890-ABCDE-26",
        "jan@x",
        "10.20, 30.40",
    ] {
        let mut answers = Answers::default();
        for (name, _) in definition.fields() {
            let path = name.replace("[]", "[0]");
            for part in ["", ".house", ".postcode", ".number", ".precinct", ".day"] {
                answers.set(&format!("{path}{part}"), vec![typed.to_owned()]);
            }
        }
        answers.set("owner.kind", vec!["agent".to_owned()]);
        answers.set("delivery.pref", vec!["ade".to_owned()]);
        let errors = check_all(context, &answers);
        assert!(!errors.is_empty(), "{typed}");
        for room in Room::all("catalogue") {
            for error in &errors {
                let said = room.say(&error.message(room.lang));
                assert!(said.chars().count() > 10 && !said.contains('$'), "{said}");
                found.insert(error.message(room.lang).key);
            }
        }
    }
    assert!(found.len() >= 20, "only these were reached: {found:?}");
}
