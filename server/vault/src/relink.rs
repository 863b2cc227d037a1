//! Writing another path into a link that stands in a note: its style and all
//! else that it says stay (N2, N3).

use std::ops::Range;

use crate::canvas;
use crate::edit::TextEdit;
use crate::fact::{Form, Link};
use crate::link;
use crate::path::{is_other_kind, strip_md};
use crate::vault::Vault;

/// The edits that give a link another path. `text` is its note's text; `path`
/// is as [`crate::vault::Vault::linkpath`] gives it for the link's form. Where
/// the link shows an old name of the target, it will show the new one: `names`
/// are pairs of them, without `.md`. `None` when the link is not found in the
/// text.
pub fn relink(text: &str, fact: &Link, path: &str, names: &[[String; 2]]) -> Option<Vec<TextEdit>> {
    if fact.is(Link::CANVAS) {
        let make = |text: &str, link: &Link| relink(text, link, path, names);
        return canvas::relinked(text, fact, path, make);
    }
    match fact.form {
        Form::Wiki => wiki(text, fact, path, names),
        Form::Markdown | Form::Definition => markdown(text, fact, path, names),
        Form::Path => None,
    }
}

fn wiki(text: &str, fact: &Link, path: &str, names: &[[String; 2]]) -> Option<Vec<TextEdit>> {
    let quote = quote(text, fact);
    let parts = link::parts(text, wide(fact));
    let old = text.get(parts.path.clone())?;
    let is_spelled_out = strip_md(old).is_some() && strip_md(path).is_none();
    let extension = if is_spelled_out { ".md" } else { "" };
    let new = link::yaml(&format!("{path}{extension}"), quote);
    let mut edits = Vec::new();
    let shown = parts.alias.clone().unwrap_or_default();
    let shown = text.get(shown).unwrap_or("");
    // Some programs show the name with its extension.
    let shown_stem = strip_md(shown).unwrap_or(shown);
    let shown_name = names
        .iter()
        .find(|pair| link::yaml(&pair[0], quote) == shown_stem);
    if let (Some(alias), Some([_, after])) = (&parts.alias, shown_name) {
        let shown_extension = &shown[shown_stem.len()..];
        let after = link::yaml(after, quote) + shown_extension;
        let is_repeated = after == new && parts.subpath.is_none() && parts.size.is_none();
        if is_repeated && old != text.get(alias.clone())? {
            // An alias that became the path says nothing more (N3).
            edits.push(edit(parts.path.end..alias.end, String::new()));
        } else {
            edits.push(edit(alias.clone(), after));
        }
    }
    edits.insert(0, edit(parts.path, new));
    Some(changes(text, edits))
}

/// A path as it is written in place of an old one, which may lack `.md`: so does
/// it then, unless it would look like another kind of file.
pub(crate) fn spelled_like<'p>(old: &str, path: &'p str, form: Form) -> &'p str {
    if form == Form::Wiki || form == Form::Path || old.is_empty() || strip_md(old).is_some() {
        return path;
    }
    let bare = strip_md(path).filter(|bare| !is_other_kind(bare));
    bare.unwrap_or(path)
}

fn markdown(text: &str, fact: &Link, path: &str, names: &[[String; 2]]) -> Option<Vec<TextEdit>> {
    let quote = quote(text, fact);
    let target = linktext(text, fact)?;
    let written = text.get(target.clone())?;
    let length = written.find('#').unwrap_or(written.len());
    let old = &written[..length];
    let path = spelled_like(old, path, fact.form);
    let in_angles = text[..target.start].ends_with('<');
    let new = link::yaml(&link::encode(path, in_angles), quote);
    let mut edits = vec![edit(target.start..target.start + length, new)];
    if fact.form == Form::Markdown && !names.is_empty() {
        let range = shown(text, fact).unwrap_or_default();
        let start = range.start;
        let shown = text.get(range).unwrap_or("");
        let is_shown = |name: &str| {
            shown == link::yaml(&link::label(name), quote) || shown == link::yaml(name, quote)
        };
        if let Some([_, after]) = names.iter().find(|pair| is_shown(&pair[0])) {
            let after = link::yaml(&link::label(after), quote);
            edits.insert(0, edit(start..start + shown.len(), after));
        }
    }
    Some(changes(text, edits))
}

/// The edit that gives a link another subpath, without its first `#`, in place
/// of the one that it has.
pub(crate) fn resubpath(text: &str, fact: &Link, subpath: &str) -> Option<TextEdit> {
    if fact.is(Link::CANVAS) {
        let make = |text: &str, link: &Link| resubpath(text, link, subpath);
        return canvas::resubpathed(text, fact, subpath, make);
    }
    let quote = quote(text, fact);
    if fact.form == Form::Wiki {
        let old = link::parts(text, wide(fact)).subpath?;
        return Some(edit(old, link::yaml(subpath, quote)));
    }
    let target = linktext(text, fact)?;
    let start = target.start + text.get(target.clone())?.find('#')? + 1;
    let in_angles = text[..target.start].ends_with('<');
    let new = link::yaml(&link::encode(subpath, in_angles), quote);
    Some(edit(start..target.end, new))
}

/// The bytes of what a link shows instead of its path: the alias of a
/// wiki-link, the text of a Markdown link. `None` in a canvas, where it may be
/// written with escapes.
pub(crate) fn shown(text: &str, fact: &Link) -> Option<Range<usize>> {
    if fact.is(Link::CANVAS) {
        return None;
    }
    match fact.form {
        Form::Wiki => link::parts(text, wide(fact)).alias,
        Form::Markdown => {
            let start = fact.start as usize + 1 + usize::from(fact.is(Link::EMBED));
            let end = fact.start as usize + link::label_end(text.get(wide(fact))?)?;
            (start <= end).then_some(start..end)
        }
        Form::Definition | Form::Path => None,
    }
}

/// Those edits that change something.
fn changes(text: &str, mut edits: Vec<TextEdit>) -> Vec<TextEdit> {
    edits.retain(|(range, new)| {
        text.get(range.start as usize..range.end as usize) != Some(new.as_str())
    });
    edits
}

/// The quote of YAML in which a link stands, if it does.
pub(crate) fn quote(text: &str, fact: &Link) -> Option<char> {
    let before = text.get(..fact.start as usize)?.chars().next_back();
    before.filter(|c| fact.is(Link::PROPERTY) && matches!(c, '\'' | '"'))
}

fn edit(range: Range<usize>, new: String) -> TextEdit {
    (range.start as u32..range.end as u32, new)
}

fn wide(fact: &Link) -> Range<usize> {
    fact.start as usize..fact.start as usize + usize::from(fact.len)
}

/// The path that a link spells in its file's text, normalized, as
/// [`crate::vault::Vault::link_path`] gives it but for escapes of YAML.
pub(crate) fn spelled(text: &str, fact: &Link) -> Option<String> {
    if fact.is(Link::CANVAS) {
        return canvas::spelled(text, fact, spelled);
    }
    let path = text.get(linktext(text, fact)?)?.split('#').next()?;
    let path = match fact.form {
        Form::Wiki => link::normalize(path).into_owned(),
        _ => link::normalize(&link::decode(path)).into_owned(),
    };
    Some(path)
}

/// Whether a link of the facts stands in the text.
pub(crate) fn is_there(vault: &Vault, text: &str, fact: &Link) -> bool {
    let path = spelled(text, fact);
    path.is_some_and(|path| fact.is(Link::ESCAPED) || path == vault.link_path(fact))
}

/// The subpath that a link spells in its file's text, without its first `#`, as
/// [`Link::subpath`] has it but for escapes of YAML.
pub(crate) fn spelled_place(text: &str, fact: &Link) -> Option<String> {
    if fact.is(Link::CANVAS) {
        return canvas::spelled_place(text, fact, spelled_place);
    }
    if fact.form == Form::Wiki {
        let place = link::parts(text, wide(fact)).subpath?;
        return text.get(place).map(str::to_owned);
    }
    let target = link::decode(text.get(linktext(text, fact)?)?);
    Some(target.split_once('#')?.1.trim().to_owned())
}

/// The bytes of a link's path and subpath in its note's text; `None` for a
/// path in a canvas.
pub fn linktext(text: &str, fact: &Link) -> Option<Range<usize>> {
    let whole = fact.start as usize..fact.start as usize + usize::from(fact.len);
    let source = text.get(whole.clone())?;
    match fact.form {
        Form::Wiki => {
            let parts = link::parts(text, whole);
            let end = parts.subpath.map_or(parts.path.end, |subpath| subpath.end);
            // `[[#H]]` has no path; its subpath begins behind the `#`.
            Some(parts.path.start.min(end)..end)
        }
        Form::Markdown => {
            let label = link::label_end(source).unwrap_or(0);
            link::markdown_destination(text, whole.clone(), whole.start + label)
        }
        Form::Definition => {
            let colon = memchr::memmem::find(source.as_bytes(), b"]:")? + 2;
            let rest = &source[colon..];
            let start = whole.start + colon + rest.len() - rest.trim_start().len();
            let rest = text[start..whole.end].strip_prefix('<');
            if let Some(inside) = rest {
                Some(start + 1..start + 1 + inside.find('>')?)
            } else {
                let length = text[start..whole.end].find(char::is_whitespace);
                Some(start..length.map_or(whole.end, |length| start + length))
            }
        }
        Form::Path => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::applied;
    use crate::note::{Note, ParseOptions};
    use crate::symbol::Symbols;

    #[test]
    fn a_link_keeps_its_style() {
        for (text, path, expected) in [
            ("[[a/Old|Old]]", "b/New", "[[b/New|New]]"),
            ("[[a/Old|Old]]", "New", "[[New]]"),
            ("[[Old|Old]]", "New", "[[New|New]]"),
            ("![[Old.md#H|x|9]]", "b/New", "![[b/New.md#H|x|9]]"),
            ("[[ Old ]]", "New", "[[ New ]]"),
            ("[[#H]]", "New", "[[New#H]]"),
            ("[[a/Old.md|Old.md]]", "b/New", "[[b/New.md|New.md]]"),
            ("[[Old#H]]", "", "[[#H]]"),
            (
                "| [[Old\\|Old]] |\n|-|\n",
                "b/New",
                "| [[b/New\\|New]] |\n|-|\n",
            ),
            ("[Old](a/Old.md)", "b/N w.md", "[New](b/N%20w.md)"),
            ("[x](Old)", "N.1.md", "[x](N.1)"),
            ("[x](Old)", "N.png.md", "[x](N.png.md)"),
            ("[[Old|100]]", "200", "[[200|100]]"),
            ("[x](<a/O d#H> 't')", "b/N w.md", "[x](<b/N w#H> 't')"),
            ("[x](#H)", "New.md", "[x](New.md#H)"),
            ("[r]: a/Old.md 't'\n", "New.md", "[r]: New.md 't'\n"),
            (
                "---\nup: 'x'\na: '[[Old]]'\n---\n",
                "N'w",
                "---\nup: 'x'\na: '[[N''w]]'\n---\n",
            ),
            (
                "---\na: \"[[O'd|O'd]]\"\n---\n",
                "N\"w",
                "---\na: \"[[N\\\"w|O'd]]\"\n---\n",
            ),
        ] {
            let note = Note::parse(text, &Symbols::default(), &ParseOptions::default());
            let link = note.links.first().unwrap();
            let edits = relink(text, link, path, &[["Old".to_owned(), "New".to_owned()]]).unwrap();
            assert_eq!(applied(text, &edits), expected);
        }
    }
}
