//! Erasures in the simulated store: ordered by two soft keys, carried out a step at a time, and looked for
//! afterwards on every block of the disk.

use std::sync::{Arc, Mutex, OnceLock};

use uuid::Uuid;

use crate::kernel::{
    erasure::{Erasure, ErasureId, ErasureState, Ground, gather::gather, records::BY_STATE},
    identity::{
        Action, Actor, PersonId, Who,
        soft_key::{Algorithm, SoftKey},
    },
    journal::{
        Seq,
        entry::{self, Assertion, erasure_challenge},
    },
    simulation::{
        model::{Deed, Handed},
        world::{Condemned, World},
    },
    store::{Change, Op, Refusal, View, keys::Key, record::FileId},
};

/// Who may order is another test's affair.
static ORDER: Action =
    Action { name: entry::ERASE, who: Who::Anyone, sentence: "audit-erasure-order" };

/// Steps after which a start must have carried everything out.
const STEPS_MAX: usize = 12;

/// Making keys costs more than a whole crash.
fn keys() -> &'static [Mutex<SoftKey>; 2] {
    static KEYS: OnceLock<[Mutex<SoftKey>; 2]> = OnceLock::new();
    let key = || SoftKey::new(Algorithm::Ed25519, "modrzewie.example", "https://modrzewie.example");
    KEYS.get_or_init(|| [key(), key()].map(|key| Mutex::new(key.unwrap())))
}

fn assertions(order: &entry::Erasure) -> Vec<Assertion> {
    let assertion = |(key, number): (&Mutex<SoftKey>, u8)| {
        let mut key = key.lock().unwrap();
        let random = [number; 32];
        let made = key.assert(&erasure_challenge(order, &random)).unwrap();
        Assertion {
            staff: [number; 8],
            enrolment: 0,
            public_key: key.cose(),
            authenticator_data: made.authenticator_data,
            client_data: made.client_data,
            signature: made.signature,
            random,
        }
    };
    keys().iter().zip(1u8..).map(assertion).collect()
}

fn erasure(file: FileId, order: Seq, at: jiff::Timestamp) -> Erasure {
    Erasure {
        id: ErasureId(Uuid::from_u128(u128::from(order) << 64)),
        file,
        class: crate::kernel::erasure::FileClass::CaseFile,
        label: String::new(),
        ground: Ground::Ruling,
        basis: "simulation".to_owned(),
        consent: None,
        proposed_by: PersonId(Uuid::from_u128(77)),
        proposed_at: at,
        hold_check: 0,
        content: [0; 32],
        entries: 0,
        bodies: 0,
        blobs: 0,
        partial: false,
        approvals: Vec::new(),
        state: ErasureState::Ordered,
        order: Some(order),
        ordered_at: Some(at),
        done_at: None,
        withdrawn: None,
        uncertain: None,
    }
}

/// The order to erase a file as it is now, and the secrets that it condemns.
fn order(view: &View<'_>, file: FileId) -> Result<(entry::Erasure, Vec<[u8; 32]>), Refusal> {
    let gathered = gather(view, file)?.ok_or_else(Refusal::unknown)?;
    let mut order = entry::Erasure {
        targets: gathered.targets,
        ground: Ground::Ruling.name().to_owned(),
        assertions: Vec::new(),
        legal_hold_check: 0,
        target_leaves: gathered.leaves,
    };
    order.assertions = assertions(&order);
    let reader = view.store().reader();
    let mut secrets = Vec::new();
    for (seq, body) in order.pairs() {
        let frame = reader.frame(seq).unwrap().frame;
        secrets.extend(reader.secret(&frame, body).unwrap().map(|secret| secret.0));
    }
    Ok((order, secrets))
}

impl World {
    /// Orders that a record is erased, unless it is ordered already, or part of it is still on its way.
    pub fn erase(&mut self, id: u8) {
        if self.told().ledger.is_ordered(id) {
            return;
        }
        let store = Arc::clone(self.store());
        let file = FileId(Uuid::from_u128(u128::from(id)));
        let mut secrets = Vec::new();
        let decided = store.desk(Actor::Visitor).commit(|view, authority| {
            let permit = authority.permit(&ORDER, &[])?;
            let (order, condemned) = order(view, file)?;
            secrets = condemned;
            let erasure = erasure(file, permit.seq, authority.now());
            Ok::<_, Refusal>(Change::new(permit, Op::put(&erasure)).ordering(order))
        });
        if let Ok(ticket) = decided {
            let seq = ticket.seq();
            self.told().condemned.retain(|(order, _)| *order < seq);
            self.told().condemned.extend(secrets.into_iter().map(|secret| (seq, secret)));
            self.hand_in(seq, Deed::Order { id }, ticket);
            self.hear();
        }
    }

    /// The next step of what was ordered.
    pub fn erase_turn(&self) {
        let before = self.store().reader().length();
        let _turn = self.store().erase_turn();
        let next = self.store().next_seq();
        let length = self.told().ledger.length();
        for seq in length..next {
            self.told().ledger.hand_in(seq, Deed::Erased { before });
        }
    }

    /// Whether an order that is durable is not known to be carried out.
    pub fn is_erasing(&self) -> bool {
        let ordered = Key::new().number(ErasureState::Ordered.code());
        let list = self.store().view().list::<Erasure>(BY_STATE, &ordered, None, 1);
        list.is_ok_and(|list| !list.rows.is_empty())
    }

    /// All that everybody has to do, until what was ordered is carried out; or the device fails.
    pub fn finish_erasing(&mut self) {
        for _ in 0..STEPS_MAX {
            self.save();
            if self.dead {
                return;
            }
            self.sign();
            self.apply();
            self.apply();
            self.erase_turn();
            if !self.is_erasing() {
                return;
            }
        }
        if !self.store().unwell().is_empty() {
            return;
        }
        self.told().wrong.push("an order is never carried out".to_owned());
    }

    /// The bytes of the newest order's frame.
    pub fn ordered_frame(&self) -> Option<Vec<u8>> {
        let ordered = |handed: &Handed| matches!(handed.deed, Deed::Order { .. });
        let seq = self.told().ledger.handed.iter().rposition(ordered)?;
        self.store().reader().frame(seq as Seq).ok().map(|owned| owned.bytes)
    }

    pub fn condemned(&self) -> Condemned {
        self.told().condemned.clone()
    }
}
