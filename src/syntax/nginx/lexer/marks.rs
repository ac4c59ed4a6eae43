//! What template marks do to the reading: a template is read as if every condition were true.

use bstr::ByteSlice;

use super::super::role::{Construct, Role};
use super::super::template::{Family, Mark, Place, braced_name};
use super::{Lexer, until};

impl Lexer<'_> {
    /// Passes a mark that stands where a directive could start and is none.
    pub(super) fn skip_standalone_mark(&mut self) -> bool {
        let end = match self.marks.at(self.at, Place::Statement) {
            Some(mark) if mark.role != Role::Value => {
                self.at = self.enter(mark);
                return true;
            }
            Some(mark) => mark.end,
            // For nginx a variable, but no directive has such a name: envsubst puts some here.
            None => match braced_name(&self.text[self.at..]) {
                Some(length) => self.at + length,
                None => return false,
            },
        };
        let alone = self.is_last_on_line(end);
        if alone {
            self.is_template = true;
            self.at = end;
        }
        alone
    }

    /// Whether nothing but marks and comments follows on the line.
    fn is_last_on_line(&mut self, start: usize) -> bool {
        let (known, answer) = &self.last_on_line;
        if known.contains(&start) {
            return *answer;
        }
        let mut at = start;
        let answer = loop {
            at += until(&self.text[at..], |byte| {
                !matches!(byte, b' ' | b'\t' | b'\r')
            });
            match self.text.get(at) {
                None | Some(b'\n' | b'#' | b'}') => break true,
                Some(_) => match self.marks.at(at, Place::Statement) {
                    Some(mark) => at = mark.end,
                    None => break false,
                },
            }
        };
        self.last_on_line = (start..at, answer);
        answer
    }

    /// Does what a mark says; the answer is where to read on.
    pub(super) fn enter(&mut self, mark: Mark) -> usize {
        self.is_template = true;
        match mark.role {
            Role::Value | Role::Nothing => {}
            Role::Open(construct) => self.conditions.open(mark.family, construct),
            Role::Close(construct) => self.conditions.close(mark.family, construct),
            Role::Else if self.lost_the_thread => {}
            Role::Else => return self.skip_alternative(mark),
        }
        mark.end
    }

    /// Passes the branches that are read only if the condition of the first one is false.
    fn skip_alternative(&mut self, other: Mark) -> usize {
        let Some(construct) = self.conditions.another_branch(other.family) else {
            return other.end;
        };
        let mut depth = 0usize;
        let mut at = other.end;
        while let Some(offset) = self.text[at..].find_byteset("{<") {
            at += offset;
            let Some(mark) = self.marks.at(at, Place::Dropped) else {
                at += 1;
                continue;
            };
            at = mark.end;
            if mark.family != other.family {
                continue;
            }
            // Only the Percent languages name the construct that an end belongs to.
            let counts = |other| mark.family != Family::Percent || other == construct;
            match mark.role {
                Role::Open(nested) if counts(nested) => depth += 1,
                Role::Close(closed) if closed == Construct::Any || counts(closed) => {
                    if depth == 0 {
                        self.conditions.close(mark.family, closed);
                        return at;
                    }
                    depth -= 1;
                }
                _ => {}
            }
        }
        self.lost_the_thread = true;
        other.end
    }
}
