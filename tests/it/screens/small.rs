//! Pictures small enough to keep: a palette of the commonest colours, one byte a point.
//!
//! The picture library writes no palettes; a PNG without filters is four blocks around a zlib stream.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
};

use flate2::{Compression, write::ZlibEncoder};
use image::{Rgb, RgbImage};

/// The letters' edges need a few shades of each colour pair; more than these nobody sees.
const COMMON: usize = 96;
/// With the colours of photographs, each of them rare.
const COLOURS: usize = 192;

/// A PNG of the picture's commonest colours; the others become the nearest of them.
pub fn png(picture: &RgbImage) -> Vec<u8> {
    let palette = palette(picture);
    let mut known = BTreeMap::new();
    let mut last = (Rgb([0, 0, 0]), nearest(&palette, Rgb([0, 0, 0])));
    let mut rows = ZlibEncoder::new(Vec::new(), Compression::best());
    for row in picture.rows() {
        let mut line = vec![0];
        for point in row {
            if *point != last.0 {
                last = (*point, *known.entry(point.0).or_insert_with(|| nearest(&palette, *point)));
            }
            line.push(last.1);
        }
        rows.write_all(&line).unwrap();
    }
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let size = [picture.width().to_be_bytes(), picture.height().to_be_bytes()].concat();
    // Eight bits, a palette; the ordinary compression, filters and order.
    block(&mut file, b"IHDR", &[size.as_slice(), &[8, 3, 0, 0, 0]].concat());
    block(&mut file, b"PLTE", &palette.iter().flat_map(|colour| colour.0).collect::<Vec<_>>());
    block(&mut file, b"IDAT", &rows.finish().unwrap());
    block(&mut file, b"IEND", &[]);
    file
}

fn palette(picture: &RgbImage) -> Vec<Rgb<u8>> {
    let mut counts: BTreeMap<[u8; 3], usize> = BTreeMap::new();
    let mut run = (Rgb([0, 0, 0]), 0);
    for point in picture.pixels() {
        if *point == run.0 {
            run.1 += 1;
        } else {
            *counts.entry(run.0.0).or_default() += run.1;
            run = (*point, 1);
        }
    }
    *counts.entry(run.0.0).or_default() += run.1;
    let mut colours: Vec<_> = counts.into_iter().map(|(colour, n)| (n, colour)).collect();
    colours.sort_unstable();
    let mut colours = colours.into_iter().rev().map(|(_, colour)| Rgb(colour));
    let mut palette: Vec<_> = colours.by_ref().take(COMMON).collect();
    // Of the rest one for each region of colour that has none yet.
    let region = |colour: &Rgb<u8>| colour.0.map(|shade| shade >> 5);
    let mut regions: BTreeSet<_> = palette.iter().map(region).collect();
    palette.extend(colours.filter(|colour| regions.insert(region(colour))).take(COLOURS - COMMON));
    palette
}

fn nearest(palette: &[Rgb<u8>], colour: Rgb<u8>) -> u8 {
    let distance = |other: &Rgb<u8>| -> u32 {
        other.0.iter().zip(colour.0).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
    };
    let best = palette.iter().enumerate().min_by_key(|(_, other)| distance(other));
    best.map_or(0, |(at, _)| u8::try_from(at).unwrap())
}

fn block(file: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    file.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
    let checked = [kind, data].concat();
    file.extend(&checked);
    file.extend(crc32fast::hash(&checked).to_be_bytes());
}

#[test]
fn a_small_picture_is_the_picture() {
    let colours = [[255, 255, 255], [11, 93, 74], [168, 32, 26]].map(Rgb);
    let picture = RgbImage::from_fn(70, 33, |x, y| colours[((x * y) % 3) as usize]);
    let read = image::load_from_memory(&png(&picture)).unwrap().into_rgb8();
    assert_eq!(read, picture);
    let busy = RgbImage::from_fn(256, 256, |x, y| {
        Rgb([u8::try_from(x).unwrap(), u8::try_from(y).unwrap(), 0])
    });
    let read = image::load_from_memory(&png(&busy)).unwrap().into_rgb8();
    assert_eq!((read.width(), read.height()), (256, 256));
}
