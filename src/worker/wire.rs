//! The words between server and worker, on one stream socket.
//!
//! A word is an octet for its kind, a length (u32, big endian) and that many octets:
//!
//! | kind | from | payload | at most |
//! |---|---|---|---|
//! | 1 picture | server | the stranger's file | `INPUT_BYTES_MAX` |
//! | 16 ready | worker | the walls that stand, one octet | 1 |
//! | 17 unprotected | worker | why a demanded wall is missing, UTF-8 | 512 |
//! | 21 taken | worker | nothing | 0 |
//! | 18 done | worker | kind u8, width u32, height u32, length of the JPEG u32, JPEG, thumbnail | both limits + 13 |
//! | 19 refused | worker | reason, one octet | 1 |
//! | 20 too big | worker | nothing | 0 |
//!
//! A conversation is: ready or unprotected; picture; taken; done, refused or too big; end.
//! A worker says "taken" when it has the whole file and has not looked at it: one that dies before
//! was not killed by the picture.
//! Each side accepts only the other's words, and checks a length before it reserves memory.
//! Both sides are always the same build of one program, so there is no version.

use std::io::{self, Read, Write};

use super::{
    INPUT_BYTES_MAX, JPEG_BYTES_MAX, Picture, PictureKind, Reason, SIDE_MAX, THUMBNAIL_BYTES_MAX,
};
use crate::guard::sandbox::Walls;

const PICTURE: u8 = 1;
const READY: u8 = 16;
const UNPROTECTED: u8 = 17;
const DONE: u8 = 18;
const REFUSED: u8 = 19;
const TOO_BIG: u8 = 20;
const TAKEN: u8 = 21;

const UNPROTECTED_BYTES_MAX: usize = 512;
/// Kind, width, height and the JPEG's length before the two pictures of a `DONE`.
const DONE_HEAD_BYTES: usize = 13;

/// What a worker says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Ready(Walls),
    Unprotected(String),
    Taken,
    Done(Picture),
    Refused(Reason),
    TooBig,
}

/// Why nothing sensible was heard.
#[derive(Debug, thiserror::Error)]
pub(super) enum WireError {
    /// The socket failed, timed out or ended in the middle of a word.
    #[error("the other side is gone")]
    Io(#[from] io::Error),
    /// A kind that the other side never says, a length beyond its limit, a payload that is not one.
    #[error("the other side speaks nonsense: {0}")]
    Nonsense(&'static str),
}

/// Server: hands over a file.
pub(super) fn send_picture(to: &mut impl Write, file: &[u8]) -> io::Result<()> {
    send_parts(to, PICTURE, &[file])
}

/// Worker: takes the file, or `None` when the server has closed the socket between two words.
pub(super) fn receive_picture(from: &mut impl Read) -> Result<Option<Vec<u8>>, WireError> {
    let mut kind = [0];
    if from.read(&mut kind)? == 0 {
        return Ok(None);
    }
    match kind {
        [PICTURE] => receive_payload(from, INPUT_BYTES_MAX).map(Some),
        _ => Err(WireError::Nonsense("not a server's word")),
    }
}

/// Worker: says one word.
pub(super) fn send(to: &mut impl Write, word: &Word) -> io::Result<()> {
    match word {
        Word::Ready(walls) => send_parts(to, READY, &[&[walls.to_bits()]]),
        Word::Unprotected(why) => {
            let end = why.floor_char_boundary(UNPROTECTED_BYTES_MAX);
            send_parts(to, UNPROTECTED, &[why.get(..end).unwrap_or_default().as_bytes()])
        }
        Word::Done(picture) => send_done(to, picture),
        Word::Refused(reason) => send_parts(to, REFUSED, &[&[reason_code(*reason)]]),
        Word::TooBig => send_parts(to, TOO_BIG, &[]),
        Word::Taken => send_parts(to, TAKEN, &[]),
    }
}

/// Server: hears one word.
pub(super) fn receive(from: &mut impl Read) -> Result<Word, WireError> {
    let mut kind = [0];
    from.read_exact(&mut kind)?;
    match kind {
        [READY] => match receive_payload(from, 1)?.as_slice() {
            [bits] => Walls::from_bits(*bits).map(Word::Ready),
            _ => None,
        },
        [UNPROTECTED] => String::from_utf8(receive_payload(from, UNPROTECTED_BYTES_MAX)?)
            .ok()
            .map(Word::Unprotected),
        [DONE] => {
            let longest = DONE_HEAD_BYTES + JPEG_BYTES_MAX + THUMBNAIL_BYTES_MAX;
            parse_done(&receive_payload(from, longest)?).map(Word::Done)
        }
        [REFUSED] => match receive_payload(from, 1)?.as_slice() {
            [code] => reason(*code).map(Word::Refused),
            _ => None,
        },
        [TOO_BIG] => receive_payload(from, 0)?.is_empty().then_some(Word::TooBig),
        [TAKEN] => receive_payload(from, 0)?.is_empty().then_some(Word::Taken),
        _ => return Err(WireError::Nonsense("not a worker's word")),
    }
    .ok_or(WireError::Nonsense("a payload that does not fit its kind"))
}

fn send_parts(to: &mut impl Write, kind: u8, parts: &[&[u8]]) -> io::Result<()> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let length = u32::try_from(length).map_err(io::Error::other)?;
    let mut head = vec![kind];
    head.extend(length.to_be_bytes());
    to.write_all(&head)?;
    parts.iter().try_for_each(|part| to.write_all(part))
}

fn receive_payload(from: &mut impl Read, longest: usize) -> Result<Vec<u8>, WireError> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length);
    if u64::from(length) > u64::try_from(longest).unwrap_or(u64::MAX) {
        return Err(WireError::Nonsense("a length beyond the limit"));
    }
    let mut payload = Vec::new();
    let got = from.take(u64::from(length)).read_to_end(&mut payload)?;
    if u32::try_from(got).is_ok_and(|got| got == length) {
        Ok(payload)
    } else {
        Err(io::Error::from(io::ErrorKind::UnexpectedEof).into())
    }
}

fn send_done(to: &mut impl Write, picture: &Picture) -> io::Result<()> {
    let jpeg_length = u32::try_from(picture.jpeg.len()).map_err(io::Error::other)?;
    let mut head = vec![kind_code(picture.kind)];
    head.extend(picture.width.to_be_bytes());
    head.extend(picture.height.to_be_bytes());
    head.extend(jpeg_length.to_be_bytes());
    send_parts(to, DONE, &[&head, &picture.jpeg, &picture.thumbnail])
}

fn parse_done(payload: &[u8]) -> Option<Picture> {
    let (kind, rest) = payload.split_first()?;
    let (width, rest) = rest.split_first_chunk()?;
    let (height, rest) = rest.split_first_chunk()?;
    let (jpeg_length, rest) = rest.split_first_chunk()?;
    let jpeg_length = usize::try_from(u32::from_be_bytes(*jpeg_length)).ok()?;
    let (jpeg, thumbnail) = rest.split_at_checked(jpeg_length)?;
    let (width, height) = (u32::from_be_bytes(*width), u32::from_be_bytes(*height));
    let fits = jpeg.len() <= JPEG_BYTES_MAX
        && thumbnail.len() <= THUMBNAIL_BYTES_MAX
        && (1..=SIDE_MAX).contains(&width)
        && (1..=SIDE_MAX).contains(&height);
    fits.then(|| {
        let (jpeg, thumbnail) = (jpeg.to_vec(), thumbnail.to_vec());
        Some(Picture { jpeg, thumbnail, width, height, kind: kind_of(*kind)? })
    })?
}

fn kind_code(kind: PictureKind) -> u8 {
    match kind {
        PictureKind::Jpeg => 1,
        PictureKind::Png => 2,
        PictureKind::Webp => 3,
    }
}

fn kind_of(code: u8) -> Option<PictureKind> {
    match code {
        1 => Some(PictureKind::Jpeg),
        2 => Some(PictureKind::Png),
        3 => Some(PictureKind::Webp),
        _ => None,
    }
}

fn reason_code(reason: Reason) -> u8 {
    match reason {
        Reason::NotAPicture => 1,
        Reason::Damaged => 2,
        Reason::Unsupported => 3,
        Reason::DecoderFailed => 4,
    }
}

fn reason(code: u8) -> Option<Reason> {
    match code {
        1 => Some(Reason::NotAPicture),
        2 => Some(Reason::Damaged),
        3 => Some(Reason::Unsupported),
        4 => Some(Reason::DecoderFailed),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Word, receive, receive_picture, send, send_picture};
    use crate::guard::sandbox::Walls;
    use crate::worker::{INPUT_BYTES_MAX, Picture, PictureKind, Reason};

    fn words() -> Vec<Word> {
        let walls = Walls { files: true, calls: true, ..Walls::default() };
        let picture = Picture {
            jpeg: vec![1, 2, 3],
            thumbnail: vec![4],
            width: 1600,
            height: 7,
            kind: PictureKind::Webp,
        };
        let reasons =
            [Reason::NotAPicture, Reason::Damaged, Reason::Unsupported, Reason::DecoderFailed];
        let mut words = vec![
            Word::Ready(walls),
            Word::Unprotected("no landlock".to_owned()),
            Word::Done(picture),
            Word::Taken,
            Word::TooBig,
        ];
        words.extend(reasons.map(Word::Refused));
        words
    }

    #[test]
    fn every_word_arrives_as_it_was_said() {
        for word in words() {
            let mut said = Vec::new();
            send(&mut said, &word).unwrap();
            assert_eq!(receive(&mut said.as_slice()).unwrap(), word);
        }
    }

    #[test]
    fn a_word_cut_anywhere_is_an_error() {
        for word in words() {
            let mut said = Vec::new();
            send(&mut said, &word).unwrap();
            for length in 0..said.len() {
                assert!(receive(&mut &said[..length]).is_err(), "{word:?} cut to {length}");
            }
        }
        let mut said = Vec::new();
        send_picture(&mut said, b"picture").unwrap();
        for length in 1..said.len() {
            assert!(receive_picture(&mut &said[..length]).is_err(), "picture cut to {length}");
        }
        assert_eq!(receive_picture(&mut &said[..0]).unwrap(), None, "the server went away");
        assert_eq!(receive_picture(&mut said.as_slice()).unwrap().unwrap(), b"picture");
    }

    #[test]
    fn lengths_beyond_the_limit_are_refused_unread() {
        let too_long = u32::try_from(INPUT_BYTES_MAX + 1).unwrap().to_be_bytes();
        let picture = [&[1][..], &too_long].concat();
        assert!(
            receive_picture(&mut picture.as_slice()).unwrap_err().to_string().contains("limit")
        );
        for kind in 16..=21 {
            let word = [kind, 0xFF, 0xFF, 0xFF, 0xFF];
            assert!(receive(&mut word.as_slice()).unwrap_err().to_string().contains("limit"));
        }
    }

    #[test]
    fn a_side_that_says_the_others_words_is_not_believed() {
        assert!(receive(&mut [1, 0, 0, 0, 0].as_slice()).is_err(), "picture, from a worker");
        assert!(
            receive_picture(&mut [20, 0, 0, 0, 0].as_slice()).is_err(),
            "too big, from a server"
        );
        assert!(receive(&mut [19, 0, 0, 0, 1, 9].as_slice()).is_err(), "an unknown reason");
        assert!(receive(&mut [16, 0, 0, 0, 1, 0xF0].as_slice()).is_err(), "unknown walls");
        let sizes = [[0, 0, 0, 0], [0, 0, 6, 65]];
        for side in sizes {
            let payload = [&[2][..], &side, &[0, 0, 0, 9], &[0, 0, 0, 0]].concat();
            let word = [&[18, 0, 0, 0, 13][..], &payload].concat();
            assert!(receive(&mut word.as_slice()).is_err(), "width {side:?}");
        }
    }
}
