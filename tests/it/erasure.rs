//! Erasure from end to end by the pages and forms of the house: a matter whose term is over, an account whose owner
//! asked for it, what a hold keeps; and what is left of all of them, for the office, the auditor and the neighbour.

use std::{collections::BTreeMap, time::Duration};

use jiff::SignedDuration;
use ostoja::{
    kernel::{
        clock::Clock,
        durable::{Disk as _, RealDisk},
        identity::{Action, Actor, Level, Person, PersonId, Role, Who},
        log::proof::ProofFile,
        store::{Change, Op, Refusal},
    },
    services::catalogue::import,
};

use crate::support::{Answered, Program, Town, Visitor, faults, root, soft_key::SoftKey, tool};

const HOME: &str = "/urzad/usuwanie";
const TERM: &str = "/urzad/usuwanie/terminy/tree-case";
static TAKE_OUT: Action =
    Action { name: "test.take-out", who: Who::Console, sentence: "audit-demo" };
const PATIENCE: Duration = Duration::from_secs(60);

/// A commune on a winter's day, in which years may pass.
fn town() -> Town {
    let town = Town::standing(Clock::standing("2026-02-02T09:00:00Z".parse().unwrap()));
    let path = root().join("demo/procedures/srod-drzewa-zgl.toml");
    import::import(&town.store, &std::fs::read_to_string(path).unwrap()).unwrap();
    town
}

/// Somebody of the office with a key.
struct Officer {
    id: PersonId,
    key: SoftKey,
}

impl Officer {
    fn new(town: &Town, role: Role) -> (Officer, Visitor<&Town>) {
        let id = town.settle(true, Level::Verified, &[role]);
        let (citizen, key) = town.with_key(id);
        (Officer { id, key }, citizen.visitor)
    }

    /// Logs in anew: time has passed.
    fn back<'t>(&self, town: &'t Town) -> Visitor<&'t Town> {
        town.citizen(self.id).visitor
    }
}

/// A notice of somebody's, with files or without: its id.
fn filed(visitor: &Visitor<&Town>, with_files: bool) -> String {
    let draft = visitor.try_draft(with_files).unwrap();
    let sent = visitor.submit(&visitor.try_filing_form(&draft).unwrap()).expect(303);
    sent.location().split('/').nth(2).unwrap().to_owned()
}

fn proof(visitor: &Visitor<&Town>, case: &str) -> ProofFile {
    let file = visitor.get(&format!("/moje-sprawy/{case}/dowod")).expect(200);
    serde_json::from_slice(&file.body).unwrap()
}

/// "1/2026", as its owner's page calls it.
fn number_of(visitor: &Visitor<&Town>, case: &str) -> String {
    let title = visitor.get(&format!("/moje-sprawy/{case}")).expect(200).h1();
    let number = title.split_whitespace().find(|word| word.contains("/2026"));
    number.unwrap_or_else(|| panic!("no number in {title:?}")).to_owned()
}

fn withdraw(visitor: &Visitor<&Town>, case: &str) {
    let page = format!("/moje-sprawy/{case}/wycofaj");
    visitor.submit(&visitor.get(&page).expect(200).form(&page)).expect(303);
}

fn sound(page: &Answered) {
    assert_eq!(faults(&page.text()), Vec::<String>::new(), "{page}");
    assert!(!page.text().contains('⟦'), "{page} lacks a text");
}

/// What a page says, however its lines may break.
trait Says {
    fn says(&self, words: &str) -> bool;
}

impl Says for Answered {
    fn says(&self, words: &str) -> bool {
        self.text().replace(['\u{a0}', '\u{2060}'], " ").replace("&#160;", " ").contains(words)
    }
}

fn open(visitor: &Visitor<&Town>, path: &str) -> Answered {
    let page = visitor.get(path).expect(200);
    sound(&page);
    page
}

/// Sends a form that must be refused on its own page; gives the page.
fn refused(visitor: &Visitor<&Town>, form: &crate::support::Form) -> Answered {
    let page = visitor.submit(form).expect(422);
    sound(&page);
    page
}

fn set_term(administrator: &Visitor<&Town>, years: &str) {
    let form = open(administrator, TERM).form(TERM).with(&[
        ("years", years),
        ("category", "B5"),
        ("basis", "JRWA, klasa 6131"),
    ]);
    administrator.submit(&form).expect(303);
}

/// The form that proposes a file, from the page to which a pasted address leads.
fn proposal(visitor: &Visitor<&Town>, pasted: &str) -> (Answered, String) {
    let box_of = open(visitor, HOME).form("/urzad/usuwanie/teczka").with(&[("file", pasted)]);
    let to = visitor.submit(&box_of).expect(303).location().to_owned();
    (open(visitor, &to), to)
}

fn propose(visitor: &Visitor<&Town>, pasted: &str, ground: &str, consent: &str) -> String {
    let (page, _) = proposal(visitor, pasted);
    let form = page.form("/urzad/usuwanie/nowe").with(&[
        ("ground", ground),
        ("basis", "art. 5 ust. 1 lit. e RODO"),
        ("consent", consent),
    ]);
    visitor.submit(&form).expect(303).location().to_owned()
}

fn approve(visitor: &Visitor<&Town>, key: &mut SoftKey, path: &str) {
    let form = open(visitor, path).form(&format!("{path}/zgoda/start"));
    assert_eq!(visitor.ceremony(&form, key), path);
}

fn finish(town: &Town) {
    assert!(town.store.finish_erasures(PATIENCE).unwrap(), "the order is not carried out");
}

fn verify(town: &Town) {
    let data = town.data().display().to_string();
    let (out, err, code) = Program::run(&["log", "verify", "--dir", &data]);
    assert_eq!(code, 0, "{out}{err}");
    let reader = root().join("tests/tools/journal_reader.py");
    let arguments = [reader.as_os_str(), "verify".as_ref(), data.as_ref()];
    let (said, code) = tool("python3", &arguments, b"");
    assert_eq!(code, 0, "{said}");
    town.assert_index();
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story, told in order")]
fn a_matter_whose_term_is_over_goes_and_its_certificate_holds() {
    let town = town();
    let (mut clerk, desk) = Officer::new(&town, Role::Clerk);
    let (mut chief, administrator) = Officer::new(&town, Role::Administrator);
    let anna = town.resident(Level::Verified);
    let jan = town.resident(Level::Verified);
    let (goes, stays) = (filed(&anna.visitor, true), filed(&jan.visitor, false));
    let (of_goes, of_stays) = (proof(&anna.visitor, &goes), proof(&jan.visitor, &stays));
    let verifier = town.store.log().verifier();
    let number = number_of(&anna.visitor, &goes);

    // While it runs it cannot be proposed, on any ground; a form that nobody offered is refused too.
    let (page, _) = proposal(&desk, &format!("https://urzad.example.pl/urzad/drzewa/{goes}"));
    assert!(page.says("Ta sprawa jeszcze trwa."), "{}", page.text());
    assert!(page.forms().iter().all(|form| form.action != "/urzad/usuwanie/nowe"));
    withdraw(&anna.visitor, &goes);
    let (page, to) = proposal(&desk, &goes);
    for words in ["Nie ustawiono, jak długo urząd trzyma", "Sprawy nie usuwa się na prośbę"] {
        assert!(page.says(words), "{words} is not in\n{}", page.text());
    }
    let home = open(&desk, HOME);
    assert!(home.says("Nie ustawiono, jak długo urząd trzyma takie teczki"));
    assert!(open(&desk, TERM).forms().iter().all(|form| form.action != TERM), "not a clerk's");
    let wrong = open(&administrator, TERM).form(TERM).with(&[("years", "pięć")]);
    assert!(refused(&administrator, &wrong).says("Podaj liczbę lat od 0 do 100."));
    set_term(&administrator, "5");
    assert!(open(&desk, "/urzad/usuwanie/terminy").says("JRWA, klasa 6131"));
    let page = open(&desk, &to);
    assert!(page.says("1 stycznia 2032"), "{}", page.text());

    // Years pass.
    town.clock.set("2032-01-02T09:00:00Z".parse().unwrap());
    let (desk, administrator) = (clerk.back(&town), chief.back(&town));
    let search = form_urlencoded::byte_serialize(number.as_bytes()).collect::<String>();
    let search = format!("/urzad/skrzynka?numer={search}");
    let finds = |visitor: &Visitor<&Town>| {
        let found = visitor.get(&search);
        found.location().contains(&goes) || found.text().contains(&goes)
    };
    assert!(finds(&desk), "{number} is found by its number");
    let home = open(&desk, HOME);
    let listed = format!("/urzad/usuwanie/nowe?teczka={goes}");
    assert!(home.links().contains(&listed) && home.says(&number), "{}", home.text());
    let form = open(&desk, &listed).form("/urzad/usuwanie/nowe");
    let page = refused(&desk, &form);
    assert!(page.says("Wskaż, dlaczego dane mają zniknąć."), "{}", page.text());
    let form = form.with(&[("ground", "1")]);
    let page = refused(&desk, &form);
    assert!(page.says("Podaj podstawę prawną."), "{}", page.text());
    let typed = [("basis", "art. 5 ust. 1 lit. e RODO"), ("consent", " ")];
    let page = refused(&desk, &form.with(&typed));
    assert!(page.says("zgody archiwum państwowego"), "{}", page.text());
    assert_eq!(page.form("/urzad/usuwanie/nowe").value("basis"), typed[0].1, "nothing is lost");
    let path = propose(&desk, &goes, "1", "OK.6131.7.2032 z 2 stycznia 2032");
    let (page, _) = proposal(&desk, &goes);
    assert!(page.says("już zaproponowane") && page.links().contains(&path));

    // One person is not two, a session is no key, and two clerks are no administrator.
    approve(&desk, &mut clerk.key, &path);
    let page = open(&desk, &path);
    assert!(page.says("Twoja zgoda już jest."));
    assert!(page.forms().iter().all(|form| form.passkey.is_none()));
    let (mut other, others_desk) = Officer::new(&town, Role::Clerk);
    let page = open(&others_desk, &path);
    assert!(page.says("musi dać administrator"), "{}", page.text());
    assert!(page.forms().iter().all(|form| form.passkey.is_none()));
    // Whoever sends the form of another's page hears the same.
    let mut form = open(&administrator, &path).form(&format!("{path}/zgoda/start"));
    let token = page.form(&format!("{path}/wycofaj")).value("form_token").to_owned();
    form = form.with(&[("form_token", &token)]);
    let said = others_desk.try_ceremony(&form, &mut other.key).unwrap().unwrap_err();
    assert!(said.contains("musi dać administrator"), "{said}");
    let told =
        administrator.submit(&open(&administrator, &path).form(&format!("{path}/zgoda/start")));
    assert!(told.expect(422).says("działa tylko ze skryptem"));
    let page = open(&administrator, &path);
    assert!(page.says("nie da się tego cofnąć"), "{}", page.text());
    approve(&administrator, &mut chief.key, &path);
    finish(&town);

    // Done: gone from every list, the search and its own address; the paper says so.
    let page = open(&desk, &path);
    let uncertain = RealDisk.keeps_what_is_overwritten(&town.data());
    if let Some(what) = uncertain {
        assert!(page.says(&what), "{}", page.text());
        desk.get(&format!("{path}/zaswiadczenie")).expect(422);
    } else {
        certificate(&town, &desk, &path, &number);
    }
    desk.get(&format!("/urzad/drzewa/{goes}")).expect(404);
    desk.get(&format!("/urzad/usuwanie/nowe?teczka={goes}")).expect(422);
    assert!(!finds(&desk), "{number} is still found");
    for page in ["/urzad/skrzynka", HOME] {
        assert!(!open(&desk, page).says(&goes), "{page} still leads to it");
    }
    let mine = town.citizen(anna.id).visitor;
    mine.get(&format!("/moje-sprawy/{goes}")).expect(404);
    assert!(!open(&mine, "/moje-sprawy").says(&goes));
    // The neighbour's matter is untouched, and what both took home still holds.
    open(&town.citizen(jan.id).visitor, &format!("/moje-sprawy/{stays}"));
    for proof in [&of_goes, &of_stays] {
        proof.verify(&verifier).unwrap();
    }
    verify(&town);
}

/// The certificate and its proofs, as whoever has them reads them.
fn certificate(town: &Town, desk: &Visitor<&Town>, path: &str, number: &str) {
    let page = open(desk, &format!("{path}/zaswiadczenie"));
    let text = page.text();
    for words in [number, "OK.6131.7.2032", "art. 5 ust. 1 lit. e RODO", "pod punktem kontrolnym"] {
        assert!(text.contains(words), "{words} is not in\n{text}");
    }
    let vkey = town.data().join("log/vkey").display().to_string();
    let mut actions = BTreeMap::new();
    for what in ["zlecenie", "wykonanie"] {
        let file = desk.get(&format!("{path}/dowod/{what}")).expect(200);
        let kept = town.data().join(format!("{what}.ostoja-proof"));
        std::fs::write(&kept, &file.body).unwrap();
        let kept = kept.display().to_string();
        let (out, err, code) = Program::run(&["log", "verify-proof", &kept, "--vkey", &vkey]);
        assert_eq!(code, 0, "{out}{err}");
        std::fs::remove_file(&kept).unwrap();
        let proof: ProofFile = serde_json::from_slice(&file.body).unwrap();
        let proven = proof.verify(&town.store.log().verifier()).unwrap();
        assert!(page.says(&format!("wpis nr {}", proven.header.seq)), "{text}");
        assert_eq!(proof.bodies.len(), 1, "the record of the erasure, and nothing else");
        actions.insert(what, (proven.header.action, proven.header.erasure.is_some()));
    }
    assert_eq!(actions["zlecenie"], ("kernel.erase".to_owned(), true));
    assert_eq!(actions["wykonanie"], ("kernel.erased".to_owned(), false));
    desk.get(&format!("{path}/dowod/czegos")).expect(404);
}

#[test]
fn a_closed_account_goes_on_request_and_a_hold_keeps_it() {
    let town = town();
    let (mut clerk, desk) = Officer::new(&town, Role::Clerk);
    let (mut chief, administrator) = Officer::new(&town, Role::Administrator);
    let anna = town.resident(Level::Declared);
    let mut key = {
        let (second, key) = town.with_key(anna.id);
        drop(second);
        key
    };
    let person = format!("/urzad/mieszkancy/{}", anna.id);
    let (page, to) = proposal(&desk, &person);
    assert!(page.says("To konto jest otwarte."), "{}", page.text());

    // Closing asks once more, and ends everything.
    let close = "/konto/zamknij";
    let form = open(&anna.visitor, close).form(close);
    assert!(refused(&anna.visitor, &form).says("Zaznacz, że chcesz zamknąć konto."));
    let before = town.entries();
    let sent = anna.visitor.submit(&form.with(&[("sure", "yes")])).expect(303);
    assert_eq!((sent.location(), town.entries()), ("/konto/zamkniete", before + 1));
    sound(&anna.visitor.get("/konto/zamkniete").expect(200));
    anna.visitor.get("/konto").expect(303);
    assert!(anna.visitor.try_log_in(&mut key).is_err(), "a closed account opens to no key");

    // The desk sees that it is closed, and leads on.
    let by_name = open(&desk, "/urzad/mieszkancy").form("/urzad/mieszkancy");
    let by_name = by_name.with(&[("family", "Grab")]);
    let found = desk.submit(&by_name).expect(200);
    assert!(found.says(&person) && found.says("Konto zamknięte"), "{}", found.text());
    let page = open(&desk, &person);
    assert!(page.says("To konto jest zamknięte."), "{}", page.text());
    assert!(page.links().contains(&to), "{:?}", page.links());
    assert!(page.forms().iter().all(|form| !form.action.contains("/kod")));
    let hold = open(&desk, "/urzad/usuwanie/wstrzymania").form("/urzad/usuwanie/wstrzymania");
    let page = refused(&desk, &hold.clone().with(&[("file", "sprawa Anny"), ("reason", "x")]));
    assert!(page.says("nie ma identyfikatora teczki"), "{}", page.text());
    let page = refused(&desk, &hold.clone().with(&[("file", &person)]));
    assert!(page.says("Podaj powód."), "{}", page.text());
    let placed = hold.with(&[("file", &person), ("reason", "Sąd Rejonowy, II K 1/26")]);
    let held = desk.submit(&placed).expect(303).location().to_owned();
    assert!(open(&desk, &to).says("Usunięcie jest wstrzymane"));
    let lift = format!("{held}/zakoncz");
    assert!(open(&desk, &held).forms().iter().all(|form| form.action != lift), "not a clerk's");
    let form = open(&administrator, &held).form(&lift);
    assert!(refused(&administrator, &form).says("Podaj powód."));
    administrator.submit(&form.with(&[("reason", "postępowanie zakończone")])).expect(303);
    assert!(open(&desk, "/urzad/usuwanie/wstrzymania").says("Zakończone"));

    // Withdrawn and proposed anew; then the file changes under the proposal, because somebody opens it.
    let path = propose(&desk, &person, "2", "");
    let form = open(&desk, &path).form(&format!("{path}/wycofaj"));
    refused(&desk, &form);
    desk.submit(&form.with(&[("reason", "nie ta osoba")])).expect(303);
    assert!(open(&desk, &path).says("nie ta osoba"));
    let path = propose(&desk, &person, "2", "");
    approve(&desk, &mut clerk.key, &path);
    administrator.get(&person).expect(200);
    let page = open(&administrator, &path);
    assert!(page.says("Do teczki coś doszło"), "{}", page.text());
    let form = page.form(&format!("{path}/wycofaj")).with(&[("reason", "zmieniła się")]);
    administrator.submit(&form).expect(303);
    let path = propose(&desk, &person, "2", "");
    approve(&administrator, &mut chief.key, &path);
    approve(&desk, &mut clerk.key, &path);
    finish(&town);
    desk.get(&person).expect(404);
    assert!(town.store.view().get::<Person>(&anna.id).unwrap().is_none());
    let found = desk.submit(&by_name).expect(200);
    assert!(!found.says(&anna.id.to_string()), "{}", found.text());
    town.clock.set(town.clock.now() + SignedDuration::from_mins(1));
    assert!(town.visitor().try_log_in(&mut key).is_err());
    verify(&town);
}

#[test]
fn a_clerk_closes_an_account_for_whoever_stands_at_the_desk() {
    let town = town();
    let (_, desk) = Officer::new(&town, Role::Clerk);
    let anna = town.resident(Level::Verified);
    let case = filed(&anna.visitor, false);
    let person = format!("/urzad/mieszkancy/{}", anna.id);
    let close = format!("{person}/zamknij");
    assert!(open(&desk, &person).links().contains(&close));
    let form = open(&desk, &close).form(&close);
    assert!(refused(&desk, &form).says("Zaznacz, że widzisz dokument"));
    let before = town.entries();
    desk.submit(&form.clone().with(&[("seen", "yes")])).expect(303);
    assert_eq!(town.entries(), before + 1);
    anna.visitor.get("/konto").expect(303);
    desk.get(&close).expect(422);
    // The list at the desk says so, and the matter goes on.
    let find = open(&desk, "/urzad/mieszkancy").form("/urzad/mieszkancy");
    let found = desk.submit(&find.with(&[("family", "Łąk")])).expect(200);
    assert!(found.says(&person) && found.says("Konto zamknięte"), "{}", found.text());
    let page = open(&desk, &format!("/urzad/drzewa/{case}"));
    assert!(page.says("konto zamknięte"), "{}", page.text());
    // An account with matters does not go.
    let (page, _) = proposal(&desk, &person);
    assert!(page.says("sprawy, które trzeba jeszcze trzymać"), "{}", page.text());
    // Nobody closes that of staff.
    let member = town.settle(true, Level::Verified, &[Role::Editor]);
    desk.get(&format!("/urzad/mieszkancy/{member}/zamknij")).expect(404);
}

#[test]
fn where_somebody_is_gone_pages_say_so() {
    let town = town();
    let (_, desk) = Officer::new(&town, Role::Clerk);
    let anna = town.resident(Level::Verified);
    let case = filed(&anna.visitor, false);
    let person = town.store.view().get::<Person>(&anna.id).unwrap().unwrap();
    let name = person.full_name();
    let case = format!("/urzad/drzewa/{case}");
    assert!(open(&desk, &case).says(&name));
    // The rules keep an account while a matter names it: this is what a page would meet if they did not.
    let taken_out = town.store.desk(Actor::Console("test".to_owned())).commit(|_, authority| {
        let permit = authority.permit(&TAKE_OUT, &[anna.id])?;
        Ok::<_, Refusal>(Change::new(permit, Op::retract(&person)))
    });
    taken_out.unwrap().wait().unwrap();
    let page = open(&desk, &case);
    assert!(!page.says(&name) && page.says("konto usunięte"), "{}", page.text());
    open(&desk, "/urzad/skrzynka");
    desk.get(&format!("/urzad/mieszkancy/{}", anna.id)).expect(404);
    anna.visitor.get("/konto").expect(303);
}
