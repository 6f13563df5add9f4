//! How a page looks and what is wrong with it: sizes, screenshots, console, accessibility.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::OnceLock;

use base64::Engine as _;
use serde_json::{Value, json};

use super::page::Page;

/// WCAG 2.2 to level AA is the law's measure (EN 301 549); best practices are ours.
const AXE_RULES: &[&str] =
    &["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

impl Page {
    /// The size of the window in CSS pixels; `mobile` adds touch and the phone's way of laying out.
    pub fn viewport(&self, width: u32, height: u32, mobile: bool) {
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile,
        });
        self.ask("Emulation.setDeviceMetricsOverride", metrics);
        self.ask("Emulation.setTouchEmulationEnabled", json!({"enabled": mobile}));
    }

    /// The person's settings, for example `prefers-color-scheme: dark`, or the medium `print`.
    pub fn media(&self, medium: &str, features: &[(&str, &str)]) {
        let features: Vec<_> =
            features.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        let media = json!({"media": medium, "features": features});
        self.ask("Emulation.setEmulatedMedia", media);
    }

    /// The language that the browser asks for from now on, `pl`, `en` or `uk`.
    pub fn language(&self, tag: &str) {
        let agent = self.eval("navigator.userAgent");
        let identity = json!({"userAgent": agent, "acceptLanguage": tag});
        self.ask("Emulation.setUserAgentOverride", identity);
    }

    /// The whole page, not only the window, as a PNG.
    pub fn screenshot(&self, path: &Path) {
        if let Err(why) = self.try_screenshot(path) {
            self.fail(&why);
        }
    }

    pub(super) fn try_screenshot(&self, path: &Path) -> Result<(), String> {
        let metrics = self.pipe.call(&self.session, "Page.getLayoutMetrics", json!({}))?;
        let size = &metrics["cssContentSize"];
        let clip = json!({
            "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1,
        });
        self.capture(&clip, path)
    }

    /// One element alone, twice its size.
    pub fn screenshot_of(&self, selector: &str, path: &Path) {
        let mut clip = self.eval_on(
            selector,
            "e => { const box = e.getBoundingClientRect();
               return {x: box.x + scrollX, y: box.y + scrollY, width: box.width, height: box.height}; }",
        );
        clip["scale"] = json!(2);
        if let Err(why) = self.capture(&clip, path) {
            self.fail(&why);
        }
    }

    fn capture(&self, clip: &Value, path: &Path) -> Result<(), String> {
        let how = json!({"format": "png", "captureBeyondViewport": true, "clip": clip});
        let taken = self.pipe.call(&self.session, "Page.captureScreenshot", how)?;
        let png = base64::engine::general_purpose::STANDARD
            .decode(taken["data"].as_str().unwrap_or_default())
            .map_err(|error| error.to_string())?;
        std::fs::write(path, png).map_err(|error| error.to_string())
    }

    /// Whether the page is wider than the window: nobody should have to scroll sideways.
    pub fn overflows(&self) -> bool {
        self.eval("document.documentElement.scrollWidth > document.documentElement.clientWidth")
            == true
    }

    /// What the page has complained about since the tab was opened: errors and warnings of scripts,
    /// of the network and of the security policy, one line each. That a page itself was answered
    /// with 422 or 404 is not among them: it may be meant, and [`Page::status`] tells it.
    pub fn console_errors(&self) -> Vec<String> {
        let events = self.pipe.events(&self.session, 0);
        let pages = events.iter().filter(|event| event["params"]["type"] == "Document");
        let pages: Vec<_> = pages.map(|event| &event["params"]["requestId"]).collect();
        let about_page = |event: &Value| {
            let request = &event["params"]["entry"]["networkRequestId"];
            !request.is_null() && pages.contains(&request)
        };
        events.iter().filter(|event| !about_page(event)).filter_map(complaint).collect()
    }

    /// Violations found by axe-core in the page as it is now, readable; empty is good.
    pub fn axe(&self) -> Vec<String> {
        // axe needs timers, which are off with the page's scripts. Switching scripts on does not
        // run those of the page that is loaded already, and axe lives in a world of its own, which
        // the page's security policy does not bind.
        let scripts_off = *self.scripts_off.lock().unwrap();
        if scripts_off {
            self.set_script_enabled(true);
        }
        let world = json!({"frameId": self.frame, "worldName": "axe"});
        let world = self.ask("Page.createIsolatedWorld", world)["executionContextId"].clone();
        let run = format!(
            "axe.run(document, {{runOnly: {{type: 'tag', values: {}}}, resultTypes: ['violations']}})
               .then(result => result.violations)",
            json!(AXE_RULES)
        );
        let mut found = Value::Null;
        for expression in [axe_source(), &run] {
            let ask = json!({
                "expression": expression, "contextId": world, "awaitPromise": true,
                "returnByValue": true,
            });
            let answer = self.ask("Runtime.evaluate", ask);
            if !answer["exceptionDetails"].is_null() {
                self.fail(&format!("axe does not run: {}", answer["exceptionDetails"]));
            }
            found = answer["result"]["value"].clone();
        }
        if scripts_off {
            self.set_script_enabled(false);
        }
        match found.as_array() {
            Some(violations) => violations.iter().map(violation).collect(),
            None => self.fail("axe gave no result"),
        }
    }

    /// Fails with the list of violations unless there is none.
    pub fn assert_accessible(&self) {
        let violations = self.axe();
        if !violations.is_empty() {
            self.fail(&format!("the page is not accessible:\n{}", violations.join("\n")));
        }
    }

    /// What a screen reader is told, one line per node, indented.
    pub fn accessibility_tree(&self) -> String {
        let answer = self.ask("Accessibility.getFullAXTree", json!({}));
        let nodes = answer["nodes"].as_array().cloned().unwrap_or_default();
        let mut text = String::new();
        if let Some(root) = nodes.first() {
            write_node(&mut text, &nodes, root, 0);
        }
        text
    }
}

fn complaint(event: &Value) -> Option<String> {
    let told = &event["params"];
    let words = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match event["method"].as_str()? {
        "Log.entryAdded" => {
            let entry = &told["entry"];
            let serious = entry["level"] == "error" || entry["level"] == "warning";
            serious.then(|| format!("{} ({})", words(&entry["text"]), words(&entry["url"])))
        }
        "Runtime.exceptionThrown" => {
            Some(words(&told["exceptionDetails"]["exception"]["description"]))
        }
        "Runtime.consoleAPICalled" if told["type"] == "error" || told["type"] == "warning" => {
            let parts = told["args"].as_array()?.iter();
            let parts = parts.map(|arg| match &arg["value"] {
                Value::Null => words(&arg["description"]),
                Value::String(text) => text.clone(),
                value => value.to_string(),
            });
            Some(parts.collect::<Vec<_>>().join(" "))
        }
        "Page.javascriptDialogOpening" => Some(format!("a dialog: {}", words(&told["message"]))),
        _ => None,
    }
}

fn axe_source() -> &'static str {
    static SOURCE: OnceLock<String> = OnceLock::new();
    SOURCE.get_or_init(|| {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/axe/axe.min.js");
        std::fs::read_to_string(path).unwrap()
    })
}

fn violation(found: &Value) -> String {
    let words = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut text =
        format!("{} ({}): {}", words(&found["id"]), words(&found["impact"]), words(&found["help"]));
    for node in found["nodes"].as_array().into_iter().flatten().take(10) {
        let why = words(&node["failureSummary"]).replace('\n', " ");
        write!(text, "\n  {} {}\n    {why}", node["target"], words(&node["html"])).unwrap();
    }
    text
}

/// Properties that add nothing to role, name and value.
const SAID_ELSEWHERE: &[&str] = &["editable", "focusable", "settable", "url"];

fn write_node(text: &mut String, nodes: &[Value], node: &Value, depth: usize) {
    let shown = node["ignored"] != true;
    let role = node["role"]["value"].as_str().unwrap_or_default();
    // Line boxes repeat the words of the text above them.
    if role == "InlineTextBox" {
        return;
    }
    if shown {
        write!(text, "{}{role}", "  ".repeat(depth)).unwrap();
        for part in [&node["name"]["value"], &node["value"]["value"]] {
            match part {
                Value::String(words) if words.is_empty() => {}
                Value::Null => {}
                words => write!(text, " {words}").unwrap(),
            }
        }
        for state in node["properties"].as_array().into_iter().flatten() {
            let (name, value) =
                (state["name"].as_str().unwrap_or_default(), &state["value"]["value"]);
            let telling = match value {
                Value::Null => false,
                Value::Bool(set) => *set,
                Value::String(text) => !text.is_empty() && text != "false",
                _ => true,
            };
            if telling && !SAID_ELSEWHERE.contains(&name) {
                write!(text, " [{name}={}]", value.to_string().trim_matches('"')).unwrap();
            }
        }
        text.push('\n');
    }
    for child in node["childIds"].as_array().into_iter().flatten() {
        if let Some(child) = nodes.iter().find(|node| node["nodeId"] == *child) {
            write_node(text, nodes, child, depth + usize::from(shown));
        }
    }
}
