//! The DevTools protocol over two pipes: JSON messages that end in NUL, no WebSocket and no driver.
//!
//! It knows nothing of pages. Answers go to whoever asked; the few kinds of event that pages wait
//! for are kept per session, in order, for the life of the browser.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, ChildStdout};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Longest wait for one answer of the browser, a slow and busy machine in mind.
pub const ANSWER: Duration = Duration::from_secs(30);

/// Events that somebody waits for or reports; the others are dropped unread.
const KEPT: &[&str] = &[
    "Browser.downloadProgress",
    "Browser.downloadWillBegin",
    "Log.entryAdded",
    "Network.requestWillBeSent",
    "Network.responseReceived",
    "Page.javascriptDialogOpening",
    "Page.lifecycleEvent",
    "Page.navigatedWithinDocument",
    "Runtime.consoleAPICalled",
    "Runtime.exceptionThrown",
];

pub struct Pipe {
    to: Mutex<ChildStdin>,
    last_id: AtomicU64,
    waiting: Mutex<BTreeMap<u64, mpsc::Sender<Value>>>,
    events: Mutex<BTreeMap<String, Vec<Value>>>,
    arrived: Condvar,
}

impl Pipe {
    pub fn open(to: ChildStdin, from: ChildStdout) -> Arc<Pipe> {
        let pipe = Arc::new(Pipe {
            to: Mutex::new(to),
            last_id: AtomicU64::new(0),
            waiting: Mutex::default(),
            events: Mutex::default(),
            arrived: Condvar::new(),
        });
        let reader = Arc::clone(&pipe);
        std::thread::spawn(move || {
            for message in BufReader::new(from).split(0).map_while(Result::ok) {
                reader.sort_in(serde_json::from_slice(&message).unwrap());
            }
            // The browser is gone: whoever still waits is told so by the dropped sender.
            reader.waiting.lock().unwrap().clear();
        });
        pipe
    }

    /// Asks and waits for the answer; a refusal by the browser is an `Err` with its words.
    pub fn call(&self, session: &str, method: &str, params: Value) -> Result<Value, String> {
        let id = 1 + self.last_id.fetch_add(1, Ordering::Relaxed);
        let (sender, answer) = mpsc::channel();
        self.waiting.lock().unwrap().insert(id, sender);
        let mut message = json!({"id": id, "method": method, "params": params});
        if !session.is_empty() {
            message["sessionId"] = json!(session);
        }
        let mut octets = serde_json::to_vec(&message).unwrap();
        octets.push(0);
        let sent = self.to.lock().unwrap().write_all(&octets);
        sent.map_err(|error| format!("{method}: the browser is gone: {error}"))?;
        let answer = answer
            .recv_timeout(ANSWER)
            .map_err(|error| format!("{method}: no answer from the browser: {error}"))?;
        match &answer["error"] {
            Value::Null => Ok(answer["result"].clone()),
            error => Err(format!("{method}: {}", error["message"].as_str().unwrap_or_default())),
        }
    }

    /// How many events of the session there are, to wait for later ones only.
    pub fn mark(&self, session: &str) -> usize {
        self.events.lock().unwrap().get(session).map_or(0, Vec::len)
    }

    /// The session's events from a mark on.
    pub fn events(&self, session: &str, mark: usize) -> Vec<Value> {
        let events = self.events.lock().unwrap();
        events.get(session).map(|all| all[mark..].to_vec()).unwrap_or_default()
    }

    /// The first event from a mark on that satisfies the predicate, or `None` at the deadline.
    pub fn wait_for(
        &self,
        session: &str,
        mark: usize,
        longest: Duration,
        wanted: impl Fn(&Value) -> bool,
    ) -> Option<Value> {
        let until = Instant::now() + longest;
        let mut events = self.events.lock().unwrap();
        loop {
            let since = events.get(session).map_or(&[][..], |all| &all[mark..]);
            if let Some(event) = since.iter().find(|event| wanted(event)) {
                return Some(event.clone());
            }
            let left = until.checked_duration_since(Instant::now())?;
            events = self.arrived.wait_timeout(events, left).unwrap().0;
        }
    }

    fn sort_in(&self, message: Value) {
        if let Some(id) = message["id"].as_u64() {
            if let Some(asker) = self.waiting.lock().unwrap().remove(&id) {
                // An asker whose deadline has passed no longer listens.
                let _heard = asker.send(message).is_ok();
            }
        } else if KEPT.contains(&message["method"].as_str().unwrap_or_default()) {
            let session = message["sessionId"].as_str().unwrap_or_default().to_owned();
            self.events.lock().unwrap().entry(session).or_default().push(message);
            self.arrived.notify_all();
        }
    }
}
