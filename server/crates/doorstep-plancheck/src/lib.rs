//! doorstep-plancheck.
