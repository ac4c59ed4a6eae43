//! Members of values, and places that are assigned to.

use std::rc::Rc;

use super::part::{Bag, Part, Source, Status, Subject};
use super::probe::Event;
use super::run::Run;
use super::val::*;
use crate::source::{Span, Spanned};
use crate::syntax::javascript::{Expr, ExprKind, Text};

impl Run<'_> {
    pub fn member(&mut self, object: &Val, name: &Text, span: Span) -> Val {
        match object {
            Val::Object(id) => self.object_member(*id, name, object),
            Val::List(id) => match &**name {
                "length" => Val::Number(self.list(*id).len() as f64),
                _ => self.bound(object, name),
            },
            Val::Text(text) => match &**name {
                "length" => Val::Number(text.chars().count() as f64),
                _ => self.bound(object, name),
            },
            Val::Stack(id) => {
                let props = self.stacks[id.0 as usize].props;
                match self.object(props).get(name) {
                    Some(value) => value.clone(),
                    None => self.bound(object, name),
                }
            }
            Val::Function(closure) => self.function_member(closure, name, object),
            Val::Class(class) => self.static_member(class, name, object),
            Val::Outside(outside) => self.outside_member(outside, name),
            Val::Global(path) if &**path == "process.env" => Val::Env(Rc::new(EnvVal {
                name: name.clone(),
                default: None,
            })),
            Val::Global(_) if &**name == "default" => object.clone(),
            Val::Global(path) => Val::Global(Text::from(format!("{path}.{name}"))),
            Val::Module(module) => self.export(*module, name),
            Val::Either(one) => {
                let yes = self.member(&one.yes, name, span);
                let no = self.member(&one.no, name, span);
                either(&one.when, yes, no)
            }
            Val::Part(part) => self.part_member(part, name, object),
            Val::Env(_) | Val::Route(_) | Val::Server(_) | Val::Bound(_) | Val::Regex(..) => {
                self.bound(object, name)
            }
            Val::Unknown(reason) => Val::Unknown(reason.clone()),
            Val::Undefined | Val::Null => {
                let text = self.modules.text(span);
                Val::unknown(format!("`{text}` is a member of what is not there"))
            }
            _ => self.bound(object, name),
        }
    }

    fn bound(&self, owner: &Val, name: &Text) -> Val {
        Val::Bound(Rc::new((owner.clone(), name.clone())))
    }

    fn object_member(&mut self, id: ObjectId, name: &Text, this: &Val) -> Val {
        if let Some(value) = self.object(id).get(name).cloned() {
            return self.got(value, this);
        }
        let found = match self.object(id).proto.clone() {
            Proto::Class(class) => self.class_member(&class, name, this),
            Proto::Object(proto) if proto != id => {
                // A circle of prototypes has as many members as its objects.
                let value = self.deeper(|run| run.object_member(proto, name, this));
                value.filter(|value| !matches!(value, Val::Undefined | Val::Bound(_)))
            }
            _ => None,
        };
        match found {
            Some(value) => value,
            None if self.object(id).is_open => {
                Val::unknown(format!("the member {name} is not seen"))
            }
            None if matches!(&**name, "hasOwnProperty" | "toString") => self.bound(this, name),
            None => Val::Undefined,
        }
    }

    /// What a member is worth: a getter is called.
    fn got(&mut self, value: Val, this: &Val) -> Val {
        match value {
            Val::Getter(closure) => self.call_closure(&closure, Vec::new(), Some(this.clone())),
            value => self.settled(value),
        }
    }

    fn function_member(&mut self, closure: &Rc<Closure>, name: &Text, this: &Val) -> Val {
        if let Some(value) = self.object(closure.props).get(name) {
            return value.clone();
        }
        match &**name {
            "prototype" => {
                let id = self.new_object();
                let span = closure.function.span;
                self.set_key(closure.props, name.clone(), Val::Object(id), span);
                Val::Object(id)
            }
            "name" => Val::Text(closure.name.clone().unwrap_or_else(|| Text::from(""))),
            "bind" | "call" | "apply" => self.bound(this, name),
            _ => Val::Undefined,
        }
    }

    fn outside_member(&mut self, outside: &Rc<Outside>, name: &Text) -> Val {
        // What `import x from` gives is what `require` gives.
        if &**name == "default" && outside.args.is_none() {
            return Val::Outside(outside.clone());
        }
        let mut path = outside.path.clone();
        path.push(name.clone());
        if path.len() > 8 {
            return Val::unknown(format!("the package {} decides", outside.package));
        }
        Val::Outside(Rc::new(Outside {
            package: outside.package.clone(),
            path,
            args: None,
            made: match outside.args {
                Some(_) => Some(outside.clone()),
                None => outside.made.clone(),
            },
            span: outside.span,
        }))
    }

    fn part_member(&mut self, part: &Part, name: &Text, this: &Val) -> Val {
        let part = match (part, &**name) {
            (Part::Request, "headers") => Part::Bag(Bag::Headers),
            (Part::Request, "cookies" | "signedCookies") => Part::Bag(Bag::Cookies),
            (Part::Request, "session") => Part::Bag(Bag::Session),
            (Part::Request, "socket" | "connection") => Part::Bag(Bag::Socket),
            (Part::Request, "user" | "auth" | "userId" | "currentUser" | "token") => match self
                .request_props()
                .and_then(|id| self.object(id).get(name).cloned())
            {
                Some(value) => return value,
                None if self.somebody_calls() => Part::Caller,
                None => Part::Absent(Subject::Session),
            },
            (Part::Request, "ip") => Part::Address(Source::ReqIp),
            (Part::Request, "method") => match self.lookup_method() {
                Some(method) => {
                    self.note(Event::Method);
                    Part::Method(Text::from(method))
                }
                None => return Val::unknown("it is the method of the request"),
            },
            (Part::Request, "get" | "header" | "isAuthenticated" | "on") => {
                return self.bound(this, name);
            }
            (Part::Request, _) => {
                let set = self.request_props();
                let set = set.and_then(|id| self.object(id).get(name).cloned());
                return set
                    .unwrap_or_else(|| Val::unknown(format!("the request's {name} decides")));
            }
            (Part::Bag(Bag::Headers), "origin") => Part::Origin,
            (Part::Bag(Bag::Headers), "host" | "user-agent") => {
                return Val::unknown("the request's headers decide");
            }
            (Part::Bag(Bag::Headers), _) => Part::Absent(Subject::Header(name.to_lowercase())),
            (Part::Bag(Bag::Session), _) if self.somebody_calls() => Part::Caller,
            (Part::Bag(Bag::Cookies | Bag::Session), _) => Part::Absent(Subject::Session),
            (Part::Caller, _) => return self.caller_member(name),
            (Part::Bag(Bag::Socket), "remoteAddress") => Part::Address(Source::Socket),
            (Part::Absent(subject), "length") => Part::Absent(subject.clone()),
            (Part::Absent(_), method) if is_method(method) => {
                return self.bound(this, name);
            }
            (Part::Absent(Subject::Session | Subject::Grant(_)), grant) => {
                Part::Absent(Subject::Grant(grant.to_owned()))
            }
            (Part::Absent(subject), _) => Part::Absent(subject.clone()),
            (Part::Error, _) => return Val::unknown("it is an error"),
            (Part::Response(_) | Part::Next | Part::Address(_) | Part::Origin, _) => {
                return self.bound(this, name);
            }
            _ => return Val::unknown("the request decides"),
        };
        Val::Part(part)
    }

    pub fn somebody_calls(&self) -> bool {
        self.log.as_ref().is_some_and(|log| log.caller.is_some())
    }

    pub fn index(&mut self, object: &Val, index: &Val, span: Span) -> Val {
        match (object, index) {
            (Val::List(id), Val::Number(number)) if *number >= 0.0 => {
                let item = self.list(*id).get(*number as usize);
                item.map_or(Val::Undefined, |item| item.value.clone())
            }
            (Val::Part(Part::Absent(subject)), Val::Number(number)) => {
                if *number == 1.0 {
                    self.note(Event::SecondWord);
                }
                Val::Part(Part::Absent(subject.clone()))
            }
            (_, Val::Either(one)) => {
                let yes = self.index(object, &one.yes, span);
                let no = self.index(object, &one.no, span);
                either(&one.when, yes, no)
            }
            // `config[env]`: which one is not known, so the default will do.
            (Val::Object(_), Val::Env(env)) => match env.default.clone() {
                Some(default) => self.index(object, &default, span),
                None => Val::unknown(format!("the environment variable {} decides", env.name)),
            },
            (_, index) => match index.shown() {
                Some(name) => self.member(object, &Text::from(name), span),
                None => Val::unknown(reason_of(index)),
            },
        }
    }

    /// `list[at]` in a pattern, for what is no list.
    pub fn element(&mut self, value: &Val, at: usize) -> Val {
        let span = Span::new(0, 0);
        match value {
            Val::Part(_) | Val::Either(_) => self.index(value, &Val::Number(at as f64), span),
            value => Val::unknown(reason_of(value)),
        }
    }

    pub fn assign_place(&mut self, place: &Expr, value: Val, span: Span, scope: ScopeId) {
        let (object, name) = match &place.kind {
            ExprKind::Member { object, name } => (self.eval(object, scope), Some(name.clone())),
            ExprKind::Index { object, index } => {
                let object = self.eval(object, scope);
                let index = self.eval(index, scope);
                (object, index.shown().map(Text::from))
            }
            _ => return,
        };
        self.set_member(&object, name, value, place.span, span);
    }

    fn set_member(
        &mut self,
        object: &Val,
        name: Option<Text>,
        value: Val,
        key_span: Span,
        span: Span,
    ) {
        let id = match object {
            Val::Object(id) => *id,
            Val::Function(closure) => closure.props,
            Val::Class(class) => class.statics,
            Val::Stack(id) => self.stacks[id.0 as usize].props,
            Val::Module(module) => match (self.exports_object(*module), name) {
                (Some(id), Some(name)) => return self.set_key(id, name, value, span),
                _ => return,
            },
            Val::List(id) => {
                let at = name.and_then(|name| name.parse::<usize>().ok());
                let list = &mut self.lists[id.0 as usize];
                match at {
                    Some(at) if at < list.len() => list[at] = Spanned::new(value, span),
                    Some(at) if at == list.len() => list.push(Spanned::new(value, span)),
                    _ => {}
                }
                return;
            }
            Val::Part(Part::Response(_)) => {
                if name.as_deref() == Some("statusCode") {
                    let status = Status::of(self.status_number(&value));
                    self.set_status(status);
                }
                return;
            }
            Val::Part(Part::Request) => {
                self.note(Event::Put(name.as_deref().map(str::to_owned)));
                match self.request_props() {
                    Some(id) => id,
                    None => return,
                }
            }
            _ => return,
        };
        self.object(id).put(name, key_span, value, span);
    }
}

/// What a text can do, for a text that is not there.
fn is_method(name: &str) -> bool {
    matches!(
        name,
        "split"
            | "startsWith"
            | "replace"
            | "slice"
            | "substring"
            | "substr"
            | "trim"
            | "toLowerCase"
            | "toUpperCase"
            | "toString"
            | "match"
            | "includes"
            | "indexOf"
            | "some"
            | "find"
            | "every"
            | "filter"
            | "hasOwnProperty"
            | "test"
    )
}
