//! Damaged files: whatever they hold, the tree stays inside of them.

use why403::syntax::nginx::{Body, Directive, Tree};

use crate::outline::tree;
use crate::random::Random;

const SAMPLES: [&str; 4] = [
    "# c\nhttp {\r\n log_format m 'a $b'\n  \"c\\\"d\";\n server { listen 80; location ~ \"^/x{2}\" {\n \
     if ($a = \"b\") { return 403; } set $c x}y${z}; } } }\n",
    "location / {\n access_by_lua_block { local a = [==[ } ]==] -- don't\n if {} then \"}\" end }\n \
     set_by_lua_block $x { return '\\'' --[[ } ]] }\n deny all;\n}\n",
    "{# c #}\n{% if x %}\nserver { listen {{ port | f(\"}\") }};\n{% else %}\nserver {\n{% endif %}\n\
     {{ if .a }}a \"{{ b }}\";{{ else }}c;{{ end }}\n @EXTRA@\n ${EXTRA}\n root @R@/x;\n}\n",
    "<%- | $a | -%>\n<% if $x { -%>\na <%= $b['c'] %>;\n<% } elsif $y { -%>\nb;\n<% } -%>\n\
     {{#each s}}server {{{ . }}};{{/each}}\nmap $a $b { \"\" 1; ~^{{x}} '2'; }\n",
];

const FRAGMENTS: [&str; 26] = [
    "{",
    "}",
    ";",
    "\"",
    "'",
    "\\",
    "#",
    "\n",
    " ",
    "$",
    "${",
    "{{",
    "}}",
    "{%",
    "%}",
    "<%",
    "%>",
    "{#",
    "#}",
    "@A@",
    "[[",
    "--",
    "\u{feff}",
    "{% if x %}",
    "{% else %}",
    "{{ end }}",
];

#[test]
fn damaged_files_keep_every_span_inside() {
    let mut random = Random::new(403);
    for round in 0..20_000 {
        let mut text = random.pick(&SAMPLES).as_bytes().to_vec();
        for _ in 0..=random.below(5) {
            damage(&mut text, &mut random);
        }
        let tree = tree(&text);
        check(&tree, round);
    }
}

fn damage(text: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(text.len() + 1);
    match random.below(4) {
        0 => text.truncate(at.max(1)),
        1 if at < text.len() => {
            text.remove(at);
        }
        2 if at < text.len() => text[at] = random.below(256) as u8,
        _ => {
            let fragment = random.pick(&FRAGMENTS).bytes();
            text.splice(at..at, fragment);
        }
    }
}

fn check(tree: &Tree, round: usize) {
    let errors = tree.errors.iter().map(|error| error.span);
    for span in errors.chain(tree.comments.iter().copied()) {
        assert!(tree.span().contains(span), "round {round}");
    }
    let mut todo: Vec<Directive> = tree.directives().collect();
    while let Some(directive) = todo.pop() {
        assert!(tree.span().contains(directive.span()), "round {round}");
        assert!(
            directive.span().contains(directive.head_span()),
            "round {round}"
        );
        assert!(
            directive.span().contains(directive.name_span()),
            "round {round}"
        );
        for token in directive.args() {
            assert!(
                directive.head_span().contains(token.span()),
                "round {round}"
            );
            assert!(token.value().len() <= token.span().len(), "round {round}");
        }
        if let Body::Lua(code) = directive.body() {
            assert!(directive.span().contains(code), "round {round}");
        }
        for child in directive.children() {
            assert!(directive.span().contains(child.span()), "round {round}");
            todo.push(child);
        }
    }
}
