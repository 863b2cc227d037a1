//! Renaming a property or inline field in all notes (P3, D3).

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::place::{Cursor, Prepared, Subject};
use super::refusal::list;
use super::site::{Site, What};
use super::{Part, Plan, Refusal};
use crate::fact::{Field, Property};
use crate::field::{canonical, canonical_path, fields};
use crate::files::Facts;
use crate::frontmatter::{self, Entry};
use crate::index::FileId;
use crate::path::fold;
use crate::query::Texts;
use crate::symbol::Symbol;
use crate::vault::Vault;

/// A key in the form in which its spellings meet: case and the kind and number
/// of blanks make no difference, nor does `-` for a blank. Unlike the
/// canonical form it drops nothing: `c++` is not `c#`.
pub(super) fn spelled(key: &str) -> String {
    let words: Vec<&str> = key.split_whitespace().collect();
    fold(&words.join("-"))
}

/// The property whose key the cursor is on; inside another one only this
/// segment is renamed.
///
/// # Errors
/// [`Refusal::Name`] for a key with a dot.
pub(super) fn of_property(cursor: &Cursor<'_>, property: &Property) -> Result<Prepared, Refusal> {
    let range = cursor.unquoted(property.key_range());
    if cursor.slice(&range).contains('.') {
        return Err(dotted(None));
    }
    let path = cursor.vault.string(property.key);
    Ok(cursor.named(Subject::Key(path), range))
}

fn dotted(proposal: Option<String>) -> Refusal {
    let why = "A key with a dot cannot be told from a key inside another one".to_owned();
    Refusal::Name(why, proposal)
}

/// The plan by which a property and the fields of its key are called `new` in
/// all notes. `old` is the path of its keys; the last one changes.
pub(super) fn renamed(
    vault: &Vault,
    old: &str,
    new: &str,
    texts: &dyn Texts,
) -> Result<Plan, Refusal> {
    let new = new.trim();
    check(new)?;
    let (above, last) = old.rsplit_once('.').unwrap_or(("", old));
    let path = if above.is_empty() {
        new.to_owned()
    } else {
        format!("{above}.{new}")
    };
    let mut keys = Keys {
        vault,
        texts,
        paths: [spelled(old), spelled(&path)],
        last: [spelled(last), spelled(new)],
        canonical: canonical_path(old).into_owned(),
        new,
        kinds: FxHashMap::default(),
        plan: Plan::default(),
        is_found: false,
        both: Vec::new(),
        tagged: Vec::new(),
        in_text: None,
    };
    for file in vault.with_key(&keys.canonical) {
        keys.file(file)?;
    }
    keys.done(old)
}

fn check(new: &str) -> Result<(), Refusal> {
    let why = if new.contains('.') {
        return Err(dotted(Some(new.replace('.', "-"))));
    } else if new.contains(char::is_control) {
        "A key is one line of text"
    } else if canonical(new).is_empty() {
        "A key has a letter or a digit"
    } else {
        return Ok(());
    };
    Err(Refusal::Name(why.to_owned(), None))
}

/// Whether a key can stand before `::` in a text (D1, D2).
pub(super) fn is_field(key: &str, value: &str) -> bool {
    let reads = |line: &str| {
        let found = fields(line, |_| false);
        matches!(&found[..], [own] if line.get(own.key.clone()) == Some(key)
            && line.get(own.value.clone()) == Some(value))
    };
    reads(&format!("{key}:: {value}")) && reads(&format!("[{key}:: {value}]"))
}

/// Where the tags of a note stand, in order.
struct TagRanges(Vec<Range<u32>>);

impl TagRanges {
    fn of(facts: &Facts) -> Self {
        let mut ranges: Vec<Range<u32>> = facts.tags().map(|tag| tag.range()).collect();
        ranges.sort_by_key(|range| range.start);
        Self(ranges)
    }

    /// Whether the key of a field belongs to a tag: `#is_/same_as :: [[x]]`.
    fn hold(&self, field: &Field) -> bool {
        let key = field.key_range();
        let behind = self.0.partition_point(|own| own.start < key.end);
        let last = behind.checked_sub(1).and_then(|at| self.0.get(at));
        last.is_some_and(|own| key.start < own.end)
    }
}

struct Keys<'a> {
    vault: &'a Vault,
    texts: &'a dyn Texts,
    /// [`spelled`] of the old and the new path.
    paths: [String; 2],
    /// [`spelled`] of their last keys.
    last: [String; 2],
    /// The canonical form of the old path.
    canonical: String,
    new: &'a str,
    /// Whether a path is the old one, or the new one.
    kinds: FxHashMap<Symbol, [bool; 2]>,
    plan: Plan,
    is_found: bool,
    /// Notes that would have the property twice.
    both: Vec<String>,
    /// Notes in which a tag is the key.
    tagged: Vec<String>,
    /// A note that has the key in its text.
    in_text: Option<String>,
}

impl Keys<'_> {
    fn file(&mut self, file: FileId) -> Result<(), Refusal> {
        let Some(facts) = self.vault.facts(file) else {
            return Ok(());
        };
        let path = || self.vault.path(file).unwrap_or_default();
        let fields = facts.fields().filter(|field| {
            let is_it = |key: &str| key == self.canonical;
            self.vault.symbols().with(field.key, is_it)
        });
        let fields: Vec<Field> = fields.collect();
        let tags = (!fields.is_empty()).then(|| TagRanges::of(facts));
        for field in fields {
            self.is_found = true;
            if tags.as_ref().is_some_and(|tags| tags.hold(&field)) {
                self.tagged.push(path());
                continue;
            }
            self.in_text.get_or_insert_with(path);
            self.plan.add(file, self.site(field.key_range()));
        }
        let is_nested = self.canonical.contains('.');
        let (mut own, mut is_there) = (Vec::new(), false);
        for property in facts.properties() {
            let [is_old, is_new] = self.is(property.key);
            let is_at_depth = is_nested || property.depth == 0;
            if is_old && is_at_depth {
                own.push(property);
            }
            is_there |= is_new && !is_old && is_at_depth;
        }
        if own.is_empty() {
            return Ok(());
        }
        if is_nested {
            return self.nested(file, &own);
        }
        self.is_found = true;
        if is_there || own.len() > 1 {
            self.both.push(path());
        }
        for property in own {
            let is_same = self
                .vault
                .symbols()
                .with(property.key, |key| key == self.new);
            if !is_same {
                self.plan.add(file, self.site(property.key_range()));
            }
        }
        Ok(())
    }

    /// Whether a path is the old one, or the new one.
    fn is(&mut self, key: Symbol) -> [bool; 2] {
        let (symbols, paths) = (self.vault.symbols(), &self.paths);
        *self.kinds.entry(key).or_insert_with(|| {
            let key = symbols.with(key, spelled);
            [key == paths[0], key == paths[1]]
        })
    }

    fn site(&self, range: Range<u32>) -> Site {
        let last = self.canonical.rsplit('.').next().unwrap_or_default();
        let what = What::Key {
            range,
            old: last.to_owned(),
            new: self.new.to_owned(),
        };
        Site {
            part: Part::Key,
            what,
        }
    }

    /// Keys inside of others: only the text tells whether a dot parts keys or
    /// belongs to one, and which of them stand together.
    fn nested(&mut self, file: FileId, own: &[Property]) -> Result<(), Refusal> {
        let path = || self.vault.path(file).unwrap_or_default();
        let text = self.texts.text(file);
        let text = text.ok_or_else(|| Refusal::Unreadable(vec![path()]))?;
        let cut = frontmatter::cut(&text).ok_or_else(|| Refusal::Changed(vec![path()]))?;
        let front = frontmatter::parse(&text, &cut);
        let is = |entry: &Entry, wanted: &str| {
            let key = entry.key.as_ref();
            key.is_some_and(|key| spelled(&key.name) == wanted)
        };
        let mut starts: FxHashMap<usize, &Entry> = FxHashMap::default();
        // How many have the new name, in each collection.
        let mut new: FxHashMap<Option<u32>, usize> = FxHashMap::default();
        for entry in &front.entries {
            if let Some(key) = &entry.key {
                starts.entry(key.range.start).or_insert(entry);
            }
            if is(entry, &self.last[1]) {
                *new.entry(entry.parent).or_default() += 1;
            }
        }
        for property in own {
            let range = property.key_range();
            let entry = starts.get(&(range.start as usize));
            let Some(entry) = entry.filter(|entry| is(entry, &self.last[0])) else {
                continue;
            };
            self.is_found = true;
            let beside = new.get(&entry.parent).copied().unwrap_or(0);
            if beside > usize::from(is(entry, &self.last[1])) {
                self.both.push(path());
            }
            if entry.key.as_ref().is_some_and(|key| key.name != self.new) {
                self.plan.add(file, self.site(range));
            }
        }
        Ok(())
    }

    fn done(mut self, old: &str) -> Result<Plan, Refusal> {
        for notes in [&mut self.both, &mut self.tagged] {
            notes.sort();
            notes.dedup();
        }
        if !self.both.is_empty() {
            let notes = list(&self.both);
            let why = format!(
                "{notes} would have the property `{}` twice; take one of them away first",
                self.new
            );
            return Err(Refusal::Name(why, None));
        }
        if let Some(note) = self.in_text.as_ref().filter(|_| !is_field(self.new, "x")) {
            let why = format!(
                "`{note}` has the key in its text, where `{}` cannot stand before `::`",
                self.new
            );
            return Err(Refusal::Name(why, None));
        }
        if self.plan.is_empty() && !self.tagged.is_empty() {
            let why = format!(
                "In {} a tag is this key: rename the tag",
                list(&self.tagged)
            );
            return Err(Refusal::Name(why, None));
        }
        if self.plan.is_empty() {
            return Err(if self.is_found {
                Refusal::Same
            } else {
                Refusal::Missing(format!("property `{old}`"))
            });
        }
        self.warn(old);
        if self.in_text.is_some() {
            super::chains::follow(self.vault, &mut self.plan, self.texts)?;
        }
        Ok(self.plan)
    }

    fn warn(&mut self, old: &str) {
        let mut warnings = Vec::new();
        let [was, is] = &self.paths;
        if was != is && self.is_used(is) {
            warnings.push(format!(
                "There is a property `{}` already: the two become one, which no renaming parts again.",
                self.new
            ));
        }
        if !self.tagged.is_empty() {
            let notes = list(&self.tagged);
            warnings.push(format!(
                "In {notes} a tag is this key, and stays: rename the tag."
            ));
        }
        for key in [was, is].into_iter().filter(|_| was != is) {
            if READ.contains(&key.as_str()) {
                warnings.push(format!("Obsidian reads the property `{key}` by its name."));
            }
        }
        let settings = self.vault.settings();
        let mut types = settings.property_types.iter();
        if was != is
            && let Some((name, kind)) = types.find(|own| spelled(&own.0) == *was)
        {
            warnings.push(format!(
                "`.obsidian/types.json` says that `{name}` is {kind}, and stays as it is: set the type of `{}` in Obsidian.",
                self.new
            ));
        }
        if was != is && self.is_set(old) {
            warnings.push(format!(
                "The settings of Vaultmark speak of the property `{old}`: change them as well."
            ));
        }
        self.plan.warnings = warnings;
    }

    /// Whether a note has a property of this path.
    fn is_used(&self, path: &str) -> bool {
        let canonical = canonical_path(path);
        let symbols = self.vault.symbols();
        let mut files = self.vault.with_key(&canonical);
        files.any(|file| {
            self.vault.facts(file).is_some_and(|facts| {
                let is_it = |key: Symbol| symbols.with(key, |key| spelled(key) == path);
                facts.properties().any(|own| is_it(own.key))
                    || facts.fields().any(|own| is_it(own.key))
            })
        })
    }

    fn is_set(&self, old: &str) -> bool {
        let settings = self.vault.settings();
        let schemas = settings
            .schemas
            .iter()
            .filter_map(|own| own.property.as_ref());
        let pairs = settings.date_pairs.iter().flat_map(|own| [&own.0, &own.1]);
        let names = settings.type_properties.iter().chain(pairs);
        let names = names.chain(settings.identifiers.iter().map(|own| &own.property));
        let names = names
            .chain(&settings.agree_properties)
            .chain(&settings.name_properties)
            .chain(&settings.tier_mirrors);
        let mut names = names
            .chain(schemas.map(|own| &own.0))
            .chain([&settings.confidential_key]);
        let old = spelled(old);
        names.any(|name| spelled(name) == old)
    }
}

/// Properties that mean something to the application.
const READ: [&str; 6] = ["tags", "tag", "aliases", "alias", "cssclasses", "cssclass"];
