//! The person's hands: mouse, keyboard and file chooser, by the browser's own input events.
//!
//! A click lands where the element is seen, and fails when something else lies above it: what a
//! person cannot reach, a test must not reach either. All of it works with the page's scripts off.

use std::path::Path;

use serde_json::{Value, json};

use super::page::Page;

/// Where to click, or what is in the way. A label is as good as its field.
const REACH: &str = r"e => {
  e.scrollIntoView({block: 'center', inline: 'nearest', behavior: 'instant'});
  const boxes = [...e.getClientRects()].filter(box => box.width > 0 && box.height > 0);
  if (boxes.length === 0) return 'it is not visible';
  const x = boxes[0].x + boxes[0].width / 2, y = boxes[0].y + boxes[0].height / 2;
  if (e.disabled) return 'it is disabled';
  const top = document.elementFromPoint(x, y);
  const own = top && (e.contains(top) || [...(e.labels || [])].some(label => label.contains(top)));
  if (!own) return 'it is covered by ' + (top ? top.outerHTML.slice(0, 120) : 'the edge of the window');
  return [x, y];
}";

/// Name, code, virtual key and the character it types.
const KEYS: &[(&str, &str, u32, &str)] = &[
    ("Tab", "Tab", 9, ""),
    ("Enter", "Enter", 13, "\r"),
    ("Escape", "Escape", 27, ""),
    (" ", "Space", 32, " "),
    ("End", "End", 35, ""),
    ("Home", "Home", 36, ""),
    ("ArrowLeft", "ArrowLeft", 37, ""),
    ("ArrowUp", "ArrowUp", 38, ""),
    ("ArrowRight", "ArrowRight", 39, ""),
    ("ArrowDown", "ArrowDown", 40, ""),
    ("Backspace", "Backspace", 8, ""),
];

impl Page {
    /// Clicks, and does not wait for anything.
    pub fn click(&self, selector: &str) {
        let at = self.eval_on(selector, REACH);
        let (Some(x), Some(y)) = (at[0].as_f64(), at[1].as_f64()) else {
            let why = at.as_str().unwrap_or("it has no place");
            self.fail(&format!("{selector} cannot be clicked: {why}"));
        };
        for (kind, buttons) in [("mouseMoved", 0), ("mousePressed", 1), ("mouseReleased", 0)] {
            let button = if kind == "mouseMoved" { "none" } else { "left" };
            let event = json!({
                "type": kind, "x": x, "y": y, "button": button, "buttons": buttons, "clickCount": 1,
            });
            self.ask("Input.dispatchMouseEvent", event);
        }
    }

    /// Clicks a link or a button and waits until the next page has loaded.
    pub fn follow(&self, selector: &str) {
        self.navigates(&format!("click on {selector}"), || self.click(selector));
    }

    /// Puts a value into a field in place of what was there: text is typed, dates and choices are
    /// set. A choice is named by its value or its words. What the field then holds is checked.
    pub fn fill(&self, selector: &str, value: &str) {
        let kind = self.eval_on(selector, "e => { e.focus(); return e.type || e.tagName; }");
        match kind.as_str().unwrap_or_default() {
            "checkbox" | "radio" | "file" => {
                self.fail(&format!("{selector} is a {kind}: use check or upload"));
            }
            "select-one" => self.choose(selector, value),
            "date" | "time" | "datetime-local" | "month" | "week" | "color" | "range" => {
                self.set(selector, value);
            }
            _ if value.is_empty() => self.set(selector, value),
            _ => {
                self.eval_on(selector, "e => e.select()");
                self.ask("Input.insertText", json!({"text": value}));
                let held = self.value(selector);
                if held != value.replace("\r\n", "\n") {
                    self.fail(&format!("{selector} holds {held:?} after typing {value:?}"));
                }
            }
        }
    }

    fn set(&self, selector: &str, value: &str) {
        let set = format!(
            "e => {{ e.value = {}; for (const name of ['input', 'change'])
               e.dispatchEvent(new Event(name, {{bubbles: true}})); return e.value; }}",
            json!(value)
        );
        let held = self.eval_on(selector, &set);
        if held != value {
            self.fail(&format!("{selector} holds {held} after setting {value:?}"));
        }
    }

    fn choose(&self, selector: &str, choice: &str) {
        let value = self.eval_on(
            selector,
            &format!(
                "e => [...e.options].find(o => o.value === {0} || o.text.trim() === {0})?.value",
                json!(choice)
            ),
        );
        match value {
            Value::String(value) => self.set(selector, &value),
            _ => self.fail(&format!("{selector} offers no {choice:?}")),
        }
    }

    /// Ticks a box or picks a radio button, by a click if it is not ticked already.
    pub fn check(&self, selector: &str) {
        if self.eval_on(selector, "e => e.checked") != true {
            self.click(selector);
        }
        if self.eval_on(selector, "e => e.checked") != true {
            self.fail(&format!("{selector} does not stay ticked"));
        }
    }

    /// Gives files to a file field, as the chooser would.
    pub fn upload(&self, selector: &str, files: &[&Path]) {
        let missing: Vec<_> = files.iter().filter(|file| !file.is_file()).collect();
        assert!(missing.is_empty(), "no such file: {missing:?}");
        self.ask(
            "DOM.setFileInputFiles",
            json!({"objectId": self.handle(selector), "files": files}),
        );
        let count = self.eval_on(selector, "e => e.files.length");
        if count != files.len() {
            self.fail(&format!("{selector} took {count} of {} files", files.len()));
        }
    }

    /// Presses a key where the focus is. Names are those of `KeyboardEvent.key`.
    pub fn press(&self, key: &str) {
        let Some((name, code, number, text)) = KEYS.iter().find(|known| known.0 == key) else {
            self.fail(&format!("no such key: {key}"));
        };
        let mut event = json!({
            "type": if text.is_empty() { "rawKeyDown" } else { "keyDown" },
            "key": name, "code": code, "windowsVirtualKeyCode": number,
        });
        if !text.is_empty() {
            event["text"] = json!(text);
        }
        self.ask("Input.dispatchKeyEvent", event.clone());
        event["type"] = json!("keyUp");
        self.ask("Input.dispatchKeyEvent", event);
    }

    /// The element that has the focus, in a few words, for walks by keyboard alone.
    pub fn focused(&self) -> String {
        let focused = self.eval(
            "(e => e === document.body ? '' : e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + ' '
               + (e.innerText || e.labels?.[0]?.innerText || '').trim())(document.activeElement)",
        );
        focused.as_str().unwrap_or_default().trim().to_owned()
    }
}
