//! Notices of the made-up commune.

use uuid::Uuid;

use super::{PUBLISH, WRITE, model::NoticeId, rules};
use crate::kernel::{
    clock::days_before,
    identity::{Actor, PersonId},
    store::{Change, Fault, Op, Refusal, Store},
};

const NOTICES: [(&str, &str, bool); 4] = [
    (
        "Przerwa w dostawie wody w Dębinie",
        "W poniedziałek od 8:00 do 14:00 nie będzie wody w Dębinie i na ulicy Polnej. Beczkowóz stanie przy szkole.\n\nZa utrudnienia przepraszamy.",
        true,
    ),
    (
        "Zmiana godzin pracy kasy",
        "Od grudnia kasa urzędu jest czynna w poniedziałki od 9:00 do 16:30, w inne dni od 8:00 do 14:00.",
        true,
    ),
    (
        "Zgłoszenie wycięcia drzewa załatwisz przez internet",
        "Nie musisz przyjeżdżać do urzędu. Wypełnij [zgłoszenie](/sprawy/srod-drzewa-zgl), dołącz rysunek albo zdjęcie i podpisz je kluczem w telefonie.",
        true,
    ),
    ("Zebranie wiejskie w Sosnówce", "Szkic: czekamy na potwierdzenie sali.", false),
];

/// Writes them as an editor would.
///
/// # Errors
/// The store is unwell.
pub fn populate(store: &Store, editor: PersonId) -> Result<(), Fault> {
    let desk = || store.desk(Actor::Staff(editor));
    for ((title, text, published), age) in NOTICES.into_iter().zip(2i64..) {
        let id = NoticeId(Uuid::now_v7());
        let words = rules::words(title, text)
            .map_err(|_wrong| Fault::new("a notice of the demo is not within limits"))?;
        let written = days_before(store.clock().now(), age);
        let draft = rules::draft(id, words, written);
        desk().save(|_, authority| {
            Ok::<_, Refusal>(Change::new(authority.permit(&WRITE, &[])?, Op::put(&draft)))
        })?;
        if published {
            let shown = rules::publish(&draft, written).map_err(Fault::new)?;
            desk().save(|_, authority| {
                Ok::<_, Refusal>(Change::new(authority.permit(&PUBLISH, &[])?, Op::put(&shown)))
            })?;
        }
    }
    Ok(())
}
