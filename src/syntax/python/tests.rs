use super::*;

fn module(text: &str) -> Module {
    parse(0, text.as_bytes()).unwrap()
}

#[test]
fn texts_are_put_together() {
    let module = module("a = f'{b}/c' \"\\x41\\n\" r'\\d'\n");
    let [Stmt::Assign { value, .. }] = module.body.as_slice() else {
        panic!("{module:?}");
    };
    let ExprKind::Text(parts) = &value.kind else {
        panic!("{value:?}");
    };
    let known: Vec<&str> = parts
        .iter()
        .map(|part| match part {
            Part::Known(text) => text.as_str(),
            Part::Value(_) => "*",
        })
        .collect();
    assert_eq!(known, ["*", "/c", "A\n", "\\d"]);
}

#[test]
fn a_mistake_does_not_silence_a_file() {
    let module = module("def f(:\n    x = 1\nprint 'a'\nb = 2\n");
    let is_last = matches!(module.body.last(), Some(Stmt::Assign { .. }));
    assert!(is_last, "{module:?}");
}

#[test]
fn what_means_harm_takes_no_time() {
    let deep = format!("x = {}{}", "(".repeat(200_000), ")".repeat(200_000));
    let blocks: String = (0..900)
        .map(|depth| format!("{}if x:\n", " ".repeat(depth)))
        .collect();
    let sum = format!("x = {}1\n", "1+".repeat(200_000));
    let other = "[{('".repeat(100_000);
    for text in [
        &deep,
        &blocks,
        &sum,
        &other,
        "\0\u{feff}\0",
        "a = 'b\r\n'\r\n",
    ] {
        parse(0, text.as_bytes());
    }
    parse(0, &[0xff; 5_000]);
    assert!(parse(0, &vec![b' '; LARGEST + 1]).is_none());
}
