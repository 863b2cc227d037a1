//! Tiers: parallel folders that hold copies of a note, most public first.
//!
//! The folder of a tier is the first segment of a path; its suffix stands
//! before `.md`. `_Standards/a/X.md` and `_public/a/X.public.md` are of one
//! family, whose base is `a/X`. Translations in `en/` and `de/` are the same
//! thing without suffixes. Paths here are paths in the whole vault: where a
//! part of it is opened alone, its mount stands before them.

use crate::path::{same, strip_md};

/// One tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tier {
    /// First segment of the paths of its notes, such as `_public`.
    pub folder: String,
    /// What stands before `.md`, such as `.public`; may be empty.
    pub suffix: String,
}

/// The tiers of a vault, most public first. Empty: the vault has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tiers(pub Vec<Tier>);

impl Tiers {
    /// The seven tiers that are assumed where their folders are seen.
    pub fn standard() -> Self {
        let suffixes = [
            "public", "internal", "protect", "private", "personal", "secret",
        ];
        let mut tiers = vec![Tier {
            folder: "_Standards".to_owned(),
            suffix: String::new(),
        }];
        tiers.extend(suffixes.map(|name| Tier {
            folder: format!("_{name}"),
            suffix: format!(".{name}"),
        }));
        Self(tiers)
    }

    /// Whether the vault has no tiers.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tier in whose folder `path` lies, as an index.
    pub fn of(&self, path: &str) -> Option<usize> {
        let first = path.split('/').next().unwrap_or("");
        if first.len() == path.len() {
            return None;
        }
        self.0.iter().position(|tier| same(&tier.folder, first))
    }

    /// The tier of a note and the base of its family. A note that lacks the
    /// suffix of its tier is in no family.
    pub fn base<'p>(&self, path: &'p str) -> Option<(usize, &'p str)> {
        let tier = self.of(path)?;
        let (_, rest) = path.split_once('/')?;
        let rest = strip_md(rest)?;
        let base = rest.strip_suffix(self.0[tier].suffix.as_str())?;
        let named = !base.is_empty() && !base.ends_with('/');
        named.then_some((tier, base))
    }

    /// The path of the note of a family in a tier: the inverse of [`Tiers::base`].
    pub fn at(&self, base: &str, tier: usize) -> Option<String> {
        let tier = self.0.get(tier)?;
        Some(format!("{}/{base}{}.md", tier.folder, tier.suffix))
    }

    /// The paths of a note's family in all tiers, whether they exist or not.
    pub fn family(&self, path: &str) -> Vec<String> {
        let Some((_, base)) = self.base(path) else {
            return Vec::new();
        };
        (0..self.0.len())
            .filter_map(|tier| self.at(base, tier))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mapping_and_inverse_agree() {
        let tiers = Tiers::standard();
        for (path, tier, base) in [
            ("_Standards/a/X.md", 0, "a/X"),
            ("_Standards/X.public.md", 0, "X.public"),
            ("_public/X.public.public.md", 1, "X.public"),
            ("_secret/a b/T-Str..secret.md", 6, "a b/T-Str."),
        ] {
            assert_eq!(tiers.base(path), Some((tier, base)));
            assert_eq!(tiers.at(base, tier).as_deref(), Some(path));
        }
        assert_eq!(tiers.base("_public/ReadMe.md"), None);
        assert_eq!(tiers.base("_public/.public.md"), None);
        assert_eq!(tiers.base("other/X.md"), None);
        assert_eq!(tiers.of("_public"), None);
        let family = tiers.family("_public/a/X.public.md");
        assert_eq!(family[0], "_Standards/a/X.md");
        assert_eq!(family.len(), 7);
    }

    #[test]
    fn translations_are_tiers_without_suffixes() {
        let tier = |folder: &str| Tier {
            folder: folder.to_owned(),
            suffix: String::new(),
        };
        let tiers = Tiers(vec![tier("en"), tier("de")]);
        assert_eq!(tiers.family("de/x/Y.md"), ["en/x/Y.md", "de/x/Y.md"]);
    }
}
