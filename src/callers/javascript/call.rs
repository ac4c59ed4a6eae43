//! Calls: of functions that are here, of what every script has, and of clients.

use std::rc::Rc;

use super::scope::Scope;
use super::signer::is_amplify;
use super::value::{Closure, Entry, Val};
use super::{Client, MOST_CALLS, MOST_STEPS_INSIDE, Reader};
use crate::source::Span;
use crate::syntax::javascript::{Argument, Expr, ExprKind};

impl Reader<'_> {
    pub fn call(&mut self, scope: &Rc<Scope>, span: Span, callee: &Expr, args: &[Argument]) -> Val {
        if let (ExprKind::Name(name), [Argument::One(from)]) = (&callee.kind, args)
            && &**name == "require"
            && let ExprKind::Text(from) = &from.kind
        {
            return self.require(scope.module, from);
        }
        let function = self.eval(scope, callee);
        let args: Vec<Val> = args.iter().map(|arg| self.argument(scope, arg)).collect();
        if let ExprKind::Member { name, .. } = &callee.kind
            && matches!(&**name, "forEach" | "map" | "reduce")
        {
            args.iter().for_each(|arg| self.for_each(arg));
        }
        match &function {
            Val::Function(_) => self.invoke(&function, &args, Some(span)),
            Val::Instance(instance) => {
                let instance = instance.clone();
                self.send_instance(span, &instance, None, &args)
            }
            Val::Global("fetch") => self.fetch(scope.module, span, &args),
            Val::Signer(signer) => self.fetch_signed(scope, span, &signer.clone(), &args),
            Val::Member(member) => {
                let (object, name) = &**member;
                self.method_call(scope, span, object, name, &args)
            }
            Val::Package(package, Some(name)) => {
                self.package_call(scope, span, package, name, &args)
            }
            // `import sign from 'aws4-axios'`.
            Val::Package(package, None) => {
                self.package_call(scope, span, package, "default", &args)
            }
            Val::OneOf(vals) => {
                let functions = vals.iter().filter(|val| matches!(val, Val::Function(_)));
                let all: Vec<Val> = functions
                    .map(|function| self.invoke(function, &args, Some(span)))
                    .collect();
                Val::one_of(all)
            }
            _ => {
                self.hand_over(callee, &args);
                match &callee.kind {
                    ExprKind::Name(name) if is_pure(name) => {
                        args.first().cloned().unwrap_or(Val::Undefined)
                    }
                    ExprKind::Name(name) => Val::unknown(name),
                    ExprKind::Member { name, .. } => Val::unknown(name),
                    _ => Val::unknown("an answer"),
                }
            }
        }
    }

    /// Values are given to somebody who is not known: functions may be called, headers may be added.
    fn hand_over(&mut self, callee: &Expr, args: &[Val]) {
        if let ExprKind::Member { object, name } = &callee.kind {
            if &**name == "ajaxSend" {
                self.taint(self.current, Client::JQuery);
            }
            if matches!(&object.kind, ExprKind::Name(name) if &**name == "console") {
                return;
            }
        }
        lend(args);
        for arg in args {
            self.call_back(arg);
        }
    }

    /// What is called inside of a call is walked through at once: it may be what sends.
    pub fn call_back(&mut self, function: &Val) {
        if let Val::Function(closure) = function
            && !self.through.is_empty()
            && self.through.len() < MOST_CALLS
        {
            let scope = Scope::inside(&closure.scope);
            self.set_this(&scope, closure);
            for one in &closure.function.params {
                self.bind(&scope, &one.pattern, Val::unknown("an argument"), true);
            }
            self.returns.push(Vec::new());
            self.body(&scope, &closure.function.body);
            self.returns.pop();
        }
    }

    /// What is called for each of several things changes at once what it stands beside:
    /// `Object.keys(signed).forEach((name) => { headers[name] = signed[name] })`. What it sends is
    /// looked for later.
    fn for_each(&mut self, function: &Val) {
        if let Val::Function(closure) = function
            && self.through.is_empty()
        {
            let was_seed = std::mem::replace(&mut self.is_seed, false);
            let until = self.until;
            self.until = until.min(self.steps + MOST_STEPS_INSIDE);
            self.conditions += 1;
            let scope = Scope::inside(&closure.scope);
            self.set_this(&scope, closure);
            for one in &closure.function.params {
                self.bind(&scope, &one.pattern, Val::unknown("an argument"), true);
            }
            self.returns.push(Vec::new());
            self.body(&scope, &closure.function.body);
            self.returns.pop();
            self.conditions -= 1;
            self.until = until;
            self.is_seed = was_seed;
        }
    }

    fn package_call(
        &mut self,
        scope: &Rc<Scope>,
        span: Span,
        package: &str,
        name: &str,
        args: &[Val],
    ) -> Val {
        if let Some(val) = self.node_http(scope, span, package, name, args) {
            return val;
        }
        if let Some(val) = self.signing_call(span, package, name, args) {
            return val;
        }
        match (package, name) {
            ("url", "parse") => args.first().cloned().unwrap_or(Val::Undefined),
            (package, verb) if is_amplify(package) => self.amplify(scope, span, verb, args),
            ("@angular/core", "inject") => Val::Instance(self.plain(scope.module, Client::Angular)),
            (package, name) => {
                if !adds_nothing(package) {
                    lend(args);
                }
                Val::unknown(name)
            }
        }
    }

    /// Calls a function that is here. `site` is where, if calls that it sends are to be told of there.
    pub fn invoke(&mut self, function: &Val, args: &[Val], site: Option<Span>) -> Val {
        let Val::Function(closure) = function else {
            return Val::unknown("an answer");
        };
        if self.through.len() >= MOST_CALLS {
            lend(args);
            return Val::unknown("an answer");
        }
        let span = site.unwrap_or(closure.function.span);
        let until = self.until;
        if self.through.is_empty() {
            self.until = until.min(self.steps + MOST_STEPS_INSIDE);
        }
        self.through.push(span);
        let conditions = std::mem::take(&mut self.conditions);
        let val = self.run(closure, args);
        // What comes after the end of what is followed is not known.
        if self.steps >= self.until {
            lend(args);
        }
        self.conditions = conditions;
        self.through.pop();
        self.until = until;
        val
    }

    fn run(&mut self, closure: &Rc<Closure>, args: &[Val]) -> Val {
        let function = &closure.function;
        let scope = Scope::inside(&closure.scope);
        self.set_this(&scope, closure);
        for (at, one) in function.params.iter().enumerate() {
            let val = args.get(at).cloned().unwrap_or(Val::Undefined);
            self.bind(&scope, &one.pattern, val, true);
        }
        if let Some(rest) = &function.rest {
            // `(...args) => send(...args)` is not taken apart.
            self.bind(&scope, rest, Val::unknown("arguments"), true);
        }
        self.returns.push(Vec::new());
        self.body(&scope, &function.body);
        let mut returns = self.returns.pop().unwrap_or_default();
        if let crate::syntax::javascript::Body::Block(body) = &function.body
            && !ends_so(body)
        {
            returns.push(Val::Undefined);
        }
        Val::one_of(returns)
    }

    fn method_call(
        &mut self,
        scope: &Rc<Scope>,
        span: Span,
        object: &Val,
        name: &str,
        args: &[Val],
    ) -> Val {
        let first = args.first().cloned().unwrap_or(Val::Undefined);
        match object {
            Val::Instance(instance) => {
                let instance = instance.clone();
                return self.send_instance(span, &instance, Some(name), args);
            }
            Val::Signer(signer) => {
                return self.signer_method(scope, span, &signer.clone(), name, args);
            }
            Val::Package(package, Some(whole)) => {
                if is_amplify(package) && matches!(&**whole, "API" | "RestAPI" | "Api") {
                    return self.amplify(scope, span, name, args);
                }
                // `Signer.sign(request, keys, service)` of Amplify.
                if &**whole == "Signer" && name == "sign" {
                    let signed = self.signing_call(span, package, "signRequest", args);
                    return signed.unwrap_or(Val::unknown(name));
                }
                return Val::unknown(name);
            }
            Val::Unknown { .. } if matches!(name, "handle" | "handleRequest") => {
                return self.handle(scope, span, args);
            }
            Val::Draft(draft) => {
                draft.borrow_mut().method(name, args, span);
                if name == "open" {
                    self.opened.insert(Rc::as_ptr(draft), span);
                }
                if name == "send" {
                    self.note_draft(draft);
                }
                return object.clone();
            }
            Val::Global("$") => return self.jquery(scope.module, span, name, args),
            Val::Global("JSON") if name == "stringify" => return Val::Body,
            Val::Global("window") if name == "fetch" => {
                return self.fetch(scope.module, span, args);
            }
            // `axios.interceptors.request.use(…)`, `axios.defaults.…`.
            Val::Member(inner) => return self.deep_method(span, inner, name, args),
            Val::Object(headers) => match name {
                "append" | "set" => {
                    let value = args.get(1).cloned().unwrap_or(Val::Undefined);
                    let mut headers = headers.borrow_mut();
                    match first.to_text().plain() {
                        Some(name) if args.len() > 1 => headers.put(Entry {
                            name: name.into(),
                            value,
                            span,
                            is_sure: self.conditions == 0,
                        }),
                        _ => headers.open(),
                    }
                    return object.clone();
                }
                "then" | "catch" | "finally" => return object.clone(),
                _ => return Val::unknown(name),
            },
            Val::Text(text) => {
                return match name {
                    "concat" => Val::Text(text.clone().joined(first.to_text())),
                    "trim" | "toString" => object.clone(),
                    // A slash more or less at the end changes nothing that matters here.
                    "replace" if text.plain().is_none() => object.clone(),
                    _ => Val::unknown(name),
                };
            }
            Val::Unknown { name: whole, .. } if &**whole == "Object" => {
                return self.object_call(name, args);
            }
            _ => {}
        }
        Val::unknown(name)
    }

    /// `Object.assign({}, a, b)`, `Object.freeze(a)`.
    pub fn object_call(&mut self, name: &str, args: &[Val]) -> Val {
        match name {
            "assign" => {
                if let Some(Val::Object(target)) = args.first() {
                    for arg in &args[1..] {
                        target.borrow_mut().spread(arg);
                        self.steps += target.borrow().entries.len();
                    }
                }
                args.first().cloned().unwrap_or(Val::Undefined)
            }
            "freeze" | "seal" => args.first().cloned().unwrap_or(Val::Undefined),
            name => Val::unknown(name),
        }
    }

    /// A closure's parameters as they are named, for whoever calls it with something special.
    pub fn call_with(&mut self, closure: &Rc<Closure>, first: Val) -> Val {
        let scope = Scope::inside(&closure.scope);
        self.set_this(&scope, closure);
        let conditions = std::mem::take(&mut self.conditions);
        if let Some(one) = closure.function.params.first() {
            self.bind(&scope, &one.pattern, first, true);
        }
        for one in closure.function.params.iter().skip(1) {
            self.bind(&scope, &one.pattern, Val::unknown("an argument"), true);
        }
        self.returns.push(Vec::new());
        self.through.push(closure.function.span);
        self.body(&scope, &closure.function.body);
        self.through.pop();
        self.conditions = conditions;
        Val::one_of(self.returns.pop().unwrap_or_default())
    }
}

/// Packages that take a client and leave alone what it sends.
pub fn adds_nothing(package: &str) -> bool {
    matches!(
        package,
        "vue-axios"
            | "axios-retry"
            | "retry-axios"
            | "axios-mock-adapter"
            | "axios-cookiejar-support"
            | "axios-logger"
            | "axios-debug-log"
    )
}

/// Values are given to somebody who is not known: an object may get headers, a client an
/// interceptor.
pub fn lend(args: &[Val]) {
    if args
        .iter()
        .any(|arg| matches!(arg, Val::Package(package, _) if adds_nothing(package)))
    {
        return;
    }
    for one in args.iter().flat_map(Val::alternatives) {
        lend_one(&one);
        // `sign({ request, service })`.
        if let Val::Object(object) = one {
            let entries = object.borrow().entries.clone();
            entries.iter().for_each(|entry| lend_one(&entry.value));
        }
    }
}

fn lend_one(val: &Val) {
    match val {
        Val::Object(object) => {
            let headers = object.borrow().value("headers");
            object.borrow_mut().is_lent = true;
            if let Some(Val::Object(headers)) = headers {
                headers.borrow_mut().open();
            }
        }
        Val::Instance(instance) => instance.open(),
        // `sign(req)`, of Node's requests.
        Val::Draft(draft) if draft.borrow().instance.client == Client::NodeHttp => {
            draft.borrow_mut().headers.open();
        }
        _ => {}
    }
}

/// Functions that change nothing that matters here.
fn is_pure(name: &str) -> bool {
    matches!(name, "String" | "encodeURI" | "toValue" | "unref")
}

/// Whether a function's last statement gives something back.
fn ends_so(body: &[crate::syntax::javascript::Stmt]) -> bool {
    use crate::syntax::javascript::StmtKind;
    match body.last().map(|stmt| &stmt.kind) {
        Some(StmtKind::Return(_) | StmtKind::Throw(_)) => true,
        Some(StmtKind::Block(body)) => ends_so(body),
        Some(StmtKind::If {
            yes, no: Some(no), ..
        }) => ends_so(std::slice::from_ref(yes)) && ends_so(std::slice::from_ref(no)),
        Some(StmtKind::Try { block, .. }) => ends_so(block),
        _ => false,
    }
}
