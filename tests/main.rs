//! The tests of the project, in reading order.
