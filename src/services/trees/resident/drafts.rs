//! Drafts: what a resident has typed and not yet filed. They live in scratch for thirty days; nothing of them is
//! evidence, and nobody else reads them, the office neither.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use askama::Template;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::{
    PROCEDURE, common,
    model::{CaseId, TreeCase},
};
use crate::{
    kernel::{
        scratch::{Class, Owner, ScratchFull},
        store::{Fault, Refusal},
    },
    services::catalogue::{Answers, Context, Definition, import, steps},
    web::{
        Page, PageError, Reply, Tools, Visit,
        chrome::{Chrome, Link},
    },
};

/// How long a draft waits for its owner.
const LIVES: Duration = Duration::from_secs(30 * 24 * 3600);
/// Drafts of one person at a time: more are forgotten ones.
const DRAFTS_MAX: usize = 5;

/// A file of a draft, as scratch keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptFile {
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
    pub sha256: String,
    pub is_picture: bool,
}

/// What was typed so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub definition_version: u32,
    pub created: Timestamp,
    pub answers: Answers,
    /// By upload id.
    pub files: BTreeMap<String, KeptFile>,
}

/// A draft on the table, with its definition.
pub struct Opened {
    /// The case will have the same id.
    pub id: CaseId,
    pub draft: Draft,
    pub definition: Arc<Definition>,
    /// Lists of the commune; it has none yet.
    dictionaries: BTreeMap<String, Vec<String>>,
}

impl Opened {
    pub fn context(&self, visit: &Visit<'_>) -> Context<'_> {
        Context {
            definition: &self.definition,
            today: visit.today,
            dictionaries: &self.dictionaries,
        }
    }

    /// Keeps the draft for another thirty days.
    ///
    /// # Errors
    /// There is no room; what was kept before stays.
    pub fn save(&self, visit: &Visit<'_>, tools: &Tools<'_>) -> Result<(), PageError> {
        let bytes = serde_json::to_vec(&self.draft).map_err(Fault::new)?;
        let owner = Owner::Person(visit.me()?.id);
        tools
            .scratch
            .put(Class::Draft, &self.id.to_string(), &owner, &bytes, LIVES)
            .map_err(|full| PageError::Refusal(Refusal::rule(full_code(full))))
    }

    /// The address of one of its pages.
    pub fn path(&self, page: &str) -> String {
        format!("/szkice/{}/{page}", self.id)
    }

    /// Keeps a file, and what pages show of it.
    ///
    /// # Errors
    /// The key of a sentence: there is no room.
    pub fn keep(
        &mut self,
        owner: &Owner,
        tools: &Tools<'_>,
        received: &super::super::uploads::Received,
    ) -> Result<String, &'static str> {
        let id = Uuid::new_v4().to_string();
        let full = |full| match full {
            ScratchFull::Owner => "resident-file-quota",
            ScratchFull::Everyone | ScratchFull::Item | ScratchFull::Device => "resident-file-full",
        };
        tools.scratch.put(Class::Upload, &id, owner, &received.bytes, LIVES).map_err(full)?;
        if let Some(picture) = &received.picture {
            let packed = super::super::uploads::pack(picture);
            let kept = tools.scratch.put(Class::Upload, &pictures(&id), owner, &packed, LIVES);
            if let Err(error) = kept {
                tools.scratch.remove(Class::Upload, &id, owner);
                return Err(full(error));
            }
        }
        let file = KeptFile {
            name: received.name.clone(),
            media_type: received.media_type.to_owned(),
            bytes: received.bytes.len() as u64,
            sha256: received.sha256.clone(),
            is_picture: received.picture.is_some(),
        };
        self.draft.files.insert(id.clone(), file);
        Ok(id)
    }

    /// Forgets files that no answer names any more.
    pub fn prune(&mut self, owner: &Owner, tools: &Tools<'_>) {
        let named: Vec<String> = self
            .draft
            .answers
            .iter()
            .flat_map(|(_, values)| values)
            .filter_map(|value| crate::services::catalogue::Upload::parse(value))
            .map(|upload| upload.id)
            .collect();
        self.draft.files.retain(|id, _| {
            let keep = named.contains(id);
            if !keep {
                forget_upload(tools, owner, id);
            }
            keep
        });
    }
}

/// Behind an upload's id: the item with its pictures.
const PICTURES: &str = "-p";

/// Name of the item with the pictures of an upload.
pub fn pictures(upload: &str) -> String {
    format!("{upload}{PICTURES}")
}

fn forget_upload(tools: &Tools<'_>, owner: &Owner, id: &str) {
    tools.scratch.remove(Class::Upload, id, owner);
    tools.scratch.remove(Class::Upload, &pictures(id), owner);
}

fn full_code(full: ScratchFull) -> &'static str {
    match full {
        ScratchFull::Owner => "trees-drafts-quota",
        ScratchFull::Item => "trees-draft-too-large",
        ScratchFull::Everyone | ScratchFull::Device => "trees-drafts-full",
    }
}

/// The draft in the path. One that was filed leads to its case.
///
/// # Errors
/// There is none of this person's.
pub fn open(visit: &Visit<'_>) -> Result<Opened, PageError> {
    let id = visit.id("draft", CaseId::parse)?;
    let filed = visit.view().get::<TreeCase>(&id)?;
    if filed.is_some_and(|case| Some(case.owner) == visit.person.as_ref().map(|me| me.id)) {
        return Err(PageError::To(format!("/moje-sprawy/{id}/potwierdzenie")));
    }
    let bytes = visit.kept(Class::Draft, &id.to_string()).ok_or_else(PageError::unknown)?;
    let draft: Draft = serde_json::from_slice(&bytes).map_err(|_damaged| PageError::unknown())?;
    let definition = common::definition(visit.view(), draft.definition_version)?;
    Ok(Opened { id, draft, definition, dictionaries: BTreeMap::new() })
}

/// One draft in a list.
pub struct Listed {
    pub href: String,
    pub drop: String,
    pub begun: Timestamp,
    pub until: Timestamp,
    /// Where the property is, if that was said.
    pub about: String,
}

/// Drafts that are not filed, newest first.
///
/// # Errors
/// The store is unwell.
pub fn unfinished(visit: &Visit<'_>) -> Result<Vec<Listed>, Fault> {
    let mut found = Vec::new();
    for item in visit.all_kept(Class::Draft) {
        let Some(id) = CaseId::parse(&item.id) else { continue };
        if visit.view().row::<TreeCase>(&id)?.is_some() {
            continue;
        }
        let bytes = visit.kept(Class::Draft, &item.id);
        let Some(draft) = bytes.and_then(|bytes| serde_json::from_slice::<Draft>(&bytes).ok())
        else {
            continue;
        };
        found.push(Listed {
            href: format!("/szkice/{id}/sprawdz"),
            drop: format!("/szkice/{id}/usun"),
            begun: draft.created,
            until: item.expires,
            about: about(&draft.answers),
        });
    }
    found.sort_by_key(|draft| std::cmp::Reverse(draft.begun));
    Ok(found)
}

/// Where the trees stand, in a few words.
pub fn about(answers: &Answers) -> String {
    let parcel = format!(
        "{} {}",
        answers.first("prop.parcel.precinct"),
        answers.first("prop.parcel.number")
    );
    [parcel.trim(), answers.first("prop.address"), answers.first("prop.kw")]
        .into_iter()
        .map(str::trim)
        .find(|text| !text.is_empty())
        .unwrap_or_default()
        .chars()
        .take(60)
        .collect()
}

/// Forgets drafts whose notice is in the journal, until then they are the only copy; and files that a program that
/// died had kept for a draft and not yet named there: nobody can see them, and they take their owner's room.
pub fn sweep(visit: &Visit<'_>, tools: &Tools<'_>) -> Result<(), PageError> {
    let owner = Owner::Person(visit.me()?.id);
    for item in tools.scratch.list(Class::Draft, &owner) {
        let Some(id) = CaseId::parse(&item.id) else { continue };
        if visit.view().row::<TreeCase>(&id)?.is_some() {
            forget(tools, &owner, &item.id);
        }
    }
    let drafts = tools.scratch.list(Class::Draft, &owner);
    let named: Vec<String> = drafts
        .iter()
        .filter_map(|item| read(tools, &owner, &item.id))
        .flat_map(|draft| draft.files.into_keys())
        .collect();
    for item in tools.scratch.list(Class::Upload, &owner) {
        let upload = item.id.strip_suffix(PICTURES).unwrap_or(&item.id);
        if item.is_inherited && !named.iter().any(|id| id == upload) {
            tools.scratch.remove(Class::Upload, &item.id, &owner);
        }
    }
    Ok(())
}

fn read(tools: &Tools<'_>, owner: &Owner, id: &str) -> Option<Draft> {
    let bytes = tools.scratch.get(Class::Draft, id, owner)?;
    serde_json::from_slice(&bytes).ok()
}

fn forget(tools: &Tools<'_>, owner: &Owner, id: &str) {
    let draft = read(tools, owner, id);
    for upload in draft.iter().flat_map(|draft| draft.files.keys()) {
        forget_upload(tools, owner, upload);
    }
    tools.scratch.remove(Class::Draft, id, owner);
}

#[derive(Template)]
#[template(path = "services/trees/templates/resident_drafts.html")]
struct DraftsPage {
    c: Chrome,
    drafts: Vec<Listed>,
    full: bool,
    staff: bool,
}

/// Unfinished drafts and the button that begins another.
pub fn mine(visit: &Visit<'_>) -> Result<Page, PageError> {
    let mut c = visit.chrome_of("resident-drafts-title")?;
    let definition = import::in_force(visit.view(), PROCEDURE)?.ok_or_else(PageError::unknown)?;
    c.crumbs = vec![
        Link { label: c.plain("catalogue-title"), href: "/sprawy".to_owned() },
        Link {
            label: definition.name.wording(c.lang.code()).text,
            href: format!("/sprawy/{PROCEDURE}"),
        },
    ];
    let drafts = unfinished(visit)?;
    Page::html(&DraftsPage {
        c,
        full: drafts.len() >= DRAFTS_MAX,
        staff: visit.me()?.staff,
        drafts,
    })
}

/// A new draft with what the login knows.
pub fn begin(visit: &Visit<'_>, tools: &Tools<'_>) -> Result<Reply, PageError> {
    sweep(visit, tools)?;
    if unfinished(visit)?.len() >= DRAFTS_MAX {
        return Err(Refusal::rule("trees-drafts-quota").into());
    }
    let definition = import::in_force(visit.view(), PROCEDURE)?.ok_or_else(PageError::unknown)?;
    let me = visit.me()?;
    let mut answers = Answers::default();
    let known = [
        ("login.first", Some(me.given_name.clone())),
        ("login.last", Some(me.family_name.clone())),
        ("login.phone", me.phone.clone()),
        ("login.email", me.email.clone()),
    ];
    let known = known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    answers.prefill(&definition, &known.collect());
    let draft = Draft {
        definition_version: definition.version,
        created: visit.now,
        answers,
        files: BTreeMap::new(),
    };
    let opened =
        Opened { id: CaseId(Uuid::now_v7()), draft, definition, dictionaries: BTreeMap::new() };
    opened.save(visit, tools)?;
    let first = steps(opened.context(visit), &opened.draft.answers).first().map(|step| &step.id);
    Ok(Reply::To(opened.path(first.map_or("sprawdz", String::as_str))))
}

#[derive(Template)]
#[template(path = "services/trees/templates/resident_drop.html")]
struct DropPage {
    c: Chrome,
    about: String,
    begun: Timestamp,
    action: String,
    back: String,
}

/// Asks before a draft is thrown away.
pub fn ask_to_drop(visit: &Visit<'_>) -> Result<Page, PageError> {
    let opened = open(visit)?;
    let mut c = visit.chrome_of("resident-drop-title")?;
    c.crumbs = vec![Link { label: c.plain("ui-my-cases"), href: "/moje-sprawy".to_owned() }];
    let (action, back) = (opened.path("usun"), opened.path("sprawdz"));
    let about = about(&opened.draft.answers);
    Page::html(&DropPage { c, about, begun: opened.draft.created, action, back })
}

/// Throws a draft and its files away.
pub fn drop_it(visit: &Visit<'_>, tools: &Tools<'_>) -> Result<Reply, PageError> {
    let opened = open(visit)?;
    forget(tools, &Owner::Person(visit.me()?.id), &opened.id.to_string());
    Ok(Reply::To("/moje-sprawy".to_owned()))
}
