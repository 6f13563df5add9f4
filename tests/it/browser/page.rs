//! One tab: going somewhere, asking the page, waiting for it, and failing so that it can be read.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::pipe::Pipe;

/// Longest wait for a page, a state or a download. Generous: it is only ever used up by a failure.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub struct Page {
    pub(super) pipe: Arc<Pipe>,
    pub(super) session: String,
    pub(super) frame: String,
    /// The document's load, as the browser names it; changes with every real navigation.
    loader: Mutex<String>,
    pub(super) scripts_off: Mutex<bool>,
}

/// Finds an element as a person would: by CSS, by its words (`text=`) or its label (`label=`).
const FIND: &str = r"(wanted => {
  const seen = e => e.getClientRects().length > 0 && !e.closest('[aria-hidden=true]');
  const tidy = text => (text || '').replace(/\s+/g, ' ').trim();
  const words = e => tidy(e.innerText || e.value || e.getAttribute('aria-label'));
  const pick = (all, names, text) => all.find(e => names(e).includes(text))
    || all.find(e => names(e).some(name => name.includes(text))) || null;
  const after = prefix => wanted.startsWith(prefix) ? tidy(wanted.slice(prefix.length)) : null;
  const text = after('text='), label = after('label=');
  if (text !== null) {
    const kinds = 'a, button, summary, label, input[type=submit], [role=button], [role=tab]';
    return pick([...document.querySelectorAll(kinds)].filter(seen), e => [words(e)], text);
  }
  if (label !== null) {
    const names = e => [...(e.labels || [])].map(words).concat(tidy(e.getAttribute('aria-label')));
    return pick([...document.querySelectorAll('input, select, textarea')], names, label);
  }
  return document.querySelector(wanted);
})";

impl Page {
    pub(super) fn open(pipe: &Arc<Pipe>, context: &str) -> Page {
        let blank = json!({"url": "about:blank", "browserContextId": context});
        let target = pipe.call("", "Target.createTarget", blank).unwrap()["targetId"].clone();
        let attach = json!({"targetId": target, "flatten": true});
        let session = pipe.call("", "Target.attachToTarget", attach).unwrap();
        let page = Page {
            pipe: Arc::clone(pipe),
            session: session["sessionId"].as_str().unwrap().to_owned(),
            // A tab's main frame carries the name of its target.
            frame: target.as_str().unwrap().to_owned(),
            loader: Mutex::default(),
            scripts_off: Mutex::new(false),
        };
        for domain in ["Page", "Runtime", "Network", "Log", "DOM"] {
            page.ask(&format!("{domain}.enable"), json!({}));
        }
        page.ask("Page.setLifecycleEventsEnabled", json!({"enabled": true}));
        // Without it only one tab of the whole browser would have the focus.
        page.ask("Emulation.setFocusEmulationEnabled", json!({"enabled": true}));
        page.viewport(1280, 900, false);
        page
    }

    /// Loads an address and waits until all of it is there.
    pub fn goto(&self, url: &str) {
        let mark = self.pipe.mark(&self.session);
        let started = self.ask("Page.navigate", json!({"url": url}));
        if let Some(error) = started["errorText"].as_str() {
            self.fail(&format!("{url} cannot be loaded: {error}"));
        }
        // A change of the fragment alone loads nothing.
        if let Some(loader) = started["loaderId"].as_str() {
            self.wait_for_load(mark, url, |loaded| loaded == loader);
        }
    }

    /// Loads the page again.
    pub fn reload(&self) {
        self.navigates("reload", || {
            self.ask("Page.reload", json!({}));
        });
    }

    /// Does what leads to another page and waits until that has loaded.
    pub fn navigates(&self, what: &str, act: impl FnOnce()) {
        let before = self.loader.lock().unwrap().clone();
        let mark = self.pipe.mark(&self.session);
        act();
        self.wait_for_load(mark, what, |loader| loader != before);
    }

    fn wait_for_load(&self, mark: usize, what: &str, wanted: impl Fn(&str) -> bool) {
        let loaded = self.pipe.wait_for(&self.session, mark, PATIENCE, |event| {
            let told = &event["params"];
            told["name"] == "load"
                && told["frameId"] == self.frame.as_str()
                && told["loaderId"].as_str().is_some_and(&wanted)
        });
        match loaded {
            Some(event) => {
                let loader = event["params"]["loaderId"].as_str().unwrap();
                loader.clone_into(&mut self.loader.lock().unwrap());
            }
            None => self.fail(&format!("no new page has loaded after: {what}")),
        }
    }

    /// The HTTP status of the page shown.
    pub fn status(&self) -> u64 {
        let loader = self.loader.lock().unwrap().clone();
        let events = self.pipe.events(&self.session, 0);
        let answer = events.iter().rev().find(|event| {
            event["method"] == "Network.responseReceived"
                && event["params"]["loaderId"] == loader.as_str()
                && event["params"]["type"] == "Document"
        });
        match answer.and_then(|event| event["params"]["response"]["status"].as_u64()) {
            Some(status) => status,
            None => self.fail("the page has no HTTP status"),
        }
    }

    pub fn url(&self) -> String {
        self.eval("location.href").as_str().unwrap_or_default().to_owned()
    }

    /// Scheme, host and port of the page.
    pub fn origin(&self) -> String {
        self.eval("location.origin").as_str().unwrap_or_default().to_owned()
    }

    /// Every address that the tab has asked for since it was opened, whoever was to answer.
    pub fn requested(&self) -> Vec<String> {
        let events = self.pipe.events(&self.session, 0);
        let sent = events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
        sent.filter_map(|event| event["params"]["request"]["url"].as_str().map(str::to_owned))
            .collect()
    }

    pub fn title(&self) -> String {
        self.eval("document.title").as_str().unwrap_or_default().to_owned()
    }

    /// The value of an expression, in the page; promises are awaited. With scripts switched off
    /// this still works (it is the debugger's right, not the page's), but timers never fire.
    pub fn eval(&self, expression: &str) -> Value {
        match self.try_eval(expression) {
            Ok(value) => value,
            Err(why) => self.fail(&format!("{why}\n  in: {expression}")),
        }
    }

    pub fn try_eval(&self, expression: &str) -> Result<Value, String> {
        let ask = json!({
            "expression": expression, "awaitPromise": true, "returnByValue": true,
            "userGesture": true,
        });
        let answer = self.pipe.call(&self.session, "Runtime.evaluate", ask)?;
        match &answer["exceptionDetails"] {
            Value::Null => Ok(answer["result"]["value"].clone()),
            thrown => Err(thrown["exception"]["description"]
                .as_str()
                .or(thrown["text"].as_str())
                .unwrap_or("an exception without words")
                .to_owned()),
        }
    }

    /// A function of the element, `e => …`; an element that is missing fails the test.
    pub fn eval_on(&self, selector: &str, function: &str) -> Value {
        let wanted = json!(selector);
        let call = format!("(e => e ? [({function})(e)] : null)({FIND}({wanted}))");
        match self.eval(&call) {
            Value::Array(mut result) => result.pop().unwrap_or_default(),
            _ => self.fail(&format!("there is no {selector}")),
        }
    }

    /// A reference to the element, for the parts of the protocol that take one.
    pub(super) fn handle(&self, selector: &str) -> Value {
        let find = json!({"expression": format!("{FIND}({})", json!(selector))});
        match &self.ask("Runtime.evaluate", find)["result"]["objectId"] {
            Value::Null => self.fail(&format!("there is no {selector}")),
            handle => handle.clone(),
        }
    }

    /// The visible words of an element; where a line may break is not among them.
    pub fn text(&self, selector: &str) -> String {
        let words = self.eval_on(
            selector,
            "e => (e.innerText ?? e.textContent).replaceAll('\\u00a0', ' ').trim()",
        );
        words.as_str().unwrap_or_default().to_owned()
    }

    /// What is in a field now.
    pub fn value(&self, selector: &str) -> String {
        self.eval_on(selector, "e => e.value").as_str().unwrap_or_default().to_owned()
    }

    /// Whether there is such an element.
    pub fn has(&self, selector: &str) -> bool {
        self.eval(&format!("{FIND}({}) !== null", json!(selector))) == true
    }

    /// Waits until an expression is true; `what` says in the failure what was expected.
    pub fn wait_for(&self, predicate: &str, what: &str) {
        let until = Instant::now() + PATIENCE;
        let mut last = Ok(Value::Null);
        while Instant::now() < until {
            // In the middle of a navigation there is no page to ask: ask again.
            last = self.try_eval(&format!("!!({predicate})"));
            if last == Ok(Value::Bool(true)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(30));
        }
        self.fail(&format!("still not: {what}\n  {predicate} is {last:?}"));
    }

    /// Switches the page's own scripts off or on, from the next load.
    pub fn set_script_enabled(&self, enabled: bool) {
        self.ask("Emulation.setScriptExecutionDisabled", json!({"value": !enabled}));
        *self.scripts_off.lock().unwrap() = !enabled;
    }

    pub(super) fn ask(&self, method: &str, params: Value) -> Value {
        match self.pipe.call(&self.session, method, params) {
            Ok(answer) => answer,
            Err(why) => self.fail(&why),
        }
    }

    /// Ends the test with all that helps to understand why.
    pub fn fail(&self, why: &str) -> ! {
        let mut report = why.to_owned();
        let mut add = |name: &str, text: &str| {
            write!(report, "\n  {name}: {text}").unwrap();
        };
        let ask = |expression: &str| match self.try_eval(expression) {
            Ok(value) => value.as_str().unwrap_or_default().to_owned(),
            Err(error) => format!("({error})"),
        };
        add("address", &ask("location.href"));
        add("title", &ask("document.title"));
        add("heading", &ask("document.querySelector('h1')?.innerText ?? ''"));
        add("text", &ask("document.body.innerText.replace(/\\s+/g, ' ').slice(0, 600)"));
        for error in self.console_errors() {
            add("console", &error);
        }
        let picture = failure_picture();
        match self.try_screenshot(&picture) {
            Ok(()) => add("screenshot", &picture.display().to_string()),
            Err(error) => add("no screenshot", &error),
        }
        panic!("{report}");
    }
}

/// Beside the build's other products, so that nothing is left in the source tree.
fn failure_picture() -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("browser");
    std::fs::create_dir_all(&folder).unwrap();
    let test = std::thread::current().name().unwrap_or("test").replace("::", "-");
    folder.join(format!("failure-{test}-{}.png", NUMBER.fetch_add(1, Ordering::Relaxed)))
}
