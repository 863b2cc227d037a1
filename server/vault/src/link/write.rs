//! Writing links. Nothing is resolved here: what path leads where is for
//! [`crate::linkpath`].

use std::borrow::Cow;
use std::fmt::Write;
use std::ops::Range;

use super::Parts;
use crate::fact::Form;
use crate::heading::{self, Subpath};
use crate::path::stem;

/// What a new link is to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Draft<'a> {
    /// The path, without `.md` for a note in a wiki-link; empty for a place in
    /// the same note.
    pub path: &'a str,
    /// The subpath without its first `#`; empty for none.
    pub subpath: &'a str,
    /// What is shown instead of the path; empty for none.
    pub alias: &'a str,
    /// Whether the target is shown in place.
    pub embed: bool,
    /// Whether it will stand in a table, where a bare `|` ends a cell (G3).
    pub table: bool,
}

/// Writes a new link of a form. A Markdown link without an alias shows the name
/// of the file, or the subpath within the note.
pub fn new(form: Form, draft: &Draft<'_>) -> String {
    if form == Form::Wiki {
        return wiki(draft);
    }
    let names = [draft.alias.trim(), stem(draft.path), draft.subpath];
    let text = names.into_iter().find(|name| !name.is_empty());
    let link = markdown(draft.path, draft.subpath, text.unwrap_or(""), draft.embed);
    if draft.table {
        return link.replace('|', r"\|");
    }
    link
}

/// Writes a new wiki-link. An alias that repeats the path is left out (R11),
/// and what would end the link early in an alias is parted.
pub fn wiki(draft: &Draft<'_>) -> String {
    let mut link = String::from(if draft.embed { "![[" } else { "[[" });
    let inside = link.len();
    link.push_str(draft.path);
    if !draft.subpath.is_empty() {
        link.push('#');
        link.push_str(draft.subpath);
    }
    let alias = draft.alias.trim();
    if !alias.is_empty() && alias.to_lowercase() != link[inside..].to_lowercase() {
        let pipe = if draft.table { r"\|" } else { "|" };
        let mut alias = alias.replace(['\n', '\r'], " ");
        for (pair, parted) in [("[[", "[ ["), ("]]", "] ]")] {
            while alias.contains(pair) {
                alias = alias.replace(pair, parted);
            }
        }
        if alias.ends_with(']') {
            alias.push(' ');
        }
        link.push_str(pipe);
        link.push_str(&alias.replace('|', pipe));
    }
    link.push_str("]]");
    link
}

/// Writes a Markdown link or image. `path` and `subpath` are as they are
/// looked up, not encoded; a note's path ends with `.md`.
pub fn markdown(path: &str, subpath: &str, text: &str, embed: bool) -> String {
    let mut destination = path.to_owned();
    if !subpath.is_empty() {
        destination.push('#');
        destination.push_str(subpath);
    }
    let mark = if embed { "!" } else { "" };
    format!("{mark}[{}]({})", label(text), encode(&destination, false))
}

/// The text of a Markdown link, with what would be read as more than text escaped.
pub fn label(text: &str) -> String {
    let mut label = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => label.push(' '),
            '\\' | '[' | ']' | '<' | '>' | '_' | '*' | '~' | '=' | '`' | '$' => {
                label.push('\\');
                label.push(c);
            }
            c => label.push(c),
        }
    }
    label
}

/// A destination as a Markdown link holds it, in angle brackets or bare: only
/// what would end it or be read otherwise is escaped (R11). A `%` is, for one
/// that stands alone would keep what is written beside it from being decoded;
/// so are `|`, which ends the cell of a table, and the mark of code.
pub fn encode(destination: &str, in_angles: bool) -> String {
    let mut encoded = String::with_capacity(destination.len());
    let mut bytes = [0; 4];
    let paired = in_angles || is_paired(destination);
    for c in destination.chars() {
        let ends = match c {
            c if c.is_whitespace() => !in_angles || c.is_control(),
            '(' | ')' => !paired,
            c => matches!(c, '\\' | '<' | '>' | '%' | '|' | '`') || c.is_control(),
        };
        if ends {
            for byte in c.encode_utf8(&mut bytes).bytes() {
                let _ = write!(encoded, "%{byte:02X}");
            }
        } else {
            encoded.push(c);
        }
    }
    encoded
}

fn is_paired(destination: &str) -> bool {
    let mut depth = 0_i32;
    destination.chars().all(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth >= 0
    }) && depth == 0
}

/// A heading, by its text in the note, as links name it (H3). `None` when
/// nothing is left that a link could name (H5).
pub fn heading_subpath(heading: &str) -> Option<String> {
    heading::key(heading)?;
    let mut text = heading.to_owned();
    for mark in ["%%", "[[", "]]"] {
        text = text.replace(mark, " ");
    }
    let text = text.replace([':', '#', '|', '^', '\\', '\n', '\r'], " ");
    let words: Vec<&str> = text.split_whitespace().collect();
    // The first `]]` ends a link, so its last letter must be none of them.
    Some(words.join(" ").trim_end_matches([']', ' ']).to_owned())
}

/// A subpath that names just the heading at `index` of a note: `last`, with as
/// many of the headings above it as it takes (H4). `headings` are levels and
/// keys, `title` gives their texts. `None` if no subpath does.
pub fn heading_chain<'t>(
    headings: &[(u8, u32)],
    index: usize,
    last: String,
    title: impl Fn(usize) -> Option<&'t str>,
) -> Option<String> {
    let leads = |subpath: &str| {
        let Subpath::Headings(keys) = heading::subpath(subpath) else {
            return false;
        };
        heading::find(headings.iter().copied(), &keys) == Some(index)
    };
    let mut subpath = last;
    let mut level = headings.get(index)?.0;
    let mut above = (0..index).rev();
    while !leads(&subpath) {
        let parent = above.find(|&at| headings[at].0 < level)?;
        level = headings[parent].0;
        // What no link can name is passed over.
        if let Some(segment) = title(parent).and_then(heading_subpath) {
            subpath = format!("{segment}#{subpath}");
        }
    }
    Some(subpath)
}

/// A text in quotes of YAML that need the fewest escapes.
pub fn quoted(text: &str) -> String {
    let quote = quote_for(text);
    format!("{quote}{}{quote}", yaml(text, Some(quote)))
}

/// The quote of [`quoted`].
pub fn quote_for(text: &str) -> char {
    if text.contains(['"', '\\']) {
        '\''
    } else {
        '"'
    }
}

/// A text as it stands in a YAML scalar of this quote; other scalars hold it
/// as it is.
pub fn yaml(text: &str, quote: Option<char>) -> String {
    match quote {
        Some('\'') => text.replace('\'', "''"),
        Some('"') => text.replace('\\', r"\\").replace('"', "\\\""),
        _ => text.to_owned(),
    }
}

/// What a piece of a YAML scalar in this quote says, as far as [`yaml`] writes
/// it. Escapes of letters stay as they are.
pub fn unyaml(written: &str, quote: char) -> Cow<'_, str> {
    let escape = if quote == '\'' { '\'' } else { '\\' };
    if !written.contains(escape) {
        return Cow::Borrowed(written);
    }
    let mut text = String::with_capacity(written.len());
    let mut rest = written.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.next_if(|&next| c == escape && (next == quote || next == escape));
        text.push(next.unwrap_or(c));
    }
    Cow::Owned(text)
}

/// Writes a wiki-link. What [`parts`] read comes out byte for byte when the
/// link had no spare white space.
pub fn write(text: &str, parts: &Parts, embed: bool) -> String {
    let read = |range: &Range<usize>| text.get(range.clone()).unwrap_or("");
    let mut link = String::from(if embed { "![[" } else { "[[" });
    link.push_str(read(&parts.path));
    if let Some(subpath) = &parts.subpath {
        link.push('#');
        link.push_str(read(subpath));
    }
    let mut pipe = if parts.escaped_pipe { r"\|" } else { "|" };
    for part in [&parts.alias, &parts.size].into_iter().flatten() {
        link.push_str(pipe);
        link.push_str(read(part));
        pipe = "|";
    }
    link.push_str("]]");
    link
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::{decode, label_end, markdown_destination, parts, whole};

    #[test]
    fn wiki_links_hold_any_alias() {
        let link = |alias, table| {
            wiki(&Draft {
                path: "a/b",
                alias,
                table,
                ..Draft::default()
            })
        };
        assert_eq!(link("b", false), "[[a/b|b]]");
        assert_eq!(link("A/B", false), "[[a/b]]");
        assert_eq!(link("x|y", true), r"[[a/b\|x\|y]]");
        for alias in ["x]]y", "x]", "x\ny", "[[[x]]]"] {
            assert!(whole(&link(alias, false)).is_some(), "{alias}");
        }
        let subpath = Draft {
            subpath: "H",
            ..Draft::default()
        };
        assert_eq!(wiki(&subpath), "[[#H]]");
    }

    #[test]
    fn either_form_is_written() {
        let draft = Draft {
            path: "a/b c.md",
            ..Draft::default()
        };
        assert_eq!(new(Form::Markdown, &draft), "[b c](a/b%20c.md)");
        let shown = Draft {
            alias: "x|y",
            table: true,
            ..draft
        };
        assert_eq!(new(Form::Markdown, &shown), r"[x\|y](a/b%20c.md)");
        assert_eq!(new(Form::Wiki, &draft), "[[a/b c.md]]");
        let within = Draft {
            subpath: "H 1",
            ..Draft::default()
        };
        assert_eq!(new(Form::Markdown, &within), "[H 1](#H%201)");
    }

    #[test]
    fn markdown_links_lead_where_they_should() {
        for path in [
            "Sub/We!rd (name) [x] #1.md",
            "a(b.md",
            "a) b.md",
            "50%.md",
            "50%20.md",
            "é 大/<x>.md",
        ] {
            let link = markdown(path, "", r"a[b]\c", false);
            let label = label_end(&link).or_else(|| link.find("](")).unwrap();
            let read = markdown_destination(&link, 0..link.len(), label).unwrap();
            let read = decode(&link[read]);
            assert_eq!(read, path, "{link}");
        }
        assert_eq!(markdown("a b.md", "H x", "t", true), "![t](a%20b.md#H%20x)");
    }

    #[test]
    fn what_quotes_escape_is_read_again() {
        for text in ["it's", r#"a "b" \ \n"#, "''", r"\\", "é"] {
            for quote in ['\'', '"'] {
                assert_eq!(unyaml(&yaml(text, Some(quote)), quote), text);
            }
        }
    }

    #[test]
    fn headings_are_named_so_that_they_are_found() {
        for heading in ["C++ & C#: why?", "[[p/N|A]]", "a %% b", "x [y]", "Plain"] {
            let subpath = heading_subpath(heading).unwrap();
            assert_eq!(heading::key(&subpath), heading::key(heading), "{subpath}");
            let link = format!("[[N#{subpath}]]");
            let parts = parts(&link, 0..link.len());
            assert!(whole(&link).is_some_and(|whole| whole == parts), "{link}");
        }
        assert_eq!(heading_subpath("!!!"), None);
    }
}
