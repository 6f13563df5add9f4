//! The journal on a disk that lies, crashes and rots.

pub(in crate::kernel) mod crash;
pub(in crate::kernel) mod damage;
pub(in crate::kernel) mod leftovers;
mod town;
