//! What was written down while walking, as the model has it.

mod layers;
mod values;

use std::rc::Rc;

use layers::{Mounted, both};
use values::{host_of, port_of};

use super::modules::ModuleId;
use super::run::Run;
use super::val::*;
use crate::gates::express::model::{
    App, Callee, Form, Item, Layer, Listen, Major, Path, Paths, Settings, What, Written,
};
use crate::request::Reason;
use crate::source::Spanned;

/// How many items all applications may have: a router may be mounted in many places.
const MOST_ITEMS: usize = 50_000;

type When = Option<Spanned<String>>;

pub fn apps(run: &mut Run<'_>) -> Vec<App> {
    let mut mounted = Vec::new();
    for stack in &run.stacks {
        for entry in &stack.entries {
            let given = match &entry.what {
                Registration::Use { layers, .. } => layers,
                Registration::Route { chain, .. } => chain,
                Registration::Opaque(_) => continue,
            };
            given
                .iter()
                .for_each(|one| stacks_of(&one.value, &mut mounted));
        }
    }
    let mut build = Build {
        run,
        open: Vec::new(),
        items: 0,
        values: 0,
    };
    let count = build.run.stacks.len() as u32;
    let roots = (0..count).map(StackId).filter(|id| !mounted.contains(id));
    let apps = roots.filter_map(|id| build.app(id));
    apps.collect()
}

fn stacks_of(value: &Val, into: &mut Vec<StackId>) {
    match value {
        Val::Stack(id) => into.push(*id),
        Val::Either(one) => {
            stacks_of(&one.yes, into);
            stacks_of(&one.no, into);
        }
        _ => {}
    }
}

struct Build<'r, 'm> {
    run: &'r mut Run<'m>,
    /// The routers that are being built: one may be mounted in itself.
    open: Vec<StackId>,
    items: usize,
    values: usize,
}

impl Build<'_, '_> {
    fn app(&mut self, id: StackId) -> Option<App> {
        let stack = &self.run.stacks[id.0 as usize];
        if !stack.is_app || stack.entries.is_empty() && stack.listens.is_empty() {
            return None;
        }
        let (module, span) = (stack.module, stack.span);
        let path = self.run.modules.path(module);
        let version = self.run.modules.express(module);
        Some(App {
            form: Form::Source,
            name: path.trim_start_matches('/').to_owned(),
            span,
            // Of the applications that do not say, most were written for 4.
            version: version.unwrap_or(Major::Four),
            settings: self.settings(id),
            listens: self.listens(id),
            proxies: Vec::new(),
            names_allow_origin: false,
            stack: self.stack(id),
        })
    }

    fn settings(&mut self, id: StackId) -> Settings {
        let settings = self.run.stacks[id.0 as usize].settings.clone();
        let is_on = |name: &str| {
            let value = settings.get(name);
            value.and_then(|value| value.value.truth()) == Some(true)
        };
        let trust_proxy = settings.get("trust proxy");
        Settings {
            case_sensitive: is_on("case sensitive routing"),
            strict: is_on("strict routing"),
            trust_proxy: trust_proxy.map(|value| {
                let known = self.value(&value.value, 0);
                Spanned::new(known, value.span)
            }),
        }
    }

    fn listens(&mut self, id: StackId) -> Vec<Listen> {
        let listens = self.run.stacks[id.0 as usize].listens.clone();
        let listens = listens.into_iter().map(|(args, span)| {
            let (port, host) = match args.first().map(|arg| &arg.value) {
                Some(Val::Object(id)) => {
                    let object = self.run.object(*id);
                    (object.get("port").cloned(), object.get("host").cloned())
                }
                first => (first.cloned(), args.get(1).map(|arg| arg.value.clone())),
            };
            Listen {
                port: port.and_then(|port| port_of(&port)),
                is_host_open: host.as_ref().is_some_and(|host| {
                    !matches!(host, Val::Undefined | Val::Null | Val::Number(_))
                        && host_of(host).is_none()
                }),
                host: host.and_then(|host| host_of(&host)),
                span,
            }
        });
        listens.collect()
    }

    fn stack(&mut self, id: StackId) -> Vec<Item> {
        if self.open.contains(&id) {
            return Vec::new();
        }
        self.open.push(id);
        let entries = std::mem::take(&mut self.run.stacks[id.0 as usize].entries);
        let module = self.run.stacks[id.0 as usize].module;
        let mut items = Vec::with_capacity(entries.len());
        for entry in &entries {
            if self.items >= MOST_ITEMS {
                break;
            }
            self.items += 1;
            self.entry(entry, module, &mut items);
        }
        self.run.stacks[id.0 as usize].entries = entries;
        self.open.pop();
        items
    }

    fn entry(&mut self, entry: &Registered, module: ModuleId, items: &mut Vec<Item>) {
        let item = |when: When, what: What| Item {
            span: entry.span,
            when,
            what,
        };
        match &entry.what {
            Registration::Opaque(reason) => {
                let what = What::Opaque(Reason::new(reason.clone()));
                items.push(item(entry.when.clone(), what));
            }
            Registration::Route { methods, at, chain } => {
                let mut layers = Vec::with_capacity(chain.len());
                for one in chain {
                    for mounted in self.mounted(one, None, module, 0) {
                        layers.push(match mounted {
                            Mounted::Layer(layer) => *layer,
                            Mounted::Router(_, when) => {
                                let reason = "a router stands in a route";
                                self.unreadable("router".to_owned(), one.span, reason, when)
                            }
                        });
                    }
                }
                self.end(chain.last(), layers.last_mut());
                let what = What::Route {
                    methods: methods.clone(),
                    at: Paths(at.clone()),
                    chain: layers,
                };
                items.push(item(entry.when.clone(), what));
            }
            Registration::Use { at, layers } => {
                let at = match at.as_slice() {
                    [] => Paths(vec![Spanned::new(Path::Text("/".to_owned()), entry.span)]),
                    some => Paths(some.to_vec()),
                };
                for one in layers {
                    for mounted in self.mounted(one, None, module, 0) {
                        let (when, what) = match mounted {
                            Mounted::Layer(mut layer) => {
                                let when = both(entry.when.clone(), layer.when.take());
                                let (at, layer) = (at.clone(), *layer);
                                (when, What::Use { at, layer })
                            }
                            Mounted::Router(router, when) => {
                                let when = both(entry.when.clone(), when);
                                let at = at.clone();
                                (when, What::Router { at, router })
                            }
                        };
                        items.push(item(when, what));
                    }
                }
            }
        }
    }

    /// The end of a route answers, whatever it is that it answers; nothing comes after it.
    fn end(&mut self, value: Option<&Spanned<Val>>, layer: Option<&mut Layer>) {
        let (Some(Val::Function(closure)), Some(layer)) = (value.map(|v| &v.value), layer) else {
            return;
        };
        let is_open = match &layer.callee {
            Callee::Unreadable(_) => true,
            Callee::Written(Written::Guard(guard)) => !matches!(guard.status, 401 | 403),
            _ => false,
        };
        if is_open && self.run.last.contains(&Rc::as_ptr(closure)) {
            layer.callee = Callee::Written(Written::Handler);
        }
    }
}
