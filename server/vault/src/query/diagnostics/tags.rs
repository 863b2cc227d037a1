//! The property `tags`: what stands there for tags and is none (T5).

use super::Check;
use super::fix::{is_tag, tag_list};
use crate::frontmatter::{Entry, Frontmatter, Value};
use crate::rule::Rule;

impl Check<'_> {
    pub(super) fn tags(&mut self, front: &Frontmatter) {
        for (index, entry) in front.children(None) {
            let Some(key) = &entry.key else { continue };
            let is = |name: &str| key.name.eq_ignore_ascii_case(name);
            if !is("tags") && !is("tag") {
                continue;
            }
            match entry.value {
                Value::Null => self.tag_comment(entry.range.end.max(key.range.end)),
                Value::Scalar(_) => self.word(entry),
                Value::List => {
                    for (_, item) in front.children(Some(index as u32)) {
                        match item.value {
                            Value::Null if item.range.is_empty() => self.item_comment(item),
                            Value::Scalar(_) => self.word(item),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// `tags: #a` sets nothing.
    fn tag_comment(&mut self, behind_key: usize) {
        let rest = &self.text[behind_key..];
        let line = rest.lines().next().unwrap_or("");
        let tag = line.trim_start_matches([':', ' ', '\t']);
        if tag.starts_with('#') && tag.len() > 1 {
            let start = behind_key + line.len() - tag.len();
            let message = "YAML reads this as a comment, so there is no tag: write the tags without `#`, as a list";
            let range = start..start + tag.trim_end().len();
            let tags = tag.split([' ', ',', '\t']).filter(|tag| !tag.is_empty());
            let tags: Option<Vec<&str>> = tags.map(|tag| tag.strip_prefix('#')).collect();
            self.report(range.clone(), Rule::TagComment, message);
            if let Some(list) = tags.and_then(|tags| tag_list(tags.into_iter())) {
                self.fix("Write the tags as a list", &[(range, list)], true);
            }
        }
    }

    /// `- #a` is an empty item with a comment.
    fn item_comment(&mut self, item: &Entry) {
        let line = self.lines.line_of(item.range.start as u32);
        let source = self.slice(&line).trim_end();
        let Some(tag) = source.trim_start().strip_prefix('-') else {
            return;
        };
        let tag = tag.trim_start();
        let name = tag.trim_start_matches('#');
        if name.len() == tag.len() || name.is_empty() {
            return;
        }
        let start = line.start as usize + source.len() - tag.len();
        let range = start..start + tag.len();
        let is_tag = is_tag(name);
        let list = tag_list(std::iter::once(name)).filter(|_| is_tag);
        let message = "YAML reads this as a comment, so there is no tag: write it without `#`";
        self.report(range.clone(), Rule::TagComment, message);
        if let Some(list) = list {
            let written = list.trim_matches(['[', ']']).to_owned();
            self.fix("Write the tag without `#`", &[(range, written)], true);
        }
    }

    /// A value or an item that Obsidian does not take for a tag.
    fn word(&mut self, entry: &Entry) {
        let written = self.slice_of(entry);
        let name = written.strip_prefix('#').unwrap_or(written);
        let is_item = entry.key.is_none();
        // Several tags in one text are reported as such.
        let is_several = !is_item && name.contains([',', ' ']);
        if is_tag(name) || is_several || name.contains("{{") || name.contains("<%") {
            return;
        }
        let remedy = if name.is_empty() {
            "write its name, or remove it"
        } else if name.bytes().all(|byte| byte.is_ascii_digit()) {
            "it needs a letter"
        } else if name.contains(' ') {
            "write `-` or `_` for the space, or an item for each tag"
        } else {
            "it may hold letters, digits, `_`, `-` and `/`"
        };
        let message = format!("Obsidian drops `{written}`, which is no tag: {remedy}");
        self.report(entry.range.clone(), Rule::InvalidTag, message);
    }
}
