//! The types of properties: as declared, or as nearly all notes have them.

use super::Check;
use super::fix::tag_list;
use crate::fact::ValueKind;
use crate::field::canonical_path;
use crate::frontmatter::{Entry, Frontmatter, Value};
use crate::properties::kind;
use crate::rule::Rule;

impl Check<'_> {
    /// P5: the declared type, else the shape that nearly all notes have.
    pub(super) fn type_of(&mut self, front: &Frontmatter, index: usize, entry: &Entry) {
        let Some(key) = &entry.key else { return };
        if matches!(entry.value, Value::Null | Value::Alias) {
            return;
        }
        let own = kind(entry);
        let types = self.vault.settings().property_types.iter();
        let mut types = types.filter(|(name, _)| name.eq_ignore_ascii_case(&key.name));
        let declared = types.next().map(|(_, declared)| declared.as_str());
        let usual = match &*key.name.to_ascii_lowercase() {
            "tags" => Some("tags"),
            "aliases" => Some("aliases"),
            "cssclasses" => Some("multitext"),
            _ => None,
        };
        let Some(declared) = declared.or(usual).filter(|_| entry.depth == 0) else {
            self.shape(front, index, entry, own);
            return;
        };
        if own == ValueKind::Text && declared == "tags" && self.slice_of(entry).contains([',', ' '])
        {
            let message =
                "Obsidian reads this as one tag with a space in it: write a list, one tag an item";
            self.report(entry.range.clone(), Rule::TagsInOneText, message);
            let tags = self.slice_of(entry).split([',', ' ']);
            let tags = tags.map(|tag| tag.trim_start_matches('#'));
            if let Some(list) = tag_list(tags.filter(|tag| !tag.is_empty())) {
                let edit = (entry.range.clone(), list);
                self.fix("Write the tags as a list", &[edit], true);
            }
            return;
        }
        let is_single = matches!(
            own,
            ValueKind::Text
                | ValueKind::Link
                | ValueKind::Number
                | ValueKind::Date
                | ValueKind::DateTime
                | ValueKind::Checkbox
        );
        let (fits, wanted) = match declared {
            "number" => (own == ValueKind::Number, "a number"),
            "checkbox" => (own == ValueKind::Checkbox, "`true` or `false`"),
            "date" => (own == ValueKind::Date, "a date such as 2024-01-31"),
            "datetime" => (
                matches!(own, ValueKind::DateTime | ValueKind::Date),
                "a date and time such as 2024-01-31T12:00:00",
            ),
            "text" => (is_single, "a text"),
            "multitext" | "aliases" => (own == ValueKind::List, "a list"),
            "tags" => (
                matches!(own, ValueKind::List | ValueKind::Text),
                "a list of tags",
            ),
            _ => (true, ""),
        };
        if !fits {
            let message = format!(
                "`{}` is to be {wanted}, and this is {}",
                key.name,
                own.words()
            );
            self.report(entry.range.clone(), Rule::PropertyType, message);
            if is_single
                && wanted == "a list"
                && let Some(list) = self.as_list(entry)
            {
                self.fix("Make a list of it", &[(entry.range.clone(), list)], true);
            }
        }
    }

    /// Whether nothing says that a value is to be a number.
    pub(super) fn may_be_text(&self, front: &Frontmatter, index: usize, entry: &Entry) -> bool {
        let Some(key) = &entry.key else { return true };
        let types = self.vault.settings().property_types.iter();
        let mut types = types.filter(|(name, _)| name.eq_ignore_ascii_case(&key.name));
        let is_declared = types.any(|(_, declared)| declared == "number") && entry.depth == 0;
        let usual = self.usual(front, index);
        !is_declared && usual.is_none_or(|usual| usual.0 != ValueKind::Number)
    }

    /// The kind of value that nearly all notes have for the key of an entry, how
    /// many have it, and how many have the key.
    fn usual(&self, front: &Frontmatter, index: usize) -> Option<(ValueKind, u32, u32)> {
        let settings = self.vault.settings();
        let path: Vec<&str> = front.key_names(index);
        let name = canonical_path(&path.join(".")).into_owned();
        let kinds: Vec<(ValueKind, u32)> = self
            .vault
            .key_kinds(&name)
            .filter(|kind| kind.0 != ValueKind::Empty)
            .collect();
        let all: u32 = kinds.iter().map(|kind| kind.1).sum();
        let &(usual, count) = kinds.iter().max_by_key(|kind| kind.1)?;
        let agree = u64::from(count) * 100 >= u64::from(all) * u64::from(settings.shape_agreeing);
        let is_usual = all >= settings.shape_uses && agree && self.vault.is_complete();
        is_usual.then_some((usual, count, all))
    }

    fn shape(&mut self, front: &Frontmatter, index: usize, entry: &Entry, own: ValueKind) {
        let Some(key) = &entry.key else { return };
        let Some((usual, count, all)) = self.usual(front, index) else {
            return;
        };
        if usual == own || alike(usual, own) {
            return;
        }
        let items = front.children(Some(index as u32));
        let kinds = items.map(|item| kind(item.1)).collect::<Vec<_>>();
        // `47,5` in brackets is a list of two; but one value or several of the
        // usual kind is a matter of how many there are.
        let whole = self
            .slice_of(entry)
            .trim_start_matches('[')
            .split(',')
            .next();
        let whole = whole.and_then(|whole| whole.trim().parse::<f64>().ok());
        let is_comma = usual == ValueKind::Number
            && kinds == [ValueKind::Number; 2]
            && whole.is_some_and(|whole| whole.abs() <= 180.0);
        if !is_comma && !kinds.is_empty() && kinds.iter().all(|kind| *kind == usual) {
            return;
        }
        let hint = if is_comma {
            ": write the decimal point as `.`"
        } else {
            ""
        };
        let message = format!(
            "`{}` is {} in {count} of {all} notes, and {} here{hint}",
            key.name,
            usual.words(),
            own.words()
        );
        self.report(entry.range.clone(), Rule::PropertyShape, message);
    }
}

/// Kinds that differ in the value and not in the shape: one value or several
/// is how many imports write a property.
fn alike(usual: ValueKind, own: ValueKind) -> bool {
    use ValueKind as K;
    let time = |kind| matches!(kind, K::Date | K::DateTime);
    time(usual) && time(own)
        || matches!(
            (usual, own),
            (
                K::Text,
                K::Number | K::Date | K::Link | K::DateTime | K::Checkbox
            )
        )
}
