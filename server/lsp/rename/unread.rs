//! Notes that are not UTF-8 have no facts, for their text cannot be edited. A rename
//! that would have to edit them must know: here they get the facts that their bytes
//! look like.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use vaultmark_vault::change::Change;
use vaultmark_vault::digest::Parsed;
use vaultmark_vault::path::{is_canvas, is_read};
use vaultmark_vault::vault::Vault;

use crate::disk::{self, MAX_NOTE};
use crate::panics;
use crate::snapshot::Snapshot;

/// The same moment with guessed facts for notes that are not UTF-8. Their text is
/// still none, so that a plan that edits them is refused. With it comes what the
/// user is to be told of notes that cannot be read at all.
pub fn guessed(snapshot: &Snapshot) -> (Snapshot, Option<String>) {
    let vault = &snapshot.vault;
    let files = vault.files().iter();
    let unread =
        files.filter(|own| own.1.facts.is_none() && vault.symbols().with(own.1.name, is_read));
    let paths = unread.filter_map(|own| vault.path(own.0));
    let (mut changes, mut unknown) = (Vec::new(), Vec::new());
    for path in paths {
        match parsed(snapshot.root(), &path, vault) {
            Some(parsed) => changes.push(Change::Note(path, Some(parsed))),
            None => unknown.push(path),
        }
    }
    let mut guessed = snapshot.clone();
    if !changes.is_empty() {
        let mut vault = Vault::clone(vault);
        vault.apply(changes);
        guessed.vault = Arc::new(vault);
    }
    let told = unknown.first().map(|first| {
        let more = match unknown.len() {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        format!("The links in `{first}`{more} are not known and stay: it cannot be read.")
    });
    (guessed, told)
}

fn parsed(root: &Path, path: &str, vault: &Vault) -> Option<Parsed> {
    let data = disk::look(root, path)?;
    if !data.is_file() || data.len() > MAX_NOTE {
        return None;
    }
    let bytes = fs::read(root.join(path)).ok()?;
    let text = if is_canvas(path) {
        String::from_utf8_lossy(&bytes).into_owned()
    } else {
        decoded(&bytes)
    };
    let options = vault.parse_options();
    panics::caught(|| Parsed::of(path, &text, vault.symbols(), &options))
}

/// What bytes may say: as UTF-16 where they look like it, else as UTF-8 with
/// faults, and as Latin-1 behind that.
fn decoded(bytes: &[u8]) -> String {
    let zeros = |first: usize| {
        let every_second = bytes.iter().skip(first).step_by(2);
        every_second.filter(|&&byte| byte == 0).count()
    };
    let [even, odd] = [zeros(0), zeros(1)];
    let read: Option<fn([u8; 2]) -> u16> = match bytes {
        [0xff, 0xfe, ..] => Some(u16::from_le_bytes),
        [0xfe, 0xff, ..] => Some(u16::from_be_bytes),
        _ if odd > bytes.len() / 4 => Some(u16::from_le_bytes),
        _ if even > bytes.len() / 4 => Some(u16::from_be_bytes),
        _ => None,
    };
    if let Some(read) = read {
        let (pairs, _) = bytes.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|&pair| read(pair)).collect();
        let text = String::from_utf16_lossy(&units);
        return text.trim_start_matches('\u{feff}').to_owned();
    }
    let latin: String = bytes.iter().map(|&byte| char::from(byte)).collect();
    format!("{}\n\n{latin}", String::from_utf8_lossy(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_in_other_encodings() {
        let text = "[[Zürich]] x";
        let latin: Vec<u8> = text.chars().map(|c| c as u8).collect();
        assert!(decoded(&latin).contains(text));
        assert!(decoded(&[text.as_bytes(), b"\xff"].concat()).contains(text));
        let units = || text.encode_utf16();
        let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
        for bytes in [&little, &big] {
            assert_eq!(decoded(bytes), text);
        }
        assert_eq!(decoded(&[b"\xff\xfe", &little[..]].concat()), text);
    }
}
