//! The built-in authority: certificates for the machine listener and for those who may enter it.
//!
//! For machines only; the public name gets its certificate from a public authority. Called by `ostoja cert …`, by the
//! demonstration and by tests, never while serving. Certificates are short-lived: one that nobody revoked dies by itself.
//!
//! ```text
//! <dir>/ca.pem  ca.key  ca.crl           the authority, its key, what it has revoked
//! <dir>/server.pem  server.key           for the machine listener
//! <dir>/clients/<name>.pem  <name>.key   one pair for each machine
//! <dir>/issued/<serial>.pem              every certificate it has signed, without its key
//! ```
//!
//! [`super::issued::list`] reads `issued/`. Who is handed a key gets it in one file with its certificate ([`issue_client_to`]), and
//! no copy of it stays here.

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
/// What `ostoja cert issue` takes when nothing is said: as long as the server's own.
pub const CLIENT_DAYS_DEFAULT: u32 = 90;
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
    /// A key would be overwritten.
    #[error("{} is there already", .0.display())]
    OutExists(PathBuf),
    /// A directory cannot be read.
    #[error("cannot read {}", .path.display())]
    Read {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
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
    let (serial, expires) = facts(certificate.der(), now, CA_DAYS)?;
    let certificate_path = dir.join("ca.pem");
    // The key first: without it the certificate is worth nothing, and an interrupted run is seen as an authority.
    write_private(&key_path, key.serialize_pem().as_bytes())?;
    write(&certificate_path, certificate.pem().as_bytes())?;
    write_revoked(dir, &Issuer::new(params, key), Vec::new(), 1, now)?;
    Ok(Issued { certificate: certificate_path, key: key_path, serial, expires })
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
    let params = client_params(name, days)?;
    let clients = dir.join("clients");
    make_dir(&clients)?;
    issue(dir, &clients, name, params, days, now)
}

/// As [`issue_client`], with certificate and key together in one new file that only its owner reads: what `curl
/// --cert` takes. The key is kept nowhere else.
///
/// # Errors
/// As [`issue_client`]; also if `out` is there already.
pub fn issue_client_to(
    dir: &Path,
    name: &str,
    days: u32,
    out: &Path,
    now: Timestamp,
) -> Result<Issued, CertificateError> {
    let params = client_params(name, days)?;
    if out.exists() {
        return Err(CertificateError::OutExists(out.to_owned()));
    }
    // Nothing is signed for a place that cannot take it.
    let place = out.parent().filter(|place| !place.as_os_str().is_empty());
    fs::metadata(place.unwrap_or(Path::new(".")))
        .map_err(|source| CertificateError::Write { path: out.to_owned(), source })?;
    let signed = sign(dir, params, days, now)?;
    write_private(out, [signed.pem, signed.key_pem.to_string()].concat().as_bytes())?;
    let (certificate, key) = (out.to_owned(), out.to_owned());
    Ok(Issued { certificate, key, serial: signed.serial, expires: signed.expires })
}

fn client_params(name: &str, days: u32) -> Result<CertificateParams, CertificateError> {
    if !is_name(name) {
        return Err(CertificateError::BadName(name.to_owned()));
    }
    if days == 0 || days > CLIENT_DAYS_MAX {
        return Err(CertificateError::BadDays(days));
    }
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    Ok(params)
}

pub(super) fn common_name<'a>(certificate: &'a X509Certificate<'_>) -> Option<&'a str> {
    certificate.subject().iter_common_name().next().and_then(|name| name.as_str().ok())
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
    let mut revoked = revoked(dir)?;
    if !revoked.iter().any(|(known, _)| trim(known) == trim(&number)) {
        revoked.push((number, unix_seconds(now)));
    }
    let last = read_revoked(dir, |old| {
        let number = old.crl_number().and_then(|number| number.to_u64_digits().first().copied());
        Some(number.unwrap_or(0))
    })?;
    write_revoked(dir, &issuer, revoked, last + 1, now)
}

/// Serial numbers that were revoked, and when.
pub(super) fn revoked(dir: &Path) -> Result<Vec<(Vec<u8>, u64)>, CertificateError> {
    read_revoked(dir, |list| {
        let entries = list.iter_revoked_certificates();
        entries
            .map(|entry| {
                let at = u64::try_from(entry.revocation_date.timestamp()).ok()?;
                Some((entry.raw_serial().to_vec(), at))
            })
            .collect()
    })
}

fn read_revoked<T>(
    dir: &Path,
    read: impl FnOnce(&CertificateRevocationList<'_>) -> Option<T>,
) -> Result<T, CertificateError> {
    let path = dir.join("ca.crl");
    let damaged = || CertificateError::Damaged(path.clone());
    let bytes = CertificateRevocationListDer::from_pem_file(&path).map_err(|_detail| damaged())?;
    let (_, list) = CertificateRevocationList::from_der(&bytes).map_err(|_detail| damaged())?;
    read(&list).ok_or_else(damaged)
}

fn issue(
    dir: &Path,
    into: &Path,
    name: &str,
    params: CertificateParams,
    days: u32,
    now: Timestamp,
) -> Result<Issued, CertificateError> {
    let signed = sign(dir, params, days, now)?;
    let (certificate, key) = (into.join(format!("{name}.pem")), into.join(format!("{name}.key")));
    write_private(&key, signed.key_pem.as_bytes())?;
    write(&certificate, signed.pem.as_bytes())?;
    Ok(Issued { certificate, key, serial: signed.serial, expires: signed.expires })
}

struct Signed {
    pem: String,
    key_pem: zeroize::Zeroizing<String>,
    serial: String,
    expires: Timestamp,
}

/// Signs a certificate for a new key, and lists it before anybody can use it.
fn sign(
    dir: &Path,
    mut params: CertificateParams,
    days: u32,
    now: Timestamp,
) -> Result<Signed, CertificateError> {
    let issuer = authority(dir)?;
    set_validity(&mut params, now, days);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, &issuer)?;
    let (serial, expires) = facts(certificate.der(), now, days)?;
    let issued = dir.join("issued");
    make_dir(&issued)?;
    let pem = certificate.pem();
    write(&issued.join(format!("{serial}.pem")), pem.as_bytes())?;
    let key_pem = zeroize::Zeroizing::new(key.serialize_pem());
    Ok(Signed { pem, key_pem, serial, expires })
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
    let name = common_name(&parsed).ok_or_else(damaged)?;
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

/// Serial number and end of a certificate.
fn facts(der: &[u8], now: Timestamp, days: u32) -> Result<(String, Timestamp), CertificateError> {
    let (_, parsed) = X509Certificate::from_der(der)
        .map_err(|_detail| CertificateError::Make(rcgen::Error::CouldNotParseCertificate))?;
    let expires = now + Duration::from_secs(u64::from(days) * DAY_SECONDS);
    Ok((hex(parsed.raw_serial()), expires))
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
pub(super) fn trim(serial: &[u8]) -> &[u8] {
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
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty());
    File::open(dir.unwrap_or(Path::new("."))).and_then(|dir| dir.sync_all()).map_err(write_error)
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
