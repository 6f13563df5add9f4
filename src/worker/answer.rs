//! The server's look at what a worker sent back: it believes nothing that it can check cheaply.
//!
//! A worker taken over by a hostile file could answer with anything. What goes on to residents'
//! browsers must at least be what our own encoder writes: one baseline JPEG from the first octet to
//! the last, of the stated size, with no room for metadata or a second file. The pixels themselves
//! are not looked at; that would need a decoder, and the server has none.

use super::Picture;

/// The size of a JPEG as our encoder writes it, or `None` for every other sequence of octets.
///
/// Segments are walked as ISO/IEC 10918-1 B.1.1 lays them out. Only APP0 in its JFIF form, DQT,
/// SOF0, DHT, DRI and SOS may stand before the scan; so EXIF, XMP, ICC and comments cannot.
pub(super) fn plain_jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut rest = bytes.strip_prefix(&[0xFF, 0xD8])?;
    let mut size = None;
    loop {
        let (marker, after) = rest.split_first_chunk::<2>()?;
        let [0xFF, marker] = *marker else { return None };
        let length = usize::from(u16::from_be_bytes(*after.first_chunk()?));
        let (segment, after) = after.split_at_checked(length)?;
        let body = segment.get(2..)?;
        match marker {
            0xE0 if body.starts_with(b"JFIF\0") && body.len() == 14 => {}
            0xC4 | 0xDB | 0xDD => {}
            0xC0 if size.is_none() => {
                let (height, width) = body.get(1..)?.split_first_chunk::<2>()?;
                let width = u16::from_be_bytes(*width.first_chunk()?);
                size = Some((u32::from(width), u32::from(u16::from_be_bytes(*height))));
            }
            0xDA => return scan_to_the_end(after).then_some(size)?,
            _ => return None,
        }
        rest = after;
    }
}

/// Whether the picture that was promised is the picture that came.
pub(super) fn is_sound(picture: &Picture) -> bool {
    let thumbnail = plain_jpeg(&picture.thumbnail);
    plain_jpeg(&picture.jpeg) == Some((picture.width, picture.height))
        && thumbnail.is_some_and(|(width, height)| {
            let sides = 1..=super::THUMBNAIL_SIDE_MAX;
            sides.contains(&width) && sides.contains(&height)
        })
}

/// Entropy-coded data: 0xFF is followed by 0x00 or a restart marker, and once, last of all, by EOI.
fn scan_to_the_end(mut scan: &[u8]) -> bool {
    while let Some(at) = scan.iter().position(|octet| *octet == 0xFF) {
        match scan.get(at + 1..) {
            Some([0xD9]) => return true,
            Some([0x00 | 0xD0..=0xD7, rest @ ..]) => scan = rest,
            _ => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::plain_jpeg;
    use crate::worker::picture::remake;

    /// A real answer, made by the worker's own code from a PNG drawn here.
    fn ours() -> Vec<u8> {
        let mut png = Vec::new();
        image::RgbImage::from_fn(40, 30, |x, y| {
            image::Rgb([(x * 6).try_into().unwrap(), (y * 8).try_into().unwrap(), 99])
        })
        .write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png)
        .unwrap();
        remake(&png).unwrap().jpeg
    }

    #[test]
    fn our_own_jpeg_is_believed() {
        assert_eq!(plain_jpeg(&ours()), Some((40, 30)));
    }

    #[test]
    fn a_jpeg_cut_or_continued_is_not() {
        let jpeg = ours();
        for length in 0..jpeg.len() {
            assert_eq!(plain_jpeg(&jpeg[..length]), None, "cut to {length}");
        }
        assert_eq!(plain_jpeg(&[jpeg.as_slice(), b"%PDF-1.7"].concat()), None);
        assert_eq!(plain_jpeg(&[jpeg.as_slice(), jpeg.as_slice()].concat()), None);
    }

    #[test]
    fn a_jpeg_with_metadata_is_not() {
        let jpeg = ours();
        let (soi, rest) = jpeg.split_at(2);
        for marker in [0xE1, 0xE2, 0xED, 0xEE, 0xFE] {
            let segment = [0xFF, marker, 0, 8, b'E', b'x', b'i', b'f', 0, 0];
            assert_eq!(plain_jpeg(&[soi, &segment, rest].concat()), None, "marker {marker:x}");
        }
        let (scan, eoi) = jpeg.split_at(jpeg.len() - 2);
        let hidden = [0xFF, 0xE1, 0, 8, b'E', b'x', b'i', b'f', 0, 0];
        assert_eq!(plain_jpeg(&[scan, &hidden, eoi].concat()), None, "metadata behind the scan");
    }
}
