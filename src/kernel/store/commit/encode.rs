//! From a change to the bytes of its entry: header, sealed bodies and index keys, checked to decode to
//! themselves. It writes nothing.

use crate::kernel::{
    blobs::StagedBlob,
    cbor::{self, Map},
    clock,
    crypto::{CryptoFault, mac, random},
    identity::{Actor, PersonId},
    journal::{
        Seq,
        entry::{self, ClockQuality, HEADER_BYTES_MAX, Header, KIND_WHY, LEVEL},
        sealed::{SealedBody, seal_body},
        writer::Prepared,
    },
    store::{
        Change, Desk, Fault, Store,
        apply::{OpenedEntry, Standing, apply},
        change::Evidence,
        record::{Bytes, Field},
    },
};

use super::Encoded;

/// Encodes a change as the entry `seq`: header, sealed bodies, index keys; checked to decode to itself.
pub(in crate::kernel) fn encode_entry(
    store: &Store,
    desk: &Desk<'_>,
    change: Change,
    now: jiff::Timestamp,
    seq: Seq,
    standing: &Standing<'_>,
) -> Result<Encoded, Fault> {
    let why = why_map(desk, &change);
    let mut texts = vec![(0, 1, cbor::encode_map(&why))];
    let mut bodies = vec![seal_body(
        KIND_WHY,
        1,
        &texts.first().map(|(_, _, text)| text.clone()).unwrap_or_default(),
    )?];
    let mut spared = Vec::with_capacity(change.blobs.len());
    for StagedBlob { descriptor, secret, spared: until_durable } in change.blobs {
        bodies.push(SealedBody { descriptor, secret, stored: Vec::new() });
        spared.push(until_durable);
    }
    for op in change.ops {
        let body = u32::try_from(bodies.len()).map_err(Fault::new)?;
        bodies.push(seal_body(op.kind.number, op.version, &op.text)?);
        texts.push((body, op.version, op.text));
    }
    let stored: Vec<&[u8]> = bodies.iter().map(|body| body.stored.as_slice()).collect();
    let staff = match &desk.actor {
        Actor::Staff(person) => Some(pseudonym(&store.parts.pseudonym_key, *person, now)),
        _ => None,
    };
    let header = Header {
        seq,
        at_ms: clock::to_ms(now),
        clock: ClockQuality::FreeRunning,
        level: LEVEL,
        program: store.parts.program,
        controller: 1,
        unit: change.permit.unit,
        action: change.permit.action.name.to_owned(),
        staff,
        bodies: bodies.iter().map(|body| body.descriptor.clone()).collect(),
        nonce: None,
        stored: Some(crate::kernel::crypto::hash(&stored)),
        erasure: change.order,
        epoch: None,
        level_up: None,
        done: change.done,
        unknown: Map::new(),
    };
    let encoded = finish_entry(store, header, bodies, texts, change.answer, standing)?;
    Ok(Encoded { spared, ..encoded })
}

fn finish_entry(
    store: &Store,
    header: Header,
    bodies: Vec<SealedBody>,
    texts: Vec<(u32, u16, Vec<u8>)>,
    answer: Option<String>,
    standing: &Standing<'_>,
) -> Result<Encoded, Fault> {
    let bytes = header.encode();
    // In pairs: what was encoded is decoded before it is written, and again when it is read.
    if Header::decode(&bytes)? != header {
        return Err(Fault::new("a header does not decode to itself"));
    }
    let length = crate::kernel::journal::frame::frame_length(bytes.len(), &bodies)
        + bodies.len() * crate::kernel::journal::segment::SLOT_BYTES;
    if bytes.len() > HEADER_BYTES_MAX || length > store.parts.max_entry as usize {
        return Err(Fault::new(format!(
            "an entry of {length} bytes is larger than a segment takes"
        )));
    }
    let leaf = entry::leaf(&bytes);
    let mut opened: Vec<Option<Vec<u8>>> = vec![None; bodies.len()];
    for (body, _, text) in &texts {
        if let Some(place) = opened.get_mut(*body as usize) {
            *place = Some(text.clone());
        }
    }
    let seq = header.seq;
    let batch = apply(&store.parts.kinds, &OpenedEntry { header, leaf, bodies: opened }, standing)?;
    let prepared = Prepared { seq, header: bytes, leaf, bodies };
    Ok(Encoded { prepared, batch, texts, answer, spared: Vec::new() })
}

fn why_map(desk: &Desk<'_>, change: &Change) -> Map {
    let mut subjects: Vec<PersonId> = change.permit.subjects.clone();
    subjects.extend(change.ops.iter().flat_map(|op| op.subjects.iter().copied()));
    subjects.extend(change.acting_for);
    subjects.sort_unstable();
    subjects.dedup();
    let submission = desk.submission.as_ref();
    let fields = [
        (0, desk.actor.to_value()),
        (1, change.acting_for.to_value()),
        (2, subjects.to_value()),
        (3, change.permit.grant.to_value()),
        (4, change.reason.to_value()),
        (5, Bytes(desk.request.to_vec()).to_value()),
        (6, submission.and_then(|submission| submission.key().to_value())),
        (
            7,
            change.evidence.as_ref().map(|evidence: &Evidence| cbor::Value::Map(evidence.to_map())),
        ),
        (8, change.answer.to_value()),
        (9, submission.and_then(|submission| submission.content().to_value())),
    ];
    fields.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

/// Names a staff member in headers, per controller and year (docs/format.md, section 2).
pub fn pseudonym(key: &[u8; 32], person: PersonId, at: jiff::Timestamp) -> [u8; 8] {
    let year = u32::try_from(clock::date_in_poland(at).year()).unwrap_or(0);
    let tag = mac(
        key,
        &[b"ostoja/staff/1", &1u32.to_le_bytes(), &year.to_le_bytes(), person.0.as_bytes()],
    );
    crate::kernel::journal::segment::first_eight(tag)
}

/// The first entry of an epoch.
pub(in crate::kernel) fn epoch_entry(
    seq: Seq,
    epoch: entry::Epoch,
    program: [u8; 8],
    now: jiff::Timestamp,
) -> Result<Prepared, CryptoFault> {
    let header = Header {
        seq,
        at_ms: clock::to_ms(now),
        clock: ClockQuality::FreeRunning,
        level: LEVEL,
        program,
        controller: 1,
        unit: 0,
        action: entry::EPOCH.to_owned(),
        staff: None,
        bodies: Vec::new(),
        nonce: Some(random()?),
        stored: None,
        erasure: None,
        epoch: Some(epoch),
        level_up: None,
        done: None,
        unknown: Map::new(),
    };
    let bytes = header.encode();
    Ok(Prepared { seq, leaf: entry::leaf(&bytes), header: bytes, bodies: Vec::new() })
}
