//! The pages of acts and the acts themselves: read the form, decide, one entry, or the form again.

use askama::Template;
use jiff::civil::Date;
use uuid::Uuid;

use super::{
    aside,
    due::{self, ClockRow},
    forms::{self, Ask, AskKind},
    load,
    offer::{self, Bench, Offer},
    path_of,
    reader::{self, Reader},
    verbs::Verb,
};
use crate::{
    kernel::{
        clock,
        identity::{Authority, PersonId},
        store::{Change, Desk, Fault, Op, Refusal, View, refusal::RefusalKind},
    },
    services::trees::{
        Command, Decision, Refused,
        common::{self, Judged, say},
        model::{CaseFile, CaseId, CaseMessage, FileRole, MessageId, TreeCase},
        timeline,
        uploads::{self, FileAbout, Staged},
    },
    web::{
        Committed, Disclosed, Page, PageError, Tools, Visit,
        chrome::{Chrome, Link, fields},
        confirm::{self, Confirmation},
        parts::Filled,
    },
};

#[derive(Template)]
#[template(path = "services/trees/templates/office_act.html")]
struct ActPage {
    c: Chrome,
    f: Filled,
    key: String,
    action: String,
    back: String,
    verb: Verb,
    label: String,
    /// Why the rules do not allow it at all: what and what instead.
    refused: Option<(String, String)>,
    asks: Vec<Ask>,
    clocks: Vec<ClockRow>,
    files: bool,
    max_bytes: u64,
}

pub fn bench<'a>(visit: &Visit<'_>, judged: &'a Judged) -> Bench<'a> {
    let Judged { case, definition, rules } = judged;
    // Only staff come here; somebody else's act would be refused before anything is made of it.
    let me = visit.person.as_ref().map_or(PersonId(Uuid::nil()), |person| person.id);
    Bench { case, definition, rules, today: visit.today, me }
}

/// Says a refusal of the rules: what stands in the way, and what to do instead.
pub fn sentences(c: &Chrome, refused: &Refused) -> (String, String) {
    (say(c, &refused.message()), say(c, &refused.advice()))
}

/// The page of one act.
pub fn page(verb: Verb, visit: &Visit<'_>, _disclosed: &Disclosed) -> Result<Page, PageError> {
    let judged = Judged::new(visit.view(), load(visit)?)?;
    let bench = bench(visit, &judged);
    let offer = offer::offer(verb, &bench);
    let mut f = forms::beginning(verb, &bench, &offer.trees);
    aside::begin(&mut f, verb, &visit.query, &bench);
    Page::html(&act_page(visit, verb, &bench, &offer, f)?)
}

fn act_page(
    visit: &Visit<'_>,
    verb: Verb,
    bench: &Bench<'_>,
    offer: &Offer,
    f: Filled,
) -> Result<ActPage, PageError> {
    let mut c = visit.chrome("")?;
    let label = bench.case.label();
    c.title = format!("{} – {label}", c.plain(verb.key()));
    c.crumbs = vec![
        Link { label: c.plain("trees-inbox"), href: "/urzad/skrzynka".to_owned() },
        Link {
            label: c.plain1("trees-office-case", "label", &label),
            href: path_of(bench.case.id),
        },
    ];
    c.failed = !f.is_right();
    let asks = forms::asks(verb, bench, &offer.trees, &c);
    let mut clocks = due::rows(&c, bench.state(), visit.today, bench.rules);
    clocks.retain(|clock| !clock.left.is_empty());
    Ok(ActPage {
        refused: offer.refused.as_ref().map(|refused| sentences(&c, refused)),
        files: asks.iter().any(|ask| matches!(ask.kind, AskKind::File | AskKind::Picture)),
        key: visit.submission_key(),
        action: action_of(bench.case.id, verb),
        back: path_of(bench.case.id),
        max_bytes: crate::kernel::limits::FILE_BYTES_MAX,
        c,
        f,
        verb,
        label,
        asks,
        clocks,
    })
}

/// Where the form of an act goes: decisions are read once more first.
fn action_of(id: CaseId, verb: Verb) -> String {
    let act = format!("{}/{}", path_of(id), verb.slug());
    if verb.is_signed() { format!("{act}/sprawdz") } else { act }
}

/// The form again, with what was typed and what is wrong.
pub(super) fn again(visit: &Visit<'_>, verb: Verb, judged: &Judged, f: Filled) -> PageError {
    let bench = bench(visit, judged);
    // What was wrong with this form must not hide the form.
    let offer = Offer { refused: None, ..offer::offer(verb, &bench) };
    match act_page(visit, verb, &bench, &offer, f) {
        Ok(page) => PageError::form(&page),
        Err(error) => error,
    }
}

/// What a form asks to be done.
enum Wish {
    Rules(Command),
    Number(String),
    Incoming(String),
    Register(Date),
    Letter(String),
    Message(String),
}

/// A form as it was sent.
pub(super) struct Sheet {
    pub judged: Judged,
    pub f: Filled,
    /// What was entered, in the words of the form.
    pub said: Vec<(String, String)>,
    wish: Option<Wish>,
}

impl Sheet {
    /// Reads the form of an act against the case as it is.
    pub(super) fn read(verb: Verb, visit: &Visit<'_>) -> Result<Sheet, PageError> {
        let judged = Judged::new(visit.view(), load(visit)?)?;
        let c = visit.chrome("")?;
        let bench = bench(visit, &judged);
        let asks = forms::asks(verb, &bench, &offer::offer(verb, &bench).trees, &c);
        let mut reader = Reader::new(&visit.form, &c, &asks);
        let wish = wish(verb, &mut reader, &bench).filter(|_| reader.is_right());
        let f = reader.f;
        Ok(Sheet { said: forms::said(&asks, &f), wish, f, judged })
    }

    /// The ground that stays in the journal.
    pub(super) fn reason(&self) -> String {
        forms::summary(&self.said)
    }

    /// What the rules say to it now.
    ///
    /// # Errors
    /// The form again: it is wrong, or the rules refuse.
    pub(super) fn trial(
        mut self,
        verb: Verb,
        visit: &Visit<'_>,
    ) -> Result<(Sheet, Decision), PageError> {
        let tried = match &self.wish {
            Some(Wish::Rules(command)) => self.judged.after(command, visit.today),
            _ => return Err(again(visit, verb, &self.judged, self.f)),
        };
        match tried {
            Ok((_, decision)) => Ok((self, decision)),
            Err(refused) => {
                let (what, instead) = sentences(&visit.chrome("")?, &refused);
                self.f.wrong(&field_of(verb, Some(&refused)), format!("{what} {instead}"));
                Err(again(visit, verb, &self.judged, self.f))
            }
        }
    }

    /// Enters it, confirmed or as it was sent.
    pub(super) fn enter(
        self,
        verb: Verb,
        desk: Desk<'_>,
        visit: &Visit<'_>,
        by: Confirmation,
    ) -> Result<Committed, PageError> {
        let reason = self.reason();
        let Some(wish) = self.wish else {
            return Err(again(visit, verb, &self.judged, self.f));
        };
        let id = self.judged.case.id;
        let order = Order { verb, id, wish, reason, staged: None, by: Some(by) };
        enter(desk, visit, &self.judged, order)
    }
}

/// The form as it was sent, to be changed.
pub(super) fn once_more(verb: Verb, visit: &Visit<'_>, judged: &Judged) -> Result<Page, PageError> {
    let bench = bench(visit, judged);
    let offer = Offer { refused: None, ..offer::offer(verb, &bench) };
    Page::html(&act_page(visit, verb, &bench, &offer, reader::typed(&visit.form))?)
}

/// One act: exactly one entry. A decision that comes this way was confirmed without a key.
pub fn act(
    verb: Verb,
    desk: Desk<'_>,
    visit: &Visit<'_>,
    tools: &Tools<'_>,
) -> Result<Committed, PageError> {
    let mut sheet = Sheet::read(verb, visit)?;
    let received = match visit.files.first() {
        None => None,
        Some(upload) => match uploads::receive(tools, upload, &accepted(verb), None) {
            Ok(received) => Some(received),
            Err(why) => {
                let c = visit.chrome("")?;
                sheet.f.wrong("file", c.plain1(why, "name", upload.name.as_str()));
                None
            }
        },
    };
    if matches!(verb, Verb::Letter | Verb::Photo)
        && received.is_none()
        && sheet.f.error("file").is_empty()
    {
        sheet.f.wrong("file", visit.chrome("")?.plain("trees-wrong-no-file"));
    }
    let reason = sheet.reason();
    let Sheet { judged, f, wish, .. } = sheet;
    let (Some(wish), true) = (wish, f.is_right()) else {
        return Err(again(visit, verb, &judged, f));
    };
    let staged = received.map(|received| received.stage(tools)).transpose()?;
    let id = judged.case.id;
    let by = verb.is_signed().then_some(Confirmation::Session);
    let order = Order { verb, id, wish, reason, staged, by };
    enter(desk, visit, &judged, order)
}

/// The kinds of files an act takes; all that the room knows, if none is named.
fn accepted(verb: Verb) -> Vec<String> {
    let kinds: &[&str] = if verb == Verb::Photo { &PICTURES } else { &[] };
    kinds.iter().map(|kind| (*kind).to_owned()).collect()
}

const PICTURES: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];

fn wish(verb: Verb, r: &mut Reader<'_>, bench: &Bench<'_>) -> Option<Wish> {
    match verb {
        Verb::Number => r.text("number").map(Wish::Number),
        Verb::Incoming => r.text("incoming").map(Wish::Incoming),
        Verb::Register => {
            let through = r.date("through")?;
            let before = bench.case.register_closed.is_some_and(|closed| through < closed);
            if through > bench.today {
                r.wrong("through", "trees-wrong-register-future");
            } else if before {
                r.wrong("through", "trees-wrong-register-back");
            }
            r.is_right().then_some(Wish::Register(through))
        }
        Verb::Letter => {
            let known =
                |id: &String| bench.definition.documents.iter().any(|paper| paper.id == *id);
            let document = Some(r.optional("document")).filter(known);
            if document.is_none() {
                r.wrong("document", "trees-wrong-choice");
            }
            document.map(Wish::Letter)
        }
        Verb::Message => r.long("text").map(Wish::Message),
        _ => forms::command(verb, r, bench).map(Wish::Rules),
    }
}

/// Everything an entry is made from.
struct Order {
    verb: Verb,
    id: CaseId,
    wish: Wish,
    reason: String,
    staged: Option<Staged>,
    /// How a decision was confirmed.
    by: Option<Confirmation>,
}

/// Decides on the state the entry is made from; a refusal of the rules becomes the form again.
fn enter(
    desk: Desk<'_>,
    visit: &Visit<'_>,
    judged: &Judged,
    order: Order,
) -> Result<Committed, PageError> {
    let (verb, path) = (order.verb, path_of(order.id));
    let me = visit.me()?.id;
    // The quick button of the inbox has no key; taking a case twice is refused by the rules of taking.
    let desk = if verb == Verb::Take && !visit.form.has(fields::SUBMISSION_KEY) {
        desk
    } else if order.by.is_some() {
        let content = confirm::content_of_act(verb.action(), order.id.0, &order.reason);
        desk.once(confirm::submission(visit, &content)?)
    } else {
        desk.once(visit.submission()?)
    };
    let mut obstacle: Option<Refused> = None;
    let committed =
        desk.commit(|view, authority| decide(view, authority, order, me, &mut obstacle));
    match committed {
        Ok(ticket) => Ok(Committed::to(ticket, path)),
        // What the "no" rests on is durable before it is said.
        Err(refused) => {
            let refusal = refused.wait().map_err(Fault::new)?;
            if refusal.kind != RefusalKind::Rule {
                return Err(refusal.into());
            }
            let c = visit.chrome("")?;
            let (what, instead) = match &obstacle {
                Some(obstacle) => sentences(&c, obstacle),
                None => visit.sentence(&refusal),
            };
            let mut f = reader::typed(&visit.form);
            f.wrong(&field_of(verb, obstacle.as_ref()), format!("{what} {instead}"));
            Err(again(visit, verb, judged, f))
        }
    }
}

/// The box that a refusal of the rules is about, as far as one can say.
fn field_of(verb: Verb, refused: Option<&Refused>) -> String {
    use crate::services::trees::Refusal as Why;
    let field = match refused.map(|refused| refused.why) {
        Some(Why::ProtocolMissing) => "protocol",
        Some(Why::GroundDoesNotFit) => "ground",
        Some(Why::ChannelDoesNotCount) => "channel",
        Some(Why::DispatchBeforeSignature | Why::ObjectionTooLate) => "dispatched",
        Some(Why::ObjectionInDoubt) => "doubt",
        Some(Why::EvidenceMissing) => "evidence",
        Some(Why::SignatoryMissing) => "signatory",
        Some(Why::CauseDoesNotFit) => "cause",
        Some(Why::CertificateTooLate | Why::NoticeTooShort) => "on",
        Some(Why::SupplementTooLate) => "sent",
        Some(Why::NothingNamed) if verb == Verb::Discontinue => "remark",
        Some(Why::PartyKnown | Why::PartyIncomplete) => "name",
        Some(Why::CheckIncomplete) => "found",
        _ => "act",
    };
    field.to_owned()
}

fn decide(
    view: &View<'_>,
    authority: &Authority<'_>,
    order: Order,
    me: PersonId,
    obstacle: &mut Option<Refused>,
) -> Result<Change, Refusal> {
    let before = view.get::<TreeCase>(&order.id)?.ok_or_else(Refusal::unknown)?;
    let permit = authority.permit(order.verb.action(), &[before.owner])?;
    let mut path = path_of(order.id);
    if let Wish::Message(text) = order.wish {
        let message = message(&before, me, authority, text);
        return Ok(Change::new(permit, Op::put(&message)).answer(path));
    }
    let today = clock::date_in_poland(authority.now());
    let judged = Judged::new(view, before)?;
    let mut document = String::new();
    let tree = match &order.wish {
        Wish::Rules(Command::AddPhoto { tree }) => Some(*tree),
        _ => None,
    };
    let mut after = match order.wish {
        Wish::Rules(command) => {
            if order.verb == Verb::Take && judged.case.assigned == Some(me) {
                return Err(Refusal::rule("trees-already-yours"));
            }
            let (after, decision) = judged.after(&command, today).map_err(|refused| {
                *obstacle = Some(refused);
                common::refusal(&refused)
            })?;
            path = done_path(&path, order.verb, &decision);
            let due = timeline::due(&after.state.0, today, &judged.rules);
            let assigned = if order.verb == Verb::Take { Some(me) } else { after.assigned };
            TreeCase { due, assigned, ..after }
        }
        Wish::Incoming(number) => TreeCase { incoming_number: Some(number), ..judged.case },
        Wish::Number(number) => TreeCase { office_number: Some(number), ..judged.case },
        Wish::Register(through) => TreeCase { register_closed: Some(through), ..judged.case },
        Wish::Letter(paper) => {
            document = paper;
            judged.case
        }
        Wish::Message(_) => return Err(Refusal::unknown()),
    };
    let mut attachments = Change::attachments(permit);
    if let Some(staged) = order.staged {
        let role = match order.verb {
            Verb::Inspect => FileRole::Protocol,
            Verb::Photo => FileRole::Photo,
            _ => FileRole::Letter,
        };
        let added = authority.now();
        let about = FileAbout { role, field: document, from_office: true, added, tree };
        after.files.push(staged.attach(&mut attachments, about));
    }
    let change = attachments.change(Op::put(&after)).because(order.reason).answer(path);
    match order.by {
        None => Ok(change),
        Some(by) => by.settle(change, view, me),
    }
}

fn message(case: &TreeCase, me: PersonId, authority: &Authority<'_>, text: String) -> CaseMessage {
    CaseMessage {
        id: MessageId(Uuid::now_v7()),
        case: case.id,
        owner: case.owner,
        author: me,
        from_office: true,
        at: authority.now(),
        text,
        files: Vec::<CaseFile>::new(),
    }
}

/// Where the clerk goes on: the case, with the papers to write and what to watch.
fn done_path(path: &str, verb: Verb, decision: &Decision) -> String {
    let papers: Vec<&str> = decision.papers.iter().map(|paper| paper.id()).collect();
    let cautions: Vec<&str> =
        decision.cautions.iter().map(|caution| caution.message().key).collect();
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("zrobiono", verb.slug());
    if !papers.is_empty() {
        query.append_pair("pisma", &papers.join(","));
    }
    if !cautions.is_empty() {
        query.append_pair("uwagi", &cautions.join(","));
    }
    format!("{path}?{}", query.finish())
}
