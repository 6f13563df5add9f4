//! From a screened request to an answer: who is it, may they, which handler, and never a "saved"
//! before the entry is durable.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::Ordering},
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;

use crate::{
    edge::{self, Answer, AnswerFuture, ListenerKind, Peer, RequestBody, RequestClass},
    kernel::{
        crypto::random,
        identity::{
            Action, Actor, Role, Who,
            action::allowed,
            people::{Disclosure, STAFF_BY_NAME},
            sessions::Token,
        },
        store::{Change, Fault, Op, Refusal, keys::Key},
    },
    web::{
        Committed, House, Page, PageError, Reply, Tools, Visit,
        answer::SessionChange,
        answer_body, appearance, assets,
        chrome::{Theme, fields, paths},
        cookies, failure,
        headers::{self, Caching},
        home,
        i18n::Lang,
        input,
        routes::{Disclosed, Handler, Route},
        visit::Arrival,
    },
};

/// A staff member looked at a person's data.
pub static LOOKED: Action = Action {
    name: "kernel.look",
    who: Who::Staff(&[Role::Administrator, Role::Clerk, Role::Editor, Role::Auditor]),
    sentence: "audit-look",
};

/// Where the first administrator enrols; nothing else is served before.
pub const FIRST_START: &str = "/pierwsze-uruchomienie";

/// What a handler produced, before durability.
enum Outcome {
    Page(Page),
    Reply(Reply),
    Committed(Committed),
    Error(PageError),
}

/// The request without its connection.
struct Head {
    method: Method,
    path: String,
    query: String,
    headers: HeaderMap,
    /// What the browser holds; a stranger without one gets one.
    token: Token,
    is_new: bool,
    lang: Lang,
    theme: Theme,
    request: [u8; 8],
    peer: Peer,
}

impl edge::App for House {
    fn call(self: Arc<Self>, request: Request<RequestBody>, peer: Peer) -> AnswerFuture {
        Box::pin(self.answer(request, peer))
    }

    fn class(&self, head: &http::request::Parts) -> RequestClass {
        let route = self.routes.at(head.uri.path()).ok();
        let upload = route.is_some_and(|found| {
            found.value.iter().any(|route| route.upload && route.method() == head.method)
        });
        if upload { RequestClass::Upload } else { RequestClass::Ordinary }
    }
}

impl House {
    async fn answer(self: Arc<Self>, request: Request<RequestBody>, peer: Peer) -> Answer {
        let started = std::time::Instant::now();
        let (parts, body) = request.into_parts();
        let Ok(head) = Head::new(parts, peer) else {
            return failure::bare(StatusCode::SERVICE_UNAVAILABLE);
        };
        let wishes = answer_body::Wishes::of(&head.headers);
        let (label, answer) = self.dispatch(head, body).await;
        self.metrics.answered(label, answer.status(), started.elapsed());
        answer_body::fitted(answer, &wishes)
    }

    async fn dispatch(self: &Arc<Self>, head: Head, body: RequestBody) -> (&'static str, Answer) {
        if head.peer.listener == ListenerKind::Machine {
            return ("machine", crate::web::metrics::machine(self, &head.path).await);
        }
        if let Some(asset) = assets::find(&head.path) {
            return ("asset", answer_body::asset(asset, &head.headers));
        }
        let plain = !matches!(head.method, Method::GET | Method::HEAD);
        if plain && !is_same_origin(&head.headers, &self.origin) {
            return (
                "refused",
                failure::page(
                    self,
                    &self.looks(&head),
                    &Refusal::rule("cross-origin"),
                    StatusCode::FORBIDDEN,
                ),
            );
        }
        if plain && head.path == paths::APPEARANCE {
            return ("appearance", self.appearance(&head, body).await);
        }
        if head.path == paths::HOME && !plain {
            return ("home", self.run(head, None, input::Body::default()).await);
        }
        let Some((route, params)) = self.find(&head) else {
            let known = self.routes.at(&head.path).is_ok();
            let status = if known { StatusCode::METHOD_NOT_ALLOWED } else { StatusCode::NOT_FOUND };
            return ("none", failure::page(self, &self.looks(&head), &Refusal::unknown(), status));
        };
        let content_type = head
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let read = match collect(body).await {
            None => Err(input::BadBody::TooLarge),
            Some(bytes) => input::read(content_type, bytes).await,
        };
        let answer = match read {
            Ok(body) => self.run(head, Some((route, params)), body).await,
            Err(input::BadBody::TooLarge) => failure::page(
                self,
                &self.looks(&head),
                &Refusal::rule("body-too-large"),
                StatusCode::PAYLOAD_TOO_LARGE,
            ),
            Err(input::BadBody::Malformed) => failure::page(
                self,
                &self.looks(&head),
                &Refusal::rule("body-malformed"),
                StatusCode::BAD_REQUEST,
            ),
        };
        (route.path, answer)
    }

    fn find(&self, head: &Head) -> Option<(&'static Route, Vec<(String, String)>)> {
        let found = self.routes.at(&head.path).ok()?;
        let method = if head.method == Method::HEAD { Method::GET } else { head.method.clone() };
        let route = found.value.iter().find(|route| route.method() == method)?;
        let params =
            found.params.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        Some((route, params))
    }

    async fn appearance(&self, head: &Head, body: RequestBody) -> Answer {
        let bytes = collect(body).await.unwrap_or_default();
        appearance::answer(&input::Form::parse(&bytes).unwrap_or_default(), head.lang, head.theme)
    }

    /// Runs a handler on a thread that may block, then waits for what it wrote.
    async fn run(
        self: &Arc<Self>,
        head: Head,
        route: Option<(&'static Route, Vec<(String, String)>)>,
        body: input::Body,
    ) -> Answer {
        let house = Arc::clone(self);
        let look = self.looks(&head);
        let (token, is_new) = (head.token.clone(), head.is_new);
        let worked = tokio::task::spawn_blocking(move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| house.handle(&head, route, body)));
            outcome.unwrap_or_else(|_panic| {
                Outcome::Error(PageError::Fault(Fault::new("a handler panicked")))
            })
        })
        .await;
        let outcome =
            worked.unwrap_or_else(|error| Outcome::Error(PageError::Fault(Fault::new(error))));
        let answer = self.finish(outcome, &look, &token).await;
        let untouched = !answer.headers().contains_key(header::SET_COOKIE);
        if is_new && untouched {
            answer_body::with_cookie(answer, &cookies::session(&token.reveal()))
        } else {
            answer
        }
    }

    fn handle(
        &self,
        head: &Head,
        route: Option<(&'static Route, Vec<(String, String)>)>,
        body: input::Body,
    ) -> Outcome {
        match self.handle_inner(head, route, body) {
            Ok(outcome) => outcome,
            Err(error) => Outcome::Error(error),
        }
    }

    fn handle_inner(
        &self,
        head: &Head,
        route: Option<(&'static Route, Vec<(String, String)>)>,
        body: input::Body,
    ) -> Result<Outcome, PageError> {
        let now = self.store.clock().now();
        let session = self.sessions.find(&head.token, &self.store.view())?;
        let form_token = self.sessions.form_token(&head.token);
        let (route, params) =
            route.map_or((None, Vec::new()), |(route, params)| (Some(route), params));
        let arrival = Arrival {
            request: head.request,
            path: self.place(head),
            lang: head.lang,
            theme: head.theme,
            params,
            query: input::Form::parse(head.query.as_bytes()).unwrap_or_default(),
            body,
            session,
            token: head.token.clone(),
            form_token,
            now,
        };
        let visit = Visit::new(self, arrival)?;
        self.refuse_before_inhabited(&visit, head)?;
        let Some(route) = route else { return Ok(Outcome::Page(home::page(&visit)?)) };
        if head.method == Method::POST {
            self.check_form_token(&visit, &head.headers)?;
        }
        if let Err(refusal) = allowed(visit.view(), &visit.actor, route.who, now) {
            // Who is not logged in is sent to log in and comes back.
            if visit.actor == Actor::Visitor && head.method != Method::POST {
                let back: String = form_urlencoded::byte_serialize(visit.path.as_bytes()).collect();
                return Err(PageError::To(format!("{}?powrot={back}", paths::LOGIN)));
            }
            return Err(refusal.into());
        }
        let tools = Tools::new(self);
        Ok(match route.handler {
            Handler::Look(look) => Outcome::Page(look(&visit)?),
            Handler::Disclose(subject, show) => {
                let disclosed = self.enter_look(&visit, subject(&visit)?, route)?;
                Outcome::Page(show(&visit, &disclosed)?)
            }
            Handler::Draft(draft) => Outcome::Reply(draft(&visit, &tools)?),
            Handler::Act(_, act) => {
                let desk = self.store.desk(visit.actor.clone()).of_request(visit.request, now);
                Outcome::Committed(act(desk, &visit, &tools)?)
            }
        })
    }

    /// Where the visitor is: the page that a language button or a link back leads to. A form is often
    /// sent to an address that shows nothing, so then it is the page that the form stood on.
    fn place(&self, head: &Head) -> String {
        let is_page = self
            .routes
            .at(&head.path)
            .is_ok_and(|found| found.value.iter().any(|route| route.method() == Method::GET));
        let from = || {
            let from = head.headers.get(header::REFERER)?.to_str().ok()?;
            from.strip_prefix(&self.origin).filter(|path| path.starts_with('/'))
        };
        match head.method {
            Method::GET | Method::HEAD if head.query.is_empty() => head.path.clone(),
            Method::GET | Method::HEAD => format!("{}?{}", head.path, head.query),
            _ if is_page => head.path.clone(),
            _ => from().unwrap_or(paths::HOME).to_owned(),
        }
    }

    fn looks(&self, head: &Head) -> failure::Looks {
        failure::Looks {
            lang: head.lang,
            theme: head.theme,
            path: self.place(head),
            asked: head.method != Method::GET && head.method != Method::HEAD,
            request: head.request,
            json: wants_json(&head.headers),
        }
    }

    /// Nothing is served before somebody can let others in, but the page where they enrol.
    fn refuse_before_inhabited(&self, visit: &Visit<'_>, head: &Head) -> Result<(), PageError> {
        if self.inhabited.load(Ordering::Relaxed) {
            return Ok(());
        }
        let staff = visit.view().list::<crate::kernel::identity::Person>(
            STAFF_BY_NAME,
            &Key::new(),
            None,
            1,
        )?;
        if !staff.rows.is_empty() {
            self.inhabited.store(true, Ordering::Relaxed);
            return Ok(());
        }
        if head.path.starts_with(FIRST_START) {
            Ok(())
        } else {
            Err(PageError::To(FIRST_START.to_owned()))
        }
    }

    /// Enters that a staff member looks at persons: once a person and day.
    fn enter_look(
        &self,
        visit: &Visit<'_>,
        subjects: Vec<crate::kernel::identity::PersonId>,
        route: &Route,
    ) -> Result<Disclosed, PageError> {
        let staff = visit.me()?.id;
        let service = self
            .services
            .iter()
            .find(|service| service.all_routes().any(|other| other.path == route.path));
        let service = service.map_or("", |service| service.name);
        for subject in subjects.iter().copied().filter(|subject| *subject != staff) {
            let record = Disclosure {
                staff,
                subject,
                day: visit.today,
                first_at: visit.now,
                service: service.to_owned(),
            };
            if visit
                .view()
                .row::<Disclosure>(&crate::kernel::store::record::Record::id(&record))?
                .is_some()
            {
                continue;
            }
            let desk = self.store.desk(visit.actor.clone()).of_request(visit.request, visit.now);
            let ticket = desk.commit(|_, authority| {
                Ok::<_, Refusal>(Change::new(
                    authority.permit(&LOOKED, &[subject])?,
                    Op::put(&record),
                ))
            })?;
            ticket.wait().map_err(|error| PageError::Fault(Fault::new(error)))?;
        }
        Ok(Disclosed(subjects))
    }

    /// Every form that changes something carries the token of who was given the form.
    fn check_form_token(&self, visit: &Visit<'_>, headers: &HeaderMap) -> Result<(), PageError> {
        let header = headers.get(fields::FORM_TOKEN_HEADER).and_then(|value| value.to_str().ok());
        let given = header.unwrap_or_else(|| visit.form.get(fields::FORM_TOKEN));
        if self.sessions.is_form_token(&visit.token, given) {
            Ok(())
        } else {
            Err(Refusal::rule("form-token").into())
        }
    }

    async fn finish(&self, outcome: Outcome, look: &failure::Looks, token: &Token) -> Answer {
        match outcome {
            Outcome::Page(page) => answer_body::page(page),
            Outcome::Reply(reply) => self.reply(reply, look, token),
            Outcome::Committed(committed) => {
                let Committed { ticket, to, json, session } = committed;
                match ticket.durable().await {
                    Err(error) => failure::not_saved(self, look, &error),
                    Ok(_durable) => {
                        let answer = if json {
                            answer_body::json(&serde_json::json!({ "location": to }))
                        } else {
                            answer_body::see_other(&to)
                        };
                        match session {
                            None => answer,
                            Some(change) => self.change_session(answer, &change, look, token),
                        }
                    }
                }
            }
            Outcome::Error(PageError::Refused(refused)) => match refused.settled().await {
                Ok(refusal) => failure::refusal(self, look, &refusal),
                Err(error) => failure::not_saved(self, look, &error),
            },
            Outcome::Error(PageError::Refusal(refusal)) => failure::refusal(self, look, &refusal),
            Outcome::Error(PageError::Fault(fault)) => failure::fault(self, look, &fault),
            Outcome::Error(PageError::Form(page)) => answer_body::page(page),
            Outcome::Error(PageError::To(to)) => answer_body::see_other(&to),
        }
    }

    fn reply(&self, reply: Reply, look: &failure::Looks, token: &Token) -> Answer {
        match reply {
            Reply::Page(page) => answer_body::page(page),
            Reply::To(to) => answer_body::see_other(&to),
            // A browser that sends the form itself would show its person the bare options.
            Reply::Json(_) if !look.json => {
                failure::refusal(self, look, &Refusal::rule("needs-script"))
            }
            Reply::Json(value) => answer_body::json(&value),
            Reply::Cookie { to, cookie } => {
                answer_body::with_cookie(answer_body::see_other(&to), &cookie)
            }
            Reply::Session { to, change } => {
                self.change_session(answer_body::see_other(&to), &change, look, token)
            }
        }
    }

    fn change_session(
        &self,
        answer: Answer,
        change: &SessionChange,
        look: &failure::Looks,
        token: &Token,
    ) -> Answer {
        match change {
            SessionChange::End => {
                self.sessions.end(token);
                answer_body::with_cookie(answer, &cookies::no_session())
            }
            SessionChange::Begin(login) => match self.sessions.begin(Some(token), *login) {
                Ok((token, _)) => {
                    answer_body::with_cookie(answer, &cookies::session(&token.reveal()))
                }
                Err(error) => failure::fault(self, look, &Fault::new(error)),
            },
        }
    }
}

impl Head {
    fn new(parts: http::request::Parts, peer: Peer) -> Result<Head, Fault> {
        let cookies = parts
            .headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect::<Vec<_>>()
            .join("; ");
        let held = cookies::find(&cookies, cookies::SESSION).and_then(Token::parse);
        let (chosen, theme) = appearance::chosen(cookies::find(&cookies, cookies::LOOK));
        let asked = parts
            .headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        Ok(Head {
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            is_new: held.is_none(),
            token: held.map_or_else(Token::fresh, Ok)?,
            lang: chosen.unwrap_or_else(|| Lang::negotiate(asked)),
            theme,
            request: random()?,
            headers: parts.headers,
            peer,
        })
    }
}

fn wants_json(headers: &HeaderMap) -> bool {
    let of = |name| {
        headers
            .get(name)
            .and_then(|value: &header::HeaderValue| value.to_str().ok())
            .unwrap_or_default()
    };
    of(header::ACCEPT).contains("application/json")
        || of(header::CONTENT_TYPE).starts_with("application/json")
}

/// Browsers say where a form came from. One that says "elsewhere" is refused; one that says nothing
/// needs the form token, which every form of a session has.
fn is_same_origin(headers: &HeaderMap, origin: &str) -> bool {
    let of = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (of("sec-fetch-site"), of("origin")) {
        (Some(site), _) if site != "same-origin" => false,
        (_, Some(from)) => from == origin,
        (Some(_), None) => true,
        (None, None) => true,
    }
}

async fn collect(body: RequestBody) -> Option<Bytes> {
    body.collect().await.ok().map(http_body_util::Collected::to_bytes)
}

/// How an answer of ours may be kept, for its headers.
pub(in crate::web) fn caching(public: bool) -> Caching {
    if public { Caching::Ask } else { Caching::Never }
}

/// Adds the headers of every answer.
pub(in crate::web) fn sealed(mut answer: Answer, caching: Caching, inert: bool) -> Answer {
    headers::add(answer.headers_mut(), caching, inert);
    answer
}
