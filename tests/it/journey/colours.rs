//! Colours that a person has set for all pages (Windows high contrast, "forced colours"), and the wish
//! for more contrast: what carried meaning by colour must still be seen.

use super::{Stage, sound};
use crate::browser::Page;

/// Lists what cannot be seen, by the colours that the browser has really computed, with the thresholds
/// of WCAG 1.4.3 for text and 1.4.11 for what is none. (axe cannot tell: it reads the colour that text
/// would have had.)
const UNSEEN: &str = r"(() => {
  const colour = text => {
    const parts = (text.match(/[\d.]+/g) || []).map(Number);
    return {rgb: parts.slice(0, 3), clear: parts.length > 3 && parts[3] < 0.5};
  };
  const light = rgb => {
    const [r, g, b] = rgb.map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const apart = (a, b, least = 3) => {
    const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05) >= least;
  };
  const ground = e => {
    for (; e; e = e.parentElement) {
      const found = colour(getComputedStyle(e).backgroundColor);
      if (!found.clear) return found.rgb;
    }
    return matchMedia('(prefers-color-scheme: dark)').matches ? [0, 0, 0] : [255, 255, 255];
  };
  // What is folded can be opened.
  for (const folded of document.querySelectorAll('details')) folded.open = true;
  const shown = e => e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length > 0;
  const all = selector => [...document.querySelectorAll(selector)].filter(shown);
  const wrong = [], count = {};
  const check = (what, e, right) => {
    count[what] = (count[what] || 0) + 1;
    if (!right) wrong.push(what + ': ' + e.outerHTML.slice(0, 160));
  };
  const line = (e, width, style, tint) =>
    parseFloat(width) >= 1 && style !== 'none' && !colour(tint).clear && apart(colour(tint).rgb, ground(e.parentElement));

  for (const e of all('body *').filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))) {
    const s = getComputedStyle(e);
    check('words', e, apart(colour(e.closest('svg') ? s.fill : s.color).rgb, ground(e), 4.5));
  }
  for (const e of all('svg.i')) check('a picture in the colour of words', e, apart(colour(getComputedStyle(e).color).rgb, ground(e)));
  const boxes = '.btn, .tag, .chip, .note, .wrongs, .panel, select, textarea, input:not([type=radio]):not([type=checkbox])';
  for (const e of all(boxes)) {
    const s = getComputedStyle(e);
    check('a border', e, line(e, s.borderTopWidth, s.borderTopStyle, s.borderTopColor));
  }
  for (const e of all('.tag')) check('a state in words', e, e.innerText.trim().length > 2);
  for (const e of all('.bad')) {
    const s = getComputedStyle(e);
    check('the bar beside a mistake', e, line(e, s.borderLeftWidth, s.borderLeftStyle, s.borderLeftColor));
  }
  for (const e of all('.chart rect')) check('a bar of a chart', e, apart(colour(getComputedStyle(e).fill).rgb, ground(e.closest('figure'))));
  for (const e of all('.timeline li')) {
    const s = getComputedStyle(e, '::before');
    check('a dot on the line of time', e, line(e, s.borderTopWidth, s.borderTopStyle, s.borderTopColor));
  }
  // What is current has a line below it that the others do not have.
  for (const row of all('.menu ul, .tabs ul')) {
    const drawn = [...row.querySelectorAll('a')].filter(shown).filter(a => {
      const s = getComputedStyle(a);
      return line(a, s.borderBottomWidth, s.borderBottomStyle, s.borderBottomColor);
    });
    check('the line below what is current', row, drawn.every(a => a.ariaCurrent) && drawn.length === row.querySelectorAll('[aria-current]').length);
  }
  for (const e of all('a[href], button, summary, input:not([type=hidden]), select, textarea')) {
    e.focus({focusVisible: true});
    const s = getComputedStyle(e);
    check('the focus', e, line(e, s.outlineWidth, s.outlineStyle, s.outlineColor) && parseFloat(s.outlineWidth) >= 2);
  }
  document.activeElement.blur();
  return {wrong, count};
})()";

/// Gives how often each thing was looked at.
fn seen(page: &Page) -> serde_json::Value {
    let found = page.eval(UNSEEN);
    let wrong = found["wrong"].as_array().unwrap();
    if !wrong.is_empty() {
        page.fail(&format!("{} things cannot be seen: {wrong:#?}", wrong.len()));
    }
    found["count"].clone()
}

#[test]
fn nothing_that_carries_meaning_vanishes_in_forced_colours() {
    let stage = Stage::open();
    let stranger = stage.actor();
    let page = &stranger.page;
    let mut counts = Vec::new();
    for scheme in ["light", "dark"] {
        page.media("screen", &[("forced-colors", "active"), ("prefers-color-scheme", scheme)]);
        for path in ["/styl", "/", "/sprawy/srod-drzewa-zgl", "/konto/nowe", "/dziennik"] {
            page.goto(&stage.url(path));
            assert_eq!(page.eval("matchMedia('(forced-colors: active)').matches"), true);
            if page.overflows() {
                page.fail("the page is wider than the window");
            }
            let count = seen(page);
            assert!(count["the focus"].as_u64() > Some(8), "{path}: {count}");
            counts.push(count);
        }
        keep_picture(&stage, page, scheme);
    }
    // The page of all parts shows each of them.
    for what in [
        "a picture in the colour of words",
        "a border",
        "a state in words",
        "the bar beside a mistake",
        "a bar of a chart",
        "a dot on the line of time",
        "the line below what is current",
    ] {
        assert!(counts[0][what].as_u64() > Some(0), "{what} is nowhere on /styl: {}", counts[0]);
    }
    stage.close();
}

/// For people to look at, where they ask for it.
fn keep_picture(stage: &Stage, page: &Page, scheme: &str) {
    if let Some(folder) = std::env::var_os("OSTOJA_PICTURES") {
        page.goto(&stage.url("/styl"));
        page.screenshot(&std::path::Path::new(&folder).join(format!("forced-{scheme}.png")));
    }
}

/// Who asks the device for more contrast, and nothing of us, gets no pale words and no pale lines.
#[test]
fn a_wish_for_more_contrast_is_heard() {
    let stage = Stage::open();
    let stranger = stage.actor();
    let page = &stranger.page;
    let tint = |selector: &str, property: &str| {
        let read = format!("e => getComputedStyle(e).{property}");
        page.eval_on(selector, &read).as_str().unwrap().to_owned()
    };
    let of = |page: &Page| {
        page.goto(&stage.url("/styl"));
        let pale = tint("main .muted", "color") != tint("body", "color");
        (pale, tint("main .facts > div", "borderBottomColor"))
    };
    for scheme in ["light", "dark"] {
        page.media("screen", &[("prefers-color-scheme", scheme)]);
        let (pale, quiet) = of(page);
        assert!(pale, "{scheme}: hints are paler where nobody asks");
        page.media("screen", &[("prefers-color-scheme", scheme), ("prefers-contrast", "more")]);
        let (pale, strong) = of(page);
        assert!(!pale && strong != quiet, "{scheme}: {quiet}, {strong}");
        assert_eq!(strong, tint("main input", "borderTopColor"), "as strong as that of a field");
        sound(page);
    }
    stage.close();
}
