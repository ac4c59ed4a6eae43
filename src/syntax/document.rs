//! YAML and JSON, as one tree with spans.
