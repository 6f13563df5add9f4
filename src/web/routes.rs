//! Four kinds of routes, by type. What a handler is given decides what it can do:
//!
//! | kind | method | adds entries | given |
//! |---|---|---|---|
//! | Look | GET | none | a visit (views only) |
//! | Disclose | GET by staff | one a person and day | a visit, after the look was entered |
//! | Draft | POST | none | scratch, ceremonies, workers |
//! | Act | POST | exactly one | a desk, by value |

use http::Method;

use crate::{
    kernel::{
        identity::{Action, PersonId, Who},
        store::Desk,
    },
    web::{Committed, Page, PageError, Reply, Tools, Visit},
};

/// Reads and shows.
pub type Look = fn(&Visit<'_>) -> Result<Page, PageError>;
/// Says whose data a page will show.
pub type Subject = fn(&Visit<'_>) -> Result<Vec<PersonId>, PageError>;
/// Shows a person's data to staff, after the look was entered.
pub type Disclose = fn(&Visit<'_>, &Disclosed) -> Result<Page, PageError>;
/// Works on scratch: drafts, uploads, ceremonies. Nothing it does is evidence.
pub type DraftFn = fn(&Visit<'_>, &Tools<'_>) -> Result<Reply, PageError>;
/// Changes something: one entry, or a refusal.
pub type Act = fn(Desk<'_>, &Visit<'_>, &Tools<'_>) -> Result<Committed, PageError>;

/// Proof that reading these persons' data was entered. Only the router makes one.
pub struct Disclosed(pub(in crate::web) Vec<PersonId>);

impl Disclosed {
    /// Whether a person's data may be shown.
    pub fn covers(&self, person: PersonId) -> bool {
        self.0.contains(&person)
    }
}

/// What a route runs.
#[derive(Clone, Copy)]
pub enum Handler {
    Look(Look),
    Disclose(Subject, Disclose),
    Draft(DraftFn),
    Act(&'static Action, Act),
}

/// One path and method.
#[derive(Clone, Copy)]
pub struct Route {
    pub path: &'static str,
    pub who: Who,
    pub handler: Handler,
    /// Takes files: longer deadlines and a larger body.
    pub upload: bool,
}

impl Route {
    /// A page.
    pub const fn look(path: &'static str, who: Who, handler: Look) -> Route {
        Route { path, who, handler: Handler::Look(handler), upload: false }
    }

    /// A page for staff about a person.
    pub const fn disclose(
        path: &'static str,
        who: Who,
        subject: Subject,
        handler: Disclose,
    ) -> Route {
        Route { path, who, handler: Handler::Disclose(subject, handler), upload: false }
    }

    /// A form that works on scratch.
    pub const fn draft(path: &'static str, who: Who, handler: DraftFn) -> Route {
        Route { path, who, handler: Handler::Draft(handler), upload: false }
    }

    /// A form that changes something; who may is the action's.
    pub const fn act(path: &'static str, action: &'static Action, handler: Act) -> Route {
        Route { path, who: action.who, handler: Handler::Act(action, handler), upload: false }
    }

    /// The form carries files.
    #[must_use]
    pub const fn with_files(mut self) -> Route {
        self.upload = true;
        self
    }

    /// The method it answers to.
    pub fn method(&self) -> Method {
        match self.handler {
            Handler::Look(_) | Handler::Disclose(..) => Method::GET,
            Handler::Draft(_) | Handler::Act(..) => Method::POST,
        }
    }
}
