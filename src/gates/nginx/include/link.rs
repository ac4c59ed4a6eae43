//! The graph of files: circles cut, depth and size bounded, entries found.

use super::{Files, Resolved};
use crate::problem::Problem;
use crate::request::Reason;
use crate::source::Span;

/// How deep includes may be nested. Real configurations stay below ten.
const DEEPEST: usize = 64;

/// How many directives a file may come to with all that it includes, as often as it does.
/// Twenty files of which each includes the next one twice would make a million of one.
const MOST_DIRECTIVES: u64 = 300_000;

/// How many circles and cuts are told one by one: a folder of which each file includes all the
/// others has as many circles as pairs of files.
const MOST_TOLD: usize = 5;
/// How many files of a circle are named.
const MOST_NAMED: usize = 8;

pub fn link(files: &mut Files) -> Vec<Problem> {
    let mut linker = Linker::new(files);
    for start in linker.starts() {
        if linker.state[start] == State::New {
            linker.starts.push(start);
            linker.visit(start);
        }
    }
    linker.bound_depth();
    let starts = linker.starts.iter().copied();
    let (mut entries, idle): (Vec<_>, Vec<_>) = starts.partition(|file| linker.has_door[*file]);
    let problems = linker.problems();
    entries.sort_unstable();
    files.entries = entries;
    files.idle = idle.len();
    problems
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    /// On the way from the start to the file at hand.
    Open,
    Done,
}

struct Linker<'f> {
    files: &'f mut Files,
    state: Vec<State>,
    starts: Vec<usize>,
    /// Files in the order in which they were done: each after all that it includes.
    done: Vec<usize>,
    has_door: Vec<bool>,
    /// Directives with everything included.
    weight: Vec<u64>,
    /// Circles and cuts, those that are told and the number of all.
    circles: Told,
    cuts: Told,
}

/// Problems of one kind.
#[derive(Default)]
struct Told {
    problems: Vec<Problem>,
    number: usize,
}

impl Told {
    fn push(&mut self, span: Span, message: String) {
        self.number += 1;
        if self.problems.len() < MOST_TOLD {
            self.problems.push(Problem::fatal(span, message));
        }
    }

    /// The last one that is told says how many are not.
    fn finish(mut self, what: &str) -> Vec<Problem> {
        let untold = self.number - self.problems.len();
        if let Some(last) = self.problems.last_mut().filter(|_| untold > 0) {
            last.message
                .push_str(&format!(" (and {untold} more {what})"));
        }
        self.problems
    }
}

/// A file on the way, and which of its includes comes next.
struct Frame {
    file: usize,
    include: usize,
    target: usize,
}

impl<'f> Linker<'f> {
    fn new(files: &'f mut Files) -> Self {
        let count = files.files.len();
        let outlines = || files.files.iter().map(|file| &file.outline);
        Linker {
            state: vec![State::New; count],
            starts: Vec::new(),
            done: Vec::with_capacity(count),
            has_door: outlines().map(|outline| outline.has_door).collect(),
            weight: outlines().map(|outline| outline.directives).collect(),
            circles: Told::default(),
            cuts: Told::default(),
            files,
        }
    }

    fn problems(self) -> Vec<Problem> {
        let mut problems = self.circles.finish("include cycles");
        problems.extend(self.cuts.finish("includes that are not followed"));
        problems
    }

    /// Files that nobody includes, then the others: what is still new then lies in a circle.
    fn starts(&self) -> Vec<usize> {
        let mut included = vec![false; self.files.files.len()];
        for file in self.files.includes.values().flat_map(|r| &r.files) {
            included[*file] = true;
        }
        let (others, first): (Vec<usize>, Vec<usize>) =
            (0..included.len()).partition(|file| included[*file]);
        [first, others].concat()
    }

    fn visit(&mut self, start: usize) {
        let frame = |file| Frame {
            file,
            include: 0,
            target: 0,
        };
        self.state[start] = State::Open;
        let mut way = vec![frame(start)];
        while let Some(top) = way.last_mut() {
            let file = top.file;
            let Some(include) = self.include(file, top.include) else {
                way.pop();
                self.finish(file);
                continue;
            };
            let target = self.resolved(include).and_then(|r| r.files.get(top.target));
            match target.copied() {
                None => {
                    top.include += 1;
                    top.target = 0;
                }
                Some(target) => match self.state[target] {
                    State::Done => top.target += 1,
                    State::New => {
                        top.target += 1;
                        self.state[target] = State::Open;
                        way.push(frame(target));
                    }
                    State::Open => {
                        let at = top.target;
                        self.cut_circle(&way, include, at, target);
                    }
                },
            }
        }
    }

    fn include(&self, file: usize, at: usize) -> Option<Span> {
        let includes = &self.files.files[file].outline.includes;
        includes.get(at).map(|(span, _)| *span)
    }

    fn resolved(&self, include: Span) -> Option<&Resolved> {
        self.files.includes.get(&include.start)
    }

    fn cut_circle(&mut self, way: &[Frame], include: Span, at: usize, target: usize) {
        let from = way.iter().position(|frame| frame.file == target);
        let circle = &way[from.unwrap_or(0)..];
        let name = |file: usize| self.files.files[file].name.as_str();
        let named = circle.iter().take(MOST_NAMED);
        let mut names: Vec<&str> = named.map(|frame| name(frame.file)).collect();
        if circle.len() > MOST_NAMED {
            names.push("…");
        }
        names.push(name(target));
        let message = format!("include cycle: {}", names.join(" -> "));
        self.circles.push(include, message);
        if let Some(resolved) = self.files.includes.get_mut(&include.start) {
            resolved.files.remove(at);
            resolved.missing = Some(Reason::new("the file includes itself"));
        }
    }

    /// Sums up a file whose includes are all done.
    fn finish(&mut self, file: usize) {
        self.state[file] = State::Done;
        self.done.push(file);
        for at in 0..self.files.files[file].outline.includes.len() {
            let Some(include) = self.include(file, at) else {
                break;
            };
            let Some(resolved) = self.resolved(include) else {
                continue;
            };
            let weight: u64 = resolved.files.iter().map(|f| self.weight[*f]).sum();
            self.has_door[file] |= resolved.files.iter().any(|f| self.has_door[*f]);
            if self.weight[file] + weight > MOST_DIRECTIVES {
                let reason = format!("the includes come to over {MOST_DIRECTIVES} directives");
                self.cut(include, &reason);
            } else {
                self.weight[file] += weight;
            }
        }
    }

    fn bound_depth(&mut self) {
        let mut depth = vec![0; self.files.files.len()];
        // Each file before all that it includes.
        for file in self.done.clone().into_iter().rev() {
            for at in 0..self.files.files[file].outline.includes.len() {
                let Some(include) = self.include(file, at) else {
                    break;
                };
                let targets = self.resolved(include).map_or(&[][..], |r| &r.files);
                if depth[file] < DEEPEST {
                    for target in targets {
                        depth[*target] = depth[*target].max(depth[file] + 1);
                    }
                } else if !targets.is_empty() {
                    let reason = format!("the includes are nested over {DEEPEST} deep");
                    self.cut(include, &reason);
                }
            }
        }
    }

    fn cut(&mut self, include: Span, reason: &str) {
        let message = format!("this include is not followed: {reason}");
        self.cuts.push(include, message);
        if let Some(resolved) = self.files.includes.get_mut(&include.start) {
            resolved.files.clear();
            resolved.missing = Some(Reason::new(reason));
        }
    }
}
