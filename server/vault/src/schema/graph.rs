//! The parts of a schema and how they lead to each other.
//!
//! The validator follows references as they come. Here it is known beforehand
//! where they lead, so that those that never end or leave the file are
//! refused, and a note for which the way would be too long is not validated.

use std::collections::BTreeMap;

use serde_json::Value;

use super::parts::{Part, REFERENCES, parts};
use super::{Step, Wrong};

/// So many parts may hold for the same value by way of each other.
const MAX_CHAIN: u32 = 64;
/// Steps of validating a note beyond which it is left alone: for any, and for
/// each value in it.
const MAX_STEPS: u64 = 100_000;
const MAX_STEPS_EACH: u64 = 100;
/// Parts that the validator may stand in at a time: each takes some of its stack.
const MAX_STANDING: u32 = 512;

/// The parts of a schema.
#[derive(Clone, Debug)]
pub(super) struct Graph {
    parts: Vec<Part>,
    /// The parts by rank.
    order: Vec<u32>,
}

/// How many times each part, by rank, holds for a value.
type Holding = BTreeMap<u32, u64>;

impl Graph {
    /// Reads the parts of a schema.
    pub(super) fn new(schema: &Value) -> Result<Self, Wrong> {
        let mut graph = Self {
            parts: parts(schema)?,
            order: Vec::new(),
        };
        graph.rank(schema)?;
        Ok(graph)
    }

    fn part(&self, rank: u32) -> Option<(u32, &Part)> {
        let at = *self.order.get(rank as usize)?;
        Some((at, self.parts.get(at as usize)?))
    }

    fn rank_of(&self, part: u32) -> u32 {
        self.parts.get(part as usize).map_or(0, |part| part.rank)
    }

    /// Orders the parts. Those that hold for the same value by way of
    /// themselves cannot be ordered.
    fn rank(&mut self, schema: &Value) -> Result<(), Wrong> {
        let mut above: Vec<Vec<u32>> = vec![Vec::new(); self.parts.len()];
        let mut open: Vec<usize> = Vec::new();
        for (at, part) in (0..).zip(&self.parts) {
            for below in part.aside() {
                above[below as usize].push(at);
            }
            open.push(part.aside().count());
        }
        let is_free = |at: &u32| open[*at as usize] == 0;
        self.order = (0..self.parts.len() as u32).filter(is_free).collect();
        let mut next = 0;
        while let Some(&at) = self.order.get(next) {
            let chain = self.parts[at as usize].chain + 1;
            self.parts[at as usize].rank = next as u32;
            for &up in &above[at as usize] {
                let part = &mut self.parts[up as usize];
                part.chain = part.chain.max(chain);
                open[up as usize] -= 1;
                if open[up as usize] == 0 {
                    self.order.push(up);
                }
            }
            next += 1;
        }
        if self.order.len() < self.parts.len() {
            return Err(self.circle(schema, &open));
        }
        match self.parts.iter().find(|part| part.chain > MAX_CHAIN) {
            Some(part) => Err(Wrong::new(
                &part.pointer,
                format!(
                    "more than {MAX_CHAIN} references lead from one to the next: shorten the way"
                ),
            )),
            None => Ok(()),
        }
    }

    /// The reference by which a circle closes; `open` counts for each part the
    /// ways from it that are in one or lead there.
    fn circle(&self, schema: &Value, open: &[usize]) -> Wrong {
        let is_open = |at: &u32| open[*at as usize] > 0;
        let mut at = (0..self.parts.len() as u32).find(is_open).unwrap_or(0);
        // After as many steps as there are parts one is in the circle.
        let mut pointer = String::new();
        for step in 0..2 * self.parts.len() {
            let part = &self.parts[at as usize];
            let value = schema.pointer(&part.pointer);
            let refers = |key: &&&str| value.is_some_and(|value| value.get(**key).is_some());
            if let Some(key) = REFERENCES.iter().find(refers)
                && step >= self.parts.len()
            {
                pointer = format!("{}/{key}", part.pointer);
                break;
            }
            at = part.aside().find(is_open).unwrap_or(at);
        }
        Wrong::new(
            &pointer,
            "this reference leads back to itself and never ends".to_owned(),
        )
    }

    /// All parts that are looked at with a value, by way of those that are known
    /// to be; `lead` gives those that one of them leads to.
    fn closed<I: IntoIterator<Item = u32>>(
        &self,
        mut waiting: Holding,
        lead: impl Fn(&Part) -> I,
    ) -> Vec<(u32, u64)> {
        let mut holding = Vec::new();
        while let Some((rank, count)) = waiting.pop_last() {
            let Some((at, part)) = self.part(rank) else {
                continue;
            };
            for same in lead(part) {
                let known = waiting.entry(self.rank_of(same)).or_default();
                *known = known.saturating_add(count);
            }
            holding.push((at, count));
        }
        holding
    }

    /// Whether a value is validated in a bounded number of steps. References can
    /// double the work at each level, so that a small schema and a small note
    /// would take for ever.
    pub(super) fn is_quick(&self, value: &Value) -> bool {
        let mut left = MAX_STEPS + MAX_STEPS_EACH * size(value);
        let root = Holding::from([(self.rank_of(0), 1)]);
        self.spends(value, root, 0, &mut left).is_some()
    }

    /// Takes the steps for a value and those in it off what is left.
    fn spends(&self, value: &Value, waiting: Holding, standing: u32, left: &mut u64) -> Option<()> {
        let holding = self.closed(waiting, |part| part.aside().collect::<Vec<u32>>());
        for (_, count) in &holding {
            *left = left.checked_sub(*count)?;
        }
        let chains = holding.iter().map(|part| self.parts[part.0 as usize].chain);
        let standing = standing + chains.max().unwrap_or(0) + 1;
        if standing > MAX_STANDING {
            return None;
        }
        let mut below = |value: &Value, lead: &dyn Fn(&Part) -> Vec<u32>| {
            let mut next = Holding::new();
            for (at, count) in &holding {
                for part in lead(&self.parts[*at as usize]) {
                    let known = next.entry(self.rank_of(part)).or_default();
                    *known = known.saturating_add(*count);
                }
            }
            *left = left.checked_sub(holding.len() as u64)?;
            if next.is_empty() {
                return Some(());
            }
            self.spends(value, next, standing, left)
        };
        match value {
            Value::Object(map) => map
                .iter()
                .try_for_each(|(key, value)| below(value, &|part| part.below(key))),
            Value::Array(items) => items
                .iter()
                .try_for_each(|item| below(item, &|part| part.items.clone())),
            _ => Some(()),
        }
    }

    /// Where the parts stand that speak of the value at the end of a way.
    pub(super) fn pointers(&self, way: &[Step<'_>]) -> Vec<&str> {
        let mut speaking = self.agreed([0]);
        for step in way {
            let parts = speaking.iter().map(|&at| &self.parts[at as usize]);
            speaking = self.agreed(parts.flat_map(|part| match step {
                Some(key) => part.about(key),
                None => part.items.clone(),
            }));
        }
        speaking.sort_unstable();
        let parts = speaking.into_iter();
        let pointers = parts.map(|at| &*self.parts[at as usize].pointer);
        pointers.collect()
    }

    /// Parts that hold for a value, and all that hold with them.
    fn agreed(&self, parts: impl IntoIterator<Item = u32>) -> Vec<u32> {
        let parts = parts.into_iter().map(|at| (self.rank_of(at), 1));
        let agreed = self.closed(parts.collect(), |part| part.same.clone());
        agreed.into_iter().map(|part| part.0).collect()
    }
}

/// How many values there are in a value, with itself.
fn size(value: &Value) -> u64 {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<u64>(),
        Value::Object(map) => 1 + map.values().map(size).sum::<u64>(),
        _ => 1,
    }
}
