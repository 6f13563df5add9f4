//! The budget, the names, and the contrast of every pair of colours that meet on a page.

use std::collections::BTreeMap;

use super::{Asset, all, asset_path, find};

const CSS: &str = include_str!("style.css");

/// Decided in the interface guide: all style, squeezed.
const STYLE_BYTES_MAX: usize = 12 * 1024;
/// Everything a first visit loads beside the page itself; with 6 KB of page it stays under 14 KB.
const FIRST_VISIT_BYTES_MAX: usize = 8 * 1024;

fn squeezed(name: &str) -> usize {
    let asset = find(asset_path(name)).unwrap();
    asset.br.as_ref().map_or(asset.bytes.len(), Vec::len)
}

#[test]
fn style_fits_its_budget() {
    assert!(squeezed("style.css") <= STYLE_BYTES_MAX, "{}", squeezed("style.css"));
}

#[test]
fn a_first_visit_fits_its_budget() {
    let parts = ["style.css", "sprite.svg", "favicon.svg", "app.js", "site.webmanifest"];
    let sum: usize = parts.map(squeezed).into_iter().sum();
    assert!(sum <= FIRST_VISIT_BYTES_MAX, "{sum}");
}

#[test]
fn squeezed_forms_open_to_the_same_bytes() {
    for asset in all() {
        if let Some(br) = &asset.br {
            let mut out = Vec::new();
            brotli::BrotliDecompress(&mut br.as_slice(), &mut out).unwrap();
            assert!(out == asset.bytes, "{} as brotli", asset.name);
        }
        if let Some(gz) = &asset.gz {
            let mut out = Vec::new();
            std::io::copy(&mut flate2::read::GzDecoder::new(gz.as_slice()), &mut out).unwrap();
            assert!(out == asset.bytes, "{} as gzip", asset.name);
        }
    }
}

#[test]
fn names_follow_the_content_and_nothing_else_is_found() {
    let style = find(asset_path("style.css")).unwrap();
    assert_eq!(style.content_type, "text/css; charset=utf-8");
    let hash = style.path.strip_prefix("/zasoby/style.").unwrap().strip_suffix(".css").unwrap();
    assert!(hash.len() == 12 && hash.chars().all(|c| c.is_ascii_hexdigit()), "{hash}");
    assert_eq!(super::short_hash(b"abc"), "ba7816bf8f01");
    for path in ["/zasoby/style.css", "/zasoby/", "/zasoby/../style.css", "/zasoby/brak", ""] {
        assert!(find(path).is_none(), "{path}");
    }
}

#[test]
fn the_manifest_names_an_icon_that_exists() {
    let manifest = find(asset_path("site.webmanifest")).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&manifest.bytes).unwrap();
    let icon = json["icons"][0]["src"].as_str().unwrap();
    assert_eq!(find(icon).map(|a| a.content_type), Some("image/svg+xml"));
}

#[test]
fn nothing_reaches_for_another_site() {
    let text = |asset: &Asset| String::from_utf8(asset.bytes.clone()).unwrap();
    for asset in all() {
        let text = text(asset).replace("http://www.w3.org/2000/svg", "");
        assert!(!text.contains("://") && !text.contains("@import"), "{}", asset.name);
        assert!(!text.contains("eval(") && !text.contains("innerHTML"), "{}", asset.name);
    }
}

// Contrast, computed from the style sheet itself (WCAG 2.2, relative luminance).

type Tokens = BTreeMap<String, String>;

/// The colour tokens under one selector.
fn tokens(selector: &str) -> Tokens {
    let start = CSS.find(selector).unwrap_or_else(|| panic!("no {selector}"));
    let block = &CSS[start..][CSS[start..].find('{').unwrap() + 1..];
    let block = &block[..block.find('}').unwrap()];
    let pairs = block.split(';').filter_map(|line| line.trim().split_once(':'));
    pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
}

/// A theme as it is seen: its own tokens over the light ones.
fn theme(selector: &str) -> Tokens {
    let mut all = tokens(":root {");
    all.extend(tokens(selector));
    all
}

fn luminance(hex: &str) -> f64 {
    let value = u32::from_str_radix(hex.strip_prefix('#').unwrap(), 16).unwrap();
    let channel = |shift: u32| {
        let c = f64::from((value >> shift) & 0xff) / 255.0;
        if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0)
}

fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn the_measure_itself_is_right() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 0.001);
    assert!((contrast("#767676", "#ffffff") - 4.54).abs() < 0.01);
}

/// Text that is read at length has AAA on paper; small text on tinted ground AA; lines that carry
/// meaning 3 to 1.
#[test]
fn every_pair_that_meets_is_legible_in_every_theme() {
    let pairs = [
        ("--ink", "--paper", 7.0),
        ("--ink", "--surface", 7.0),
        ("--muted", "--paper", 7.0),
        ("--muted", "--surface", 4.5),
        ("--link", "--paper", 7.0),
        ("--link", "--surface", 7.0),
        ("--visited", "--paper", 7.0),
        ("--visited", "--surface", 4.5),
        ("--primary", "--paper", 4.5),
        ("--primary", "--surface", 4.5),
        ("--on-primary", "--primary", 4.5),
        ("--on-band", "--band", 4.5),
        ("--on-strip", "--strip", 7.0),
        ("--error", "--paper", 7.0),
        ("--error", "--surface", 4.5),
        ("--ok", "--paper", 4.5),
        ("--ok", "--surface", 4.5),
        ("--warn", "--paper", 4.5),
        ("--warn", "--surface", 4.5),
        ("--line", "--paper", 3.0),
        ("--line", "--surface", 3.0),
        ("--focus-ink", "--focus", 7.0),
    ];
    for selector in [":root {", ":root[data-theme=\"dark\"]", ":root[data-theme=\"contrast\"]"] {
        let tokens = theme(selector);
        for (front, back, least) in pairs {
            let ratio = contrast(&tokens[front], &tokens[back]);
            assert!(ratio >= least, "{selector} {front} on {back}: {ratio:.2} < {least}");
        }
    }
}

#[test]
fn the_dark_of_the_device_is_the_chosen_dark() {
    assert_eq!(tokens(":root[data-theme=\"auto\"]"), tokens(":root[data-theme=\"dark\"]"));
}

#[test]
fn every_token_that_is_used_is_defined() {
    let defined = tokens(":root {");
    for used in CSS.split("var(").skip(1).map(|rest| rest.split(')').next().unwrap()) {
        assert!(defined.contains_key(used) || used == "--tone", "{used}");
    }
}

#[test]
fn braces_of_the_style_sheet_match() {
    assert_eq!(CSS.matches('{').count(), CSS.matches('}').count());
}
