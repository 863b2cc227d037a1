//! The parts of a note that an editor colors: links by where they lead, tags,
//! keys, block ids, types of callouts.

use std::ops::Range;

use crate::fact::{Form, Link, RegionKind};
use crate::index::FileId;
use crate::note::Note;
use crate::query::targets::Targets;
use crate::relink::linktext;
use crate::resolve::{Missing, Target};
use crate::text::Encoding;
use crate::vault::Vault;

/// What a [`Token`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A link or an embed: a wiki-link as a whole, of others the destination.
    Link,
    /// A tag, also in the frontmatter.
    Tag,
    /// The key of an inline field.
    Field,
    /// The key of a property.
    Property,
    /// A block id where it is defined.
    Block,
    /// The type of a callout.
    Callout,
}

/// What more is to be said of a [`Token`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The link embeds its target.
    Embed,
    /// It leads to a file of the vault.
    Resolved,
    /// It leads to one of several files of the name.
    Ambiguous,
    /// It leads out of the vault.
    External,
    /// It leads nowhere; another mark says why.
    Unresolved,
    /// See [`Missing::TierAbsent`].
    TierAbsent,
    /// See [`Missing::CopyMissing`].
    CopyMissing,
    /// See [`Missing::MountAbsent`].
    MountAbsent,
    /// See [`Missing::OwnOldName`].
    OwnOldName,
    /// See [`Missing::Folder`].
    Folder,
    /// See [`Missing::OutsideVault`].
    OutsideVault,
    /// See [`Missing::Broken`].
    Broken,
    /// The name is made here.
    Definition,
}

/// A part of one line of a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its bytes; never empty.
    pub range: Range<u32>,
    /// What it is.
    pub kind: TokenKind,
    /// A bit for each [`Mark`], by its number.
    pub marks: u32,
}

impl Token {
    /// Whether the token has this mark.
    pub fn is(&self, mark: Mark) -> bool {
        self.marks & bit(mark) != 0
    }
}

fn bit(mark: Mark) -> u32 {
    1 << mark as u32
}

/// The tokens of the lines that `within` touches, in order; no two overlap.
/// Before all notes were read, no link counts as unresolved. `text` is the
/// note's text.
pub fn tokens(vault: &Vault, file: FileId, text: &str, within: &Range<u32>) -> Vec<Token> {
    let Some(note) = vault.note(file) else {
        return Vec::new();
    };
    let lines = note.lines.index(Encoding::Utf8);
    let within = lines.line_of(within.start).start..lines.line_of(within.end).end;
    let mut found = links(vault, file, &note, text, &within);
    found.extend(others(&note, text, &within));
    found.sort_by_key(|token| (token.range.start, token.range.end));
    let mut end = 0;
    // A heading such as `### #is_a :: x` holds a tag that is a key as well.
    found.retain(|token| {
        let is_apart = token.range.start >= end;
        if is_apart {
            end = token.range.end;
        }
        is_apart
    });
    let pieces = found.into_iter().flat_map(|token| by_line(token, text));
    let wanted = |token: &Token| !token.range.is_empty() && within.contains(&token.range.start);
    pieces.filter(wanted).collect()
}

/// The facts that begin within the range. They are sorted by start.
fn part<'f, T>(facts: &'f [T], within: &Range<u32>, start: impl Fn(&T) -> u32) -> &'f [T] {
    let first = facts.partition_point(|fact| start(fact) < within.start);
    let last = facts.partition_point(|fact| start(fact) < within.end);
    facts.get(first..last).unwrap_or_default()
}

fn links(vault: &Vault, file: FileId, note: &Note, text: &str, within: &Range<u32>) -> Vec<Token> {
    let mut targets = Targets::new(vault, file, note);
    // The destination of a link over several lines is not on its first.
    let early = within.start.saturating_sub(u32::from(u16::MAX))..within.end;
    let links = part(&note.links, &early, |link| link.start).iter();
    let links = links.filter(|link| within.start < link.range().end);
    let token = |link: &Link| {
        let range = match link.form {
            Form::Wiki => link.range(),
            Form::Markdown | Form::Definition | Form::Path => {
                let target = linktext(text, link)?;
                target.start as u32..target.end as u32
            }
        };
        let embed = if link.is(Link::EMBED) {
            bit(Mark::Embed)
        } else {
            0
        };
        let leads = match targets.of(link) {
            Target::External => bit(Mark::External),
            Target::File { ambiguous, .. } => {
                let ambiguous = if ambiguous { bit(Mark::Ambiguous) } else { 0 };
                bit(Mark::Resolved) | ambiguous
            }
            Target::Missing(_) if !vault.is_complete() => 0,
            Target::Missing(class) => bit(Mark::Unresolved) | bit(mark(class)),
        };
        Some(Token {
            range,
            kind: TokenKind::Link,
            marks: embed | leads,
        })
    };
    links.filter_map(token).collect()
}

fn mark(class: Missing) -> Mark {
    match class {
        Missing::TierAbsent => Mark::TierAbsent,
        Missing::CopyMissing => Mark::CopyMissing,
        Missing::MountAbsent => Mark::MountAbsent,
        Missing::OwnOldName => Mark::OwnOldName,
        Missing::Folder => Mark::Folder,
        Missing::OutsideVault => Mark::OutsideVault,
        Missing::Broken => Mark::Broken,
    }
}

/// All tokens that are no links.
fn others(note: &Note, text: &str, within: &Range<u32>) -> Vec<Token> {
    let token = |range, kind, marks| Token { range, kind, marks };
    let tags = part(&note.tags, within, |tag| tag.start).iter();
    let tags = tags.map(|tag| token(tag.range(), TokenKind::Tag, 0));
    let fields = part(&note.fields, within, |field| field.start).iter();
    let fields = fields.map(|field| token(field.key_range(), TokenKind::Field, 0));
    let properties = part(&note.properties, within, |property| property.start).iter();
    let properties = properties.map(|own| token(own.key_range(), TokenKind::Property, 0));
    let blocks = part(&note.blocks, within, |block| block.id_range.start).iter();
    let defined = bit(Mark::Definition);
    let blocks = blocks.map(|own| token(own.id_range.clone(), TokenKind::Block, defined));
    let callouts = part(&note.regions, within, |region| region.range.start).iter();
    let callouts = callouts.filter(|region| region.kind == RegionKind::Callout);
    let callouts = callouts.filter_map(|region| {
        let source = text.get(region.range.start as usize..region.range.end as usize)?;
        let source = source.lines().next()?;
        let open = source.find("[!")? + 2;
        let start = region.range.start + open as u32;
        let length = source[open..].find(']')? as u32;
        Some(token(start..start + length, TokenKind::Callout, 0))
    });
    let others = tags.chain(fields).chain(properties);
    others.chain(blocks).chain(callouts).collect()
}

/// A token as one for each line.
fn by_line(token: Token, text: &str) -> Vec<Token> {
    let source = text.get(token.range.start as usize..token.range.end as usize);
    let source = source.unwrap_or("");
    if memchr::memchr2(b'\n', b'\r', source.as_bytes()).is_none() {
        return vec![token];
    }
    let mut at = token.range.start;
    let pieces = source.split_inclusive(['\n', '\r']).map(|piece| {
        let start = at + (piece.len() - piece.trim_start().len()) as u32;
        let range = start..start + piece.trim().len() as u32;
        at += piece.len() as u32;
        Token {
            range,
            ..token.clone()
        }
    });
    pieces.collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::change::Change;
    use crate::digest::Parsed;
    use proptest::prelude::*;

    fn vault(text: &str) -> (Vault, FileId) {
        let mut vault = Vault::new(Arc::default());
        let notes = [
            ("a.md", text),
            ("x/c.md", ""),
            ("y/c.md", ""),
            ("_Standards/n.md", ""),
            ("_public/z.public.md", ""),
        ];
        for (path, text) in notes {
            let parsed = Parsed::closed(text, vault.symbols(), &vault.parse_options());
            vault.apply([Change::Note(path.to_owned(), Some(parsed))]);
        }
        vault.set_complete();
        let file = vault.find("a.md").unwrap();
        (vault, file)
    }

    fn found(text: &str) -> Vec<(&str, TokenKind, Vec<Mark>)> {
        let (vault, file) = vault(text);
        let tokens = tokens(&vault, file, text, &(0..u32::MAX)).into_iter();
        let marks = [
            Mark::Embed,
            Mark::Resolved,
            Mark::Ambiguous,
            Mark::External,
            Mark::Unresolved,
            Mark::TierAbsent,
            Mark::CopyMissing,
            Mark::Broken,
            Mark::Definition,
        ];
        let token = |token: Token| {
            let range = token.range.start as usize..token.range.end as usize;
            let own = marks.into_iter().filter(|&mark| token.is(mark));
            (&text[range], token.kind, own.collect())
        };
        tokens.map(token).collect()
    }

    #[test]
    fn links_are_marked_by_where_they_lead() {
        use Mark::{Ambiguous, Broken, CopyMissing, Embed, External, Resolved, TierAbsent};
        let link = |text, marks: &[Mark]| (text, TokenKind::Link, marks.to_vec());
        let text =
            "![[a]] [[c|d]] [x](https://y) [[z]]\n[[_public/n.public]] [[_secret/q]] [t](x/c.md#h)";
        assert_eq!(
            found(text),
            [
                link("![[a]]", &[Embed, Resolved]),
                link("[[c|d]]", &[Resolved, Ambiguous]),
                link("https://y", &[External]),
                link("[[z]]", &[Mark::Unresolved, Broken]),
                link("[[_public/n.public]]", &[Mark::Unresolved, CopyMissing]),
                link("[[_secret/q]]", &[Mark::Unresolved, TierAbsent]),
                link("x/c.md#h", &[Resolved]),
            ]
        );
    }

    #[test]
    fn other_parts_are_told_apart() {
        let text =
            "---\ntags: [t]\nup: \"[[a]]\"\n---\n> [!note] x\n\n[k:: v] #u ^b\n\n### #is_a :: z\n";
        let kinds: Vec<_> = found(text)
            .into_iter()
            .map(|(text, kind, _)| (text, kind))
            .collect();
        assert_eq!(
            kinds,
            [
                ("tags", TokenKind::Property),
                ("t", TokenKind::Tag),
                ("up", TokenKind::Property),
                ("[[a]]", TokenKind::Link),
                ("note", TokenKind::Callout),
                ("k", TokenKind::Field),
                ("#u", TokenKind::Tag),
                ("^b", TokenKind::Block),
                ("#is_a", TokenKind::Tag),
            ]
        );
    }

    #[test]
    fn nothing_counts_as_missing_before_all_was_read() {
        let text = "[[z]]";
        let mut vault = Vault::new(Arc::default());
        let parsed = Parsed::closed(text, vault.symbols(), &vault.parse_options());
        vault.apply([Change::Note("a.md".to_owned(), Some(parsed))]);
        let file = vault.find("a.md").unwrap();
        assert_eq!(tokens(&vault, file, text, &(0..5))[0].marks, 0);
    }

    proptest! {
        #[test]
        fn tokens_are_apart_and_in_one_line_and_a_range_gives_those_of_its_lines(
            text in r"(---\n|a: |- |# |> \[!|\[\[|\]\]|\||#t|\[k:: |\]|\]\(|\)|x|y z|é|😀| \^b|\n|\r\n){0,40}",
            from in 0u32..60,
            length in 0u32..30,
        ) {
            let (vault, file) = vault(&text);
            let all = tokens(&vault, file, &text, &(0..u32::MAX));
            let mut end = 0;
            for token in &all {
                prop_assert!(token.range.start >= end && !token.range.is_empty());
                let source = text.get(token.range.start as usize..token.range.end as usize);
                prop_assert!(source.is_some_and(|source| !source.contains(['\n', '\r'])));
                end = token.range.end;
            }
            let note = vault.note(file).unwrap();
            let lines = note.lines.index(Encoding::Utf8);
            let within = lines.line_of(from).start..lines.line_of(from + length).end;
            let some = tokens(&vault, file, &text, &(from..from + length));
            let expected: Vec<_> = all
                .into_iter()
                .filter(|token| within.contains(&token.range.start))
                .collect();
            prop_assert_eq!(some, expected);
        }
    }
}
