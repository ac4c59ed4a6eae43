//! The ways that a request can take, told as shortly as they can be: ways that come to the same
//! are one, without what does not matter to it.

use std::collections::HashMap;

use super::document::{Course, End, Step, Verdict};
use crate::gate::Unsure;
use crate::trace::Trail;

/// More ways that come to the same than these are not compared with one another.
const MOST_COMPARED: usize = 200;

/// More conditions than these, one after the other, nobody keeps in mind. Where there are not as
/// many, the likeliest way stays the first.
const MOST_CONDITIONS: usize = 2;

/// One way, and what it comes to.
pub(super) struct Way<'e> {
    pub trail: Trail<'e>,
    pub told: Course,
}

/// What a way comes to; how it gets there is left out.
#[derive(PartialEq, Eq, Hash)]
struct Outcome {
    /// The gates and doors that it passes, and how each ended.
    hops: String,
    culprit: Option<(String, u32, u32)>,
}

/// Something that one gate of a way does not know, and how it is supposed to be.
#[derive(Clone, PartialEq)]
struct Supposed {
    hop: usize,
    what: Unsure,
    holds: bool,
}

impl Supposed {
    fn is_flipped(&self, other: &Supposed) -> bool {
        self.hop == other.hop && self.what == other.what && self.holds != other.holds
    }
}

/// A way as a person reads it, in a list of which the first that fits is the one.
pub(super) struct Item<'w, 'e> {
    pub way: &'w Way<'e>,
    pub number: usize,
    /// Whether what it supposes includes that none of the items before it fits.
    pub otherwise: bool,
    /// What it supposes beyond that.
    supposed: Vec<Supposed>,
}

impl<'e> Item<'_, 'e> {
    /// Whether both begin at the same gate: only then one leaves off where the other begins.
    fn is_beside(&self, other: &Item<'_, 'e>) -> bool {
        let gate = |item: &Item<'_, 'e>| std::ptr::from_ref(item.way.trail.hops[0].gate);
        std::ptr::addr_eq(gate(self), gate(other))
    }

    /// The way with those conditions alone that are to be told.
    pub fn trail(&self) -> Trail<'e> {
        only(&self.way.trail, &self.supposed)
    }
}

/// The ways as a list.
pub(super) fn list<'w, 'e>(ways: &'w [Way<'e>]) -> Vec<Item<'w, 'e>> {
    let left = ways.iter().zip(merged(ways)).enumerate();
    let items = left.filter_map(|(number, (way, supposed))| {
        let supposed = supposed?;
        Some(Item {
            way,
            number,
            otherwise: false,
            supposed,
        })
    });
    let mut items: Vec<Item<'w, 'e>> = items.collect();
    let most = items.iter().map(|item| item.supposed.len()).max();
    if most.is_some_and(|most| most > MOST_CONDITIONS) {
        order(&mut items);
    }
    items
}

/// What each way supposes, and `None` for those that come to the same as another one: of these, one
/// is left, without what makes no difference to it.
fn merged(ways: &[Way<'_>]) -> Vec<Option<Vec<Supposed>>> {
    let all = ways.iter().map(|way| Some(conditions(&way.trail)));
    let mut supposed: Vec<_> = all.collect();
    let mut alike: HashMap<Outcome, Vec<usize>> = HashMap::new();
    for (number, way) in ways.iter().enumerate() {
        alike.entry(outcome(&way.told)).or_default().push(number);
    }
    for numbers in alike.into_values() {
        if numbers.len() <= MOST_COMPARED {
            while merge_two(&numbers, &mut supposed) {}
        }
    }
    supposed
}

fn only<'e>(trail: &Trail<'e>, supposed: &[Supposed]) -> Trail<'e> {
    let mut trail = trail.clone();
    for (number, hop) in trail.hops.iter_mut().enumerate() {
        hop.course.conditions.retain(|condition| {
            let mut known = supposed.iter();
            known.any(|one| one.hop == number && one.what == condition.what)
        });
    }
    trail
}

fn merge_two(numbers: &[usize], supposed: &mut [Option<Vec<Supposed>>]) -> bool {
    for (at, &first) in numbers.iter().enumerate() {
        for &second in &numbers[at + 1..] {
            let (Some(one), Some(other)) = (&supposed[first], &supposed[second]) else {
                continue;
            };
            if let Some(joined) = joined(one, other) {
                supposed[first] = Some(joined);
                supposed[second] = None;
                return true;
            }
        }
    }
    false
}

/// What two ways that come to the same have to suppose together, if that is one thing.
fn joined(one: &[Supposed], other: &[Supposed]) -> Option<Vec<Supposed>> {
    let mut only_one = one.iter().filter(|each| !other.contains(each));
    let mut only_other = other.iter().filter(|each| !one.contains(each));
    match (only_one.next(), only_other.next()) {
        (None, _) => Some(one.to_vec()),
        (_, None) => Some(other.to_vec()),
        (Some(a), Some(b)) => {
            let is_all = only_one.next().is_none() && only_other.next().is_none();
            let rest = || one.iter().filter(|each| *each != a).cloned().collect();
            (is_all && a.is_flipped(b)).then(rest)
        }
    }
}

fn conditions(trail: &Trail<'_>) -> Vec<Supposed> {
    let hops = trail.hops.iter().enumerate();
    hops.flat_map(|(hop, passed)| {
        let conditions = passed.course.conditions.iter();
        conditions.map(move |one| Supposed {
            hop,
            what: one.what.clone(),
            holds: one.holds,
        })
    })
    .collect()
}

fn outcome(told: &Course) -> Outcome {
    let hops = told.hops.iter().map(|hop| {
        let end = match (&hop.end, told.verdict) {
            (End::Answered { .. }, Verdict::Denied) => format!("{:?}", told.status),
            (end, _) => format!("{end:?}"),
        };
        format!("{} {} {:?} {end}\n", hop.gate, hop.name, hop.door)
    });
    let place = |step: &Step| (step.file.clone(), step.line, step.column);
    Outcome {
        hops: hops.collect(),
        culprit: told.culprit.as_ref().map(place),
    }
}

/// As few conditions as may be, by an order in which one way leaves off where others begin.
fn order(items: &mut [Item<'_, '_>]) {
    items.sort_by_key(|item| {
        // Of two that part at the last condition, the one for which it holds.
        let holds = item.supposed.last().is_some_and(|last| last.holds);
        (item.supposed.len(), !holds)
    });
    let whole: Vec<Vec<Supposed>> = items.iter().map(|item| item.supposed.clone()).collect();
    for (at, all) in whole.iter().enumerate() {
        let (before, rest) = items.split_at_mut(at);
        let item = &mut rest[0];
        let before: Vec<&Vec<Supposed>> = before
            .iter()
            .zip(&whole)
            .filter_map(|(other, supposed)| other.is_beside(item).then_some(supposed))
            .collect();
        for (number, one) in all.iter().enumerate() {
            // A way before it has this turned around, and nothing else that would tell it apart.
            let is_left = |other: &&Vec<Supposed>| {
                let mut rest = other.iter().filter(|each| !all[..number].contains(each));
                rest.next().is_some_and(|last| last.is_flipped(one)) && rest.next().is_none()
            };
            if before.iter().any(is_left) {
                item.otherwise = true;
                item.supposed.retain(|each| each != one);
            }
        }
    }
}

/// Takes off the ways of a list what all of them take for granted, and returns one of them with
/// these conditions alone.
pub(super) fn granted<'e>(items: &mut [Item<'_, 'e>]) -> Option<Trail<'e>> {
    let [first, _, ..] = items else {
        return None;
    };
    let (trail, mut granted) = (&first.way.trail, first.supposed.clone());
    granted.retain(|one| {
        matches!(one.what, Unsure::Assumed(_) | Unsure::Lacking(_))
            && items.iter().all(|item| item.supposed.contains(one))
    });
    for item in items.iter_mut() {
        item.supposed.retain(|one| !granted.contains(one));
    }
    Some(only(trail, &granted))
}
