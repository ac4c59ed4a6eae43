//! What the language, Node.js and well-known packages do when they are called.

use std::rc::Rc;

use super::probe::{Event, Part};
use super::run::Run;
use super::val::*;
use crate::source::{Span, Spanned};
use crate::syntax::javascript::Text;

/// Packages that make a router as `express.Router` does: the package and the member.
const ROUTERS: &[(&str, &str)] = &[
    ("express", "Router"),
    ("router", ""),
    ("express-promise-router", ""),
    ("express-async-router", "AsyncRouter"),
    ("@awaitjs/express", "Router"),
    ("@root/async-router", "Router"),
    ("express-router-async", ""),
];

/// Packages that get an application and register nothing on it.
const HARMLESS: &[&str] = &[
    "supertest",
    "chai",
    "serverless-http",
    "@vendia/serverless-express",
    "aws-serverless-express",
    "express-list-endpoints",
    "express-list-routes",
    "socket.io",
    "ws",
    "spdy",
    "greenlock-express",
    "http-terminator",
    "http-graceful-shutdown",
    "@godaddy/terminus",
    "stoppable",
    "firebase-functions",
    "express-async-errors",
    "debug",
    "typedi",
    "routing-controllers-openapi",
];

/// Packages that wrap a handler so that what it rejects becomes an error.
pub const WRAPPERS: &[&str] = &[
    "express-async-handler",
    "express-async-wrap",
    "async-middleware",
    "express-asyncify",
    "express-async-wrapper",
    "co-express",
    "express-wrap-async",
];

impl Run<'_> {
    pub fn call_bound(
        &mut self,
        owner: &Val,
        name: &Text,
        args: Vec<Spanned<Val>>,
        span: Span,
    ) -> Val {
        match owner {
            Val::Stack(id) => self.call_stack(*id, name, args, span),
            Val::Route(route) => self.call_route(route, name, args, span),
            Val::Server(id) if &**name == "listen" => self.listen(*id, args, span),
            Val::Server(_) => {
                self.call_back(&args);
                owner.clone()
            }
            Val::Text(_) | Val::Number(_) | Val::Regex(..) | Val::Bool(_) => {
                self.call_text(owner, name, args)
            }
            Val::List(id) => self.call_list(*id, name, args, span),
            Val::Env(_) => match &**name {
                // A list of what a variable holds is told by its name as well as its text is.
                "split" | "trim" | "toString" | "toLowerCase" | "replace" | "map" | "filter" => {
                    owner.clone()
                }
                _ => Val::unknown(super::eval::reason_of(owner)),
            },
            Val::Function(_) | Val::Class(_) => self.call_of_function(owner, name, args, span),
            // `app.use.bind(app)`, `router.get.apply(router, args)`.
            Val::Bound(inner) => match &**name {
                "bind" => owner.clone(),
                "call" => {
                    let rest = args.into_iter().skip(1).collect();
                    self.call_bound(&inner.0, &inner.1, rest, span)
                }
                "apply" => {
                    let list = args.get(1).map(|arg| arg.value.clone());
                    match list.and_then(|list| self.items_of(&list)) {
                        Some(items) => self.call_bound(&inner.0, &inner.1, items, span),
                        None => self.call_unknown("its arguments are not known", args, span),
                    }
                }
                _ => self.call_unknown("it is not known", args, span),
            },
            Val::Object(id) if &**name == "hasOwnProperty" => {
                let key = args.first().and_then(|arg| arg.value.shown());
                match key {
                    Some(key) => Val::Bool(self.object(*id).get(&key).is_some()),
                    None => Val::unknown("which member is meant is not known"),
                }
            }
            Val::Part(part) => self.call_part(part, name, args, span),
            Val::Module(module) => {
                let callee = self.export(*module, name);
                self.call(callee, args, span, None)
            }
            _ => self.call_unknown("it is not known", args, span),
        }
    }

    fn call_of_function(
        &mut self,
        function: &Val,
        name: &Text,
        args: Vec<Spanned<Val>>,
        span: Span,
    ) -> Val {
        let mut args = args.into_iter();
        let this = args.next().map(|arg| arg.value);
        match &**name {
            "bind" => match function {
                Val::Function(closure) => Val::Function(Rc::new(Closure {
                    function: closure.function.clone(),
                    scope: closure.scope,
                    module: closure.module,
                    name: closure.name.clone(),
                    this: closure.this.clone().or(this),
                    home: closure.home.clone(),
                    props: closure.props,
                })),
                other => other.clone(),
            },
            "call" => self.call(function.clone(), args.collect(), span, this),
            _ => {
                let list = args.next().map(|arg| arg.value);
                let items = list.and_then(|list| self.items_of(&list));
                self.call(function.clone(), items.unwrap_or_default(), span, this)
            }
        }
    }

    pub fn call_outside(
        &mut self,
        outside: &Rc<Outside>,
        args: Vec<Spanned<Val>>,
        span: Span,
    ) -> Val {
        let member = outside.path.join(".");
        let package = &*outside.package;
        if package == "express" && member.is_empty() && outside.args.is_none() {
            return self.new_stack(true, span, None);
        }
        if ROUTERS.contains(&(package, member.as_str())) && outside.args.is_none() {
            let options = args.first().map(|arg| arg.value.clone());
            return self.new_stack(false, span, options);
        }
        // Both give the application back, with more methods.
        if matches!(package, "@awaitjs/express" | "express-async-await")
            && let Some(arg) = args.first()
        {
            return arg.value.clone();
        }
        if package == "express-ws" {
            return self.express_ws(&args, span);
        }
        // A container of services makes what it is asked for.
        if matches!(
            member.as_str(),
            "get" | "resolve" | "Container.get" | "container.resolve"
        ) && let Some(Val::Class(class)) = args.first().map(|arg| arg.value.clone())
        {
            return self.instantiate(&class, Vec::new());
        }
        self.note_schema(outside, &args);
        if let Some(value) = self.verified(&member, &args) {
            return value;
        }
        if self.log.is_some() {
            self.handed(outside, &args, span);
        }
        if matches!(package, "spdy" | "http2-express-bridge" | "http2-wrapper")
            && let Some(id) = self.stacks_in(&args).first()
        {
            return Val::Server(Some(*id));
        }
        if !HARMLESS.contains(&package) && !member.ends_with("createServer") {
            self.hand_over(&args, span, &format!("`{}`", display(outside)));
        }
        if !WRAPPERS.contains(&package) && !makes_layers(&member) {
            self.call_back(&args);
        }
        Val::Outside(Rc::new(Outside {
            package: outside.package.clone(),
            path: outside.path.clone(),
            args: Some(args),
            made: outside.made.clone(),
            span: Some(span),
        }))
    }

    fn express_ws(&mut self, args: &[Spanned<Val>], span: Span) -> Val {
        let id = self.new_object();
        if let Some(app) = args.first() {
            self.set_key(id, Text::from("app"), app.value.clone(), span);
        }
        self.object(id).is_open = true;
        Val::Object(id)
    }

    pub fn call_global(&mut self, name: &str, args: Vec<Spanned<Val>>, span: Span) -> Val {
        let arg = |at: usize| args.get(at).map_or(Val::Undefined, |arg| arg.value.clone());
        match name {
            "require" | "module.require" => self.require(&arg(0)),
            "require.resolve" => arg(0),
            "path.join" | "path.resolve" | "path.posix.join" => self.join_paths(name, &args),
            "path.dirname" | "path.basename" | "path.extname" => path_part(name, &arg(0), &arg(1)),
            "path.parse" => {
                let id = self.new_object();
                let base = path_part("path.basename", &arg(0), &Val::Undefined);
                let ext = path_part("path.extname", &arg(0), &Val::Undefined);
                let bare = path_part("path.basename", &arg(0), &ext);
                for (key, value) in [("base", base), ("ext", ext), ("name", bare)] {
                    self.set_key(id, Text::from(key), value, span);
                }
                Val::Object(id)
            }
            "url.fileURLToPath" => {
                let path = self.modules.path(self.module);
                Val::Text(Text::from(path))
            }
            "process.cwd" => {
                let folder = self.modules.package(self.module);
                Val::Text(Text::from(folder))
            }
            "process.exit" => {
                self.thrown = Some(Val::unknown("the process ends"));
                Val::Undefined
            }
            "fs.readdirSync" | "fs.promises.readdir" | "fs/promises.readdir" => {
                self.read_folder(&arg(0), span)
            }
            "fs.readdir" => {
                let list = self.read_folder(&arg(0), span);
                if let Some(Val::Function(closure)) = args.last().map(|arg| arg.value.clone()) {
                    let given = vec![Spanned::new(Val::Null, span), Spanned::new(list, span)];
                    self.call_closure(&closure, given, None);
                }
                Val::Undefined
            }
            "http.createServer"
            | "https.createServer"
            | "http2.createSecureServer"
            | "http.Server"
            | "https.Server"
            | "http2.createServer" => {
                let app = self.stacks_in(&args).first().copied();
                if app.is_none() {
                    self.call_back(&args);
                }
                Val::Server(app)
            }
            "Object.keys" | "Object.values" | "Object.entries" | "Object.getOwnPropertyNames" => {
                self.entries(name, &arg(0), span)
            }
            "Object.assign" => {
                if let Val::Object(id) = arg(0) {
                    for source in args.iter().skip(1) {
                        self.spread_into(id, &source.value);
                    }
                }
                arg(0)
            }
            "Object.freeze" | "Promise.resolve" | "Object.create" | "Object.seal" => arg(0),
            "Array.isArray" => match arg(0) {
                Val::List(_) => Val::Bool(true),
                Val::Unknown(_) | Val::Either(_) | Val::Outside(_) | Val::Env(_) => {
                    Val::unknown("whether it is a list is not known")
                }
                _ => Val::Bool(false),
            },
            "Array.from" | "Promise.all" | "Promise.allSettled" => match self.items_of(&arg(0)) {
                Some(items) => self.new_list(items),
                None => arg(0),
            },
            "Array.of" => self.new_list(args),
            "Number" | "parseInt" | "Number.parseInt" | "parseFloat" | "Number.parseFloat" => {
                self.number_of(arg(0))
            }
            "String" => match arg(0).shown() {
                Some(text) => Val::Text(Text::from(text)),
                None => arg(0),
            },
            "Boolean" => match arg(0).truth() {
                Some(truth) => Val::Bool(truth),
                None => Val::unknown(super::eval::reason_of(&arg(0))),
            },
            "Set" | "Map" => arg(0),
            "RegExp" => match (arg(0).text(), arg(1).text()) {
                (Some(pattern), flags) => {
                    let flags = flags.cloned().unwrap_or_else(|| Text::from(""));
                    Val::Regex(pattern.clone(), flags)
                }
                _ => Val::unknown("its pattern is put together"),
            },
            _ => {
                self.escape(&args, span);
                if !name.starts_with("console") {
                    self.call_back(&args);
                }
                Val::unknown(format!("`{name}` is not followed"))
            }
        }
    }

    pub fn number_of(&mut self, value: Val) -> Val {
        match &value {
            Val::Number(_) => value,
            Val::Text(text) => match text.trim().parse::<f64>() {
                Ok(number) => Val::Number(number),
                Err(_) => Val::Number(f64::NAN),
            },
            Val::Bool(truth) => Val::Number(f64::from(u8::from(*truth))),
            // What it is, is told by its default.
            Val::Env(_) => value,
            Val::Either(one) => {
                let yes = self.number_of(one.yes.clone());
                let no = self.number_of(one.no.clone());
                either(&one.when, yes, no)
            }
            _ => Val::unknown(super::eval::reason_of(&value)),
        }
    }

    fn join_paths(&mut self, name: &str, args: &[Spanned<Val>]) -> Val {
        let mut parts: Vec<String> = Vec::new();
        let mut is_absolute = false;
        for (at, arg) in args.iter().enumerate() {
            let Val::Text(text) = &arg.value else {
                return Val::unknown(super::eval::reason_of(&arg.value));
            };
            if text.starts_with('/') && (at == 0 || name.ends_with("resolve")) {
                parts.clear();
                is_absolute = true;
            }
            for part in text.split('/') {
                match part {
                    "" | "." => {}
                    ".." if parts.last().is_some_and(|last| last != "..") => {
                        parts.pop();
                    }
                    ".." if is_absolute => {}
                    part => parts.push(part.to_owned()),
                }
            }
        }
        let joined = parts.join("/");
        let joined = match (is_absolute, name.ends_with("resolve")) {
            (true, _) => format!("/{joined}"),
            (false, true) => {
                let folder = self.modules.package(self.module);
                format!("{}/{joined}", folder.trim_end_matches('/'))
            }
            (false, false) => joined,
        };
        Val::Text(Text::from(joined))
    }

    fn read_folder(&mut self, folder: &Val, span: Span) -> Val {
        let Some(folder) = folder.text() else {
            return Val::unknown("which folder is read is not known");
        };
        let folder = match folder.strip_prefix("./") {
            Some(rest) => format!("{}/{rest}", self.modules.package(self.module)),
            None => folder.to_string(),
        };
        match self.modules.list(&folder) {
            Some(names) => {
                let names = names.into_iter();
                let items = names.map(|name| Spanned::new(Val::Text(Text::from(name)), span));
                let items = items.collect();
                self.new_list(items)
            }
            None => Val::unknown(format!("the folder {folder} is not here")),
        }
    }

    /// The keys of what has keys that are known.
    pub fn keys_of(&mut self, value: &Val) -> Option<Vec<Text>> {
        match value {
            Val::Object(id) if !self.object(*id).is_open => {
                let entries = &self.object(*id).entries;
                Some(entries.iter().map(|entry| entry.key.clone()).collect())
            }
            Val::Module(id) => {
                let names = self.exports_of(*id).into_iter();
                Some(names.map(|(name, _)| name).collect())
            }
            Val::List(id) => {
                let count = self.list(*id).len();
                Some((0..count).map(|at| Text::from(at.to_string())).collect())
            }
            _ => None,
        }
    }

    fn entries(&mut self, name: &str, value: &Val, span: Span) -> Val {
        let Some(keys) = self.keys_of(value) else {
            return Val::unknown(super::eval::reason_of(value));
        };
        let mut items = Vec::with_capacity(keys.len());
        for key in keys {
            let key_value = Val::Text(key.clone());
            let item = match name {
                "Object.values" => self.member(value, &key, span),
                "Object.entries" => {
                    let member = self.member(value, &key, span);
                    let pair = vec![Spanned::new(key_value, span), Spanned::new(member, span)];
                    self.new_list(pair)
                }
                _ => key_value,
            };
            items.push(Spanned::new(item, span));
        }
        self.new_list(items)
    }

    /// `passport.authenticate(…)(req, res, next)`: the package goes on from here.
    fn handed(&mut self, outside: &Rc<Outside>, args: &[Spanned<Val>], span: Span) {
        let gets_next = (args.iter()).any(|arg| matches!(arg.value, Val::Part(Part::Next)));
        match (&outside.args, gets_next) {
            (_, true) => self.note(Event::Handed(outside.clone())),
            _ => self.escape(args, span),
        }
    }
}

/// `package.member`, as a person would name it.
pub fn display(outside: &Outside) -> String {
    match outside.path.as_slice() {
        [] => outside.package.to_string(),
        path => format!("{}.{}", outside.package, path.join(".")),
    }
}

/// Members whose arguments are called with requests, and not while the application is built.
fn makes_layers(member: &str) -> bool {
    matches!(
        member,
        "authenticate" | "use" | "serializeUser" | "deserializeUser"
    )
}

fn path_part(name: &str, path: &Val, cut: &Val) -> Val {
    let Some(path) = path.text() else {
        return Val::unknown(super::eval::reason_of(path));
    };
    let (folder, base) = path.rsplit_once('/').unwrap_or(("", path));
    let dot = base.rfind('.').filter(|at| *at > 0);
    let part = match name {
        "path.dirname" if folder.is_empty() && path.starts_with('/') => "/",
        "path.dirname" => folder,
        "path.extname" => dot.map_or("", |at| &base[at..]),
        _ => match cut.text() {
            Some(cut) => base.strip_suffix(&**cut).unwrap_or(base),
            None => base,
        },
    };
    Val::Text(Text::from(part))
}
