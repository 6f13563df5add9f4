//! The catalogue for residents: what can be done here, and the start page of each matter.

use askama::Template;

use super::{
    import,
    model::{BY_ID, Procedure},
};
use crate::{
    kernel::{
        identity::{Role, Who},
        store::{Fault, keys::Key},
    },
    web::{
        Page, PageError, Visit,
        chrome::{Chrome, Link},
        i18n::Markup,
        parts::Matter,
        service::HomeBlock,
    },
};

const PROCEDURES_MAX: usize = 200;
/// Who sees what is not yet confirmed.
pub(super) const STAFF: Who =
    Who::Staff(&[Role::Clerk, Role::Administrator, Role::Editor, Role::Auditor]);

/// One matter in the list.
pub struct Listed {
    pub href: String,
    pub name: String,
    pub lang: &'static str,
    pub summary: String,
}

#[derive(Template)]
#[template(path = "services/catalogue/templates/list.html")]
struct ListPage {
    c: Chrome,
    matters: Vec<Listed>,
}

#[derive(Template)]
#[template(path = "services/catalogue/templates/home.html")]
struct Home {
    c: Chrome,
    matters: Vec<Listed>,
}

#[derive(Template)]
#[template(path = "services/catalogue/templates/start.html")]
struct StartPage {
    c: Chrome,
    matter: Matter,
    not_who: Vec<String>,
    after: Vec<String>,
    authority: String,
}

/// One open question, with its mark.
pub struct Open {
    pub place: String,
    pub mark: String,
    pub text: String,
}

#[derive(Template)]
#[template(path = "services/catalogue/templates/open.html")]
struct OpenPage {
    c: Chrome,
    name: String,
    version: u32,
    state_of_law: jiff::civil::Date,
    questions: Vec<Open>,
    unverified: Vec<Open>,
}

fn listed(visit: &Visit<'_>) -> Result<Vec<Listed>, Fault> {
    let list = visit.view().list::<Procedure>(BY_ID, &Key::new(), None, PROCEDURES_MAX)?;
    let mut matters = Vec::with_capacity(list.rows.len());
    for row in list.rows {
        let Some(definition) = import::in_force(visit.view(), &row.id)? else { continue };
        let name = definition.name.wording(visit.lang.code());
        matters.push(Listed {
            href: format!("/sprawy/{}", definition.id),
            name: name.text,
            lang: name.lang,
            summary: definition.summary.wording(visit.lang.code()).text,
        });
    }
    Ok(matters)
}

/// The matters on the home page.
pub fn home(visit: &Visit<'_>) -> Result<Option<HomeBlock>, Fault> {
    let matters = listed(visit)?;
    if matters.is_empty() {
        return Ok(None);
    }
    let html = Home { c: visit.chrome("")?, matters }.render().map_err(Fault::new)?;
    Ok(Some(HomeBlock { order: 10, html: Markup::trusted(html) }))
}

/// All matters.
pub fn list(visit: &Visit<'_>) -> Result<Page, PageError> {
    Page::html(&ListPage { c: visit.chrome_of("catalogue-title")?, matters: listed(visit)? })
}

/// The start page of a matter.
pub fn start(visit: &Visit<'_>) -> Result<Page, PageError> {
    let definition =
        import::in_force(visit.view(), visit.param("id"))?.ok_or_else(PageError::unknown)?;
    let lang = visit.lang.code();
    let mut c = visit.chrome(definition.name.wording(lang).text)?;
    c.crumbs = vec![Link { label: c.plain("catalogue-title"), href: "/sprawy".to_owned() }];
    let texts =
        |list: &[super::Text]| list.iter().map(|text| text.wording(lang).text).collect::<Vec<_>>();
    let start = &definition.start;
    let matter = Matter {
        what: definition.summary.wording(lang).text,
        who: start.who.wording(lang).text,
        how_long: start.how_long.wording(lang).text,
        cost: start.cost.wording(lang).text,
        have_ready: texts(&start.have_ready),
        law: definition.legal_basis.iter().map(|cite| cite.text.clone()).collect(),
        // Staff do not file here; what is not for them is not offered.
        href: if visit.person.as_ref().is_some_and(|person| person.staff) {
            String::new()
        } else {
            format!("/sprawy/{}/nowa", definition.id)
        },
    };
    let authority = definition.authority.wording(lang).text;
    Page::html(&StartPage {
        c,
        matter,
        not_who: texts(&start.not_who),
        after: texts(&start.after),
        authority,
    })
}

/// What in a definition is not confirmed: for staff, never hidden from them.
pub fn open_questions(visit: &Visit<'_>) -> Result<Page, PageError> {
    let definition =
        import::in_force(visit.view(), visit.param("id"))?.ok_or_else(PageError::unknown)?;
    let c = visit.chrome_of("catalogue-open-title")?;
    let questions = definition.questions.iter().map(|question| Open {
        place: question.id.clone(),
        mark: String::new(),
        text: question.text.clone(),
    });
    let fields = definition.fields().filter_map(|(name, field)| {
        let text = field.unverified.clone()?;
        Some(Open { place: name, mark: field.mark.map_or("", letter).to_owned(), text })
    });
    let documents = definition.documents.iter().filter_map(|document| {
        let text = document.unverified.clone()?;
        Some(Open { place: document.name.pl.clone(), mark: letter(document.mark).to_owned(), text })
    });
    let unverified = fields.chain(documents).collect();
    let questions = questions.collect();
    let (version, state_of_law, name) =
        (definition.version, definition.state_of_law, definition.name.pl.clone());
    Page::html(&OpenPage { c, name, version, state_of_law, questions, unverified })
}

/// How sure we are, as the fact sheets write it.
fn letter(mark: super::Mark) -> &'static str {
    match mark {
        super::Mark::S => "S",
        super::Mark::P => "P",
        super::Mark::I => "I",
        super::Mark::K => "K",
    }
}
