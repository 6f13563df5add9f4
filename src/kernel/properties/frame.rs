//! Frames: what is read is within bounds, is spelt in one way, and no bit of it is free.

use super::{Input, flipped};
use crate::kernel::{
    crypto::{Secret, hash},
    journal::{
        entry::{self, Header},
        frame::{Frame, Place, announced_length, candidates, read_frame, write_frame},
        sealed::{SealedBody, stored_length},
    },
};

/// The first byte says whether the rest is bytes of a segment, or a header and bodies of which a frame
/// is made: whoever only changes bytes never finds a sum that fits.
pub(super) fn hold(bytes: &[u8]) {
    let mut input = Input(bytes);
    if input.byte() & 1 == 0 {
        for at in candidates(input.0, 0) {
            if let Some(frame) = read_frame(input.0, at) {
                check(input.0, &frame);
            }
        }
    } else {
        made(input);
    }
}

fn check(area: &[u8], frame: &Frame) {
    assert!(frame.start < frame.end && frame.end <= area.len(), "outside of the area");
    assert!(frame.start.is_multiple_of(8) && frame.end.is_multiple_of(8), "not on its places");
    let bytes = &area[frame.start..frame.end];
    assert_eq!(announced_length(bytes), Some(bytes.len()), "another length is announced");
    assert!(frame.slots_end() >= frame.slot_first);
    assert_eq!(frame.bodies.len(), frame.header.bodies.len());
    assert_eq!(frame.leaf, entry::leaf(&frame.header.encode()));
    let stored = |body: &std::ops::Range<usize>| area[body.clone()].to_vec();
    let bodies: Vec<SealedBody> = frame
        .header
        .bodies
        .iter()
        .zip(&frame.bodies)
        .map(|(descriptor, place)| SealedBody {
            descriptor: descriptor.clone(),
            secret: Secret([0; 32]),
            stored: stored(place),
        })
        .collect();
    let place = Place {
        last_of_group: frame.last_of_group,
        slot_first: frame.slot_first,
        group_first_seq: frame.group_first_seq,
        prev: frame.prev,
    };
    let mut again = Vec::new();
    write_frame(frame.header.seq, &frame.header.encode(), &bodies, &place, &mut again).unwrap();
    assert_eq!(again, bytes, "a second spelling was taken");
    // Any one bit, chosen by the bytes themselves.
    let bit = usize::from(u16::from_le_bytes([frame.leaf[0], frame.leaf[1]]));
    assert!(read_frame(&flipped(bytes, bit), 0).is_none(), "bit {bit} says nothing");
    assert!(read_frame(&bytes[..bytes.len() - 1], 0).is_none(), "its last byte says nothing");
}

fn made(mut input: Input<'_>) {
    let flags = input.byte();
    let place = Place {
        last_of_group: flags & 1 == 1,
        slot_first: u32::from(input.u16()),
        group_first_seq: u64::from(input.u16()),
        prev: [flags; 8],
    };
    let length = usize::from(input.u16());
    let Ok(mut header) = Header::decode(input.take(length)) else { return };
    let mut bodies = Vec::new();
    for descriptor in &mut header.bodies {
        // So long as there are bytes.
        if descriptor.detached.is_none() {
            descriptor.length = descriptor.length.min(input.0.len() as u64);
        }
        let mut stored =
            input.take(usize::try_from(stored_length(descriptor)).unwrap_or(0)).to_vec();
        stored.resize(usize::try_from(stored_length(descriptor)).unwrap(), 7);
        let secret = Secret([0; 32]);
        bodies.push(SealedBody { descriptor: descriptor.clone(), secret, stored });
    }
    if header.stored.is_some() {
        let parts: Vec<&[u8]> = bodies.iter().map(|body| body.stored.as_slice()).collect();
        header.stored = Some(hash(&parts));
    }
    let encoded = header.encode();
    let mut bytes = Vec::new();
    if write_frame(header.seq, &encoded, &bodies, &place, &mut bytes).is_none() {
        return;
    }
    let frame = read_frame(&bytes, 0).unwrap();
    assert_eq!(frame.header, header);
    assert_eq!((frame.end, frame.prev), (bytes.len(), place.prev));
    check(&bytes, &frame);
    // A seq beside the header's.
    let mut other = Vec::new();
    if write_frame(header.seq ^ 1, &encoded, &bodies, &place, &mut other).is_some() {
        assert!(read_frame(&other, 0).is_none(), "the frame's seq is not the header's");
    }
}
