//! The one integration binary: each file tries the whole house from one side.

#[cfg(test)]
mod audit;
#[cfg(test)]
mod bench;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod daemon;
#[cfg(test)]
mod definitions;
#[cfg(test)]
mod disks;
#[cfg(test)]
mod edge;
#[cfg(test)]
mod erasure;
#[cfg(test)]
mod feed;
#[cfg(test)]
mod format;
#[cfg(test)]
mod journal;
#[cfg(test)]
mod journey;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod office;
#[cfg(test)]
mod people;
#[cfg(test)]
mod publiclog;
#[cfg(test)]
mod screens;
#[cfg(test)]
mod scrub;
#[cfg(test)]
mod signoff;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tidy;
#[cfg(test)]
mod trees;
#[cfg(test)]
mod walk;
#[cfg(test)]
mod worker;
