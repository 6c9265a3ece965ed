//! What every code is called, in English and Chinese.

use crate::codes;

codes!(
    /// A language of the program.
    Lang, "language" {
        /// English.
        En = "en",
        /// 简体中文.
        Zh = "zh-CN",
    }
);
