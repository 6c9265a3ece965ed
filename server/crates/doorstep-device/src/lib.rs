//! doorstep-device.
