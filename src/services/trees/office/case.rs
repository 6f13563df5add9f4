//! The page of a case for staff: everything about it, who did what, and exactly the acts the rules allow now.

use std::collections::BTreeMap;

use askama::Template;

use super::{
    acts,
    dossier::{self, Dossier},
    due::{self, ClockRow},
    forms, load,
    offer::{self, Bench},
    path_of,
    tree::{self, TreeRow},
    verbs::Verb,
};
use crate::{
    kernel::{
        identity::{Actor, Person, PersonId},
        store::{Fault, keys::Key},
    },
    services::{
        catalogue::{
            Answers, Context, Definition, Level, Mark, Message as Said, Row, Ruleset, Shown,
            VERSION, check_rows,
        },
        trees::{
            common::{Judged, say},
            model::{CaseFile, CaseMessage, FileRole, OF_CASE, TreeCase},
            standing,
            timeline::timeline,
        },
    },
    web::{
        Disclosed, Page, PageError, Visit,
        chrome::{Chrome, Flash, Kind, Link},
        parts::{Document, Event, Filled, Message},
    },
};

const MESSAGES_MAX: usize = 200;

/// An act that can be done now.
pub struct Allowed {
    pub href: String,
    pub name: String,
    pub hint: String,
}

/// An act that cannot, and why.
pub struct NotNow {
    pub name: String,
    pub why: String,
    pub instead: String,
}

/// Answers of one step.
pub struct Section {
    pub title: String,
    pub rows: Vec<AnswerRow>,
}

/// One answer with its place in the law, and what is not confirmed about it.
pub struct AnswerRow {
    pub label: String,
    pub lines: Vec<String>,
    pub source: String,
    pub mark: &'static str,
    pub unverified: String,
}

/// A file of the case.
pub struct FileRow {
    pub document: Document,
    /// Where its picture is; empty if it has none.
    pub shown: String,
    pub thumbnail: String,
}

#[derive(Template)]
#[template(path = "services/trees/templates/office_case.html")]
struct CasePage {
    c: Chrome,
    office_number: String,
    standing: String,
    owner: String,
    owner_closed: bool,
    filed: jiff::Timestamp,
    taken_by: String,
    incomplete: bool,
    /// Where the quick button posts to; empty if the case is the reader's already.
    take: String,
    number_href: String,
    incoming_number: String,
    incoming_href: String,
    /// Number of the entry by which the notice came: what its confirmation names.
    receipt: u64,
    key: String,
    papers: Vec<String>,
    cautions: Vec<String>,
    clocks: Vec<ClockRow>,
    ruleset: Ruleset,
    call: Vec<String>,
    allowed: Vec<Allowed>,
    not_now: Vec<NotNow>,
    trees: Vec<TreeRow>,
    dossier: Dossier,
    unsigned: bool,
    sections: Vec<Section>,
    open_questions: String,
    files: Vec<FileRow>,
    letter_href: String,
    thread: Vec<Message>,
    message_href: String,
    f: Filled,
    events: Vec<Event>,
}

/// Whose data a case is.
pub fn subject(visit: &Visit<'_>) -> Result<Vec<PersonId>, PageError> {
    Ok(vec![load(visit)?.owner])
}

/// Everything about a case.
pub fn page(visit: &Visit<'_>, disclosed: &Disclosed) -> Result<Page, PageError> {
    let case = load(visit)?;
    if !disclosed.covers(case.owner) {
        return Err(PageError::unknown());
    }
    let judged = Judged::new(visit.view(), case)?;
    let Judged { case, definition, rules } = &judged;
    let bench = acts::bench(visit, &judged);
    let mut c = visit.chrome("")?;
    let label = case.label();
    c.title = c.plain1("trees-office-case", "label", &label);
    c.crumbs = vec![Link { label: c.plain("trees-inbox"), href: "/urzad/skrzynka".to_owned() }];
    let done = done(&c, visit, definition);
    c.flash = done.0.map(|text| Flash { kind: Kind::Success, text });
    let path = path_of(case.id);
    let mine =
        visit.person.as_ref().map(|person| person.id) == case.assigned && case.assigned.is_some();
    let (allowed, not_now) = acts_of(&c, &bench, &path);
    let can_take = offer::offer(Verb::Take, &bench).refused.is_none();
    let events = timeline(visit, case.id, definition)?;
    Page::html(&CasePage {
        office_number: case.office_number.clone().unwrap_or_default(),
        standing: say(&c, &standing(&case.state.0, visit.today, rules).message()),
        owner: visit.name_of(case.owner)?,
        owner_closed: is_closed(visit, case.owner)?,
        filed: case.filed,
        taken_by: case.assigned.map_or(Ok(String::new()), |staff| visit.name_of(staff))?,
        incomplete: case.filed_incomplete,
        take: if can_take && !mine { href(&path, Verb::Take) } else { String::new() },
        number_href: href(&path, Verb::Number),
        incoming_number: case.incoming_number.clone().unwrap_or_default(),
        incoming_href: href(&path, Verb::Incoming),
        receipt: receipt(visit, case)?,
        key: visit.submission_key(),
        papers: done.1,
        cautions: done.2,
        clocks: due::rows(&c, &case.state.0, visit.today, rules),
        call: call_lines(&c, case, definition),
        allowed,
        not_now,
        trees: tree::rows(&c, &bench, &path),
        dossier: dossier::of(&c, visit, &bench, &path)?,
        unsigned: is_unsigned(case),
        sections: sections(&c, case, definition, visit),
        ruleset: rules.ruleset.clone(),
        open_questions: format!(
            "/urzad/sprawy/{}/do-potwierdzenia?{VERSION}={}",
            definition.id, definition.version
        ),
        files: files(&c, &case.files, &path, definition),
        letter_href: href(&path, Verb::Letter),
        thread: thread(visit, &c, case, &path)?,
        message_href: href(&path, Verb::Message),
        f: Filled::new(),
        events,
        c,
    })
}

/// Whether the owner has closed their account: what is written there reaches nobody.
fn is_closed(visit: &Visit<'_>, owner: PersonId) -> Result<bool, Fault> {
    Ok(visit.view().get::<Person>(&owner)?.is_some_and(|person| person.closed))
}

/// The entry of the filing: the id of the receipt that the resident has.
fn receipt(visit: &Visit<'_>, case: &TreeCase) -> Result<u64, Fault> {
    let history = visit.view().history::<TreeCase>(&case.id)?;
    let first = history.first().ok_or_else(|| Fault::new("a case without a first version"))?;
    Ok(first.seq)
}

pub fn href(path: &str, verb: Verb) -> String {
    format!("{path}/{}", verb.slug())
}

/// What the last act asks for: from our own redirect, and checked against what we know.
fn done(
    c: &Chrome,
    visit: &Visit<'_>,
    definition: &Definition,
) -> (Option<String>, Vec<String>, Vec<String>) {
    let Some(verb) = Verb::of_slug(visit.query.get("zrobiono")) else {
        return (None, Vec::new(), Vec::new());
    };
    let named = |name: &str| {
        visit
            .query
            .get(name)
            .split(',')
            .map(str::to_owned)
            .filter(|id| !id.is_empty())
            .collect::<Vec<_>>()
    };
    let paper = |id: String| {
        let document = definition.documents.iter().find(|document| document.id == id)?;
        Some(format!("{} ({})", document.name.wording(c.lang.code()).text, document.basis))
    };
    let papers = named("pisma").into_iter().filter_map(paper).collect();
    let known = |key: &String| key.starts_with("trees-caution-") && c.texts.has(key);
    let cautions = named("uwagi").into_iter().filter(known).map(|key| c.plain(&key)).collect();
    (Some(c.plain1("trees-office-done", "what", c.plain(verb.action().sentence))), papers, cautions)
}

fn acts_of(c: &Chrome, bench: &Bench<'_>, path: &str) -> (Vec<Allowed>, Vec<NotNow>) {
    let (mut allowed, mut not_now) = (Vec::new(), Vec::new());
    let mut offers = offer::offers(bench);
    offers.retain(|offer| offer.verb != Verb::Take);
    offers.push(offer::offer(Verb::Register, bench));
    for offer in offers {
        let name = c.plain(offer.verb.key());
        match (&offer.refused, offer.trees.as_slice()) {
            (Some(refused), _) => {
                let (why, instead) = acts::sentences(c, refused);
                not_now.push(NotNow { name, why, instead });
            }
            (None, trees) => {
                let of_trees = trees.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
                let hint = match trees.len() {
                    0 => String::new(),
                    _ if bench.state().trees.len() < 2 => String::new(),
                    _ => c.plain1("trees-office-of-trees", "trees", of_trees),
                };
                allowed.push(Allowed { href: href(path, offer.verb), name, hint });
            }
        }
    }
    (allowed, not_now)
}

fn call_lines(c: &Chrome, case: &TreeCase, definition: &Definition) -> Vec<String> {
    let Some(call) = &case.state.0.call else { return Vec::new() };
    let missing = call.missing.iter().map(|key| forms::missing_words(definition, c, key));
    let mut lines = vec![
        say(c, &call.track.message()),
        c.plain1("trees-office-issued", "day", c.day(call.issued_on)),
    ];
    lines.extend(call.served_on.map(|day| c.plain1("trees-office-served", "day", c.day(day))));
    lines.extend(missing);
    lines
}

/// A decision was entered and no letter of the office is in the case yet.
fn is_unsigned(case: &TreeCase) -> bool {
    let decided = case.state.0.has_ended()
        || case
            .state
            .0
            .trees
            .iter()
            .any(|tree| tree.objection.is_some() || tree.certificate.is_some());
    decided && !case.files.iter().any(|file| file.role == FileRole::Letter)
}

fn sections(
    c: &Chrome,
    case: &TreeCase,
    definition: &Definition,
    visit: &Visit<'_>,
) -> Vec<Section> {
    let nothing = BTreeMap::new();
    let filed = crate::kernel::clock::date_in_poland(case.filed);
    let context = Context { definition, today: filed, dictionaries: &nothing };
    let answers = Answers::from(case.answers.0.clone());
    let lang = visit.lang.code();
    let rows = check_rows(context, &answers, lang).into_iter().map(|section| Section {
        title: section.title.text,
        rows: section
            .rows
            .into_iter()
            .filter(is_told)
            .map(|row| answer_row(c, definition, row))
            .collect(),
    });
    rows.filter(|section| !section.rows.is_empty()).collect()
}

/// What was answered, and the gaps that matter; an optional question without an answer says nothing.
fn is_told(row: &Row) -> bool {
    !row.values.is_empty() || row.required != Level::O
}

fn answer_row(c: &Chrome, definition: &Definition, row: Row) -> AnswerRow {
    let field = definition.field(&generic(&row.path));
    let label = match row.item {
        Some(item) => format!("{}: {}", item.text, row.label.text),
        None => row.label.text,
    };
    let line = |shown: Shown| match shown {
        Shown::Plain(text) => text,
        Shown::Worded(wording) => wording.text,
        Shown::Said(message) => say_form(c, &message),
    };
    let mut lines: Vec<String> = row.values.into_iter().map(line).collect();
    if lines.is_empty() {
        lines.push(c.plain("trees-office-no-answer"));
    }
    AnswerRow {
        label,
        lines,
        source: field.and_then(|field| field.source.clone()).unwrap_or_default(),
        mark: field.and_then(|field| field.mark).map_or("", Mark::letter),
        unverified: field.and_then(|field| field.unverified.clone()).unwrap_or_default(),
    }
}

fn say_form(c: &Chrome, message: &Said) -> String {
    say(c, message)
}

/// `trees[0].species` as the definition names it: `trees[].species`.
fn generic(path: &str) -> String {
    match (path.find('['), path.find(']')) {
        (Some(open), Some(close)) => {
            let (start, end) = (path.get(..=open), path.get(close..));
            format!("{}{}", start.unwrap_or_default(), end.unwrap_or_default())
        }
        _ => path.to_owned(),
    }
}

fn files(c: &Chrome, files: &[CaseFile], path: &str, definition: &Definition) -> Vec<FileRow> {
    let row = |(n, file): (usize, &CaseFile)| {
        let href = format!("{path}/pliki/{n}");
        let paper = definition.documents.iter().find(|paper| paper.id == file.field);
        let kind = match paper {
            Some(paper) => paper.name.wording(c.lang.code()).text,
            None => c.plain(role_key(file.role)),
        };
        let kind = match file.tree {
            Some(tree) => {
                format!("{kind} · {}", c.plain1("trees-office-tree", "n", tree.to_string()))
            }
            None => kind,
        };
        let side =
            c.plain(if file.from_office { "trees-office-ours" } else { "trees-office-theirs" });
        let document = Document {
            name: file.name.clone(),
            kind: format!("{kind} · {side}"),
            bytes: file.bytes,
            sha256: file.sha256.clone(),
            href: href.clone(),
        };
        let of =
            |blob: bool, page: &str| if blob { format!("{href}/{page}") } else { String::new() };
        FileRow {
            document,
            // A picture of the inspection is shown beside its tree.
            shown: of(file.shown.is_some() && file.tree.is_none(), "podglad"),
            thumbnail: of(file.thumbnail.is_some() && file.tree.is_none(), "miniatura"),
        }
    };
    files.iter().enumerate().map(row).collect()
}

fn role_key(role: FileRole) -> &'static str {
    match role {
        FileRole::Sketch => "trees-role-sketch",
        FileRole::Photo => "trees-role-photo",
        FileRole::Attachment => "trees-role-attachment",
        FileRole::Consent => "trees-role-consent",
        FileRole::PowerOfAttorney => "trees-role-power",
        FileRole::Letter => "trees-role-letter",
        FileRole::Protocol => "trees-role-protocol",
    }
}

fn thread(
    visit: &Visit<'_>,
    c: &Chrome,
    case: &TreeCase,
    path: &str,
) -> Result<Vec<Message>, Fault> {
    let list =
        visit.view().list::<CaseMessage>(OF_CASE, &Key::new().id(&case.id), None, MESSAGES_MAX)?;
    let mut thread = Vec::with_capacity(list.rows.len());
    for row in list.rows {
        let Some(message) = visit.view().get::<CaseMessage>(&row.id)? else { continue };
        let own = visit.actor == Actor::Staff(message.author);
        let document = |(n, file): (usize, &CaseFile)| Document {
            name: file.name.clone(),
            kind: c.plain(role_key(file.role)),
            bytes: file.bytes,
            sha256: file.sha256.clone(),
            href: format!("{path}/wiadomosci/{}/pliki/{n}", message.id),
        };
        thread.push(Message {
            who: if own { c.plain("trees-who-you") } else { visit.name_of(message.author)? },
            when: c.moment(message.at),
            documents: message.files.iter().enumerate().map(document).collect(),
            text: message.text.clone(),
            own,
        });
    }
    Ok(thread)
}

/// A key for one of several forms of a page.
pub fn key_of(key: &str, form: &str) -> String {
    format!("{key}-{form}")
}
