//! Tests of thumbnails, on pictures made here.
