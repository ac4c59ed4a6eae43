//! What is done to a client after it was made: interceptors, and defaults that are assigned.

use std::rc::Rc;

use super::Reader;
use super::draft::with_credentials;
use super::instance::{Instance, State, flatten, path_of};
use super::value::{Entry, Object, Val};
use crate::source::Span;

impl Reader<'_> {
    /// `axios.interceptors.request.use(…)`.
    pub fn deep_method(
        &mut self,
        span: Span,
        inner: &(Val, Rc<str>),
        name: &str,
        args: &[Val],
    ) -> Val {
        let (Val::Instance(instance), names) = path_of(inner) else {
            return Val::unknown(name);
        };
        let first = args.first().cloned().unwrap_or(Val::Undefined);
        let names: Vec<&str> = names.iter().map(|name| &**name).collect();
        match (names.as_slice(), name) {
            (["interceptors", "request"], "use") => match first {
                Val::Function(closure) => {
                    let config = intercepted(&mut |config| {
                        let returned = self.call_with(&closure, config.clone());
                        (returned, config)
                    });
                    let mut state = instance.state.borrow_mut();
                    take(&config, &mut state);
                }
                Val::Signer(signer) if signer.is_interceptor() => {
                    let is_sure = self.conditions == 0;
                    let mut state = instance.state.borrow_mut();
                    state.added.entries.extend(signer.headers(span, is_sure));
                }
                first if first.is_nothing() => {}
                _ => instance.state.borrow_mut().added.open(),
            },
            (["defaults", "headers", ..], "set") => {
                let value = args.get(1).cloned().unwrap_or(Val::Undefined);
                if let Some(name) = first.to_text().plain() {
                    let entry = Entry {
                        name: name.into(),
                        value,
                        span,
                        is_sure: false,
                    };
                    instance.state.borrow_mut().headers.put(entry);
                }
            }
            _ => {}
        }
        Val::unknown(name)
    }

    /// `axios.defaults.headers.common.Authorization = …`.
    pub fn put_default(
        &mut self,
        instance: &Rc<Instance>,
        names: &[Rc<str>],
        name: &str,
        val: Val,
        span: Span,
    ) {
        let names: Vec<&str> = names.iter().map(|name| &**name).collect();
        let mut state = instance.state.borrow_mut();
        match (names.as_slice(), name) {
            (["defaults"], "baseURL") => {
                for text in val.texts() {
                    if !state.bases.contains(&text) {
                        state.bases.push(text);
                    }
                }
            }
            (["defaults"], "withCredentials") => {
                state.credentials = Some(with_credentials(&val, span));
            }
            (["defaults"], "headers") | (["defaults", "headers"], "common") => {
                flatten(&val, &mut state.headers);
            }
            (["defaults", "headers"] | ["defaults", "headers", _], name) if !val.is_nothing() => {
                state.headers.put(Entry {
                    name: name.into(),
                    value: val,
                    span,
                    is_sure: false,
                });
            }
            (["defaults"], "adapter" | "transformRequest") => state.headers.open(),
            _ => {}
        }
    }
}

/// Gives an interceptor a request that has nothing yet, and takes what it makes of it.
fn intercepted(run: &mut dyn FnMut(Val) -> (Val, Val)) -> Object {
    let empty = Span::new(0, 0);
    let entry = |name: &str, value: Val| Entry {
        name: name.into(),
        value,
        span: empty,
        is_sure: true,
    };
    let mut headers = Object::default();
    headers.put(entry("common", Val::object(Object::default())));
    let mut config = Object {
        is_open: true,
        ..Object::default()
    };
    config.put(entry("headers", Val::object(headers)));
    let (returned, config) = run(Val::object(config));
    let mut all = Object::default();
    for one in returned.alternatives() {
        match &one {
            Val::Object(_) => all.spread(&one),
            Val::Unknown { name, .. } if &**name == "an answer" => {}
            one if one.is_open() => all.entries.push(entry("open", Val::Undefined)),
            _ => {}
        }
    }
    if let Val::Object(config) = &config {
        for entry in &config.borrow().entries {
            all.entries.push(entry.clone());
        }
    }
    all
}

fn take(config: &Object, state: &mut State) {
    for entry in &config.entries {
        match &*entry.name {
            "open" => state.added.open(),
            "headers" => {
                for one in entry.value.alternatives() {
                    let mut flat = Object::default();
                    flatten(&one, &mut flat);
                    if flat.is_open {
                        state.added.open();
                    }
                    for header in flat.entries {
                        if !matches!(header.value, Val::Object(_)) {
                            let mut known = state.added.entries.iter();
                            if !known.any(|one| one.name == header.name && one.span == header.span)
                            {
                                state.added.entries.push(header);
                            }
                        }
                    }
                }
            }
            "withCredentials" => {
                state.credentials = Some(with_credentials(&entry.value, entry.span));
            }
            _ => {}
        }
    }
}
