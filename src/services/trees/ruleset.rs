//! The terms of the definition under the names by which the rules of this room ask for them.
//!
//! The numbers stand in the definition; that all of them are there is settled once, when the definition is
//! imported or loaded, and not in the middle of a decision.

use std::collections::BTreeMap;

use super::super::catalogue::{Calendar, Definition, Ruleset, TermRule};

/// Everything dated that a decision needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeRules {
    pub ruleset: Ruleset,
    pub calendar: Calendar,
    /// The girth limit of each kind of tree in the dictionary, at 5 cm.
    pub limits_mm: BTreeMap<String, u32>,
    /// From this girth at 130 cm on, a kind meets the criteria of natural monuments.
    pub monuments_mm: BTreeMap<String, u32>,
    pub inspection: TermRule,
    pub objection: TermRule,
    pub validity: TermRule,
    pub fee_watch: TermRule,
    pub supplement: TermRule,
    pub summons: TermRule,
    pub obligatory_objection: TermRule,
    pub inspection_notice: TermRule,
    pub inspection_notice_safe: TermRule,
    pub hybrid_margin: TermRule,
    pub appeal: TermRule,
    pub appeal_forward: TermRule,
    pub silence_final: TermRule,
}

/// A ruleset that lacks a term this room cannot do without.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("ruleset {ruleset} has no term {term}")]
pub struct MissingTerm {
    pub ruleset: String,
    pub term: &'static str,
}

impl TreeRules {
    /// # Errors
    /// The first term that is missing.
    pub fn new(
        definition: &Definition,
        ruleset: &Ruleset,
        calendar: Calendar,
    ) -> Result<TreeRules, MissingTerm> {
        let kinds = || definition.species.iter();
        let term = |name: &'static str| {
            ruleset
                .terms
                .get(name)
                .cloned()
                .ok_or_else(|| MissingTerm { ruleset: ruleset.id.clone(), term: name })
        };
        Ok(TreeRules {
            inspection: term("inspection")?,
            objection: term("objection")?,
            validity: term("validity")?,
            fee_watch: term("fee_watch")?,
            supplement: term("supplement")?,
            summons: term("summons")?,
            obligatory_objection: term("obligatory_objection")?,
            inspection_notice: term("inspection_notice")?,
            inspection_notice_safe: term("inspection_notice_safe")?,
            hybrid_margin: term("hybrid_margin")?,
            appeal: term("appeal")?,
            appeal_forward: term("appeal_forward")?,
            silence_final: term("silence_final")?,
            limits_mm: kinds()
                .filter_map(|kind| Some((kind.id.clone(), ruleset.over_mm(Some(&kind.group))?)))
                .collect(),
            monuments_mm: kinds()
                .filter_map(|kind| Some((kind.id.clone(), u32::from(kind.monument_cm?) * 10)))
                .collect(),
            ruleset: ruleset.clone(),
            calendar,
        })
    }

    /// Whether one stem at least exceeds the limit; nothing was measured, nothing is known.
    ///
    /// A kind that is not in the dictionary has the limit of "all other kinds".
    #[must_use]
    pub fn is_over_limit(&self, species: Option<&str>, stems_5_mm: &[u32]) -> Option<bool> {
        let named = species.and_then(|species| self.limits_mm.get(species)).copied();
        let limit = named.or_else(|| self.ruleset.over_mm(None))?;
        Some(*stems_5_mm.iter().max()? > limit)
    }

    /// Whether the girth at 130 cm reaches the table of the regulation: the largest stem and half of the others.
    ///
    /// Only the number; that a tree stands out among its kind (the second criterion) is for people to see.
    #[must_use]
    pub fn meets_monument_girth(&self, species: &str, stems_130_mm: &[u32]) -> Option<bool> {
        let limit = u64::from(*self.monuments_mm.get(species)?);
        let largest = u64::from(*stems_130_mm.iter().max()?);
        let all: u64 = stems_130_mm.iter().map(|stem| u64::from(*stem)).sum();
        // Doubled, so that the half stays whole.
        Some(largest * 2 + (all - largest) >= limit * 2)
    }
}
