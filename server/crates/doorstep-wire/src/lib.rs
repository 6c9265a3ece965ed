//! doorstep-wire.
