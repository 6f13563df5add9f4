//! Terms, reminders and the pale part of the timeline, at real dates.

use super::*;

fn found(case: &CaseState, today: &str) -> Vec<String> {
    clocks(case, day(today), rules())
        .iter()
        .map(|clock| {
            format!(
                "{:?}{} {} {:?}",
                clock.name,
                clock.tree.map(|id| format!("#{id}")).unwrap_or_default(),
                clock.deadline.raw,
                clock.state
            )
        })
        .collect()
}

fn future(case: &CaseState, today: &str) -> Vec<String> {
    timeline_future(case, day(today), rules())
        .iter()
        .map(|step| format!("{} {:?} {:?}", step.on, step.what, step.trees))
        .collect()
}

#[test]
fn the_inspection_clock_starts_with_the_notice_and_gives_nobody_a_right() {
    let states = States::new();
    assert_eq!(found(&states.filed, "2026-11-23"), ["Inspection 2026-12-14 Running"]);
    assert_eq!(found(&states.filed, "2026-12-14"), ["Inspection 2026-12-14 Running"]);
    assert_eq!(found(&states.filed, "2026-12-15"), ["Inspection 2026-12-14 Lapsed"]);
    assert_eq!(standing(&states.awaiting, day("2026-12-15"), rules()), Standing::InspectionOverdue);
    for tree in &states.awaiting.trees {
        assert_eq!(
            removal(&states.awaiting, tree, day("2028-01-01"), rules()),
            Removal::NotInspected
        );
    }
}

#[test]
fn a_call_interrupts_when_it_is_served_and_the_supplement_starts_anew() {
    let states = States::new();
    assert_eq!(found(&states.called, "2026-11-25"), ["Inspection 2026-12-14 Running"]);
    assert_eq!(
        found(&states.incomplete, "2026-11-27"),
        ["Inspection 2026-12-14 Interrupted", "Supplement 2026-12-03 Running"]
    );
    assert_eq!(
        found(&states.kpa_defect, "2026-11-27"),
        ["Inspection 2026-12-14 Interrupted", "Summons 2026-12-03 Running"]
    );
    let cured =
        after(&states.incomplete, &[("2026-12-02", supplement("2026-12-01", "2026-12-02"))]);
    assert_eq!(found(&cured, "2026-12-02"), ["Inspection 2026-12-23 Running"]);
    // Before the service nothing was interrupted.
    let early = after(&states.called, &[("2026-11-25", supplement("2026-11-25", "2026-11-25"))]);
    assert_eq!(found(&early, "2026-11-25"), ["Inspection 2026-12-14 Running"]);
    assert_eq!(
        standing(&states.incomplete, day("2026-12-04"), rules()),
        Standing::SupplementLapsed
    );
    assert_eq!(
        found(&states.objection_due, "2026-12-04"),
        [
            "Inspection 2026-12-14 Interrupted",
            "Supplement 2026-12-03 Lapsed",
            "ObligatoryObjection 2026-12-17 Running"
        ]
    );
}

#[test]
fn the_inspection_starts_three_clocks_for_each_tree() {
    let states = States::new();
    assert_eq!(
        found(&states.half, "2026-12-10"),
        [
            "Inspection 2026-12-14 Running",
            "Objection#1 2026-12-24 Running",
            "Validity#1 2027-06-10 Running"
        ]
    );
    let later = after(&states.half, &[("2026-12-14", inspect("2026-12-14", &[2]))]);
    assert_eq!(
        found(&later, "2026-12-14"),
        [
            "Inspection 2026-12-14 Met(2026-12-14)",
            "Objection#1 2026-12-24 Running",
            "Objection#2 2026-12-28 Running",
            "Validity#1 2027-06-10 Running",
            "Validity#2 2027-06-14 Running"
        ]
    );
}

#[test]
fn suspension_keeps_the_days_that_were_left() {
    let states = States::new();
    assert_eq!(
        found(&states.suspended, "2027-01-30")[1..3],
        ["Objection#1 2026-12-24 Frozen", "Objection#2 2026-12-24 Frozen"]
    );
    assert_eq!(future(&states.suspended, "2026-12-20"), ["2027-06-10 RemoveUntil [1, 2]"]);
    let tree = states.suspended.tree(1).unwrap();
    assert_eq!(removal(&states.suspended, tree, day("2027-03-01"), rules()), Removal::Suspended);
    // Suspended on 14 December with ten days left, resumed on 1 February: ten days from there.
    let resumed =
        after(&states.suspended, &[("2027-02-01", Command::Resume { on: day("2027-02-01") })]);
    assert_eq!(found(&resumed, "2027-02-01")[1], "Objection#1 2027-02-11 Running");
}

#[test]
fn a_remand_starts_the_fourteen_days_anew_and_not_the_six_months() {
    let states = States::new();
    let remanded = after(
        &states.appealed,
        &[("2027-02-01", Command::Remand { trees: vec![1], files_arrived_on: day("2027-02-01") })],
    );
    let clocks = found(&remanded, "2027-02-01");
    assert!(clocks.contains(&"Objection#1 2027-02-15 Running".to_owned()), "{clocks:?}");
    assert!(clocks.contains(&"Validity#1 2027-06-10 Running".to_owned()), "{clocks:?}");
    let tree = remanded.tree(1).unwrap();
    assert_eq!(
        removal(&remanded, tree, day("2027-02-10"), rules()),
        Removal::TermRunning { from: day("2027-02-16") }
    );
}

#[test]
fn reminders_come_before_the_safe_day() {
    let states = States::new();
    let said = |case: &CaseState, today: &str| {
        alarms(case, day(today), rules())
            .iter()
            .map(|alarm| {
                format!("{} {:?} -{} {}", alarm.on, alarm.clock, alarm.days_before, alarm.due)
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(
        said(&states.awaiting, "2026-11-24"),
        [
            "2026-12-04 Inspection -10 2026-12-14",
            "2026-12-07 Inspection -7 2026-12-14",
            "2026-12-11 Inspection -3 2026-12-14"
        ]
    );
    // Christmas: the raw end is the 24th, the last safe day the 23rd.
    let one = after(&states.inspected, &[("2026-12-11", certify(&[2], "2026-12-11"))]);
    assert_eq!(
        said(&one, "2026-12-11"),
        [
            "2026-12-16 Objection -7 2026-12-23",
            "2026-12-20 Objection -3 2026-12-23",
            "2026-12-22 Objection -1 2026-12-23"
        ]
    );
    assert_eq!(said(&states.silent, "2026-12-29"), [] as [&str; 0]);
    assert_eq!(said(&states.suspended, "2026-12-15"), [] as [&str; 0]);
}

#[test]
fn the_future_is_told_by_date() {
    let states = States::new();
    assert_eq!(future(&states.filed, "2026-11-23"), ["2026-12-14 InspectionUntil []"]);
    assert_eq!(future(&states.awaiting, "2026-12-01"), ["2026-12-10 InspectionOn []"]);
    assert_eq!(future(&states.awaiting, "2026-12-11"), ["2026-12-14 InspectionUntil []"]);
    assert_eq!(future(&states.incomplete, "2026-11-27"), ["2026-12-03 SupplementUntil []"]);
    assert_eq!(
        future(&states.inspected, "2026-12-11"),
        [
            "2026-12-28 ObjectionUntil [1, 2]",
            "2026-12-29 MayRemoveFrom [1, 2]",
            "2027-06-10 RemoveUntil [1, 2]"
        ]
    );
    assert_eq!(
        future(&states.certified, "2026-12-11"),
        [
            "2026-12-28 ObjectionUntil [2]",
            "2026-12-29 MayRemoveFrom [2]",
            "2027-06-10 RemoveUntil [1, 2]"
        ]
    );
    let removed = after(&states.silent, &[("2027-01-04", remove(&[1, 2], "2027-01-04"))]);
    assert_eq!(future(&removed, "2027-01-04"), ["2031-12-10 FeeWatchUntil [1, 2]"]);
    let delivered = after(&states.objected, &[("2026-12-17", served(&[1], "2026-12-17"))]);
    assert!(future(&delivered, "2026-12-18").contains(&"2026-12-31 AppealUntil [1]".to_owned()));
}

#[test]
fn the_gate_opens_only_when_the_register_is_closed() {
    let states = States::new();
    let tree = states.inspected.tree(1).unwrap();
    let gate = |on: &str| removal(&states.inspected, tree, day(on), rules());
    assert_eq!(gate("2026-12-28"), Removal::TermRunning { from: day("2026-12-29") });
    assert_eq!(gate("2026-12-29"), Removal::RegisterOpen);
    assert_eq!(standing(&states.inspected, day("2026-12-29"), rules()), Standing::SilenceToNote);
    let tree = states.silent.tree(1).unwrap();
    let gate = |on: &str| removal(&states.silent, tree, day(on), rules());
    assert_eq!(gate("2026-12-28"), Removal::TermRunning { from: day("2026-12-29") });
    assert_eq!(
        gate("2026-12-29"),
        Removal::Allowed { since: day("2026-12-29"), until: day("2027-06-10") }
    );
    assert_eq!(gate("2027-06-11"), Removal::Expired { on: day("2027-06-10") });
    assert_eq!(standing(&states.silent, day("2026-12-29"), rules()), Standing::Answered);
}

#[test]
fn a_damaged_state_does_not_open_the_gate() {
    let states = States::new();
    let mut case = states.objected.clone();
    case.trees[0].stage = TreeStage::SilentConsent;
    case.trees[0].silent_from = Some(day("2026-12-29"));
    assert_eq!(removal(&case, &case.trees[0], day("2027-01-04"), rules()), Removal::Objected);
}

#[test]
fn states_survive_storage() {
    let states = States::new();
    for case in
        [&states.draft, &states.incomplete, &states.suspended, &states.certified, &states.appealed]
    {
        let stored = serde_json::to_string(case).unwrap();
        assert_eq!(&serde_json::from_str::<CaseState>(&stored).unwrap(), case);
    }
}
