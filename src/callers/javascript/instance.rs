//! Clients with a memory: axios and its instances, with defaults and interceptors.

use std::cell::RefCell;
use std::rc::Rc;

use super::Reader;
use super::draft::{self, Draft, body, options, with_credentials};
use super::value::{Entry, Found, Object, Val};
use crate::callers::model::{Body, Client, CredentialsMode};
use crate::callers::text::Text;
use crate::callers::url::combined;
use crate::gates::express::read::source::ModuleId;
use crate::source::Span;

pub struct Instance {
    pub client: Client,
    /// Whose defaults it has, too.
    parent: Option<Rc<Instance>>,
    pub state: RefCell<State>,
}

#[derive(Default)]
pub struct State {
    pub bases: Vec<Text>,
    pub headers: Object,
    /// By interceptors, which an instance does not inherit.
    pub added: Object,
    pub credentials: Option<CredentialsMode>,
}

impl Instance {
    pub fn new(client: Client, parent: Option<Rc<Instance>>) -> Rc<Instance> {
        Rc::new(Instance {
            client,
            parent,
            state: RefCell::default(),
        })
    }

    /// One whose settings are not known.
    pub fn unread(client: Client) -> Rc<Instance> {
        let made = Instance::new(client, None);
        let mut unknown = Object::default();
        unknown.open();
        made.configure(&unknown);
        made
    }

    pub fn bases(&self) -> Vec<Text> {
        let own = self.state.borrow().bases.clone();
        match (own.is_empty(), &self.parent) {
            (true, Some(parent)) => parent.bases(),
            _ => own,
        }
    }

    pub fn headers(&self) -> Vec<Entry> {
        let state = self.state.borrow();
        let mut all = match &self.parent {
            Some(parent) => parent.state.borrow().headers.entries.clone(),
            None => Vec::new(),
        };
        all.extend(state.headers.entries.iter().cloned());
        all.extend(state.added.entries.iter().cloned());
        all
    }

    pub fn is_open(&self) -> bool {
        let state = self.state.borrow();
        let parent = self.parent.as_ref();
        state.headers.is_open
            || state.added.is_open
            || parent.is_some_and(|parent| parent.state.borrow().headers.is_open)
    }

    pub fn credentials(&self) -> Option<CredentialsMode> {
        let own = self.state.borrow().credentials.clone();
        own.or_else(|| self.parent.as_ref()?.credentials())
    }

    /// Somebody else may add headers.
    pub fn open(&self) {
        self.state.borrow_mut().headers.open();
    }

    /// Takes the defaults that a draft was made of.
    pub fn adopt(&self, draft: Draft) {
        let mut state = self.state.borrow_mut();
        if draft.headers.is_open {
            state.headers.open();
        }
        for entry in draft.headers.entries {
            state.headers.put(entry);
        }
        if draft.credentials.is_some() {
            state.credentials = draft.credentials;
        }
    }

    /// The options of `create`.
    fn configure(&self, config: &Object) {
        let mut state = self.state.borrow_mut();
        for name in ["baseURL", "prefixUrl", "prefix", "baseUrl"] {
            match config.get(name) {
                Found::Is(entry) => state.bases = entry.value.texts(),
                Found::Open if state.bases.is_empty() && name == "baseURL" => {
                    state.bases = vec![Text::hole("baseURL")];
                }
                _ => {}
            }
        }
        // Functions that may do anything to a request.
        for name in ["adapter", "transformRequest", "hooks", "handlers", "fetch"] {
            if !matches!(config.get(name), Found::Missing) {
                state.headers.open();
            }
        }
        match config.get("headers") {
            Found::Is(entry) => flatten(&entry.value, &mut state.headers),
            Found::Open => state.headers.open(),
            Found::Missing => {}
        }
        if let Found::Is(entry) = config.get("withCredentials") {
            state.credentials = Some(with_credentials(&entry.value, entry.span));
        }
        drop(state);
        if let Found::Is(_) = config.get("credentials") {
            let plain = Instance::new(self.client, None);
            let mut draft = Draft::new(plain, "GET", Val::Undefined);
            draft.read(config);
            self.state.borrow_mut().credentials = draft.credentials;
        }
    }
}

/// Headers as axios keeps them: for all requests, and for those of a method.
pub fn flatten(val: &Val, into: &mut Object) {
    const GROUPS: [&str; 7] = ["common", "get", "post", "put", "patch", "delete", "head"];
    let mut all = Object::default();
    all.spread(val);
    if all.is_open {
        into.open();
    }
    for entry in all.entries {
        match (&entry.value, GROUPS.contains(&&*entry.name)) {
            (inner @ Val::Object(_), true) => into.spread(inner),
            _ => into.put(entry),
        }
    }
}

impl Reader<'_> {
    /// A client as it is without instances, one for each package.
    pub fn plain(&mut self, module: ModuleId, client: Client) -> Rc<Instance> {
        let package = self.package_of(module);
        let key = (package, client);
        let shared = self.shared.entry(key);
        shared
            .or_insert_with(|| Instance::new(client, None))
            .clone()
    }

    pub fn axios(&mut self, module: ModuleId) -> Rc<Instance> {
        self.plain(module, Client::Axios)
    }

    /// From here on anything may happen to what this client sends.
    pub fn taint(&mut self, module: ModuleId, client: Client) {
        self.plain(module, client).open();
    }

    /// A call of a client or of one of its methods; `None` for the client itself.
    pub fn send_instance(
        &mut self,
        span: Span,
        instance: &Rc<Instance>,
        name: Option<&str>,
        args: &[Val],
    ) -> Val {
        let first = args.first().cloned().unwrap_or(Val::Undefined);
        let second = args.get(1).cloned().unwrap_or(Val::Undefined);
        match name {
            Some("create" | "extend" | "agent" | "defaults") => {
                let made = Instance::new(instance.client, Some(instance.clone()));
                match options(&first) {
                    Some(config) => made.configure(&config),
                    None if first.is_nothing() => {}
                    None => {
                        let mut unknown = Object::default();
                        unknown.open();
                        made.configure(&unknown);
                    }
                }
                Val::Instance(made)
            }
            None | Some("request") => {
                let (url, config) = match first {
                    Val::Object(_) | Val::OneOf(_) => (Val::Undefined, first),
                    first => (first, second),
                };
                let mut draft = Draft::new(instance.clone(), "GET", url);
                self.read_config(&mut draft, &config);
                self.note(draft, span)
            }
            Some(verb) => self.verb(span, instance, verb, args),
        }
    }

    fn verb(&mut self, span: Span, instance: &Rc<Instance>, verb: &str, args: &[Val]) -> Val {
        const VERBS: [&str; 12] = [
            "get",
            "head",
            "options",
            "delete",
            "del",
            "post",
            "put",
            "patch",
            "postForm",
            "putForm",
            "patchForm",
            "getUri",
        ];
        if !VERBS.contains(&verb) || verb == "getUri" {
            return Val::unknown(verb);
        }
        let is_form = verb.ends_with("Form");
        let method = match verb.trim_end_matches("Form") {
            "del" => "delete",
            verb => verb,
        };
        let url = args.first().cloned().unwrap_or(Val::Undefined);
        // `request.post({ url, headers })`.
        let is_whole = instance.client == Client::Request && url.as_object().is_some();
        let mut draft = Draft::new(instance.clone(), method, url);
        let has_body = matches!(method, "post" | "put" | "patch")
            && matches!(instance.client, Client::Axios | Client::Angular);
        let config = match (is_whole, has_body) {
            (true, _) => args.first(),
            (_, true) => args.get(2),
            (_, false) => args.get(1),
        };
        let config = config.cloned().unwrap_or(Val::Undefined);
        if instance.client != Client::Superagent {
            self.read_config(&mut draft, &config);
        }
        draft.method = draft::method(&Val::text(method));
        if has_body {
            let data = args.get(1).cloned().unwrap_or(Val::Undefined);
            draft.body = match is_form {
                true => Body::Form,
                false => body(&data, instance.client),
            };
        }
        let sent = self.note(draft, span);
        match instance.client {
            Client::Superagent => sent,
            _ => Val::unknown("an answer"),
        }
    }

    fn read_config(&mut self, draft: &mut Draft, config: &Val) {
        match options(config) {
            Some(config) => {
                draft.read(&config);
                for name in ["baseURL", "prefixUrl", "prefix", "baseUrl"] {
                    let Found::Is(entry) = config.get(name) else {
                        continue;
                    };
                    let base = entry.value.to_text();
                    let path = draft.url.to_text();
                    draft.url = Val::Text(combined(&base, path));
                }
            }
            None if config.is_nothing() => {}
            None => {
                let (method, body) = (draft.method.clone(), draft.body);
                draft.open();
                (draft.method, draft.body) = (method, body);
            }
        }
    }
}

/// The thing whose part it is, and the names of the parts from there.
pub fn path_of(inner: &(Val, Rc<str>)) -> (Val, Vec<Rc<str>>) {
    let mut names = vec![inner.1.clone()];
    let mut object = inner.0.clone();
    while let Val::Member(inner) = &object {
        names.push(inner.1.clone());
        let next = inner.0.clone();
        object = next;
    }
    names.reverse();
    (object, names)
}
