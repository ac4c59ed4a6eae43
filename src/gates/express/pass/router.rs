//! Walking a router: which registration takes a request, and what of its path is left
//! (router/index.js of Express 4 and 5).

use super::{Error, Flow, Run};
use crate::gate::{Effect, End, Unsure};
use crate::gates::express::behaviour::Behaviour;
use crate::gates::express::model::{Major, Methods};
use crate::gates::express::path::Match;
use crate::gates::express::stack::{Does, Entry, Function, Stack};
use crate::source::Span;

impl Run<'_> {
    /// Sends what is left of the path through a router. `error` is pending from before.
    pub(super) fn router(&mut self, stack: &Stack, path: &str, error: Option<Error>) -> Flow {
        let mut error = error;
        let mut allowed: Vec<String> = Vec::new();
        let mut by: Option<Span> = None;
        for entry in stack.candidates(path) {
            if !self.holds(entry.when.as_ref()) {
                continue;
            }
            let Some(taken) = self.taken(entry, path) else {
                continue;
            };
            let flow = match &entry.does {
                Does::Route { methods, chain } => {
                    // Routes do not match while an error is pending.
                    if error.is_some() {
                        continue;
                    }
                    if !methods.handle(&self.request.method) {
                        if self.is_options()
                            && let Methods::These(methods) = methods
                        {
                            allowed.extend(methods.iter().cloned());
                            by = by.or(Some(entry.span));
                        }
                        continue;
                    }
                    self.enter(entry);
                    path.clone_into(&mut self.here);
                    self.chain(chain)
                }
                Does::Use(function) if function.is_error_handler => {
                    let Some(pending) = error.take() else {
                        continue;
                    };
                    match self.is_there(function) {
                        true => self.handle_error(function, pending),
                        false => Flow::Error(pending),
                    }
                }
                _ if error.is_some() => continue,
                Does::Use(function) => match self.is_there(function) {
                    true => {
                        if ends(&function.behaviour) {
                            self.enter(entry);
                        }
                        self.here = rest(path, taken);
                        self.call(function)
                    }
                    false => Flow::Next,
                },
                Does::Router { host, stack } => {
                    if let Some(host) = host
                        && !self.is_host(host)
                    {
                        continue;
                    }
                    let rest = rest(path, taken);
                    self.router(stack, &rest, None)
                }
                Does::Opaque(reason) => {
                    self.unreadable("what is registered here", entry.span, reason)
                }
            };
            match flow {
                Flow::Next => {}
                Flow::Error(pending) => error = Some(pending),
                end @ Flow::End(_) => return end,
            }
        }
        match error {
            Some(error) => Flow::Error(error),
            // Who asks with OPTIONS and finds no handler is told the methods.
            None if self.is_options() && !allowed.is_empty() => {
                Flow::End(self.automatic_options(by.unwrap_or(self.express.app.span)))
            }
            None => Flow::Next,
        }
    }

    /// How much of the path a registration takes; `None` where it does not match.
    fn taken(&mut self, entry: &Entry, path: &str) -> Option<usize> {
        let taken = match &entry.does {
            Does::Opaque(_) => 0,
            _ => match entry.at.exec(path) {
                Match::No => return None,
                Match::Yes(taken) => taken,
                Match::Unknown(because) => {
                    let matches = Unsure::Test {
                        text: format!("that the path of {} matches", entry.name),
                        because,
                    };
                    if !self.oracle.decide(matches, Some(entry.span), false) {
                        return None;
                    }
                    0
                }
            },
        };
        let is_route = matches!(entry.does, Does::Route { .. });
        // What is mounted ends at a slash; Express 4 takes a dot for one, too.
        let next = path.as_bytes().get(taken);
        let breaks = match next {
            None | Some(b'/') => true,
            Some(b'.') => self.express.app.version == Major::Four,
            Some(_) => false,
        };
        (is_route || taken == 0 || breaks).then_some(taken)
    }

    fn enter(&mut self, entry: &Entry) {
        self.step(
            entry.span,
            Effect::Enters {
                door: entry.id,
                name: entry.name.clone(),
            },
        );
    }

    /// The layers of one route. Its error handlers see what the layers before them throw.
    fn chain(&mut self, chain: &[Function]) -> Flow {
        let mut error: Option<Error> = None;
        for function in chain {
            if function.does_nothing() || !self.is_there(function) {
                continue;
            }
            let flow = match (error.take(), function.is_error_handler) {
                (Some(pending), true) => self.handle_error(function, pending),
                (Some(pending), false) => Flow::Error(pending),
                (None, true) => Flow::Next,
                (None, false) => self.call(function),
            };
            match flow {
                Flow::Next => {}
                Flow::Error(pending) => error = Some(pending),
                end @ Flow::End(_) => return end,
            }
        }
        error.map_or(Flow::Next, Flow::Error)
    }

    fn handle_error(&mut self, function: &Function, error: Error) -> Flow {
        match &function.behaviour {
            Behaviour::ErrorHandler { status } => {
                let status = status.unwrap_or(error.status);
                self.step(function.span, Effect::Answers { status });
                Flow::End(self.answered(status, error.by))
            }
            Behaviour::Passes => Flow::Error(error),
            // Most answer with the status of the error.
            Behaviour::Unreadable(because) => {
                let keeps = Unsure::Test {
                    text: format!("that {} answers with the error's status", function.name),
                    because: because.clone(),
                };
                match self.oracle.decide(keeps, Some(function.span), true) {
                    true => Flow::End(self.answered(error.status, error.by)),
                    false => Flow::End(End::Unknown {
                        because: because.clone(),
                        span: Some(function.span),
                    }),
                }
            }
            _ => Flow::Error(error),
        }
    }

    /// What Express itself answers to OPTIONS where routes match and none of them takes OPTIONS.
    fn automatic_options(&mut self, by: Span) -> End {
        self.step(by, Effect::Answers { status: 200 });
        self.answered(200, by)
    }
}

/// Whether a layer can be the end of a request that is in order.
fn ends(behaviour: &Behaviour) -> bool {
    matches!(
        behaviour,
        Behaviour::Handler | Behaviour::Proxy(_) | Behaviour::Static { .. }
    )
}

/// What is left of a path, with the slash at its start.
fn rest(path: &str, taken: usize) -> String {
    let rest = path.get(taken..).unwrap_or_default();
    match rest.starts_with('/') {
        true => rest.to_owned(),
        false => format!("/{rest}"),
    }
}
