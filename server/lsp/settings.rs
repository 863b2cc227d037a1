//! Settings: read strictly, layer over layer, naming what is wrong.
//!
//! A later layer wins: defaults, what is set in Obsidian, `.vaultmark.toml`
//! at the root of the vault, the client's settings. A bad key or value is
//! reported with its place; the rest stays in force.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use vaultmark_vault::settings::{Confidential, Settings};
use vaultmark_vault::tier::{Tier, Tiers};

use crate::{assignments, convert, disk, features, obsidian, options, rename, rules};

/// Name of the settings file at the root of a vault.
pub const FILE: &str = ".vaultmark.toml";

/// What is read of the settings of a root, and the folder that holds some of it.
pub fn sources(root: &Path) -> [PathBuf; 6] {
    let [app, types, daily, plugins] = obsidian::FILES;
    [FILE, ".obsidian", app, types, daily, plugins].map(|source| root.join(source))
}

const TIER_KEYS: [&str; 2] = ["folder", "suffix"];
/// The client's settings, as messages call them.
const CLIENT: &str = "the editor's settings";

/// The settings in force for a root, and what was wrong with their sources.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// One sentence for each bad key or value.
    pub problems: Vec<String>,
}

/// Reads the settings of a root. `client` is what the editor sent, if anything.
pub fn load(root: &Path, client: &Value) -> Loaded {
    let mut loaded = Loaded::default();
    loaded.settings.obsidian = obsidian::app(root, &mut loaded.problems);
    loaded.settings.daily = obsidian::daily(root, &mut loaded.problems);
    loaded.settings.property_types = obsidian::types(root, &mut loaded.problems);
    let file = root.join(FILE);
    let name = file.display();
    match disk::settings_text(&file) {
        Ok(text) => match toml::from_str::<toml::Table>(&text) {
            Ok(table) => match serde_json::to_value(table) {
                Ok(Value::Object(table)) => loaded.layer(&table, &name.to_string()),
                _ => loaded.problems.push(format!("{name} cannot be read")),
            },
            Err(error) => {
                let place = error.span().map_or(String::new(), |span| {
                    let line = text[..span.start.min(text.len())].matches('\n').count() + 1;
                    format!(" line {line}")
                });
                let problem = format!(
                    "{name}{place}: {}; its settings are left out",
                    error.message()
                );
                loaded.problems.push(problem);
            }
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => loaded
            .problems
            .push(format!("{name} cannot be read: {error}")),
    }
    match client {
        Value::Object(client) => loaded.layer(client, CLIENT),
        Value::Null => {}
        // Lua knows no difference between an empty list and an empty table.
        Value::Array(list) if list.is_empty() => {}
        _ => loaded.problems.push(format!(
            "{CLIENT} for vaultmark are no object; they are left out"
        )),
    }
    let schemas = loaded.settings.schemas.iter().map(|own| &own.file);
    let is_gone = |file: &&String| disk::look(root, file).is_none();
    let gone = schemas.filter(is_gone);
    let gone =
        gone.map(|file| format!("the settings name the schema `{file}`, which is not there"));
    loaded.problems.extend(gone);
    if loaded.settings.mount.is_none() {
        loaded.settings.mount = mount_above(root, &loaded.settings);
    }
    loaded
}

/// Where a root lies in the whole vault when a folder above it is a tier.
fn mount_above(root: &Path, settings: &Settings) -> Option<String> {
    let standard = Tiers::standard();
    let tiers = settings.tiers.as_ref().unwrap_or(&standard);
    if tiers.0.iter().any(|tier| root.join(&tier.folder).is_dir()) {
        return None;
    }
    let parts: Option<Vec<&str>> = root.iter().map(|part| part.to_str()).collect();
    let parts = parts?;
    let is_tier = |part: &str| tiers.0.iter().any(|tier| tier.folder == part);
    let at = parts.iter().rposition(|part| is_tier(part))?;
    Some(parts[at..].join("/"))
}

impl Loaded {
    fn layer(&mut self, table: &Map<String, Value>, source: &str) {
        // Clients send null for what is not set.
        for (key, value) in table.iter().filter(|setting| !setting.1.is_null()) {
            let known = match key.as_str() {
                "diagnostics" => ["open", "vault"]
                    .iter()
                    .position(|&extent| value == extent)
                    .map(|extent| self.settings.whole = extent == 1)
                    .ok_or("must be \"open\" for open notes or \"vault\" for all of them"),
                "mount" => mount(value).map(|mount| self.settings.mount = Some(mount)),
                "soft_fences" => names(value)
                    .map(|names| self.settings.soft_fences = names)
                    .ok_or("must be a list of languages such as [\"leaflet\"]"),
                "name_properties" => names(value)
                    .map(|names| self.settings.name_properties = names)
                    .ok_or("must be a list of property names"),
                "type_properties" => names(value)
                    .map(|names| self.settings.type_properties = names)
                    .ok_or("must be a list of property names"),
                "public_tiers" => names(value)
                    .map(|names| self.settings.public_tiers = Some(names))
                    .ok_or("must be a list of folders of tiers"),
                "tier_mirrors" => names(value)
                    .map(|names| self.settings.tier_mirrors = names)
                    .ok_or("must be a list of properties such as [\"dv_is_.same_as\"]"),
                "tier_section" => value
                    .as_str()
                    .map(|heading| heading.clone_into(&mut self.settings.tier_section))
                    .ok_or("must be the text of a heading"),
                "tier_line" => value
                    .as_str()
                    .filter(|line| line.contains("{path}") && !line.contains(['\n', '\r']))
                    .map(|line| line.clone_into(&mut self.settings.tier_line))
                    .ok_or("must be one line with `{path}`, such as \"- [[/{path}|{name}]]\""),
                "copy_template" => value
                    .as_str()
                    .map(|text| text.clone_into(&mut self.settings.copy_template))
                    .ok_or("must be the text of a new copy"),
                "documentation" => value
                    .as_str()
                    .filter(|page| convert::web_address(page).is_some())
                    .map(|page| self.settings.documentation = Some(page.to_owned()))
                    .ok_or("must be an address such as \"https://example.org/rules.html\""),
                "confidential_completion" => confidential(value)
                    .map(|what| self.settings.confidential_completion = what)
                    .ok_or("must be \"hide\", \"mark\" or \"offer\""),
                "confidential_key" => value
                    .as_str()
                    .map(|key| key.clone_into(&mut self.settings.confidential_key))
                    .ok_or("must be the name of a property"),
                "date_pairs" => pairs(value)
                    .map(|pairs| self.settings.date_pairs = pairs)
                    .ok_or("must be a list of pairs such as [[\"start_time\", \"end_time\"]]"),
                "shape_uses" => rules::number(value, 1, u32::MAX)
                    .map(|uses| self.settings.shape_uses = uses)
                    .ok_or("must be a number of notes, 1 or more"),
                "shape_agreeing" => rules::number(value, 51, 100)
                    .map(|agreeing| self.settings.shape_agreeing = agreeing)
                    .ok_or("must be a number from 51 to 100"),
                "agree_headings" => value
                    .as_bool()
                    .map(|agree| self.settings.agree_headings = agree)
                    .ok_or("must be true or false"),
                "agree_properties" => names(value)
                    .map(|names| self.settings.agree_properties = names)
                    .ok_or("must be a list of property names"),
                "features" | "identifier" | "rename" | "rules" | "rules_for" | "schema" => {
                    self.table(key, value, source);
                    continue;
                }
                "tier" | "tiers" => {
                    self.tiers(value, source);
                    continue;
                }
                _ => {
                    let remedy = nearest(key, &options::keys(""));
                    self.problems
                        .push(format!("{source}: there is no setting `{key}`; {remedy}"));
                    continue;
                }
            };
            if let Err(expected) = known {
                let problem = format!("{source}: `{key}` {expected}; it is left out");
                self.problems.push(problem);
            }
        }
    }

    /// Takes over a setting that holds others, and names what is wrong in it.
    fn table(&mut self, key: &str, value: &Value, source: &str) {
        let (settings, mut wrong) = (&mut self.settings, Vec::new());
        match key {
            "features" => features::read(value, &mut settings.features, &mut wrong),
            "identifier" => {
                if let Some(identifiers) = rules::identifiers(value, &mut wrong) {
                    settings.identifiers = identifiers;
                }
            }
            "rename" => rename::settings::read(value, &mut settings.renames, &mut wrong),
            "rules" => settings.rules.extend(rules::read(value, &mut wrong)),
            "rules_for" => settings.rules.extend(rules::read_for(value, &mut wrong)),
            _ => settings
                .schemas
                .extend(assignments::read(value, &mut wrong)),
        }
        let problems = wrong
            .iter()
            .map(|wrong| format!("{source}: `{key}`: {wrong}"));
        self.problems.extend(problems);
    }

    /// Takes over the tiers that can be used. An empty list says that there are
    /// none, one without a good tier says nothing.
    fn tiers(&mut self, value: &Value, source: &str) {
        let Some(list) = value.as_array() else {
            self.problems.push(format!(
                "{source}: `tier` must be a list of tiers, each with `folder` and, if its notes have one, `suffix`; it is left out"
            ));
            return;
        };
        let mut tiers: Vec<Tier> = Vec::new();
        for (number, value) in list.iter().enumerate() {
            let mut wrong = Vec::new();
            let read = tier(value, &mut wrong);
            let name = match &read {
                Some(tier) => format!("`{}`", tier.folder),
                None => format!("number {}", number + 1),
            };
            let twice = |tier: &Tier| tiers.iter().any(|other| other.folder == tier.folder);
            match read {
                Some(tier) if twice(&tier) => {
                    wrong.push("its folder is that of another one; it is left out".to_owned());
                }
                Some(tier) => tiers.push(tier),
                None => {}
            }
            let wrong = wrong.iter();
            let problems = wrong.map(|wrong| format!("{source}: in the tier {name}, {wrong}"));
            self.problems.extend(problems);
        }
        if list.is_empty() || !tiers.is_empty() {
            self.settings.tiers = Some(Tiers(tiers));
        }
    }
}

/// What to do about a key that is not known.
pub(crate) fn nearest(key: &str, known: &[&str]) -> String {
    let likeness = |known: &&&str| strsim::normalized_damerau_levenshtein(key, known);
    let best = known
        .iter()
        .max_by(|left, right| likeness(left).total_cmp(&likeness(right)));
    match best.filter(|best| likeness(best) > 0.6) {
        Some(best) => format!("did you mean `{best}`?"),
        None => format!("there are `{}`", known.join("`, `")),
    }
}

/// A path in the whole vault.
fn mount(value: &Value) -> Result<String, &'static str> {
    let expected = "must be a path in the whole vault such as \"_Standards/Earth\"";
    let mount = value.as_str().ok_or(expected)?.trim_matches('/');
    let climbs = mount
        .split('/')
        .any(|part| matches!(part, "." | "..") || (part.is_empty() && !mount.is_empty()));
    if climbs {
        return Err("must be a path in the whole vault, without `.` and `..`");
    }
    Ok(mount.to_owned())
}

fn confidential(value: &Value) -> Option<Confidential> {
    match value.as_str()? {
        "hide" => Some(Confidential::Hide),
        "mark" => Some(Confidential::Mark),
        "offer" => Some(Confidential::Offer),
        _ => None,
    }
}

fn pairs(value: &Value) -> Option<Vec<(String, String)>> {
    let pair = |value: &Value| {
        let [first, second] = names(value)?.try_into().ok()?;
        Some((first, second))
    };
    value.as_array()?.iter().map(pair).collect()
}

fn names(value: &Value) -> Option<Vec<String>> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    value.as_array()?.iter().map(text).collect()
}

/// One tier, if it has a good folder, and what is wrong with the rest.
fn tier(value: &Value, wrong: &mut Vec<String>) -> Option<Tier> {
    let Some(table) = value.as_object() else {
        wrong.push("there must be `folder` and, if its notes have one, `suffix`".to_owned());
        return None;
    };
    let unknown = table
        .keys()
        .filter(|key| !TIER_KEYS.contains(&key.as_str()));
    wrong.extend(unknown.map(|key| {
        let remedy = nearest(key, &TIER_KEYS);
        format!("there is no setting `{key}`; {remedy}")
    }));
    let suffix = match table.get("suffix").map(Value::as_str) {
        None => "",
        Some(Some(suffix)) if !suffix.contains('/') => suffix,
        Some(_) => {
            wrong.push(
                "`suffix` must be the end of a name such as \".public\"; it is left out".to_owned(),
            );
            ""
        }
    };
    let folder = table.get("folder").and_then(Value::as_str);
    let folder = folder.map(|folder| folder.trim_matches('/'));
    let good = |folder: &&str| {
        !folder.is_empty() && !folder.contains(['/', '\\']) && !folder.starts_with('.')
    };
    let Some(folder) = folder.filter(good) else {
        wrong.push(
            "`folder` must be the name of a folder at the root of the vault; it is left out"
                .to_owned(),
        );
        return None;
    };
    Some(Tier {
        folder: folder.to_owned(),
        suffix: suffix.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn bad_settings_are_named_and_the_rest_is_in_force() {
        let root = tempfile::tempdir().unwrap();
        let toml = "mount = \"_Standards/Earth\"\nsoft_fences = 3\nodd = 1\n[[tier]]\nfolder = \"en\"\n[[tier]]\nfolder = \"de\"\n";
        std::fs::write(root.path().join(FILE), toml).unwrap();
        let loaded = load(root.path(), &json!({"mount": "x"}));
        assert_eq!(loaded.settings.mount.as_deref(), Some("x"));
        assert_eq!(loaded.settings.tiers.map(|tiers| tiers.0.len()), Some(2));
        assert_eq!(loaded.settings.soft_fences, ["leaflet"]);
        assert_eq!(loaded.problems.len(), 2, "{:?}", loaded.problems);
        assert!(loaded.problems[0].contains("`odd`") || loaded.problems[1].contains("`odd`"));
        std::fs::write(root.path().join(FILE), "mount = \n").unwrap();
        let loaded = load(root.path(), &Value::Null);
        assert!(
            loaded.problems[0].contains("line 1"),
            "{:?}",
            loaded.problems
        );
    }

    #[test]
    fn what_is_wrong_with_a_tier_is_named_and_the_rest_is_in_force() {
        let client = json!({
            "mout": "x",
            "mount": "../x",
            "colour": 1,
            "tier": [
                {"folder": "en", "sufix": "x"},
                {"folder": "de", "suffix": ".de"},
                {"folder": ".."},
                {"suffix": "x"},
                {"folder": "en"},
                {"folder": "fr", "suffix": 3},
            ],
        });
        let root = tempfile::tempdir().unwrap();
        let loaded = load(root.path(), &client);
        let tiers = loaded.settings.tiers.unwrap().0;
        let tiers: Vec<(&str, &str)> = tiers
            .iter()
            .map(|tier| (tier.folder.as_str(), tier.suffix.as_str()))
            .collect();
        assert_eq!(tiers, [("en", ""), ("de", ".de"), ("fr", "")]);
        assert_eq!(loaded.settings.mount, None);
        let mut problems = loaded.problems.iter();
        for parts in [
            ["`colour`", "there are `agree_headings`"],
            ["`mount`", "without `.` and `..`"],
            ["`mout`", "did you mean `mount`?"],
            ["tier `en`", "did you mean `suffix`?"],
            ["tier number 3", "at the root of the vault"],
            ["tier number 4", "at the root of the vault"],
            ["tier `en`", "that of another one"],
            ["tier `fr`", "`suffix`"],
        ] {
            let problem = problems.next().unwrap();
            for part in parts {
                assert!(problem.contains(part), "{part}: {problem}");
            }
        }
        assert_eq!(problems.next(), None);
        let none = load(root.path(), &json!({"tier": []})).settings.tiers;
        assert_eq!(none.map(|tiers| tiers.0.len()), Some(0));
        assert!(load(root.path(), &json!([])).problems.is_empty());
        assert_eq!(load(root.path(), &json!([1])).problems.len(), 1);
    }

    #[test]
    fn a_folder_below_a_tier_finds_its_mount() {
        let above = tempfile::tempdir().unwrap();
        let root = above.path().join("_Standards/Earth/Germany");
        std::fs::create_dir_all(&root).unwrap();
        let mount = load(&root, &Value::Null).settings.mount;
        assert_eq!(mount.as_deref(), Some("_Standards/Earth/Germany"));
    }
}
