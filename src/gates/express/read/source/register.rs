//! What happens to an application or a router: registrations, settings, `listen`.

use std::rc::Rc;

use super::run::Run;
use super::val::*;
use crate::gates::express::model::{Methods, Path};
use crate::request::Reason;
use crate::source::{Span, Spanned};
use crate::syntax::javascript::Text;

/// The methods of which Express makes a function, in the order of what is common.
const METHODS: &[&str] = &[
    "get",
    "post",
    "put",
    "delete",
    "patch",
    "head",
    "options",
    "trace",
    "copy",
    "lock",
    "mkcol",
    "move",
    "purge",
    "propfind",
    "proppatch",
    "unlock",
    "report",
    "mkactivity",
    "checkout",
    "merge",
    "m-search",
    "notify",
    "subscribe",
    "unsubscribe",
    "search",
    "connect",
    "link",
    "unlink",
    "query",
];

fn methods(name: &str) -> Option<Methods> {
    match name {
        "all" => Some(Methods::All),
        "del" => Some(Methods::These(vec!["DELETE".to_owned()])),
        // Of express-ws: what comes is a GET.
        "ws" => Some(Methods::These(vec!["GET".to_owned()])),
        name if METHODS.contains(&name) => Some(Methods::These(vec![name.to_uppercase()])),
        _ => None,
    }
}

impl Run<'_> {
    pub fn call_stack(
        &mut self,
        id: StackId,
        name: &Text,
        args: Vec<Spanned<Val>>,
        span: Span,
    ) -> Val {
        let this = Val::Stack(id);
        match &**name {
            "use" | "useAsync" => self.use_(id, args, span),
            "get" if args.len() == 1 => return self.setting(id, &args[0].value),
            "route" => {
                let at = args.first().map(|arg| self.paths(&arg.value, arg.span));
                return Val::Route(Rc::new(RouteVal {
                    stack: id,
                    at: at.unwrap_or_default(),
                }));
            }
            "set" => {
                if let [name, value] = args.as_slice()
                    && let Val::Text(name) = &name.value
                {
                    let settings = &mut self.stacks[id.0 as usize].settings;
                    settings.insert(name.clone(), value.clone());
                }
            }
            "enable" | "disable" => {
                if let Some(Val::Text(setting)) = args.first().map(|arg| &arg.value) {
                    let value = Spanned::new(Val::Bool(&**name == "enable"), args[0].span);
                    let settings = &mut self.stacks[id.0 as usize].settings;
                    settings.insert(setting.clone(), value);
                }
            }
            "listen" => return self.listen(Some(id), args, span),
            "bind" | "call" | "apply" => return Val::unknown("it is called by hand"),
            // `param`, `engine`, `on`: nothing that stands in the order.
            name => {
                let method = name.strip_suffix("Async").unwrap_or(name);
                if let Some(methods) = methods(method) {
                    self.route(id, methods, args, span);
                }
            }
        }
        this
    }

    pub fn call_route(
        &mut self,
        route: &Rc<RouteVal>,
        name: &Text,
        args: Vec<Spanned<Val>>,
        span: Span,
    ) -> Val {
        if let Some(methods) = methods(name) {
            let chain = self.flat(args);
            // The call spans the whole chain before it; its name and arguments are what is meant.
            let what = Registration::Route {
                methods,
                at: route.at.clone(),
                chain,
            };
            self.register(route.stack, span, what);
        }
        Val::Route(route.clone())
    }

    fn use_(&mut self, id: StackId, args: Vec<Spanned<Val>>, span: Span) {
        let mut args = args;
        let mut at = Vec::new();
        if let Some(first) = args.first()
            && self.is_path(first, args.len())
        {
            at = self.paths(&first.value, first.span);
            args.remove(0);
        }
        let layers = self.flat(args);
        self.register(id, span, Registration::Use { at, layers });
    }

    fn route(&mut self, id: StackId, methods: Methods, args: Vec<Spanned<Val>>, span: Span) {
        let mut args = args.into_iter();
        let Some(path) = args.next() else { return };
        let at = self.paths(&path.value, path.span);
        let chain = self.flat(args.collect());
        self.register(id, span, Registration::Route { methods, at, chain });
    }

    /// Whether the first argument of `use` is a path: Express asks whether it is no function.
    fn is_path(&mut self, first: &Spanned<Val>, count: usize) -> bool {
        match &first.value {
            Val::Text(_) | Val::Regex(..) | Val::Env(_) => true,
            Val::List(id) => match self.list(*id).first().cloned() {
                Some(item) => self
                    .deeper(|run| run.is_path(&item, count))
                    .unwrap_or_default(),
                None => false,
            },
            Val::Either(one) => {
                let yes = Spanned::new(one.yes.clone(), first.span);
                let no = Spanned::new(one.no.clone(), first.span);
                self.is_path(&yes, count) || self.is_path(&no, count)
            }
            Val::Unknown(_) | Val::Outside(_) if count > 1 => {
                if let Val::Outside(outside) = &first.value
                    && outside.args.is_some()
                {
                    return false;
                }
                let text = self.modules.text(first.span).to_lowercase();
                let names = [
                    "path", "prefix", "url", "route", "base", "mount", "uri", "endpoint",
                    "version", "root", "`",
                ];
                names.iter().any(|name| text.contains(name)) && !text.contains("router")
            }
            _ => false,
        }
    }

    pub fn paths(&mut self, value: &Val, span: Span) -> Vec<Spanned<Path>> {
        let path = match value {
            Val::Text(text) => Path::Text(text.to_string()),
            Val::Regex(pattern, flags) => Path::Regex {
                pattern: pattern.to_string(),
                flags: flags.to_string(),
            },
            Val::List(id) => {
                let mut paths = Vec::new();
                for item in self.list(*id).clone() {
                    // A list may hold itself.
                    let more = self.deeper(|run| run.paths(&item.value, item.span));
                    paths.extend(more.into_iter().flatten());
                }
                return paths;
            }
            Val::Env(env) => match &env.default {
                Some(Val::Text(text)) => Path::Text(text.to_string()),
                _ => Path::Unknown(Reason::new(reason_of(value))),
            },
            value => Path::Unknown(Reason::new(reason_of(value))),
        };
        vec![Spanned::new(path, span)]
    }

    /// Express flattens lists of layers, however deep they are.
    pub fn flat(&mut self, args: Vec<Spanned<Val>>) -> Vec<Spanned<Val>> {
        let mut all = Vec::with_capacity(args.len());
        let mut open = args;
        open.reverse();
        let mut budget = 10_000;
        while let Some(arg) = open.pop() {
            budget -= 1;
            match &arg.value {
                Val::List(id) if budget > 0 => {
                    open.extend(self.list(*id).iter().rev().cloned());
                }
                _ => all.push(arg),
            }
        }
        all
    }

    fn setting(&mut self, id: StackId, name: &Val) -> Val {
        let settings = &self.stacks[id.0 as usize].settings;
        match name.text().and_then(|name| settings.get(name)) {
            Some(value) => value.value.clone(),
            None => Val::unknown("the setting is not seen"),
        }
    }

    pub fn listen(&mut self, id: Option<StackId>, args: Vec<Spanned<Val>>, span: Span) -> Val {
        if let Some(id) = id {
            let given = args
                .iter()
                .filter(|arg| !matches!(arg.value, Val::Function(_)));
            let given = given.cloned().collect();
            self.stacks[id.0 as usize].listens.push((given, span));
        }
        self.call_back(&args);
        Val::Server(id)
    }
}
