//! `include`: which files a directive brings in.
