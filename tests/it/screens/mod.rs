//! The thirteen pages that `docs/screens` shows, made from the running program in a real browser.
//!
//! The files there are written only when `OSTOJA_SCREENS=write`; otherwise the pictures go to a
//! temporary folder. Either way each must be there, as wide as its window, and show something; and
//! `docs/screens` must hold exactly these, named in its README. Whether they are beautiful is for
//! people to see.

mod small;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use image::imageops;

use crate::{
    browser::Page,
    journey::{Stage, act, confirm, fill_call, fill_date, open_case, resident, sound, today},
    support::root,
};

const DESK: u32 = 1280;
const PHONE: u32 = 360;

/// Names and widths.
const SCREENS: [(&str, u32); 13] = [
    ("01-home", DESK),
    ("02-catalogue", DESK),
    ("03-procedure", DESK),
    ("04-error-phone", PHONE),
    ("05-trees-phone", PHONE),
    ("06-check-phone", PHONE),
    ("07-confirmation", DESK),
    ("08-my-case-phone", PHONE),
    ("09-inbox", DESK),
    ("10-office-case", DESK),
    ("11-call", DESK),
    ("12-styl-dark", DESK),
    ("13-erasure", DESK),
];
/// All together; a checkout should stay small.
const MAX_BYTES: u64 = 1_500_000;
/// Of a longer page the top is shown.
const MAX_HEIGHT: u32 = 5_200;

/// Takes the pictures.
struct Camera {
    folder: PathBuf,
    /// Whether the pictures are to be kept, and so to be small.
    keeping: bool,
    taken: BTreeSet<&'static str>,
}

impl Camera {
    fn take(&mut self, page: &Page, name: &'static str) {
        let (_, width) = *SCREENS.iter().find(|(known, _)| *known == name).unwrap();
        let window = |height| page.viewport(width, height, width == PHONE);
        let usual = if width == PHONE { 740 } else { 900 };
        window(usual);
        // A window as high as the page: what lies beyond a window may not be painted yet.
        let height = page.eval("document.documentElement.scrollHeight").as_u64().unwrap();
        window(u32::try_from(height).unwrap());
        page.eval("new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))");
        let path = self.folder.join(format!("{name}.png"));
        page.screenshot(&path);
        window(usual);
        if self.keeping {
            shrink(&path);
        }
        self.taken.insert(name);
    }
}

/// What is kept: as high as one may still want to scroll, in few colours.
fn shrink(path: &Path) {
    let picture = image::open(path).unwrap().into_rgb8();
    let height = picture.height().min(MAX_HEIGHT);
    let top = imageops::crop_imm(&picture, 0, 0, picture.width(), height).to_image();
    fs::write(path, small::png(&top)).unwrap();
}

#[test]
fn thirteen_pages_are_shown() {
    let temporary = tempfile::tempdir().unwrap();
    let shown = root().join("docs/screens");
    let writing = std::env::var("OSTOJA_SCREENS").is_ok_and(|value| value == "write");
    let folder = if writing { shown.clone() } else { temporary.path().to_owned() };
    let mut camera = Camera { folder: folder.clone(), keeping: writing, taken: BTreeSet::new() };
    photograph(&mut camera);
    assert_eq!(camera.taken, SCREENS.map(|(name, _)| name).into());
    check(&folder);
}

#[test]
fn the_folder_shows_exactly_these() {
    let folder = root().join("docs/screens");
    check(&folder);
    let there: BTreeSet<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let expected = SCREENS.iter().map(|(name, _)| format!("{name}.png"));
    assert_eq!(there, expected.chain(["README.md".to_owned()]).collect());
    let readme = fs::read_to_string(folder.join("README.md")).unwrap();
    let named: Vec<_> = readme.lines().filter_map(|line| line.strip_prefix("| [")).collect();
    assert_eq!(named.len(), SCREENS.len(), "{named:?}");
    for ((name, width), line) in SCREENS.iter().zip(named) {
        let begins = format!("{name}]({name}.png) | {width} | ");
        assert!(line.starts_with(&begins), "{line:?} is not about {name}");
    }
    let bytes: u64 = there.iter().map(|name| fs::metadata(folder.join(name)).unwrap().len()).sum();
    assert!(bytes < MAX_BYTES, "together they have {bytes} bytes");
}

/// Each picture is there, has its width, and shows something down to its end.
fn check(folder: &Path) {
    for (name, width) in SCREENS {
        let picture = image::open(folder.join(format!("{name}.png"))).unwrap().into_rgb8();
        assert_eq!(picture.width(), width, "{name}");
        assert!(picture.height() >= 600, "{name} is {} high", picture.height());
        // The footer has a ground of its own, so a page that ends with it was painted to its end.
        let (ground, paper) = (
            picture.get_pixel(0, picture.height() - 1),
            picture.get_pixel(0, picture.height() / 2),
        );
        assert!(
            ground != paper || picture.height() >= MAX_HEIGHT,
            "{name} is not painted to its end"
        );
        let marks = picture.pixels().filter(|point| *point != paper).count();
        assert!(marks * 50 > picture.pixels().len(), "{name} is blank: {marks} marks");
    }
}

/// One case from the home page to the clerk's call, with a stop at each of twelve; and an account that is to be erased.
fn photograph(camera: &mut Camera) {
    let stage = Stage::open();
    let staff = stage.staff();
    let anna = resident::arrives(&stage, "Anna", "Wierzbowska");
    confirm(&stage, &staff.page, &anna.page, "Wierzbowska");
    let stranger = stage.actor();
    for (path, name) in
        [("/", "01-home"), ("/sprawy", "02-catalogue"), ("/sprawy/srod-drzewa-zgl", "03-procedure")]
    {
        stranger.page.goto(&stage.url(path));
        camera.take(&stranger.page, name);
    }

    let page = &anna.page;
    resident::begin(&stage, page);
    resident::mistake(page);
    camera.take(page, "04-error-phone");
    resident::to_trees(page);
    resident::trees(page);
    camera.take(page, "05-trees-phone");
    resident::rest(page);
    camera.take(page, "06-check-phone");
    page.follow("text=Złóż i podpisz kluczem");
    let (number, case) = resident::confirmed(page);
    camera.take(page, "07-confirmation");

    let desk = &staff.page;
    open_case(&stage, desk, &number);
    desk.follow("form.take button");
    desk.follow("ul.tasks a[href$='/wezwij']");
    fill_call(desk);
    camera.take(desk, "11-call");
    desk.follow("form#f-act button.btn");
    desk.follow("text=Potwierdź kluczem dostępu");
    act(desk, "doreczono", || fill_date(desk, "served", today()));
    page.goto(&stage.url(&format!("/moje-sprawy/{case}")));
    camera.take(page, "08-my-case-phone");
    open_case(&stage, desk, &number);
    camera.take(desk, "10-office-case");
    desk.goto(&stage.url("/urzad/skrzynka"));
    camera.take(desk, "09-inbox");

    stranger.page.media("screen", &[("prefers-color-scheme", "dark")]);
    stranger.page.goto(&stage.url("/styl"));
    // The others are on the journeys' way.
    sound(&stranger.page);
    camera.take(&stranger.page, "12-styl-dark");
    erasure(&stage, desk);
    camera.take(desk, "13-erasure");
    stage.close();
}

/// A resident closes their account and asks for its data to go; the clerk proposes it.
fn erasure(stage: &Stage, desk: &Page) {
    let jan = resident::arrives(stage, "Jan", "Kalina");
    jan.page.goto(&stage.url("/konto/zamknij"));
    jan.page.check("[name=sure]");
    jan.page.follow("main form button.btn.danger");
    desk.goto(&stage.url("/urzad/mieszkancy"));
    desk.fill("label=Początek nazwiska", "Kalina");
    desk.follow("text=Szukaj");
    desk.follow("text=Kalina");
    desk.follow("text=Usuń dane tego konta");
    desk.check("[name=ground][value='2']");
    desk.fill("[name=basis]", "art. 17 ust. 1 lit. b RODO, prośba z dziś");
    desk.follow("text=Zaproponuj usunięcie");
}
