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
/// Which version of a definition is asked for.
pub const VERSION: &str = "wersja";
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

/// One open question, or one thing that is not certain, with its mark.
pub struct Open {
    pub place: String,
    pub name: String,
    pub basis: String,
    pub mark: &'static str,
    pub text: String,
}

/// What is not certain about things of one sort.
pub struct OpenGroup {
    pub heading: &'static str,
    pub open: Vec<Open>,
}

#[derive(Template)]
#[template(path = "services/catalogue/templates/open.html")]
struct OpenPage {
    c: Chrome,
    name: String,
    version: u32,
    state_of_law: jiff::civil::Date,
    questions: Vec<Open>,
    unverified: Vec<OpenGroup>,
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

/// What in a definition is not confirmed: for staff, never hidden from them. A case asks for the version it
/// was filed on; otherwise it is the one in force.
pub fn open_questions(visit: &Visit<'_>) -> Result<Page, PageError> {
    let (view, id) = (visit.view(), visit.param("id"));
    let definition = match visit.query.get(VERSION) {
        "" => import::in_force(view, id)?,
        version => match version.parse() {
            Ok(version) => import::of_version(view, id, version)?,
            Err(_no_number) => None,
        },
    };
    let definition = definition.ok_or_else(PageError::unknown)?;
    let c = visit.chrome_of("catalogue-open-title")?;
    let lang = c.lang.code();
    let questions = definition.questions.iter().map(|question| Open {
        place: question.id.clone(),
        name: String::new(),
        basis: String::new(),
        mark: "",
        text: question.text.clone(),
    });
    let questions = questions.collect();
    let mut unverified: Vec<OpenGroup> = Vec::new();
    for doubt in definition.doubts() {
        let open = Open {
            name: doubt.name.map_or_else(String::new, |name| name.wording(lang).text),
            basis: doubt.basis.to_owned(),
            mark: doubt.mark.map_or("", super::Mark::letter),
            text: doubt.unverified.to_owned(),
            place: doubt.id,
        };
        let heading = doubt.about.heading();
        match unverified.last_mut().filter(|group| group.heading == heading) {
            Some(group) => group.open.push(open),
            None => unverified.push(OpenGroup { heading, open: vec![open] }),
        }
    }
    let (version, state_of_law, name) =
        (definition.version, definition.state_of_law, definition.name.wording(lang).text);
    Page::html(&OpenPage { c, name, version, state_of_law, questions, unverified })
}
