//! The trees of a case as a table for staff: what was noticed, what the inspection found, what was decided, when
//! and by which proof, and the pictures of the inspection.

use jiff::civil::Date;

use super::{aside::ABOUT, case::href, offer::Bench, verbs::Verb};
use crate::{
    services::trees::{
        Certificate, Objection, Position, common::say, deadlines::fee_watch, model::CaseFile,
        removal, state::Tree,
    },
    web::chrome::Chrome,
};

/// One tree of the table.
pub struct TreeRow {
    pub id: String,
    pub stage: String,
    pub species: String,
    pub stems: String,
    pub details: Vec<String>,
    pub removal: String,
    /// Pictures taken at the inspection.
    pub photos: Vec<Photo>,
    /// Where one is added; empty as long as nobody looked at the tree.
    pub photo_href: String,
}

/// A picture of the inspection.
pub struct Photo {
    pub shown: String,
    pub thumbnail: String,
    pub alt: String,
}

/// The rows of all trees.
pub fn rows(c: &Chrome, bench: &Bench<'_>, path: &str) -> Vec<TreeRow> {
    bench.state().trees.iter().map(|tree| row(c, bench, tree, path)).collect()
}

fn row(c: &Chrome, bench: &Bench<'_>, tree: &Tree, path: &str) -> TreeRow {
    let lang = c.lang.code();
    let named = |id: &str| {
        bench
            .definition
            .species(id)
            .map_or_else(|| id.to_owned(), |kind| kind.name.wording(lang).text)
    };
    let centimetres = |stems: &[u32]| {
        let one = |mm: &u32| {
            let mark = c.lang.decimal_mark();
            if mm.is_multiple_of(10) {
                (mm / 10).to_string()
            } else {
                format!("{}{mark}{}", mm / 10, mm % 10)
            }
        };
        stems.iter().map(one).collect::<Vec<_>>().join("; ")
    };
    let mut stems = Vec::new();
    if !tree.stems_5_mm.is_empty() {
        stems.push(c.plain1("trees-office-stems5", "cm", centimetres(&tree.stems_5_mm)));
    }
    if !tree.stems_130_mm.is_empty() {
        stems.push(c.plain1("trees-office-stems130", "cm", centimetres(&tree.stems_130_mm)));
    }
    TreeRow {
        id: tree.id.to_string(),
        stage: say(c, &tree.stage.message()),
        species: match (tree.species.as_deref(), noticed(bench, tree)) {
            (Some(kind), _) => named(kind),
            (None, Some(kind)) => c.plain1("trees-office-as-noticed", "species", named(&kind)),
            (None, None) => String::new(),
        },
        stems: stems.join(", "),
        details: details(c, bench, tree),
        photos: photos(c, bench, tree, path),
        photo_href: photo_href(bench, tree, path),
        removal: say(c, &removal(bench.state(), tree, bench.today, bench.rules).message()),
    }
}

/// The kind the resident wrote, which binds nobody.
fn noticed(bench: &Bench<'_>, tree: &Tree) -> Option<String> {
    let at = bench.state().trees.iter().position(|other| other.id == tree.id)?;
    let answers = &bench.case.answers.0;
    answers.get(&format!("trees[{at}].species")).and_then(|values| values.first()).cloned()
}

fn details(c: &Chrome, bench: &Bench<'_>, tree: &Tree) -> Vec<String> {
    let day = |key: &str, day: Option<Date>| day.map(|day| c.plain1(key, "day", c.day(day)));
    let mut lines: Vec<String> = Vec::new();
    lines.extend(day("trees-office-inspected", tree.inspected_on));
    lines.extend(tree.gone.then(|| c.plain("trees-office-gone")));
    let over = bench.rules.is_over_limit(tree.species.as_deref(), &tree.stems_5_mm);
    lines.extend(
        over.map(|over| c.plain(if over { "trees-office-over" } else { "trees-office-under" })),
    );
    let monument = tree
        .species
        .as_deref()
        .and_then(|kind| bench.rules.meets_monument_girth(kind, &tree.stems_130_mm));
    lines.extend(monument.filter(|meets| *meets).map(|_| c.plain("trees-office-monument")));
    lines.extend(
        tree.position.map(|place| c.plain1("trees-office-position", "place", at(c, place))),
    );
    if let Some(certificate) = &tree.certificate {
        lines.extend(certified(c, certificate));
    }
    lines.extend(day("trees-office-silent", tree.silent_from));
    lines.extend(day("trees-office-silence-noted", tree.silence_noted_on));
    if let Some(objection) = &tree.objection {
        lines.extend(objected(c, objection));
    }
    lines.extend(day("trees-office-removed", tree.removed_on));
    lines.extend(day("trees-office-removal-reported", tree.removal_reported_on));
    let watch = fee_watch(tree, bench.rules).filter(|_| tree.removed_on.is_some());
    lines.extend(
        watch.map(|deadline| {
            c.plain1("trees-office-fee-watch", "day", c.day(deadline.planning_day()))
        }),
    );
    lines.extend(Some(tree.remarks.clone()).filter(|remarks| !remarks.is_empty()));
    lines
}

/// An objection on its way: signed, dispatched, delivered, and what became of it.
fn objected(c: &Chrome, objection: &Objection) -> Vec<String> {
    let day = |key: &str, day: Option<Date>| day.map(|day| c.plain1(key, "day", c.day(day)));
    let mut lines = Vec::new();
    lines.push(format!("{} ({})", say(c, &objection.ground.message()), objection.ground.basis()));
    lines.push(c.plain2(
        "trees-office-signed",
        "day",
        c.day(objection.signed_on),
        "who",
        &objection.signatory,
    ));
    lines.push(c.plain2(
        "trees-office-dispatched",
        "day",
        c.day(objection.dispatched_on),
        "how",
        say(c, &objection.channel.message()),
    ));
    lines.push(c.plain1("trees-office-evidence", "evidence", &objection.evidence));
    lines.extend(
        objection.doubt.as_ref().map(|doubt| c.plain1("trees-office-doubt", "doubt", doubt)),
    );
    lines.extend(day("trees-office-delivered", objection.delivered_on));
    lines.extend(day("trees-office-appealed", objection.appealed_on));
    lines.extend(day("trees-office-final", objection.final_on));
    lines.extend(day("trees-office-set-aside", objection.set_aside_on));
    lines
}

fn certified(c: &Chrome, certificate: &Certificate) -> Vec<String> {
    let how =
        if certificate.requested { "trees-office-on-request" } else { "trees-office-ex-officio" };
    let proof = match &certificate.fee_proof {
        Some(proof) => Some(c.plain1("trees-office-fee-proof", "proof", proof)),
        None => certificate.requested.then(|| c.plain("trees-office-no-fee-proof")),
    };
    let issued =
        c.plain2("trees-office-certified", "day", c.day(certificate.on), "how", c.plain(how));
    std::iter::once(issued).chain(proof).collect()
}

/// "53,123450 17,654320", in the way of the language.
fn at(c: &Chrome, place: Position) -> String {
    let degrees = |value: i64| {
        let sign = if value < 0 { "-" } else { "" };
        let (whole, rest) = (value.abs() / 1_000_000, value.abs() % 1_000_000);
        format!("{sign}{whole}{}{rest:06}", c.lang.decimal_mark())
    };
    // The two stay on one line.
    format!("{}\u{a0}{}", degrees(place.latitude), degrees(place.longitude))
}

fn photos(c: &Chrome, bench: &Bench<'_>, tree: &Tree, path: &str) -> Vec<Photo> {
    let of_tree =
        |(_, file): &(usize, &CaseFile)| file.tree == Some(tree.id) && file.thumbnail.is_some();
    let photo = |(n, file): (usize, &CaseFile)| Photo {
        shown: format!("{path}/pliki/{n}/podglad"),
        thumbnail: format!("{path}/pliki/{n}/miniatura"),
        alt: c.plain1("trees-office-picture", "name", &file.name),
    };
    bench.case.files.iter().enumerate().filter(of_tree).map(photo).collect()
}

fn photo_href(bench: &Bench<'_>, tree: &Tree, path: &str) -> String {
    if tree.inspected_on.is_none() || bench.state().has_ended() {
        return String::new();
    }
    format!("{}?{ABOUT}={}", href(path, Verb::Photo), tree.id)
}
