//! What a note uses that others may want to use as well.

use std::borrow::Cow;
use std::sync::Arc;

use crate::fact::{Link, RegionKind};
use crate::field::canonical_path;
use crate::note::Note;
use crate::path::is_relative;
use crate::said::is_title;
use crate::settings::Settings;
use crate::symbol::{Symbol, Symbols};
use crate::tally::{Use, callouts, fields, languages, links_of, texts_of};

/// The property that says of what type a note is, beside those of the settings.
const TYPE: &str = "type";

/// What a note uses, in no order.
pub(crate) fn uses(note: &Note, symbols: &Symbols) -> Vec<Use> {
    let mut found: Vec<Use> = Vec::new();
    let text = |key, name| Use {
        key,
        folder: Symbol::EMPTY,
        name,
    };
    let mut links = Keys::new(symbols, links_of);
    for link in &note.links {
        if link.is(Link::EXTERNAL) || link.name.is_empty() {
            continue;
        }
        if let Some(key) = note.key_of(link) {
            let is_relative = symbols.with(link.folder, is_relative);
            found.push(Use {
                key: links.of(key),
                folder: if is_relative {
                    Symbol::EMPTY
                } else {
                    link.folder
                },
                name: link.name,
            });
        }
    }
    let mut texts = Keys::new(symbols, texts_of);
    let said = note.said.iter();
    let said = said.filter(|said| !symbols.with(said.key, is_title));
    found.extend(said.map(|said| text(texts.of(said.key), said.text)));
    let tags: Vec<u32> = note.tags.iter().map(|tag| tag.start).collect();
    let is_tag = |start: u32| start > 0 && tags.binary_search(&(start - 1)).is_ok();
    let keys = note.fields.iter().filter(|field| !is_tag(field.start));
    found.extend(keys.map(|field| {
        let is_plain = field.spelling.is_empty();
        let name = if is_plain { field.key } else { field.spelling };
        text(fields(), name)
    }));
    let regions = note.regions.iter();
    let regions = regions.filter(|region| !region.info.is_empty());
    found.extend(regions.filter_map(|region| match region.kind {
        RegionKind::Code => Some(text(languages(), region.info)),
        RegionKind::Callout => Some(text(callouts(), region.info)),
        RegionKind::Comment | RegionKind::Table | RegionKind::Opaque => None,
    }));
    found
}

/// The keys of uses for the names of keys, of which many follow that are the same.
struct Keys<'a> {
    symbols: &'a Symbols,
    key: fn(&str) -> u32,
    last: Option<(Symbol, u32)>,
}

impl<'a> Keys<'a> {
    fn new(symbols: &'a Symbols, key: fn(&str) -> u32) -> Self {
        Self {
            symbols,
            key,
            last: None,
        }
    }

    fn of(&mut self, name: Symbol) -> u32 {
        let key = self.key;
        let known = self.last.filter(|last| last.0 == name);
        let found = known.map_or_else(
            || self.symbols.with(name, |name| key(&canonical_path(name))),
            |last| last.1,
        );
        self.last = Some((name, found));
        found
    }
}

/// The properties that say of what type a note is, in canonical form.
pub(crate) fn types(settings: &Settings) -> impl Iterator<Item = Cow<'_, str>> {
    let names = settings.type_properties.iter().map(String::as_str);
    names.chain([TYPE]).map(canonical_path)
}

/// The keys of uses that say of what type notes are.
pub(crate) fn type_keys(settings: &Settings) -> Arc<[u32]> {
    let names = types(settings);
    names
        .flat_map(|name| [links_of(&name), texts_of(&name)])
        .collect()
}
