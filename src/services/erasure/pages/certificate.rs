//! The paper that says what was erased, on whose word, and how anybody can check it; and the files it rests on.
//!
//! It is given only where the proof of the order and of its end hold here and now, and never where what was
//! overwritten may live on in the file system.

use askama::Template;
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

use super::{HOME, below, class_text, file_name, ground_text, propose, row, show};
use crate::{
    kernel::{
        crypto::hex,
        erasure::{Erasure, OFFICERS},
        journal::{Seq, entry::leaf},
        log::proof::ProofFile,
        store::{Fault, Refusal, record::Record as _},
    },
    services::erasure::rules,
    web::{
        Page, PageError, Route, Visit,
        chrome::{Chrome, Link},
        i18n::Markup,
        parts::{self, Answer, Filled},
    },
};

pub static ROUTES: &[Route] = &[
    Route::look("/urzad/usuwanie/{id}/zaswiadczenie", OFFICERS, page),
    Route::look("/urzad/usuwanie/{id}/dowod/{what}", OFFICERS, proof),
];

/// Names of the two proofs in addresses and of their files.
const ORDER: &str = "zlecenie";
const DONE: &str = "wykonanie";

/// Somebody who approved.
pub struct Agreed {
    pub who: String,
    pub when: String,
}

/// An entry as the paper names it.
pub struct Named {
    pub seq: Seq,
    pub leaf: String,
    /// Entries under the checkpoint that covers it, its root, and the log's name.
    pub size: u64,
    pub root: String,
    pub origin: String,
}

#[derive(Template)]
#[template(path = "services/erasure/templates/certificate.html")]
struct CertificatePage {
    c: Chrome,
    rows: Vec<Answer>,
    agreed: Vec<Agreed>,
    done_at: String,
    entries: [(&'static str, Named); 2],
    origin: String,
    address: String,
    qr: Option<Markup>,
    proofs: [String; 2],
    files: [String; 2],
    vkey: String,
}

/// The proof of an entry with the record of the erasure, which names nobody but those who agreed. It is checked before
/// it is given.
fn made(visit: &Visit<'_>, seq: Seq) -> Result<(ProofFile, Named), PageError> {
    let file = visit.proof_of(seq, |_body, kind| kind == Erasure::KIND.number)?;
    let file = file.ok_or_else(|| Refusal::rule("erasure-proof-later"))?;
    let proven = file.verify(&visit.public_log().verifier()).map_err(Fault::new)?;
    let header = BASE64.decode(&file.header).map_err(Fault::new)?;
    let named = Named {
        seq,
        leaf: hex(&leaf(&header)),
        size: proven.checkpoint.size,
        root: BASE64.encode(proven.checkpoint.root),
        origin: proven.checkpoint.origin,
    };
    Ok((file, named))
}

fn page(visit: &Visit<'_>) -> Result<Page, PageError> {
    let it = show::load(visit)?;
    let order = rules::certifiable(&it)?;
    let mut c = below(visit, String::new(), &Filled::new())?;
    let name = file_name(&c, it.class, &it.label);
    let path = format!("{HOME}/{}", it.id);
    c.title = c.plain1("erasure-certificate-of", "file", &name);
    c.crumbs.push(Link { label: c.plain1("erasure-of", "file", &name), href: path.clone() });
    let (_, ordered) = made(visit, order)?;
    let (_, done) = made(visit, show::entry_of(visit, &it)?)?;
    let address = format!("{}{path}/zaswiadczenie", visit.origin());
    let agreed = it.approvals.iter().map(|approval| {
        Ok(Agreed { who: visit.name_of(approval.person)?, when: c.moment(approval.at) })
    });
    Page::html(&CertificatePage {
        rows: facts(&c, &it),
        agreed: agreed.collect::<Result<_, Fault>>()?,
        done_at: it.done_at.map(|at| c.moment(at)).unwrap_or_default(),
        qr: parts::qr(&address, &c.plain("erasure-certificate-qr")),
        proofs: [ORDER, DONE].map(|what| format!("{path}/dowod/{what}")),
        files: [ORDER, DONE].map(|what| file(&it, what)),
        vkey: visit.public_log().verifier().vkey(),
        origin: ordered.origin.clone(),
        entries: [("erasure-certificate-order", ordered), ("erasure-certificate-done", done)],
        address,
        c,
    })
}

fn facts(c: &Chrome, it: &Erasure) -> Vec<Answer> {
    let entries = usize::try_from(it.entries).unwrap_or(usize::MAX);
    let mut rows = vec![row(c, "erasure-column-class", c.plain(class_text(it.class)))];
    if !it.label.is_empty() {
        rows.push(row(c, "erasure-label", it.label.as_str()));
    }
    rows.push(row(c, "erasure-erased-counts", propose::contents(c, entries, it.bodies, it.blobs)));
    rows.push(row(c, "erasure-why", c.plain(ground_text(it.ground))));
    rows.push(row(c, "erasure-basis", it.basis.as_str()));
    rows.extend(it.consent.as_deref().map(|consent| row(c, "erasure-consent", consent)));
    rows
}

fn file(it: &Erasure, what: &str) -> String {
    let id = it.id.to_string();
    let end = id.rsplit('-').next().unwrap_or_default();
    format!("usuniecie-{end}-{what}.ostoja-proof")
}

/// The proof of the order, or that it was carried out, as a file.
fn proof(visit: &Visit<'_>) -> Result<Page, PageError> {
    let it = show::load(visit)?;
    let order = rules::certifiable(&it)?;
    let (what, seq) = match visit.param("what") {
        ORDER => (ORDER, order),
        DONE => (DONE, show::entry_of(visit, &it)?),
        _ => return Err(PageError::unknown()),
    };
    let (proof, _) = made(visit, seq)?;
    let bytes = serde_json::to_vec_pretty(&proof).map_err(Fault::new)?;
    Ok(Page::of("application/json", bytes).download(file(&it, what)))
}
