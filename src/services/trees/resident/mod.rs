//! The resident's side of the counter: drafts, the form step by step, filing, and one's own cases.
//!
//! Only the owner of a draft or a case sees it; for everybody else it does not exist.

mod acts;
mod ask;
mod case;
mod check;
pub(super) mod drafts;
mod files;
pub(super) mod filing;
mod pages;
mod sign;
mod steps;

use crate::{
    kernel::identity::{Action, Level, Role, Who},
    web::Route,
};

/// Who may prepare: any account. A draft is nobody's evidence.
const DECLARED: Who = Who::Resident(Level::Declared);
/// Who sees where a notice begins: the start page of the matter leads everybody there, and staff are told why they
/// file with an account of their own as residents.
const BEGINNER: Who =
    Who::Either(Level::Declared, &[Role::Administrator, Role::Clerk, Role::Editor, Role::Auditor]);
/// Who may act before the office: the office has seen an identity document once.
const VERIFIED: Who = Who::Resident(Level::Verified);

pub static FILE: Action =
    Action { name: "trees.file", who: VERIFIED, sentence: "audit-trees-file" };
pub static MESSAGE: Action =
    Action { name: "trees.message", who: VERIFIED, sentence: "audit-trees-message" };
pub static SUPPLEMENT: Action =
    Action { name: "trees.supplement", who: VERIFIED, sentence: "audit-trees-supplement" };
pub static WITHDRAW: Action =
    Action { name: "trees.withdraw", who: VERIFIED, sentence: "audit-trees-withdraw" };
pub static REMOVED: Action =
    Action { name: "trees.report-removal", who: VERIFIED, sentence: "audit-trees-report-removal" };

pub(super) static ACTIONS: &[&Action] = &[&FILE, &MESSAGE, &SUPPLEMENT, &WITHDRAW, &REMOVED];

pub(super) static ROUTES: &[Route] = &[
    Route::look("/sprawy/srod-drzewa-zgl/nowa", BEGINNER, drafts::mine),
    Route::draft("/sprawy/srod-drzewa-zgl/nowa", DECLARED, drafts::begin),
    Route::look("/szkice/{draft}/{step}", DECLARED, steps::show),
    Route::draft("/szkice/{draft}/{step}", DECLARED, steps::save).with_files(),
    Route::look("/szkice/{draft}/pliki/{upload}", DECLARED, steps::thumbnail),
    Route::look("/szkice/{draft}/usun", DECLARED, drafts::ask_to_drop),
    Route::draft("/szkice/{draft}/usun", DECLARED, drafts::drop_it),
    Route::look("/szkice/{draft}/sprawdz", DECLARED, check::show),
    Route::look("/szkice/{draft}/wyslij", DECLARED, check::back),
    Route::act("/szkice/{draft}/wyslij", &FILE, filing::by_session),
    Route::draft("/szkice/{draft}/podpis/start", VERIFIED, sign::start),
    Route::act("/szkice/{draft}/podpis/gotowe", &FILE, sign::finish),
    Route::look("/moje-sprawy", DECLARED, pages::list),
    Route::look("/moje-sprawy/{case}", DECLARED, pages::show),
    Route::look("/moje-sprawy/{case}/potwierdzenie", DECLARED, pages::confirmation),
    Route::look("/moje-sprawy/{case}/dowod", DECLARED, pages::proof),
    Route::look("/moje-sprawy/{case}/pliki/{n}", DECLARED, files::original),
    Route::look("/moje-sprawy/{case}/pliki/{n}/podglad", DECLARED, files::shown),
    Route::look("/moje-sprawy/{case}/pliki/{n}/miniatura", DECLARED, files::thumbnail),
    Route::look("/moje-sprawy/{case}/wiadomosc", DECLARED, acts::message_page),
    Route::act("/moje-sprawy/{case}/wiadomosc", &MESSAGE, acts::message).with_files(),
    Route::look("/moje-sprawy/{case}/uzupelnienie", DECLARED, acts::supplement_page),
    Route::act("/moje-sprawy/{case}/uzupelnienie", &SUPPLEMENT, acts::supplement).with_files(),
    Route::look("/moje-sprawy/{case}/wycofaj", DECLARED, acts::withdraw_page),
    Route::act("/moje-sprawy/{case}/wycofaj", &WITHDRAW, acts::withdraw),
    Route::look("/moje-sprawy/{case}/usuniete", DECLARED, acts::removed_page),
    Route::act("/moje-sprawy/{case}/usuniete", &REMOVED, acts::removed),
];
