//! The files a page links to: style, scripts, icons. Built in, named by their content, squeezed
//! once. Not a file server: nothing is read from the disk, and a name that is not here is not found.

use std::io::Write;
use std::sync::LazyLock;

use aws_lc_rs::digest;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Where assets are served. Their names change with their content, so answers may be kept for ever.
pub const PREFIX: &str = "/zasoby/";

pub struct Asset {
    /// As templates name it: `style.css`.
    pub name: &'static str,
    /// As browsers ask for it: `/zasoby/style.0123456789ab.css`.
    pub path: String,
    pub content_type: &'static str,
    pub bytes: Vec<u8>,
    /// Squeezed forms; absent where they would not be smaller.
    pub br: Option<Vec<u8>>,
    pub gz: Option<Vec<u8>>,
}

const TEXT_CSS: &str = "text/css; charset=utf-8";
const TEXT_JS: &str = "text/javascript; charset=utf-8";
const IMAGE_SVG: &str = "image/svg+xml";
const MANIFEST: &str = "application/manifest+json";

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let mut all = vec![
        asset("style.css", TEXT_CSS, include_bytes!("style.css").to_vec()),
        asset("sprite.svg", IMAGE_SVG, include_bytes!("sprite.svg").to_vec()),
        asset("favicon.svg", IMAGE_SVG, include_bytes!("favicon.svg").to_vec()),
        asset("app.js", TEXT_JS, include_bytes!("app.js").to_vec()),
        asset("passkey.js", TEXT_JS, include_bytes!("passkey.js").to_vec()),
    ];
    // The manifest names the icon by its path, so it is made after the icon.
    let icon = all.iter().find(|a| a.name == "favicon.svg").map_or("", |a| &a.path);
    let manifest = include_str!("site.webmanifest").replace("%favicon%", icon);
    all.push(asset("site.webmanifest", MANIFEST, manifest.into_bytes()));
    all
});

/// The address of an asset for a template. An unknown name gives an address that is not found;
/// a test walks all templates so that none asks for one.
pub fn asset_path(name: &str) -> &'static str {
    ASSETS.iter().find(|asset| asset.name == name).map_or("/zasoby/brak", |asset| &asset.path)
}

/// What a browser asked for, by the whole path.
pub fn find(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}

/// Squeezes everything now, so that the first visitor does not wait for it.
pub fn prepare() {
    LazyLock::force(&ASSETS);
}

/// For the walk over everything a page may link to.
pub fn all() -> &'static [Asset] {
    &ASSETS
}

fn asset(name: &'static str, content_type: &'static str, bytes: Vec<u8>) -> Asset {
    let (stem, extension) = name.split_once('.').unwrap_or((name, "bin"));
    let path = format!("{PREFIX}{stem}.{}.{extension}", short_hash(&bytes));
    let smaller = |squeezed: Option<Vec<u8>>| squeezed.filter(|s| s.len() < bytes.len());
    let (br, gz) = (smaller(brotli(&bytes)), smaller(gzip(&bytes)));
    Asset { name, path, content_type, bytes, br, gz }
}

/// Twelve hexadecimal digits: 48 bits tell two releases of a dozen files apart.
fn short_hash(bytes: &[u8]) -> String {
    let hash = digest::digest(&digest::SHA256, bytes);
    hash.as_ref().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

fn brotli(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let params = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 18, ..Default::default() };
    brotli::BrotliCompress(&mut &*bytes, &mut out, &params).ok()?;
    Some(out)
}

fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

#[cfg(test)]
mod tests;
