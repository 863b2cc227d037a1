//! Paths inside a vault, and the keys by which they compare.
//!
//! A vault path is relative to the vault's root and has `/` between its
//! segments on every system. It keeps the spelling that the disk has; two
//! paths are compared by their folded form (R2): NFC and simple case folding.

use std::fmt;
use std::hash::Hasher;

use nucleo_matcher::chars::to_lower_case;
use rustc_hash::FxHasher;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Keys up to this many bytes are hashed without an allocation.
const SHORT: usize = 256;

/// The path of a file below the root of its vault, such as `a/b/Note.md`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VaultPath(Box<str>);

impl VaultPath {
    /// A path from text; `\` counts as `/`, empty and `.` segments are dropped.
    ///
    /// Returns `None` when nothing is left or when a `..` leads above the root.
    pub fn new(path: &str) -> Option<Self> {
        let path = join("", path)?;
        (!path.is_empty()).then(|| Self(path.into()))
    }

    /// The whole path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folder with its final `/`, or the empty string at the root.
    pub fn folder(&self) -> &str {
        split(&self.0).0
    }

    /// The file name with its extension.
    pub fn name(&self) -> &str {
        split(&self.0).1
    }

    /// Whether the file is a Markdown note, judged by its extension.
    pub fn is_note(&self) -> bool {
        strip_md(self.name()).is_some()
    }

    /// The file name without `.md`; other extensions stay (R3).
    pub fn stem(&self) -> &str {
        stem(&self.0)
    }
}

impl fmt::Display for VaultPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Splits behind the last `/`: folder with its `/`, and name.
pub fn split(path: &str) -> (&str, &str) {
    path.split_at(path.rfind('/').map_or(0, |slash| slash + 1))
}

/// The name at the end of a path, of a note without `.md` (R3).
pub fn stem(path: &str) -> &str {
    let name = split(path).1;
    strip_md(name).unwrap_or(name)
}

/// What of a path lies below a folder, which is given without its final `/`;
/// `None` when it does not lie there.
pub fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    path.strip_prefix(folder)?.strip_prefix('/')
}

/// The folders above a path, the nearest first, without their final `/`.
pub fn above(path: &str) -> impl Iterator<Item = &str> {
    path.rmatch_indices('/').map(|slash| &path[..slash.0])
}

/// `name` without its extension `.md`, which may be in any case.
pub fn strip_md(name: &str) -> Option<&str> {
    let cut = name.len().checked_sub(3)?;
    let extension = name.get(cut..)?;
    (cut > 0 && extension.eq_ignore_ascii_case(".md")).then(|| &name[..cut])
}

/// Whether a name or path is that of a canvas.
pub fn is_canvas(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |found| found.1);
    extension.eq_ignore_ascii_case("canvas")
}

/// Whether the links of a file of this name or path are read: it is a note or
/// a canvas.
pub fn is_read(name: &str) -> bool {
    strip_md(name).is_some() || is_canvas(name)
}

/// Whether a name, given without `.md`, ends like that of a file that is no note.
pub fn is_other_kind(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |found| found.1);
    is_media(name) || is_canvas(name) || extension.eq_ignore_ascii_case("base")
}

/// Whether a name has the extension of a picture, a sound or the like.
pub fn is_media(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |found| found.1);
    let known = [
        "png", "jpg", "jpeg", "gif", "svg", "webp", "bmp", "avif", "pdf", "mp3", "wav", "m4a",
        "ogg", "flac", "mp4", "webm", "mkv", "mov", "geojson",
    ];
    known
        .iter()
        .any(|known| extension.eq_ignore_ascii_case(known))
}

/// Whether a path is explicitly relative (R5).
pub(crate) fn is_relative(path: &str) -> bool {
    path.starts_with("./") || path.starts_with("../") || matches!(path, "." | "..")
}

/// Joins `path` to the folder `base` and resolves `.` and `..`.
///
/// `None` when the path climbs above the root.
pub fn join(base: &str, path: &str) -> Option<String> {
    let mut joined: Vec<&str> = base.split('/').filter(|s| !s.is_empty()).collect();
    for segment in path.split(['/', '\\']) {
        match segment {
            "" | "." => {}
            ".." => {
                joined.pop()?;
            }
            _ => joined.push(segment),
        }
    }
    Some(joined.join("/"))
}

/// The folded form of a text (R2): NFC, then simple case folding, so that
/// final sigma equals sigma and no locale matters.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(text, &mut folded);
    folded
}

fn fold_into(text: &str, out: &mut String) {
    if !text.chars().all(is_inert) {
        out.extend(folded(text));
        return;
    }
    for c in text.chars() {
        out.push(if c.is_ascii() {
            c.to_ascii_lowercase()
        } else {
            lower(c)
        });
    }
}

/// Whether two texts have the same folded form.
pub fn same(left: &str, right: &str) -> bool {
    if left.is_ascii() && right.is_ascii() {
        return left.eq_ignore_ascii_case(right);
    }
    folded(left).eq(folded(right))
}

/// A hash of the folded form. Equal keys have equal hashes; equal hashes must
/// still be compared by [`same`].
pub fn fold_hash(text: &str) -> u32 {
    fold_hash_of(&[text])
}

/// [`fold_hash`] of the concatenation of `parts`.
pub fn fold_hash_of(parts: &[&str]) -> u32 {
    // Nearly all keys are short and ASCII; they need no allocation.
    let mut buffer = [0; SHORT];
    let mut length = 0;
    for part in parts {
        let end = length + part.len();
        if end > SHORT || !part.is_ascii() {
            let mut text = String::with_capacity(parts.iter().map(|part| part.len()).sum());
            for part in parts {
                fold_into(part, &mut text);
            }
            return hash_bytes(text.as_bytes());
        }
        buffer[length..end].copy_from_slice(part.as_bytes());
        length = end;
    }
    buffer[..length].make_ascii_lowercase();
    hash_bytes(&buffer[..length])
}

/// The hash of bytes that are folded already; see [`fold_hash`].
pub(crate) fn hash_bytes(bytes: &[u8]) -> u32 {
    let mut hasher = FxHasher::default();
    hasher.write(bytes);
    // Shards are chosen by the upper bits, which are the better ones here.
    (hasher.finish() >> 32) as u32
}

fn folded(text: &str) -> impl Iterator<Item = char> + '_ {
    let composed = text.chars().all(is_inert) || is_nfc(text);
    let as_is = composed.then(|| text.chars()).into_iter().flatten();
    let made = (!composed).then(|| text.nfc()).into_iter().flatten();
    as_is.chain(made).map(lower)
}

/// Whether a word of a name may begin behind a character.
pub(crate) fn parts_words(c: char) -> bool {
    matches!(
        c,
        ' ' | '_' | '-' | '.' | ',' | '~' | '(' | '/' | '\'' | '\u{a0}' | '\u{202f}'
    )
}

/// Whether NFC leaves a character alone whatever stands around it, for those
/// that most names are made of. `false` says nothing.
pub(crate) fn is_inert(c: char) -> bool {
    // Latin, Cyrillic, kana and Han, without the combining marks among them.
    matches!(c, '\0'..='\u{2ff}' | '\u{400}'..='\u{482}' | '\u{3041}'..='\u{3096}'
        | '\u{30a1}'..='\u{30fa}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

/// Simple case folding of one character.
pub(crate) fn lower(c: char) -> char {
    match c {
        '\0'..='\u{7f}' => c.to_ascii_lowercase(),
        // Blanks of other widths are spaces in links and names alike.
        '\u{a0}' | '\u{202f}' => ' ',
        'À'..='Þ' if c != '×' => char::from(c as u8 + 0x20),
        '\u{80}'..='\u{ff}' if c != 'µ' => c,
        '\u{3000}'..='\u{9fff}' => c,
        _ => to_lower_case(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normalised_and_stay_below_the_root() {
        let path = |text| VaultPath::new(text).map(|path| path.to_string());
        assert_eq!(path("/a//b/./c.md").as_deref(), Some("a/b/c.md"));
        assert_eq!(path(r"a\b.md").as_deref(), Some("a/b.md"));
        assert_eq!(path("a/../b.md").as_deref(), Some("b.md"));
        assert_eq!(path("../b.md"), None);
        assert_eq!(path("/"), None);
    }

    #[test]
    fn names_lose_only_the_extension_of_notes() {
        let stem = |text| VaultPath::new(text).map(|path| path.stem().to_owned());
        assert_eq!(stem("a/Name.public.md").as_deref(), Some("Name.public"));
        assert_eq!(stem("a/Ext.MD").as_deref(), Some("Ext"));
        assert_eq!(stem("a/x.png").as_deref(), Some("x.png"));
        assert_eq!(stem(".md").as_deref(), Some(".md"));
    }

    #[test]
    fn keys_fold_case_and_normal_form() {
        assert!(same("ΟΔΟΣ", "οδος"));
        assert!(same("οδοσ", "οδος"));
        assert!(same("Fürth", "FU\u{308}RTH"));
        assert!(!same("Furth", "Fürth"));
        assert_eq!(fold_hash("ab"), fold_hash_of(&["A", "B"]));
        assert_eq!(fold_hash("Ü大b"), fold_hash_of(&["ü", "大B"]));
    }

    #[test]
    fn characters_that_are_said_to_be_inert_are() {
        for c in ('\0'..=char::MAX).filter(|&c| is_inert(c)) {
            for text in [format!("{c}"), format!("a{c}"), format!("{c}{c}")] {
                assert!(text.nfc().eq(text.chars()), "{c:?}");
            }
            let expected = if c == '\u{a0}' { ' ' } else { to_lower_case(c) };
            assert_eq!(lower(c), expected, "{c:?}");
        }
    }
}
