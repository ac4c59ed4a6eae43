use super::*;

fn ok(dialect: Dialect, text: &str) -> Module {
    match parse(dialect, 0, text.as_bytes()) {
        Ok(module) => module,
        Err(problem) => panic!("{}: {text}", problem.message),
    }
}

#[test]
fn a_mistake_has_its_place() {
    let problem = parse(Dialect::JavaScript, 100, b"const a = 1;\nconst = 2;").unwrap_err();
    assert_eq!(problem.span.map(|span| span.start), Some(119));
    assert!(problem.message.starts_with("this does not parse: "));
}

#[test]
fn flow_and_jsx_are_read() {
    ok(
        Dialect::JavaScript,
        "// @flow\nfunction f(a: string): number { return 1 }",
    );
    ok(Dialect::JavaScript, "const a = <div>{1}</div>;");
    ok(Dialect::JavaScript, "return 1;");
    ok(Dialect::JavaScript, "with (a) { b }");
    ok(Dialect::Json, "{\"a\": [1, null]}");
}

/// Each of these exhausts the stack of a parser that trusts its input.
#[test]
fn no_nesting_exhausts_the_stack() {
    let shapes = [
        ("(", "1", ")"),
        ("[", "", "]"),
        ("{", "", "}"),
        ("a(", "", ")"),
        ("({a:", "1", "})"),
        ("`${", "1", "}`"),
        ("!", "a", ""),
        ("- ", "a", ""),
        ("typeof ", "a", ""),
        ("new ", "a", ""),
        ("await ", "a", ""),
        ("a=>", "1", ""),
        ("async a=>", "1", ""),
        ("a?b:", "c", ""),
        ("a=", "b", ""),
        ("a**", "b", ""),
        ("a+", "b", ""),
        ("a||", "b", ""),
        ("a.", "b", ""),
        ("if(a)", ";", ""),
        ("if(a){}else ", ";", ""),
        ("for(;;)", ";", ""),
        ("while(1)", ";", ""),
        ("do ", ";", " while(1)"),
        ("a:", ";", ""),
        ("function f(){", "", "}"),
        ("class A{a=", "1", "}"),
        ("x=class extends ", "A{}", ""),
        ("<a>", "", "</a>"),
        ("var a:A<", "B", ">"),
        ("type A = B extends C ? D : ", "E", ""),
        ("let a: keyof ", "B", ""),
        ("let [", "a", "] = 1"),
        ("a?.", "b", ""),
        ("a`b`", "", ""),
        ("import(", "a", ")"),
        ("a ? ", "b", " : c"),
    ];
    for (open, middle, close) in shapes {
        for count in [20, 400, 999, 9_000, 50_000] {
            let text = [&open.repeat(count), middle, &close.repeat(count)].concat();
            for dialect in [Dialect::JavaScript, Dialect::TypeScript, Dialect::Json] {
                let _ = parse(dialect, 0, text.as_bytes());
            }
        }
    }
}
