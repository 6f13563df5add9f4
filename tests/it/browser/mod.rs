//! A real Chromium for the journeys of residents and clerks, driven by our own small client.
//!
//! Nothing is simulated but the person and the security key: pages are loaded over real sockets,
//! clicked by real mouse events, filled by real text input, with JavaScript on or off.
//! Everything waits for a stated thing with a deadline and fails with the page's address, title,
//! console and a screenshot beside the message, so that a red run can be read without running it.
//!
//! ```text
//! let browser = Browser::start();
//! let anna = browser.person();                      // own cookies, own storage
//! let page = anna.page("http://localhost:8080/");
//! page.fill("label=Telefon", "600 100 200");        // CSS, `label=` or `text=`
//! page.follow("text=Dalej");                        // click and wait for the next page
//! assert_eq!(page.text("h1"), "Sprawdź zgłoszenie");
//! page.assert_accessible();
//! ```

mod authenticator;
mod input;
mod look;
mod page;
mod pipe;
mod selftest;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

pub use page::Page;
use pipe::Pipe;

/// One Chromium with a profile of its own, gone with the value.
pub struct Browser {
    child: Child,
    pipe: Arc<Pipe>,
    _profile: tempfile::TempDir,
}

/// One person at the browser: cookies and storage of their own.
pub struct Person {
    pipe: Arc<Pipe>,
    context: String,
}

impl Browser {
    pub fn start() -> Browser {
        let profile = tempfile::tempdir().unwrap();
        // The protocol wants descriptors 3 and 4; the shell puts them there, since that cannot be
        // done in safe Rust.
        let mut child = Command::new("sh")
            .args(["-c", r#"exec chromium "$@" 3<&0 4>&1 </dev/null >/dev/null"#, "sh"])
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"])
            .args(["--no-first-run", "--disable-background-networking", "--disable-sync"])
            .args(["--disable-component-update", "--disable-dev-shm-usage", "--hide-scrollbars"])
            .args(["--force-color-profile=srgb", "--accept-lang=pl", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let pipe = Pipe::open(child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let browser = Browser { child, pipe, _profile: profile };
        if let Err(why) = browser.pipe.call("", "Browser.getVersion", json!({})) {
            panic!("Chromium does not start (is the package chromium installed?): {why}");
        }
        browser
    }

    /// A person who has never been here.
    pub fn person(&self) -> Person {
        let made = self.pipe.call("", "Target.createBrowserContext", json!({})).unwrap();
        let context = made["browserContextId"].as_str().unwrap().to_owned();
        Person { pipe: Arc::clone(&self.pipe), context }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let asked = self.pipe.call("", "Browser.close", json!({})).is_ok();
        let until = Instant::now() + Duration::from_secs(if asked { 5 } else { 0 });
        while Instant::now() < until {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _gone = self.child.kill().and_then(|()| self.child.wait()).is_ok();
    }
}

impl Person {
    /// An empty tab, 1280 by 900.
    pub fn tab(&self) -> Page {
        Page::open(&self.pipe, &self.context)
    }

    /// A tab with a page in it.
    pub fn page(&self, url: &str) -> Page {
        let page = self.tab();
        page.goto(url);
        page
    }

    /// The person's cookies with all their attributes, as the protocol gives them.
    pub fn cookies(&self) -> Vec<Value> {
        let context = json!({"browserContextId": self.context});
        let answer = self.pipe.call("", "Storage.getCookies", context).unwrap();
        answer["cookies"].as_array().cloned().unwrap_or_default()
    }

    /// Does what starts a download, waits until it is whole and gives the file's path.
    pub fn download(&self, into: &Path, start: impl FnOnce()) -> PathBuf {
        let behaviour = json!({
            "behavior": "allow", "browserContextId": self.context, "eventsEnabled": true,
            "downloadPath": into,
        });
        self.pipe.call("", "Browser.setDownloadBehavior", behaviour).unwrap();
        let mark = self.pipe.mark("");
        start();
        let of = |method: &'static str| {
            self.pipe.wait_for("", mark, page::PATIENCE, move |event| {
                event["method"] == method && event["params"]["state"] != "inProgress"
            })
        };
        let begun = of("Browser.downloadWillBegin").expect("no download began");
        let ended = of("Browser.downloadProgress").expect("the download did not end");
        assert_eq!(ended["params"]["state"], "completed", "the download failed");
        into.join(begun["params"]["suggestedFilename"].as_str().unwrap())
    }
}
