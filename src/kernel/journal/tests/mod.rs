//! The journal on a disk that lies, crashes and rots.
