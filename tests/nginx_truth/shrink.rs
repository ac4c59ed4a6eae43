//! Makes a disagreement small: leaves out directives, header lines and the body, as long as
//! nginx and the analyzer still disagree in the same way.

use std::net::Ipv4Addr;

use crate::case::{Answer, Exchange};
use crate::compare::Difference;
use crate::tree::{Node, count, without};

/// How many smaller cases are tried at most.
const MAX_TRIES: usize = 1500;

/// A configuration with the one request that shows the disagreement.
#[derive(Clone)]
pub struct Small {
    pub config: Vec<Node>,
    pub exchange: Exchange,
    pub difference: Difference,
}

/// `judge` gives the difference of a case, if there is one.
pub fn shrink(mut small: Small, judge: &dyn Fn(&[Node], &Exchange) -> Option<Difference>) -> Small {
    let mut tries = 0;
    loop {
        let size = |small: &Small| (count(&small.config), small.exchange.to_string());
        let before = size(&small);
        shrink_config(&mut small, &mut tries, judge);
        shrink_request(&mut small, &mut tries, judge);
        if before == size(&small) || tries > MAX_TRIES {
            return small;
        }
    }
}

type Judge<'j> = &'j dyn Fn(&[Node], &Exchange) -> Option<Difference>;

fn shrink_config(small: &mut Small, tries: &mut usize, judge: Judge<'_>) {
    let mut at = 0;
    while at < count(&small.config) && *tries <= MAX_TRIES {
        let smaller = [false, true].into_iter().find_map(|keep_inner| {
            *tries += 1;
            let config = without(&small.config, at, keep_inner);
            let shrinks = count(&config) < count(&small.config);
            let difference = judge(&config, &small.exchange).filter(|_| shrinks)?;
            (difference.kind == small.difference.kind).then_some((config, difference))
        });
        match smaller {
            Some((config, difference)) => {
                small.config = config;
                small.difference = difference;
            }
            None => at += 1,
        }
    }
}

fn shrink_request(small: &mut Small, tries: &mut usize, judge: Judge<'_>) {
    let mut smaller: Vec<Exchange> = Vec::new();
    // The request line and Host stay.
    for at in 2..small.exchange.lines.len() {
        let mut exchange = small.exchange.clone();
        if !exchange.lines.remove(at).starts_with("Content-Length") {
            smaller.push(exchange);
        }
    }
    let changes: [fn(&mut Exchange); 6] = [
        |exchange| exchange.upstream.headers.clear(),
        |exchange| exchange.upstream = Answer::default(),
        |exchange| exchange.auth.headers.clear(),
        |exchange| exchange.auth = Answer::default(),
        |exchange| {
            exchange.from = Ipv4Addr::LOCALHOST.into();
            exchange.to = exchange.from;
        },
        |exchange| {
            exchange.body = 0;
            exchange
                .lines
                .retain(|line| !line.starts_with("Content-Length"));
        },
    ];
    for change in changes {
        let mut exchange = small.exchange.clone();
        change(&mut exchange);
        smaller.push(exchange);
    }
    smaller.retain(|exchange| exchange.to_string() != small.exchange.to_string());
    for exchange in smaller {
        *tries += 1;
        let Some(difference) = judge(&small.config, &exchange) else {
            continue;
        };
        if difference.kind == small.difference.kind {
            small.exchange = exchange;
            small.difference = difference;
            return;
        }
    }
}
