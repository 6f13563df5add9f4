//! What a resident does in a case that is filed: write, supplement, withdraw, report a removal. Each has a page that
//! says what will happen, and each is one entry.

use askama::Template;
use uuid::Uuid;

use super::super::{
    Command, Refused, Removal, Stage,
    common::{self, Judged, say},
    model::{CaseFile, CaseId, CaseMessage, FileRole, MessageId, TreeCase},
    removal,
    uploads::{self, FileAbout, Staged},
};
use super::{MESSAGE, REMOVED, SUPPLEMENT, WITHDRAW, case, drafts, pages};
use crate::{
    kernel::{
        clock::date_in_poland,
        identity::{Action, Authority},
        limits::{FILE_BYTES_MAX, FILES_BYTES_MAX, FILES_MAX},
        store::{
            Change, Desk, Fault, Op, Refusal, View,
            change::{Attachments, Evidence},
            desk::Ticket,
        },
    },
    web::{
        Committed, Page, PageError, Tools, Visit,
        chrome::Chrome,
        parts::{Choice, Filled},
    },
};

/// Longest message; the form engine's longest text is shorter.
const TEXT_CHARS_MAX: usize = 4_000;
/// Files of one message.
const MESSAGE_FILES_MAX: usize = 5;
const ACCEPT: [&str; 3] = ["application/pdf", "image/jpeg", "image/png"];

#[derive(Template)]
#[template(path = "services/trees/templates/resident_write.html")]
struct WritePage {
    c: Chrome,
    f: Filled,
    key: String,
    heading: &'static str,
    lead: &'static str,
    asked_for: Vec<String>,
    until: String,
    action: String,
    back: String,
    accept: String,
    max_bytes: u64,
}

#[derive(Template)]
#[template(path = "services/trees/templates/resident_ask_first.html")]
struct AskFirstPage {
    c: Chrome,
    f: Filled,
    key: String,
    heading: &'static str,
    lead: String,
    choices: Vec<Choice>,
    button: &'static str,
    action: String,
    back: String,
}

#[derive(Template)]
#[template(path = "services/trees/templates/resident_refused.html")]
struct RefusedPage {
    c: Chrome,
    sentence: String,
    advice: String,
    back: String,
}

/// A page that says why an act is not possible, and what to do instead.
fn refused(visit: &Visit<'_>, case: &TreeCase, refused: &Refused) -> Result<PageError, PageError> {
    let c = case::chrome(visit, case, "web-error-refused")?;
    let (sentence, advice) = (say(&c, &refused.message()), say(&c, &refused.advice()));
    Ok(PageError::form(&RefusedPage { c, sentence, advice, back: case::path(case, "") }))
}

fn write_page(
    visit: &Visit<'_>,
    judged: &Judged,
    f: Filled,
    supplement: bool,
) -> Result<WritePage, PageError> {
    let case = &judged.case;
    let (heading, lead, page) = if supplement {
        ("resident-supplement-title", "resident-supplement-lead", "uzupelnienie")
    } else {
        ("resident-message-title", "resident-message-lead", "wiadomosc")
    };
    let mut c = case::chrome(visit, case, heading)?;
    c.failed = !f.is_right();
    let call = case.state.0.call.as_ref().filter(|_| supplement);
    let until = super::super::timeline_future(&case.state.0, visit.today, &judged.rules)
        .into_iter()
        .find(|step| supplement && step.what == super::super::Future::SupplementUntil)
        .map_or_else(String::new, |step| c.day(step.on));
    Ok(WritePage {
        asked_for: call
            .iter()
            .flat_map(|call| &call.missing)
            .map(|key| common::missing_words(&judged.definition, visit.lang.code(), key))
            .collect(),
        until,
        heading,
        lead,
        key: visit.submission_key(),
        action: case::path(case, page),
        back: case::path(case, ""),
        accept: ACCEPT.join(","),
        max_bytes: FILE_BYTES_MAX,
        f,
        c,
    })
}

/// A form for a message.
pub fn message_page(visit: &Visit<'_>) -> Result<Page, PageError> {
    Page::html(&write_page(visit, &case::judged(visit)?, Filled::new(), false)?)
}

/// A form for what the office asked for.
pub fn supplement_page(visit: &Visit<'_>) -> Result<Page, PageError> {
    let judged = case::judged(visit)?;
    if !is_called(&judged) {
        return Err(PageError::To(case::path(&judged.case, "")));
    }
    Page::html(&write_page(visit, &judged, Filled::new(), true)?)
}

fn is_called(judged: &Judged) -> bool {
    matches!(judged.case.state.0.stage, Stage::Incomplete | Stage::KpaDefect)
}

/// What was written and sent, taken and staged.
struct Written {
    text: String,
    files: Vec<Staged>,
}

/// Takes text and files, or gives the form back with both sentences and text; the browser must be given files again.
fn written(
    visit: &Visit<'_>,
    tools: &Tools<'_>,
    judged: &Judged,
    supplement: bool,
) -> Result<Written, PageError> {
    let typed = visit.form.get("text");
    let text: String = typed.replace("\r\n", "\n").trim().to_owned();
    let c = visit.chrome("")?;
    let mut f = Filled::new().with("text", typed);
    if text.is_empty() && (!supplement || visit.files.is_empty()) {
        f.wrong("text", c.plain(if supplement { "resident-nothing" } else { "resident-no-text" }));
    }
    let count = text.chars().count();
    if count > TEXT_CHARS_MAX {
        f.wrong("text", c.plain2("resident-text-long", "max", TEXT_CHARS_MAX, "now", count));
    }
    let all = judged.case.files.len() + visit.files.len();
    let total: u64 = visit.files.iter().map(|file| file.bytes.len() as u64).sum();
    if visit.files.len() > MESSAGE_FILES_MAX || (supplement && all > FILES_MAX * 2) {
        f.wrong("files", c.plain1("resident-files-too-many", "max", MESSAGE_FILES_MAX));
    } else if total > FILES_BYTES_MAX {
        f.wrong("files", c.plain1("resident-file-total", "name", ""));
    }
    let mut received = Vec::new();
    if f.is_right() {
        let accept = ACCEPT.map(str::to_owned);
        for upload in &visit.files {
            match uploads::receive(tools, upload, &accept, None) {
                Ok(file) => received.push(file),
                Err(key) => f.wrong("files", c.plain1(key, "name", upload.name.as_str())),
            }
        }
    }
    if !f.is_right() {
        return Err(PageError::form(&write_page(visit, judged, f, supplement)?));
    }
    let files: Result<Vec<Staged>, Fault> =
        received.into_iter().map(|file| file.stage(tools)).collect();
    Ok(Written { text, files: files? })
}

impl Written {
    fn attach(
        self,
        attachments: &mut Attachments,
        authority: &Authority<'_>,
    ) -> (String, Vec<CaseFile>) {
        let added = authority.received();
        let about = || FileAbout {
            role: FileRole::Attachment,
            field: "files".to_owned(),
            from_office: false,
            added,
            tree: None,
        };
        let files = self.files.into_iter().map(|file| file.attach(attachments, about())).collect();
        (self.text, files)
    }
}

/// The case as the decision sees it; another's does not exist.
fn in_decision(view: &View<'_>, id: CaseId) -> Result<Judged, Refusal> {
    let case = view.get::<TreeCase>(&id)?.ok_or_else(Refusal::unknown)?;
    Ok(Judged::new(view, case)?)
}

fn said(
    case: &TreeCase,
    authority: &Authority<'_>,
    text: String,
    files: Vec<CaseFile>,
) -> CaseMessage {
    CaseMessage {
        id: MessageId(Uuid::now_v7()),
        case: case.id,
        owner: case.owner,
        author: case.owner,
        from_office: false,
        at: authority.received(),
        text,
        files,
    }
}

/// Writes to the office.
pub fn message(
    desk: Desk<'_>,
    visit: &Visit<'_>,
    tools: &Tools<'_>,
) -> Result<Committed, PageError> {
    drafts::sweep(visit, tools)?;
    let judged = case::judged(visit)?;
    let written = written(visit, tools, &judged, false)?;
    let (id, owner) = (judged.case.id, judged.case.owner);
    let ticket = desk.once(visit.submission()?).commit(|view, authority| {
        let case = view.get::<TreeCase>(&id)?.ok_or_else(Refusal::unknown)?;
        let mut attachments = Change::attachments(authority.permit_owner(&MESSAGE, owner)?);
        let (text, files) = written.attach(&mut attachments, authority);
        let message = said(&case, authority, text, files);
        Ok::<_, Refusal>(attachments.change(Op::put(&message)).confirmed(Evidence::Session))
    })?;
    Ok(Committed::to(ticket, format!("{}#wiadomosci", case::path(&judged.case, ""))))
}

/// Sends what the office asked for; whether it suffices the office says.
pub fn supplement(
    desk: Desk<'_>,
    visit: &Visit<'_>,
    tools: &Tools<'_>,
) -> Result<Committed, PageError> {
    let judged = case::judged(visit)?;
    let command = |on| Command::Supplement { sent_on: on, received_on: on };
    if let Err(why) = judged.after(&command(visit.today), visit.today) {
        // A repeated form finds its first answer, although the rules would refuse it now.
        let first = desk.once(visit.submission()?).commit(|_, _| Err(common::refusal(&why)));
        return match first {
            Ok(ticket) => Ok(Committed::to(ticket, case::path(&judged.case, ""))),
            Err(_) => Err(refused(visit, &judged.case, &why)?),
        };
    }
    let written = written(visit, tools, &judged, true)?;
    let (id, owner) = (judged.case.id, judged.case.owner);
    let ticket = desk.once(visit.submission()?).commit(|view, authority| {
        let judged = in_decision(view, id)?;
        let permit = authority.permit_owner(&SUPPLEMENT, owner)?;
        let today = date_in_poland(authority.now());
        let on = date_in_poland(authority.received());
        let (mut case, _) =
            judged.after(&command(on), today).map_err(|why| common::refusal(&why))?;
        let mut attachments = Change::attachments(permit);
        let (text, files) = written.attach(&mut attachments, authority);
        case.files.extend(files);
        let change = attachments.change(Op::put(&case)).confirmed(Evidence::Session);
        // The words of the resident are a message, where the office and the resident will look for them.
        Ok::<_, Refusal>(if text.is_empty() {
            change
        } else {
            change.and(Op::put(&said(&case, authority, text, Vec::new())))
        })
    })?;
    Ok(Committed::to(ticket, case::path(&judged.case, "")))
}

fn ask_first(
    visit: &Visit<'_>,
    judged: &Judged,
    act: &Action,
    choices: Vec<Choice>,
    f: Filled,
) -> Result<AskFirstPage, PageError> {
    let withdraw = act.name == WITHDRAW.name;
    let (heading, button, page) = if withdraw {
        ("resident-withdraw-title", "resident-withdraw-yes", "wycofaj")
    } else {
        ("resident-removed-title", "resident-removed-yes", "usuniete")
    };
    let mut c = case::chrome(visit, &judged.case, heading)?;
    c.failed = !f.is_right();
    let lead = if withdraw {
        let (number, filed) = (judged.case.label(), c.moment(judged.case.filed));
        c.plain2("resident-withdraw-lead", "number", number, "filed", filed)
    } else {
        c.plain("resident-removed-lead")
    };
    Ok(AskFirstPage {
        f,
        key: visit.submission_key(),
        heading,
        lead,
        choices,
        button,
        action: case::path(&judged.case, page),
        back: case::path(&judged.case, ""),
        c,
    })
}

/// Asks before a notice is withdrawn.
pub fn withdraw_page(visit: &Visit<'_>) -> Result<Page, PageError> {
    let judged = case::judged(visit)?;
    if let Err(why) = judged.after(&Command::Withdraw { on: visit.today }, visit.today) {
        return Err(refused(visit, &judged.case, &why)?);
    }
    Page::html(&ask_first(visit, &judged, &WITHDRAW, Vec::new(), Filled::new())?)
}

/// Withdraws the notice.
pub fn withdraw(
    desk: Desk<'_>,
    visit: &Visit<'_>,
    tools: &Tools<'_>,
) -> Result<Committed, PageError> {
    drafts::sweep(visit, tools)?;
    let judged = case::judged(visit)?;
    let ticket = step(desk, visit, &judged, &WITHDRAW, |on| Command::Withdraw { on })?;
    Ok(Committed::to(ticket, case::path(&judged.case, "")))
}

fn step(
    desk: Desk<'_>,
    visit: &Visit<'_>,
    judged: &Judged,
    action: &'static Action,
    command: impl Fn(jiff::civil::Date) -> Command,
) -> Result<Ticket, PageError> {
    // A repeated form finds its first answer below, although the rules would refuse it now.
    let first = visit.submission()?;
    let (id, owner) = (judged.case.id, judged.case.owner);
    let told = judged.after(&command(visit.today), visit.today).err();
    let ticket = desk.once(first).commit(|view, authority| {
        let judged = in_decision(view, id)?;
        let permit = authority.permit_owner(action, owner)?;
        let (today, on) = (date_in_poland(authority.now()), date_in_poland(authority.received()));
        let (case, _) = judged.after(&command(on), today).map_err(|why| common::refusal(&why))?;
        Ok::<_, Refusal>(Change::new(permit, Op::put(&case)).confirmed(Evidence::Session))
    });
    match (ticket, told) {
        (Ok(ticket), _) => Ok(ticket),
        (Err(_), Some(why)) => Err(refused(visit, &judged.case, &why)?),
        (Err(no), None) => Err(no.into()),
    }
}

fn removable(visit: &Visit<'_>, c: &Chrome, judged: &Judged) -> Vec<Choice> {
    let state = &judged.case.state.0;
    let may = state.trees.iter().filter(|tree| {
        matches!(removal(state, tree, visit.today, &judged.rules), Removal::Allowed { .. })
    });
    may.map(|tree| Choice {
        value: tree.id.to_string(),
        label: pages::tree_name(c, judged, tree.id),
        hint: String::new(),
    })
    .collect()
}

/// Asks which trees were removed.
pub fn removed_page(visit: &Visit<'_>) -> Result<Page, PageError> {
    let judged = case::judged(visit)?;
    let choices = removable(visit, &visit.chrome("")?, &judged);
    if choices.is_empty() {
        return Err(PageError::To(case::path(&judged.case, "")));
    }
    Page::html(&ask_first(visit, &judged, &REMOVED, choices, Filled::new())?)
}

/// Reports trees as removed today.
pub fn removed(
    desk: Desk<'_>,
    visit: &Visit<'_>,
    _tools: &Tools<'_>,
) -> Result<Committed, PageError> {
    let judged = case::judged(visit)?;
    let trees: Vec<u64> = visit.form.all("trees").iter().filter_map(|id| id.parse().ok()).collect();
    if trees.is_empty() {
        let mut f = Filled::new();
        let c = visit.chrome("")?;
        f.wrong("trees", c.plain("resident-removed-none"));
        let choices = removable(visit, &c, &judged);
        return Err(PageError::form(&ask_first(visit, &judged, &REMOVED, choices, f)?));
    }
    let command = |on| Command::ReportRemoval { trees: trees.clone(), on };
    let ticket = step(desk, visit, &judged, &REMOVED, command)?;
    Ok(Committed::to(ticket, case::path(&judged.case, "")))
}
