//! The office against a real store: what pages offer, what acts enter, who is kept out.
