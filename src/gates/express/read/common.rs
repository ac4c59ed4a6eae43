//! What the readers share.

use super::super::model::*;
use crate::source::{Span, Spanned};

/// `use` without a path.
pub fn everywhere(span: Span) -> Paths {
    Paths(vec![Spanned::new(Path::Text("/".into()), span)])
}

/// The routes that code registers beside what the file says. `usual` is whether they are what the
/// application is for: else something in the file is, and they are only possible.
pub fn routes(span: Span, usual: bool) -> Item {
    let callee = Callee::Written(Written::Routes { usual });
    let layer = Layer::new("the application's routes", span, callee);
    match usual {
        true => mounted_routes(span, everywhere(span), layer),
        false => Item {
            span,
            when: None,
            what: What::Use {
                at: everywhere(span),
                layer,
            },
        },
    }
}

/// Routes behind a path, as a door: whatever the method and the rest of the path.
pub fn mounted_routes(span: Span, at: Paths, layer: Layer) -> Item {
    let route = Item {
        span,
        when: None,
        what: What::Route {
            methods: Methods::All,
            at: Paths(vec![Spanned::new(Path::Text("*".into()), span)]),
            chain: vec![layer],
        },
    };
    let router = Router {
        stack: vec![route],
        ..Router::default()
    };
    Item {
        span,
        when: None,
        what: What::Router { at, router },
    }
}
