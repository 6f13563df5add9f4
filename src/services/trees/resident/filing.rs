//! Filing: a draft becomes a case. One entry holds the notice, its files and how the resident confirmed it.
//!
//! The case has the draft's id, so that the same draft can never become two cases. The draft itself stays in
//! scratch until the case is seen to be durable (`drafts::sweep`).

use std::collections::BTreeMap;

use super::super::{
    CaseState, Command, PROCEDURE, TreeRules, common, decide,
    model::{BY_NUMBER, CaseId, FileRole, Json, TreeCase},
    timeline,
    uploads::{self, FileAbout, Staged},
};
use super::{
    FILE,
    drafts::{self, Opened, pictures},
};
use crate::{
    kernel::{
        clock::date_in_poland,
        crypto::{Hash, hash, hex},
        identity::{Authority, PersonId},
        scratch::{Class, Owner},
        store::{Change, Desk, Fault, Op, Refusal, Ticket, View, keys::Key},
    },
    services::catalogue::{
        Answers, Calendar, Definition, Upload, Weight, check_all, missing_statutory, normalise,
    },
    web::{
        Committed, PageError, Tools, Visit,
        confirm::{self, Confirmation},
    },
};

/// The tick by which a resident files a notice with a gap in what the statute demands.
pub const ANYWAY: &str = "anyway";
/// Field with the digest of what the check page showed. Scratch may lose its last seconds, and a form may be open in
/// two windows: what is filed is what was read, or nothing.
pub const SEEN: &str = "seen";

/// Why a draft is not filed.
pub enum NotReady {
    /// Something in it is wrong, or it has a gap that was not accepted.
    Wrong,
    /// It is not what the resident has read.
    Changed,
    Fault(Fault),
}

impl From<Fault> for NotReady {
    fn from(fault: Fault) -> NotReady {
        NotReady::Fault(fault)
    }
}

/// A draft, ready to be filed.
pub struct Ready {
    pub id: CaseId,
    pub answers: Answers,
    /// Field, upload id, file; in the order of the answers.
    files: Vec<(String, String, drafts::KeptFile)>,
    pub incomplete: bool,
    /// What the resident confirms: the answers and every file.
    pub content: Hash,
}

impl Ready {
    /// A notice without files, as a program files it.
    pub fn of_answers(id: CaseId, answers: Answers) -> Ready {
        Ready { id, answers, files: Vec::new(), incomplete: false, content: [0; 32] }
    }
}

/// Checks a draft as a whole.
///
/// # Errors
/// It cannot be filed as it is.
pub fn ready(visit: &Visit<'_>, opened: &Opened) -> Result<Ready, NotReady> {
    let context = opened.context(visit);
    let answers = normalise(context, &opened.draft.answers);
    let wrong = check_all(context, &answers).iter().any(|error| error.weight == Weight::Wrong);
    let incomplete = !missing_statutory(context, &answers).is_empty();
    if wrong || (incomplete && visit.form.get(ANYWAY) != "yes") {
        return Err(NotReady::Wrong);
    }
    let files = files(opened, &answers);
    let content = content(&answers, opened.draft.definition_version, &files)?;
    if visit.form.get(SEEN) != hex(&content) {
        return Err(NotReady::Changed);
    }
    Ok(Ready { id: opened.id, answers, files, incomplete, content })
}

/// Digest of a draft as it stands now.
///
/// # Errors
/// The answers cannot be written down.
pub fn digest(opened: &Opened, answers: &Answers) -> Result<String, Fault> {
    Ok(hex(&content(answers, opened.draft.definition_version, &files(opened, answers))?))
}

/// The files that the answers name.
fn files(opened: &Opened, answers: &Answers) -> Vec<(String, String, drafts::KeptFile)> {
    let mut files = Vec::new();
    for (path, values) in answers.iter() {
        for upload in values.iter().filter_map(|value| Upload::parse(value)) {
            // Text that only looks like a file names none of ours.
            if let Some(file) = opened.draft.files.get(&upload.id) {
                files.push((path.to_owned(), upload.id, file.clone()));
            }
        }
    }
    files
}

/// SHA-256 over the definition's version, the clean answers as JSON and the hash of every file.
fn content(
    answers: &Answers,
    version: u32,
    files: &[(String, String, drafts::KeptFile)],
) -> Result<Hash, Fault> {
    let json = serde_json::to_vec(answers).map_err(Fault::new)?;
    let version = version.to_be_bytes();
    let length = (json.len() as u64).to_be_bytes();
    let mut parts: Vec<&[u8]> = vec![b"ostoja/trees/notice/1", &version, &length, &json];
    parts.extend(files.iter().map(|(_, _, file)| file.sha256.as_bytes()));
    Ok(hash(&parts))
}

fn stage(
    visit: &Visit<'_>,
    tools: &Tools<'_>,
    ready: &Ready,
) -> Result<Vec<(String, Staged)>, PageError> {
    let owner = Owner::Person(visit.me()?.id);
    let lost = || PageError::Refusal(Refusal::rule("trees-file-lost"));
    let mut staged = Vec::with_capacity(ready.files.len());
    for (field, id, file) in &ready.files {
        let kept = |id: &str| tools.scratch.get(Class::Upload, id, &owner).ok_or_else(lost);
        let bytes = kept(id)?;
        let packed = if file.is_picture { Some(kept(&pictures(id))?) } else { None };
        let shown = match &packed {
            None => None,
            Some(packed) => Some(uploads::unpack(packed).ok_or_else(lost)?),
        };
        let named = (file.name.clone(), file.media_type.clone(), file.sha256.clone());
        staged.push((field.clone(), Staged::write(tools, named, &bytes, shown)?));
    }
    Ok(staged)
}

fn role(field: &str) -> FileRole {
    match field {
        "sketch" => FileRole::Sketch,
        "photos" => FileRole::Photo,
        "agent.doc" => FileRole::PowerOfAttorney,
        _ if field.starts_with("coowners[") => FileRole::Consent,
        _ => FileRole::Attachment,
    }
}

/// Files without a passkey: the session alone is the evidence, and it is labelled so.
pub fn by_session(
    desk: Desk<'_>,
    visit: &Visit<'_>,
    tools: &Tools<'_>,
) -> Result<Committed, PageError> {
    let opened = drafts::open(visit)?;
    let ready = ready(visit, &opened).map_err(|why| super::check::again(visit, &opened, why))?;
    let path = confirmation(ready.id);
    let ticket = file(desk, visit, tools, &opened, ready, Confirmation::Session)?;
    Ok(Committed::to(ticket, path))
}

/// Where a filed notice is confirmed.
pub fn confirmation(id: CaseId) -> String {
    format!("/moje-sprawy/{id}/potwierdzenie")
}

/// Files.
pub fn file(
    desk: Desk<'_>,
    visit: &Visit<'_>,
    tools: &Tools<'_>,
    opened: &Opened,
    ready: Ready,
    by: Confirmation,
) -> Result<Ticket, PageError> {
    let owner = visit.me()?.id;
    let submission = confirm::submission(visit, &ready.content)?;
    let staged = stage(visit, tools, &ready)?;
    let path = confirmation(ready.id);
    // A version of a definition never changes, so it may be read before the decision.
    let definition = &opened.definition;
    let ticket = desk.once(submission).commit(|view, authority| {
        let notice = notice(view, authority, definition, owner, &ready)?;
        let mut attachments = Change::attachments(authority.permit_owner(&FILE, owner)?);
        let added = authority.received();
        let files = staged.into_iter().map(|(field, file)| {
            let about =
                FileAbout { role: role(&field), field, from_office: false, added, tree: None };
            file.attach(&mut attachments, about)
        });
        let files = files.collect();
        let case = TreeCase { files, ..notice };
        by.settle(attachments.change(Op::put(&case)).answer(&path), view, owner)
    })?;
    Ok(ticket)
}

/// The case that a notice becomes, by the rules of the day on which it was delivered.
///
/// # Errors
/// It was filed already, or there are no rules for that day.
pub fn notice(
    view: &View<'_>,
    authority: &Authority<'_>,
    definition: &Definition,
    owner: PersonId,
    ready: &Ready,
) -> Result<TreeCase, Refusal> {
    if view.get::<TreeCase>(&ready.id)?.is_some() {
        return Err(Refusal::rule("trees-filed-already"));
    }
    let filed = authority.received();
    let delivered = date_in_poland(filed);
    let today = date_in_poland(authority.now());
    let ruleset =
        definition.ruleset_on(delivered).ok_or_else(|| Refusal::rule("trees-no-rules"))?;
    let rules = TreeRules::new(definition, ruleset, Calendar::statutory()).map_err(Fault::new)?;
    // A notice that says nothing of its tree is still a notice of one; the gap is told by `filed_incomplete`.
    let count = u64::try_from(ready.answers.item_count("trees")).unwrap_or(u64::MAX).max(1);
    let command = Command::Submit { received_on: delivered, trees: (1..=count).collect() };
    let decision = decide(&CaseState::draft(), &command, today, &rules)
        .map_err(|refused| common::refusal(&refused))?;
    let year = u32::try_from(delivered.year()).unwrap_or_default();
    let last = view.find::<TreeCase>(BY_NUMBER, &Key::new().number(u64::from(year)))?;
    Ok(TreeCase {
        id: ready.id,
        owner,
        number: last.map_or(0, |case| case.number) + 1,
        year,
        filed,
        procedure: PROCEDURE.to_owned(),
        definition_version: definition.version,
        answers: Json(BTreeMap::from(ready.answers.clone())),
        due: timeline::due(&decision.state, today, &rules),
        state: Json(decision.state),
        files: Vec::new(),
        assigned: None,
        office_number: None,
        filed_incomplete: ready.incomplete,
        register_closed: None,
        incoming_number: None,
    })
}
