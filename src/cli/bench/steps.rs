//! What a resident types into the tree notice, step by step. It knows nothing of the program, so that
//! the tests of the whole house can take it as it stands.

/// The steps by their addresses, and the answers; questions that are not named stay as they are.
pub(crate) const STEPS: [(&str, &[(&str, &str)]); 8] = [
    ("kto", &[("owner.kind", "sole")]),
    (
        "wlasciciel",
        &[
            ("owner.first", "Anna"),
            ("owner.last", "Wierzba"),
            ("owner.address.house", "7"),
            ("owner.address.postcode", "08-400"),
            ("owner.address.locality", "Modrzewie"),
        ],
    ),
    ("nieruchomosc", &[("prop.parcel.precinct", "Modrzewie"), ("prop.parcel.number", "112/4")]),
    (
        "sytuacja",
        &[("prop.owner_types", "yes"), ("purpose.business", "no"), ("prop.monument", "no")],
    ),
    ("drzewa", &[("trees[0].species", "nie-wiem"), ("trees[0].stems_cm", "91,5")]),
    ("rysunek", &[]),
    ("ogledziny", &[]),
    ("doreczenia", &[("delivery.pref", "post")]),
];
