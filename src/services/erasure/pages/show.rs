//! One proposal: where it stands, what will go and what stays, the two approvals with keys, and taking it back.
//!
//! An approval has no way without a key: the order must be checkable without us, and a session signs nothing.

use askama::Template;

use super::{
    HOME, again, below, class_text, file_name, ground_text, propose, row, said, typed, with_file,
};
use crate::{
    kernel::{
        erasure::{
            self, APPROVE, Approver, Erasure, ErasureId, ErasureState, LIFT, OFFICERS, WITHDRAW,
            gather::{Gathered, gather, is_held},
            records::Approval,
        },
        identity::{Actor, action::allowed, evidence::Purpose, people::Credential},
        journal::Seq,
        store::{Desk, Fault, Refusal, record::Field as _},
    },
    services::erasure::rules,
    web::{
        Committed, Page, PageError, Reply, Route, Tools, Visit,
        chrome::Chrome,
        confirm::{self, Confirmation},
        i18n::Markup,
        parts::{Answer, Event, Filled, Stage},
    },
};

pub static ROUTES: &[Route] = &[
    Route::look("/urzad/usuwanie/{id}", OFFICERS, page),
    Route::draft("/urzad/usuwanie/{id}/zgoda/start", OFFICERS, start),
    Route::act("/urzad/usuwanie/{id}/zgoda/gotowe", &APPROVE, finish),
    Route::act("/urzad/usuwanie/{id}/wycofaj", &WITHDRAW, withdraw),
];

/// Where who-and-why keeps the actor (docs/format.md, section 2).
const WHY_ACTOR: u64 = 0;

/// What the reader can do with a proposal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mine {
    /// Nothing: it is past that.
    Nothing,
    /// They approved already; somebody else is needed.
    Approved,
    /// They have no key.
    Keyless,
    First,
    /// Theirs would be the order.
    Second,
}

#[derive(Template)]
#[template(path = "services/erasure/templates/show.html")]
struct ShowPage {
    c: Chrome,
    f: Filled,
    key: String,
    withdraw_key: String,
    path: String,
    state: ErasureState,
    rows: Vec<Answer>,
    events: Vec<Event>,
    /// What stands in the way of approving.
    obstacle: String,
    mine: Mine,
    /// On the button of the key.
    approve: Markup,
    is_account: bool,
    /// Why no certificate is given; empty if one is.
    uncertain: String,
    /// Where a withdrawn file is proposed anew; empty if it is gone.
    again: String,
    hold: String,
}

pub fn load(visit: &Visit<'_>) -> Result<Erasure, PageError> {
    let id = visit.id("id", ErasureId::parse)?;
    visit.view().get::<Erasure>(&id)?.ok_or_else(PageError::unknown)
}

fn page(visit: &Visit<'_>) -> Result<Page, PageError> {
    Page::html(&sheet(visit, &load(visit)?, Filled::new())?)
}

fn sheet(visit: &Visit<'_>, it: &Erasure, f: Filled) -> Result<ShowPage, PageError> {
    let mut c = below(visit, String::new(), &f)?;
    c.title = c.plain1("erasure-of", "file", file_name(&c, it.class, &it.label));
    let waits = it.state == ErasureState::Proposed;
    let gathered = if waits { gather(visit.view(), it.file)? } else { None };
    let obstacle = if waits { obstacle(visit, it, gathered.as_ref())? } else { None };
    let mine = mine(visit, it)?;
    let uncertain = match rules::certifiable(it) {
        Err(refusal) if it.state == ErasureState::Done => said(visit, &c, &refusal),
        _ => String::new(),
    };
    Ok(ShowPage {
        key: visit.submission_key(),
        withdraw_key: visit.submission_key(),
        path: format!("{HOME}/{}", it.id),
        state: it.state,
        rows: facts(&c, it, gathered.as_ref()),
        events: events(visit, &c, it)?,
        obstacle: obstacle.map(|no| said(visit, &c, &no)).unwrap_or_default(),
        mine,
        approve: c.t(match mine {
            Mine::Second => "erasure-approve-second",
            Mine::First | Mine::Nothing | Mine::Approved | Mine::Keyless => "erasure-approve-first",
        }),
        is_account: it.class == erasure::FileClass::Account,
        uncertain,
        again: again_at(visit, it)?,
        hold: with_file("/urzad/usuwanie/wstrzymania", it.file),
        f,
        c,
    })
}

fn again_at(visit: &Visit<'_>, it: &Erasure) -> Result<String, PageError> {
    let is_there = it.state == ErasureState::Withdrawn && gather(visit.view(), it.file)?.is_some();
    Ok(if is_there { with_file("/urzad/usuwanie/nowe", it.file) } else { String::new() })
}

/// What the reader would be told if they approved: said before they take out their key. Whether they may is
/// decided when they do.
fn obstacle(
    visit: &Visit<'_>,
    it: &Erasure,
    gathered: Option<&Gathered>,
) -> Result<Option<Refusal>, PageError> {
    if is_held(visit.view(), it.file, gathered)? {
        return Ok(Some(Refusal::rule("erasure-held")));
    }
    if !gathered.is_some_and(|now| erasure::is_unchanged(it, now)) {
        return Ok(Some(Refusal::rule("erasure-changed")));
    }
    Ok(lacks_administrator(visit, it).then(|| Refusal::rule("erasure-no-administrator")))
}

/// Whether the reader would be the second, and neither of the two an administrator.
fn lacks_administrator(visit: &Visit<'_>, it: &Erasure) -> bool {
    let may = |by: &Approval| {
        allowed(visit.view(), &Actor::Staff(by.person), LIFT.who, visit.now).is_ok()
    };
    let is_second = it.approvals.iter().any(|by| Actor::Staff(by.person) != visit.actor);
    is_second && !visit.may(LIFT.who) && !it.approvals.iter().any(may)
}

fn mine(visit: &Visit<'_>, it: &Erasure) -> Result<Mine, PageError> {
    let me = visit.me()?.id;
    Ok(match it.state {
        ErasureState::Proposed if it.approvals.iter().any(|by| by.person == me) => Mine::Approved,
        ErasureState::Proposed if Credential::of(visit.view(), me)?.is_empty() => Mine::Keyless,
        ErasureState::Proposed if it.approvals.is_empty() => Mine::First,
        ErasureState::Proposed => Mine::Second,
        ErasureState::Ordered | ErasureState::Done | ErasureState::Withdrawn => Mine::Nothing,
    })
}

/// What goes, and on what ground.
fn facts(c: &Chrome, it: &Erasure, gathered: Option<&Gathered>) -> Vec<Answer> {
    let mut rows = vec![row(c, "erasure-column-class", c.plain(class_text(it.class)))];
    if !it.label.is_empty() {
        rows.push(row(c, "erasure-label", it.label.as_str()));
    }
    let entries = usize::try_from(it.entries).unwrap_or(usize::MAX);
    rows.push(row(c, "erasure-column-counts", propose::contents(c, entries, it.bodies, it.blobs)));
    if let Some(now) = gathered {
        rows.push(row(c, "erasure-span", propose::span(c, now.span_ms.0, now.span_ms.1)));
    }
    rows.push(row(c, "erasure-why", c.plain(ground_text(it.ground))));
    rows.push(row(c, "erasure-basis", it.basis.as_str()));
    rows.extend(it.consent.as_deref().map(|consent| row(c, "erasure-consent", consent)));
    rows
}

/// What happened, and what is still to happen.
fn events(visit: &Visit<'_>, c: &Chrome, it: &Erasure) -> Result<Vec<Event>, Fault> {
    let event = |stage, what: &str, who: String, when: String| Event {
        stage,
        what: c.plain(what),
        who,
        when,
        note: String::new(),
        basis: String::new(),
    };
    let ahead = |what: &str| event(Stage::Ahead, what, String::new(), String::new());
    let mut events = vec![event(
        Stage::Done,
        "erasure-event-proposed",
        visit.name_of(it.proposed_by)?,
        c.moment(it.proposed_at),
    )];
    for (approval, what) in it.approvals.iter().zip(["erasure-event-first", "erasure-event-second"])
    {
        let who = visit.name_of(approval.person)?;
        events.push(event(Stage::Done, what, who, c.moment(approval.at)));
    }
    match it.state {
        ErasureState::Proposed => {
            let now = if it.approvals.is_empty() {
                "erasure-event-first"
            } else {
                "erasure-event-second"
            };
            events.push(event(Stage::Now, now, String::new(), String::new()));
            if it.approvals.is_empty() {
                events.push(ahead("erasure-event-second"));
            }
            events.push(ahead("erasure-event-done"));
        }
        ErasureState::Ordered => {
            events.push(event(Stage::Now, "erasure-event-done", String::new(), String::new()));
        }
        ErasureState::Done => {
            let at = it.done_at.map(|at| c.moment(at)).unwrap_or_default();
            events.push(event(Stage::Done, "erasure-event-done", String::new(), at));
        }
        ErasureState::Withdrawn => {
            let (who, when) = last(visit, c, it)?;
            let note = it.withdrawn.clone().unwrap_or_default();
            let withdrawn = event(Stage::Done, "erasure-event-withdrawn", who, when);
            events.push(Event { note, ..withdrawn });
        }
    }
    Ok(events)
}

/// Who did what was done last with it, and when.
fn last(visit: &Visit<'_>, c: &Chrome, it: &Erasure) -> Result<(String, String), Fault> {
    let (header, why) = visit.view().entry(entry_of(visit, it)?)?;
    let why = why.unwrap_or_default();
    let who = match Actor::from_value(why.get(&WHY_ACTOR).cloned()) {
        Ok(Actor::Staff(person)) => visit.name_of(person)?,
        _ => String::new(),
    };
    Ok((who, c.moment(crate::kernel::clock::at_ms(header.at_ms))))
}

/// The entry that put its newest version.
pub fn entry_of(visit: &Visit<'_>, it: &Erasure) -> Result<Seq, Fault> {
    let history = visit.view().history::<Erasure>(&it.id)?;
    Ok(history.last().ok_or_else(|| Fault::new("an erasure without a version"))?.seq)
}

/// The first half of an approval: what the key is asked to sign.
fn start(visit: &Visit<'_>, tools: &Tools<'_>) -> Result<Reply, PageError> {
    let it = load(visit)?;
    if let Some(no) = obstacle(visit, &it, gather(visit.view(), it.file)?.as_ref())? {
        return Err(no.into());
    }
    let content = erasure::approve_content(visit.view(), it.id)?;
    confirm::start_for(Purpose::Erasure, visit, tools, &content)
}

/// The second half: the approval, or the order.
fn finish(desk: Desk<'_>, visit: &Visit<'_>, tools: &Tools<'_>) -> Result<Committed, PageError> {
    let id = load(visit)?.id;
    let content = erasure::approve_content(visit.view(), id)?;
    let confirmed = confirm::finish_for(Purpose::Erasure, visit, tools, &content)?;
    let Confirmation::Passkey { evidence, key, updated } = confirmed else {
        return Err(Refusal::rule("confirm-no-key").into());
    };
    let approver = Approver { key, evidence: *evidence, updated };
    let path = format!("{HOME}/{id}");
    let submission = confirm::submission(visit, &content)?;
    let ticket = desk.once(submission).commit(|view, authority| {
        Ok::<_, Refusal>(erasure::approve(view, authority, id, approver)?.answer(&path))
    })?;
    Ok(Committed::to(ticket, path).json())
}

fn withdraw(desk: Desk<'_>, visit: &Visit<'_>, _tools: &Tools<'_>) -> Result<Committed, PageError> {
    let it = load(visit)?;
    let committed = desk.once(visit.submission()?).commit(|view, authority| {
        erasure::withdraw(view, authority, it.id, visit.form.get("reason"))
    });
    match committed {
        Ok(ticket) => Ok(Committed::to(ticket, format!("{HOME}/{}", it.id))),
        Err(refused) => Err(again(visit, refused, (typed(visit, &["reason"]), "reason"), |f| {
            Page::html(&sheet(visit, &load(visit)?, f)?)
        })),
    }
}
