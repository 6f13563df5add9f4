//! One request, as handlers see it: who, what, when; views and nothing that writes.

use std::path::Path;

use jiff::{Timestamp, civil::Date};
use uuid::Uuid;

use crate::{
    kernel::{
        blobs::StagedBlob,
        clock,
        identity::{
            Actor, Person, PersonId, Who,
            action::allowed,
            passkeys::Passkeys,
            people::Commune,
            sessions::{Session, Sessions, Token},
        },
        log::checkpoint::Log,
        scratch::{Class, Listed, Owner, Scratch},
        store::{Fault, Refusal, Store, View, desk::Submission, record::RecordId},
    },
    web::{
        House, Page, PageError,
        chrome::{Chrome, MenuItem, PersonFace, Theme, fields},
        i18n::Lang,
        input::{Form, Upload},
    },
    worker::Pool,
};

/// What handlers of scratch and of changes may use beside the view.
pub struct Tools<'a> {
    pub scratch: &'a Scratch,
    pub sessions: &'a Sessions,
    pub passkeys: &'a Passkeys,
    pub workers: &'a Pool,
    store: &'a Store,
}

impl<'a> Tools<'a> {
    pub(in crate::web) fn new(house: &'a House) -> Tools<'a> {
        let House { scratch, sessions, passkeys, workers, store, .. } = house;
        Tools { scratch, sessions, passkeys, workers, store }
    }

    /// Writes a blob durably, before the change that names it.
    ///
    /// # Errors
    /// No space, or the device failed: nothing was saved.
    pub fn stage_blob(&self, bytes: &[u8]) -> Result<StagedBlob, Fault> {
        self.store.stage_blob(bytes)
    }
}

/// One request.
pub struct Visit<'a> {
    pub(in crate::web) house: &'a House,
    view: View<'a>,
    pub actor: Actor,
    pub person: Option<Person>,
    pub session: Option<Session>,
    /// What the browser holds, logged in or not: owner of its ceremonies.
    pub token: Token,
    pub now: Timestamp,
    pub today: Date,
    pub request: [u8; 8],
    /// Path and query.
    pub path: String,
    pub lang: Lang,
    pub theme: Theme,
    pub params: Vec<(String, String)>,
    pub query: Form,
    pub form: Form,
    pub files: Vec<Upload>,
    pub json: Option<serde_json::Value>,
    pub(in crate::web) form_token: String,
}

/// What the router knows before a handler runs.
pub(in crate::web) struct Arrival {
    pub request: [u8; 8],
    pub path: String,
    pub lang: Lang,
    pub theme: Theme,
    pub params: Vec<(String, String)>,
    pub query: Form,
    pub body: crate::web::input::Body,
    pub session: Option<Session>,
    pub token: Token,
    pub form_token: String,
    pub now: Timestamp,
}

impl<'a> Visit<'a> {
    pub(in crate::web) fn new(house: &'a House, arrival: Arrival) -> Result<Visit<'a>, Fault> {
        let view = house.store.view();
        let mut session = arrival.session;
        let person = match &session {
            None => None,
            Some(session) => view.get::<Person>(&session.person)?.filter(|person| !person.closed),
        };
        if person.is_none() {
            session = None;
        }
        let actor = match &person {
            None => Actor::Visitor,
            Some(person) if person.staff => Actor::Staff(person.id),
            Some(person) => Actor::Resident(person.id),
        };
        Ok(Visit {
            house,
            view,
            actor,
            person,
            session,
            token: arrival.token,
            now: arrival.now,
            today: clock::date_in_poland(arrival.now),
            request: arrival.request,
            path: arrival.path,
            lang: arrival.lang,
            theme: arrival.theme,
            params: arrival.params,
            query: arrival.query,
            form: arrival.body.form,
            files: arrival.body.files,
            json: arrival.body.json,
            form_token: arrival.form_token,
        })
    }

    /// Durable state.
    pub fn view(&self) -> &View<'a> {
        &self.view
    }

    /// A part of the path, as the route names it.
    pub fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// An id in the path.
    ///
    /// # Errors
    /// It is not spelt like one: the same answer as for one that does not exist.
    pub fn id<I>(&self, name: &str, parse: impl FnOnce(&str) -> Option<I>) -> Result<I, PageError> {
        parse(self.param(name)).ok_or_else(PageError::unknown)
    }

    /// The person who is logged in.
    ///
    /// # Errors
    /// Nobody is: the router has asked before, so this is the page of a stranger.
    pub fn me(&self) -> Result<&Person, PageError> {
        self.person.as_ref().ok_or(PageError::Refusal(Refusal::denied()))
    }

    /// What the holder of this browser's token keeps in scratch under a name: before a login.
    pub fn held(&self, class: Class, id: &str) -> Option<Vec<u8>> {
        self.house.scratch.get(class, id, &self.token.owner())
    }

    /// A person's sessions, newest first.
    pub fn sessions_of(&self, person: PersonId) -> Vec<Session> {
        self.house.sessions.of_person(person)
    }

    /// What this person keeps in scratch under a name: nobody reads another's draft.
    pub fn kept(&self, class: Class, id: &str) -> Option<Vec<u8>> {
        self.house.scratch.get(class, id, &Owner::Person(self.person.as_ref()?.id))
    }

    /// What this person keeps in scratch of a class.
    pub fn all_kept(&self, class: Class) -> Vec<Listed> {
        let owner = self.person.as_ref().map(|person| Owner::Person(person.id));
        owner.map(|owner| self.house.scratch.list(class, &owner)).unwrap_or_default()
    }

    /// Whether the visitor may do something: before a button is shown.
    pub fn may(&self, who: Who) -> bool {
        allowed(&self.view, &self.actor, who, self.now).is_ok()
    }

    /// What makes a repeated form find its first answer. The key comes from the form.
    ///
    /// # Errors
    /// The form has no key: it is not one of ours.
    pub fn submission(&self) -> Result<Submission, PageError> {
        let key = self.form.get(fields::SUBMISSION_KEY);
        let good = (16..=64).contains(&key.len())
            && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !good {
            return Err(PageError::Refusal(Refusal::rule("form-without-key")));
        }
        Ok(Submission::new(&self.actor, key, &self.form.content()))
    }

    /// A key for a new form.
    pub fn submission_key(&self) -> String {
        Uuid::new_v4().to_string()
    }

    /// What the commune says of itself.
    ///
    /// # Errors
    /// The store is unwell.
    pub fn commune(&self) -> Result<Commune, Fault> {
        self.view
            .get::<Commune>(&"commune".to_owned())?
            .ok_or_else(|| Fault::new("the commune has no record"))
    }

    /// Origin of the public pages, for links in feeds and on paper.
    pub fn origin(&self) -> &str {
        &self.house.origin
    }

    /// The frame of a page.
    ///
    /// # Errors
    /// The store is unwell.
    pub fn chrome(&self, title: impl Into<String>) -> Result<Chrome, Fault> {
        let commune = self.view.get::<Commune>(&"commune".to_owned())?;
        let name = commune.as_ref().map_or("Ostoja", |commune| &commune.name);
        let mut c = Chrome::new(self.house.texts.clone(), self.lang, name, &self.path);
        c.title = title.into();
        c.theme = self.theme;
        c.form_token.clone_from(&self.form_token);
        c.person = self
            .person
            .as_ref()
            .map(|person| PersonFace { name: person.full_name(), staff: person.staff });
        c.status = commune.is_some_and(|commune| commune.demo).then(|| c.plain("web-demo-status"));
        c.menu = self.menu(&c);
        c.wide = self.person.as_ref().is_some_and(|person| person.staff);
        Ok(c)
    }

    /// The frame of a page whose title is a text.
    ///
    /// # Errors
    /// The store is unwell.
    pub fn chrome_of(&self, title_key: &str) -> Result<Chrome, Fault> {
        let mut c = self.chrome("")?;
        c.title = c.plain(title_key);
        Ok(c)
    }

    fn menu(&self, c: &Chrome) -> Vec<MenuItem> {
        let here = self.path.split('?').next().unwrap_or_default();
        let entries = self.house.services.iter().flat_map(|service| service.menu);
        entries
            .filter(|entry| self.may(entry.who))
            .map(|entry| MenuItem {
                label: c.plain(entry.label),
                href: entry.href.to_owned(),
                current: entry.href == here,
            })
            .collect()
    }

    /// A sentence of a refusal, in the visitor's language: what is wrong and what to do.
    pub fn sentence(&self, refusal: &Refusal) -> (String, String) {
        crate::web::failure::sentences(&self.house.texts, self.lang, refusal)
    }

    /// All services, for pages that show the street.
    pub fn services(&self) -> &[&'static crate::web::Service] {
        &self.house.services
    }

    /// The public log: checkpoints, the key that checks them, hashes. Nothing in it is personal.
    pub fn public_log(&self) -> &Log {
        self.house.store.log()
    }

    /// A proof of an entry from the public log and its journal.
    pub fn proof_of(
        &self,
        seq: u64,
        disclose: impl Fn(u32, u16) -> bool,
    ) -> Result<Option<crate::kernel::log::proof::ProofFile>, Fault> {
        let store = &self.house.store;
        if !store.wait_signed(seq, std::time::Duration::from_secs(5)) {
            return Ok(None);
        }
        Ok(crate::kernel::log::proof::ProofFile::make(store.reader(), store.log(), seq, disclose)?)
    }

    /// An opaque, signed position in a list.
    pub fn cursor(&self, list: &str, position: &[u8]) -> String {
        self.house.store.cursors().seal(list, position)
    }

    /// The position in the query's cursor; the start if there is none or it is not ours.
    pub fn position(&self, list: &str) -> Option<Vec<u8>> {
        self.house.store.cursors().open(list, self.query.get("dalej"))
    }

    /// Renders an inert file.
    pub fn file(&self, name: &str, content_type: &'static str, bytes: Vec<u8>) -> Page {
        Page::of(content_type, bytes).download(
            Path::new(name)
                .file_name()
                .map_or_else(|| "plik".to_owned(), |name| name.to_string_lossy().into_owned()),
        )
    }

    /// Bytes of an id, for keys of scratch.
    pub fn id_text(id: &impl RecordId) -> String {
        crate::kernel::crypto::hex(&id.to_bytes())
    }

    /// Name of a person; where the account was erased, a text says so.
    ///
    /// # Errors
    /// The store is unwell.
    pub fn name_of(&self, person: PersonId) -> Result<String, Fault> {
        let known = self.view.get::<Person>(&person)?;
        let gone = || self.house.texts.plain(self.lang, "web-person-gone", &[]);
        Ok(known.map_or_else(gone, |person| person.full_name()))
    }
}
