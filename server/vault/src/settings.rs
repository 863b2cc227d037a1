//! What the user may set about a vault. Reading and checking settings is the
//! server's task; here they are plain values.

use std::sync::Arc;

use crate::tier::Tiers;

/// The settings of one vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The tiers; `None`: the standard ones if the vault shows them, else none.
    pub tiers: Option<Tiers>,
    /// Where the opened folder lies in the whole vault, such as
    /// `_Standards/Earth`; `None`: found by itself.
    pub mount: Option<String>,
    /// Languages of code fences whose links count.
    pub soft_fences: Vec<String>,
    /// Properties and fields whose links say what a note is an instance of.
    pub type_properties: Vec<String>,
    /// Types of properties as declared, by name (P5).
    pub property_types: Vec<(String, String)>,
    /// Folders, from the root of the opened folder, that are known to be
    /// fetched separately: those that are not there are no mistake of links
    /// into them. The disk tells them.
    pub absent_folders: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Self {
            tiers: None,
            mount: None,
            soft_fences: names(&["leaflet"]),
            type_properties: names(&["instance_of", "is_a", "is_a_", "dv_is_a_", "dv_instance_of"]),
            property_types: Vec::new(),
            absent_folders: Vec::new(),
        }
    }
}

impl Settings {
    /// The tiers that the vault has, if it turns out to have any.
    pub(crate) fn possible_tiers(&self) -> Arc<Tiers> {
        Arc::new(self.tiers.clone().unwrap_or_else(Tiers::standard))
    }
}
