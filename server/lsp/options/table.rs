//! The settings, one after the other.

use serde_json::{Value, json};
use vaultmark_vault::settings::{Confidential, FolderOfNote, Settings};

use super::{Column, Kind, Setting};

const fn column(key: &'static str, is_needed: bool, about: &'static str) -> Column {
    Column {
        key,
        is_needed,
        about,
    }
}

const fn setting(
    key: &'static str,
    kind: Kind,
    about: &'static str,
    value: fn(&Settings) -> Value,
) -> Setting {
    Setting {
        key,
        kind,
        about,
        value,
    }
}

const FOLDER: &[(&str, &str)] = &[
    (
        "ask",
        "The user is asked; where that is not possible, it stays.",
    ),
    ("move", "It goes along."),
    ("stay", "It stays."),
];
const CONFIDENTIAL: &[(&str, &str)] = &[
    ("hide", "They are left out."),
    ("mark", "They are offered with a warning."),
    ("offer", "They are offered like any other."),
];
const EXTENT: &[(&str, &str)] = &[
    ("open", "Of open notes."),
    ("vault", "Of all notes of the vault."),
];

/// All settings, by subject.
pub const SETTINGS: &[Setting] = &[
    setting(
        "diagnostics",
        Kind::Choice(EXTENT),
        "Of which notes the editor is told what is wrong.",
        |own| json!(if own.whole { "vault" } else { "open" }),
    ),
    setting(
        "rules",
        Kind::Rules,
        "How serious a breach of a rule is. `*` stands for all rules; what is said of one outranks it.",
        |_| json!({}),
    ),
    setting(
        "rules_for",
        Kind::RulesFor,
        "The same for some notes: patterns of paths, in which `*` does not match `/` and `**` does, and their rules.",
        |_| json!([]),
    ),
    setting(
        "documentation",
        Kind::Text,
        "The address of a page with the rules, to which diagnostics lead.",
        |own| json!(own.documentation),
    ),
    setting(
        "type_properties",
        Kind::Names,
        "Properties and fields that say what a note is.",
        |own| json!(own.type_properties),
    ),
    setting(
        "name_properties",
        Kind::Names,
        "Properties and fields that may say the name of their note.",
        |own| json!(own.name_properties),
    ),
    setting(
        "date_pairs",
        Kind::Pairs,
        "Properties that begin and end the same thing, by pairs.",
        |own| json!(own.date_pairs),
    ),
    setting(
        "schema",
        Kind::Tables(&[
            column(
                "file",
                true,
                "The path of the schema, from the root of the vault.",
            ),
            column("notes", false, "A pattern of the paths of notes."),
            column("property", false, "A property of the notes."),
            column("value", false, "Its value, or one of them."),
        ]),
        "JSON Schemas of properties, and the notes that follow them: by `notes`, or by `property` and `value`.",
        |_| json!([]),
    ),
    setting(
        "identifier",
        Kind::Tables(&[
            column("property", true, "The property that holds an identifier."),
            column("prefix", false, "What stands before its number."),
            column(
                "link",
                true,
                "How the names of notes that are made for it begin.",
            ),
        ]),
        "Properties whose value a link of the note repeats.",
        |own| {
            let list = own.identifiers.iter().map(
                |own| json!({"property": own.property, "prefix": own.prefix, "link": own.link}),
            );
            list.collect()
        },
    ),
    setting(
        "shape_uses",
        Kind::Number(1, u32::MAX),
        "In so many notes a property must be before its usual shape is known.",
        |own| json!(own.shape_uses),
    ),
    setting(
        "shape_agreeing",
        Kind::Number(51, 100),
        "So many of a hundred values of a property must agree before another shape is odd.",
        |own| json!(own.shape_agreeing),
    ),
    setting(
        "soft_fences",
        Kind::Names,
        "Languages of code fences whose links count.",
        |own| json!(own.soft_fences),
    ),
    setting(
        "tier",
        Kind::Tables(&[
            column("folder", true, "A folder at the root of the vault."),
            column("suffix", false, "How names in it end, such as `.public`."),
        ]),
        "The tiers, the most public one first; an empty list: none. Unless set, the seven standard tiers if one of their folders is there.",
        |_| Value::Null,
    ),
    setting(
        "mount",
        Kind::Text,
        "Where the opened folder lies in the whole vault, such as `_Standards/Earth`. Unless set, it is found by the folders above.",
        |own| json!(own.mount),
    ),
    setting(
        "public_tiers",
        Kind::Names,
        "Folders of the tiers that anybody may read. Unless set, the first two of the standard tiers, of others all.",
        |own| json!(own.public_tiers),
    ),
    setting(
        "confidential_key",
        Kind::Text,
        "The property that says how secret a note is: the name of a tier.",
        |own| json!(own.confidential_key),
    ),
    setting(
        "confidential_completion",
        Kind::Choice(CONFIDENTIAL),
        "Names and tags of more secret tiers where something is completed.",
        |own| {
            json!(match own.confidential_completion {
                Confidential::Hide => "hide",
                Confidential::Mark => "mark",
                Confidential::Offer => "offer",
            })
        },
    ),
    setting(
        "tier_section",
        Kind::Text,
        "The heading of the section that links to the copies of a note.",
        |own| json!(own.tier_section),
    ),
    setting(
        "tier_line",
        Kind::Text,
        "A line of that section; `{path}` is the path of the copy without `.md`, and `{name}` its name.",
        |own| json!(own.tier_line),
    ),
    setting(
        "tier_mirrors",
        Kind::Names,
        "Properties that mirror that section.",
        |own| json!(own.tier_mirrors),
    ),
    setting(
        "copy_template",
        Kind::Text,
        "The text of a new copy of a note; `{name}` is its name, `{base}` the path and `{base_name}` the name of the most public copy, and `{section}` the section with links to copies.",
        |own| json!(own.copy_template),
    ),
    setting(
        "agree_headings",
        Kind::Flag,
        "Copies of a note have the same headings.",
        |own| json!(own.agree_headings),
    ),
    setting(
        "agree_properties",
        Kind::Names,
        "Properties that say the same in all copies of a note.",
        |own| json!(own.agree_properties),
    ),
    setting(
        "rename.copies",
        Kind::Flag,
        "The copies in other tiers get the name as well.",
        |own| json!(own.renames.copies),
    ),
    setting(
        "rename.folder",
        Kind::Choice(FOLDER),
        "The folder `X/` beside the note `X.md` that is renamed.",
        |own| {
            json!(match own.renames.folder {
                FolderOfNote::Ask => "ask",
                FolderOfNote::Move => "move",
                FolderOfNote::Stay => "stay",
            })
        },
    ),
    setting(
        "rename.headings",
        Kind::Flag,
        "A heading is renamed in the copies in other tiers as well.",
        |own| json!(own.renames.headings),
    ),
    setting(
        "rename.names",
        Kind::Flag,
        "Properties that say the name of their note get the new one; see `name_properties`.",
        |own| json!(own.renames.names),
    ),
    setting(
        "rename.old_name",
        Kind::Flag,
        "The old name of a note becomes one of its aliases.",
        |own| json!(own.renames.old_name),
    ),
    setting(
        "rename.redirect",
        Kind::Flag,
        "A note is left at the old path that leads to the new one.",
        |own| json!(own.renames.redirect),
    ),
    setting(
        "rename.repair_sections",
        Kind::Flag,
        "Wrong lines of sections with links to copies are put right in the notes that move.",
        |own| json!(own.renames.repair_sections),
    ),
    setting(
        "rename.unlink",
        Kind::Flag,
        "Links to files that are deleted become the text that they show.",
        |own| json!(own.renames.unlink),
    ),
    setting(
        "features.semantic_tokens",
        Kind::Flag,
        "Colors of links by where they lead, of tags and of keys.",
        |own| json!(own.features.semantic_tokens),
    ),
    setting(
        "features.inlay_hints",
        Kind::Flag,
        "Words behind ambiguous and id-like links.",
        |own| json!(own.features.inlay_hints),
    ),
    setting(
        "features.unresolved_reasons",
        Kind::Flag,
        "Words behind links that lead nowhere: why.",
        |own| json!(own.features.unresolved_reasons),
    ),
    setting(
        "features.unlinked_mentions",
        Kind::Flag,
        "Words behind names of notes that could be links.",
        |own| json!(own.features.unlinked_mentions),
    ),
    setting(
        "features.code_lens",
        Kind::Flag,
        "Lines above titles and headings: backlinks, and tiers that have a copy.",
        |own| json!(own.features.code_lens),
    ),
    setting(
        "features.folding",
        Kind::Flag,
        "What can be folded.",
        |own| json!(own.features.folding),
    ),
    setting(
        "features.selection",
        Kind::Flag,
        "What a selection grows to.",
        |own| json!(own.features.selection),
    ),
    setting(
        "features.hierarchies",
        Kind::Flag,
        "Trees of backlinks, of types and of tags.",
        |own| json!(own.features.hierarchies),
    ),
];
