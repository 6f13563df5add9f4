//! Which text keys a template or a source file asks for. For tests: the keys of the street's
//! sources are compared with the catalogue, so that no page can ask for a text that is not there.

use std::collections::BTreeSet;

/// The ways to ask, as they are written in templates and in code.
const CALLS: [&str; 8] =
    [".t(\"", ".t1(\"", ".t2(\"", ".hint(\"", ".plain(\"", ".plain1(\"", ".plain2(\"", "about(\""];

/// Every literal key in a source text.
pub fn keys_used_in(source: &str) -> BTreeSet<&str> {
    let mut keys = BTreeSet::new();
    for call in CALLS {
        for after in source.split(call).skip(1) {
            keys.extend(after.split('"').next());
        }
    }
    keys
}
