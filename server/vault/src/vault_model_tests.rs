//! The way to a vault does not matter: whatever came before, the same files
//! and settings give the same answers.

use proptest::prelude::*;

use super::*;
use crate::tally::{fields, links_of, texts_of};
use crate::tier::{Tier, Tiers};

/// All that can be asked of a vault, in words.
fn told(vault: &Vault) -> String {
    let mut words = vec![format!("{} {:?}", vault.mount(), vault.tiers())];
    for (id, _) in vault.files().iter() {
        let path = vault.path(id).unwrap();
        let facts = vault.note(id).map(|note| {
            let links = note.links.iter().map(|link| {
                let target = vault.resolve(link, id);
                let file = target.file().and_then(|file| vault.path(file));
                let class = if file.is_some() {
                    String::new()
                } else {
                    format!("{target:?}")
                };
                let subject = crate::query::subject::of_link(vault, id, link);
                let mut places = subject.map_or(0, |subject| count(vault, &subject));
                places += usize::from(vault.anchor(link, target.file().unwrap_or(id)).is_some());
                format!("{file:?} {class} {places}")
            });
            (
                links.collect::<Vec<_>>(),
                vault.tag_uses("t"),
                vault.key_kinds("k").collect::<Vec<_>>(),
            )
        });
        words.push(format!("{path} {facts:?}"));
    }
    words.sort();
    for key in ["k", "k2"] {
        let mut others = vault.other_spellings(key);
        others.sort();
        words.push(format!("{} {others:?}", vault.spelling_uses(key)));
    }
    let mut alike: Vec<_> = vault
        .of_type(crate::path::fold_hash("T"))
        .map(|id| vault.path(id))
        .collect();
    alike.sort();
    words.push(format!("{alike:?}"));
    let keys = [fields(), texts_of("k"), links_of("k")];
    for (key, zone) in keys
        .into_iter()
        .flat_map(|key| (0..9).map(move |zone| (key, zone)))
    {
        let used = vault.tally.of(key, |own| own == zone).into_iter();
        let mut used: Vec<String> = used
            .map(|(what, count)| {
                let [folder, name] = [what.folder, what.name].map(|own| vault.string(own));
                format!("{folder}{name} {count}")
            })
            .collect();
        used.sort();
        words.push(used.join(", "));
    }
    for query in ["", "n", "#t"] {
        let names = workspace_symbols(vault, query, 50, &|| false);
        words.extend(
            names
                .iter()
                .map(|name| format!("{:?} {} {:?}", vault.path(name.file), name.name, name.range)),
        );
    }
    words.join("\n")
}

const PATHS: [&str; 7] = [
    "n.md",
    "N.md",
    "d/n.md",
    "d/e/m.md",
    "_Standards/n.md",
    "_public/n.public.md",
    "i.png",
];
const TEXTS: [&str; 7] = [
    "",
    "[[n]] [[d/n]] [[../n]] #t",
    "---\nk: \"[[m]]\"\nk2: 1\ninstance_of: [T]\n---\n# n\n## H ^x\n[[m#H]] #t/u",
    "[[/_Standards/Earth/n|n]] k:: 2",
    "[[_public/n.public]] ![[i.png]] [[/n]]",
    "---\nK: 1\nk_: 2\nK 2: 3\n---\n[[n]]",
    "---\naliases: [nn]\nk: 2\ntype: T\n---\n[[e/m|x]] [[#H]] [[gone]]",
];

#[derive(Clone, Debug)]
enum Step {
    File(usize),
    Note(usize, usize, bool),
    Opaque(usize),
    Remove(usize),
    Tiers(bool),
}

fn step() -> impl Strategy<Value = Step> {
    let (paths, texts) = (0..PATHS.len(), 0..TEXTS.len());
    prop_oneof![
        1 => paths.clone().prop_map(Step::File),
        6 => (paths.clone(), texts, any::<bool>()).prop_map(|(path, text, open)| Step::Note(path, text, open)),
        1 => paths.clone().prop_map(Step::Opaque),
        2 => paths.prop_map(Step::Remove),
        1 => any::<bool>().prop_map(Step::Tiers),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn a_vault_does_not_depend_on_the_way_to_it(steps in prop::collection::vec(step(), 1..16)) {
        let mut alone = Vault::new(Arc::default());
        let mut at_once = Vault::new(Arc::default());
        let mut content: Vec<Option<Option<usize>>> = vec![None; PATHS.len()];
        let mut settings = Arc::new(Settings::default());
        let change = |vault: &Vault, step: &Step| match step {
            Step::File(path) => Change::File(PATHS[*path].to_owned()),
            Step::Opaque(path) => Change::Note(PATHS[*path].to_owned(), None),
            Step::Remove(path) => Change::Remove(PATHS[*path].to_owned()),
            Step::Note(path, text, open) => {
                let parse = if *open { Parsed::open } else { Parsed::closed };
                let note = parse(TEXTS[*text], vault.symbols(), &vault.parse_options());
                Change::Note(PATHS[*path].to_owned(), Some(note))
            }
            Step::Tiers(some) => {
                let tier = |folder: &str| Tier { folder: folder.to_owned(), suffix: String::new() };
                let tiers = some.then(|| Tiers(vec![tier("d"), tier("e")]));
                let mut settings = Settings { tiers, ..Settings::default() };
                settings.type_properties.retain(|_| !*some);
                settings.obsidian.excluded.extend(some.then(|| Filter::new("d/").unwrap()));
                Change::Settings(Arc::new(settings))
            }
        };
        let mut batch = Vec::new();
        for step in &steps {
            alone.apply([change(&alone, step)]);
            let change = change(&at_once, step);
            match (step, &change) {
                (Step::File(path), _) => { content[*path].get_or_insert(None); }
                (Step::Opaque(path), _) => content[*path] = Some(None),
                (Step::Note(path, text, _), _) => content[*path] = Some(Some(*text)),
                (Step::Remove(path), _) => content[*path] = None,
                (_, Change::Settings(new)) => settings = Arc::clone(new),
                _ => {}
            }
            batch.push(change);
        }
        at_once.apply(batch);
        let mut afresh = Vault::new(settings);
        for (path, content) in PATHS.iter().zip(&content) {
            let Some(content) = content else { continue };
            let new = match content {
                Some(text) => note(&afresh, path, TEXTS[*text]),
                None => Change::File((*path).to_owned()),
            };
            afresh.apply([new]);
        }
        prop_assert_eq!(told(&alone), told(&afresh));
        prop_assert_eq!(told(&at_once), told(&afresh));
    }
}
