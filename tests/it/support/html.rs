//! Links and forms of a page, as a browser without scripts would see them. It reads the HTML that
//! our own templates write, and nothing else.

use std::collections::BTreeMap;

/// A form with what it would send if nobody touched it.
#[derive(Clone, Debug, Default)]
pub struct Form {
    pub action: String,
    pub post: bool,
    pub multipart: bool,
    /// `data-passkey`, `data-start`, `data-finish` of a ceremony.
    pub passkey: Option<[String; 3]>,
    pub fields: Vec<(String, String)>,
    /// Named buttons: one of them is pressed.
    pub buttons: Vec<(String, String)>,
    pub files: Vec<String>,
    /// Everything that can be touched.
    pub controls: Vec<Control>,
}

/// Something in a form that a person can change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// A box for text, with its name.
    Box(String),
    /// One of these values.
    One(String, Vec<String>),
    /// A tick, with its value.
    Tick(String, String),
}

struct Tag<'a> {
    name: &'a str,
    attributes: BTreeMap<&'a str, String>,
    /// What follows the tag.
    rest: &'a str,
}

impl Tag<'_> {
    fn get(&self, name: &str) -> String {
        self.attributes.get(name).cloned().unwrap_or_default()
    }

    fn has(&self, name: &str) -> bool {
        self.attributes.contains_key(name)
    }
}

/// Every address that a page leads to or shows.
pub fn links(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    for tag in tags(html) {
        let address = match tag.name {
            "a" | "link" => tag.get("href"),
            "img" | "script" => tag.get("src"),
            _ => continue,
        };
        if !address.is_empty() && !address.starts_with('#') {
            found.push(address);
        }
    }
    found
}

/// Every form of a page.
pub fn forms(html: &str) -> Vec<Form> {
    let mut forms = Vec::new();
    let mut select: Option<(String, Vec<(bool, String)>)> = None;
    let mut open: Option<Form> = None;
    for tag in tags(html) {
        match tag.name {
            "form" => {
                let passkey = tag.has("data-passkey").then(|| {
                    ["data-passkey", "data-start", "data-finish"].map(|name| tag.get(name))
                });
                open = Some(Form {
                    action: tag.get("action"),
                    post: tag.get("method").eq_ignore_ascii_case("post"),
                    multipart: tag.get("enctype") == "multipart/form-data",
                    passkey,
                    ..Form::default()
                });
            }
            "/form" => forms.extend(open.take()),
            "select" => select = Some((tag.get("name"), Vec::new())),
            "option" => {
                if let Some((_, options)) = &mut select {
                    let words = text_until(tag.rest, "</option");
                    let value = if tag.has("value") { tag.get("value") } else { words };
                    options.push((tag.has("selected"), value));
                }
            }
            "/select" => {
                if let (Some(form), Some((name, options))) = (&mut open, select.take()) {
                    let chosen = options.iter().find(|option| option.0).or(options.first());
                    form.fields.extend(chosen.map(|(_, value)| (name.clone(), value.clone())));
                    let values = options.into_iter().map(|(_, value)| value).collect();
                    form.controls.push(Control::One(name, values));
                }
            }
            _ => {
                if let Some(form) = &mut open {
                    control(form, &tag);
                }
            }
        }
    }
    forms
}

fn control(form: &mut Form, tag: &Tag<'_>) {
    let name = tag.get("name");
    if name.is_empty() || tag.has("disabled") {
        return;
    }
    let value = tag.get("value");
    match (tag.name, tag.get("type").as_str()) {
        ("button", "button" | "reset") => {}
        ("button", _) | ("input", "submit") => form.buttons.push((name, value)),
        ("input", "file") => form.files.push(name),
        ("input", kind @ ("checkbox" | "radio")) => {
            let value = if tag.has("value") { value } else { "on".to_owned() };
            let same = form.controls.iter_mut().find_map(|control| match control {
                Control::One(known, values) if kind == "radio" && *known == name => Some(values),
                _ => None,
            });
            match same {
                Some(values) => values.push(value.clone()),
                None if kind == "radio" => {
                    form.controls.push(Control::One(name.clone(), vec![value.clone()]));
                }
                None => form.controls.push(Control::Tick(name.clone(), value.clone())),
            }
            if tag.has("checked") {
                form.fields.push((name, value));
            }
        }
        ("input", kind) => {
            if kind != "hidden" {
                form.controls.push(Control::Box(name.clone()));
            }
            form.fields.push((name, value));
        }
        ("textarea", _) => {
            let text = text_until(tag.rest, "</textarea");
            form.controls.push(Control::Box(name.clone()));
            form.fields.push((name, text.strip_prefix('\n').unwrap_or(&text).to_owned()));
        }
        _ => {}
    }
}

fn text_until(rest: &str, end: &str) -> String {
    unescape(rest.split(end).next().unwrap_or_default())
}

fn tags(html: &str) -> impl Iterator<Item = Tag<'_>> {
    html.split('<')
        .skip(1)
        .scan(html, |left, piece| {
            // `piece` ends at the next `<`; a tag's own text is needed as far as the page goes.
            let at = piece.as_ptr() as usize - left.as_ptr() as usize;
            let from_here = &left[at..];
            *left = from_here;
            Some(from_here)
        })
        .filter_map(|from_here| {
            let mut quoted = false;
            let end = from_here.char_indices().find_map(|(at, c)| {
                quoted ^= c == '"';
                (c == '>' && !quoted).then_some(at)
            })?;
            let (inner, rest) = from_here.split_at(end);
            let (name, mut left) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
            let mut attributes = BTreeMap::new();
            loop {
                left = left.trim_start();
                let stop = left.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(left.len());
                let (key, after) = left.split_at(stop);
                if key.is_empty() {
                    break;
                }
                match after.strip_prefix("=\"").and_then(|quoted| quoted.split_once('"')) {
                    Some((value, after)) => {
                        attributes.insert(key, unescape(value));
                        left = after;
                    }
                    None => {
                        attributes.insert(key, String::new());
                        left = after.trim_start_matches('=');
                    }
                }
            }
            Some(Tag { name, attributes, rest: rest.get(1..).unwrap_or_default() })
        })
}

/// Text without character references.
pub fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let reference = rest.find(';').filter(|end| *end < 12).map(|end| &rest[1..end]);
        let meant = reference.and_then(|name| match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            "nbsp" => Some('\u{a0}'),
            name => {
                let number = name.strip_prefix('#')?;
                let code = match number.strip_prefix('x') {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(code)
            }
        });
        match (meant, reference) {
            (Some(c), Some(name)) => {
                out.push(c);
                rest = &rest[name.len() + 2..];
            }
            _ => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// The words of a page's first element of a kind, without tags.
pub fn words_of(html: &str, element: &str) -> String {
    let open = format!("<{element}");
    let Some(at) = html.find(&open) else { return String::new() };
    let inner = html[at..].split(&format!("</{element}")).next().unwrap_or_default();
    let mut words = String::new();
    for piece in inner.split('<') {
        words.push_str(piece.split_once('>').map_or("", |(_, text)| text));
    }
    unescape(&words).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_form_gives_what_a_browser_would_send() {
    let page = r#"<a href="/a?x=1&#38;y">A</a><form method="post" action="/b" enctype="multipart/form-data">
        <input type="hidden" name="h" value="&quot;1&quot;"><input name="t" value="a > b">
        <textarea name="long">
&lt;x&gt;</textarea><input type="radio" name="r" value="1"><input type="radio" name="r" value="2" checked>
        <input type="checkbox" name="c" value="y"><select name="s"><option value="p">P</option><option selected>Q</option></select>
        <input type="file" name="f"><button name="go" value="on">Go</button></form>"#;
    assert_eq!(links(page), ["/a?x=1&y"]);
    let form = forms(page).remove(0);
    let sent: Vec<_> =
        form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(sent, [("h", "\"1\""), ("t", "a > b"), ("long", "<x>"), ("r", "2"), ("s", "Q")]);
    assert_eq!(
        (form.buttons.len(), form.files.len(), form.post, form.multipart),
        (1, 1, true, true)
    );
    assert_eq!(words_of("<h1 class=\"x\">Ala <b>ma</b>\n kota</h1>", "h1"), "Ala ma kota");
}
