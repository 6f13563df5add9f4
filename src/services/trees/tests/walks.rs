//! Random walks: whatever is tried in whatever order, the gate stays shut for a tree with an objection.

use std::collections::BTreeSet;

use jiff::ToSpan;
use proptest::prelude::*;

use super::*;

/// A command made from a number: mostly sensible, sometimes not, so that walks get deep and doors get rattled.
fn command_from(seed: u64, today: Date) -> Command {
    let pick = |shift: u32, of: u64| (seed >> shift) % of;
    let near =
        |shift: u32| today.saturating_sub(i64::try_from(pick(shift, 5)).unwrap_or_default().days());
    let trees: Vec<u64> = match pick(8, 6) {
        0 => vec![1],
        1 => vec![2],
        2 => vec![3],
        3 => vec![1, 2],
        4 => vec![1, 2, 3],
        _ => vec![pick(12, 5)],
    };
    let on = near(16);
    match pick(0, 28) {
        0 => Command::Take,
        1 | 2 => Command::Accept,
        3 => call_on(if pick(20, 2) == 0 { Track::Element } else { Track::Formal }, on),
        4 => Command::CallServed { on },
        5 => Command::Supplement { sent_on: near(20), received_on: on },
        6 => Command::NoteLapse,
        7 if pick(20, 6) == 0 => {
            Command::Forward { to: "WKZ".to_owned(), reason: "x".to_owned(), on }
        }
        8 if pick(20, 6) == 0 => Command::RefuseToOpen { reason: "x".to_owned(), on },
        9 => Command::PlanInspection { on: today.saturating_add(8.days()), served_on: on },
        10..=12 => inspect_from(seed, trees, on),
        13 | 14 => object_from(seed, trees, on, near(20)),
        15 => Command::ObjectionServed { trees, on },
        16 => Command::Appeal { trees, sent_on: near(20), received_on: on },
        17 => Command::Remand { trees, files_arrived_on: on },
        18 => Command::Quash { trees, on },
        19 => {
            let how = [Finality::Lapse, Finality::Waiver, Finality::Upheld]
                [usize::try_from(pick(24, 3)).unwrap()];
            Command::MakeFinal { trees, how, on }
        }
        20 => Command::Certify { trees, on, requested: pick(24, 2) == 0, fee_proof: None },
        21 => Command::NoteSilence { trees, register_closed_through: on },
        22 => {
            let cause = [Cause::UnderThreshold, Cause::Exempt, Cause::Gone]
                [usize::try_from(pick(24, 3)).unwrap()];
            Command::Discontinue { trees, cause, remark: "x".to_owned(), on }
        }
        23 => match pick(24, 3) {
            0 => Command::Suspend { ground: SuspensionGround::OnRequest, on },
            _ => Command::Resume { on },
        },
        24 if pick(24, 8) == 0 => Command::Withdraw { on },
        25 if pick(24, 2) == 0 => Command::NoteExpiry { trees },
        26 => Command::AddPhoto { tree: pick(12, 5) },
        27 => records::aside_from(pick(24, 3), on),
        _ => Command::ReportRemoval { trees, on },
    }
}

fn inspect_from(seed: u64, trees: Vec<u64>, on: Date) -> Command {
    let girth = if (seed >> 24).is_multiple_of(4) { 400 } else { 810 };
    let findings = trees.iter().map(|tree| Finding { stems_5_mm: vec![girth], ..finding(*tree) });
    Command::Inspect(Inspection {
        on,
        findings: findings.collect(),
        ..inspection("2026-01-01", vec![])
    })
}

fn object_from(seed: u64, trees: Vec<u64>, dispatched_on: Date, signed_on: Date) -> Command {
    let ground =
        if (seed >> 24).is_multiple_of(3) { Ground::NotSupplemented } else { Ground::LocalPlan };
    let channel =
        if (seed >> 28).is_multiple_of(4) { Channel::PortalAccount } else { Channel::Post };
    let doubt = (seed >> 30).is_multiple_of(2).then(|| "radca".to_owned());
    let base = objection(&[], "2026-01-01");
    Command::Object(ObjectionAct {
        trees,
        ground,
        signed_on,
        dispatched_on,
        channel,
        doubt,
        ..base
    })
}

fn call_on(track: Track, issued_on: Date) -> Command {
    Command::Call { track, missing: vec!["rysunek".to_owned()], issued_on }
}

/// What must hold of every tree in every state that can be reached.
fn check_tree(
    case: &CaseState,
    before: Option<&Tree>,
    tree: &Tree,
    today: Date,
    rules: &TreeRules,
) {
    let gate = removal(case, tree, today, rules);
    let open = matches!(gate, Removal::Allowed { .. });
    let entitled = matches!(
        tree.stage,
        TreeStage::Certified | TreeStage::SilentConsent | TreeStage::NoObjection
    );
    assert!(!open || entitled, "{tree:?}");
    assert!(!open || tree.inspected_on.is_some_and(|on| on <= today), "{tree:?}");
    let objected = matches!(tree.stage, TreeStage::Objected | TreeStage::ObjectionFinal);
    assert_eq!(tree.standing_objection().is_some(), objected, "{tree:?}");
    assert!(!(open && tree.standing_objection().is_some()), "{tree:?}");
    if let Some(objection) = tree.standing_objection() {
        let ends = tree
            .objection_from
            .map(|from| rules.objection.from_paused(from, tree.pause_days, &rules.calendar));
        assert!(
            ends.is_none_or(|deadline| objection.dispatched_on <= deadline.shifted),
            "late: {tree:?}"
        );
        assert!(!matches!(objection.channel, Channel::PortalAccount | Channel::OtherOperator));
    }
    if let Some(certificate) = &tree.certificate {
        assert!(
            tree.standing_objection().is_none(),
            "an objection after the certificate of {certificate:?}"
        );
    }
    // A tree is removed only through the open gate.
    if let (Some(before), Some(on)) = (before, tree.removed_on)
        && before.removed_on.is_none()
    {
        assert!(
            before.standing_objection().is_none()
                && before.inspected_on.is_some_and(|inspected| inspected <= on)
        );
    }
}

fn walk(seeds: &[u64], reached: &mut BTreeSet<TreeStage>) {
    let rules = rules();
    let mut today = day("2026-11-23");
    let mut case = CaseState::draft();
    let filing = Command::Submit { received_on: today, trees: vec![1, 2, 3] };
    case = decide(&case, &filing, today, rules).unwrap().state;
    for seed in seeds {
        today = today.saturating_add(i64::try_from((seed >> 40) % 7).unwrap_or_default().days());
        let command = command_from(*seed, today);
        let Ok(decision) = decide(&case, &command, today, rules) else { continue };
        for tree in &decision.state.trees {
            check_tree(&decision.state, case.tree(tree.id), tree, today, rules);
            reached.insert(tree.stage);
        }
        case = decision.state;
        // The readers of a state never fail, whatever it is.
        assert!(clocks(&case, today, rules).len() < 40);
        assert!(timeline_future(&case, today, rules).iter().all(|step| step.on >= today));
        assert!(alarms(&case, today, rules).is_sorted());
        assert_ne!(standing(&case, today, rules), Standing::Draft);
    }
}

/// A fixed sequence of numbers (splitmix64), so that a failure repeats.
fn numbers(start: u64, count: usize) -> Vec<u64> {
    let mut state = start;
    let next = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    };
    std::iter::repeat_with(next).take(count).collect()
}

#[test]
fn two_thousand_walks_reach_every_state_and_break_no_promise() {
    let mut reached = BTreeSet::new();
    for start in 0..2_000 {
        walk(&numbers(start, 80), &mut reached);
    }
    let all = [
        TreeStage::Noticed,
        TreeStage::Inspected,
        TreeStage::Discontinued,
        TreeStage::Certified,
        TreeStage::SilentConsent,
        TreeStage::Objected,
        TreeStage::ObjectionFinal,
        TreeStage::NoObjection,
        TreeStage::Removed,
        TreeStage::Expired,
        TreeStage::Withdrawn,
    ];
    assert_eq!(reached, BTreeSet::from(all), "the walks are not deep enough to prove anything");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn no_sequence_opens_the_gate_for_an_objected_tree(seeds in proptest::collection::vec(any::<u64>(), 0..120)) {
        walk(&seeds, &mut BTreeSet::new());
    }
}
