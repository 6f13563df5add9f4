//! One property of `ostoja::kernel::properties` under libFuzzer, which changes inputs so that they reach new
//! code. `OSTOJA_PROPERTY` names it; `fuzz/run.sh` builds and runs all of them.

#![no_main]

use std::sync::LazyLock;

use ostoja::kernel::properties::{ALL, Property};

/// The property that was asked for.
static PROPERTY: LazyLock<Property> = LazyLock::new(|| {
    let wanted = std::env::var("OSTOJA_PROPERTY").unwrap_or_default();
    let known = ALL.into_iter().find(|(name, _)| *name == wanted);
    known.map_or(none_of_ours, |(_, property)| property)
});

fn none_of_ours(_input: &[u8]) {
    let names: Vec<&str> = ALL.iter().map(|(name, _)| *name).collect();
    unreachable!("OSTOJA_PROPERTY must be one of {}", names.join(", "));
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| PROPERTY(input));
