//! Making a stranger's picture anew: decode within limits, turn upright, shrink, encode.
//!
//! It runs in the worker alone, behind the walls; nothing in the server may call it. Only pixels
//! survive: metadata, profiles, comments, hidden frames and whatever else a file can carry do not.
//! Colours are taken as sRGB; a phone's wider profile is dropped with the rest, which is visible
//! only side by side.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage};

use super::{
    DECODER_BYTES_MAX, JPEG_QUALITY, PIXELS_MAX, Picture, PictureKind, Reason, SIDE_MAX,
    THUMBNAIL_SIDE_MAX, sniff,
};

/// Why a picture was not made: two of the words that a worker may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    TooBig,
    Refused(Reason),
}

/// The whole way from file to answer. Decoders may panic; the caller catches it.
pub(super) fn remake(file: &[u8]) -> Result<Picture, Failure> {
    let kind = sniff(file)
        .and_then(super::FileKind::picture)
        .ok_or(Failure::Refused(Reason::NotAPicture))?;
    let (original, orientation) = decode(file, kind)?;
    let mut shown = shrink(&on_white(original), SIDE_MAX);
    // Turned after shrinking: turning makes a copy, and this one is small.
    shown.apply_orientation(orientation);
    let small = shrink(&shown, THUMBNAIL_SIDE_MAX);
    Ok(Picture {
        jpeg: encode(&shown)?,
        thumbnail: encode(&small)?,
        width: shown.width(),
        height: shown.height(),
        kind,
    })
}

fn decode(file: &[u8], kind: PictureKind) -> Result<(DynamicImage, Orientation), Failure> {
    let format = match kind {
        PictureKind::Jpeg => ImageFormat::Jpeg,
        PictureKind::Png => ImageFormat::Png,
        PictureKind::Webp => ImageFormat::WebP,
    };
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODER_BYTES_MAX);
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(failure)?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(Failure::Refused(Reason::Damaged));
    }
    // Both are known from the header, so a bomb is refused before a single pixel is made.
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(Failure::TooBig);
    }
    limits.reserve(decoder.total_bytes()).map_err(failure)?;
    decoder.set_limits(limits).map_err(failure)?;
    // A broken EXIF block is no reason to refuse a photo: it is shown as it lies.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let image = DynamicImage::from_decoder(decoder).map_err(failure)?;
    Ok((image, orientation))
}

fn failure(error: ImageError) -> Failure {
    match error {
        ImageError::Limits(_) => Failure::TooBig,
        ImageError::Unsupported(_) => Failure::Refused(Reason::Unsupported),
        ImageError::Decoding(_)
        | ImageError::Encoding(_)
        | ImageError::Parameter(_)
        | ImageError::IoError(_) => Failure::Refused(Reason::Damaged),
    }
}

/// JPEG has no transparency, and a sketch on a transparent ground is black ink: the ground is paper.
fn on_white(image: DynamicImage) -> DynamicImage {
    if !image.color().has_alpha() {
        return DynamicImage::ImageRgb8(image.into_rgb8());
    }
    let from = image.into_rgba8();
    let mut to = RgbImage::new(from.width(), from.height());
    for (target, source) in to.pixels_mut().zip(from.pixels()) {
        let [red, green, blue, alpha] = source.0.map(u32::from);
        // At most 255 * 255 / 255 = 255, rounded.
        let mix = |colour: u32| {
            u8::try_from((colour * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX)
        };
        target.0 = [mix(red), mix(green), mix(blue)];
    }
    DynamicImage::ImageRgb8(to)
}

/// Never enlarges. From twice the size on, the mean of what falls into each pixel is as good as any
/// filter and five times as fast; below that it would show steps, and a proper filter does not.
fn shrink(image: &DynamicImage, side_max: u32) -> DynamicImage {
    let (width, height) = (image.width(), image.height());
    let longer = width.max(height);
    if longer <= side_max {
        return image.clone();
    }
    let scaled = |side: u32| {
        let wanted = u64::from(side) * u64::from(side_max);
        let rounded = (wanted + u64::from(longer) / 2) / u64::from(longer);
        u32::try_from(rounded).unwrap_or(side_max).clamp(1, side_max)
    };
    if longer >= 2 * side_max {
        image.thumbnail_exact(scaled(width), scaled(height))
    } else {
        image.resize_exact(scaled(width), scaled(height), FilterType::CatmullRom)
    }
}

fn encode(image: &DynamicImage) -> Result<Vec<u8>, Failure> {
    let mut jpeg = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY);
    image.write_with_encoder(encoder).map_err(failure)?;
    Ok(jpeg)
}

#[cfg(test)]
mod tests {
    use super::{Failure, remake};
    use crate::worker::{PictureKind, Reason};
    use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
    use std::io::Cursor;

    fn file(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        image.into().write_to(&mut file, format).unwrap();
        file.into_inner()
    }

    fn shown(jpeg: &[u8]) -> RgbImage {
        image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).unwrap().into_rgb8()
    }

    #[test]
    fn sizes_are_kept_in_proportion() {
        // width, height -> shown width and height, thumbnail width and height
        let rows = [
            (200, 100, 200, 100, 200, 100),
            (1600, 1600, 1600, 1600, 320, 320),
            (1601, 800, 1600, 800, 320, 160),
            (1000, 4000, 400, 1600, 80, 320),
            (6000, 2, 1600, 1, 320, 1),
            (1, 1, 1, 1, 1, 1),
        ];
        for (width, height, to_width, to_height, small_width, small_height) in rows {
            let picture = remake(&file(RgbImage::new(width, height), ImageFormat::Png)).unwrap();
            assert_eq!((picture.width, picture.height), (to_width, to_height));
            assert_eq!(shown(&picture.jpeg).dimensions(), (to_width, to_height));
            assert_eq!(shown(&picture.thumbnail).dimensions(), (small_width, small_height));
        }
    }

    #[test]
    fn a_transparent_sketch_lies_on_white_paper() {
        let mut sketch = RgbaImage::new(64, 64);
        for at in 24..40 {
            (24..40).for_each(|x| sketch.put_pixel(x, at, Rgba([0, 0, 0, 255])));
        }
        let picture = remake(&file(sketch, ImageFormat::Png)).unwrap();
        let page = shown(&picture.jpeg);
        assert!(page.get_pixel(4, 4).0.iter().all(|part| *part > 250));
        assert!(page.get_pixel(32, 32).0.iter().all(|part| *part < 5));
    }

    #[test]
    fn webp_and_grey_sixteen_bit_png_are_read() {
        let red = RgbImage::from_pixel(20, 10, Rgb([200, 10, 10]));
        let picture = remake(&file(red, ImageFormat::WebP)).unwrap();
        assert_eq!(picture.kind, PictureKind::Webp);
        let [r, g, _] = shown(&picture.jpeg).get_pixel(10, 5).0;
        assert!(r > 180 && g < 40, "{r} {g}");
        let grey = image::ImageBuffer::from_pixel(20, 10, image::Luma([0x8000_u16]));
        let picture = remake(&file(DynamicImage::ImageLuma16(grey), ImageFormat::Png)).unwrap();
        let [r, g, b] = shown(&picture.jpeg).get_pixel(10, 5).0;
        assert!([r, g, b].iter().all(|part| part.abs_diff(128) < 4), "{r} {g} {b}");
    }

    #[test]
    fn what_is_no_picture_is_refused_as_such() {
        for bytes in [&b""[..], b"GIF89a", b"%PDF-1.7", b"\0\0\0\x18ftypheic"] {
            assert_eq!(remake(bytes), Err(Failure::Refused(Reason::NotAPicture)));
        }
        for bytes in [&b"\x89PNG\r\n\x1A\n"[..], b"\xFF\xD8\xFF\xE0", b"RIFF\0\0\0\0WEBPVP8 "] {
            assert_eq!(remake(bytes), Err(Failure::Refused(Reason::Damaged)), "{bytes:?}");
        }
    }
}
