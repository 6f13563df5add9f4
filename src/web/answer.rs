//! What handlers answer with.

use askama::Template;
use http::StatusCode;
use serde_json::Value;

use crate::kernel::{
    identity::sessions::Login,
    store::{Fault, Refusal, Ticket, desk::Refused},
};

/// What happens to the visitor's session with an answer.
#[derive(Clone, Debug)]
pub enum SessionChange {
    /// A session of a person begins under a new token; the old token is worth nothing.
    Begin(Login),
    /// This session ends.
    End,
}

/// A page or a file.
#[derive(Debug)]
pub struct Page {
    pub status: StatusCode,
    pub content_type: &'static str,
    pub body: Vec<u8>,
    /// Anybody may keep it: the same for every visitor.
    pub public: bool,
    /// Offered as a file of this name, inert.
    pub download: Option<String>,
}

impl Page {
    /// A page from its template.
    ///
    /// # Errors
    /// The template failed, which is our fault.
    pub fn html(template: &impl Template) -> Result<Page, PageError> {
        let html = template
            .render()
            .map_err(|error| PageError::Fault(Fault::new(format!("template: {error}"))))?;
        Ok(Page::of("text/html; charset=utf-8", html.into_bytes()))
    }

    /// Bytes of a type.
    pub fn of(content_type: &'static str, body: Vec<u8>) -> Page {
        Page { status: StatusCode::OK, content_type, body, public: false, download: None }
    }

    /// A file to keep.
    #[must_use]
    pub fn download(mut self, name: impl Into<String>) -> Page {
        self.download = Some(name.into());
        self
    }

    /// The same for every visitor.
    #[must_use]
    pub fn public(mut self) -> Page {
        self.public = true;
        self
    }

    /// With another status.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Page {
        self.status = status;
        self
    }
}

/// The answer of a form that works on scratch.
#[derive(Debug)]
pub enum Reply {
    Page(Page),
    /// 303 to a path of ours.
    To(String),
    /// For scripts of ours.
    Json(Value),
    /// 303, and a cookie of ours is set.
    Cookie {
        to: String,
        cookie: String,
    },
    /// 303, and the session changes.
    Session {
        to: String,
        change: SessionChange,
    },
}

/// The answer to a change. It can be made only from a ticket, and the router sends it only when the
/// entry is durable.
#[derive(Debug)]
pub struct Committed {
    pub(in crate::web) ticket: Ticket,
    pub(in crate::web) to: String,
    pub(in crate::web) json: bool,
    pub(in crate::web) session: Option<SessionChange>,
}

impl Committed {
    /// Goes to a path, unless the entry's own answer says another.
    pub fn to(ticket: Ticket, path: impl Into<String>) -> Committed {
        let to = ticket.answer().map_or_else(|| path.into(), str::to_owned);
        Committed { ticket, to, json: false, session: None }
    }

    /// As `{"location": path}`, for scripts of ours.
    #[must_use]
    pub fn json(mut self) -> Committed {
        self.json = true;
        self
    }

    /// And the session changes.
    #[must_use]
    pub fn session(mut self, change: SessionChange) -> Committed {
        self.session = Some(change);
        self
    }
}

/// Everything that is not the answer a handler hoped for.
#[derive(Debug)]
pub enum PageError {
    /// "No", once what it rests on is durable.
    Refused(Refused),
    /// "No" of a handler that read durable state only.
    Refusal(Refusal),
    /// Our problem.
    Fault(Fault),
    /// The form again, with what was typed and what is wrong (422).
    Form(Page),
    /// Elsewhere.
    To(String),
}

impl PageError {
    /// Nothing there that this visitor may see.
    pub fn unknown() -> PageError {
        PageError::Refusal(Refusal::unknown())
    }

    /// The form again.
    ///
    /// # Errors
    /// Never; it returns the error itself so that `?` and `return Err(..)` read alike.
    pub fn form(template: &impl Template) -> PageError {
        match Page::html(template) {
            Ok(page) => PageError::Form(page.status(StatusCode::UNPROCESSABLE_ENTITY)),
            Err(error) => error,
        }
    }
}

impl From<Fault> for PageError {
    fn from(fault: Fault) -> PageError {
        PageError::Fault(fault)
    }
}

impl From<Refusal> for PageError {
    fn from(refusal: Refusal) -> PageError {
        PageError::Refusal(refusal)
    }
}

impl From<Refused> for PageError {
    fn from(refused: Refused) -> PageError {
        PageError::Refused(refused)
    }
}
