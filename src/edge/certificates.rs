//! The built-in authority: certificates for the machine listener and for those who may enter it.
//!
//! For machines only; the public name gets its certificate from a public authority. Called by `ostoja cert …`, by the
//! demonstration and by tests, never while serving. Certificates are short-lived: one that nobody revoked dies by itself.
//!
//! ```text
//! <dir>/ca.pem  ca.key  ca.crl           the authority, its key, what it has revoked
//! <dir>/server.pem  server.key           for the machine listener
//! <dir>/clients/<name>.pem  <name>.key   one pair for each machine
//! ```

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, RevocationReason,
    RevokedCertParams, SerialNumber,
};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, pem::PemObject};
use x509_parser::prelude::{CertificateRevocationList, FromDer, X509Certificate};

use super::peer::hex;

/// The authority lives longer than any machine; replacing it means visiting every partner.
const CA_DAYS: u32 = 3650;
/// Renewed by a command, and by the alert on `certificate_expires_timestamp_seconds` if forgotten.
const SERVER_DAYS: u32 = 90;
/// What `ostoja cert client` takes when nothing is said.
pub const CLIENT_DAYS_DEFAULT: u32 = 30;
/// A client that needs longer is a server, and a forgotten one.
pub const CLIENT_DAYS_MAX: u32 = 397;
/// Clocks of partners differ; certificates are valid from so long before now.
const SKEW_SECONDS: u64 = 300;
const DAY_SECONDS: u64 = 86_400;
/// A name becomes a file name and a line in the audit view.
const NAME_BYTES_MAX: usize = 64;

/// Why a certificate cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// There is one already; a second would lock out everyone who trusts the first.
    #[error("there is an authority in {} already", .0.display())]
    AuthorityExists(PathBuf),
    /// `create_ca` has not been run here.
    #[error("there is no authority in {} (or it cannot be read)", .dir.display())]
    NoAuthority {
        /// The directory.
        dir: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A file of the authority is not what it should be.
    #[error("{} is damaged", .0.display())]
    Damaged(PathBuf),
    /// A name that cannot be a file name.
    #[error(
        "`{0}` cannot be a name: 1 to 64 letters a-z, digits, dots and hyphens, beginning with a letter or digit"
    )]
    BadName(String),
    /// No days, or more than [`CLIENT_DAYS_MAX`].
    #[error("{0} days are not possible: 1 to 397")]
    BadDays(u32),
    /// No server names.
    #[error("a server certificate needs at least one name")]
    NoNames,
    /// A serial that is not hex.
    #[error("`{0}` is not a serial number in hex")]
    BadSerial(String),
    /// A file cannot be written.
    #[error("cannot write {}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The library refuses, for instance a malformed host name.
    #[error("the certificate cannot be made")]
    Make(#[from] rcgen::Error),
}

/// A certificate that was made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Issued {
    /// The certificate's file.
    pub certificate: PathBuf,
    /// Its key's file, readable by the owner only.
    pub key: PathBuf,
    /// The serial number in lower-case hex.
    pub serial: String,
    /// The last second it is valid.
    pub expires: Timestamp,
}

/// Makes an authority for a commune.
///
/// # Errors
/// There is one already, or the directory cannot be written.
pub fn create_ca(dir: &Path, commune: &str, now: Timestamp) -> Result<Issued, CertificateError> {
    let key_path = dir.join("ca.key");
    if key_path.exists() || dir.join("ca.pem").exists() {
        return Err(CertificateError::AuthorityExists(dir.to_owned()));
    }
    make_dir(dir)?;
    let key = KeyPair::generate()?;
    let mut params = ca_params(&format!("Ostoja {commune}"));
    set_validity(&mut params, now, CA_DAYS);
    let certificate = params.self_signed(&key)?;
    let issued = issued(dir, "ca", certificate.der(), now, CA_DAYS)?;
    // The key first: without it the certificate is worth nothing, and an interrupted run is seen as an authority.
    write_private(&issued.key, key.serialize_pem().as_bytes())?;
    write(&issued.certificate, certificate.pem().as_bytes())?;
    write_revoked(dir, &Issuer::new(params, key), Vec::new(), 1, now)?;
    Ok(issued)
}

/// Makes a certificate for the machine listener, in place of the last one.
///
/// # Errors
/// There is no authority, or a name is malformed.
pub fn issue_server(
    dir: &Path,
    names: &[String],
    now: Timestamp,
) -> Result<Issued, CertificateError> {
    let first = names.first().ok_or(CertificateError::NoNames)?;
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, first.as_str());
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    issue(dir, dir, "server", params, SERVER_DAYS, now)
}

/// Makes a client certificate for a machine; a new one for the same name does not revoke the last.
///
/// # Errors
/// There is no authority, or name or days are refused.
pub fn issue_client(
    dir: &Path,
    name: &str,
    days: u32,
    now: Timestamp,
) -> Result<Issued, CertificateError> {
    if !is_name(name) {
        return Err(CertificateError::BadName(name.to_owned()));
    }
    if days == 0 || days > CLIENT_DAYS_MAX {
        return Err(CertificateError::BadDays(days));
    }
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let clients = dir.join("clients");
    make_dir(&clients)?;
    issue(dir, &clients, name, params, days, now)
}

/// Revokes a certificate by its serial number.
///
/// The machine listener reads the new list within half a minute, and then ends every open connection.
///
/// # Errors
/// There is no authority, or the serial is not hex.
pub fn revoke(dir: &Path, serial: &str, now: Timestamp) -> Result<(), CertificateError> {
    let number = parse_hex(serial).ok_or_else(|| CertificateError::BadSerial(serial.to_owned()))?;
    let issuer = authority(dir)?;
    let path = dir.join("ca.crl");
    let damaged = || CertificateError::Damaged(path.clone());
    let old = CertificateRevocationListDer::from_pem_file(&path).map_err(|_detail| damaged())?;
    let (_, old) = CertificateRevocationList::from_der(&old).map_err(|_detail| damaged())?;

    let mut revoked = Vec::new();
    for entry in old.iter_revoked_certificates() {
        let at = u64::try_from(entry.revocation_date.timestamp()).map_err(|_negative| damaged())?;
        revoked.push((entry.raw_serial().to_vec(), at));
    }
    if !revoked.iter().any(|(known, _)| trim(known) == trim(&number)) {
        revoked.push((number, unix_seconds(now)));
    }
    let last =
        old.crl_number().and_then(|number| number.to_u64_digits().first().copied()).unwrap_or(0);
    write_revoked(dir, &issuer, revoked, last + 1, now)
}

fn issue(
    dir: &Path,
    into: &Path,
    name: &str,
    mut params: CertificateParams,
    days: u32,
    now: Timestamp,
) -> Result<Issued, CertificateError> {
    let issuer = authority(dir)?;
    set_validity(&mut params, now, days);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, &issuer)?;
    let issued = issued(into, name, certificate.der(), now, days)?;
    write_private(&issued.key, key.serialize_pem().as_bytes())?;
    write(&issued.certificate, certificate.pem().as_bytes())?;
    Ok(issued)
}

/// Reads the authority back. The subject is taken from its certificate, the rest is as `ca_params` made it.
fn authority(dir: &Path) -> Result<Issuer<'static, KeyPair>, CertificateError> {
    let missing = |source| CertificateError::NoAuthority { dir: dir.to_owned(), source };
    let certificate_path = dir.join("ca.pem");
    let key_path = dir.join("ca.key");
    let pem = fs::read(&certificate_path).map_err(missing)?;
    let key = zeroize::Zeroizing::new(fs::read_to_string(&key_path).map_err(missing)?);

    let damaged = || CertificateError::Damaged(certificate_path.clone());
    let der = CertificateDer::from_pem_slice(&pem).map_err(|_detail| damaged())?;
    let (_, parsed) = X509Certificate::from_der(&der).map_err(|_detail| damaged())?;
    let name = parsed
        .subject()
        .iter_common_name()
        .next()
        .and_then(|name| name.as_str().ok())
        .ok_or_else(damaged)?;
    let key =
        KeyPair::from_pem(&key).map_err(|_detail| CertificateError::Damaged(key_path.clone()))?;
    Ok(Issuer::new(ca_params(name), key))
}

fn ca_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn set_validity(params: &mut CertificateParams, now: Timestamp, days: u32) {
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let now = unix_seconds(now);
    params.not_before = epoch + Duration::from_secs(now.saturating_sub(SKEW_SECONDS));
    params.not_after = epoch + Duration::from_secs(now + u64::from(days) * DAY_SECONDS);
}

fn unix_seconds(now: Timestamp) -> u64 {
    u64::try_from(now.as_second()).unwrap_or(0)
}

fn issued(
    dir: &Path,
    name: &str,
    der: &[u8],
    now: Timestamp,
    days: u32,
) -> Result<Issued, CertificateError> {
    let certificate = dir.join(format!("{name}.pem"));
    let (_, parsed) = X509Certificate::from_der(der)
        .map_err(|_detail| CertificateError::Damaged(certificate.clone()))?;
    let serial = hex(parsed.raw_serial());
    let expires = now + Duration::from_secs(u64::from(days) * DAY_SECONDS);
    Ok(Issued { certificate, key: dir.join(format!("{name}.key")), serial, expires })
}

fn write_revoked(
    dir: &Path,
    issuer: &Issuer<'static, KeyPair>,
    revoked: Vec<(Vec<u8>, u64)>,
    number: u64,
    now: Timestamp,
) -> Result<(), CertificateError> {
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let entry = |(serial, at): (Vec<u8>, u64)| RevokedCertParams {
        serial_number: SerialNumber::from_slice(&serial),
        revocation_time: epoch + Duration::from_secs(at),
        reason_code: Some(RevocationReason::Unspecified),
        invalidity_date: None,
    };
    let now = unix_seconds(now);
    let list = CertificateRevocationListParams {
        this_update: epoch + Duration::from_secs(now),
        // It is read from our own disk, where a newer one would lie: it does not go stale.
        next_update: epoch + Duration::from_secs(now + u64::from(CA_DAYS) * DAY_SECONDS),
        crl_number: SerialNumber::from(number),
        issuing_distribution_point: None,
        revoked_certs: revoked.into_iter().map(entry).collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    write(&dir.join("ca.crl"), list.signed_by(issuer)?.pem()?.as_bytes())
}

fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    name.len() <= NAME_BYTES_MAX
        && name.bytes().next().is_some_and(plain)
        && name.bytes().all(|byte| plain(byte) || byte == b'-' || byte == b'.')
}

fn parse_hex(text: &str) -> Option<Vec<u8>> {
    let text = text.replace(':', "");
    let digits = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let sensible = digits && !text.is_empty() && text.len() <= 40 && text.len().is_multiple_of(2);
    if !sensible {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

/// Serial numbers are integers: a leading zero byte says nothing.
fn trim(serial: &[u8]) -> &[u8] {
    match serial {
        [0, rest @ ..] => rest,
        all => all,
    }
}

fn make_dir(dir: &Path) -> Result<(), CertificateError> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.map_err(|source| CertificateError::Write { path: dir.to_owned(), source })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CertificateError> {
    write_mode(path, bytes, 0o644)
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<(), CertificateError> {
    write_mode(path, bytes, 0o600)
}

/// Replaces a file in one step, so that a listener that looks now sees the old or the new.
fn write_mode(path: &Path, bytes: &[u8], mode: u32) -> Result<(), CertificateError> {
    let write_error = |source| CertificateError::Write { path: path.to_owned(), source };
    let mut staged = path.as_os_str().to_owned();
    staged.push(".new");
    let staged = PathBuf::from(staged);
    if staged.exists() {
        // Left by an interrupted run; its mode is not to be trusted.
        fs::remove_file(&staged).map_err(write_error)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&staged)
        .map_err(write_error)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(write_error)?;
    fs::rename(&staged, path).map_err(write_error)?;
    let dir = path.parent().unwrap_or(Path::new("."));
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(write_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_serials_are_parsed_strictly() {
        for good in ["gops", "archiwum-2.gops", "0a"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "../x", "-x", ".x", "a/b", "GOPS", "a b", "a\n", &"a".repeat(65)] {
            assert!(!is_name(bad), "{bad:?}");
        }
        assert_eq!(parse_hex("00:ff:1a"), Some(vec![0, 255, 26]));
        for bad in ["", "0", "xy", "+1", "00ff\u{142}a"] {
            assert_eq!(parse_hex(bad), None, "{bad:?}");
        }
        assert_eq!(trim(&[0, 1]), [1]);
    }
}
