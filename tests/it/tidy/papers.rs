//! Documents lead to what is there; templates, texts and fixtures are used by somebody.

use std::{collections::BTreeSet, path::Path};

use super::{files, path_of, sources};

/// Targets of markdown links outside code blocks.
fn links(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut in_code = false;
    for line in text.lines() {
        in_code ^= line.trim_start().starts_with("```");
        if !in_code {
            // Every second piece stands between backticks.
            for piece in line.split('`').step_by(2) {
                found.extend(piece.split("](").skip(1).filter_map(|after| after.split(')').next()));
            }
        }
    }
    found
}

/// The anchor that a heading gets.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || *c == ' ' || *c == '-' || *c == '_');
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn links_in_documents_lead_somewhere() {
    let mut wrong = Vec::new();
    for (name, text) in sources("", "md") {
        let folder = Path::new(&name).parent().unwrap();
        for link in links(&text) {
            let (file, fragment) = link.split_once('#').unwrap_or((link, ""));
            if file.contains("://") || file.starts_with("mailto:") {
                continue;
            }
            let target = if file.is_empty() {
                path_of(&name)
            } else {
                path_of(&folder.join(file).to_string_lossy())
            };
            if !target.exists() {
                wrong.push(format!("{name}: {link} is not there"));
                continue;
            }
            let has_anchor = || {
                let text = std::fs::read_to_string(&target).unwrap_or_default();
                text.lines().any(|line| line.starts_with('#') && anchor(line) == fragment)
            };
            if !fragment.is_empty()
                && target.extension().is_some_and(|end| end == "md")
                && !has_anchor()
            {
                wrong.push(format!("{name}: {link} has no such heading"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn documents_have_one_title() {
    for (name, text) in sources("", "md") {
        let mut in_code = false;
        let titles = text.lines().filter(|line| {
            in_code ^= line.starts_with("```");
            !in_code && line.starts_with("# ")
        });
        assert_eq!(titles.count(), 1, "{name}: one title, in the first line");
        assert!(text.starts_with("# "), "{name} begins with its title");
    }
}

#[test]
fn every_template_is_used() {
    let mut named = BTreeSet::new();
    for (_, source) in
        sources("src", "rs").into_iter().chain(sources("src", "html")).chain(sources("src", "xml"))
    {
        // Paths of templates are written from the folder `src`.
        let quoted =
            source.split('"').skip(1).step_by(1).filter(|text| text.contains("templates/"));
        named.extend(quoted.map(str::to_owned));
    }
    for name in files("src").into_iter().filter(|name| name.contains("/templates/")) {
        let path = name.trim_start_matches("src/");
        assert!(named.contains(path), "nobody uses the template {path}");
    }
}

#[test]
fn every_text_file_and_fixture_is_used() {
    let code: Vec<_> = ["rs", "py", "md"]
        .into_iter()
        .flat_map(|end| {
            ["src", "tests", "docs"].into_iter().flat_map(move |folder| sources(folder, end))
        })
        .collect();
    let mut unused = Vec::new();
    for name in
        files("src").into_iter().filter(|name| name.ends_with(".ftl")).chain(files("tests/data"))
    {
        let file = name.rsplit('/').next().unwrap_or_default();
        let is_notice = ["LICENSE", "SOURCE", "README"].iter().any(|start| file.starts_with(start));
        // Golden files are read folder by folder.
        let folder = name.rsplit('/').nth(1).unwrap_or_default();
        let used = code.iter().any(|(path, text)| {
            *path != name && (text.contains(file) || text.contains(&format!("data/{folder}")))
        });
        // The golden directory is read as a whole, file names and all.
        let is_golden = name.starts_with("tests/data/format/directory/");
        if !is_notice && !is_golden && !used {
            unused.push(name);
        }
    }
    assert!(unused.is_empty(), "{}", unused.join("\n"));
}
