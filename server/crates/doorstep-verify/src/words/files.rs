//! Findings about the signed list of files, and about files beside it.

use super::{COPY_AGAIN, Words};

pub(super) const MANIFEST_MISSING: Words = Words {
    code: "manifest_missing",
    meaning: (
        "The export has no signed list of its files, so nothing in it is proven.",
        "导出缺少已签名的文件清单，其中任何内容都未得到证明。",
    ),
    remedy: COPY_AGAIN,
};

pub(super) const MANIFEST_MALFORMED: Words = Words {
    code: "manifest_malformed",
    meaning: (
        "The signed list of files is not in its form, so nothing in the export is proven.",
        "已签名的文件清单格式不符，导出中的任何内容都未得到证明。",
    ),
    remedy: COPY_AGAIN,
};

pub(super) const MANIFEST_SIGNATURE: Words = Words {
    code: "manifest_signature",
    meaning: (
        "The list of files is not signed by the key you trust: it was changed, or somebody else made this export.",
        "文件清单不是由您信任的公钥签名：清单被改动，或导出出自他人。",
    ),
    remedy: (
        "Copy or fetch the export again, and check that --key is what the operator published. If both are right, somebody else made it.",
        "请重新复制或获取导出，并确认 --key 是运营方公布的公钥。若均无误，则导出出自他人。",
    ),
};

pub(super) const FOLDER_UNREADABLE: Words = Words {
    code: "folder_unreadable",
    meaning: (
        "The files of the folder cannot be listed, so added files could not be found.",
        "无法列出文件夹内容，因此无法发现多余的文件。",
    ),
    remedy: COPY_AGAIN,
};

pub(super) const FILE_MISSING: Words = Words {
    code: "file_missing",
    meaning: (
        "A file of the export is missing or cannot be read; what it held is not proven.",
        "导出缺少某个文件或无法读取；其内容未得到证明。",
    ),
    remedy: COPY_AGAIN,
};

pub(super) const FILE_UNLISTED: Words = Words {
    code: "file_unlisted",
    meaning: (
        "A file was put into the folder after the export was signed; it is not part of what was proven.",
        "有文件在导出签名之后被放入文件夹；它不在已证明的内容之内。",
    ),
    remedy: (
        "If your own computer put it there (.DS_Store, Thumbs.db, desktop.ini), delete it and verify again. Otherwise fetch or copy the export again.",
        "若是您的电脑自动生成的文件（.DS_Store、Thumbs.db、desktop.ini），请删除后重新验证；否则请重新获取或复制导出。",
    ),
};

pub(super) const FILE_CHANGED: Words = Words {
    code: "file_changed",
    meaning: (
        "A file is not the one that was signed: it was changed or damaged after the export.",
        "文件与签名时不同：导出之后被改动或损坏。",
    ),
    remedy: COPY_AGAIN,
};
