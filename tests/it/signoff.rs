//! Sign-off: what is confirmed is read once more, bound to the key, and checked by somebody who has the entry and
//! nothing else.

use ostoja::kernel::{
    crypto::{hash, hex},
    identity::{Level, PersonId, Role, evidence::content_of_act},
};
use serde_json::Value;

use crate::support::{Answered, Form, Program, Town, Visitor, soft_key::SoftKey};

/// A case that waits for a clerk, and its address at the office.
fn case(town: &Town) -> (PersonId, String) {
    let anna = town.resident(Level::Verified);
    let draft = anna.visitor.try_draft(false).unwrap();
    let form = anna.visitor.try_filing_form(&draft).unwrap();
    let filed = anna.visitor.submit(&form).expect(303);
    let id = filed.location().split('/').nth(2).unwrap().to_owned();
    (anna.id, format!("/urzad/drzewa/{id}"))
}

fn clerk(town: &Town) -> (Visitor<&Town>, SoftKey) {
    let id = town.settle(true, Level::Verified, &[Role::Clerk]);
    let (citizen, key) = town.with_key(id);
    (citizen.visitor, key)
}

fn today(town: &Town) -> [(&'static str, String); 3] {
    let day = ostoja::kernel::clock::date_in_poland(town.clock.now());
    [
        ("issued-day", day.day().to_string()),
        ("issued-month", day.month().to_string()),
        ("issued-year", day.year().to_string()),
    ]
}

/// A call for two things, filled in and sent to be read once more.
fn called(town: &Town, clerk: &Visitor<&Town>, case: &str, words: &str) -> Answered {
    let page = clerk.get(&format!("{case}/wezwij")).expect(200);
    let mut form = page.form(&format!("{case}/wezwij/sprawdz"));
    form.fields.retain(|(name, _)| !name.starts_with("issued") && name != "missing-other");
    let fields = [
        ("track", "element"),
        ("missing", "owner.last"),
        ("missing", "owner.first"),
        ("missing-other", words),
    ];
    form.fields.extend(fields.map(|(name, value)| (name.to_owned(), value.to_owned())));
    form.fields.extend(today(town).map(|(name, value)| (name.to_owned(), value)));
    clerk.submit(&form)
}

fn shown(town: &Town, seq: u64) -> Value {
    let data = town.data().display().to_string();
    let arguments = ["log", "show", "--dir", &data, "--json", "--disclose", &seq.to_string()];
    let (out, err, code) = Program::run(&arguments);
    assert_eq!(code, 0, "{err}");
    serde_json::from_str(&out).unwrap()
}

fn text(entry: &Value, body: usize, field: &str) -> String {
    entry["bodies"][body]["text"][field].as_str().unwrap_or_default().to_owned()
}

fn key_form(page: &Answered, case: &str) -> Form {
    page.form(&format!("{case}/wezwij/podpis/start"))
}

#[test]
fn a_decision_is_read_once_more_and_its_key_can_be_checked_without_us() {
    let town = Town::new();
    let (owner, case) = case(&town);
    let (clerk, mut key) = clerk(&town);
    clerk.get(&case).expect(200);
    let before = town.entries();
    let page = called(&town, &clerk, &case, "Proszę o podpis.").expect(200);
    let words = page.text();
    assert!(words.contains("Jeszcze niczego nie zapisano") && words.contains("Proszę o podpis."));
    assert_eq!(town.entries(), before, "reading once more adds nothing");

    let to = clerk.ceremony(&key_form(&page, &case), &mut key);
    assert!(to.starts_with(&format!("{case}?zrobiono=wezwij")), "{to}");
    assert_eq!(town.entries(), before + 1);

    let entry = shown(&town, before);
    assert_eq!(entry["action"], "trees.call");
    let evidence = &entry["evidence"];
    assert_eq!(
        (&evidence["kind"], &evidence["holds"]),
        (&"passkey".into(), &true.into()),
        "{entry}"
    );
    assert_eq!(evidence["origin"], crate::support::ORIGIN);
    // What the key confirmed is made again from the entry: action, case, reason.
    let id = uuid::Uuid::parse_str(case.rsplit('/').next().unwrap()).unwrap();
    let reason = text(&entry, 0, "4");
    assert!(reason.contains("Proszę o podpis."), "{reason}");
    assert_eq!(evidence["content"], hex(&content_of_act("trees.call", id.as_bytes(), &reason)));
    assert_ne!(
        evidence["content"],
        hex(&content_of_act("trees.call", id.as_bytes(), &format!("{reason} ")))
    );

    // Both sides see how it was confirmed.
    assert!(clerk.get(&case).text().contains("potwierdzone kluczem dostępu"));
    let mine = town.citizen(owner).visitor.get(&case.replace("/urzad/drzewa", "/moje-sprawy"));
    assert!(mine.text().contains("potwierdzone kluczem dostępu"), "{}", mine.text());
    town.assert_index();
}

#[test]
fn without_a_key_the_entry_says_so() {
    let town = Town::new();
    let (_, case) = case(&town);
    let (clerk, _) = clerk(&town);
    clerk.get(&case).expect(200);
    let before = town.entries();
    let page = called(&town, &clerk, &case, "Proszę o podpis.").expect(200);
    // A browser without scripts that sends the form of the key is told so, in words.
    let told = clerk.submit(&key_form(&page, &case)).expect(422);
    assert!(told.text().contains("działa tylko ze skryptem"), "{}", told.text());
    let form = page.form(&format!("{case}/wezwij"));
    clerk.submit(&form).expect(303);
    // The same form again finds the first answer.
    clerk.submit(&form).expect(303);
    assert_eq!(town.entries(), before + 1);
    assert_eq!(shown(&town, before)["evidence"]["kind"], "session");
    assert!(clerk.get(&case).text().contains("potwierdzone samym zalogowaniem"));
}

#[test]
fn what_is_wrong_comes_back_with_what_was_typed() {
    let town = Town::new();
    let (_, case) = case(&town);
    let (clerk, _) = clerk(&town);
    clerk.get(&case).expect(200);
    let before = town.entries();
    let check = format!("{case}/wezwij/sprawdz");
    let typed = [("track", "element"), ("missing-other", "Podpis."), ("issued-day", "31")];
    let form = clerk.get(&format!("{case}/wezwij")).expect(200).form(&check).with(&typed);
    let wrong = clerk.submit(&form).expect(422);
    assert_eq!(wrong.form(&check).value("missing-other"), "Podpis.");
    // What is no choice is not stored behind the reader's back.
    let mut odd = called(&town, &clerk, &case, "Podpis.").expect(200).form(&check);
    odd.fields.push(("missing".to_owned(), "no-such-thing".to_owned()));
    clerk.submit(&odd).expect(422);
    // From the page of the check one goes back to the boxes.
    let page = called(&town, &clerk, &case, "Podpis.").expect(200);
    let mut back = page.form(&check);
    back.fields.push(("again".to_owned(), "yes".to_owned()));
    let boxes = clerk.submit(&back).expect(200).form(&check);
    assert_eq!(boxes.value("missing-other"), "Podpis.");
    assert_eq!(clerk.get(&check).expect(303).location(), format!("{case}/wezwij"));
    assert_eq!(town.entries(), before);
}

#[test]
fn a_key_confirms_one_content_once_and_only_its_owners() {
    let town = Town::new();
    let (_, case) = case(&town);
    let (clerk, mut key) = clerk(&town);
    let (other, mut others_key) = self::clerk(&town);
    clerk.get(&case).expect(200);
    let before = town.entries();
    let first = key_form(&called(&town, &clerk, &case, "Podpis.").expect(200), &case);
    let second = key_form(&called(&town, &clerk, &case, "Inny podpis.").expect(200), &case);

    // Begun with one content and ended with another.
    let [_, start, finish] = first.passkey.clone().unwrap();
    let body = |form: &Form| -> Value {
        let fields = form.fields.iter().map(|(name, _)| {
            let values: Vec<&str> =
                form.fields.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect();
            (name.clone(), values.into())
        });
        Value::Object(fields.collect())
    };
    let token = first.value("form_token").to_owned();
    let begin = |key: &mut SoftKey| {
        let (_, begun) = clerk.try_json(&start, &token, &body(&first)).unwrap();
        let credential = key.get(&begun["options"].to_string());
        (begun["ceremony"].clone(), credential)
    };
    let end = |form: &Form, ceremony: &Value, credential: &str| {
        let mut fields = body(form);
        fields["ceremony"] = ceremony.clone();
        fields["credential"] = serde_json::from_str(credential).unwrap();
        clerk.try_json(&finish, &token, &fields).unwrap().1
    };
    let (ceremony, credential) = begin(&mut key);
    let credential = credential.unwrap();
    let said = end(&second, &ceremony, &credential);
    assert!(said["error"].as_str().is_some_and(|error| error.contains("zmieniło się")), "{said}");
    // The ceremony is spent.
    let said = end(&first, &ceremony, &credential);
    assert!(said["error"].as_str().is_some_and(|error| error.contains("jeszcze raz")), "{said}");
    // Another clerk's key is not among those asked for.
    let (ceremony, foreign) = begin(&mut others_key);
    let said = end(&first, &ceremony, &foreign.unwrap());
    assert!(said["error"].as_str().is_some_and(|error| error.contains("jeszcze raz")), "{said}");
    assert_eq!(town.entries(), before);

    // Of two clerks one decides; the other reads that the case has changed.
    let theirs = key_form(
        &{
            other.get(&case).expect(200);
            called(&town, &other, &case, "Podpis.").expect(200)
        },
        &case,
    );
    clerk.ceremony(&first, &mut key);
    let entries = town.entries();
    let said = other.try_ceremony(&theirs, &mut others_key).unwrap().unwrap_err();
    assert!(said.contains("zmieniło się"), "{said}");
    assert_eq!(town.entries(), entries);
}

#[test]
fn what_a_resident_signed_can_be_made_again_from_the_record() {
    let town = Town::new();
    let id = town.settle(false, Level::Verified, &[]);
    let (anna, mut key) = town.with_key(id);
    let draft = anna.visitor.try_draft(true).unwrap();
    let before = town.entries();
    let page = anna.visitor.get(&format!("{draft}/sprawdz")).expect(200);
    let form = page.form(&format!("{draft}/podpis/start")).with(&[("anyway", "yes")]);
    anna.visitor.ceremony(&form, &mut key);
    let entry = shown(&town, before);
    assert_eq!(
        (&entry["action"], &entry["evidence"]["holds"]),
        (&"trees.file".into(), &true.into())
    );
    let bodies = entry["bodies"].as_array().unwrap();
    let case = &bodies.iter().find(|body| body["name"] == "tree-case").unwrap()["text"]["2"];
    let version = u32::try_from(case["6"].as_u64().unwrap()).unwrap();
    let answers = case["7"].as_str().unwrap();
    let files: Vec<&str> =
        case["9"].as_array().unwrap().iter().map(|file| file["4"].as_str().unwrap()).collect();
    assert_eq!(files.len(), 2, "{case}");
    let (version, length) = (version.to_be_bytes(), (answers.len() as u64).to_be_bytes());
    let mut parts: Vec<&[u8]> =
        vec![b"ostoja/trees/notice/1", &version, &length, answers.as_bytes()];
    parts.extend(files.iter().map(|file| file.as_bytes()));
    assert_eq!(entry["evidence"]["content"], hex(&hash(&parts)));
}
