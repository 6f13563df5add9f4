//! The feed of notices as a foreign reader takes it: an editor publishes through the forms of the real
//! program, and Python's XML parser reads what is served.

use serde_json::Value;

use crate::support::{
    Program, Visitor, Wire,
    soft_key::{Algorithm, SoftKey},
    tool,
};

/// Reads a feed on standard input and says what is in it, by the names that RFC 4287 gives.
const READER: &str = r#"
import json, sys
import xml.etree.ElementTree as tree

ATOM = "{http://www.w3.org/2005/Atom}"

def about(element):
    links = {link.get("rel", "alternate"): link.get("href") for link in element.findall(ATOM + "link")}
    words = {name: element.findtext(ATOM + name) for name in ("id", "title", "updated", "content")}
    return {**words, "links": links, "author": element.findtext(f"{ATOM}author/{ATOM}name")}

feed = tree.fromstring(sys.stdin.buffer.read())
assert feed.tag == ATOM + "feed", feed.tag
print(json.dumps({**about(feed), "entries": [about(entry) for entry in feed.findall(ATOM + "entry")]}))
"#;

const TITLE: &str = "a < b & c ]]> \"d\" 'e' \u{1}🌳\u{b}\u{fffe}";
const TITLE_READ: &str = "a < b & c ]]> \"d\" 'e' 🌳";
const TEXT: &str = "<b>x</b> & ]]> \"q\" 'r' \u{1}🌳\u{1f}\r\nz &#1;&#x8; \t.";
/// HTML as a reader of the feed will show it: the editor's angle brackets are words.
const HTML_READ: &str = "<p>&lt;b&gt;x&lt;/b&gt; &amp; ]]&gt; \"q\" 'r' 🌳\nz  \t.</p>\n";

/// The text of a part that must be there.
fn part<'a>(value: &'a Value, name: &str) -> &'a str {
    let text = value[name].as_str().unwrap_or_default();
    assert!(!text.trim().is_empty(), "there is no {name} in {value}");
    text
}

#[test]
fn a_notice_with_hostile_words_is_read_by_a_foreign_parser() {
    let directory = tempfile::tempdir().unwrap();
    let (program, port) = Program::demo(&directory.path().join("data"));
    let origin = format!("http://localhost:{port}");
    let editor = Visitor::new(Wire(port));
    let mut key = SoftKey::new(Algorithm::Es256, "localhost", &origin).unwrap();
    let code = program.code_after("staff: ");
    editor.try_enter_with_code("/zaproszenie", &mut key, &code, "Ewa", "Buk").unwrap();

    let path = "/urzad/komunikaty/nowy";
    let form = editor.get(path).expect(200).form(path);
    let written = editor.submit(&form.with(&[("title", TITLE), ("text", TEXT)])).expect(303);
    let notice = written.location().to_owned();
    let publish = editor.get(&notice).expect(200).form(&format!("{notice}/opublikuj"));
    editor.submit(&publish).expect(303);

    let served = Visitor::new(Wire(port)).get("/komunikaty.atom").expect(200);
    assert_eq!(served.header("content-type"), "application/atom+xml; charset=utf-8");
    let (said, code) = tool("python3", &["-c", READER], &served.body);
    assert_eq!(code, 0, "{said}\n{}", served.text());
    let feed: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(feed["links"]["self"], format!("{origin}/komunikaty.atom"));
    let entries = feed["entries"].as_array().unwrap();
    assert!(entries.len() >= 4, "{feed}");
    for whole in entries.iter().chain([&feed]) {
        for name in ["id", "title"] {
            part(whole, name);
        }
        let updated: Result<jiff::Timestamp, _> = part(whole, "updated").parse();
        assert!(updated.is_ok(), "{whole}");
        // An entry without an author takes the feed's.
        assert!(feed["author"].is_string() || whole["author"].is_string(), "{whole}");
    }
    let ours = entries.iter().find(|entry| entry["title"] == TITLE_READ);
    let ours = ours.unwrap_or_else(|| panic!("the notice is not in {feed}"));
    assert_eq!(part(ours, "content"), HTML_READ);
    let link = ours["links"]["alternate"].as_str().unwrap().strip_prefix(&origin).unwrap();
    let shown = Visitor::new(Wire(port)).get(link).expect(200);
    assert_eq!(shown.h1(), TITLE_READ);
    assert_eq!(program.stop(), Some(0));
}
