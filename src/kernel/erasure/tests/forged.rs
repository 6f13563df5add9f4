//! Orders that nobody gave: written into the journal by somebody who may write there. They are not carried out, and
//! whoever audits the journal says so.

use std::time::Duration;

use super::office::{Office, file};
use crate::kernel::{
    durable::RealDisk,
    erasure::{Erasure, ErasureState, ORDER, approve_content, gather::gather},
    identity::{Action, Actor, Who, evidence::Purpose},
    journal::{
        entry::{self, Assertion},
        verify::{Options, Verdict, verify},
    },
    store::{
        Change, Op, Refusal,
        start::IndexChoice,
        tests::{Memo, memo},
    },
};

/// As the order's action, for anybody: whoever forges asks nobody.
static FORGED: Action = Action { name: ORDER.name, who: Who::Anyone, sentence: ORDER.sentence };

/// An order as the two officers would have given it, for the forger to spoil.
fn honest(office: &mut Office, number: u128) -> (Erasure, entry::Erasure) {
    let id = office.propose(&office.jan, file(number)).unwrap();
    let content = approve_content(&office.store.view(), id).unwrap();
    let assertions = [true, false].map(|anna| {
        let evidence = office.sign(anna, &content, Purpose::Erasure).evidence;
        Assertion {
            staff: [u8::from(anna) + 1; 8],
            enrolment: 1,
            public_key: evidence.public_key.0,
            authenticator_data: evidence.authenticator_data.0,
            client_data: evidence.client_data.0,
            signature: evidence.signature.0,
            random: evidence.random,
        }
    });
    let view = office.store.view();
    let erasure = view.get::<Erasure>(&id).unwrap().unwrap();
    let gathered = gather(&view, file(number)).unwrap().unwrap();
    let order = entry::Erasure {
        targets: gathered.targets,
        ground: erasure.ground.name().to_owned(),
        assertions: assertions.to_vec(),
        legal_hold_check: erasure.hold_check,
        target_leaves: gathered.leaves,
    };
    (erasure, order)
}

type Spoil = fn(&mut entry::Erasure);

#[test]
fn an_order_without_two_good_assertions_is_not_carried_out_and_verify_refuses_it() {
    let spoilt: [(&str, Spoil); 9] = [
        ("no assertion", |order| order.assertions.clear()),
        ("one assertion", |order| drop(order.assertions.pop())),
        ("three", |order| order.assertions.push(order.assertions[0].clone())),
        ("one person twice", |order| order.assertions[1] = order.assertions[0].clone()),
        ("one key for two persons", |order| {
            let staff = order.assertions[1].staff;
            order.assertions[1] = Assertion { staff, ..order.assertions[0].clone() };
        }),
        ("a signature changed", |order| order.assertions[1].signature[9] ^= 1),
        ("another ground", |order| order.ground = "term-over".to_owned()),
        ("another hold check", |order| order.legal_hold_check += 1),
        ("a user who was not verified", |order| order.assertions[0].authenticator_data[32] &= !4),
    ];
    let mut office = Office::new(IndexChoice::Memory);
    let mut forged = Vec::new();
    for ((name, spoil), number) in spoilt.into_iter().zip(1..) {
        office.memo(number, name);
        let (erasure, mut order) = honest(&mut office, number);
        spoil(&mut order);
        forged.push((name, number, write(&office, erasure, order)));
    }
    // They hold no other up.
    office.memo(100, "this was ordered");
    let other = office.propose(&office.jan, file(100)).unwrap();
    office.approve(true, other).unwrap();
    office.approve(false, other).unwrap();
    let done = || office.store.view().get::<Erasure>(&other).unwrap().unwrap().state;
    for _ in 0..600 {
        if done() == ErasureState::Done {
            break;
        }
        assert!(!office.store.finish_erasures(Duration::from_millis(50)).unwrap());
    }
    assert_eq!(done(), ErasureState::Done);
    assert!(office.store.unwell().contains(&"erasure"));
    for (name, number, _) in &forged {
        let kept = office.store.view().get::<Memo>(&memo(*number, "").id).unwrap();
        assert_eq!(kept.map(|memo| memo.text).as_deref(), Some(*name));
    }
    office.store.close();
    let report = verify(&RealDisk, &office.data(), &Options::default()).unwrap();
    let found: Vec<_> = report.findings.iter().map(|it| (it.verdict, it.place.clone())).collect();
    let expected: Vec<_> =
        forged.iter().map(|(_, _, seq)| (Verdict::Erasure, format!("entry {seq}"))).collect();
    assert_eq!(found, expected);
}

/// Writes an order, and a record that believes in it.
fn write(office: &Office, erasure: Erasure, order: entry::Erasure) -> u64 {
    let ticket = office.store.desk(Actor::Visitor).commit(|_, authority| {
        let permit = authority.permit(&FORGED, &[])?;
        let state = ErasureState::Ordered;
        let forged = Erasure { state, order: Some(permit.seq), ..erasure };
        Ok::<_, Refusal>(Change::new(permit, Op::put(&forged)).ordering(order))
    });
    ticket.unwrap().wait().unwrap().seq
}

#[test]
fn the_same_order_unspoilt_is_carried_out() {
    let mut office = Office::new(IndexChoice::Memory);
    office.memo(1, "ordered");
    let (erasure, order) = honest(&mut office, 1);
    write(&office, erasure, order);
    office.finish();
    assert_eq!(office.store.view().get::<Memo>(&memo(1, "").id).unwrap(), None);
}
