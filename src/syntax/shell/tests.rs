use super::*;

fn words(text: &str) -> Vec<Vec<String>> {
    of(text, Style::Script)
}

/// Each command's words, with `{NAME}` for a variable and `{}` for what is open.
fn of(text: &str, style: Style) -> Vec<Vec<String>> {
    let shown = |word: &Word| {
        let parts = word.parts.iter().map(|part| match part {
            Part::Known(text) => text.clone(),
            Part::Variable { name, default } => match default {
                Some(default) => format!("{{{name}:{default}}}"),
                None => format!("{{{name}}}"),
            },
            Part::Open(_) => "{}".to_owned(),
        });
        parts.collect::<String>()
    };
    let commands = commands(At::Base(0), text.as_bytes(), style);
    let all = commands.iter().map(|command| {
        let sets = command.sets.iter();
        let sets = sets.map(|(name, word)| format!("{name}={}", shown(word)));
        sets.chain(command.words.iter().map(shown)).collect()
    });
    all.collect()
}

#[test]
fn words_and_commands() {
    assert_eq!(
        words("curl -H 'a: b' \"$URL/x\" && echo ok; A=1 B=\"$C\" run # comment\nnext"),
        [
            vec!["curl", "-H", "a: b", "{URL}/x"],
            vec!["echo", "ok"],
            vec!["A=1", "B={C}", "run"],
            vec!["next"],
        ]
    );
    assert_eq!(
        words("curl \\\r\n  -d '{\"a\":\n1}' \\\n  x > out.txt 2>&1"),
        [vec!["curl", "-d", "{\"a\":\n1}", "x"]]
    );
}

#[test]
fn variables_of_all_kinds() {
    assert_eq!(
        words(
            "a ${X:-https://a.test} ${X%/} ${X//a/b} $1 \"$@\" ${{ vars.API }}/b ${{ steps.x.outputs.y }} \\$x"
        ),
        [vec![
            "a",
            "{X:https://a.test}",
            "{X}",
            "{}",
            "{}",
            "{}",
            "{API}/b",
            "{}",
            "$x"
        ]]
    );
    assert_eq!(
        words("B=$(curl -s \"$(get x)\" | jq .a) c `d e`"),
        [
            vec!["get", "x"],
            vec!["curl", "-s", "{}"],
            vec!["jq", ".a"],
            vec!["d", "e"],
            vec!["B={}", "c", "{}"],
        ]
    );
    assert_eq!(
        of("curl $(URL)/a $${B}/c $$(d e)", Style::Make),
        [vec!["d", "e"], vec!["curl", "{URL}/a", "{B}/c", "{}"]]
    );
}

#[test]
fn documents_are_left_out() {
    assert_eq!(
        words("cat <<'EOF' > x\ncurl a\nEOF\ncurl b <<-END\n\tcurl c\n\tEND\n"),
        [vec!["cat"], vec!["curl", "b"]]
    );
}

#[test]
fn a_folded_line_goes_on() {
    assert_eq!(
        of("curl -X POST\n    a\n\n    b\n", Style::Folded),
        [vec!["curl", "-X", "POST", "a"], vec!["b"]]
    );
}

#[test]
fn spans_are_those_of_the_words() {
    let text = "  curl 'a b'/c\n";
    let commands = commands(At::Base(100), text.as_bytes(), Style::Script);
    let spans: Vec<Span> = commands[0].words.iter().map(|word| word.span).collect();
    assert_eq!(spans, [Span::new(102, 106), Span::new(107, 114)]);
}

#[test]
fn what_means_harm_takes_no_time() {
    let open = [
        "\"", "'", "`", "$(", "${", "${{", "<<", "<<E\n", "\\", "$((", "$'", "((((", "\"$(",
    ];
    for text in open {
        words(&text.repeat(20_000));
        words(&format!("curl {text}"));
    }
    words(&"a".repeat(10 << 20));
    words(&"x;".repeat(100_000));
    commands(At::Base(0), &[0xff, 0xfe, b'\\', 0xc3], Style::Make);
}
