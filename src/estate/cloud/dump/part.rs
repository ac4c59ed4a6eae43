//! What belongs to something else, and of what it is.

use std::sync::Arc;

use crate::gates::aws::cloud::{Address, Cloud, Place, Resource};
use crate::gates::aws::kinds::{self, Kind};
use crate::problem::Problem;
use crate::source::Span;
use crate::syntax::document::{Document, Node, NodeId};

/// A document of something that only the file's path names.
pub(super) struct Part {
    pub kind: &'static Kind,
    pub file: String,
    pub span: Span,
    pub document: Arc<Document>,
    pub node: NodeId,
}

impl Part {
    /// The one thing whose id stands in the path of the file, or the only one that there is.
    pub(super) fn owner(&self, cloud: &Cloud) -> Option<Address> {
        let words: Vec<&str> = self.file.split(['/', '.', '_', '-', ' ']).collect();
        // An id may hold such signs itself.
        let is_named = |id: &str| words.contains(&id) || (id.len() > 8 && self.file.contains(id));
        let Some(owners) = self.owners() else {
            let id = words.iter().rev().find(|word| is_distribution(word))?;
            return Some(self.address(Place::default(), id));
        };
        let owners: Vec<&Resource> = cloud.all(owners).collect();
        // An export names its API in the URL at which it is served, if that is the API's own.
        if let Some(api) = self.api_of_export() {
            let owner = owners.iter().find(|owner| owner.id() == api)?;
            return Some(self.address(owner.place().clone(), owner.id()));
        }
        let last = |id: &str| id.rsplit('/').next().unwrap_or_default().to_owned();
        let named = owners.iter().find(|owner| is_named(&last(owner.id())));
        let only = match owners.as_slice() {
            [one] => Some(one),
            _ => None,
        };
        let owner = named.or(only)?;
        Some(self.address(owner.place().clone(), owner.id()))
    }

    fn address(&self, place: Place, id: &str) -> Address {
        let id = match *self.kind == kinds::EXPORT {
            true => format!("{id}/{}", stage_of(self.document.at(self.node))),
            false => id.to_owned(),
        };
        Address {
            place,
            kind: self.kind,
            id,
        }
    }

    /// What it may be a part of.
    fn owners(&self) -> Option<&'static Kind> {
        Some(match self.kind.service {
            "apigateway" if *self.kind == kinds::BASE_PATH_MAPPINGS => &kinds::DOMAIN_NAME,
            "apigateway" if *self.kind == kinds::USAGE_PLAN_KEYS => &kinds::USAGE_PLAN,
            "apigateway" => &kinds::REST_API,
            "apigatewayv2" if *self.kind == kinds::API_MAPPINGS => &kinds::HTTP_DOMAIN_NAME,
            "apigatewayv2" => &kinds::HTTP_API,
            "wafv2" => &kinds::WEB_ACL,
            _ => return None,
        })
    }

    fn api_of_export(&self) -> Option<&str> {
        let is_export = *self.kind == kinds::EXPORT;
        is_export.then(|| api_of(self.document.at(self.node)))?
    }

    pub(super) fn complaint(&self) -> Problem {
        if let Some(api) = self.api_of_export() {
            let message = format!("this is the export of the REST API {api}, which is not here");
            let help = "put what `aws apigateway get-rest-apis` prints beside it";
            return Problem::note(self.span, message).with_help(help);
        }
        let message = format!(
            "this looks like the {} of something, and nothing says of what",
            self.kind.name.replace('-', " ")
        );
        let help = "put its id into the name of the file or its folder: a1b2c3d4e5/resources.json";
        Problem::note(self.span, message).with_help(help)
    }
}

/// The API that an export is of: the beginning of its own host.
fn api_of(root: Node<'_>) -> Option<&str> {
    let url = || root.get("servers")?.items().next()?.get("url")?.text();
    let url = root.get("host").and_then(|host| host.text()).or_else(url)?;
    let host = url.trim_start_matches("https://").split('/').next()?;
    let (api, rest) = host.split_once('.')?;
    rest.starts_with("execute-api.").then_some(api)
}

/// The stage that an export is of: the end of the URL at which it is served.
fn stage_of(root: Node<'_>) -> String {
    let of_server = || {
        let server = root.get("servers")?.items().next()?;
        let stage = server
            .get("variables")
            .and_then(|all| Some(all.get("basePath")?.get("default")?.text()?.to_owned()));
        let url = || Some(server.get("url")?.text()?.rsplit('/').next()?.to_owned());
        stage.or_else(url)
    };
    let of_base = || Some(root.get("basePath")?.text()?.to_owned());
    let stage = of_base().or_else(of_server).unwrap_or_default();
    stage.trim_matches('/').to_owned()
}

/// `E2EXAMPLE1ABCD`
fn is_distribution(word: &str) -> bool {
    let is_id = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    word.len() > 9 && word.starts_with('E') && word.bytes().all(is_id)
}
