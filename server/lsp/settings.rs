//! Settings: read strictly, layer over layer, naming what is wrong.
//!
//! A later layer wins: defaults, `.obsidian/types.json`, `.vaultmark.toml`
//! at the root of the vault, the client's settings. A bad key or value is
//! reported with its place; the rest stays in force.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use vaultmark_vault::settings::Settings;
use vaultmark_vault::tier::{Tier, Tiers};

/// Name of the settings file at the root of a vault.
pub const FILE: &str = ".vaultmark.toml";

/// What is read of the settings of a root, and the folder that holds some of it.
pub fn sources(root: &Path) -> [PathBuf; 3] {
    [FILE, ".obsidian", ".obsidian/types.json"].map(|source| root.join(source))
}

const KEYS: &str = "mount, soft_fences, tier, type_properties";

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
    loaded.obsidian(root);
    let file = root.join(FILE);
    match std::fs::read_to_string(&file) {
        Ok(text) => match toml::from_str::<toml::Table>(&text) {
            Ok(table) => match serde_json::to_value(table) {
                Ok(Value::Object(table)) => loaded.layer(&table, FILE),
                _ => loaded.problems.push(format!("{FILE} cannot be read")),
            },
            Err(error) => {
                let place = error.span().map_or(String::new(), |span| {
                    let line = text[..span.start.min(text.len())].matches('\n').count() + 1;
                    format!(" line {line}")
                });
                let problem = format!(
                    "{FILE}{place}: {}; its settings are left out",
                    error.message()
                );
                loaded.problems.push(problem);
            }
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => loaded
            .problems
            .push(format!("{FILE} cannot be read: {error}")),
    }
    match client {
        Value::Object(client) => loaded.layer(client, "the editor's settings"),
        Value::Null => {}
        _ => loaded.problems.push(
            "the editor's settings for vaultmark are no object; they are left out".to_owned(),
        ),
    }
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
    fn obsidian(&mut self, root: &Path) {
        let path = root.join(".obsidian/types.json");
        let Ok(text) = std::fs::read_to_string(path) else {
            return;
        };
        let Ok(value) = serde_json::from_str::<Value>(&text) else {
            let problem = ".obsidian/types.json is not JSON; the types of properties are learnt from the notes";
            self.problems.push(problem.to_owned());
            return;
        };
        if let Some(types) = value.get("types").and_then(Value::as_object) {
            let named = types
                .iter()
                .filter_map(|(name, kind)| Some((name.clone(), kind.as_str()?.to_owned())));
            self.settings.property_types = named.collect();
        }
    }

    fn layer(&mut self, table: &Map<String, Value>, source: &str) {
        for (key, value) in table {
            let known = match key.as_str() {
                "mount" => text(value)
                    .map(|mount| self.settings.mount = Some(mount))
                    .ok_or("a text such as \"_Standards/Earth\""),
                "soft_fences" => names(value)
                    .map(|names| self.settings.soft_fences = names)
                    .ok_or("a list of languages such as [\"leaflet\"]"),
                "type_properties" => names(value)
                    .map(|names| self.settings.type_properties = names)
                    .ok_or("a list of property names"),
                "tier" | "tiers" => match tiers(value) {
                    Ok(tiers) => {
                        self.settings.tiers = Some(tiers);
                        Ok(())
                    }
                    Err(expected) => Err(expected),
                },
                _ => {
                    let problem =
                        format!("{source}: there is no setting `{key}`; there are {KEYS}");
                    self.problems.push(problem);
                    continue;
                }
            };
            if let Err(expected) = known {
                let problem = format!("{source}: `{key}` must be {expected}; it is left out");
                self.problems.push(problem);
            }
        }
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn names(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(text).collect()
}

fn tiers(value: &Value) -> Result<Tiers, &'static str> {
    let expected = "a list of tiers, each with `folder` and, if its notes have one, `suffix`";
    let list = value.as_array().ok_or(expected)?;
    let mut tiers: Vec<Tier> = Vec::new();
    for tier in list {
        let table = tier.as_object().ok_or(expected)?;
        if table.keys().any(|key| key != "folder" && key != "suffix") {
            return Err(expected);
        }
        let folder = table.get("folder").and_then(text).ok_or(expected)?;
        let suffix = match table.get("suffix") {
            Some(suffix) => text(suffix).ok_or(expected)?,
            None => String::new(),
        };
        let folder = folder.trim_matches('/').to_owned();
        if folder.is_empty() || folder.contains('/') || suffix.contains('/') {
            return Err("a list of tiers whose folders lie at the root of the vault");
        }
        if tiers.iter().any(|other| other.folder == folder) {
            return Err("a list of tiers with different folders");
        }
        tiers.push(Tier { folder, suffix });
    }
    Ok(Tiers(tiers))
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
    fn a_folder_below_a_tier_finds_its_mount() {
        let above = tempfile::tempdir().unwrap();
        let root = above.path().join("_Standards/Earth/Germany");
        std::fs::create_dir_all(&root).unwrap();
        let mount = load(&root, &Value::Null).settings.mount;
        assert_eq!(mount.as_deref(), Some("_Standards/Earth/Germany"));
    }
}
