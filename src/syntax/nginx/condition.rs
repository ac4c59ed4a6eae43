//! Which conditions of a template are open.

use super::role::Construct;
use super::template::Family;

/// The open conditions, one stack for each template language: a file may hold several, one to
/// be rendered before the other.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    stacks: [Vec<Condition>; 3],
    /// How many of each construct are open, so that a stray end does not search the stack.
    open: [[u32; Construct::COUNT]; 3],
    opened_so_far: u32,
}

#[derive(Clone, Copy, Debug)]
struct Condition {
    construct: Construct,
    branch: u32,
    /// One of its branches has begun; those that follow are its alternatives.
    decided: bool,
}

impl Conditions {
    /// The number of the innermost open condition; 0 when there is none.
    pub(super) fn branch(&self) -> u32 {
        let innermost = self.stacks.iter().filter_map(|stack| stack.last());
        innermost
            .map(|condition| condition.branch)
            .max()
            .unwrap_or(0)
    }

    pub(super) fn depth(&self) -> usize {
        self.stacks.iter().map(Vec::len).sum()
    }

    pub(super) fn open(&mut self, family: Family, construct: Construct) {
        self.opened_so_far += 1;
        self.open[family as usize][construct as usize] += 1;
        self.stacks[family as usize].push(Condition {
            construct,
            branch: self.opened_so_far,
            // The text right after `case` belongs to no branch, right after `if` to the first.
            decided: construct != Construct::Case,
        });
    }

    /// Closes the innermost condition that `construct` can close, and what is open inside of it.
    pub(super) fn close(&mut self, family: Family, construct: Construct) {
        if construct != Construct::Any && self.open[family as usize][construct as usize] == 0 {
            return;
        }
        while let Some(closed) = self.stacks[family as usize].pop() {
            self.open[family as usize][closed.construct as usize] -= 1;
            if construct == Construct::Any || closed.construct == construct {
                return;
            }
        }
    }

    /// Begins another branch of the innermost condition. The answer is the construct whose end
    /// the branch reaches to, if the branch is an alternative to one that was read.
    pub(super) fn another_branch(&mut self, family: Family) -> Option<Construct> {
        let condition = self.stacks[family as usize].last_mut()?;
        let alternative = condition.decided;
        condition.decided = true;
        alternative.then_some(condition.construct)
    }

    /// Forgets what was opened since there were `depth` of them.
    pub(super) fn forget_beyond(&mut self, depth: usize) {
        while self.depth() > depth {
            let innermost = self
                .stacks
                .iter()
                .enumerate()
                .max_by_key(|(_, stack)| stack.last().map_or(0, |condition| condition.branch));
            let Some((family, _)) = innermost else { return };
            if let Some(closed) = self.stacks[family].pop() {
                self.open[family][closed.construct as usize] -= 1;
            }
        }
    }
}
