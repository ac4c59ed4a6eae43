//! What was written down while walking, as the model has it.

use std::rc::Rc;

use super::builtin::{WRAPPERS, display};
use super::run::Run;
use super::val::*;
use super::{ModuleId, branch::negated};
use crate::gates::express::model::{
    App, Callee, Item, Layer, Listen, Major, Path, Paths, Requires, Router, Settings, What, Written,
};
use crate::gates::express::model::{Form, RunsFor};
use crate::gates::express::value::Value;
use crate::request::Reason;
use crate::source::{Span, Spanned};
use crate::syntax::javascript::Text;

/// How many items all applications may have: a router may be mounted in many places.
const MOST_ITEMS: usize = 50_000;

/// How many values all options may have: a list may hold itself many times.
const MOST_VALUES: usize = 500_000;

/// How deep a value may be nested.
const DEEPEST: usize = 16;

type When = Option<Spanned<String>>;

/// One thing that was given to `use`.
enum Mounted {
    Layer(Box<Layer>),
    Router(Router, When),
}

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

    /// What a value is as a layer; more than one where a condition decides.
    fn mounted(
        &mut self,
        one: &Spanned<Val>,
        when: When,
        module: ModuleId,
        depth: usize,
    ) -> Vec<Mounted> {
        if depth > DEEPEST {
            return Vec::new();
        }
        let span = one.span;
        let again = |build: &mut Self, value: Val, when| {
            build.mounted(&Spanned::new(value, span), when, module, depth + 1)
        };
        let layer = match &one.value {
            Val::Stack(id) => {
                let stack = &self.run.stacks[id.0 as usize];
                let name = stack.name.as_ref().map(ToString::to_string);
                let options = stack.options.clone();
                let mut router = Router {
                    name,
                    stack: self.stack(*id),
                    ..Router::default()
                };
                if let Some(Val::Object(options)) = options {
                    let object = self.run.object(options);
                    let is_on = |key: &str| object.get(key).and_then(Val::truth) == Some(true);
                    router.case_sensitive = is_on("caseSensitive");
                    router.strict = is_on("strict");
                }
                return vec![Mounted::Router(router, when)];
            }
            Val::Module(id) => {
                let value = self.run.export(*id, &Text::from("default"));
                match value {
                    Val::Module(_) => self.nothing(span, "a module is no function", when),
                    value => return again(self, value, when),
                }
            }
            Val::Either(either) => {
                let yes = again(
                    self,
                    either.yes.clone(),
                    both(when.clone(), Some(either.when.clone())),
                );
                let no = again(
                    self,
                    either.no.clone(),
                    both(when, Some(negated(&either.when))),
                );
                return yes.into_iter().chain(no).collect();
            }
            // The other side of `isDev && morgan()`.
            Val::Bool(false) | Val::Undefined | Val::Null if when.is_some() => return Vec::new(),
            Val::Outside(outside) if is_wrapper(outside) => {
                let inner = outside.args.iter().flatten().next().cloned();
                match inner {
                    Some(inner) => return self.mounted(&inner, when, module, depth + 1),
                    None => self.outside(outside, span, when),
                }
            }
            Val::Outside(outside) => self.outside(outside, span, when),
            Val::Function(closure) => self.function(closure, span, when, module),
            Val::Unknown(reason) => self.nothing(span, reason, when),
            Val::Undefined | Val::Null => self.nothing(span, "nothing is there", when),
            _ => self.nothing(span, "it is no function that is understood", when),
        };
        vec![Mounted::Layer(Box::new(layer))]
    }

    fn nothing(&mut self, span: Span, reason: &str, when: When) -> Layer {
        let name = self.run.condition_at(span).value;
        self.unreadable(name, span, reason, when)
    }

    fn unreadable(&mut self, name: String, span: Span, reason: &str, when: When) -> Layer {
        Layer {
            name,
            span,
            callee: Callee::Unreadable(Reason::new(reason)),
            args: Vec::new(),
            is_error_handler: false,
            when,
            runs_for: RunsFor::default(),
            requires: Requires::default(),
        }
    }

    fn outside(&mut self, outside: &Rc<Outside>, span: Span, when: When) -> Layer {
        let (made, args) = self.made_by(outside);
        Layer {
            name: display(outside),
            // Where it is made is where its options stand; but where it stands decides.
            span,
            callee: Callee::Package {
                package: outside.package.to_string(),
                member: member(&made),
            },
            args,
            is_error_handler: false,
            when,
            runs_for: RunsFor::default(),
            requires: Requires::default(),
        }
    }

    /// The call that makes a layer, with its arguments. What stands in two calls, one on what the
    /// other makes, is taken together as a manifest has it.
    fn made_by(&mut self, outside: &Rc<Outside>) -> (Rc<Outside>, Vec<Spanned<Value>>) {
        let mut args = self.args(outside);
        let Some(made) = outside.made.clone() else {
            return (outside.clone(), args);
        };
        match (&*outside.package, outside.path.last().map(|name| &**name)) {
            ("express-jwt", Some("unless")) => {
                let mut inner = self.args(&made);
                let mut options = match inner.first().map(|options| &options.value) {
                    Some(Value::Object(entries)) => entries.clone(),
                    _ => Vec::new(),
                };
                if let Some(unless) = args.into_iter().next() {
                    let key = Spanned::new("unless".to_owned(), unless.span);
                    options.push((key, unless));
                }
                let place = outside.span.or(made.span).unwrap_or(Span::new(0, 0));
                inner.truncate(0);
                inner.push(Spanned::new(Value::Object(options), place));
                (made, inner)
            }
            ("express-jwt-permissions", Some("check")) => {
                args.truncate(1);
                args.extend(self.args(&made).into_iter().take(1));
                (outside.clone(), args)
            }
            _ => (outside.clone(), args),
        }
    }

    fn args(&mut self, outside: &Outside) -> Vec<Spanned<Value>> {
        let args = outside.args.iter().flatten();
        let args = args.map(|arg| Spanned::new(self.value(&arg.value, 0), arg.span));
        args.collect()
    }

    fn function(
        &mut self,
        closure: &Rc<Closure>,
        span: Span,
        when: When,
        module: ModuleId,
    ) -> Layer {
        let own = closure.name.as_deref().unwrap_or("handler");
        let name = if closure.module == module {
            own.to_owned()
        } else {
            let path = self.run.modules.path(closure.module);
            format!(".{path}#{own}")
        };
        Layer {
            name,
            span,
            callee: self.run.written(closure),
            args: Vec::new(),
            is_error_handler: closure.function.params.len() == 4,
            when,
            runs_for: RunsFor::default(),
            requires: Requires::default(),
        }
    }

    pub fn value(&mut self, value: &Val, depth: usize) -> Value {
        self.values += 1;
        if depth > DEEPEST || self.values > MOST_VALUES {
            return Value::Unknown(Reason::new("it is nested too deep"));
        }
        match value {
            Val::Undefined => Value::Undefined,
            Val::Null => Value::Null,
            Val::Bool(truth) => Value::Bool(*truth),
            Val::Number(number) => Value::Number(*number),
            Val::Text(text) => Value::Text(text.to_string()),
            Val::Regex(pattern, flags) => Value::Regex {
                pattern: pattern.to_string(),
                flags: flags.to_string(),
            },
            Val::List(id) => {
                let items = self.run.list(*id).clone();
                let items = items.iter().map(|item| {
                    let value = self.value(&item.value, depth + 1);
                    Spanned::new(value, item.span)
                });
                Value::List(items.collect())
            }
            Val::Object(id) if self.run.object(*id).is_open => {
                Value::Unknown(Reason::new("more is put into it that is not known"))
            }
            Val::Object(id) => {
                let entries = self.run.object(*id).entries.clone();
                let entries = entries.into_iter().map(|entry| {
                    let value = self.value(&entry.value, depth + 1);
                    let key = Spanned::new(entry.key.to_string(), entry.key_span);
                    (key, Spanned::new(value, entry.span))
                });
                Value::Object(entries.collect())
            }
            Val::Env(env) => Value::Env {
                name: env.name.to_string(),
                default: (env.default.as_ref())
                    .map(|default| Box::new(self.value(default, depth + 1))),
            },
            Val::Function(closure) => Value::Function(self.run.modules.text(closure.function.span)),
            value => Value::Unknown(Reason::new(super::eval::reason_of(value))),
        }
    }
}

/// The member of a package that was called. That express-jwt itself could be called was so up to
/// version 6, which has other defaults.
fn member(outside: &Outside) -> Option<String> {
    match outside.path.as_slice() {
        [] if &*outside.package == "express-jwt" => Some("default".to_owned()),
        [] => None,
        path => Some(path.join(".")),
    }
}

fn is_wrapper(outside: &Outside) -> bool {
    WRAPPERS.contains(&&*outside.package) && outside.args.is_some()
}

fn both(first: When, second: When) -> When {
    match (first, second) {
        (Some(first), Some(second)) if first.value != second.value => {
            let text = format!("{} && {}", first.value, second.value);
            Some(Spanned::new(text, second.span))
        }
        (first, second) => first.or(second),
    }
}

fn port_of(value: &Val) -> Option<u16> {
    match value {
        Val::Number(number) if (0.0..=65535.0).contains(number) => Some(*number as u16),
        Val::Text(text) => text.trim().parse().ok(),
        Val::Env(env) => env.default.as_ref().and_then(port_of),
        _ => None,
    }
}

fn host_of(value: &Val) -> Option<String> {
    match value {
        Val::Text(text) => Some(text.to_string()),
        Val::Env(env) => env.default.as_ref().and_then(host_of),
        _ => None,
    }
}
