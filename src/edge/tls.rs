//! TLS: what is offered, where certificates come from, and how they are replaced without a restart.
//!
//! Public: TLS 1.3, and 1.2 with ECDHE and AEAD only (rustls has nothing weaker). Machines: TLS 1.3 and a client
//! certificate of the built-in authority. No early data: a replayed request must not reach an app.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use rustls::{
    RootCertStore, ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer, pem::PemObject},
    server::{NoServerSessionStorage, WebPkiClientVerifier, danger::ClientCertVerifier},
    version::{TLS12, TLS13},
};
use tokio::sync::watch;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Larger than any chain, key or list of revoked certificates we issue.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// A server certificate on disk, as PEM.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate, then those between it and the root.
    pub chain: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Whose client certificates are accepted, as PEM.
#[derive(Clone, Debug)]
pub struct ClientTrust {
    /// The built-in authority.
    pub authority: PathBuf,
    /// What it has revoked.
    pub revoked: Option<PathBuf>,
}

/// Why certificate files cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsLoadError {
    /// A file is missing, unreadable or far too large.
    #[error("cannot read {}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A file holds no PEM of the kind needed.
    #[error("{} holds no usable {what}", .path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// The kind.
        what: &'static str,
    },
    /// Certificate and key do not belong together, or rustls refuses them.
    #[error("{} cannot be used for TLS", .path.display())]
    Use {
        /// The certificate file.
        path: PathBuf,
        /// What rustls says.
        #[source]
        source: rustls::Error,
    },
    /// The authority or its list of revoked certificates cannot be used.
    #[error("{} cannot be used to check clients", .path.display())]
    Trust {
        /// The authority's file.
        path: PathBuf,
        /// What rustls says.
        #[source]
        source: rustls::server::VerifierBuilderError,
    },
}

/// What a look at the files has led to.
#[derive(Debug)]
pub(super) enum Reload {
    /// They are as they were.
    Same,
    /// New connections use the new ones.
    Replaced,
    /// They changed and cannot be used: the old ones stay.
    Kept(TlsLoadError),
}

/// The TLS side of one listener.
pub(super) struct TlsSource {
    files: TlsFiles,
    trust: Option<ClientTrust>,
    current: RwLock<Arc<ServerConfig>>,
    seen: Mutex<Files>,
    replaced: watch::Sender<u64>,
}

/// The bytes the current configuration was made of, or the last ones that were refused.
#[derive(Eq, PartialEq)]
struct Files {
    chain: Vec<u8>,
    key: zeroize::Zeroizing<Vec<u8>>,
    authority: Vec<u8>,
    revoked: Vec<u8>,
}

impl TlsSource {
    pub(super) fn load(files: TlsFiles, trust: Option<ClientTrust>) -> Result<Self, TlsLoadError> {
        let seen = Files::read(&files, trust.as_ref())?;
        let config = configure(&files, trust.as_ref(), &seen)?;
        Ok(Self {
            files,
            trust,
            current: RwLock::new(Arc::new(config)),
            seen: Mutex::new(seen),
            replaced: watch::Sender::new(0),
        })
    }

    /// The configuration for a new connection.
    pub(super) fn current(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes whenever the files were replaced; connections of machines then end, so that a revoked one is out.
    pub(super) fn replacements(&self) -> watch::Receiver<u64> {
        self.replaced.subscribe()
    }

    /// Looks at the files again. Blocks.
    pub(super) fn reload(&self) -> Reload {
        let found = match Files::read(&self.files, self.trust.as_ref()) {
            Ok(found) => found,
            Err(error) => return Reload::Kept(error),
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == found {
            return Reload::Same;
        }
        let made = configure(&self.files, self.trust.as_ref(), &found);
        *seen = found;
        match made {
            Ok(config) => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
                self.replaced.send_modify(|count| *count += 1);
                Reload::Replaced
            }
            Err(error) => Reload::Kept(error),
        }
    }

    /// When the certificate in the file expires, in seconds since 1970.
    pub(super) fn expires_unix_seconds(&self) -> Option<u64> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let leaf = CertificateDer::pem_slice_iter(&seen.chain).next()?.ok()?;
        let (_, parsed) = X509Certificate::from_der(&leaf).ok()?;
        u64::try_from(parsed.validity().not_after.timestamp()).ok()
    }
}

impl Files {
    fn read(files: &TlsFiles, trust: Option<&ClientTrust>) -> Result<Self, TlsLoadError> {
        let optional = |path: Option<&PathBuf>| path.map_or(Ok(Vec::new()), |path| read(path));
        Ok(Self {
            chain: read(&files.chain)?,
            key: read(&files.key)?.into(),
            authority: optional(trust.map(|trust| &trust.authority))?,
            revoked: optional(trust.and_then(|trust| trust.revoked.as_ref()))?,
        })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsLoadError> {
    let read_error = |source| TlsLoadError::Read { path: path.to_owned(), source };
    if fs::metadata(path).map_err(read_error)?.len() > FILE_BYTES_MAX {
        return Err(read_error(io::ErrorKind::FileTooLarge.into()));
    }
    fs::read(path).map_err(read_error)
}

/// aws-lc-rs with the order of key exchanges written out: a post-quantum hybrid first.
fn provider() -> Arc<CryptoProvider> {
    use aws_lc_rs::kx_group::{SECP256R1, SECP384R1, X25519, X25519MLKEM768};
    let mut provider = aws_lc_rs::default_provider();
    provider.kx_groups = vec![X25519MLKEM768, X25519, SECP256R1, SECP384R1];
    Arc::new(provider)
}

fn configure(
    files: &TlsFiles,
    trust: Option<&ClientTrust>,
    found: &Files,
) -> Result<ServerConfig, TlsLoadError> {
    let chain = pem_all(&found.chain, &files.chain, "certificate")?;
    let key = PrivateKeyDer::from_pem_slice(&found.key)
        .map_err(|_detail| TlsLoadError::Pem { path: files.key.clone(), what: "private key" })?;
    let unusable = |source| TlsLoadError::Use { path: files.chain.clone(), source };

    let versions: &[_] = if trust.is_some() { &[&TLS13] } else { &[&TLS13, &TLS12] };
    let builder = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(versions)
        .map_err(unusable)?;
    let builder = match trust {
        Some(trust) => builder.with_client_cert_verifier(verifier(trust, found)?),
        None => builder.with_no_client_auth(),
    };
    let mut config = builder.with_single_cert(chain, key).map_err(unusable)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.max_early_data_size = 0;
    if trust.is_some() {
        // A resumed session would skip the check of the client's certificate, and so outlive its end or revocation.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
    }
    Ok(config)
}

fn verifier(
    trust: &ClientTrust,
    found: &Files,
) -> Result<Arc<dyn ClientCertVerifier>, TlsLoadError> {
    let mut roots = RootCertStore::empty();
    for certificate in
        pem_all::<CertificateDer<'_>>(&found.authority, &trust.authority, "certificate")?
    {
        roots.add(certificate).map_err(|_detail| TlsLoadError::Pem {
            path: trust.authority.clone(),
            what: "certificate",
        })?;
    }
    // Without `allow_unauthenticated` a handshake without a certificate fails.
    let mut builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider());
    if let Some(path) = &trust.revoked {
        let lists: Vec<CertificateRevocationListDer<'static>> =
            pem_all(&found.revoked, path, "revocation list")?;
        builder = builder.with_crls(lists);
    }
    builder.build().map_err(|source| TlsLoadError::Trust { path: trust.authority.clone(), source })
}

/// Every section of the kind, at least one.
fn pem_all<Section: PemObject>(
    bytes: &[u8],
    path: &Path,
    what: &'static str,
) -> Result<Vec<Section>, TlsLoadError> {
    let sections: Result<Vec<_>, _> = Section::pem_slice_iter(bytes).collect();
    match sections {
        Ok(sections) if !sections.is_empty() => Ok(sections),
        _ => Err(TlsLoadError::Pem { path: path.to_owned(), what }),
    }
}
