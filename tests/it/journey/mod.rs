//! The purpose of the whole house, by real people in a real browser against the real program: staff come
//! in by invitation, a resident makes a passkey, is confirmed at the desk, files a matter with a photo
//! and a document, gets a proof that holds without us, is asked for more, is answered, and reads it.
//!
//! ```text
//! desk      a whole case on a desk's screen, to the decision; and one that is withdrawn
//! phone     the resident's half, 360 px wide
//! plain     scripts switched off after the login
//! keyboard  nothing but keys
//! keys      a second key, a second device, leaving everywhere
//! sheets    what is printed, and what a scanner reads off it
//! erasure   what is kept no longer: proposed, approved by two keys, gone, certified; an account that is closed
//! formal    a summons because of a formal defect: it is cured, and it lapses
//! seldom    the acts that few cases need, from the refusal to the expiry
//! crawl     every page that links lead to, wide and narrow
//! colours   where the person chooses the colours, nothing that carries meaning vanishes
//! ```
//!
//! The ways that several of them go are in `resident` and `clerk`; `stage` is what they stand on, and
//! says what must hold on every page that anybody sees.

pub mod clerk;
mod colours;
mod crawl;
mod desk;
mod erasure;
mod formal;
mod keyboard;
mod keys;
mod phone;
mod plain;
mod proof;
pub mod resident;
pub mod seldom;
mod sheets;
mod stage;

pub use clerk::{act, confirm, fill_call, fill_date, open_case, today};
pub use stage::{Actor, Stage, sound, upload};
