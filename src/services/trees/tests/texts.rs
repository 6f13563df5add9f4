//! Every state, refusal and caution has its sentence in three languages; every paper its description.

use super::super::super::catalogue::texts_check::{Room, check_room};
use super::*;

#[test]
fn the_room_says_all_it_means() {
    let mut made: Vec<&str> = vec!["trees-species-note"];
    for refusal in Refusal::ALL {
        let (sentence, advice) = refusal.keys();
        made.extend([sentence, advice]);
    }
    check_room("trees", &["trees-"], &made);
}

#[test]
fn every_obstacle_and_caution_is_said() {
    for room in Room::all("trees") {
        for why in Refusal::ALL {
            let refused = Refused { why: *why, tree: Some(2), day: Some(day("2026-12-28")) };
            assert!(room.say(&refused.message()).chars().count() > 15);
            assert!(room.say(&refused.advice()).chars().count() > 15);
        }
        for caution in Caution::ALL {
            assert!(room.say(&caution.message()).chars().count() > 15);
        }
    }
}

#[test]
fn the_polish_sentences_read_well() {
    let rooms = Room::all("trees");
    let polish = rooms.first().unwrap();
    let late =
        Refused { why: Refusal::ObjectionTooLate, tree: Some(2), day: Some(day("2026-12-28")) };
    assert_eq!(
        polish.say(&late.message()),
        "Termin na sprzeciw co do drzewa 2 minął 28 grudnia 2026. Liczy się dzień nadania, nie podpisu."
    );
    let states = States::new();
    let said: Vec<String> = timeline_future(&states.inspected, day("2026-12-11"), rules())
        .iter()
        .map(|step| polish.say(&step.message()))
        .collect();
    assert_eq!(
        said,
        [
            "Do 28 grudnia 2026: urząd może wnieść sprzeciw (drzewa 1, 2).",
            "Od 29 grudnia 2026: możesz usunąć drzewa 1, 2, jeśli nie będzie sprzeciwu i urząd to potwierdzi.",
            "10 czerwca 2027: ostatni dzień ważności zgłoszenia (drzewa 1, 2)."
        ]
    );
    let alarm = alarms(&states.inspected, day("2026-12-11"), rules()).into_iter().last().unwrap();
    assert_eq!(
        polish.say(&alarm.message()),
        "Został 1 dzień do terminu: sprzeciw, 23 grudnia 2026."
    );
    let tree = states.silent.tree(1).unwrap();
    assert_eq!(
        polish.say(&removal(&states.silent, tree, day("2027-01-04"), rules()).message()),
        "Możesz usunąć to drzewo od 29 grudnia 2026 do 10 czerwca 2027."
    );
}

#[test]
fn clocks_are_said_in_every_language() {
    let states = States::new();
    for room in Room::all("trees") {
        for case in [
            &states.incomplete,
            &states.objection_due,
            &states.suspended,
            &states.appealed,
            &states.silent,
        ] {
            for clock in clocks(case, day("2027-01-04"), rules()) {
                assert!(!room.say(&clock.name.message()).is_empty());
                assert!(!room.say(&clock.state.message()).is_empty());
                for sentence in clock.deadline.sentences() {
                    assert!(room.say(&sentence).len() > 10);
                }
            }
        }
    }
}

#[test]
fn every_paper_is_described_in_the_definition() {
    let definition = definition();
    for paper in Paper::ALL {
        assert!(
            definition.documents.iter().any(|document| document.id == paper.id()),
            "{}",
            paper.id()
        );
    }
}
