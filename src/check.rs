//! Run the rules, apply suppressions, sort.
