//! Configurations that a template language makes.

use crate::outline::{errors, outline, tree};

fn reads(text: &str, expected: &str) {
    assert_eq!(outline(text), expected);
    assert_eq!(errors(text), Vec::<String>::new(), "{text}");
    assert!(tree(text).is_template, "{text}");
}

#[test]
fn a_mark_in_a_token_makes_it_opaque() {
    reads("listen {{ port }};", "listen «{{ port }}»;");
    reads("listen {{port}} ssl;", "listen «{{port}}» ssl;");
    reads(
        "root /a/{{ b | default(\"x;{y\") }}/c;",
        "root «/a/{{ b | default(\"x;{y\") }}/c»;",
    );
    reads("a \"b {{ c \"d\" }} e\";", "a «\"b {{ c \"d\" }} e\"»;");
    reads("a '{{ b['c'] }}';", "a «'{{ b['c'] }}'»;");
    reads("a {{{ b }}};", "a «{{{ b }}}»;");
    reads("a {{ {'b': {'c': 1}} }};", "a «{{ {'b': {'c': 1}} }}»;");
    reads("a ${{ b }};", "a «${{ b }}»;");
    reads("root <%= @root %>/x;", "root «<%= @root %>/x»;");
    reads(
        "root @PREFIX@/x; a \"@B_2@\";",
        "root «@PREFIX@/x»; a «\"@B_2@\"»;",
    );
    reads(
        "location {{ path }} { deny all; }",
        "location «{{ path }}» { deny all; }",
    );
    reads(
        "location /{{ path }}{ deny all; }",
        "location «/{{ path }}» { deny all; }",
    );
    reads("{{ name }} {{ value }};", "{{ name }} «{{ value }}»;");
    reads("a {{ b\n | c }};", "a «{{ b\n | c }}»;");
}

#[test]
fn marks_of_their_own_are_passed() {
    reads("{{ ansible }}\na;", "a;");
    reads("a;\n  {{ include \"x\" . | indent 4 }}\nb;", "a; b;");
    reads("s { {{ x }} }", "s {  }");
    reads("{# a; b { \" #}\nc;", "c;");
    reads("{%- set x = 1 -%}\n{% include 'y' %}\nc;", "c;");
    reads("<%# a %>\n<%- | $a, $b | -%>\n<% x = 1 -%>\nc;", "c;");
    reads("{{/* it's */}}\n{{! it's }}\n{{- $x := .y -}}\nc;", "c;");
    reads("{{- /* a; it's\n {{ b }} */ -}}\nc;", "c;");
    reads("s {\n @EXTRA@\n ${EXTRA}\n a;\n}", "s { a; }");
    reads("# {{ ansible_managed }}\na;", "a;");
}

#[test]
fn braced_variables_alone_make_no_template() {
    for text in ["a ${B};", "${A} b;"] {
        assert!(!tree(text).is_template);
        assert_eq!(errors(text), Vec::<String>::new());
    }
}

#[test]
fn what_a_condition_holds_is_marked_with_its_branch() {
    reads("a;\n{% if x %}\nb;\n{% endif %}\nc;", "a; b?1; c;");
    reads(
        "{{ if .x }}\na;\n{{ range .y }}b;{{ end }}\nc;\n{{ end }}\nd;",
        "a?1; b?2; c?1; d;",
    );
    reads(
        "{{#if x}}a;{{/if}}\n{{#each y}}b;{{/each}} c;",
        "a?1; b?2; c;",
    );
    reads(
        "<% if @x %>\na;\n<% end %>\n<% @y.each do |z| -%>\nb;\n<% end -%>\nc;",
        "a?1; b?2; c;",
    );
    reads(
        "<% if $x { -%>\na;\n<% } -%>\n<% $y.each |$z| { -%>\nb;\n<% } %>c;",
        "a?1; b?2; c;",
    );
    reads(
        "{% for a in b %}{% if c %}d;{% endif %}e;{% endfor %}f;",
        "d?2; e?1; f;",
    );
    reads(
        "s {\n{% if x %}\na {\nb; }\n{% endif %}\n}",
        "s { a?1 { b?1; } }",
    );
}

#[test]
fn alternatives_are_left_out() {
    reads(
        "{% if x %}a;{% elif y %}b;{% else %}c;{% endif %}d;",
        "a?1; d;",
    );
    reads(
        "{{ if .x }}a;{{ else if .y }}b;{{ else }}c;{{ end }}d;",
        "a?1; d;",
    );
    reads("{{#if x}}a;{{else}}b;{{/if}}c;", "a?1; c;");
    reads(
        "<% if x %>a;<% elsif y %>b;<% else %>c;<% end %>d;",
        "a?1; d;",
    );
    reads(
        "<% if $x { %>a;<% } elsif $y { %>b;<% } else { %>c;<% } %>d;",
        "a?1; d;",
    );
    reads(
        "<% case x %><% when 1 %>a;<% when 2 %>b;<% end %>c;",
        "a?1; c;",
    );
    reads(
        "{% if x %}a;{% else %}{% if y %}b;{% else %}c;{% endif %}d;{% endif %}e;",
        "a?1; e;",
    );
    reads(
        "{{ if x }}a;{{ else }}{{ range y }}b;{{ end }}{{ end }}c;",
        "a?1; c;",
    );
    reads("<% if x then y end %>a;<%\nif x\n  y\nend\n%>b;", "a; b;");
}

#[test]
fn braces_may_stand_in_different_branches() {
    reads(
        "{% if x %}\nserver { listen 1;\n{% else %}\nserver { listen 2;\n{% endif %}\n a;\n}\nb;",
        "server?1 { listen 1?1; a; } b;",
    );
    reads(
        "{{ if x }}\nlocation / {\n{{ end }}\na;\n{{ if x }}\n}\n{{ end }}\nb;",
        "location /?1 { a; } b;",
    );
    reads(
        "location /a {{% if x %}\nb;{% endif %}}\nc;",
        "location /a { b?1; } c;",
    );
}

#[test]
fn conditions_between_parameters() {
    reads(
        "listen 80{% if x %} ssl{% endif %};",
        "listen «80{% if x %}» «ssl{% endif %}»;",
    );
    reads(
        "listen 80 {% if x %}ssl{% endif %};",
        "listen 80 «{% if x %}ssl{% endif %}»;",
    );
    reads("a {% if x %} b {% else %} c {% endif %} d;", "a «b» d;");
    reads(
        "{% if x %}listen 80{% else %}listen 81{% endif %};\na;",
        "listen «80{% else %}listen 81{% endif %}»?1; a;",
    );
    reads("a \"b\"{% if x %} \"c\"{% endif %};", "a «\"b\"» «\"c\"»;");
    reads("a {# b; #};", "a;");
}

#[test]
fn a_template_that_makes_no_sense_is_read_on() {
    let text = "{% else %}\na;\n{% if x %}b;\n{% else %}c;\n";
    assert_eq!(outline(text), "a; b?1; c?1;");
    assert_eq!(
        outline("{{ end }}a;{% endif %}b;{{ if x }}c;"),
        "a; b; c?1;"
    );
}
