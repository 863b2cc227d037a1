//! The rules that diagnostics follow: their codes, and how serious a breach is
//! unless the settings say otherwise.

use globset::GlobMatcher;

/// How serious a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Something is lost or misread.
    Error,
    /// It is hardly what was meant.
    Warning,
    /// Worth knowing.
    Information,
    /// A suggestion.
    Hint,
}

impl Severity {
    /// The names by which settings call severities.
    pub const NAMES: [(&'static str, Self); 4] = [
        ("error", Self::Error),
        ("warning", Self::Warning),
        ("information", Self::Information),
        ("hint", Self::Hint),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        let mut names = Self::NAMES.into_iter();
        names.find(|name| name.1 == self).map_or("", |name| name.0)
    }
}

macro_rules! rules {
    ($($name:ident, $code:literal, $severity:ident, $about:literal;)*) => {
        /// A rule. Its code is stable: settings and comments name it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "`about` says it")]
        pub enum Rule {
            $($name,)*
        }

        impl Rule {
            /// All rules, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code by which users name it.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What it finds, in a few words.
            pub fn about(self) -> &'static str {
                match self { $(Self::$name => $about,)* }
            }

            /// How serious a breach is unless the settings say otherwise.
            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }
        }
    };
}

rules! {
    YamlSyntax, "yaml-syntax", Error, "frontmatter that is not valid YAML";
    ListIndent, "list-indent", Error, "properties that are not indented alike";
    DuplicateKey, "duplicate-key", Error, "a key that is set twice";
    UnclosedFrontmatter, "unclosed-frontmatter", Warning, "frontmatter without its closing line";
    ByteOrderMark, "byte-order-mark", Hint, "an invisible mark before the frontmatter";
    MisplacedFrontmatter, "misplaced-frontmatter", Warning, "frontmatter that is not at the start of the note";
    MergeConflict, "merge-conflict", Error, "marks of a merge that was not finished";
    UnquotedLink, "unquoted-link", Warning, "a link in a property without quotes";
    TextAroundLink, "text-around-link", Warning, "a property that is more than its link";
    TagComment, "tag-comment", Warning, "tags that YAML reads as a comment";
    InvalidTag, "invalid-tag", Warning, "a word in `tags` that is no tag";
    TemplateResidue, "template-residue", Information, "a placeholder of a template";
    DeprecatedKey, "deprecated-key", Warning, "a key that Obsidian gave up";
    TagsInOneText, "tags-in-one-text", Warning, "several tags in one text";
    PropertyType, "property-type", Warning, "a value that is not of its property's type";
    PropertyShape, "property-shape", Information, "a value unlike nearly all others of its key";
    ImpossibleDate, "impossible-date", Warning, "a date that is in no calendar";
    DateOrder, "date-order", Warning, "an end before its start";
    DuplicateItem, "duplicate-item", Information, "an item that is in its list twice";
    EmptyItem, "empty-item", Information, "an item without a value";
    KeyVariant, "key-variant", Information, "a rare spelling of a common key";
    NumberTrap, "number-trap", Information, "a number that programs read differently";
    WordTrap, "word-trap", Information, "a word that older YAML reads as yes or no";
    IdMismatch, "id-mismatch", Warning, "an identifier unlike the one in the note's link";
    Schema, "schema", Warning, "a property that its schema does not allow";
    SchemaMissing, "schema-missing", Warning, "a schema that is not there or cannot be read";
    BadSchema, "bad-schema", Error, "a file that is no usable schema";
    BrokenLink, "broken-link", Warning, "a link to a note or file that is not there";
    BrokenHeading, "broken-heading", Warning, "a link to a heading that is not there";
    BrokenBlock, "broken-block", Warning, "a link to a block that is not there";
    BrokenFootnote, "broken-footnote", Warning, "a footnote that is not written";
    BrokenReference, "broken-reference", Information, "a reference that is not defined";
    DuplicateDefinition, "duplicate-definition", Information, "a reference or footnote that is defined twice";
    OutsideVault, "outside-vault", Warning, "a link that climbs above the vault";
    FolderLink, "folder-link", Information, "a link to a folder";
    OwnOldName, "own-old-name", Information, "a link to the note's own former name";
    MountAbsent, "mount-absent", Hint, "a link into a folder that is kept separately";
    AmbiguousLink, "ambiguous-link", Information, "a name that several notes have";
    UnreachableHeading, "unreachable-heading", Hint, "a heading that no link can tell from another";
    DuplicateBlockId, "duplicate-block-id", Warning, "a block id that is given twice";
    InvalidBlockId, "invalid-block-id", Information, "a block id that Obsidian does not accept";
    UnreachableName, "unreachable-name", Warning, "a file name that no link can hold";
    NameTwin, "name-twin", Information, "a name that differs from another in case only";
    OpenFence, "open-fence", Warning, "a code fence that swallows the rest";
    OpenComment, "open-comment", Warning, "a comment that swallows the rest";
    TierLine, "tier-line", Warning, "a line of the tier section that leads elsewhere";
    TierLineMissing, "tier-line-missing", Information, "a tier section without one of its lines";
    TierLineDoubled, "tier-line-doubled", Warning, "a line of the tier section that stands twice";
    TierLineOrder, "tier-line-order", Information, "lines of the tier section in another order";
    TierMirror, "tier-mirror", Warning, "a property that says other copies than the tier section";
    TierSuffix, "tier-suffix", Information, "a note without the suffix of its tier";
    CopyMissing, "copy-missing", Hint, "a copy that is not written yet";
    CopyStray, "copy-stray", Hint, "a copy that does not name its note";
    FamilyDiffers, "family-differs", Information, "a copy that differs from its note";
    ConfidentialNote, "confidential-note", Error, "a note that is more secret than its tier";
    UnknownSecrecy, "unknown-secrecy", Warning, "a word about secrecy that says nothing";
    ConfidentialLink, "confidential-link", Warning, "a link into a more secret tier";
    ConfidentialEmbed, "confidential-embed", Error, "an embed that shows a more secret note";
    UnknownRule, "unknown-rule", Warning, "a comment that silences a rule there is none of";
}

impl Rule {
    /// The rule of a code.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.code() == code)
    }
}

/// One line of the settings about rules; a later one wins.
#[derive(Clone, Debug)]
pub struct Override {
    /// The notes that it is about; `None`: all.
    pub notes: Option<GlobMatcher>,
    /// The rule that it is about; `None`: all.
    pub rule: Option<Rule>,
    /// How serious a breach is; `None`: it is not reported.
    pub severity: Option<Severity>,
}

impl PartialEq for Override {
    fn eq(&self, other: &Self) -> bool {
        let glob = |own: &Self| own.notes.as_ref().map(|notes| notes.glob().to_string());
        (glob(self), self.rule, self.severity) == (glob(other), other.rule, other.severity)
    }
}

impl Eq for Override {}

/// How serious a breach of a rule is in a note; `None`: it is not reported.
pub fn severity(overrides: &[Override], rule: Rule, path: &str) -> Option<Severity> {
    let fits = |line: &&Override| {
        line.rule.is_none_or(|own| own == rule)
            && line.notes.as_ref().is_none_or(|notes| notes.is_match(path))
    };
    let last = overrides.iter().rev().find(fits);
    last.map_or(Some(rule.severity()), |line| line.severity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_found() {
        for &rule in Rule::ALL {
            assert_eq!(Rule::of(rule.code()), Some(rule));
        }
        assert_eq!(Rule::of("none"), None);
    }

    #[test]
    fn the_last_line_that_fits_wins() {
        let glob = |glob| Some(globset::Glob::new(glob).unwrap().compile_matcher());
        let line = |notes, rule, severity| Override {
            notes,
            rule,
            severity,
        };
        let lines = [
            line(None, Some(Rule::BrokenLink), Some(Severity::Error)),
            line(glob("old/**"), None, None),
        ];
        let says = |rule, path| severity(&lines, rule, path);
        assert_eq!(says(Rule::BrokenLink, "a.md"), Some(Severity::Error));
        assert_eq!(says(Rule::BrokenLink, "old/x/a.md"), None);
        assert_eq!(says(Rule::FolderLink, "a.md"), Some(Severity::Information));
    }
}
