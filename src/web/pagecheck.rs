//! A strict eye on one rendered page, for tests: what a browser would forgive and a reader would
//! not. It is not an HTML parser; it knows the HTML that our own templates write.

use std::collections::{BTreeMap, BTreeSet};

use super::assets;

/// Elements without an end.
const VOID: [&str; 8] = ["br", "col", "hr", "img", "input", "link", "meta", "wbr"];

#[derive(Debug)]
struct Tag<'a> {
    name: &'a str,
    attributes: BTreeMap<&'a str, &'a str>,
}

impl<'a> Tag<'a> {
    fn get(&self, name: &str) -> &'a str {
        self.attributes.get(name).copied().unwrap_or_default()
    }
}

/// Every fault of the page, as sentences; empty when there is none.
pub fn faults(html: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let tags = tags(html, &mut faults);
    if html.contains('⟦') {
        faults.push("a text is missing (⟦…⟧)".to_owned());
    }
    let ids = unique_ids(&tags, &mut faults);
    outline(&tags, &mut faults);
    for tag in &tags {
        references(tag, &ids, &mut faults);
        names(tag, &tags, &mut faults);
        for bad in tag.attributes.keys().filter(|a| **a == "style" || a.starts_with("on")) {
            faults.push(format!("<{}> has an inline {bad}", tag.name));
        }
    }
    faults
}

fn unique_ids<'a>(tags: &[Tag<'a>], faults: &mut Vec<String>) -> BTreeSet<&'a str> {
    let mut ids = BTreeSet::new();
    for id in tags.iter().map(|tag| tag.get("id")).filter(|id| !id.is_empty()) {
        if !ids.insert(id) {
            faults.push(format!("id {id} stands twice"));
        }
    }
    ids
}

/// One h1, one main, a title and a language; headings never skip a level downwards.
fn outline(tags: &[Tag<'_>], faults: &mut Vec<String>) {
    for name in ["h1", "main", "title", "html"] {
        let n = tags.iter().filter(|tag| tag.name == name).count();
        if n != 1 {
            faults.push(format!("{n} <{name}> instead of one"));
        }
    }
    if tags.iter().any(|tag| tag.name == "html" && tag.get("lang").is_empty()) {
        faults.push("<html> has no lang".to_owned());
    }
    if tags.iter().any(|tag| tag.name == "style") {
        faults.push("an inline style sheet".to_owned());
    }
    let mut level = 0;
    // What is wrong with a form is said above its title, where it is heard first.
    let summary = tags.iter().position(|tag| tag.get("id") == "wrongs-title");
    for (at, tag) in tags.iter().enumerate() {
        if Some(at) == summary {
            continue;
        }
        let Some(n) = tag.name.strip_prefix('h').and_then(|n| n.parse::<u8>().ok()) else {
            continue;
        };
        if n > level + 1 {
            faults.push(format!("<h{n}> follows <h{level}>"));
        }
        level = n;
    }
}

/// What an attribute points to has to be there.
fn references(tag: &Tag<'_>, ids: &BTreeSet<&str>, faults: &mut Vec<String>) {
    for attribute in ["aria-describedby", "aria-labelledby", "for"] {
        for id in tag.get(attribute).split_whitespace().filter(|id| !ids.contains(id)) {
            faults.push(format!("<{}> {attribute} points to {id}, which is not there", tag.name));
        }
    }
    let href = tag.get("href");
    if href.strip_prefix('#').is_some_and(|id| !id.is_empty() && !ids.contains(id)) {
        faults.push(format!("a link leads to {href}, which is not there"));
    }
    for address in [href, tag.get("src")].into_iter().filter(|a| a.starts_with(assets::PREFIX)) {
        let (path, fragment) = address.split_once('#').unwrap_or((address, ""));
        let Some(asset) = assets::find(path) else {
            faults.push(format!("asset {address} does not exist"));
            continue;
        };
        let symbol = format!("id=\"{fragment}\"");
        if !fragment.is_empty() && !String::from_utf8_lossy(&asset.bytes).contains(&symbol) {
            faults.push(format!("the sprite has no {fragment}"));
        }
    }
    if href.contains("://") || tag.get("src").contains("://") && tag.name != "a" {
        faults.push(format!("<{}> reaches for another site: {href}", tag.name));
    }
    if tag.name == "script" && tag.get("src").is_empty() {
        faults.push("an inline script".to_owned());
    }
}

/// Every field has a visible label, every form says how it is sent.
fn names(tag: &Tag<'_>, tags: &[Tag<'_>], faults: &mut Vec<String>) {
    let field = matches!(tag.name, "input" | "select" | "textarea") && tag.get("type") != "hidden";
    if field {
        let id = tag.get("id");
        if !tags.iter().any(|label| label.name == "label" && label.get("for") == id)
            || id.is_empty()
        {
            faults.push(format!("field {} has no label", tag.get("name")));
        }
        if tag.attributes.contains_key("placeholder") {
            faults.push(format!("field {} uses a placeholder", tag.get("name")));
        }
    }
    if tag.name == "form" && (tag.get("action").is_empty() || tag.get("method").is_empty()) {
        faults.push("a form without action or method".to_owned());
    }
}

/// All opening tags in order; complains about tags that do not nest.
fn tags<'a>(html: &'a str, faults: &mut Vec<String>) -> Vec<Tag<'a>> {
    let mut all = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = rest.get(start + 1..).unwrap_or_default();
        if rest.starts_with('!') {
            continue;
        }
        let Some(end) = end_of_tag(rest) else {
            faults.push("a tag is not closed".to_owned());
            break;
        };
        let (inner, after) = rest.split_at(end);
        rest = after;
        if let Some(name) = inner.strip_prefix('/') {
            let expected = open.pop().unwrap_or("nothing");
            if expected != name {
                faults.push(format!("</{name}> closes <{expected}>"));
            }
            continue;
        }
        let tag = parse_tag(inner.trim_end_matches('/'));
        if !VOID.contains(&tag.name) && !inner.ends_with('/') {
            open.push(tag.name);
        }
        all.push(tag);
    }
    if !open.is_empty() {
        faults.push(format!("never closed: {open:?}"));
    }
    all
}

/// Where `>` stands that is not inside a quoted value.
fn end_of_tag(rest: &str) -> Option<usize> {
    let mut quoted = false;
    rest.char_indices().find_map(|(i, c)| {
        quoted ^= c == '"';
        (c == '>' && !quoted).then_some(i)
    })
}

fn parse_tag(inner: &str) -> Tag<'_> {
    let (name, mut rest) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
    let mut attributes = BTreeMap::new();
    loop {
        rest = rest.trim_start();
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        if key.is_empty() {
            return Tag { name, attributes };
        }
        let Some(quoted) = after.strip_prefix("=\"") else {
            attributes.insert(key, "");
            rest = after;
            continue;
        };
        let (value, after) = quoted.split_once('"').unwrap_or((quoted, ""));
        attributes.insert(key, value);
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::faults;

    fn page(body: &str) -> String {
        format!(
            "<!doctype html><html lang=\"pl\"><head><title>T</title></head><body><main><h1>H</h1>{body}</main></body></html>"
        )
    }

    #[test]
    fn a_clean_page_has_no_faults() {
        let body = "<form method=\"post\" action=\"/a\"><label for=\"x\">X</label><input id=\"x\" name=\"x\"></form>";
        assert_eq!(faults(&page(body)), Vec::<String>::new());
    }

    #[test]
    fn each_fault_is_seen() {
        let rows = [
            ("<p><b>x</p></b>", "closes"),
            ("<p>", "closes"),
            ("<p id=\"a\">1</p><p id=\"a\">2</p>", "stands twice"),
            ("<input id=\"x\" name=\"x\">", "no label"),
            ("<a href=\"#nowhere\">a</a>", "which is not there"),
            ("<p aria-describedby=\"gone\">a</p>", "which is not there"),
            ("<p style=\"color:red\">a</p>", "inline style"),
            ("<button onclick=\"x()\">a</button>", "inline onclick"),
            ("<script>1</script>", "inline script"),
            ("<script src=\"https://example.org/a.js\"></script>", "another site"),
            ("<h1>Second</h1>", "2 <h1>"),
            ("<h3>Deep</h3>", "follows"),
            ("<p>⟦key⟧</p>", "missing"),
            ("<script src=\"/zasoby/gone.js\"></script>", "does not exist"),
            ("<form method=\"post\"></form>", "without action"),
        ];
        for (body, expected) in rows {
            let found = faults(&page(body));
            assert!(found.iter().any(|f| f.contains(expected)), "{body}: {found:?}");
        }
    }
}
