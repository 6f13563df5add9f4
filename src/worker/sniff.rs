//! What a file is, by its first octets alone.
//!
//! It is a first sieve for uploads in the server, which must not parse: it proves nothing about the
//! rest of the file. Names and declared types of the sender are never asked.

use super::PictureKind;

/// The kinds of upload that are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    Jpeg,
    Png,
    Webp,
    Pdf,
}

impl FileKind {
    /// The media type under which the file is stored and handed out.
    pub fn media_type(self) -> &'static str {
        match self {
            FileKind::Jpeg => "image/jpeg",
            FileKind::Png => "image/png",
            FileKind::Webp => "image/webp",
            FileKind::Pdf => "application/pdf",
        }
    }

    /// The usual ending of such a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            FileKind::Jpeg => "jpg",
            FileKind::Png => "png",
            FileKind::Webp => "webp",
            FileKind::Pdf => "pdf",
        }
    }

    /// The kind of picture, unless it is a document.
    pub fn picture(self) -> Option<PictureKind> {
        match self {
            FileKind::Jpeg => Some(PictureKind::Jpeg),
            FileKind::Png => Some(PictureKind::Png),
            FileKind::Webp => Some(PictureKind::Webp),
            FileKind::Pdf => None,
        }
    }
}

/// Names the file, or `None` when it is of no kind that we take.
///
/// Signatures: JPEG (ISO/IEC 10918-1, SOI and the next marker's first octet), PNG (PNG
/// specification 5.2), WebP (RFC 9649 section 2.4), PDF (ISO 32000-1, 7.5.2; readers tolerate
/// leading rubbish, we do not, since rubbish is where a second format hides).
pub fn sniff(bytes: &[u8]) -> Option<FileKind> {
    match bytes {
        [0xFF, 0xD8, 0xFF, ..] => Some(FileKind::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(FileKind::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(FileKind::Webp),
        [b'%', b'P', b'D', b'F', b'-', ..] => Some(FileKind::Pdf),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{FileKind, sniff};

    #[test]
    fn files_are_known_by_their_first_octets() {
        let rows: [(&[u8], Option<FileKind>); 11] = [
            (b"\xFF\xD8\xFF\xE0\0\x10JFIF", Some(FileKind::Jpeg)),
            (b"\xFF\xD8", None),
            (b"\x89PNG\r\n\x1A\n", Some(FileKind::Png)),
            (b"\x89PNG\n\x1A\n\0\0", None),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Some(FileKind::Webp)),
            (b"RIFF\x10\0\0\0WAVEfmt ", None),
            (b"%PDF-1.7\n", Some(FileKind::Pdf)),
            (b"\n%PDF-1.7\n", None),
            (b"GIF89a", None),
            (b"<svg xmlns=", None),
            (b"", None),
        ];
        for (bytes, kind) in rows {
            assert_eq!(sniff(bytes), kind, "{bytes:?}");
        }
    }
}
