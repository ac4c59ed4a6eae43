//! Classes and what is made of them.

use std::rc::Rc;
use std::sync::Arc;

use super::run::Run;
use super::val::*;
use crate::source::{Span, Spanned};
use crate::syntax::javascript::{Class, MemberKind, Text};

impl Run<'_> {
    pub fn new_class(&mut self, class: &Arc<Class>, scope: ScopeId) -> Rc<ClassVal> {
        let parent = class.parent.as_ref().map(|parent| self.eval(parent, scope));
        let statics = self.new_object();
        let inner = self.new_scope(Some(scope), false);
        let value = Rc::new(ClassVal {
            class: class.clone(),
            scope: inner,
            module: self.module,
            parent,
            statics,
        });
        let this = Val::Class(value.clone());
        if let Some(name) = &class.name {
            self.declare(inner, name, this.clone());
        }
        self.declare(inner, &Text::from("this"), this.clone());
        for member in class.members.iter().filter(|member| member.is_static) {
            let Some(key) = self.key_text(&member.key, inner) else {
                continue;
            };
            let value = match &member.kind {
                MemberKind::Method(function) => {
                    let home = Some((value.clone(), None));
                    self.closure_of(function, inner, Some(key.clone()), home)
                }
                MemberKind::Getter(function) => match self.closure(function, inner) {
                    Val::Function(closure) => Val::Getter(closure),
                    other => other,
                },
                MemberKind::Field(Some(field)) => self.eval_named(field, inner, Some(key.clone())),
                MemberKind::Field(None) => Val::Undefined,
            };
            self.set_key(statics, key, value, class.span);
        }
        value
    }

    pub fn static_member(&mut self, class: &Rc<ClassVal>, name: &Text, this: &Val) -> Val {
        match self.object(class.statics).get(name).cloned() {
            Some(Val::Getter(closure)) => {
                self.call_closure(&closure, Vec::new(), Some(this.clone()))
            }
            Some(value) => value,
            None => match (&class.parent, &**name) {
                (_, "prototype") => {
                    let id = self.new_object();
                    self.object(id).proto = Proto::Class(class.clone());
                    Val::Object(id)
                }
                (_, "name") => match &class.class.name {
                    Some(name) => Val::Text(name.clone()),
                    None => Val::Undefined,
                },
                (Some(Val::Class(parent)), _) => {
                    let parent = parent.clone();
                    self.deeper(|run| run.static_member(&parent, name, this))
                        .unwrap_or(Val::Undefined)
                }
                (Some(_), _) => Val::unknown("the class above it is not known"),
                (None, _) => Val::Undefined,
            },
        }
    }

    /// A method or getter of an object's class, or of one above it.
    pub fn class_member(&mut self, class: &Rc<ClassVal>, name: &Text, this: &Val) -> Option<Val> {
        for member in class
            .class
            .members
            .iter()
            .filter(|member| !member.is_static)
        {
            if self.key_text(&member.key, class.scope).as_ref() != Some(name) {
                continue;
            }
            match &member.kind {
                MemberKind::Method(function) => {
                    return Some(self.method(class, function, name, this));
                }
                MemberKind::Getter(function) => {
                    let getter = self.method(class, function, name, this);
                    return Some(self.call(getter, Vec::new(), function.span, Some(this.clone())));
                }
                MemberKind::Field(_) => {}
            }
        }
        match &class.parent {
            Some(Val::Class(parent)) => {
                let parent = parent.clone();
                self.deeper(|run| run.class_member(&parent, name, this))
                    .flatten()
            }
            Some(_) => Some(Val::unknown("the class above it is not known")),
            None => None,
        }
    }

    fn method(
        &mut self,
        class: &Rc<ClassVal>,
        function: &Arc<crate::syntax::javascript::Function>,
        name: &Text,
        this: &Val,
    ) -> Val {
        let here = std::mem::replace(&mut self.module, class.module);
        let home = Some((class.clone(), Some(this.clone())));
        let method = self.closure_of(function, class.scope, Some(name.clone()), home);
        self.module = here;
        method
    }

    pub fn instantiate(&mut self, class: &Rc<ClassVal>, args: Vec<Spanned<Val>>) -> Val {
        let id = self.new_object();
        self.object(id).proto = Proto::Class(class.clone());
        let this = Val::Object(id);
        if self.is_called_too_often(class.class.constructor.as_deref()) {
            return Val::unknown("it makes itself");
        }
        self.deeper(|run| run.initialise(class, id, &this, args));
        this
    }

    /// Fields, then the constructor; the ones of the class above when that is called, or first.
    pub fn initialise(
        &mut self,
        class: &Rc<ClassVal>,
        id: ObjectId,
        this: &Val,
        args: Vec<Spanned<Val>>,
    ) {
        let Some(constructor) = class.class.constructor.clone() else {
            self.super_call(class, id, this, args);
            return;
        };
        if class.parent.is_none() {
            self.fields(class, id, this);
        }
        let here = std::mem::replace(&mut self.module, class.module);
        let home = Some((class.clone(), Some(this.clone())));
        let method = self.closure_of(&constructor, class.scope, None, home);
        if let Val::Function(closure) = method {
            for (param, arg) in constructor.params.iter().zip(&args) {
                if param.is_field
                    && let Some(name) = super::pattern::pattern_name(&param.pattern)
                {
                    self.set_key(id, name, arg.value.clone(), arg.span);
                }
            }
            self.call_closure(&closure, args, Some(this.clone()));
        }
        self.module = here;
    }

    /// `super(…)` in the constructor of a class.
    pub fn super_call(
        &mut self,
        class: &Rc<ClassVal>,
        id: ObjectId,
        this: &Val,
        args: Vec<Spanned<Val>>,
    ) {
        match &class.parent {
            Some(Val::Class(parent)) => {
                let parent = parent.clone();
                self.deeper(|run| run.initialise(&parent, id, this, args));
            }
            Some(_) => self.object(id).is_open = true,
            None => {}
        }
        self.fields(class, id, this);
    }

    fn fields(&mut self, class: &Rc<ClassVal>, id: ObjectId, this: &Val) {
        let here = std::mem::replace(&mut self.module, class.module);
        let scope = self.new_scope(Some(class.scope), true);
        self.declare(scope, &Text::from("this"), this.clone());
        for member in class
            .class
            .members
            .iter()
            .filter(|member| !member.is_static)
        {
            if let MemberKind::Field(Some(field)) = &member.kind
                && let Some(key) = self.key_text(&member.key, scope)
            {
                let span = field.span;
                let value = self.eval_named(field, scope, Some(key.clone()));
                self.set_key(id, key, value, span);
            }
        }
        self.module = here;
    }

    /// `super.name`, which is looked up above the class of the running method.
    pub fn super_member(&mut self, name: &Text, scope: ScopeId) -> Val {
        let this = self.lookup(scope, "this").unwrap_or(Val::Undefined);
        match self.lookup(scope, "%home") {
            Some(Val::Class(class)) => match &class.parent {
                Some(Val::Class(parent)) => {
                    let parent = parent.clone();
                    let member = self.class_member(&parent, name, &this);
                    member.unwrap_or(Val::Undefined)
                }
                _ => Val::unknown("the class above it is not known"),
            },
            _ => Val::unknown("the class above it is not known"),
        }
    }

    pub fn construct(&mut self, callee: Val, args: Vec<Spanned<Val>>, span: Span) -> Val {
        match &callee {
            Val::Class(class) => self.instantiate(class, args),
            Val::Function(closure) => self.construct_by(closure, args),
            Val::Either(one) => {
                let (yes, no) = self.fork(
                    &one.when,
                    |run| run.construct(one.yes.clone(), args.clone(), span),
                    |run| run.construct(one.no.clone(), args.clone(), span),
                );
                either(&one.when, yes, no)
            }
            Val::Global(name) => match &**name {
                "Promise" => {
                    self.call_back(&args);
                    Val::unknown("it is a promise")
                }
                "Error" | "TypeError" => self.error_object(&args, span),
                "Set" | "Map" => match args.first() {
                    Some(items) => items.value.clone(),
                    None => self.new_list(Vec::new()),
                },
                _ => self.call(callee.clone(), args, span, None),
            },
            _ => self.call(callee, args, span, None),
        }
    }

    /// `new F()` of a function: an object whose prototype is `F.prototype`.
    fn construct_by(&mut self, closure: &Rc<Closure>, args: Vec<Spanned<Val>>) -> Val {
        let id = self.new_object();
        if let Some(Val::Object(proto)) = self.object(closure.props).get("prototype") {
            let proto = *proto;
            self.object(id).proto = Proto::Object(proto);
        }
        let this = Val::Object(id);
        match self.call_closure(closure, args, Some(this.clone())) {
            Val::Object(made) => Val::Object(made),
            Val::Stack(made) => Val::Stack(made),
            _ => this,
        }
    }

    fn error_object(&mut self, args: &[Spanned<Val>], span: Span) -> Val {
        let id = self.new_object();
        if let Some(message) = args.first() {
            self.set_key(
                id,
                Text::from("message"),
                message.value.clone(),
                message.span,
            );
        }
        self.set_key(id, Text::from("name"), Val::Text(Text::from("Error")), span);
        Val::Object(id)
    }
}
