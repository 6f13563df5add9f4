//! Somebody without a browser: keeps cookies, reads forms, sends them back with their tokens, and
//! goes through passkey ceremonies with a key in software, step by step as our script does.

use std::{cell::RefCell, collections::BTreeMap, io};

use serde_json::{Value, json};

use super::{
    html::{self, Form},
    soft_key::SoftKey,
};

/// One request.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    pub method: &'static str,
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

/// One answer.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Method and path of the question, for messages.
    pub asked: String,
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Where requests are taken.
pub trait Door {
    fn ask(&self, ask: Ask) -> io::Result<Answered>;
}

impl Answered {
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }

    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.header("location")
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn is_html(&self) -> bool {
        self.header("content-type").starts_with("text/html")
    }

    pub fn forms(&self) -> Vec<Form> {
        html::forms(&self.text())
    }

    pub fn links(&self) -> Vec<String> {
        html::links(&self.text())
    }

    pub fn h1(&self) -> String {
        html::words_of(&self.text(), "h1")
    }

    /// The form that goes to an address, or begins a ceremony there.
    pub fn form(&self, action: &str) -> Form {
        let fits = |form: &Form| {
            form.action == action
                || form.passkey.as_ref().is_some_and(|[_, start, _]| start == action)
        };
        self.forms().into_iter().find(fits).unwrap_or_else(|| {
            let there: Vec<_> = self.forms().into_iter().map(|form| form.action).collect();
            panic!("{self} has no form to {action}, only {there:?}")
        })
    }

    /// Fails unless the status is the expected one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Answered {
        assert_eq!(self.status, status, "{self}\n{}", self.text());
        self
    }
}

impl std::fmt::Display for Answered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} -> {} {}",
            self.asked,
            self.status,
            if self.location().is_empty() { self.h1() } else { self.location().to_owned() }
        )
    }
}

impl Form {
    /// With other values; a name that is not there is added.
    #[must_use]
    pub fn with(mut self, changes: &[(&str, &str)]) -> Form {
        for (name, _) in changes {
            self.fields.retain(|(field, _)| field != name);
        }
        self.fields
            .extend(changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self
    }

    pub fn value(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }
}

/// A file to send: field, name, type and bytes.
pub type File<'a> = (&'a str, &'a str, &'a str, &'a [u8]);

/// Somebody at a door.
pub struct Visitor<D> {
    pub door: D,
    cookies: RefCell<BTreeMap<String, String>>,
    pub language: RefCell<&'static str>,
}

impl<D: Door> Visitor<D> {
    pub fn new(door: D) -> Visitor<D> {
        Visitor { door, cookies: RefCell::default(), language: RefCell::new("pl") }
    }

    pub fn keep_cookie(&self, name: &str, value: &str) {
        self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.borrow().get(name).cloned()
    }

    /// Sends as it is, with cookies and language.
    pub fn send(&self, mut ask: Ask) -> io::Result<Answered> {
        let cookies: Vec<_> =
            self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            ask.headers.push(("cookie", cookies.join("; ")));
        }
        ask.headers.push(("accept-language", (*self.language.borrow()).to_owned()));
        let answered = self.door.ask(ask)?;
        for (name, value) in &answered.headers {
            if !name.eq_ignore_ascii_case("set-cookie") {
                continue;
            }
            let mut parts = value.split("; ");
            let Some((name, text)) = parts.next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            if parts.any(|part| part == "Max-Age=0") {
                self.cookies.borrow_mut().remove(name);
            } else {
                self.keep_cookie(name, text);
            }
        }
        Ok(answered)
    }

    pub fn try_get(&self, path: &str) -> io::Result<Answered> {
        self.send(Ask { method: "GET", path: path.to_owned(), ..Ask::default() })
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Answered {
        self.try_get(path).unwrap()
    }

    /// Goes where an answer leads.
    #[track_caller]
    pub fn follow(&self, answered: &Answered) -> Answered {
        assert_eq!(answered.status, 303, "{answered}\n{}", answered.text());
        self.get(answered.location())
    }

    pub fn try_post<N: AsRef<str>, V: AsRef<str>>(
        &self,
        path: &str,
        fields: &[(N, V)],
    ) -> io::Result<Answered> {
        let mut body = form_urlencoded::Serializer::new(String::new());
        for (name, value) in fields {
            body.append_pair(name.as_ref(), value.as_ref());
        }
        self.send(Ask {
            method: "POST",
            path: path.to_owned(),
            headers: vec![("content-type", "application/x-www-form-urlencoded".to_owned())],
            body: body.finish().into_bytes(),
        })
    }

    #[track_caller]
    pub fn post<N: AsRef<str>, V: AsRef<str>>(&self, path: &str, fields: &[(N, V)]) -> Answered {
        self.try_post(path, fields).unwrap()
    }

    /// Sends a form with what is in it.
    #[track_caller]
    pub fn submit(&self, form: &Form) -> Answered {
        if form.multipart {
            self.submit_files(form, &[])
        } else {
            self.post(&form.action, &form.fields)
        }
    }

    /// Sends a form with files.
    #[track_caller]
    pub fn submit_files(&self, form: &Form, files: &[File<'_>]) -> Answered {
        self.try_submit_files(form, files).unwrap()
    }

    pub fn try_submit_files(&self, form: &Form, files: &[File<'_>]) -> io::Result<Answered> {
        let mut body = Vec::new();
        for (name, value) in &form.fields {
            let part = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend(part.as_bytes());
        }
        for (field, name, kind, bytes) in files {
            let part = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: {kind}\r\n\r\n"
            );
            body.extend(part.as_bytes());
            body.extend(*bytes);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{BOUNDARY}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        self.send(Ask {
            method: "POST",
            path: form.action.clone(),
            headers: vec![("content-type", kind)],
            body,
        })
    }

    /// Posts JSON as our script does: the token goes in a header.
    pub fn try_json(&self, path: &str, token: &str, body: &Value) -> io::Result<(Answered, Value)> {
        let answered = self.send(Ask {
            method: "POST",
            path: path.to_owned(),
            headers: vec![
                ("content-type", "application/json".to_owned()),
                ("accept", "application/json".to_owned()),
                ("x-form-token", token.to_owned()),
            ],
            body: body.to_string().into_bytes(),
        })?;
        let value = serde_json::from_slice(&answered.body).unwrap_or(Value::Null);
        Ok((answered, value))
    }

    /// Goes through the ceremony of a form and gives where it leads, or what is wrong.
    pub fn try_ceremony(
        &self,
        form: &Form,
        key: &mut SoftKey,
    ) -> io::Result<Result<String, String>> {
        let [kind, start, finish] = form.passkey.as_ref().expect("the form is not a ceremony");
        let mut fields = serde_json::Map::new();
        for (name, value) in form.fields.iter().filter(|(name, _)| name != "form_token") {
            // As the page's script does: a name with several values is a list.
            match fields.get_mut(name) {
                None => drop(fields.insert(name.clone(), json!(value))),
                Some(Value::Array(values)) => values.push(json!(value)),
                Some(first) => *first = json!([first.take(), value]),
            }
        }
        let token = form.value("form_token");
        let (answered, begun) = self.try_json(start, token, &Value::Object(fields.clone()))?;
        if let Some(error) = begun["error"].as_str() {
            return Ok(Err(error.to_owned()));
        }
        let options = begun["options"].to_string();
        let made = if kind == "register" { key.create(&options) } else { key.get(&options) };
        let credential =
            made.map_err(|why| io::Error::other(format!("{answered}: {why}: {begun}")))?;
        fields.insert("ceremony".to_owned(), begun["ceremony"].clone());
        fields.insert("credential".to_owned(), serde_json::from_str(&credential)?);
        let (answered, ended) = self.try_json(finish, token, &Value::Object(fields))?;
        Ok(match ended["location"].as_str() {
            Some(location) => Ok(location.to_owned()),
            None => {
                Err(ended["error"].as_str().map_or_else(|| answered.to_string(), str::to_owned))
            }
        })
    }

    #[track_caller]
    pub fn ceremony(&self, form: &Form, key: &mut SoftKey) -> String {
        self.try_ceremony(form, key).unwrap().unwrap()
    }
}

const BOUNDARY: &str = "----granica-formularza-7d4a1c";
