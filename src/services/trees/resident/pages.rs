//! One's own cases: the list, a case, the confirmation of its receipt, and the proof.

use askama::Template;
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use jiff::Timestamp;

use super::super::{
    Removal, Stage, Standing,
    common::{Judged, missing_words, say},
    model::{CaseFile, OF_OWNER, TreeCase, columns},
    removal, standing, timeline, timeline_future,
};
use super::{case, check, drafts, files};
use crate::{
    kernel::{
        clock,
        crypto::hex,
        journal::entry::{KIND_BLOB, KIND_WHY, leaf},
        store::{Fault, keys::Key, record::Record},
    },
    services::catalogue::{Answers, Context, check_rows},
    web::{
        Page, PageError, Visit,
        chrome::{Chrome, Link},
        i18n::Markup,
        parts::{Document, Event, Message, qr},
    },
};

const PAGE_ROWS: usize = 20;
/// The answer "I do not know" of the list of kinds.
const UNKNOWN: &str = "nie-wiem";

/// A case in the list.
pub struct Listed {
    pub href: String,
    pub label: String,
    pub about: String,
    pub stage: String,
    pub filed: String,
}

#[derive(Template)]
#[template(path = "services/trees/templates/resident_list.html")]
struct ListPage {
    c: Chrome,
    cases: Vec<Listed>,
    drafts: Vec<drafts::Listed>,
    next: String,
}

/// All cases and drafts of the visitor.
pub fn list(visit: &Visit<'_>) -> Result<Page, PageError> {
    let c = visit.chrome_of("ui-my-cases")?;
    let prefix = Key::new().id(&visit.me()?.id);
    let position = visit.position("moje-sprawy");
    let list = visit.view().list::<TreeCase>(OF_OWNER, &prefix, position.as_deref(), PAGE_ROWS)?;
    let cases = list.rows.iter().map(|row| {
        let filed = row.number(columns::FILED_MS).and_then(|ms| i64::try_from(ms).ok());
        Listed {
            href: format!("/moje-sprawy/{}", row.id),
            label: row.text(columns::LABEL).to_owned(),
            about: row.text(columns::PLACE).to_owned(),
            stage: stage_named(row.text(columns::STAGE))
                .map_or_else(String::new, |stage| say(&c, &stage.message())),
            filed: filed.map_or_else(String::new, |ms| c.moment(clock::from_ms(ms))),
        }
    });
    let cases = cases.collect();
    let next = list.next.map_or_else(String::new, |at| {
        format!("/moje-sprawy?dalej={}", visit.cursor("moje-sprawy", &at))
    });
    Page::html(&ListPage { cases, drafts: drafts::unfinished(visit)?, next, c })
}

/// Lists keep the stage by the name that the rules give it.
fn stage_named(name: &str) -> Option<Stage> {
    [
        Stage::Draft,
        Stage::Filed,
        Stage::KpaDefect,
        Stage::Incomplete,
        Stage::ObjectionDue,
        Stage::AwaitingInspection,
        Stage::Outcomes,
        Stage::Forwarded,
        Stage::Refused,
        Stage::LeftUnexamined,
        Stage::Withdrawn,
    ]
    .into_iter()
    .find(|stage| format!("{stage:?}") == name)
}

/// What comes next, by when and why.
pub struct Next {
    pub sentence: String,
    pub basis: String,
}

/// One tree and the answer about it.
pub struct TreeLine {
    pub name: String,
    pub stage: String,
    pub may: String,
    pub allowed: bool,
}

/// A picture of the case.
pub struct Picture {
    pub href: String,
    pub thumbnail: String,
    pub name: String,
}

/// Which buttons the page has.
#[derive(Default)]
pub struct Offers {
    pub supplement: bool,
    pub withdraw: bool,
    pub removed: bool,
    pub write: bool,
}

#[derive(Template)]
#[template(path = "services/trees/templates/resident_case.html")]
struct CasePage {
    c: Chrome,
    office_number: String,
    filed: Timestamp,
    standing: String,
    next: Vec<Next>,
    asked_for: Vec<String>,
    trees: Vec<TreeLine>,
    pictures: Vec<Picture>,
    documents: Vec<Document>,
    letters: Vec<Document>,
    inspection: Vec<Picture>,
    messages: Vec<Message>,
    events: Vec<Event>,
    parts: Vec<check::Part>,
    offers: Offers,
    supplement: String,
    base: String,
}

fn next_steps(visit: &Visit<'_>, c: &Chrome, judged: &Judged) -> Vec<Next> {
    timeline_future(&judged.case.state.0, visit.today, &judged.rules)
        .into_iter()
        .map(|step| Next { sentence: say(c, &step.message()), basis: step.basis })
        .collect()
}

fn trees(visit: &Visit<'_>, c: &Chrome, judged: &Judged) -> Vec<TreeLine> {
    let state = &judged.case.state.0;
    let line = |tree: &super::super::Tree| {
        let may = removal(state, tree, visit.today, &judged.rules);
        TreeLine {
            name: tree_name(c, judged, tree.id),
            stage: say(c, &tree.stage.message()),
            allowed: matches!(may, Removal::Allowed { .. }),
            may: say(c, &may.message()),
        }
    };
    state.trees.iter().map(line).collect()
}

/// "Drzewo 2: lipa", from the notice; an inspection may have found another kind.
pub fn tree_name(c: &Chrome, judged: &Judged, id: u64) -> String {
    let state = &judged.case.state.0;
    let established = state.tree(id).and_then(|tree| tree.species.clone());
    let path = format!("trees[{}].species", id.saturating_sub(1));
    let answered = judged.case.answers.0.get(&path).and_then(|values| values.first()).cloned();
    let species = established.or(answered.filter(|kind| kind != UNKNOWN)).unwrap_or_default();
    let known = judged.definition.species(&species);
    let species = known.map_or(species, |known| known.name.wording(c.lang.code()).text);
    if species.is_empty() {
        c.plain1("resident-tree", "n", id)
    } else {
        c.plain2("resident-tree-of", "n", id, "species", species)
    }
}

fn answer_parts(visit: &Visit<'_>, c: &Chrome, judged: &Judged) -> Vec<check::Part> {
    let answers = Answers::from(judged.case.answers.0.clone());
    let context = Context {
        definition: &judged.definition,
        today: clock::date_in_poland(judged.case.filed),
        dictionaries: &std::collections::BTreeMap::new(),
    };
    let mut sections = check_rows(context, &answers, visit.lang.code());
    // Here nothing can be filled in any more, so only what was answered is of use.
    sections.iter_mut().for_each(|section| section.rows.retain(|row| !row.values.is_empty()));
    sections.retain(|section| !section.rows.is_empty());
    check::rows(c, sections, |_, _| String::new())
}

/// Where the case stands, as a sentence to the resident; staff read a shorter word in their lists.
fn stands(standing: Standing) -> &'static str {
    match standing {
        Standing::Draft | Standing::New => "resident-stands-new",
        Standing::KpaDefect => "resident-stands-kpa-defect",
        Standing::Incomplete => "resident-stands-incomplete",
        Standing::SupplementLapsed => "resident-stands-supplement-lapsed",
        Standing::ObjectionDue => "resident-stands-objection-due",
        Standing::AwaitingInspection => "resident-stands-awaiting-inspection",
        Standing::InspectionOverdue => "resident-stands-inspection-overdue",
        Standing::ObjectionTerm => "resident-stands-objection-term",
        Standing::SilenceToNote => "resident-stands-silence-to-note",
        Standing::Suspended => "resident-stands-suspended",
        Standing::Answered => "resident-stands-answered",
        Standing::Forwarded => "resident-stands-forwarded",
        Standing::Refused => "resident-stands-refused",
        Standing::LeftUnexamined => "resident-stands-left-unexamined",
        Standing::Withdrawn => "resident-stands-withdrawn",
    }
}

/// The files of a case as its owner sees them.
#[derive(Default)]
struct Split {
    pictures: Vec<Picture>,
    documents: Vec<Document>,
    letters: Vec<Document>,
    /// Pictures that the office took at the inspection.
    inspection: Vec<Picture>,
}

fn split_files(c: &Chrome, base: &str, all: &[CaseFile]) -> Split {
    let mut split = Split::default();
    for (file, number) in all.iter().zip(1..) {
        let picture = file.thumbnail.map(|_| Picture {
            href: format!("{base}/pliki/{number}/podglad"),
            thumbnail: format!("{base}/pliki/{number}/miniatura"),
            name: match file.tree {
                None => file.name.clone(),
                Some(tree) => c.plain1("resident-role-inspection", "tree", tree.to_string()),
            },
        });
        let document = files::document(c, base, number, file);
        match (file.from_office, file.tree) {
            (true, Some(_)) => split.inspection.extend(picture),
            (true, None) => split.letters.push(document),
            (false, _) => {
                split.pictures.extend(picture);
                split.documents.push(document);
            }
        }
    }
    split
}

/// A case.
pub fn show(visit: &Visit<'_>) -> Result<Page, PageError> {
    let judged = case::judged(visit)?;
    let case = &judged.case;
    let mut c = visit.chrome("")?;
    c.title = c.plain1("resident-case-title", "number", case.label());
    c.crumbs = vec![Link { label: c.plain("ui-my-cases"), href: "/moje-sprawy".to_owned() }];
    let base = case::path(case, "");
    let said = files::messages(visit.view(), case.id)?;
    let mut number = case.files.len();
    let mut messages = Vec::with_capacity(said.len());
    for message in &said {
        let documents = message.files.iter().map(|file| {
            number += 1;
            files::document(&c, &base, number, file)
        });
        messages.push(Message {
            documents: documents.collect(),
            who: c.plain(if message.from_office { "resident-office" } else { "resident-you" }),
            when: c.moment(message.at),
            text: message.text.clone(),
            own: !message.from_office,
        });
    }
    let Split { pictures, documents, letters, inspection } = split_files(&c, &base, &case.files);
    let state = &case.state.0;
    let called = matches!(state.stage, Stage::Incomplete | Stage::KpaDefect);
    let asked_for = state.call.as_ref().filter(|_| called).map(|call| {
        let words = |key: &String| missing_words(&judged.definition, visit.lang.code(), key);
        call.missing.iter().map(words).collect::<Vec<_>>()
    });
    let verified = visit.may(super::MESSAGE.who);
    let today = visit.today;
    let trees = trees(visit, &c, &judged);
    let withdraw = super::super::Command::Withdraw { on: today };
    Page::html(&CasePage {
        office_number: case.office_number.clone().unwrap_or_default(),
        filed: case.filed,
        standing: c.plain(stands(standing(state, today, &judged.rules))),
        next: next_steps(visit, &c, &judged),
        asked_for: asked_for.unwrap_or_default(),
        offers: Offers {
            supplement: called && verified,
            withdraw: verified && judged.after(&withdraw, today).is_ok(),
            removed: verified && trees.iter().any(|tree| tree.allowed),
            write: verified,
        },
        trees,
        pictures,
        documents,
        letters,
        inspection,
        messages,
        events: timeline::timeline(visit, case.id, &judged.definition)?,
        parts: answer_parts(visit, &c, &judged),
        supplement: format!("{base}/uzupelnienie"),
        base,
        c,
    })
}

#[derive(Template)]
#[template(path = "services/trees/templates/resident_confirmation.html")]
struct ConfirmationPage {
    c: Chrome,
    number: String,
    filed: Timestamp,
    next: Vec<Next>,
    incomplete: bool,
    trees: usize,
    files: usize,
    /// Number of the entry in the journal and its hash, as the log has it.
    entry: Option<(u64, String)>,
    qr: Option<Markup>,
    address: String,
    proof: String,
    base: String,
}

/// What reached the office, when, and what is next.
pub fn confirmation(visit: &Visit<'_>) -> Result<Page, PageError> {
    let judged = case::judged(visit)?;
    let case = &judged.case;
    let c = case::chrome(visit, case, "resident-confirmation-title")?;
    let address = format!("{}{}", visit.origin(), case::path(case, ""));
    Page::html(&ConfirmationPage {
        number: case.label(),
        filed: case.filed,
        next: next_steps(visit, &c, &judged),
        incomplete: case.filed_incomplete,
        trees: case.state.0.trees.len(),
        files: case.files.len(),
        entry: entry(visit, case)?,
        qr: qr(&address, &c.plain("resident-qr")),
        address,
        proof: case::path(case, "dowod"),
        base: case::path(case, ""),
        c,
    })
}

/// The entry of the filing: what a paper can say so that it is found in the log. None until it is signed.
fn entry(visit: &Visit<'_>, case: &TreeCase) -> Result<Option<(u64, String)>, PageError> {
    let first = filing_of(visit, case)?;
    let Some(proof) = visit.proof_of(first, |_body, _kind| false)? else { return Ok(None) };
    let header = BASE64.decode(&proof.header).map_err(Fault::new)?;
    Ok(Some((first, hex(&leaf(&header)))))
}

fn filing_of(visit: &Visit<'_>, case: &TreeCase) -> Result<u64, Fault> {
    let history = visit.view().history::<TreeCase>(&case.id)?;
    let first = history.first().ok_or_else(|| Fault::new("a case without a first version"))?;
    Ok(first.seq)
}

/// The file that proves the receipt without this site: the entry of the filing with what was filed.
pub fn proof(visit: &Visit<'_>) -> Result<Page, PageError> {
    let case = case::own(visit)?;
    let first = filing_of(visit, &case)?;
    // The resident's own record, what was confirmed and how, and the secrets of their own files; an entry of filing
    // holds nothing of anybody else.
    let own = |_body: u32, kind: u16| {
        kind == KIND_WHY || kind == KIND_BLOB || kind == TreeCase::KIND.number
    };
    let proof = visit.proof_of(first, own)?;
    let Some(proof) = proof else {
        return Err(crate::kernel::store::Refusal::rule("trees-proof-later").into());
    };
    let bytes = serde_json::to_vec_pretty(&proof).map_err(Fault::new)?;
    let name = format!("zgloszenie-{}-{}.ostoja-proof", case.number, case.year);
    Ok(Page::of("application/json", bytes).download(name))
}
