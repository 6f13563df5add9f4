//! Three doors into the house, of one build: a resident registers, the first administrator enrols
//! with the console's code, staff accept an invitation. First the name, then the key; what was typed
//! waits in scratch, so that a key that fails costs nothing.

use std::time::Duration;

use askama::Template;
use uuid::Uuid;

use super::{ceremony, count_attempt, mark, no_room, read};
use crate::{
    kernel::{
        cbor,
        identity::{
            Action, PersonId, Who,
            codes::{self, Codes},
            passkeys::NewPasskey,
            people::{
                CREDENTIALS_BY_ID, Code, CodeUse, Credential, CredentialId, GrantId, Person,
                STAFF_BY_NAME, SignInEvent, credential_key,
            },
            sessions::{Login, Method},
        },
        scratch::Class,
        store::{Change, Desk, Op, Refusal, View, keys::Key},
    },
    services::people::{
        model::{self, Applicant},
        rules,
    },
    web::{
        Committed, Page, PageError, Reply, Route, Tools, Visit,
        answer::SessionChange,
        chrome::{Chrome, paths},
        parts::{Answer, Filled},
        router::FIRST_START,
    },
};

pub static REGISTER: Action =
    Action { name: "people.register", who: Who::Anyone, sentence: "audit-people-register" };
pub static ENROL_FIRST: Action =
    Action { name: "people.enrol-first", who: Who::Anyone, sentence: "audit-people-enrol-first" };
pub static ACCEPT: Action =
    Action { name: "people.accept", who: Who::Anyone, sentence: "audit-people-accept" };

pub static ACTIONS: &[&Action] = &[&REGISTER, &ENROL_FIRST, &ACCEPT];

pub static ROUTES: &[Route] = &[
    Route::look("/konto/nowe", Who::Anyone, |visit| names_page(&RESIDENT, visit)),
    Route::draft("/konto/nowe", Who::Anyone, |visit, tools| keep_names(&RESIDENT, visit, tools)),
    Route::look("/konto/nowe/klucz", Who::Anyone, |visit| key_page(&RESIDENT, visit)),
    Route::draft("/konto/nowe/klucz/start", Who::Anyone, |visit, tools| {
        start(&RESIDENT, visit, tools)
    }),
    Route::act("/konto/nowe/klucz/koniec", &REGISTER, |desk, visit, tools| {
        finish(&RESIDENT, desk, visit, tools)
    }),
    Route::look("/pierwsze-uruchomienie", Who::Anyone, |visit| names_page(&FIRST, visit)),
    Route::draft("/pierwsze-uruchomienie", Who::Anyone, |visit, tools| {
        keep_names(&FIRST, visit, tools)
    }),
    Route::look("/pierwsze-uruchomienie/klucz", Who::Anyone, |visit| key_page(&FIRST, visit)),
    Route::draft("/pierwsze-uruchomienie/klucz/start", Who::Anyone, |visit, tools| {
        start(&FIRST, visit, tools)
    }),
    Route::act("/pierwsze-uruchomienie/klucz/koniec", &ENROL_FIRST, |desk, visit, tools| {
        finish(&FIRST, desk, visit, tools)
    }),
    Route::look("/zaproszenie", Who::Anyone, |visit| names_page(&INVITED, visit)),
    Route::draft("/zaproszenie", Who::Anyone, |visit, tools| keep_names(&INVITED, visit, tools)),
    Route::look("/zaproszenie/klucz", Who::Anyone, |visit| key_page(&INVITED, visit)),
    Route::draft("/zaproszenie/klucz/start", Who::Anyone, |visit, tools| {
        start(&INVITED, visit, tools)
    }),
    Route::act("/zaproszenie/klucz/koniec", &ACCEPT, |desk, visit, tools| {
        finish(&INVITED, desk, visit, tools)
    }),
];

/// One of the three.
struct Door {
    name: &'static str,
    path: &'static str,
    title: &'static str,
    lead: &'static str,
    action: &'static Action,
    /// The code it opens with; the door of residents opens to everybody.
    code: Option<CodeUse>,
}

static RESIDENT: Door = Door {
    name: "register",
    path: "/konto/nowe",
    title: "people-register",
    lead: "people-register-lead",
    action: &REGISTER,
    code: None,
};
static FIRST: Door = Door {
    name: "first",
    path: FIRST_START,
    title: "people-first",
    lead: "people-first-lead",
    action: &ENROL_FIRST,
    code: Some(CodeUse::FirstAdministrator),
};
static INVITED: Door = Door {
    name: "invited",
    path: "/zaproszenie",
    title: "people-invited",
    lead: "people-invited-lead",
    action: &ACCEPT,
    code: Some(CodeUse::StaffInvitation),
};

/// How long what was typed waits for the key.
const LIVES: Duration = Duration::from_secs(3600);

#[derive(Template)]
#[template(path = "services/people/templates/door.html")]
struct NamesPage {
    c: Chrome,
    f: Filled,
    lead: &'static str,
    path: &'static str,
    with_code: bool,
}

#[derive(Template)]
#[template(path = "services/people/templates/door_key.html")]
struct KeyPage {
    c: Chrome,
    rows: Vec<Answer>,
    path: &'static str,
    start: String,
    finish: String,
    two: bool,
}

/// Whether the door may be opened at all: not to somebody who is in, and the first one only once.
fn check_door(door: &Door, visit: &Visit<'_>) -> Result<(), PageError> {
    if visit.person.is_some() {
        return Err(PageError::To("/konto".to_owned()));
    }
    if door.code == Some(CodeUse::FirstAdministrator) && is_inhabited(visit.view())? {
        return Err(PageError::To(paths::LOGIN.to_owned()));
    }
    Ok(())
}

fn is_inhabited(view: &View<'_>) -> Result<bool, crate::kernel::store::Fault> {
    Ok(!view.list::<Person>(STAFF_BY_NAME, &Key::new(), None, 1)?.rows.is_empty())
}

fn item(door: &Door) -> String {
    format!("people.{}", door.name)
}

fn waiting(door: &Door, visit: &Visit<'_>) -> Option<Applicant> {
    read(&visit.held(Class::Form, &item(door))?, Applicant::fields_from_map)
}

fn form(door: &Door, visit: &Visit<'_>, f: Filled) -> Result<NamesPage, PageError> {
    let mut c = visit.chrome_of(door.title)?;
    c.failed = !f.is_right();
    Ok(NamesPage { c, f, lead: door.lead, path: door.path, with_code: door.code.is_some() })
}

fn names_page(door: &Door, visit: &Visit<'_>) -> Result<Page, PageError> {
    check_door(door, visit)?;
    let f = match waiting(door, visit) {
        // A code in the address comes from the printed sheet.
        None => Filled::new().with("code", visit.query.get("kod")),
        Some(typed) => Filled::new()
            .with("code", typed.code.unwrap_or_default())
            .with("given", typed.given_name)
            .with("family", typed.family_name)
            .with("phone", typed.phone.unwrap_or_default())
            .with("email", typed.email.unwrap_or_default()),
    };
    Page::html(&form(door, visit, f)?)
}

fn keep_names(door: &Door, visit: &Visit<'_>, tools: &Tools<'_>) -> Result<Reply, PageError> {
    check_door(door, visit)?;
    let applicant = typed(door, visit, tools).or_else(|wrong| {
        let mut f = Filled::new();
        for field in ["code", "given", "family", "phone", "email"] {
            f.put(field, visit.form.get(field));
        }
        mark(visit, &mut f, &wrong);
        Err(PageError::form(&form(door, visit, f)?))
    })?;
    let bytes = cbor::encode_map(&applicant.fields_to_map());
    tools
        .scratch
        .put(Class::Form, &item(door), &visit.token.owner(), &bytes, LIVES)
        .map_err(no_room)?;
    Ok(Reply::To(format!("{}/klucz", door.path)))
}

/// What was typed, or all that is wrong with it.
fn typed(door: &Door, visit: &Visit<'_>, tools: &Tools<'_>) -> Result<Applicant, Vec<Refusal>> {
    let field = |name| visit.form.get(name);
    let mut wrong = Vec::new();
    let mut invited_as = None;
    if let Some(used_for) = door.code {
        let found = count_attempt(visit).and_then(|()| {
            Codes::new(tools.scratch).find(visit.view(), field("code"), used_for, visit.now)
        });
        match found {
            Ok(code) => invited_as = code.given_name.zip(code.family_name),
            Err(refusal) => wrong.push(refusal),
        }
    }
    let code = if door.code.is_some() { field("code").trim() } else { "" };
    // Who invited somebody by name has said what they are called.
    let names = match invited_as {
        Some((given, family)) => Ok(model::Names { given, family }),
        None => model::names(field("given"), field("family")),
    };
    let contact = match door.code {
        Some(_) => Ok(None),
        None => model::contact(field("phone"), field("email")).map(Some),
    };
    match (names, contact) {
        (Ok(names), Ok(contact)) if wrong.is_empty() => {
            let person = waiting(door, visit).map_or_else(PersonId::random, |before| before.person);
            Ok(rules::applicant(person, names, contact, code))
        }
        (names, contact) => {
            wrong.extend(names.err().into_iter().flatten());
            wrong.extend(contact.err().into_iter().flatten());
            Err(wrong)
        }
    }
}

fn key_page(door: &Door, visit: &Visit<'_>) -> Result<Page, PageError> {
    check_door(door, visit)?;
    let Some(applicant) = waiting(door, visit) else {
        return Err(PageError::To(door.path.to_owned()));
    };
    let c = visit.chrome_of("people-make-key")?;
    let row = |label: &str, value: &str| Answer {
        label: c.plain(label),
        lines: vec![value.to_owned()],
        change: door.path.to_owned(),
    };
    let mut rows = vec![
        row("people-given", &applicant.given_name),
        row("people-family", &applicant.family_name),
    ];
    rows.extend(applicant.phone.iter().map(|phone| row("people-phone", phone)));
    rows.extend(applicant.email.iter().map(|email| row("people-email", email)));
    let (start, finish) =
        (format!("{}/klucz/start", door.path), format!("{}/klucz/koniec", door.path));
    Page::html(&KeyPage { c, rows, path: door.path, start, finish, two: door.code.is_some() })
}

fn start(door: &Door, visit: &Visit<'_>, tools: &Tools<'_>) -> Result<Reply, PageError> {
    check_door(door, visit)?;
    let applicant = waiting(door, visit).ok_or_else(|| Refusal::rule("passkey-over"))?;
    refuse_second_account(visit.view(), &applicant)?;
    let name = format!("{} {}", applicant.given_name, applicant.family_name);
    let started = tools
        .passkeys
        .start_registration(applicant.person, &name, &name, &[])
        .map_err(crate::kernel::store::Fault::new)?;
    ceremony::begin(visit, tools, door.name, &started)
}

/// The key was made before, and the answer was lost on the way.
fn refuse_second_account(view: &View<'_>, applicant: &Applicant) -> Result<(), Refusal> {
    match view.get::<Person>(&applicant.person)? {
        None => Ok(()),
        Some(_) => Err(Refusal::rule("people-registered-already")),
    }
}

fn finish(
    door: &'static Door,
    desk: Desk<'_>,
    visit: &Visit<'_>,
    tools: &Tools<'_>,
) -> Result<Committed, PageError> {
    check_door(door, visit)?;
    let ended = ceremony::end(visit, tools, door.name)?;
    let applicant = waiting(door, visit).ok_or_else(|| Refusal::rule("passkey-over"))?;
    let new = tools
        .passkeys
        .finish_registration(&ended.state, &ended.credential)
        .map_err(ceremony::refusal)?;
    let key_name = visit.chrome("")?.plain("people-first-key");
    let credential = CredentialId(Uuid::new_v4());
    let person = applicant.person;
    let codes = Codes::new(tools.scratch);
    let ticket = desk.commit(|view, authority| {
        let now = authority.now();
        let code = match door.code {
            None => None,
            Some(used_for) => {
                let typed = applicant.code.as_deref().unwrap_or_default();
                Some(codes.find(view, typed, used_for, now)?)
            }
        };
        if door.code == Some(CodeUse::FirstAdministrator) && is_inhabited(view)? {
            return Err(Refusal::unknown());
        }
        let permit = authority.permit(door.action, &[person])?;
        let records = admit(view, &applicant, code, new, (credential, key_name), now)?;
        Ok(records.into_change(permit))
    })?;
    tools.scratch.remove(Class::Form, &item(door), &visit.token.owner());
    let login = Login {
        person,
        staff: door.code.is_some(),
        level: rules::account(&applicant, door.code.is_some(), None, visit.now).level,
        method: Method::Passkey,
        credential,
    };
    Ok(Committed::to(ticket, "/konto").json().session(SessionChange::Begin(login)))
}

/// All that comes into being when somebody is let in.
struct Admitted {
    account: Op,
    others: Vec<Op>,
}

impl Admitted {
    fn into_change(self, permit: crate::kernel::identity::Permit) -> Change {
        self.others.into_iter().fold(Change::new(permit, self.account), Change::and)
    }
}

fn admit(
    view: &View<'_>,
    applicant: &Applicant,
    code: Option<Code>,
    new: NewPasskey,
    (credential, key_name): (CredentialId, String),
    now: jiff::Timestamp,
) -> Result<Admitted, Refusal> {
    refuse_second_account(view, applicant)?;
    if view.find::<Credential>(CREDENTIALS_BY_ID, &credential_key(&new.credential_id))?.is_some() {
        return Err(Refusal::rule("passkey-known"));
    }
    let person = applicant.person;
    let vouched_by = code.as_ref().and_then(|code| code.issued_by);
    let account = rules::account(applicant, code.is_some(), vouched_by, now);
    let key = rules::key(credential, person, new, key_name, now);
    let sign_in = rules::sign_in(None, person, SignInEvent::In, Some(credential), now);
    let mut others = vec![Op::put(&key), Op::put(&sign_in)];
    if let Some(code) = code {
        let ids = std::iter::repeat_with(|| GrantId(Uuid::now_v7()));
        others.extend(rules::grants(&code, person, ids, now).iter().map(Op::put));
        others.push(Op::put(&codes::used(code, now)));
    }
    Ok(Admitted { account: Op::put(&account), others })
}
