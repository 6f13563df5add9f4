//! The journal on a disk that lies, crashes and rots.

mod crash;
mod leftovers;
mod sim_disk;
mod town;
